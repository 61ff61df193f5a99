//! A line of the journal's text forms: `Aug 16 14:44:02 web1 audit[812]: SYSCALL arch=…`.
//!
//! The line comes in; its time as it is written, its host, the process in the tag, the kind and the
//! message go out. All forms of `journalctl -o short…` with a date are known, and so is what
//! rsyslog makes of the journal, which has the same shape. Forms without a date are not
//! (`short-monotonic`), nor months in other languages than English, nor `with-unit`, which has the
//! unit's name where the tag would tell who speaks.
//!
//! The tag `audit` is the journal's word for the audit transport, but anybody can say it with
//! `logger -t audit`: only `journalctl _TRANSPORT=audit` keeps such lines out.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use memchr::memmem;

/// A line that has a record in it.
#[derive(Clone, Copy, Debug)]
pub struct JournalLine<'a> {
    pub time: WrittenTime<'a>,
    pub host: Option<&'a str>,
    /// The process in the tag: `812` in `audit[812]`.
    pub process: Option<&'a str>,
    pub kind: &'a str,
    /// What is behind the tag: the kind and the fields.
    pub message: &'a [u8],
}

impl<'a> JournalLine<'a> {
    /// Reads a line without its line end.
    pub fn parse(line: &'a [u8]) -> Option<JournalLine<'a>> {
        let (head, message) = split_at_tag(line)?;
        let (head, tag) = head.rsplit_once(' ')?;
        let process = match tag.strip_prefix("audit")? {
            "" => None,
            rest => Some(rest.strip_prefix('[')?.strip_suffix(']')?),
        };
        if process.is_some_and(|process| !is_number(process)) {
            return None;
        }
        let kind = message.split(|byte| *byte == b' ').next()?;
        let of_a_kind = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
        if !(3..=64).contains(&kind.len()) || !kind.iter().all(of_a_kind) {
            return None;
        }
        let (time, host) = WrittenTime::leading(head.trim_ascii_end())?;
        let host = (!host.is_empty()).then_some(host);
        let kind = std::str::from_utf8(kind).ok()?;
        Some(JournalLine { time, host, process, kind, message })
    }
}

/// Whether the line is a system call's record as the kernel prints it, with its id. It does so only
/// as long as no auditd takes the records; the journal then has each of them a second time.
pub fn is_printed_call(line: &[u8]) -> bool {
    let printed = b"audit: type=1300 audit(";
    let Some((head, message)) = split_at_tag(line) else { return false };
    let head = head.strip_suffix(" kernel").map(str::trim_ascii_end);
    let clock = if message.starts_with(b"[") { memmem::find(message, b"] ") } else { None };
    head.and_then(WrittenTime::leading).is_some()
        && message[clock.map_or(0, |end| end + 2)..].starts_with(printed)
}

/// What stands before the colon of the tag, and what behind it.
fn split_at_tag(line: &[u8]) -> Option<(&str, &[u8])> {
    // A time, a host name of 253 bytes at most, and the tag.
    let colon = memmem::find(&line[..line.len().min(400)], b": ")?;
    Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 2..]))
}

/// A time as it is written, which may lack the year or the zone.
#[derive(Clone, Copy, Debug)]
pub enum WrittenTime<'a> {
    Instant(Timestamp),
    /// With the name of a zone.
    Dated(DateTime, &'a str),
    YearLess {
        month: i8,
        day: i8,
        time: Time,
    },
}

/// What has to be known to make an instant of a time as it is written.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Nothing in the file was written after it.
    pub newest: Timestamp,
    /// The zone of times without one.
    pub zone: TimeZone,
}

