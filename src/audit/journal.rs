//! Audit records that came through systemd's journal.
//!
//! journald takes the event's id out of the text and keeps it in fields of its own. `journalctl
//! -o json` shows them, a line an entry; `-o export` and the text forms are turned into JSON where
//! files are opened. Text that comes here all the same could not be dated, or stands in a file that
//! has the records a second time, with their ids.

use memchr::memmem;
use serde_json::{Map, Value};

use super::complaint::Complaint;
use super::line::Line;
use super::wrapped;

/// Writes the plain form of an entry into `plain`.
pub(super) fn unwrap(entry: &[u8], plain: &mut Vec<u8>) -> Result<(), Complaint> {
    let Ok(Value::Object(entry)) = serde_json::from_slice(entry) else {
        return Err(Complaint::NotAudit);
    };
    let text = |name: &str| bytes(entry.get(name)?);
    let message = text("MESSAGE").ok_or(Complaint::NotAudit)?;
    if text("_TRANSPORT").as_deref() == Some(b"audit") {
        return from_audit(&entry, &message, plain).ok_or(Complaint::BrokenFrame);
    }
    // What the kernel printed, or auditd wrote to syslog; who else writes to the journal may not
    // speak for them.
    let speaker = text("SYSLOG_IDENTIFIER").unwrap_or_default();
    let is_kernel = text("_TRANSPORT").as_deref() == Some(b"kernel");
    let is_root = text("_UID").is_none_or(|user| user == b"0");
    let may_speak = is_kernel || is_root && speaker.starts_with(b"audi");
    if !may_speak {
        return Err(Complaint::NotAudit);
    }
    let mut inner = Vec::new();
    let record = if Line::parse(&message).is_some() {
        &message
    } else if wrapped::unwrap(&message, &mut inner)? {
        &inner
    } else {
        return Err(Complaint::NotAudit);
    };
    if !record.starts_with(b"node=") {
        wrapped::begin(host(&entry).as_deref(), plain);
    }
    push_line(record, plain);
    Ok(())
}

/// An entry of the audit transport: kind, time and serial have fields of their own.
fn from_audit(entry: &Map<String, Value>, message: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    let text = |name: &str| bytes(entry.get(name)?);
    let kind = text("_AUDIT_TYPE_NAME").or_else(|| text("_AUDIT_TYPE"))?;
    let serial = text("_AUDIT_ID")?;
    let time = text("_SOURCE_REALTIME_TIMESTAMP").or_else(|| text("__REALTIME_TIMESTAMP"))?;
    let micros: u64 = std::str::from_utf8(&time).ok()?.parse().ok()?;
    // journald writes the kind in front of the text again.
    let body = message.strip_prefix(&kind[..]).unwrap_or(message).trim_ascii_start();
    // A kind that its systemd has no name for: `AUDIT1336` is what others call URINGOP.
    let kind = match kind.strip_prefix(b"AUDIT") {
        Some(number) if number.iter().all(u8::is_ascii_digit) => number,
        _ => &kind,
    };
    wrapped::begin(host(entry).as_deref(), plain);
    plain.extend_from_slice(b"type=");
    plain.extend_from_slice(kind);
    let (seconds, millis) = (micros / 1_000_000, micros / 1000 % 1000);
    plain.extend_from_slice(format!(" msg=audit({seconds}.{millis:03}:").as_bytes());
    plain.extend_from_slice(&serial);
    plain.extend_from_slice(b"): ");
    push_line(body, plain);
    Line::parse(plain).map(|_| ())
}

/// A field's bytes: text, or an array of numbers where the journal found it not to be text.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(numbers) => numbers
            .iter()
            .map(|number| number.as_u64().and_then(|n| u8::try_from(n).ok()))
            .collect(),
        _ => None,
    }
}

/// The entry's host, unless it could be taken for more than a name.
fn host(entry: &Map<String, Value>) -> Option<Vec<u8>> {
    let host = bytes(entry.get("_HOSTNAME")?)?;
    let plain = !host.is_empty() && host.iter().all(u8::is_ascii_graphic);
    plain.then_some(host)
}

