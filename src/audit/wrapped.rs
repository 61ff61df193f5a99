//! Lines that did not come straight from auditd: from the kernel's ring buffer, through syslog, the
//! journal, audispd or audisp-remote. Out comes the line as auditd would have written it.
//!
//! Only a line that claims to come from the audit system is unwrapped. In a file of mixed syslog an
//! attacker can write anything with `logger`, so text behind another program's tag is not a record
//! however much it looks like one.

use memchr::memmem;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1, space0, space1};
use nom::combinator::{opt, recognize};
use nom::sequence::{delimited, terminated};
use nom::{IResult, Parser};

use super::complaint::Complaint;
use super::journal;
use super::kind::Kind;
use super::line::Line;

/// Writes the plain form of a wrapped line into `plain`, or says what the line is instead.
///
/// `Ok(false)` is a line without content: blank, NULs, or one of the rulers and dates that ausearch
/// puts between events.
pub fn unwrap(line: &[u8], plain: &mut Vec<u8>) -> Result<bool, Complaint> {
    plain.clear();
    let line = without_padding(line);
    if line.is_empty() || line == b"----" || line.starts_with(b"time->") {
        return Ok(false);
    }
    if line.starts_with(b"{") {
        return journal::unwrap(line, plain).map(|()| true);
    }
    if is_interpreted(line) {
        return Err(Complaint::Interpreted);
    }
    if let Some(at) = memmem::find(line, b"audit: type=") {
        return from_kernel(line, at, plain);
    }
    if let Some(at) = record_start(line) {
        return from_transport(line, at, plain);
    }
    if line.starts_with(b"type=") || line.starts_with(b"node=") {
        return Err(Complaint::BrokenFrame);
    }
    Err(if journal::is_text_form(line) { Complaint::JournalText } else { Complaint::NotAudit })
}

/// Without the NULs that a crash leaves in a file, a byte order mark and blanks around the line.
fn without_padding(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_start();
    let start = line.iter().position(|b| *b != 0).unwrap_or(line.len());
    let line = &line[start..];
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let end = line.iter().rposition(|b| !matches!(b, 0 | b' ' | b'\t' | b'\r'));
    end.map_or(&[][..], |end| &line[..=end]).trim_ascii_start()
}

/// `msg=audit(08/16/24 09:20:00.027:100010) :` has a local date in place of seconds.
fn is_interpreted(line: &[u8]) -> bool {
    memmem::find(line, b"msg=audit(").is_some_and(|at| {
        let stamp = &line[at + 10..line.len().min(at + 60)];
        let end = memchr::memchr(b')', stamp).unwrap_or(stamp.len());
        (stamp[..end].contains(&b'/') || stamp[..end].contains(&b' '))
            && stamp.first().is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// Where `[node=… ]type=KIND msg=audit(` begins behind a prefix.
fn record_start(line: &[u8]) -> Option<usize> {
    let message = memmem::find(line, b" msg=audit(")?;
    let kind = memmem::rfind(&line[..message], b"type=")?;
    let node = memmem::find(&line[..kind], b"node=");
    let start = node.filter(|at| *at == 0 || line[at - 1] == b' ').unwrap_or(kind);
    Line::parse(&line[start..]).map(|_| start)
}

/// `audit: type=1300 audit(1677748585.128:33): arch=…`, as the kernel prints it without an auditd.
fn from_kernel(line: &[u8], at: usize, plain: &mut Vec<u8>) -> Result<bool, Complaint> {
    if !may_speak_for_kernel(&line[..at]) {
        return Err(Complaint::NotAudit);
    }
    let host = host_in(&line[..at], b"audit:");
    let Ok((rest, number)) = kernel_kind(&line[at..]) else { return Err(Complaint::BrokenFrame) };
    begin(host, plain);
    plain.extend_from_slice(b"type=");
    plain.extend_from_slice(Kind::from_text(number).to_string().as_bytes());
    plain.extend_from_slice(b" msg=");
    plain.extend_from_slice(rest);
    Line::parse(plain).map(|_| true).ok_or(Complaint::BrokenFrame)
}

/// Whether the words before `audit:` are nothing, the kernel's clock or priority, or end in the tag
/// `kernel:`.
fn may_speak_for_kernel(prefix: &[u8]) -> bool {
    let prefix = prefix.trim_ascii_end();
    let unclocked = match (prefix.last(), memchr::memrchr(b'[', prefix)) {
        (Some(b']'), Some(open)) => {
            let clock = &prefix[open + 1..prefix.len() - 1];
            let is_clock = clock.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b' '));
            if is_clock { prefix[..open].trim_ascii_end() } else { prefix }
        }
        _ => prefix,
    };
    let is_priority = |text: &[u8]| {
        let number = text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">"));
        number.is_some_and(|number| number.iter().all(u8::is_ascii_digit))
    };
    let is_kernel = unclocked.ends_with(b"kernel:") && may_speak_for_audit(unclocked);
    unclocked.is_empty() || is_kernel || is_priority(unclocked)
}

