//! The forms in which lines come, and what becomes of lines that are no records.

use crate::scene::{SEEN, check_log, log, read, stamp, usual};

#[track_caller]
fn is_read(log: &str, counts: &str) {
    check_log(log.as_bytes(), &format!("{SEEN}\n= {counts}"));
}

#[test]
fn line_ends_may_be_those_of_windows() {
    is_read(&usual().replace('\n', "\r\n"), "events 1, records 3, complaints 0");
    let read = read(usual().replace('\n', "\r\n").as_bytes());
    assert_eq!((&read.details[0]["keys"][..], &read.details[0]["title"][..]), ("net", "curl"));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    is_read(&format!("\u{feff}{}", usual()), "records 3, complaints 0");
}

#[test]
fn runs_of_nuls_are_passed_over() {
    let nuls = "\0".repeat(4096);
    is_read(&format!("{nuls}{}", usual()), "records 3, complaints 0");
    is_read(&format!("{}{nuls}", usual()), "records 3, complaints 0");
    is_read(&usual().replace('\n', "\0\0\n"), "records 3, complaints 0");
}

#[test]
fn blank_lines_and_what_ausearch_puts_between_events_are_no_fault() {
    let log = format!("----\ntime->Fri Aug 16 14:44:02 2024\n\n  \n{}\n", usual());
    is_read(&log, "lines 8, records 3, complaints 0");
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let mut log = usual().into_bytes();
    let at = log.windows(4).position(|w| w == b"curl").expect("a name");
    log[at] = 0xff;
    let read = read(&log);
    assert_eq!(read.details[0]["name"], "\u{fffd}url");
    assert_eq!(read.count("complaints"), 0);
}

#[test]
fn a_line_of_70_kilobytes_is_read() {
    let long = format!(
        "type=USER_CMD msg=audit({}): msg='{}'\n",
        stamp("09:00:00.000", "8"),
        "x".repeat(70_000)
    );
    is_read(&format!("{long}{}", usual()), "lines 4, records 4, complaints 0");
    let spread = usual().replace(" key=", &format!(" subj={} key=", "y".repeat(70_000)));
    is_read(&spread, "records 3, complaints 0");
}

#[test]
fn a_line_of_more_than_a_megabyte_is_complained_of_and_the_next_is_read() {
    let long = format!(
        "type=USER_CMD msg=audit({}): msg='{}'\n",
        stamp("09:00:00.000", "8"),
        "x".repeat(3 << 20)
    );
    is_read(&format!("{long}{}", usual()), "lines 4, records 3, complaints 1");
}

#[test]
fn records_joined_on_one_line_are_several() {
    for between in [" ", "", "  "] {
        let log = usual().replacen('\n', between, 2);
        is_read(&log, "lines 1, records 3, complaints 0");
    }
}

#[test]
fn a_record_in_the_text_of_a_message_is_text() {
    let quoted = format!(
        "type=USER msg=audit({}): pid=1 msg='type=SYSCALL msg=audit({}): arch=c000003e'\n",
        stamp("09:00:00.000", "8"),
        stamp("09:00:00.000", "9")
    );
    is_read(&format!("{}{quoted}", usual()), "events 2, records 4, complaints 0");
}

#[test]
fn the_kernels_own_form_is_read_behind_any_clock() {
    for prefix in ["", "[  918.800671] ", "<5>[1.5] ", "kernel: ", "Aug 16 09:00:00 here kernel: "]
    {
        let log = usual()
            .replace("type=SYSCALL msg=", &format!("{prefix}audit: type=1300 "))
            .replace("type=SOCKADDR msg=", &format!("{prefix}audit: type=1306 "))
            .replace("type=PROCTITLE msg=", &format!("{prefix}audit: type=1327 "));
        is_read(&log, "records 3, complaints 0");
    }
}

#[test]
fn syslog_headers_come_off_and_name_the_host() {
    for prefix in [
        "<174>Aug 16 09:00:00 web auditd ",
        "2024-08-16T09:00:00+00:00 web audit_log: ",
        "Aug 16 09:00:00 web audispd: ",
        "Aug  6 09:00:00 web audisp-syslog[812]: ",
        "<13>1 2024-08-16T09:00:00Z web auditd 812 - - ",
    ] {
        let log = usual().replace("type=", &format!("{prefix}type="));
        check_log(log.as_bytes(), &format!("web {SEEN}\n= records 3, complaints 0"));
    }
}

