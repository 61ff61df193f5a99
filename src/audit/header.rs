//! The header that syslog, the journal or the kernel's ring buffer puts before a message, read from
//! the left: priority, time, host, and the tag of whoever wrote it.
//!
//! A line comes in; its host and its message go out, if the header says that the audit system or
//! the kernel wrote it. Only the first tag tells: everything behind it is the message, which can be
//! anybody's text. So a message is given only if it begins as a record does, right behind the
//! header. Whether it is one is not known here, nor whether a tag was the writer's to use: on most
//! machines anybody may log under any.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take, take_while, take_while1};
use nom::character::complete::{char, digit1, space0, space1};
use nom::combinator::{opt, recognize};
use nom::multi::{many0_count, many1_count};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::header_time::{Clock, clock, kernel_clock, rfc_3339};

/// What the header of a line says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// The machine that the line is from.
    pub host: Option<&'a [u8]>,
    /// What the audit system or the kernel wrote.
    pub message: &'a [u8],
}

type Bytes<'a> = IResult<&'a [u8], &'a [u8]>;

/// The header of a line whose writer may speak for the audit system.
pub fn read(line: &[u8]) -> Option<Header<'_>> {
    let rest = past(alt((priority, priority_in_words)), line);
    let has_priority = rest.len() < line.len();
    if let Ok((rest, _)) = preceded(tag("1 "), rfc_3339).parse(rest) {
        return structured(rest).ok().map(|(_, header)| header);
    }
    let (rest, clock) = opt(clock).parse(rest).ok()?;
    let is_bare = match clock {
        // Log viewers put such a time before every line, and nothing else.
        Some(Clock::Rfc3339) => begins_as_record(rest),
        Some(Clock::Kernel) => is_kernels(rest),
        Some(Clock::Other) => false,
        None => has_priority && is_kernels(rest),
    };
    if is_bare {
        return Some(Header { host: None, message: rest });
    }
    if let Ok((message, ())) = tagged(rest, clock.is_some()) {
        return Some(Header { host: None, message });
    }
    let (rest, host) = word(rest).ok().filter(|(_, host)| clock.is_some() && is_host(host))?;
    let message = tagged(rest, true).or_else(|_| behind_binary(rest)).ok()?.0;
    Some(Header { host: Some(host), message })
}

/// RFC 5424, behind its time: `HOST APP-NAME PROCID MSGID STRUCTURED-DATA MESSAGE`.
fn structured(input: &[u8]) -> IResult<&[u8], Header<'_>> {
    let data = alt((tag("-"), recognize(many1_count(element))));
    let (input, (host, name, _, _, _)) = (word, word, word, word, data).parse(input)?;
    let (message, ()) = said_by(name, past(space1, input))?;
    let host = Some(host).filter(|host| is_host(host) && *host != b"-");
    Ok((message, Header { host, message }))
}

/// `[name@32473 key="a \"value\""]`.
fn element(input: &[u8]) -> Bytes<'_> {
    let escaped = preceded(char('\\'), take(1usize));
    let value = delimited(char('"'), many0_count(alt((escaped, is_not("\"\\")))), char('"'));
    let inside = many0_count(alt((recognize(value), is_not("\"]"))));
    recognize((char('['), inside, char(']'))).parse(input)
}

/// Up to the message behind a tag such as `audispd[812]:`, if it is one of the audit system's. Some
/// relays leave the colon out, which is believed where a time shows that the word is a tag.
fn tagged(input: &[u8], may_lack_colon: bool) -> IResult<&[u8], ()> {
    let input = past(facility, input);
    let of_a_name = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    let pid = opt(delimited(char('['), digit1, char(']')));
    let (input, (name, _)) = (take_while1(of_a_name), pid).parse(input)?;
    let (input, _) = if may_lack_colon && name != b"kernel" {
        alt((preceded(char(':'), space0), space1)).parse(input)?
    } else {
        preceded(char(':'), space0).parse(input)?
    };
    said_by(name, input)
}

/// Up to the message, if it is this program's to say that it is a record.
fn said_by<'a>(name: &[u8], input: &'a [u8]) -> IResult<&'a [u8], ()> {
    let message = past(tag("\u{feff}"), input);
    let (message, is_record) = if name == b"kernel" {
        let message = past(tag("audit: "), past(kernel_clock, message));
        (message, is_kernels(message))
    } else {
        (message, is_audit(name) && (begins_as_record(message) || is_text_form(message)))
    };
    if is_record { Ok((message, ())) } else { failed(input) }
}

/// Whether this tag is one of the audit system's: `auditd`, `audisp-syslog`, `audit_log`.
pub fn is_audit(name: &[u8]) -> bool {
    // The last is what many recipes have rsyslog call the lines of audit.log.
    name.starts_with(b"audit") || name.starts_with(b"audisp") || name == b"tag_audit_log"
}

