//! Documents written again: our own come back byte for byte, those of others as connections are.

use oddsock::documents;

use super::scene::{NESTED, auditbeat, line, of_files, of_log, written};
use crate::shared::project;

#[test]
fn our_own_ndjson_comes_back_byte_for_byte() {
    let samples = project().join("samples");
    let text = of_files(samples);
    let (again, account) = written(&text);
    assert!(account.documents > 100, "{account:?}");
    for (first, second) in text.lines().zip(again.lines()) {
        assert_eq!(second, first);
    }
    assert_eq!(again.len(), text.len());
}

#[test]
fn bytes_that_are_not_utf_8_come_back_from_our_own_ndjson() {
    let text = of_log(
        b"type=SYSCALL msg=audit(1772359200.500:7): arch=c000003e syscall=42 success=yes exit=0 \
          a0=3 a1=7f a2=10 a3=0 items=0 ppid=1 pid=7 auid=4294967295 uid=0 comm=61FF \
          exe=\"/usr/bin/curl\" key=\"net\"\n\
          type=SOCKADDR msg=audit(1772359200.500:7): saddr=020001BBC00002070000000000000000\n\
          type=EOE msg=audit(1772359200.500:7): \n",
    );
    assert!(text.contains("oddsock.bytes"), "{text}");
    documents::read(text.as_bytes(), &mut |document| {
        assert_eq!(document.first("process.name"), Some(&b"a\xff"[..]));
    });
    assert_eq!(written(&text).0, text);
}

#[test]
fn a_document_is_written_with_the_names_and_the_order_of_a_connection() {
    let text = auditbeat(
        "connected-to",
        r#"["connection","start"]"#,
        r#""destination":{"ip":"::ffff:192.0.2.7","port":"443","domain":"x.example"},
           "labels":{"team":"a"},"process.args":["wget","-q"]"#,
    );
    assert_eq!(
        written(&line(&text)).0,
        line(
            r#"{"@timestamp":"2026-03-01T10:00:00.230Z","event.kind":"event",
            "event.category":["network"],"event.module":"auditd",
            "event.action":"connection_attempted","event.type":["connection","start"],
            "event.outcome":"success","event.sequence":94471,"host.name":"app03",
            "host.os.type":"linux","process.name":"wget","process.pid":2250,
            "process.parent.pid":950,"process.args":["wget","-q"],"user.id":"33",
            "user.name":"www-data","group.id":"34","destination.ip":"192.0.2.7",
            "destination.port":443,"auditd.arch":"x86_64","auditd.syscall":"connect",
            "tags":["net"]}"#
        )
    );
}

#[test]
fn no_string_of_a_document_acts_on_what_it_is_written_to() {
    let hostile = NESTED.replace("curl", r#"\u001b[2J\u202e\"},{\n\u0000\u009b"#);
    let (text, _) = written(&line(&hostile));
    assert!(text.contains(r#""process.name":"\u001b[2J\u202e\"},{\n\u0000\u009b""#), "{text}");
    assert_eq!(text.lines().count(), 1);
    assert!(written(&text).0 == text);
}