#[test]
fn what_another_program_logged_is_no_record() {
    let log = usual().replace("type=", "Aug 16 09:00:00 web logger: type=");
    check_log(log.as_bytes(), "= lines 3, records 0, events 0, complaints 3");
    let log = usual().replace("type=SYSCALL msg=", "Aug 16 09:00:00 web root: audit: type=1300 ");
    check_log(log.as_bytes(), "= records 2, complaints 1, events 1");
}

/// The usual connect as journald keeps it.
fn journal() -> String {
    usual()
        .lines()
        .map(|line| {
            let (head, body) = line.split_once("): ").expect("a frame");
            let kind = &head[5..head.find(' ').expect("a kind")];
            let entry = serde_json::json!({
                "_TRANSPORT": "audit",
                "_HOSTNAME": "web",
                "_AUDIT_TYPE_NAME": kind,
                "_AUDIT_ID": "7",
                "_SOURCE_REALTIME_TIMESTAMP": "1723798800000000",
                "MESSAGE": format!("{kind} {body}"),
            });
            format!("{entry}\n")
        })
        .collect()
}

#[test]
fn the_journals_json_is_read() {
    check_log(journal().as_bytes(), &format!("web {SEEN}\n= lines 3, records 3, complaints 0"));
}

#[test]
fn a_journal_entry_of_another_program_is_no_record() {
    let log = journal().replace("\"audit\"", "\"stdout\"");
    check_log(log.as_bytes(), "= records 0, complaints 3");
}

#[test]
fn the_journals_export_form_is_read() {
    let mut export = String::new();
    for line in journal().lines() {
        let entry: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).expect("an entry");
        export += "__CURSOR=s=1;i=1\n";
        for (name, value) in entry {
            export += &format!("{name}={}\n", value.as_str().expect("text"));
        }
        export += "\n";
    }
    check_log(export.as_bytes(), &format!("web {SEEN}\n= records 3, complaints 0"));
}

/// The usual connect as `journalctl` shows it, from this speaker.
fn journal_text(speaker: &str) -> String {
    usual()
        .lines()
        .map(|line| {
            let (head, body) = line.split_once("): ").expect("a frame");
            let kind = &head[5..head.find(' ').expect("a kind")];
            format!("Aug 16 09:00:00 web {speaker}: {kind} {body}\n")
        })
        .collect()
}

#[test]
fn the_journals_text_is_read_though_it_has_lost_the_ids() {
    let seen = SEEN.replace("#7", "web #1");
    for speaker in ["audit[812]", "audit"] {
        let log = journal_text(speaker);
        check_log(log.as_bytes(), &format!("{seen}\n= records 3, complaints 0"));
    }
}

#[test]
fn text_of_another_program_in_the_journal_is_no_record() {
    let log = journal_text("sshd[812]");
    check_log(log.as_bytes(), "= records 0, complaints 3");
}

#[test]
fn a_separator_that_a_transport_changed_or_lost_hides_no_address() {
    for separator in ["\x1d", " ", "^]", "#035", "\u{fffd}", "\\x1d", ""] {
        let enriched = format!("{separator}SADDR={{ saddr_fam=inet laddr=10.9.9.9 lport=1 }}\n");
        let log = usual().replace("0000000000000000\n", &format!("0000000000000000{enriched}"));
        is_read(&log, "records 3, complaints 0");
    }
}

#[test]
fn a_node_may_have_blanks_or_be_an_address() {
    for node in ["web-01.example.net", "CentOS 7.7", "192.0.2.1", "2001:db8::1"] {
        let log = usual().replace("type=", &format!("node={node} type="));
        check_log(log.as_bytes(), &format!("{node} {SEEN}\n= records 3, complaints 0"));
    }
}

#[test]
fn kinds_may_be_numbers_or_unknown_and_unknown_kinds_are_no_fault() {
    let numbers =
        usual().replace("type=SYSCALL", "type=1300").replace("type=SOCKADDR", "type=UNKNOWN[1306]");
    is_read(&numbers, "records 3, complaints 0");
    let more = format!(
        "{}type=NOT_YET_INVENTED msg=audit({}): a=1\ntype=UNKNOWN[1999] msg=audit({}): \n",
        usual(),
        stamp("09:00:00.000", "8"),
        stamp("09:00:00.000", "9")
    );
    is_read(&more, "events 3, records 5, complaints 0");
}

#[test]
fn text_that_ausearch_interpreted_is_refused() {
    let log = "type=SYSCALL msg=audit(08/16/24 09:00:00.000:7) : arch=x86_64 syscall=connect \n";
    check_log(log.as_bytes(), "= records 0, complaints 1");
}

#[test]
fn lines_of_other_sorts_are_complained_of_one_by_one() {
    let log = format!("Hello\n{}type=SYSCALL msg=audit(1.2:3\ntype=X msg=?\n", usual());
    is_read(&log, "lines 6, records 3, complaints 3");
}