/// Whether a message begins as a record does.
fn begins_as_record(message: &[u8]) -> bool {
    message.starts_with(b"type=") || message.starts_with(b"node=")
}

/// Whether a message is a record as the kernel prints it.
fn is_kernels(message: &[u8]) -> bool {
    kernels_kind(message).is_ok()
}

/// The number of the kind in `type=1300 audit(…`, up to `audit(`.
pub fn kernels_kind(message: &[u8]) -> Bytes<'_> {
    let (rest, number) = delimited(tag("type="), digit1, space1).parse(message)?;
    if rest.starts_with(b"audit(") { Ok((rest, number)) } else { failed(message) }
}

/// `SYSCALL arch=c000003e …`: a record as the journal's text forms have it, without its id.
pub fn is_text_form(message: &[u8]) -> bool {
    let of_a_kind = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let kind: Bytes<'_> = terminated(take_while1(of_a_kind), char(' ')).parse(message);
    kind.is_ok_and(|(_, kind)| kind.len() > 2)
}

/// Up to the record behind the 16 bytes that audisp-remote sends before it, of which a syslog has
/// spelled out those that are no text: `#000#001`.
fn behind_binary(input: &[u8]) -> IResult<&[u8], ()> {
    const LONGEST: usize = 16;
    let is_octal = |digits: &[u8]| digits.iter().all(|b| matches!(b, b'0'..=b'7'));
    let mut rest = input;
    for _ in 0..LONGEST {
        let spelled = rest.strip_prefix(b"#").and_then(|rest| rest.split_at_checked(3));
        rest = match spelled.filter(|(digits, _)| is_octal(digits)) {
            Some((_, behind)) => behind,
            None if rest.len() < input.len() && !rest.is_empty() => &rest[1..],
            None => return failed(input),
        };
        if begins_as_record(rest) {
            return Ok((rest, ()));
        }
    }
    failed(input)
}

/// A host's name or address, and no other program's tag.
fn is_host(word: &[u8]) -> bool {
    let bracketed = word.strip_prefix(b"[").and_then(|word| word.strip_suffix(b"]"));
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b"._:/@%-".contains(b);
    !word.ends_with(b":") && bracketed.unwrap_or(word).iter().all(is_plain)
}

/// `kern.notice`, which small syslogs write before the tag.
fn facility(input: &[u8]) -> Bytes<'_> {
    let name = alt((tag("kern"), tag("user"), tag("daemon"), tag("auth"), tag("local")));
    let more = take_while(|b: u8| b.is_ascii_alphanumeric());
    let level = take_while1(|b: u8| b.is_ascii_lowercase());
    recognize((name, more, char('.'), level, space1)).parse(input)
}

/// `<13>`, before which a count of bytes may stand, where syslog came over TCP.
fn priority(input: &[u8]) -> Bytes<'_> {
    recognize((opt((digit1, char(' '))), char('<'), digit1, char('>'))).parse(input)
}

/// `kern  :notice: `, which dmesg writes when asked to decode the priority.
fn priority_in_words(input: &[u8]) -> Bytes<'_> {
    let level = take_while1(|b: u8| b.is_ascii_lowercase());
    recognize((tag("kern"), space0, char(':'), level, space0, tag(": "))).parse(input)
}

/// A word and the blanks behind it.
pub fn word(input: &[u8]) -> Bytes<'_> {
    terminated(is_not(" "), space0).parse(input)
}

/// What follows, if this is there, and all if not.
fn past<'a, O>(
    mut parser: impl Parser<&'a [u8], Output = O, Error = nom::error::Error<&'a [u8]>>,
    input: &'a [u8],
) -> &'a [u8] {
    parser.parse(input).map_or(input, |(rest, _)| rest)
}

