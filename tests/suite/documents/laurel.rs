//! The events of laurel, against what the same events say in a log.

use oddsock::documents::{self, Complaint, Passed};

use super::scene::{line, of_log, written};

/// Holds an event of laurel against the records it was made of.
#[track_caller]
fn check(event: &str, records: &str) {
    let records: String = records.lines().map(|line| format!("{}\n", line.trim())).collect();
    let (seen, account) = written(&line(event));
    assert_eq!(account.documents, 1, "{account:?}");
    assert_eq!(seen, of_log(records.as_bytes()));
}

/// The values of fields of one document, by their names.
fn values(event: &str, names: &[&str]) -> String {
    let mut shown = Vec::new();
    let account = documents::read(line(event).as_bytes(), &mut |document| {
        for name in names {
            let values: Vec<_> = document.values(name).map(String::from_utf8_lossy).collect();
            shown.push(values.join("+"));
        }
    });
    assert_eq!(account.documents, 1, "{event}: {account:?}");
    shown.join(" ")
}

const CONNECT: &str = r#"{"ID":"1772359200.500:7","NODE":"web01","SYSCALL":{"arch":"0xc000003e",
    "syscall":42,"success":"yes","exit":0,"items":0,"ppid":6,"pid":7,"auid":1000,"uid":0,"gid":0,
    "euid":0,"suid":0,"tty":"pts0","ses":3,"comm":"curl","exe":"/usr/bin/curl","key":"net",
    "ARGV":["0x3","0x7f00","0x10","0x0"]},
    "SOCKADDR":[{"saddr":"%02%00%01%bb%c0%00%02%07%00%00%00%00%00%00%00%00"}],
    "CWD":{"cwd":"/root"},"PROCTITLE":{"ARGV":["curl","-s"]}}"#;

#[test]
fn an_event_of_laurel_says_what_its_records_say() {
    check(
        CONNECT,
        "node=web01 type=SYSCALL msg=audit(1772359200.500:7): arch=c000003e syscall=42 \
         success=yes exit=0 a0=3 a1=7f00 a2=10 a3=0 items=0 ppid=6 pid=7 auid=1000 uid=0 gid=0 \
         euid=0 suid=0 tty=pts0 ses=3 comm=\"curl\" exe=\"/usr/bin/curl\" key=\"net\"
         node=web01 type=SOCKADDR msg=audit(1772359200.500:7): \
         saddr=020001BBC00002070000000000000000
         node=web01 type=CWD msg=audit(1772359200.500:7): cwd=\"/root\"
         node=web01 type=PROCTITLE msg=audit(1772359200.500:7): proctitle=6375726C002D73",
    );
}

#[test]
fn the_same_event_has_the_same_id_as_in_a_log() {
    let mut ids = Vec::new();
    let (again, _) = written(&line(CONNECT));
    for text in [line(CONNECT), again] {
        documents::read(text.as_bytes(), &mut |document| ids.push(document.id()));
    }
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn bytes_that_laurel_encodes_are_bytes_again() {
    check(
        r#"{"ID":"1772359200.500:7","NODE":"web01","SYSCALL":{"arch":"0xc000003e","syscall":42,
        "success":"no","exit":-111,"ppid":6,"pid":7,"auid":4294967295,"uid":0,"gid":0,"euid":0,
        "ses":4294967295,"comm":"a%ff%25%2bb","exe":"/tmp/ä b","key":"one%01two","UID":"root",
        "EUID":"unknown(0)","AUID":"unset","ARGV":["0x3","0x7f00","0x10","0x0"]},
        "SOCKADDR":[{
    "saddr":"%0a%00%01%bb%00%00%00%00 %01%0d%b8%00%00%00%00%00%00%00%00%00%00%00~%00%00%00%00"}]}"#,
        "node=web01 type=SYSCALL msg=audit(1772359200.500:7): arch=c000003e syscall=42 \
         success=no exit=-111 a0=3 a1=7f00 a2=10 a3=0 items=0 ppid=6 pid=7 auid=4294967295 uid=0 \
         gid=0 euid=0 ses=4294967295 comm=61FF252B62 exe=2F746D702FC3A42062 \
         key=6F6E650174776F\u{1d}UID=\"root\" EUID=\"unknown(0)\" AUID=\"unset\"
         node=web01 type=SOCKADDR msg=audit(1772359200.500:7): \
         saddr=0A0001BB0000000020010DB800000000000000000000007E00000000",
    );
}