/// `audit: type=NUMBER ` with `audit(` behind it.
fn kernel_kind(input: &[u8]) -> IResult<&[u8], &[u8]> {
    delimited(tag("audit: type="), digit1, space1).parse(input)
}

fn from_transport(line: &[u8], at: usize, plain: &mut Vec<u8>) -> Result<bool, Complaint> {
    let (prefix, record) = line.split_at(at);
    if !may_speak_for_audit(prefix) {
        return Err(Complaint::NotAudit);
    }
    if !record.starts_with(b"node=") {
        begin(host_in(prefix, b""), plain);
    }
    plain.extend_from_slice(record);
    Ok(true)
}

/// Whether no word before the record is another program's tag: the first one tells who wrote the
/// line, and what follows it can be anybody's text.
fn may_speak_for_audit(prefix: &[u8]) -> bool {
    let mut tags = prefix.split(|b| *b == b' ').filter_map(|word| word.strip_suffix(b":"));
    tags.all(|name| {
        let name = &name[..name.iter().position(|b| *b == b'[').unwrap_or(name.len())];
        name.starts_with(b"audi") || name == b"kernel"
    })
}

/// Starts the plain line, with the host as its node.
pub(super) fn begin(host: Option<&[u8]>, plain: &mut Vec<u8>) {
    if let Some(host) = host {
        plain.extend_from_slice(b"node=");
        plain.extend_from_slice(host);
        plain.push(b' ');
    }
}

/// The host that a syslog header names: the word behind the time, if it is not the tag.
fn host_in<'a>(prefix: &'a [u8], tag: &[u8]) -> Option<&'a [u8]> {
    let (rest, _) = time(prefix).ok()?;
    let (behind, word) = word(rest).ok()?;
    let is_tag = word.ends_with(b":")
        || word.ends_with(b"]")
        || word == tag
        || behind.trim_ascii().is_empty() && memmem::find(word, b"audi").is_some();
    (!is_tag).then_some(word)
}

/// The priority, version and time of a syslog header.
fn time(input: &[u8]) -> IResult<&[u8], ()> {
    let (input, _) = opt(delimited(char('<'), digit1, char('>'))).parse(input)?;
    let (input, _) = opt(terminated(digit1, char(' '))).parse(input)?;
    let (input, first) = word(input)?;
    if first.first().is_some_and(u8::is_ascii_digit) {
        return Ok((input, ())); // RFC 3339, or seconds since 1970
    }
    // `Feb 06 09:57:37`, or with a year: `Feb 06 2024 09:57:37`.
    let (input, _) = word(input)?;
    let (mut input, mut clock) = word(input)?;
    if !clock.contains(&b':') {
        (input, clock) = word(input)?;
    }
    let _ = recognize((digit1, char(':'), digit1)).parse(clock)?;
    Ok((input, ()))
}