fn failed<T>(input: &[u8]) -> IResult<&[u8], T> {
    Err(nom::Err::Error(nom::error::make_error(input, nom::error::ErrorKind::Verify)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "type=CWD msg=audit(1740223525.615:103): cwd=\"/etc\"";
    const KERNELS: &str = "type=1307 audit(1740223525.615:103): cwd=\"/etc\"";

    #[track_caller]
    fn check(header: &str, message: &str, host: Option<&str>) {
        let line = format!("{header}{message}");
        let expected = Header { host: host.map(str::as_bytes), message: message.as_bytes() };
        assert_eq!(read(line.as_bytes()), Some(expected), "{line}");
    }

    #[track_caller]
    fn refused(header: &str, message: &str) {
        let line = format!("{header}{message}");
        assert_eq!(read(line.as_bytes()), None, "{line}");
    }

    #[test]
    fn every_sort_of_syslog_header_comes_off() {
        for header in [
            "<174>Apr 28 10:36:13 web auditd ",
            "2026-07-19T18:43:47+00:00 web auditd ",
            "2026-07-19 18:43:47.123 web audisp-remote: ",
            "Feb 22 14:25:25 web audit ",
            "Mär  2 14:25:25 web audit: ",
            "Apr  3 2024 14:25:25 web audispd:",
            "Fri Apr 13 15:01:48 2024 web daemon.info audisp-syslog[812]: ",
            "1723819442.459 web tag_audit_log: ",
            "<13>1 2024-08-16T14:44:02Z web auditd 812 - - ",
            "211 <13>1 2024-08-16T14:44:02Z web audispd - - [a@1 b=\"]\\\"\" c=\"\"][d@2] \u{feff}",
        ] {
            check(header, RECORD, Some("web"));
        }
        check("<13>1 2024-08-16T14:44:02Z - auditd 812 - - ", RECORD, None);
        check("Feb 22 14:25:25 audit audispd: ", RECORD, Some("audit"));
        check("Feb 22 14:25:25 [2001:db8::1] auditlog: ", RECORD, Some("[2001:db8::1]"));
        check("Apr 13 15:01:48 auditd ", RECORD, None);
        check("audispd: ", RECORD, None);
        check("2024-08-16T14:44:02.5Z ", RECORD, None);
    }

    #[test]
    fn a_header_of_another_program_or_of_nobody_is_refused() {
        for header in [
            "<13>1 2026-07-19T18:43:47Z host evil 33 - - ",
            "<13>1 2026-07-19T18:43:47Z host evil auditd - - ",
            "<13>1 2026-07-19T18:43:47Z host evil 33 - - audispd: ",
            "<13>1 2026-07-19T18:43:47Z auditd - - - ",
            "<13>1 2026-07-19T18:43:47Z host auditd - - - x ",
            "<13>1 2026-07-19T18:43:47Z host auditd - - [a b=\"] ",
            "Jan  1 00:00:00 host evil: ",
            "Jan  1 00:00:00 host evil: audispd: ",
            "Jan  1 00:00:00 host evil audispd: ",
            "Jan  1 00:00:00 evil: audit ",
            "Jan  1 00:00:00 host auditd: x ",
            "Jan  1 00:00:00 host audiod: ",
            "Jan  1 00:00:00 host smbd_audit: ",
            "Jan  1 00:00:00 host sshd[1]: Invalid user node=vic ",
            "sshd[1]: Invalid user node=vic ",
            "Jan  1 00:00:00 host ",
            "host audit: ",
            "auditd ",
            "some text ",
            "x",
            "2024-08-16T14:44:02.5Z some text ",
            "[33] ",
            "<13>",
        ] {
            refused(header, RECORD);
        }
    }

    #[test]
    fn what_the_kernel_prints_comes_behind_its_clock_or_its_tag() {
        for header in [
            "audit: ",
            "[  918.800671] audit: ",
            "[  918.800671][   T33] audit: ",
            "[Fri Aug 16 14:44:02 2024] audit: ",
            "kern  :notice: [  918.800671] audit: ",
            "<5>[1.5] audit: ",
            "<5>audit: ",
            "2024-08-16T14:44:02,459123+00:00 audit: ",
            "kernel: audit: ",
            "[  918.800671] ",
            "<5>",
        ] {
            check(header, KERNELS, None);
        }
        for header in [
            "Feb 06 09:57:37 web kernel: audit: ",
            "Feb 06 09:57:37 web kernel: [  918.8] audit: ",
            "Feb 06 09:57:37 web kern.notice kernel: [  918.8] audit: ",
            "Fri 2024-08-16 14:44:02 CEST web kernel: audit: ",
            "[  918.800671] web kernel: audit: ",
            "2024-09-17T18:17:29.014446+00:00 web kernel: ",
            "<5>1 2024-09-17T18:17:29Z web kernel - - - [  918.8] audit: ",
        ] {
            check(header, KERNELS, Some("web"));
        }
    }

    #[test]
    fn what_another_program_prints_is_not_the_kernels() {
        for header in [
            "usb 1-1: Product: audit: ",
            "[  918.800671] usb 1-1: Product: audit: ",
            "[33] audit: ",
            "[x] audit: ",
            "Feb 06 09:57:37 web kernel: usb 1-1: Product: kernel: audit: ",
            "Feb 06 09:57:37 web kernel: [  918.8] x audit: ",
            "Feb 06 09:57:37 web root: audit: ",
            "Feb 06 09:57:37 web evil: kernel: audit: ",
        ] {
            refused(header, KERNELS);
        }
        refused("Feb 06 09:57:37 web kernel: ", RECORD);
    }

    #[test]
    fn the_binary_header_of_audisp_remote_is_passed_over() {
        check("Apr 13 15:01:48 10.1.1.9 #000#000A#002", RECORD, Some("10.1.1.9"));
        refused("Apr 13 15:01:48 10.1.1.9 A#000#000", RECORD);
        refused(&format!("Apr 13 15:01:48 10.1.1.9 {}", "#000".repeat(17)), RECORD);
    }
}