#[test]
fn a_last_line_without_an_end_is_read_if_it_is_whole() {
    is_read(usual().trim_end(), "lines 3, records 3, complaints 0");
}

/// Whatever byte the log ends at, nothing is made up and every line is accounted for.
#[track_caller]
fn ends_anywhere(log: &str) {
    let whole = read(log.as_bytes());
    for end in 0..=log.len() {
        if !log.is_char_boundary(end) {
            continue;
        }
        let read = read(&log.as_bytes()[..end]);
        let lines = log[..end].split_inclusive('\n').count() as u64;
        assert_eq!(read.count("lines"), lines, "at {end}");
        assert!(read.count("complaints") <= u64::from(lines > 0), "at {end}");
        let understood = read.count("lines") - read.count("complaints");
        assert_eq!(understood, read.count("records"), "at {end}: {:?}", &log[..end]);
        for line in &read.lines {
            let same = |whole: &String| {
                line == whole
                    || line.replace(" partial", "").replace('?', "192.0.2.7:443") == *whole
            };
            assert!(whole.lines.iter().any(same), "{line} at {end}: {:?}", &log[..end]);
        }
    }
}

#[test]
fn a_log_may_end_at_any_byte() {
    ends_anywhere(&usual());
}

#[test]
fn an_enriched_log_may_end_at_any_byte() {
    let enriched = String::from_utf8(log(
        "#7 SYSCALL connect /usr/bin/curl key=\"net\"\x1dARCH=x86_64 AUID=\"al\" UID=\"al\"
         #7 SOCKADDR 020001BBC0000207\x1dSADDR={ saddr_fam=inet laddr=192.0.2.7 lport=443 }
         #7 PROCTITLE curl",
    ));
    ends_anywhere(&enriched.expect("text"));
}

#[test]
fn an_address_cut_in_the_middle_of_a_log_is_no_address() {
    let log = usual();
    let start = log.find("saddr=").expect("an address") + 6;
    for end in start..start + 32 {
        let rest = log[end..].find('\n').expect("a line end") + end;
        let cut = format!("{}{}", &log[..end], &log[rest..]);
        let read = read(cut.as_bytes());
        assert_eq!(read.lines.len(), 1, "at {end}");
        let is_short = end < start + 16;
        assert_eq!(
            read.lines[0].contains("192.0.2.7"),
            !is_short && (end - start).is_multiple_of(2),
            "{:?}",
            read.lines
        );
    }
}

#[test]
fn a_call_cut_in_the_middle_of_a_log_tells_nothing_that_it_did_not() {
    let named = usual();
    let coded = named.replace("comm=\"curl\" exe=\"/usr/bin/curl\"", "comm=6375 exe=2F6375");
    for log in [named, coded] {
        let line = log.find('\n').expect("a line end");
        let whole = read(log.as_bytes());
        assert_eq!((whole.count("complaints"), whole.count("partial")), (0, 0));
        for end in log.find(" success=").expect("a result")..line {
            let read = read(format!("{}{}", &log[..end], &log[line..]).as_bytes());
            let counts = ["lines", "records", "complaints", "partial"].map(|c| read.count(c));
            assert_eq!(counts, [3, 3, 1, 1], "{}", &log[..end]);
            assert!(read.lines[0].ends_with(" partial"), "{:?} {}", read.lines, &log[..end]);
            for (name, value) in &read.details[0] {
                let original = whole.details[0].get(name).map_or("", String::as_str);
                let is_text = matches!(*name, "name" | "exe") && !log.contains("comm=63");
                let is_same = original == value || is_text && original.starts_with(value);
                assert!(is_same, "{name} {value}, not {original}: {}", &log[..end]);
            }
        }
    }
}

#[test]
fn a_record_without_a_body_is_a_record_whatever_its_line_ends_in() {
    let stamp = stamp("09:00:00.000", "7");
    for end in ["", " ", "\r", " \r", "\0\0", "\t", " \0\r"] {
        let log = format!("{}type=EOE msg=audit({stamp}):{end}\n", usual());
        is_read(&log, "lines 4, records 4, complaints 0, events 1");
        let log = format!("type=EOE msg=audit({stamp}):{end}\n{}", usual());
        is_read(&log, "lines 4, records 4, complaints 0, events 1");
    }
}

#[test]
fn a_kind_does_not_reach_over_a_line_end() {
    let stamp = stamp("09:00:00.000", "7");
    let log = format!("{}type=\n msg=audit({stamp}): a=1\n", usual());
    is_read(&log, "lines 5, records 3, complaints 2");
}
