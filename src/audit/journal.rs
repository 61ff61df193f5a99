//! Audit records that came through systemd's journal.
//!
//! journald takes the event's id out of the text and keeps it in fields of its own. `journalctl
//! -o json` shows them, a line an entry; `-o export` and the text forms are turned into JSON where
//! files are opened. Text that comes here all the same could not be dated, or stands in a file that
//! has the records a second time, with their ids.

use serde_json::{Map, Value};

use super::complaint::Complaint;
use super::header;
use super::kind::Kind;
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
    // speak for them. The identifier is whatever a program says it is, the user is the journal's.
    let speaker = text("SYSLOG_IDENTIFIER").unwrap_or_default();
    let is_kernel = text("_TRANSPORT").as_deref() == Some(b"kernel") && speaker == b"kernel";
    let is_auditd = header::is_audit(&speaker) && text("_UID").as_deref() == Some(b"0");
    let message = message.strip_prefix(b" ").unwrap_or(&message);
    let record = if is_kernel {
        let record = message.strip_prefix(b"audit: ").unwrap_or(message);
        header::kernels_kind(record).is_ok().then_some(record)
    } else {
        let is_record = message.starts_with(b"type=") || message.starts_with(b"node=");
        (is_auditd && is_record).then_some(message)
    };
    let record = record.ok_or(Complaint::NotAudit)?;
    let line: Vec<u8> = one_line(record).collect();
    wrapped::from_message(host(&entry).as_deref(), &line, plain).map(|_| ())
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
    if Kind::named(kind).is_none() || !serial.iter().all(u8::is_ascii_digit) {
        return None;
    }
    wrapped::begin(host(entry).as_deref(), plain);
    plain.extend_from_slice(b"type=");
    plain.extend_from_slice(kind);
    let (seconds, millis) = (micros / 1_000_000, micros / 1000 % 1000);
    plain.extend_from_slice(format!(" msg=audit({seconds}.{millis:03}:").as_bytes());
    plain.extend_from_slice(&serial);
    plain.extend_from_slice(b"): ");
    plain.extend(one_line(body));
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

/// Text that must stay one line.
fn one_line(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().map(|b| if *b == b'\n' { b' ' } else { *b })
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
    fn only_root_may_speak_for_auditd_and_only_from_the_start_of_a_message() {
        let entry = |user: &str, speaker: &str, message: &str| {
            format!(
                r#"{{"_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"{speaker}",{user}
                    "MESSAGE":"{message}"}}"#
            )
        };
        let record = "type=CWD msg=audit(1.000:1): cwd=/";
        check(&entry(r#""_UID":"0","#, "audispd", record), Ok(record));
        check(&entry(r#""_UID":"0","#, "audisp-syslog", &format!("node=a {record}")), {
            Ok("node=a type=CWD msg=audit(1.000:1): cwd=/")
        });
        for other in [
            entry(r#""_UID":"1000","#, "audispd", record),
            entry("", "audispd", record),
            entry(r#""_UID":"0","#, "audiod", record),
            entry(r#""_UID":"0","#, "kernel", "audit: type=1307 audit(1.000:1): cwd=/"),
            entry(r#""_UID":"0","#, "auditd", &format!("x {record}")),
            entry(r#""_UID":"0","#, "auditd", &format!(r"x\n{record}")),
        ] {
            check(&other, Err(Complaint::NotAudit));
        }
    }

    #[test]
    fn a_kind_or_an_id_that_is_more_than_one_is_broken() {
        let entry = |kind: &str, id: &str| {
            format!(
                r#"{{"_TRANSPORT":"audit","_AUDIT_TYPE_NAME":"{kind}","_AUDIT_ID":"{id}",
                    "__REALTIME_TIMESTAMP":"1000","MESSAGE":"cwd=/"}}"#
            )
        };
        check(&entry("CWD", "7"), Ok("type=CWD msg=audit(0.001:7): cwd=/"));
        for (kind, id) in [("CWD msg=audit(2.000:9): a=1", "7"), ("CWD", "7): a=1 (")] {
            let mut plain = Vec::new();
            let result = unwrap(entry(kind, id).as_bytes(), &mut plain);
            assert_eq!(result, Err(Complaint::BrokenFrame), "{kind} {id}");
        }
    }
}
