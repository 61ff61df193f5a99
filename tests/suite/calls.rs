//! What calls mean: by architecture, through multiplexers, with outcomes, sockets and processes.

use crate::scene::{check, log, read};

#[track_caller]
fn means(call: &str, shown: &str) {
    check(&format!("#7 SYSCALL {call}\n#7 SOCKADDR 192.0.2.7:443"), &format!("#7 {shown}"));
}

#[test]
fn each_call_has_its_action() {
    means("connect /usr/bin/x", "x[812] → 192.0.2.7:443");
    means("accept /usr/bin/x exit=4", "x[812] ← 192.0.2.7:443");
    means("accept4 /usr/bin/x exit=4", "x[812] ← 192.0.2.7:443");
    means("sendto /usr/bin/x exit=10", "x[812] sent to 192.0.2.7:443");
    means("sendmsg /usr/bin/x exit=10", "x[812] sent to 192.0.2.7:443");
    means("307 /usr/bin/x exit=1", "x[812] sent to 192.0.2.7:443");
    means("recvfrom /usr/bin/x exit=10", "x[812] received from 192.0.2.7:443");
    means("47 /usr/bin/x exit=10", "x[812] received from 192.0.2.7:443");
    means("299 /usr/bin/x exit=1", "x[812] received from 192.0.2.7:443");
    means("bind /usr/bin/x", "x[812] bound to 192.0.2.7:443");
}

#[test]
fn asking_for_a_name_is_no_connection() {
    for call in ["51", "52", "53", "48", "54"] {
        check(
            &format!("#7 SYSCALL {call} /usr/bin/x\n#7 SOCKADDR 192.0.2.7:443"),
            "= events 1, partial 0",
        );
    }
}

#[test]
fn a_number_means_what_it_means_on_its_architecture() {
    for (arch, connect) in [
        ("c000003e", "42"),
        ("c000003e", "1073741866"),
        ("40000003", "362"),
        ("c00000b7", "203"),
        ("40000028", "283"),
        ("c0000015", "328"),
        ("c00000f3", "203"),
        ("c0000102", "203"),
    ] {
        let call = format!("{connect} /usr/bin/x arch={arch}");
        means(&call, "x[812] → 192.0.2.7:443");
    }
    // 42 is another call on a 32-bit machine, and so is 203 on a 64-bit one.
    check("#7 SYSCALL 42 /usr/bin/x arch=40000003\n#7 SOCKADDR 192.0.2.7:443", "= events 1");
    check("#7 SYSCALL 203 /usr/bin/x\n#7 SOCKADDR 192.0.2.7:443", "= events 1");
}

#[test]
fn machines_of_the_other_byte_order_have_calls_of_their_own_numbers() {
    for (arch, connect) in [("80000016", "362"), ("80000015", "328")] {
        check(
            &format!(
                "#7 SYSCALL {connect} /usr/bin/x arch={arch}
                 #7 SOCKADDR 000201BBC00002070000000000000000"
            ),
            "#7 x[812] → 192.0.2.7:443",
        );
    }
}