impl<'a> WrittenTime<'a> {
    /// The time that `text` begins with, and the one word that may be behind it.
    fn leading(text: &'a str) -> Option<(WrittenTime<'a>, &'a str)> {
        let (first, rest) = word(text);
        let (time, rest) = if let Some(month) = month(first) {
            let ((day, rest), month) = (word(rest), month);
            let (time, rest) = word(rest);
            let (day, time) = (day.parse().ok()?, time.parse().ok()?);
            (WrittenTime::YearLess { month, day, time }, rest)
        } else if first.starts_with(|letter: char| letter.is_ascii_digit()) {
            let instant = if first.contains('T') { first.parse().ok() } else { seconds(first) };
            (WrittenTime::Instant(instant?), rest)
        } else {
            // The day of the week, and then `2024-08-16 14:44:02 UTC`.
            let (date, rest) = word(rest);
            let (time, rest) = word(rest);
            let (zone, rest) = word(rest);
            let date: Date = date.parse().ok()?;
            (WrittenTime::Dated(date.to_datetime(time.parse().ok()?), zone), rest)
        };
        (!rest.contains(' ')).then_some((time, rest))
    }

    /// The instant that is meant; `None` if there is no such day.
    ///
    /// A year that is not written is the newest for which the time is not after the newest of the
    /// file, give or take a day: the file may be from another zone. The names of zones are no help
    /// (there are three CST), except for UTC and GMT: the zone of the clock stands in.
    pub fn instant(self, clock: &Clock) -> Option<Timestamp> {
        match self {
            WrittenTime::Instant(instant) => Some(instant),
            WrittenTime::Dated(time, "UTC" | "GMT" | "Z") => within(time, &TimeZone::UTC),
            WrittenTime::Dated(time, zone) if zone.starts_with(['+', '-']) => {
                format!("{time}{zone}").parse().ok()
            }
            WrittenTime::Dated(time, _) => within(time, &clock.zone),
            WrittenTime::YearLess { month, day, time } => {
                let limit = clock.newest.checked_add(SignedDuration::from_hours(24)).ok()?;
                let newest_year = limit.to_zoned(clock.zone.clone()).year();
                // Eight years: there may be no 29 February in seven.
                (newest_year.saturating_sub(8)..=newest_year).rev().find_map(|year| {
                    let date = Date::new(year, month, day).ok()?;
                    within(date.to_datetime(time), &clock.zone).filter(|at| *at <= limit)
                })
            }
        }
    }
}

fn within(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(time).ok()
}

/// The first word and what is behind the blanks after it.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_ascii_start())
}

fn month(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    (1..).zip(MONTHS).find(|(_, known)| *known == name).map(|(number, _)| number)
}