/// Adds text that must stay one line.
fn push_line(text: &[u8], plain: &mut Vec<u8>) {
    plain.extend(text.iter().map(|b| if *b == b'\n' { b' ' } else { *b }));
}

/// `Aug 16 14:44:02 web1 audit[812]: SYSCALL arch=c000003e …`: a record without its id, whatever
/// stands before the tag. For the complaint alone, so it need not know times.
pub(super) fn is_text_form(line: &[u8]) -> bool {
    let Some(at) = memmem::find(line, b" audit") else { return line.starts_with(b"SYSCALL arch=") };
    let rest = &line[at + 6..];
    let rest = match rest.first() {
        Some(b'[') => memchr::memchr(b']', rest).map_or(&rest[..0], |end| &rest[end + 1..]),
        _ => rest,
    };
    let Some(rest) = rest.strip_prefix(b": ") else { return false };
    let kind =
        rest.iter().take_while(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'0'..=b'9'));
    kind.count() > 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entry: &str, expected: Result<&str, Complaint>) {
        let mut plain = Vec::new();
        let result = unwrap(entry.as_bytes(), &mut plain);
        let shown = String::from_utf8_lossy(&plain).into_owned();
        assert_eq!(result.map(|()| shown.as_str()), expected, "{entry}");
    }

    #[test]
    fn an_entry_of_the_audit_transport_is_a_record() {
        check(
            r#"{"_TRANSPORT":"audit","_AUDIT_TYPE":"1307","_AUDIT_TYPE_NAME":"CWD","_AUDIT_ID":"7",
                "_SOURCE_REALTIME_TIMESTAMP":"1723819442459000","_HOSTNAME":"web1",
                "MESSAGE":"CWD cwd=\"/tmp\""}"#,
            Ok(r#"node=web1 type=CWD msg=audit(1723819442.459:7): cwd="/tmp""#),
        );
    }

    #[test]
    fn bytes_that_are_no_text_and_kinds_without_a_name_are_read_too() {
        check(
            r#"{"_TRANSPORT":"audit","_AUDIT_TYPE":"1307","_AUDIT_ID":"7",
                "__REALTIME_TIMESTAMP":"1000","MESSAGE":[99,119,100,61,47]}"#,
            Ok("type=1307 msg=audit(0.001:7): cwd=/"),
        );
    }

    #[test]
    fn a_kind_that_systemd_has_no_name_for_is_read_by_its_number() {
        check(
            r#"{"_TRANSPORT":"audit","_AUDIT_TYPE_NAME":"AUDIT1336","_AUDIT_ID":"7",
                "__REALTIME_TIMESTAMP":"1000","MESSAGE":"AUDIT1336 uring_op=16"}"#,
            Ok("type=1336 msg=audit(0.001:7): uring_op=16"),
        );
    }

    #[test]
    fn an_entry_without_an_id_is_broken_and_one_of_another_program_is_none() {
        check(r#"{"_TRANSPORT":"audit","MESSAGE":"CWD cwd=/"}"#, Err(Complaint::BrokenFrame));
        check(
            r#"{"_TRANSPORT":"stdout","SYSLOG_IDENTIFIER":"nginx",
                "MESSAGE":"type=CWD msg=audit(1.000:1): cwd=/"}"#,
            Err(Complaint::NotAudit),
        );
        check("{not json", Err(Complaint::NotAudit));
    }

    #[test]
    fn what_the_kernel_printed_is_in_the_journal_too() {
        check(
            r#"{"_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","_HOSTNAME":"web1",
                "MESSAGE":"audit: type=1307 audit(1.000:1): cwd=\"/\""}"#,
            Ok(r#"node=web1 type=CWD msg=audit(1.000:1): cwd="/""#),
        );
    }

    #[test]
    fn text_forms_are_known_by_their_tag_and_kind() {
        assert!(is_text_form(b"Aug 16 14:44:02 web1 audit[812]: SYSCALL arch=c000003e"));
        assert!(is_text_form(b"1723819442.459000 web1 audit: SOCKADDR saddr=01"));
        assert!(!is_text_form(b"Aug 16 14:44:02 web1 auditd[812]: Init complete"));
    }
}