#[test]
fn socketcall_is_the_call_that_its_first_argument_names() {
    let socketcall = |number: &str| {
        format!(
            "#7 SYSCALL 102 /usr/bin/x arch=40000003 a0={number} exit=-115
             #7 SOCKETCALL nargs=3 a0=5 a1=bf8 a2=10
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    check(&socketcall("3"), "#7 x[812] → 192.0.2.7:443 in progress");
    check(&socketcall("2"), "#7 x[812] bound to 192.0.2.7:443 in progress");
    check(&socketcall("1"), "= events 1");
    check(&socketcall("7"), "= events 1");
}

#[test]
fn the_descriptor_of_a_socketcall_is_among_its_arguments() {
    let log = log("#7 SYSCALL 102 /usr/bin/x arch=40000003 a0=3 a1=ff
         #7 SOCKETCALL nargs=3 a0=5 a1=bf8 a2=10
         #7 SOCKADDR 192.0.2.7:443");
    assert_eq!(read(&log).details[0]["fd"], "5");
}

#[test]
fn a_request_to_io_uring_is_the_call_it_stands_for() {
    let uring = |op: &str| {
        format!(
            "#7 URINGOP uring_op={op} success=no exit=-115 items=0 ppid=1 pid=812 uid=0
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    check(&uring("16"), "#7 ?[812] → 192.0.2.7:443 in progress");
    check(&uring("13"), "#7 ?[812] ← 192.0.2.7:443 in progress");
    check(&uring("18"), "= events 1");
}

#[test]
fn a_request_handed_on_says_nothing_of_its_outcome() {
    check(
        "#7 URINGOP uring_op=16 success=no exit=-11 items=0 ppid=1 pid=812 uid=0
         #7 SYSCALL 426 /usr/bin/x exit=1
         #7 SOCKADDR 192.0.2.7:443
         #8 URINGOP uring_op=16 success=yes exit=0 items=0 ppid=1 pid=812 uid=0",
        "#7 x[812] → 192.0.2.7:443 in progress
         #8 x[812] → ? unknown partial
         = events 2",
    );
}

#[test]
fn outcomes_are_success_failure_or_in_progress() {
    for (exit, shown) in [
        ("0", ""),
        ("-106", ""),
        ("-111", " ECONNREFUSED"),
        ("-113", " EHOSTUNREACH"),
        ("-101", " ENETUNREACH"),
        ("-13", " EACCES"),
        ("-110", " ETIMEDOUT"),
        ("-115", " in progress"),
        ("-114", " in progress"),
        ("-4", " in progress"),
        ("-512", " in progress"),
        ("-516", " in progress"),
        ("-4000", " failed"),
    ] {
        means(
            &format!("connect /usr/bin/x exit={exit}"),
            &format!("x[812] → 192.0.2.7:443{shown}"),
        );
    }
}

#[test]
fn a_call_without_a_result_has_an_unknown_outcome() {
    let log = String::from_utf8(log("#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:443"));
    let log = log.unwrap().replace(" success=yes exit=0", "");
    crate::scene::check_log(log.as_bytes(), "#7 x[812] → 192.0.2.7:443 unknown");
}

/// A socket call with these arguments, and a connect on descriptor 3 by pid 812.
#[track_caller]
fn carries(before: &str, transport: &str) {
    check(
        &format!(
            "#5 SYSCALL socket /usr/bin/x exit=3 {before}
             #7 SYSCALL connect /usr/bin/x
             #7 SOCKADDR 192.0.2.7:443"
        ),
        &format!("#7 x[812] → 192.0.2.7:443{transport}"),
    );
}

#[test]
fn the_socket_call_shows_the_transport() {
    carries("a0=2 a1=1 a2=0", " tcp");
    carries("a0=2 a1=1 a2=6", " tcp");
    carries("a0=2 a1=80801 a2=0", " tcp");
    carries("a0=2 a1=2 a2=11", " udp");
    carries("a0=2 a1=2 a2=1", " icmp");
    carries("a0=2 a1=1 a2=84", " sctp");
    carries("a0=2 a1=3 a2=ff", "");
}

#[test]
fn a_socket_of_another_process_or_descriptor_or_host_shows_nothing() {
    carries("a0=2 a1=1 a2=0 pid=813", "");
    carries("a0=2 a1=1 a2=0 exit=4", "");
    check(
        "@web1 #5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         @web2 #7 SYSCALL connect /usr/bin/x
         @web2 #7 SOCKADDR 192.0.2.7:443",
        "web2 #7 x[812] → 192.0.2.7:443",
    );
}

#[test]
fn a_socket_that_could_not_be_made_shows_nothing() {
    carries("a0=2 a1=1 a2=0 exit=-97", "");
}

#[test]
fn a_socket_of_another_family_than_the_address_shows_nothing() {
    carries("a0=1 a1=1 a2=0", "");
}

#[test]
fn a_descriptor_made_anew_is_what_it_was_last_made() {
    check(
        "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         #6 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=2 a2=0
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:53",
        "#7 x[812] → 192.0.2.7:53 udp",
    );
    check(
        "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=1 a2=0
         #6 SYSCALL socket /usr/bin/x exit=3 a0=1 a1=1 a2=0
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:53",
        "#7 x[812] → 192.0.2.7:53",
    );
}

#[test]
fn a_descriptor_made_anew_in_a_way_that_is_not_shown_is_not_what_it_was() {
    for (anew, transport) in [
        ("URINGOP uring_op=45 success=yes exit=3 items=0 ppid=1 pid=812 uid=0", ""),
        ("URINGOP uring_op=45 success=yes exit=4 items=0 ppid=1 pid=812 uid=0", " udp"),
        ("SYSCALL 102 /usr/bin/x arch=40000003 a0=1 a1=ff exit=3", ""),
        ("SYSCALL 102 /usr/bin/x arch=40000003 a0=1 a1=ff exit=-1", " udp"),
    ] {
        check(
            &format!(
                "#5 SYSCALL socket /usr/bin/x exit=3 a0=2 a1=2 a2=0
                 #6 {anew}
                 #7 SYSCALL connect /usr/bin/x
                 #7 SOCKADDR 192.0.2.7:53"
            ),
            &format!("#7 x[812] → 192.0.2.7:53{transport}"),
        );
    }
}

#[test]
fn an_address_that_the_kernel_took_was_whole_once() {
    let connect = |exit: &str, saddr: &str| {
        format!(
            "#7 SYSCALL connect /usr/bin/x exit={exit}
             #7 SOCKADDR {saddr}"
        )
    };
    check(&connect("0", "020001BB0A0000"), "#7 x[812] → inet?:443 partial");
    check(&connect("-115", "020001BB0A0000"), "#7 x[812] → inet?:443 in progress partial");
    check(&connect("-22", "020001BB0A0000"), "#7 x[812] → inet?:443 EINVAL");
    check(&connect("0", "020001BB0A000001"), "#7 x[812] → 10.0.0.1:443");
}

#[test]
fn an_error_without_a_name_is_one_all_the_same() {
    let ended = |exit: &str| {
        format!(
            "#7 SYSCALL connect /usr/bin/x exit={exit} success=
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    check(&ended("-150"), "#7 x[812] → 192.0.2.7:443 failed");
    check(&ended("0"), "#7 x[812] → 192.0.2.7:443");
}

#[test]
fn a_connection_accepted_on_a_socket_is_carried_as_the_socket_is() {
    check(
        "#5 SYSCALL socket /usr/sbin/d exit=3 a0=a a1=1 a2=0
         #6 SYSCALL listen /usr/sbin/d
         #7 SYSCALL accept /usr/sbin/d exit=4
         #7 SOCKADDR [2001:db8::7]:5000",
        "#6 d[812] listening tcp
         #7 d[812] ← [2001:db8::7]:5000 tcp",
    );
}

#[test]
fn a_connect_to_port_0_is_a_probe_and_one_to_port_1_is_none() {
    check(
        "#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0",
        "#7 x[812] → 192.0.2.7:0 probe",
    );
    check("#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:1", "#7 x[812] → 192.0.2.7:1");
    check("#7 SYSCALL bind /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0", "#7 x[812] bound to 192.0.2.7:0");
}

/// A connect, something, and the connect to no address that ends it.
#[track_caller]
fn dissolves(socket: &str, between: &str, expected: &str) {
    check(
        &format!(
            "#5 SYSCALL socket /usr/bin/x exit=3 {socket}
             #6 SYSCALL connect /usr/bin/x
             #6 SOCKADDR 192.0.2.7:53
             {between}
             #9 SYSCALL connect /usr/bin/x
             #9 SOCKADDR 00000000000000000000000000000000"
        ),
        expected,
    );
}

const UDP: &str = "a0=2 a1=2 a2=0";

#[test]
fn a_connect_dissolved_without_use_was_a_probe() {
    dissolves(
        UDP,
        "",
        "#6 x[812] → 192.0.2.7:53 udp probe
         #9 x[812] → unspec",
    );
}

#[test]
fn on_tcp_it_was_an_attempt_all_the_same() {
    dissolves(
        "a0=2 a1=1 a2=0",
        "",
        "#6 x[812] → 192.0.2.7:53 tcp
         #9 x[812] → unspec",
    );
}

#[test]
fn data_sent_in_between_makes_it_a_connection() {
    dissolves(
        UDP,
        "#7 SYSCALL sendmsg /usr/bin/x exit=40",
        "#6 x[812] → 192.0.2.7:53 udp
         #9 x[812] → unspec",
    );
    dissolves(
        UDP,
        "#7 SYSCALL sendto /usr/bin/x exit=40 a4=0",
        "#6 x[812] → 192.0.2.7:53 udp
         #9 x[812] → unspec",
    );
}

#[test]
fn data_sent_on_another_descriptor_changes_nothing() {
    dissolves(
        UDP,
        "#7 SYSCALL sendmsg /usr/bin/x exit=40 a0=4",
        "#6 x[812] → 192.0.2.7:53 udp probe
         #9 x[812] → unspec",
    );
}

#[test]
fn only_the_last_connect_of_that_socket_is_dissolved() {
    dissolves(
        UDP,
        "#7 SYSCALL connect /usr/bin/x pid=813
         #7 SOCKADDR 192.0.2.8:53
         #8 SYSCALL connect /usr/bin/x
         #8 SOCKADDR 192.0.2.9:53",
        "#6 x[812] → 192.0.2.7:53 udp
         #7 x[813] → 192.0.2.8:53
         #8 x[812] → 192.0.2.9:53 udp probe
         #9 x[812] → unspec",
    );
}

#[test]
fn what_a_process_executed_is_told_with_its_connections() {
    check(
        "#5 SYSCALL execve /usr/bin/curl
         #5 EXECVE curl -s example.net
         #5 CWD /srv
         #7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443 as \"curl -s example.net\"",
    );
}

#[test]
fn another_executable_with_the_same_pid_is_another_process() {
    check(
        "#5 SYSCALL execve /usr/bin/curl
         #5 EXECVE curl -s example.net
         #7 SYSCALL connect /usr/bin/wget
         #7 SOCKADDR 192.0.2.7:443",
        "#7 wget[812] → 192.0.2.7:443",
    );
}

#[test]
fn another_pid_or_host_or_an_exec_that_failed_or_came_later_tells_nothing() {
    for (host, exec) in [
        ("", "execve /usr/bin/curl pid=813"),
        ("", "execve /usr/bin/curl exit=-2"),
        ("@web2 ", "execve /usr/bin/curl"),
    ] {
        check(
            &format!(
                "{host}#5 SYSCALL {exec}
                 {host}#5 EXECVE curl
                 #7 SYSCALL connect /usr/bin/curl
                 #7 SOCKADDR 192.0.2.7:443"
            ),
            "#7 curl[812] → 192.0.2.7:443",
        );
    }
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #8 SYSCALL execve /usr/bin/curl
         #8 EXECVE curl",
        "#7 curl[812] → 192.0.2.7:443",
    );
}

#[test]
fn the_last_exec_of_a_process_counts() {
    check(
        "#5 SYSCALL execve /usr/bin/curl
         #5 EXECVE curl one
         #6 SYSCALL execve /usr/bin/curl
         #6 EXECVE curl two
         #7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443 as \"curl two\"",
    );
}

#[test]
fn the_parent_is_what_it_was_last_seen_running() {
    check(
        "#5 SYSCALL execve /bin/bash pid=700
         #5 EXECVE bash
         #7 SYSCALL connect /usr/bin/curl ppid=700
         #7 SOCKADDR 192.0.2.7:443
         #8 SYSCALL connect /usr/bin/curl ppid=701 pid=813
         #8 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443 under bash
         #8 curl[813] → 192.0.2.7:443",
    );
}

#[test]
fn arguments_in_chunks_over_several_records_are_one() {
    let log = log("#5 SYSCALL execve /usr/bin/x
         > type=EXECVE msg=audit(1723798800.000:5): argc=4 a0=\"x\" a1_len=8 a1[0]=41424344
         > type=EXECVE msg=audit(1723798800.000:5): a1[1]=45464748 a2=612062
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:443");
    assert_eq!(read(&log).details[0]["arguments"], "x|ABCDEFGH|a b|");
}

#[test]
fn a_connection_of_a_process_whose_arguments_were_lost_is_partial() {
    let scene = |first: &str, second: &str| {
        format!(
            "#5 SYSCALL execve /usr/bin/x
             > type=EXECVE msg=audit(1723798800.000:5): {first}
             > type=EXECVE msg=audit(1723798800.000:5): {second}
             #7 SYSCALL connect /usr/bin/x
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    let whole = scene("argc=4 a0=\"x\"", " a1=\"a\" a2=\"b\"");
    check(&whole, "#7 x[812] → 192.0.2.7:443 as \"x a b \"");
    let lost = scene("argc=4 a0=\"x\"", " a2=\"b\" a3=\"c\"");
    check(&lost, "#7 x[812] → 192.0.2.7:443 as \"x b c\" partial");
    let many = scene("argc=900 a0=\"x\"", " a1=\"a\"");
    check(&many, "#7 x[812] → 192.0.2.7:443 as \"x a\" partial");
}

#[test]
fn arguments_beyond_what_is_kept_of_one_event_are_told_to_be_missing() {
    let word = "y".repeat(7_000);
    let records: String = (0..200)
        .map(|n| format!("> type=EXECVE msg=audit(1723798800.000:5): a{n}=\"{word}\"\n"))
        .collect();
    let log = log(&format!(
        "#5 SYSCALL execve /usr/bin/x
         > type=EXECVE msg=audit(1723798800.000:5): argc=200
         {records}
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:443"
    ));
    let read = read(&log);
    assert!(read.lines[0].ends_with(" partial"), "{}", &read.lines[0][..100]);
    let kept = read.details[0]["arguments"].split('|').count();
    assert_eq!(read.details[0]["missing"], (200 - kept).to_string());
    assert!((140..160).contains(&kept), "{kept}");
}

#[test]
fn thousands_of_arguments_are_all_there() {
    let words: Vec<String> = (0..5000).map(|n| format!("word{n}")).collect();
    let log = log(&format!(
        "#5 SYSCALL execve /usr/bin/x
         #5 EXECVE {}
         #7 SYSCALL connect /usr/bin/x
         #7 SOCKADDR 192.0.2.7:443",
        words.join(" ")
    ));
    assert_eq!(read(&log).details[0]["arguments"], words.join("|"));
}

#[test]
fn a_socket_that_listens_has_the_family_it_was_made_with() {
    let family = |made: &str| {
        let log = log(&format!(
            "{made}
             #7 SYSCALL listen /usr/sbin/d
             #8 SYSCALL connect /usr/sbin/d a0=9
             #8 SOCKADDR 192.0.2.7:443"
        ));
        let details = read(&log).details;
        assert_eq!(details[1]["family"], "inet");
        details[0].get("family").cloned()
    };
    let made = |family: &str| format!("#5 SYSCALL socket /usr/sbin/d exit=3 a0={family} a1=1 a2=0");
    assert_eq!(family(&made("2")).as_deref(), Some("inet"));
    assert_eq!(family(&made("a")).as_deref(), Some("inet6"));
    assert_eq!(family(&made("1")).as_deref(), Some("unix"));
    // Of another process, or of nobody, it is not known.
    assert_eq!(family(&made("2 pid=9")), None);
    assert_eq!(family(""), None);
}
