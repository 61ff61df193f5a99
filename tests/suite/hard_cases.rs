//! The small logs that break parsers, against what each must yield.
//!
//! `expected.json` is held against every log; what only the README of the cases says is below, a
//! claim for each. The logs are not part of the project (see [`crate::shared`]).

use std::fs;

use oddsock::audit::complaint::Complaint;
use oddsock::audit::sockaddr::decode;
use oddsock::audit::{Fields, Kind, Line, execve, fields, value};
use serde_json::Value;

use crate::scene::{Read, compare, read_paths, text};
use crate::shared::shared;

/// Where we differ from `expected.json`, and why.
const DIFFERENCES: [(&str, &str, &str); 1] = [(
    "l13_ausearch_interpreted.log",
    "events",
    "the README allows a clear refusal that names the format, and that is what it gets",
)];

/// Reads cases together, if they are there.
fn cases(names: &[&str]) -> Option<Read> {
    let paths: Option<Vec<_>> =
        names.iter().map(|name| shared(&format!("hard_cases/{name}"))).collect();
    Some(read_paths(&paths?))
}

#[track_caller]
fn check(name: &str, expected: &str) {
    if let Some(read) = cases(&[name]) {
        compare(&read, expected, name);
    }
}

#[test]
fn every_case_yields_what_is_expected_of_it() {
    let Some(expected) = shared("hard_cases/expected.json") else { return };
    let expected: Value =
        serde_json::from_slice(&fs::read(expected).expect("a file")).expect("JSON");
    let mut wrong = Vec::new();
    for case in expected.as_array().expect("a list") {
        let name = case["file"].as_str().expect("a name");
        let Some(read) = cases(&[name]) else { continue };
        for (what, expected) in case["expect"].as_object().expect("an object") {
            let seen = match what.as_str() {
                "connects" => peers(&read, " → "),
                "accepts" => peers(&read, " ← "),
                count => Value::from(read.count(count)),
            };
            if seen != *expected && !DIFFERENCES.iter().any(|d| (d.0, d.1) == (name, what)) {
                wrong.push(format!("{name}: {what} {seen}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `[address, port, comm]` of the connections shown with this sign.
fn peers(read: &Read, sign: &str) -> Value {
    let shown = read.lines.iter().zip(&read.details).filter(|(line, _)| line.contains(sign));
    let peers = shown.map(|(_, fields)| {
        let (ip, port) = fields["address"].rsplit_once(':').unwrap_or((&fields["address"], ""));
        let ip = ip.trim_start_matches('[').trim_end_matches(']');
        serde_json::json!([ip, port.parse::<u16>().ok(), fields["name"]])
    });
    Value::Array(peers.collect())
}

/// The fields of each connection, one by one.
#[track_caller]
fn say(name: &str, field: &str, expected: &[&str]) {
    let Some(read) = cases(&[name]) else { return };
    let seen: Vec<_> =
        read.details.iter().map(|d| d.get(field).map_or("-", String::as_str)).collect();
    assert_eq!(seen, expected, "{field} in {name}");
}

/// The bodies of the records of a kind.
fn bodies(name: &str, kind: Kind) -> Option<Vec<(u32, Vec<u8>)>> {
    let log = fs::read(shared(&format!("hard_cases/{name}"))?).expect("a file");
    let lines = log.split(|byte| *byte == b'\n').filter_map(Line::parse);
    let lines = lines.filter(|line| line.kind == kind);
    Some(lines.map(|line| (line.stamp.serial, line.body.to_vec())).collect())
}

/// The arguments of the exec of this event.
fn arguments(name: &str, serial: u32) -> Option<Vec<String>> {
    let bodies = bodies(name, Kind::EXECVE)?;
    let bodies = bodies.iter().filter(|body| body.0 == serial).map(|body| &body.1[..]);
    let arguments = execve::arguments(bodies, false).expect("arguments");
    assert_eq!(arguments.count, arguments.list.len() as u64);
    Some(arguments.list.iter().map(|argument| text(argument)).collect())
}

#[test]
fn r15_an_address_without_a_call_is_no_connect_and_a_call_without_an_address_is() {
    check("r15_orphan_sockaddr.log", "#9301 curl[812] → ? partial\n= events 2, partial 2");
}

#[test]
fn r16_an_event_split_by_rotation_is_whole() {
    let parts = ["r16_rotated_split_1.log", "r16_rotated_split_2.log"];
    let Some(read) = cases(&parts) else { return };
    assert_eq!(read.count("events"), 2);
    assert_eq!(read.count("partial"), 0);
    assert!(read.lines[0].contains("→ 93.184.216.34:443"), "{:?}", read.lines);
}

#[test]
fn l01_no_carriage_return_ends_up_in_a_value() {
    say("l01_crlf.log", "keys", &["network"]);
    say("l01_crlf.log", "title", &["curl"]);
}

#[test]
fn l02_a_cut_last_line_is_counted_as_such() {
    let Some(read) = cases(&["l02_partial_last_line.log"]) else { return };
    assert_eq!(read.report.complaints.count(Complaint::Unfinished), 1);
    assert_eq!(read.count("complaints"), 1);
}

#[test]
fn l03_a_whole_last_line_without_an_end_is_read() {
    say("l03_complete_last_line_no_newline.log", "title", &["curl"]);
}

#[test]
fn l06_garbage_is_counted_and_blank_lines_are_not() {
    let Some(read) = cases(&["l06_blank_and_garbage.log"]) else { return };
    assert!((7..=8).contains(&read.count("complaints")), "{}", read.count("complaints"));
}

#[test]
fn l07_and_l14_the_node_is_the_host() {
    say("l07_node_prefix.log", "host", &["web-01.example.net"]);
    say("l14_journal_json.log", "host", &["web1"]);
    say("l14_journal_json.log", "address", &["127.0.0.1:11211"]);
    say("l14_journal_json.log", "name", &["php"]);
}

#[test]
fn l11_the_raw_address_and_the_key_survive_syslog() {
    let Some(log) = shared("hard_cases/l11_syslog_wrapped.log") else { return };
    let log = fs::read_to_string(log).expect("text");
    let body = &log.as_bytes()[log.find("saddr=").expect("an address")..];
    let raw = Fields::of(body).get(b"saddr").expect("an address");
    let end = raw.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(raw.len());
    let address = decode(&raw[..end], None);
    assert_eq!(address.ip().expect("an address").to_string(), "192.168.4.22");
    assert_eq!(address.port(), Some(9022));
    let keys: Vec<_> = log
        .match_indices(" key=")
        .map(|(at, _)| value::keys(Fields::of(&log.as_bytes()[at..]).get(b"key").expect("a key")))
        .collect();
    assert_eq!(keys, [vec![b"nginx_conf".to_vec()], vec![]]);
}

#[test]
fn l12_the_key_ends_where_the_separator_was() {
    say("l12_separator_variants.log", "keys", &["network", "-", "-", "-", "-", "-"]);
}

#[test]
fn l13_interpreted_text_is_refused_with_the_way_out() {
    let Some(read) = cases(&["l13_ausearch_interpreted.log"]) else { return };
    assert_eq!(read.report.complaints.count(Complaint::Interpreted), read.count("complaints"));
    assert_eq!(read.count("events"), 0);
    let advice = Complaint::Interpreted.advice().expect("a way out");
    assert!(advice.contains("ausearch -i") && advice.contains("--raw"), "{advice}");
}

#[test]
fn f02_the_fields_of_messages_are_found_behind_odd_quotes() {
    let message = |kind: &str, name: &str| {
        let bodies = bodies("f02_nested_quotes.log", Kind::from_text(kind.as_bytes()))?;
        let raw = Fields::of(&bodies[0].1).get(b"msg").expect("a message");
        let inner = fields::inside(raw).get(name.as_bytes());
        Some(inner.map(|raw| String::from_utf8_lossy(raw).into_owned()).unwrap_or_default())
    };
    for (kind, name, expected) in [
        ("USER_AUTH", "res", "failed"),
        ("USER_AVC", "addr", "?"),
        ("USER_CHAUTHTOK", "res", "success"),
        ("USER_MGMT", "res", "failed"),
        ("CRYPTO_SESSION", "rport", "46984"),
        ("CRYPTO_SESSION", "laddr", "10.10.10.10"),
        ("CRYPTO_SESSION", "addr", "10.11.11.11"),
        ("USER_ROLE_CHANGE", "res", "success"),
    ] {
        let Some(seen) = message(kind, name) else { return };
        assert_eq!(seen, expected, "{name} of {kind}");
    }
}

#[test]
fn f05_keys_are_told_apart_and_decoded() {
    say("f05_keys.log", "keys", &["exec|64bit", "key=net", "network connect"]);
}

#[test]
fn f06_what_looks_like_hex_is_hex_only_where_the_kernel_encodes() {
    say("f06_hex_lookalikes.log", "name", &["deadbeef"]);
    say("f06_hex_lookalikes.log", "title", &["ABCD"]);
    let Some(arguments) = arguments("f06_hex_lookalikes.log", 9822) else { return };
    assert_eq!(arguments, ["ABCD", "ABCD", "12"]);
}

#[test]
fn f07_names_and_paths_are_decoded() {
    say("f07_comm_exe_hex.log", "exe", &["/usr/bin/python2.7;58d13cfb (deleted)"]);
}

#[test]
fn f08_the_outer_and_the_inner_of_a_name_are_both_there() {
    let Some(bodies) = bodies("f08_repeated_names.log", Kind::from_text(b"ANOM_LOGIN_FAILURES"))
    else {
        return;
    };
    let fields = Fields::of(&bodies[0].1);
    assert_eq!(fields.get(b"uid"), Some(&b"0"[..]));
    let inner = fields::inside(fields.get(b"msg").expect("a message"));
    assert_eq!(inner.get(b"uid"), Some(&b"1003"[..]));
}

#[test]
fn f10_an_argument_in_chunks_is_one_of_8192_bytes() {
    let Some(arguments) = arguments("f10_execve_chunks.log", 21028) else { return };
    assert_eq!((arguments.len(), arguments[1].len()), (2, 8192));
    let chunks = bodies("f10_execve_chunks.log", Kind::EXECVE).expect("records");
    let digits: Vec<u8> = chunks
        .iter()
        .zip(["a1[0]", "a1[1]", "a1[2]"])
        .flat_map(|((_, body), name)| Fields::of(body).get(name.as_bytes()).expect(name).to_vec())
        .collect();
    assert_eq!(value::hex(&digits).as_deref(), Some(arguments[1].as_bytes()));
}

#[test]
fn f11_arguments_that_were_not_printed_are_empty() {
    let name = "f11_execve_missing_args.log";
    let Some(first) = arguments(name, 77_750_693) else { return };
    assert_eq!((first.len(), &first[3][..]), (4, ""));
    assert_eq!(arguments(name, 1707).expect("arguments"), ["/bin/echo", ""]);
    assert_eq!(arguments(name, 1391).expect("arguments"), ["/bin/ls", "", "/etc"]);
}

#[test]
fn f12_all_of_216_arguments_are_there() {
    let Some(mut bodies) = bodies("f12_execve_216_args.log", Kind::EXECVE) else { return };
    bodies.dedup_by_key(|body| body.0);
    let mut counts: Vec<usize> = bodies
        .iter()
        .map(|body| arguments("f12_execve_216_args.log", body.0).expect("arguments").len())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [48, 216]);
}

#[test]
fn f13_a_title_cut_inside_a_letter_is_kept_as_far_as_it_goes() {
    let Some(read) = cases(&["f13_proctitle_128.log"]) else { return };
    assert!(read.details[0]["title"].starts_with("/usr/bin/программа ффф"), "{:?}", read.details);
    assert_eq!(read.count("complaints"), 0);
}

#[test]
fn s01_short_addresses_give_what_they_hold() {
    let Some(read) = cases(&["s01_saddr_short.log"]) else { return };
    let addresses: Vec<_> = read.details.iter().map(|d| &d["address"][..]).collect();
    assert_eq!(
        addresses,
        [
            "unnamed",
            "?",
            "?",
            "inet?",
            "inet?:443",
            "93.184.216.34:443",
            "inet6?:443",
            "?",
            "?",
            "unspec"
        ]
    );
}

#[test]
fn s03_unix_names_end_where_they_end() {
    let long = format!("/{}", "x".repeat(107));
    let expected = [
        "/tmp/sock",
        "@/tmp/.X11-unix/X0",
        "@tést ab",
        &long,
        "@/containerd-shim/",
        "/var/run/nscd/socket",
    ];
    let Some(read) = cases(&["s03_saddr_unix.log"]) else { return };
    let mut seen: Vec<_> = read.details.iter().map(|d| &d["address"][..]).collect();
    let mut expected = expected.to_vec();
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

#[test]
fn s04_ipv6_in_all_its_lengths() {
    say(
        "s04_saddr_inet6.log",
        "address",
        &[
            "58.108.72.222:56985",
            "[fe80::211:22ff:fe33:4455%2]:443",
            "[2001:db8::1]:443",
            // The README has `::2a02:cf40:0:0`; the last two bytes are there and are 0000.
            "[::2a02:cf40:0]:56985",
            "[::1]:11211",
            "[::1]:11211",
            "[::]:11211",
        ],
    );
}

#[test]
fn s06_the_machines_own_byte_order() {
    check(
        "s06_big_endian.log",
        "#10 nc[2650] bound to 0.0.0.0:55555
         #10140 curl[812] → 93.184.216.34:443
         #10141 curl[812] → [::1]:443",
    );
}

#[test]
fn s07_socketcall_is_what_its_first_argument_says() {
    let Some(read) = cases(&["s07_socketcall_i386.log"]) else { return };
    let shown: Vec<_> =
        read.lines.iter().map(|line| line.split_once(' ').expect("#ID").1).collect();
    assert_eq!(
        shown,
        [
            "node[15334] → 127.0.0.1:3306 in progress",
            "httpd[2757] bound to [::]:10000",
            "test[10428] → 127.0.0.1:53 ECONNREFUSED",
        ]
    );
}

#[test]
fn s09_each_result_has_its_outcome() {
    check(
        "s09_outcomes.log",
        "#10160 curl[812] → 93.184.216.34:443 in progress
         #10161 curl[812] → 93.184.216.34:443 ECONNREFUSED
         #10162 curl[812] → 93.184.216.34:443 EHOSTUNREACH
         #10163 curl[812] → 93.184.216.34:443 ENETUNREACH
         #10164 curl[812] → 93.184.216.34:443 in progress
         #10165 curl[812] → 93.184.216.34:443 in progress
         #10166 curl[812] → 93.184.216.34:443
         #10167 curl[812] → 93.184.216.34:443 in progress
         #10168 curl[812] → 93.184.216.34:443 EACCES
         #10169 curl[812] → 93.184.216.34:443",
    );
}

#[test]
fn s10_calls_without_an_address_and_a_port_from_selinux() {
    // The sendmsg, 10172, is an event but no connection: data sent counts with an address only.
    check(
        "s10_no_sockaddr.log",
        "#10170 curl[812] ← ? EAGAIN
         #10171 curl[812] ← ?
         #10173 curl[812] listening
         #2491 httpd[3427] → ?:3306 EACCES partial
         = events 5",
    );
}

#[test]
fn s11_a_connect_by_io_uring_has_no_executable() {
    check("s11_uringop_connect.log", "#12266328 ?[3178806] → 93.184.216.34:443 in progress");
    say("s11_uringop_connect.log", "exe", &["-"]);
}

#[test]
fn s02_s12_and_s13_hold_no_connection() {
    for name in ["s02_saddr_unspec.log", "s12_aux_records.log", "s13_netfilter_pkt.log"] {
        let Some(read) = cases(&[name]) else { return };
        let with_address = read.details.iter().filter(|d| d["address"].contains(':'));
        assert_eq!(with_address.count(), 0, "{name}: {:?}", read.lines);
        assert_eq!(read.count("complaints"), 0, "{name}");
    }
}
