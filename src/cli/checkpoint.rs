//! How far an earlier run got, so that the next one begins there.
//!
//! The file has a line for each host, `LAST NEWEST HOST`: the ids of the last connection that was
//! shown and of the one with the latest time. Hosts are named by folders and by what is in a log,
//! so anybody may have chosen them: a name that is not plain is spelled out between quotes, and
//! stays on its line. What follows the last one in the log is new, whatever
//! its time says: a long call has an old time. If it is no longer there (its file was rotated
//! away), what is later than the newest is new.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::audit::{Connection, Stamp};
use crate::output::escape;

/// The checkpoint of a run.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    before: IndexMap<Vec<u8>, Mark>,
    now: IndexMap<Vec<u8>, Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    last: Stamp,
    newest: Stamp,
    is_passed: bool,
}

impl Checkpoint {
    /// The checkpoint in this file; a file that is not there is the beginning.
    ///
    /// If it `will_move`, a file that cannot be written is an error now, and not after hours of
    /// reading.
    pub fn open(path: &Path, will_move: bool) -> io::Result<Checkpoint> {
        // What is replaced is the file, not a link to it.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let text = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Ok(there) if !there.is_file() => {
                return Err(io::Error::other("it is no regular file"));
            }
            Ok(_) => fs::read(&path)?,
            Err(error) => return Err(error),
        };
        let mut before = IndexMap::new();
        for line in text.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let (mark, host) = parse(line).ok_or_else(|| {
                io::Error::other(
                    "it is no checkpoint of oddsock; give another file, or delete this one to \
                     begin anew",
                )
            })?;
            before.insert(host, mark);
        }
        let now = before.clone();
        let checkpoint = Checkpoint { path, before, now };
        if will_move {
            let (beside, _) = checkpoint.beside()?;
            fs::remove_file(beside)?;
        }
        Ok(checkpoint)
    }

    /// The time of the newest event of the earlier run.
    pub fn time(&self) -> Option<Timestamp> {
        let newest = self.before.values().map(|mark| mark.newest.millis).max()?;
        Timestamp::from_millisecond(i64::try_from(newest).ok()?).ok()
    }

    /// Whether the earlier run has not seen this connection; it is seen from now on.
    pub fn is_new(&mut self, connection: &Connection<'_>) -> bool {
        let stamp = connection.stamp;
        let is_new = match self.before.get_mut(connection.host) {
            None => true,
            Some(mark) if mark.last == stamp => {
                mark.is_passed = true;
                false
            }
            Some(mark) => mark.is_passed || stamp.millis > mark.newest.millis,
        };
        if is_new {
            let mark = Mark { last: stamp, newest: stamp, is_passed: false };
            let mark = self.now.entry(connection.host.to_vec()).or_insert(mark);
            mark.last = stamp;
            mark.newest = mark.newest.max(stamp);
        }
        is_new
    }

    /// Writes the checkpoint: all of it or nothing.
    pub fn save(&self) -> io::Result<()> {
        let (beside, mut file) = self.beside()?;
        for (host, mark) in &self.now {
            file.write_all(&line(host, mark))?;
        }
        file.sync_all()?;
        fs::rename(&beside, &self.path)
    }

    /// A new file beside that of the checkpoint. What an interrupted run has left there goes; what
    /// another user has put there is not followed.
    fn beside(&self) -> io::Result<(PathBuf, fs::File)> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = fs::File::create_new(&beside)?;
        Ok((beside, file))
    }
}

fn line(host: &[u8], mark: &Mark) -> Vec<u8> {
    let mut line = format!("{} {} ", mark.last, mark.newest).into_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"\\".contains(byte);
    match host.iter().all(is_plain) {
        true => line.extend_from_slice(host),
        false => escape::quoted(host, &mut line),
    }
    line.push(b'\n');
    line
}

/// The host of a line and its mark. What is not between quotes stands as it is: so did all hosts
/// once.
fn parse(line: &[u8]) -> Option<(Mark, Vec<u8>)> {
    let mut words = line.splitn(3, |b| *b == b' ');
    let mut stamp = || std::str::from_utf8(words.next()?).ok()?.parse().ok();
    let (last, newest) = (stamp()?, stamp()?);
    let host = words.next()?;
    let host = escape::unquoted(host).unwrap_or_else(|| host.to_vec());
    Some((Mark { last, newest, is_passed: false }, host))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARK: &str = "1723819442.001:9001 1723819442.002:9002 ";

    fn line_of(host: &[u8]) -> Vec<u8> {
        let (mark, _) = parse(format!("{MARK}x").as_bytes()).expect("a line");
        line(host, &mark)
    }

    #[test]
    fn a_plain_name_stands_as_it_is_and_any_other_between_quotes() {
        for (host, expected) in [
            (&b"web-1.example"[..], "web-1.example"),
            (b"", ""),
            (b"a\nb", r#""a\nb""#),
            (br"a\b", r#""a\\b""#),
            (b"a b", r#""a b""#),
            (b"\"x\"", r#""\"x\"""#),
            (b"\xff", r#""\xff""#),
        ] {
            let expected = format!("{MARK}{expected}\n");
            assert_eq!(String::from_utf8_lossy(&line_of(host)), expected);
        }
    }

    #[test]
    fn a_name_that_was_written_as_it_is_is_still_read() {
        for host in [&b"web 1"[..], br"a\nb", b"\xff", b"\"", b"\"a", br#""a\q""#] {
            let (_, read) = parse(&[MARK.as_bytes(), host].concat()).expect("a line");
            assert_eq!(read, host);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_host_is_called_it_is_one_line_and_read_again(host: Vec<u8>) {
            let line = line_of(&host);
            let line = line.strip_suffix(b"\n").expect("a line end");
            prop_assert!(!line.contains(&b'\n'));
            prop_assert_eq!(parse(line).expect("a line").1, host);
        }
    }
}