fn word(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (input, _) = space0(input)?;
    terminated(take_while1(|b| b != b' '), take_while(|b| b == b' ')).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<&str, Complaint>) {
        let mut plain = Vec::new();
        let result = unwrap(line.as_bytes(), &mut plain);
        let shown = String::from_utf8_lossy(&plain).into_owned();
        assert_eq!(result.map(|_| shown.as_str()), expected, "{line}");
    }

    const RECORD: &str = "type=CWD msg=audit(1740223525.615:103): cwd=\"/etc\"";

    #[test]
    fn the_kernels_form_becomes_auditds() {
        let kernel = "audit: type=1307 audit(1740223525.615:103): cwd=\"/etc\"";
        check(&format!("[  918.800671] {kernel}"), Ok(RECORD));
        check(kernel, Ok(RECORD));
        let noded = format!("node=web-1 {RECORD}");
        check(&format!("Feb 06 09:57:37 web-1 kernel: {kernel}"), Ok(&noded));
        check(&format!("Feb 06 09:57:37 web-1 kernel: [  918.8] {kernel}"), Ok(&noded));
        check(&format!("2024-09-17T18:17:29.014446+00:00 web-1 kernel: {kernel}"), Ok(&noded));
        check("audit: type=1307 audit(1740223525", Err(Complaint::BrokenFrame));
    }

    #[test]
    fn syslog_headers_of_every_sort_come_off_and_name_the_host() {
        let noded = format!("node=web {RECORD}");
        for header in [
            "<174>Apr 28 10:36:13 web auditd",
            "2026-07-19T18:43:47+00:00 web auditd",
            "Feb 22 14:25:25 web audit",
            "2024-08-19T20:10:11+00:00 web audit_log:",
            "Apr  3 2024 14:25:25 web audispd:",
            "Apr 13 15:01:48 web audisp-syslog[812]:",
            "<13>1 2024-08-16T14:44:02Z web auditd 812 - -",
        ] {
            check(&format!("{header} {RECORD}"), Ok(&noded));
        }
        check(&format!("audispd: node=host {RECORD}"), Ok(&format!("node=host {RECORD}")));
        check(&format!("Apr 13 15:01:48 auditd {RECORD}"), Ok(RECORD));
    }

    #[test]
    fn the_binary_header_of_audisp_remote_is_passed_over() {
        check(
            &format!("Apr 13 15:01:48 10.1.1.9 #000#000#001#002{RECORD}"),
            Ok(&format!("node=10.1.1.9 {RECORD}")),
        );
        check(&format!("\0\0\0{RECORD}\0\0"), Ok(RECORD));
    }

    #[test]
    fn what_another_program_wrote_to_syslog_is_no_record() {
        let kernel = "audit: type=1307 audit(1740223525.615:103): cwd=/";
        check(&format!("Apr 13 15:01:48 web root: {kernel}"), Err(Complaint::NotAudit));
        check(&format!("Apr 13 15:01:48 web root: [x] {kernel}"), Err(Complaint::NotAudit));
        check(&format!("Apr 13 15:01:48 web logger: {RECORD}"), Err(Complaint::NotAudit));
        check(&format!("Apr 13 15:01:48 web sshd[4]: {RECORD}"), Err(Complaint::NotAudit));
        let user = format!("Apr 13 15:01:48 web sshd[4]: Invalid user {RECORD} from 1.2.3.4");
        check(&user, Err(Complaint::NotAudit));
        check(&format!("Apr 13 15:01:48 web evil: kernel: {kernel}"), Err(Complaint::NotAudit));
        check(&format!("Apr 13 15:01:48 web evil: audispd: {RECORD}"), Err(Complaint::NotAudit));
    }

    #[test]
    fn broken_interpreted_and_foreign_lines_are_told_apart() {
        check("type=SYSCALL msg=audit(1.2:3", Err(Complaint::BrokenFrame));
        check("type=UNKNOWN[1329] msg=?", Err(Complaint::BrokenFrame));
        check("This is not audit", Err(Complaint::NotAudit));
        let interpreted = "type=CWD msg=audit(08/16/24 09:20:00.027:100010) : cwd=/ ";
        check(interpreted, Err(Complaint::Interpreted));
        check("type=CWD msg=audit(16.08.2024 09:20:00.027:1) : cwd=/", Err(Complaint::Interpreted));
    }

    #[test]
    fn blank_lines_and_ausearchs_rulers_hold_nothing_and_are_no_fault() {
        for line in ["", "   ", "\0\0\0", "----", "time->Fri Aug 16 14:44:02 2024"] {
            let mut plain = Vec::new();
            assert_eq!(unwrap(line.as_bytes(), &mut plain), Ok(false), "{line}");
        }
        check("=====", Err(Complaint::NotAudit));
    }
}