/// `1723819442.459000`: seconds since 1970.
fn seconds(text: &str) -> Option<Timestamp> {
    let (seconds, micros) = text.split_once('.')?;
    if !is_number(seconds) || !is_number(micros) || micros.len() != 6 {
        return None;
    }
    let whole = seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?;
    let micros = whole.checked_add(micros.parse().ok()?)?;
    Timestamp::from_microsecond(micros).ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the line on a machine in Berlin, in a file last written at `newest`.
    fn read(line: &str, newest: &str) -> Option<String> {
        let line = JournalLine::parse(line.as_bytes())?;
        let clock = Clock {
            newest: newest.parse().unwrap(),
            zone: TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap(),
        };
        let at = line.time.instant(&clock)?;
        let (host, process) = (line.host.unwrap_or("-"), line.process.unwrap_or("-"));
        Some(format!("{at} {host} {process} {}", line.kind))
    }

    fn check(time: &str, expected: &str) {
        let line = format!("{time} web1 audit[812]: CWD cwd=\"/\"");
        let expected = format!("{expected} web1 812 CWD");
        assert_eq!(read(&line, "2024-08-20T00:00:00Z").as_deref(), Some(&*expected), "{line}");
    }

    #[test]
    fn all_forms_with_a_date_are_read() {
        check("2024-08-16T14:44:02+0000", "2024-08-16T14:44:02Z");
        check("2024-08-16T14:44:02+02:00", "2024-08-16T12:44:02Z");
        check("2024-08-16T14:44:02.459123+0000", "2024-08-16T14:44:02.459123Z");
        check("1723819442.459000", "2024-08-16T14:44:02.459Z");
        check("Fri 2024-08-16 14:44:02 UTC", "2024-08-16T14:44:02Z");
        check("Fri 2024-08-16 14:44:02 +03", "2024-08-16T11:44:02Z");
    }

    #[test]
    fn times_without_a_zone_are_of_the_machine_that_reads() {
        check("Aug 16 14:44:02", "2024-08-16T12:44:02Z");
        check("Aug  6 14:44:02.459123", "2024-08-06T12:44:02.459123Z");
        check("Fri 2024-08-16 14:44:02 CEST", "2024-08-16T12:44:02Z");
    }

    #[test]
    fn a_time_without_a_year_is_of_the_newest_year_that_is_not_after_the_file() {
        let at = |time: &str, newest: &str| {
            let read = read(&format!("{time} audit: CWD cwd=/"), newest)?;
            Some(read.strip_suffix(" - - CWD").unwrap().to_owned())
        };
        let expected = Some("2023-12-31T22:00:00Z".to_owned());
        assert_eq!(at("Dec 31 23:00:00", "2024-01-02T00:00:00Z"), expected);
        assert_eq!(at("Dec 31 23:00:00", "2023-12-31T22:00:01Z"), expected);
        // The file is from a zone further east.
        assert_eq!(at("Dec 31 23:00:00", "2023-12-31T14:00:00Z"), expected);
        let leap = Some("2024-02-29T11:00:00Z".to_owned());
        assert_eq!(at("Feb 29 12:00:00", "2027-05-01T00:00:00Z"), leap);
        assert_eq!(at("Feb 30 12:00:00", "2027-05-01T00:00:00Z"), None);
    }

    #[test]
    fn what_only_looks_like_a_record_is_none() {
        for line in [
            "Aug 16 14:44:02 web1 sshd[812]: SYSCALL arch=c000003e",
            "Aug 16 14:44:02 web1 auditd[812]: SYSCALL arch=c000003e",
            "Aug 16 14:44:02 web1 root: audit[1]: SYSCALL arch=c000003e",
            "Aug 16 14:44:02 web1 audit[1]: no kind here",
            "Aug 16 14:44:02 web1 audit[x]: SYSCALL arch=c000003e",
            "Aug 16 14:44:02 web1 etc audit: SYSCALL arch=c000003e",
            // The second line of a message: the journal shows it behind blanks.
            "                     Aug 16 14:44:02 web1 audit: SYSCALL arch=c000003e",
            "Aou 16 14:44:02 web1 audit: SYSCALL arch=c000003e",
            "[   12.345678] web1 audit[1]: SYSCALL arch=c000003e",
            "9223372036854.999999 web1 audit[1]: SYSCALL arch=c000003e",
            "audit[1]: SYSCALL arch=c000003e",
            "type=SYSCALL msg=audit(1.000:1): arch=c000003e",
        ] {
            assert!(JournalLine::parse(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn a_call_printed_by_the_kernel_is_known_and_one_by_another_is_not() {
        let printed = "audit: type=1300 audit(1723819442.459:7): arch=c000003e";
        let is_printed = |line: String| is_printed_call(line.as_bytes());
        assert!(is_printed(format!("Aug 16 14:44:02 web1 kernel: {printed}")));
        assert!(is_printed(format!("Aug 16 14:44:02 web1 kernel: [   12.345] {printed}")));
        assert!(!is_printed(format!("Aug 16 14:44:02 web1 root: kernel: {printed}")));
        assert!(!is_printed(format!("Aug 16 14:44:02 web1 kernel: usb 1-1: [x] {printed}")));
        assert!(!is_printed(format!("               Aug 16 14:44:02 web1 kernel: {printed}")));
        assert!(!is_printed(
            "Aug 16 14:44:02 web1 kernel: audit: type=2000 audit(1.0:1): x".into()
        ));
    }
}