#[test]
fn calls_and_addresses_are_those_of_the_architecture() {
    // s390x, big-endian, by socketcall.
    let event = CONNECT
        .replace("0xc000003e", "0x80000016")
        .replace("\"syscall\":42", "\"syscall\":102")
        .replace("%02%00%01%bb", "%00%02%01%bb");
    let names = ["event.action", "destination.ip", "destination.port", "auditd.fd", "auditd.arch"];
    assert_eq!(values(&event, &names), "connection_attempted 192.0.2.7 443  s390x");
    let event = CONNECT.replace("0xc000003e", "0xc00000b7").replace(":42", ":203");
    assert_eq!(values(&event, &names), "connection_attempted 192.0.2.7 443 3 aarch64");
    let (_, account) = written(&line(&CONNECT.replace("0xc000003e", "0xc00000b7")));
    assert_eq!(account.passed(Passed::NotNetwork), 1);
}

/// The event with another address.
fn with_address(sockaddr: &str) -> String {
    let start = CONNECT.find(r#"[{"saddr""#).expect("an address");
    let end = start + CONNECT[start..].find(']').expect("its end") + 1;
    format!("{}{sockaddr}{}", &CONNECT[..start], &CONNECT[end..])
}

#[test]
fn an_address_may_be_raw_hex_or_translated() {
    let names = ["destination.ip", "destination.port", "network.type"];
    for sockaddr in [
        r#"[{"saddr":"020001BBC00002070000000000000000"}]"#,
        r#"{"saddr":"020001bbc0000207"}"#,
        r#"[{"SADDR":{"saddr_fam":"inet","addr":"192.0.2.7","port":443}}]"#,
        r#"[{"SADDR":{"saddr_fam":"inet","laddr":"192.0.2.7","lport":"443"}}]"#,
        r#"[{"SADDR":"{ saddr_fam=inet laddr=192.0.2.7 lport=443 }"}]"#,
        r#"[{"saddr":"0A0001BB0000000000000000000000000000FFFFC000020700000000"}]"#,
    ] {
        assert_eq!(values(&with_address(sockaddr), &names), "192.0.2.7 443 ipv4", "{sockaddr}");
    }
    let six = r#"[{"SADDR":{"saddr_fam":"inet6","addr":"fe80::1","port":443,"scope_id":2}}]"#;
    assert_eq!(values(&with_address(six), &names), "fe80::1 443 ipv6");
    for other in [
        r#"[{"saddr":"%01%00/run/nscd/socket%00"}]"#,
        r#"[{"SADDR":{"saddr_fam":"local","path":"/run/nscd/socket"}}]"#,
        r#"[{"SADDR":{"saddr_fam":"netlink","pid":0}}]"#,
        r#"[{"saddr":"%00%00"}]"#,
    ] {
        let (_, account) = written(&line(&with_address(other)));
        assert_eq!(account.passed(Passed::NotIp), 1, "{other}");
    }
}

#[test]
fn data_sent_to_an_address_without_a_family_went_to_ipv4() {
    let names = ["event.action", "destination.ip", "destination.port"];
    let bytes = "%00%00%01%bb%c0%00%02%07%00%00%00%00%00%00%00%00";
    let connect = with_address(&format!(r#"[{{"saddr":"{bytes}"}}]"#));
    let send = connect.replace(":42", ":44");
    assert_eq!(values(&send, &names), "datagram_sent 192.0.2.7 443");
    for other in [&connect, &send.replace("\"exit\":0", "\"exit\":-97")] {
        let (_, account) = written(&line(other));
        assert_eq!(account.passed(Passed::NotIp), 1, "{other}");
    }
}

#[test]
fn a_connect_whose_address_is_missing_is_partial() {
    let names = ["destination.ip", "labels.partial"];
    assert_eq!(values(&with_address("[]"), &names), " true");
    assert_eq!(values(CONNECT, &names), "192.0.2.7 ");
}

#[test]
fn a_connect_to_port_0_is_a_probe_and_a_bind_to_it_is_not() {
    let probe = CONNECT.replace("%01%bb", "%00%00");
    let names = ["destination.port", "source.port", "labels.probe"];
    assert_eq!(values(&probe, &names), "0  true");
    assert_eq!(values(&probe.replace("\"syscall\":42", "\"syscall\":49"), &names), " 0 ");
    let ended = |exit: &str| probe.replace("\"exit\":0", &format!("\"exit\":{exit}"));
    assert_eq!(values(&ended("-111"), &names), "0  ");
    assert_eq!(values(&ended("-101"), &names), "0  true");
}

#[test]
fn a_call_that_only_has_its_name_is_known_by_it() {
    let event = CONNECT.replace(r#""arch":"0xc000003e","#, r#""ARCH":"x86_64","#);
    let event = event.replace("\"syscall\":42", "\"SYSCALL\":\"connect\"");
    assert_eq!(values(&event, &["event.action", "auditd.arch"]), "connection_attempted x86_64");
}

#[test]
fn calls_that_are_not_on_the_network_are_passed_over() {
    for number in ["59", "41", "257"] {
        let event = CONNECT.replace("\"syscall\":42", &format!("\"syscall\":{number}"));
        let (_, account) = written(&line(&event));
        assert_eq!(account.passed(Passed::NotNetwork), 1, "{number}");
    }
    // Data sent without an address; then with one.
    let sent = |event: &str| event.replace("\"syscall\":42", "\"syscall\":44");
    let (_, account) = written(&line(&sent(&with_address("[]"))));
    assert_eq!(account.passed(Passed::NotNetwork), 1);
    let names = ["event.action", "event.type", "destination.ip"];
    assert_eq!(values(&sent(CONNECT), &names), "datagram_sent info 192.0.2.7");
    let (_, account) = written("{\"ID\":\"1772359200.500:8\",\"USER_LOGIN\":[{\"pid\":1}]}\n");
    assert_eq!(account.passed(Passed::NotNetwork), 1);
}

#[test]
fn a_request_to_io_uring_is_the_call_it_stands_for() {
    let event = r#"{"ID":"1772359200.500:9","NODE":"web01","URINGOP":[{"uring_op":16,
        "success":"no","exit":-11,"ppid":6,"pid":7,"uid":0,"key":"net"}],
        "SOCKADDR":[{"saddr":"%02%00%01%bb%c0%00%02%07"}]}"#;
    let names = ["event.action", "event.outcome", "destination.ip", "process.pid", "tags"];
    assert_eq!(values(event, &names), "connection_attempted unknown 192.0.2.7 7 net");
}

#[test]
fn the_parent_is_the_one_that_laurel_names() {
    let names = ["process.parent.name", "process.parent.executable"];
    let in_call =
        |extra: &str| CONNECT.replace("\"ARGV\":[\"0x3\"", &format!("{extra},\"ARGV\":[\"0x3\""));
    let parent = r#"{"EVENT_ID":"1.000:1","comm":"bash","exe":"/bin/bash"}"#;
    assert_eq!(values(&in_call(&format!("\"PPID\":{parent}")), &names), "bash /bin/bash");
    let old = CONNECT.replacen('{', &format!("{{\"PARENT_INFO\":{parent},"), 1);
    assert_eq!(values(&old, &names), "bash /bin/bash");
    let spawned = |pid| format!(r#""SPAWNED_BY":{{"pid":{pid},"comm":"sh","exe":"/bin/sh"}}"#);
    assert_eq!(values(&in_call(&spawned(6)), &names), "sh /bin/sh");
    // The same process before its exec is no parent.
    assert_eq!(values(&in_call(&spawned(7)), &names), " ");
}

#[test]
fn an_event_without_a_readable_id_has_no_time() {
    for id in ["", "x", "1772359200", "1772359200.500:99999999999"] {
        let (_, account) = written(&line(&CONNECT.replace("1772359200.500:7", id)));
        assert_eq!(account.complaints(Complaint::NoTime), 1, "{id}");
    }
    // Shipped on with a time of arrival, an event keeps its own.
    let shipped = CONNECT.replacen('{', r#"{"@timestamp":"2026-03-02T00:00:00Z","#, 1);
    assert_eq!(written(&line(&shipped)).0, written(&line(CONNECT)).0);
    // An "ID" alone makes no event of laurel.
    let other = r#"{"@timestamp":"2026-03-02T00:00:00Z","ID":"1.0:1","event.category":"network"}"#;
    assert_eq!(values(other, &["event.dataset", "event.category"]), " network");
}
