//! Lines that did not come straight from auditd: from the kernel's ring buffer, through syslog, the
//! journal, audispd or audisp-remote. Out comes the line as auditd would have written it.
//!
//! Only a line that claims to come from the audit system is unwrapped. In a file of mixed syslog an
//! attacker can have much written in his words, so text behind another program's tag is not a
//! record however much it looks like one, and neither is text behind no tag at all.

use memchr::memmem;

use super::complaint::Complaint;
use super::header::{self, Header};
use super::journal;
use super::kind::Kind;
use super::line::Line;

/// What a line holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unwrapped {
    /// Nothing: it is blank, NULs, or a ruler or a date that ausearch puts between events.
    Nothing,
    /// A record. What looks like another one behind it is its text.
    Record,
    /// A record, to which a transport may have joined others.
    Records,
}

/// Writes the plain form of a wrapped line into `plain`, or says what the line is instead.
pub fn unwrap(line: &[u8], plain: &mut Vec<u8>) -> Result<Unwrapped, Complaint> {
    plain.clear();
    let line = without_padding(line);
    let text = line.strip_prefix(b" ").unwrap_or(line);
    if text.is_empty() || text == b"----" || text.starts_with(b"time->") {
        return Ok(Unwrapped::Nothing);
    }
    // One blank is left of the header where syslog is told to write messages alone. More show that
    // this is the second line of a message, by whomever.
    if text.starts_with(b" ") || text.starts_with(b"\t") {
        let is_blank = text.trim_ascii().is_empty();
        return if is_blank { Ok(Unwrapped::Nothing) } else { Err(Complaint::NotAudit) };
    }
    if text.starts_with(b"{") {
        return journal::unwrap(text, plain).map(|()| Unwrapped::Record);
    }
    if text.starts_with(b"type=") || text.starts_with(b"node=") {
        return from_message(None, text, plain);
    }
    match header::read(text) {
        Some(Header { host, message }) => from_message(host, message, plain),
        None if text.starts_with(b"SYSCALL arch=") => Err(Complaint::JournalText),
        None => Err(Complaint::NotAudit),
    }
}

/// Writes the plain form of a message that the audit system or the kernel wrote.
pub(super) fn from_message(
    host: Option<&[u8]>,
    message: &[u8],
    plain: &mut Vec<u8>,
) -> Result<Unwrapped, Complaint> {
    if is_interpreted(message) {
        return Err(Complaint::Interpreted);
    }
    if header::is_text_form(message) {
        return Err(Complaint::JournalText);
    }
    if !message.starts_with(b"node=") {
        begin(host, plain);
    }
    let unwrapped = match header::kernels_kind(message) {
        Ok((rest, number)) => {
            plain.extend_from_slice(b"type=");
            plain.extend_from_slice(Kind::from_text(number).to_string().as_bytes());
            plain.extend_from_slice(b" msg=");
            plain.extend_from_slice(rest);
            Unwrapped::Record
        }
        Err(_) => {
            plain.extend_from_slice(message);
            Unwrapped::Records
        }
    };
    Line::parse(plain).map(|_| unwrapped).ok_or(Complaint::BrokenFrame)
}

/// Without the NULs that a crash leaves in a file, a byte order mark and blanks behind the line.
fn without_padding(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|b| *b != 0).unwrap_or(line.len());
    let line = &line[start..];
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let end = line.iter().rposition(|b| !matches!(b, 0 | b' ' | b'\t' | b'\r'));
    end.map_or(&[][..], |end| &line[..=end])
}

/// `msg=audit(08/16/24 09:20:00.027:100010) :` has a local date in place of seconds.
fn is_interpreted(message: &[u8]) -> bool {
    memmem::find(message, b"msg=audit(").is_some_and(|at| {
        let stamp = &message[at + 10..message.len().min(at + 60)];
        let end = memchr::memchr(b')', stamp).unwrap_or(stamp.len());
        (stamp[..end].contains(&b'/') || stamp[..end].contains(&b' '))
            && stamp.first().is_some_and(u8::is_ascii_alphanumeric)
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
    fn the_host_in_a_header_becomes_the_node_unless_the_record_names_one() {
        let header = "<174>Apr 28 10:36:13 web auditd";
        check(&format!("{header} {RECORD}"), Ok(&format!("node=web {RECORD}")));
        check(&format!("{header} node=a b {RECORD}"), Ok(&format!("node=a b {RECORD}")));
        check(&format!("audispd: node=host {RECORD}"), Ok(&format!("node=host {RECORD}")));
        check(&format!("Apr 13 15:01:48 auditd {RECORD}"), Ok(RECORD));
        check(&format!("\0\0\0{RECORD}\0\0"), Ok(RECORD));
    }

    #[test]
    fn the_second_line_of_a_message_is_none_of_the_audit_systems() {
        check(&format!(" {RECORD}"), Ok(RECORD));
        check(&format!("  {RECORD}"), Err(Complaint::NotAudit));
        check(&format!("\t{RECORD}"), Err(Complaint::NotAudit));
        check(&format!("   audispd: {RECORD}"), Err(Complaint::NotAudit));
        check("    {\"_TRANSPORT\":\"audit\"}", Err(Complaint::NotAudit));
    }

    #[test]
    fn what_the_kernel_printed_and_a_journals_entry_are_one_record() {
        let mut plain = Vec::new();
        let mut unwrapped = |line: String| unwrap(line.as_bytes(), &mut plain);
        let printed = "audit: type=1307 audit(1740223525.615:103): cwd=\"/etc\"";
        assert_eq!(unwrapped(format!("{printed} {RECORD}")), Ok(Unwrapped::Record));
        assert_eq!(unwrapped(format!("audispd: {RECORD} {RECORD}")), Ok(Unwrapped::Records));
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
            assert_eq!(unwrap(line.as_bytes(), &mut plain), Ok(Unwrapped::Nothing), "{line}");
        }
        check("=====", Err(Complaint::NotAudit));
    }
}
