//! What is no document of a connection: what is about something else is passed over, what is
//! damaged or made to cost much is complained of, and every line is accounted for.

use oddsock::documents::{Complaint, Passed};
use proptest::prelude::*;

use super::scene::{NESTED, auditbeat, check, check_passed, line, read};

#[test]
fn sockets_that_are_not_ip_are_passed_over() {
    for family in ["unix", "netlink", "packet"] {
        let rest = format!(r#""auditd.data.socket":{{"family":"{family}","path":"/run/x"}}"#);
        check_passed(&auditbeat("connected-to", r#"["start"]"#, &rest), Passed::NotIp);
    }
}

#[test]
fn what_is_not_about_the_network_or_no_event_is_passed_over() {
    let with = |from: &str, to: &str| NESTED.replace(from, to);
    let category = r#""category":["network"]"#;
    check(&with(category, r#""category":["process","network"]"#), &read(line(NESTED)).0[0]);
    for other in [r#""category":["process"]"#, r#""category":"networks""#, r#""category":[]"#] {
        check_passed(&with(category, other), Passed::NotNetwork);
    }
    check_passed(
        r#"{"@timestamp":"2026-03-01T10:00:00Z","message":"network"}"#,
        Passed::NotNetwork,
    );
    for kind in ["alert", "signal", "metric", "state"] {
        let text = with(category, &format!(r#"{category},"kind":"{kind}""#));
        check_passed(&text, Passed::NotAnEvent);
    }
}

#[test]
fn what_cannot_be_read_is_counted_by_kind_and_the_first_place_is_kept() {
    let good = line(NESTED);
    let text = format!(
        "\n{good}not json\n[1,2]\n  \n{{\"a\":1}}\n{good}7\n{}\n{{\"a\":{}}}\r\n{}\n{good}{}",
        "[".repeat(500),
        "[".repeat(200) + &"]".repeat(200),
        " ".repeat(5) + &good.trim().replace("curl", &"x".repeat(1 << 20)),
        &good[..40],
    );
    let (seen, account) = read(&text);
    assert_eq!(seen.len(), 3);
    let counts = Complaint::ALL.map(|complaint| account.complaints(complaint));
    assert_eq!(counts, [5, 1, 1, 1]);
    let places: Vec<_> = account.examples().iter().map(|e| (e.complaint, e.line)).collect();
    let expected = [
        (Complaint::NotJson, 3),
        (Complaint::NoTime, 6),
        (Complaint::TooLong, 11),
        (Complaint::Unfinished, 13),
    ];
    assert_eq!(places, expected);
    assert_eq!(account.examples()[0].text, b"not json\n");
    assert_eq!((account.lines, account.blank, account.starts), (13, 2, 3));
    let mut twice = account.clone();
    twice.count_in(&account);
    assert_eq!((twice.lines, twice.complaints(Complaint::NotJson)), (26, 10));
}

#[test]
fn names_within_names_do_not_take_more_memory_than_a_few_lines() {
    let name = "n".repeat(200);
    let leaves: Vec<String> = (0..100_000).map(|n| format!("\"{n}\":0")).collect();
    let text = format!("{{\"{name}\":{{{}}}}}\n", leaves.join(","));
    let (_, account) = read(&text);
    assert_eq!(account.complaints(Complaint::TooLong), 1);
    let leaves = vec!["0"; 400_000].join(",");
    let (_, account) = read(format!("{{\"{name}\":[{leaves}]}}\n"));
    assert_eq!(account.complaints(Complaint::NoTime), 1);
}

#[test]
fn a_name_that_is_not_utf_8_hides_no_line() {
    let text = line(NESTED).into_bytes();
    let at = text.windows(4).position(|w| w == b"curl").expect("curl");
    let broken = [&text[..at], &b"c\xffrl"[..], &text[at + 4..]].concat();
    let expected = "start web01 c\u{fffd}rl connection_attempted → 192.0.2.7:443 (success)";
    assert_eq!(read(broken).0, [expected]);
}

proptest! {
    #[test]
    fn any_bytes_are_lines_that_are_accounted_for(bytes: Vec<u8>, parts: Vec<(u8, u16)>) {
        // Bytes, and pieces of documents in any order.
        let event = "\"ID\":\"1.0:1\",\"SYSCALL.syscall\":42";
        let good = [NESTED, "{", "\n", "}", event, ",", "[", "%"];
        let mut text = bytes;
        for (which, at) in parts {
            let piece = good[usize::from(which) % good.len()];
            let at = usize::from(at) % (text.len() + 1);
            text.splice(at..at, piece.bytes());
        }
        let (seen, account) = read(&text);
        let passed: u64 = Passed::ALL.iter().map(|passed| account.passed(*passed)).sum();
        let complaints: u64 = Complaint::ALL.iter().map(|kind| account.complaints(*kind)).sum();
        prop_assert_eq!(seen.len() as u64, account.documents);
        prop_assert_eq!(account.documents + account.blank + passed + complaints, account.lines);
    }
}
