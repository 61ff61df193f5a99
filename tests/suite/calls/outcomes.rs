//! What became of a call: how it ended, whether its address is whole, and whether it was a probe.

use super::means;
use crate::scene::{check, check_log, log};

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
    check_log(log.as_bytes(), "#7 x[812] → 192.0.2.7:443 unknown");
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
fn a_connect_to_port_0_is_a_probe_and_one_to_port_1_is_none() {
    check(
        "#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0",
        "#7 x[812] → 192.0.2.7:0 probe",
    );
    check("#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:1", "#7 x[812] → 192.0.2.7:1");
    check("#7 SYSCALL bind /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0", "#7 x[812] bound to 192.0.2.7:0");
}

const UDP: &str = "a0=2 a1=2 a2=0";

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
