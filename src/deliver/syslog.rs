//! Alerts as lines of the local syslog.
//!
//! The form is that of RFC 3164 without a host, as the C library's syslog(3) sends it: it is what
//! every daemon takes at `/dev/log`, where RFC 5424 is understood by some only. The facility is
//! `authpriv`, since what an alert tells is not for every user to read. A line holds the sentence;
//! the id at its end is the same whenever the alert is sent.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::plain::Plain;
use super::{Carrier, Letter, Outcome, sentence};

/// The security messages that only some may read.
const AUTHPRIV: u8 = 10;

/// RFC 5424 asks every receiver to take so much, and the common ones take a few times more.
const LONGEST: usize = 2048;

/// The local syslog daemon.
#[derive(Debug)]
pub struct Syslog {
    socket: Plain,
    zone: TimeZone,
}

impl Syslog {
    /// The daemon that listens, or will, at this path.
    pub fn new(path: &Path) -> Syslog {
        // Read now: the process may not see the zone's file when it has locked itself in.
        Syslog { socket: Plain::new(path), zone: TimeZone::system() }
    }

    fn line(&self, letter: &Letter, now: u64) -> String {
        let priority = AUTHPRIV * 8 + level(letter.severity);
        let now = i64::try_from(now).ok().and_then(|now| Timestamp::from_millisecond(now).ok());
        let now = now.unwrap_or_default().to_zoned(self.zone.clone());
        let head =
            format!("<{priority}>{} oddsock[{}]: ", now.strftime("%b %e %H:%M:%S"), own_id());
        let room = LONGEST - head.len();
        head + &sentence::cut(&letter.sentence, room)
    }
}

impl Carrier for Syslog {
    fn carry(&mut self, letters: &[Letter], now: u64) -> Outcome {
        for (taken, letter) in letters.iter().enumerate() {
            let line = self.line(letter, now);
            let sent = self.socket.with(&mut |socket| socket.send(line.as_bytes()).map(drop));
            if let Err(error) = sent {
                return Outcome::trouble(taken, self.socket.told(&error));
            }
        }
        Outcome::taken(letters.len())
    }
}

/// How urgent a severity is, from 0 to 7.
pub fn level(severity: u32) -> u8 {
    const CRITICAL: u8 = 2;
    const ERROR: u8 = 3;
    const WARNING: u8 = 4;
    const NOTICE: u8 = 5;
    match severity {
        99.. => CRITICAL,
        73.. => ERROR,
        47.. => WARNING,
        _ => NOTICE,
    }
}

fn own_id() -> u32 {
    std::process::id()
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;
    use crate::deliver::Fate;

    fn letter(sentence: &str) -> Letter {
        Letter {
            id: "a1".to_owned(),
            time: 0,
            severity: 73,
            score: 80.0,
            sentence: sentence.to_owned(),
            document: "{}".to_owned(),
        }
    }

    fn heard(daemon: &UnixDatagram) -> String {
        let mut heard = vec![0; 70_000];
        let length = daemon.recv(&mut heard).unwrap();
        String::from_utf8(heard[..length].to_vec()).unwrap()
    }

    #[test]
    fn an_alert_is_a_line_as_daemons_take_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let daemon = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog { socket: Plain::new(&path), zone: TimeZone::UTC };
        let outcome = syslog.carry(&[letter("nc is\nunusual \x1b[2J")], 1_786_700_700_000);
        assert_eq!(outcome, Outcome::taken(1));
        let expected =
            format!("<83>Aug 14 09:45:00 oddsock[{}]: nc is\\nunusual \\x1b[2J", own_id());
        assert_eq!(heard(&daemon), expected);
    }

    #[test]
    fn a_long_one_is_cut_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let daemon = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::new(&path);
        assert_eq!(syslog.carry(&[letter(&"x".repeat(60_000))], 0), Outcome::taken(1));
        let heard = heard(&daemon);
        assert_eq!(heard.len(), LONGEST);
        assert!(heard.ends_with("... (cut: 60000 bytes in all)"));
    }

    #[test]
    fn a_daemon_that_comes_later_or_anew_gets_what_is_sent_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut syslog = Syslog::new(&path);
        let outcome = syslog.carry(&[letter("first")], 0);
        assert!(outcome.fates.is_empty(), "{outcome:?}");
        assert!(outcome.trouble.unwrap().what.starts_with("nobody listens: there is no"));
        for _ in 0..2 {
            let daemon = UnixDatagram::bind(&path).unwrap();
            assert_eq!(syslog.carry(&[letter("again")], 0).fates, [Fate::Taken]);
            assert!(heard(&daemon).ends_with("again"));
            drop(daemon);
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn severities_are_levels() {
        assert_eq!([21, 47, 73, 99, 100].map(level), [5, 4, 3, 2, 2]);
    }
}
