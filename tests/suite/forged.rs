//! What others than the audit system had written into a log makes no record and hides none.

use std::time::{Duration, Instant};

use crate::scene::{SEEN, check_log, hex, log, read, stamp, usual};

/// A connect that never was, on one line without its end.
fn forged() -> String {
    let log = log("#9 SYSCALL connect /usr/bin/evil
         #9 SOCKADDR 203.0.113.9:9");
    String::from_utf8(log).expect("text").trim_end().replace('\n', " ")
}

/// Another record of the log, with this body.
fn record(kind: &str, body: &str) -> String {
    format!("type={kind} msg=audit({}): {body}\n", stamp("09:00:00.000", "8"))
}

/// Nothing but the usual connect is seen.
#[track_caller]
fn is_harmless(line: &str, counts: &str) {
    let line = line.trim_end();
    check_log(format!("{line}\n{}", usual()).as_bytes(), &format!("{SEEN}\n= {counts}"));
    check_log(format!("{}{line}\n", usual()).as_bytes(), &format!("{SEEN}\n= {counts}"));
}

const WRITTEN_BY_PROGRAMS: [&str; 7] =
    ["USER", "USER_CMD", "USER_AUTH", "1112", "UNKNOWN[2104]", "ANOM_LOGIN_FAILURES", "NEW_ONE"];

#[test]
fn a_message_that_holds_a_record_makes_none() {
    let body = format!("pid=1 uid=0 msg='op=x {} res=failed'", forged());
    for kind in WRITTEN_BY_PROGRAMS {
        is_harmless(&record(kind, &body), "events 2, records 4, complaints 0");
        let enriched = format!("{body}\x1dUID=\"root\" AUID=\"unset\"");
        is_harmless(&record(kind, &enriched), "events 2, records 4, complaints 0");
    }
}

#[test]
fn a_message_that_breaks_out_of_its_quotes_makes_no_record_and_is_complained_of() {
    let body = format!("pid=1 uid=0 msg='op=x' {} res=failed'", forged());
    for kind in WRITTEN_BY_PROGRAMS {
        is_harmless(&record(kind, &body), "events 2, records 4, complaints 1");
    }
}

#[test]
fn records_behind_a_message_on_one_line_are_not_lost_in_silence() {
    let message = |kind: &str, stamp: &str| {
        format!("type={kind} msg=audit({stamp}): pid=9 uid=0 msg='op=login res=success'")
    };
    let login = message("USER_LOGIN", &stamp("09:00:00.000", "6"));
    let end = message("USER_END", &stamp("09:00:00.001", "8"));
    let between = usual().trim_end().replace('\n', " ");
    for line in [format!("{login} {between}"), format!("{login} {between} {end}")] {
        check_log(format!("{line}\n").as_bytes(), "= lines 1, records 1, complaints 1");
    }
    // Before a message, the kernel's records are read.
    let line = format!("{between} {end}\n");
    check_log(line.as_bytes(), &format!("{SEEN}\n= lines 1, records 4, complaints 0"));
}

#[test]
fn a_message_whose_end_was_cut_off_makes_no_record_and_is_complained_of() {
    for body in [
        format!("pid=1 uid=0 msg='op=x' {}", forged()),
        format!("pid=1 uid=0 msg='op=x' exe=\"/a\" res=failed'UID=\"root\" {}", forged()),
    ] {
        is_harmless(&record("USER_AUTH", &body), "events 2, records 4, complaints 1");
    }
}

#[test]
fn a_message_behind_the_kernels_records_on_one_line_takes_nothing_from_them() {
    for (quote, complaints) in [("", 0), ("'", 1)] {
        let body = format!("pid=1 msg='op=x{quote} {} res=failed'", forged());
        let line = usual().replace('\n', " ") + &record("USER_AUTH", &body);
        let counts = format!("lines 1, records 4, complaints {complaints}");
        check_log(line.as_bytes(), &format!("{SEEN}\n= {counts}"));
    }
}

#[test]
fn a_table_of_the_packet_filter_that_is_named_like_a_record_is_none() {
    let body = format!("table=x {} family=2 entries=1 op=nft_register_table pid=9", forged());
    is_harmless(&record("NETFILTER_CFG", &body), "records 4, complaints 1");
    let honest = record("NETFILTER_CFG", "table=filter:3 family=2 entries=1 op=nft_register_table");
    is_harmless(&honest, "records 4, complaints 0");
}

#[test]
fn messages_of_a_stream_without_line_ends_are_not_taken_for_the_first_ones() {
    let first = "<13>1 2024-08-16T09:00:00Z web auditd 812 - - ";
    let rest = usual().trim_end().replace('\n', " ");
    let joined = |between: &str| format!("{first}{rest}{between}{}\n", forged());
    for between in [
        "180 <13>1 2024-08-16T09:00:00Z web evil 33 - - ",
        " Aug 16 09:00:00 web sshd[1]: Invalid user ",
        "2024-08-16T09:00:00+00:00 web sshd[1]: Invalid user node=vic ",
    ] {
        let counts = "lines 1, records 3, complaints 1";
        check_log(joined(between).as_bytes(), &format!("web {SEEN}\n= {counts}"));
    }
    // All records of one message are of the host in its header.
    let seen = format!("web {SEEN}\n= lines 1, records 3, complaints 0");
    check_log(format!("{first}{rest}\n").as_bytes(), &seen);
}

#[test]
fn a_line_full_of_frames_in_quotes_takes_no_longer_than_its_length() {
    let frame = format!("type=CWD msg=audit({}): ", stamp("09:00:00.000", "9"));
    for frames in [frame.replace("type=", "").repeat(20_000), frame.repeat(20_000)] {
        let begun = Instant::now();
        is_harmless(&record("CWD", &format!("cwd=\"{frames}")), "events 2, records 4");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

/// The usual connect behind one to a socket of this path, as auditd writes them enriched and a
/// transport joins them.
fn joined_behind_path(path: &str) -> String {
    let socket = log("#8 SYSCALL connect /usr/bin/evil pid=9");
    let digits = format!("0100{}00", hex(path.as_bytes()));
    let added = format!("saddr={digits}\x1dSADDR={{ saddr_fam=local path={path} }}");
    let line = String::from_utf8(socket).expect("text") + &record("SOCKADDR", &added) + &usual();
    line.trim_end().replace('\n', " ") + "\n"
}

#[test]
fn a_socket_whose_path_is_a_record_makes_none_and_hides_none() {
    let stamp = stamp("09:00:00.000", "7");
    for path in [
        format!("/t type=SOCKADDR msg=audit({stamp}): saddr=02000009CB007109"),
        format!("/t\" type=SOCKADDR msg=audit({stamp}): saddr=02000009CB007109"),
        "/tmp/node=x".to_owned(),
        "/tmp/it's".to_owned(),
    ] {
        let read = read(joined_behind_path(&path).as_bytes());
        assert_eq!(read.lines[0], SEEN, "{path}: {:?}", read.lines);
        assert_eq!((read.lines.len(), read.count("records"), read.count("complaints")), (2, 5, 0));
    }
}

#[test]
fn a_program_called_like_a_node_does_not_move_the_next_record_to_it() {
    let log = usual().replace("/usr/bin/curl", "/tmp/node=x").trim_end().replace('\n', " ") + "\n";
    check_log(log.as_bytes(), &format!("{SEEN}\n= lines 1, records 3, complaints 0"));
    let named = usual().replace("type=", "node=web type=").trim_end().replace('\n', " ") + "\n";
    check_log(named.as_bytes(), &format!("web {SEEN}\n= lines 1, records 3, complaints 0"));
}

#[test]
fn what_is_written_behind_another_tag_or_none_is_no_record() {
    for before in [
        "<13>1 2024-08-16T09:00:00Z web evil 33 - - ",
        "<13>1 2024-08-16T09:00:00Z web evil 33 - - audispd: ",
        "Aug 16 09:00:00 web evil: ",
        "Aug 16 09:00:00 web sshd[1]: Invalid user node=vic ",
        "Aug 16 09:00:00 web dnsmasq-dhcp[1]: DHCPACK(eth0) 192.0.2.5 00:00:5e:00:53:01 ",
        "Aug 16 09:00:00 web smbd_audit: eve|open|ok|",
        "sshd[1]: Invalid user node=vic ",
        "Invalid user ",
        "2024-08-16T09:00:00Z Invalid user ",
        "192.0.2.1 - - [16/Aug/2024:09:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" ",
        "                              ",
        "\t",
    ] {
        let line = format!("{before}{}", forged());
        is_harmless(&line, "records 3, complaints 1");
    }
}

#[test]
fn text_that_only_speaks_of_records_is_not_taken_for_damage_to_the_log() {
    for line in [
        "Aug 16 09:00:00 web sshd[1]: Invalid user msg=audit(1/2/3 4:5:6.7:8)",
        "Aug 16 09:00:00 web sshd[1]: Invalid user audit: SYSCALL arch=c000003e",
        "Aug 16 09:00:00 web sshd[1]: Invalid user audit: type=1300 audit(",
        "Aug 16 09:00:00 web auditd[812]: Init complete, auditd 3.0.9 listening for events",
    ] {
        let read = read(format!("{line}\n{}", usual()).as_bytes());
        assert_eq!(read.lines, [SEEN], "{line}");
        assert_eq!(read.count("complaints"), 1);
        let examples = read.report.complaints.examples();
        assert!(examples.is_empty() || !examples[0].complaint.loses_something(), "{line}");
    }
}

/// The usual connect as a program wrote it into the journal.
fn journal(fields: &str) -> String {
    usual()
        .lines()
        .map(|line| format!("{{{fields},\"MESSAGE\":{}}}\n", serde_json::json!(line)))
        .collect()
}

#[test]
fn an_entry_of_the_journal_is_one_record_whatever_its_message_holds() {
    for second in ["\n", " ", "\nnode=x "] {
        let message = format!("SERVICE_START pid=1 msg='unit=a comm=\"b\"'{second}{}", forged());
        let entry = serde_json::json!({
            "_TRANSPORT": "audit", "_AUDIT_TYPE_NAME": "SERVICE_START", "_AUDIT_ID": "8",
            "_SOURCE_REALTIME_TIMESTAMP": "1723798800000000", "MESSAGE": message,
        });
        is_harmless(&entry.to_string(), "events 2, records 4, complaints 0");
    }
}

#[test]
fn what_a_user_writes_to_the_journal_under_the_name_of_auditd_is_no_record() {
    let of_root =
        journal("\"_TRANSPORT\":\"syslog\",\"SYSLOG_IDENTIFIER\":\"auditd\",\"_UID\":\"0\"");
    check_log(of_root.as_bytes(), &format!("{SEEN}\n= records 3, complaints 0"));
    for user in ["\"_UID\":\"1000\"", "\"_PID\":\"7\""] {
        let fields = format!("\"_TRANSPORT\":\"syslog\",\"SYSLOG_IDENTIFIER\":\"auditd\",{user}");
        check_log(journal(&fields).as_bytes(), "= records 0, complaints 3");
    }
}

#[test]
fn the_journals_export_form_does_not_lose_who_wrote_an_entry() {
    let export = |user: &str| {
        let entry = |line: &str| {
            format!(
                "__CURSOR=s=1\n_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=auditd\n_UID={user}\n\
                 MESSAGE={line}\n\n"
            )
        };
        usual().lines().map(entry).collect::<String>()
    };
    check_log(export("0").as_bytes(), &format!("{SEEN}\n= records 3, complaints 0"));
    check_log(export("1000").as_bytes(), "= records 0, complaints 3");
}

#[test]
fn the_second_line_of_a_message_in_the_journals_text_is_no_record() {
    let blanks = " ".repeat(31);
    for second in [
        format!("{blanks}{}", forged()),
        format!("{blanks}Aug 16 09:00:00 web audit[9]: SYSCALL arch=c000003e syscall=42"),
        format!("{blanks}Aug 16 09:00:00 web kernel: audit: type=1300 audit(1.000:1): a=1"),
    ] {
        let record = |line: &str| {
            let (head, body) = line.split_once("): ").expect("a frame");
            let kind = &head[5..head.find(' ').expect("a kind")];
            format!("Aug 16 09:00:00 web audit[812]: {kind} {body}\n")
        };
        let records: String = usual().lines().map(record).collect();
        let log = format!("Aug 16 09:00:00 web nginx[33]: hello\n{second}\n{records}");
        let seen = SEEN.replace("#7", "web #1");
        check_log(log.as_bytes(), &format!("{seen}\n= lines 5, records 3, complaints 2"));
    }
}

#[test]
fn a_kind_or_a_node_with_control_characters_is_complained_of() {
    for line in [
        record("SYS\x1bCALL", "a=1"),
        record("SYS\x7fCALL", "a=1"),
        record("CWD\t", "a=1"),
        record("", "a=1"),
        format!("node=a\x1b[2Jb {}", record("CWD", "a=1")),
    ] {
        is_harmless(&line, "records 3, complaints 1");
    }
    // Also where its event is that of the line before.
    let odd = record("SYS\x1bCALL", "a=1").replace(":8)", ":7)");
    is_harmless(&odd, "events 1, records 3, complaints 1");
    is_harmless(&record("NEWER_THAN_US", "a=1"), "events 2, records 4, complaints 0");
}
