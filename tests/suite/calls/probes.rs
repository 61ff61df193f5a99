//! Which connects only asked the kernel for a route, and which only look like it.

use crate::scene::check;

#[test]
fn a_connect_to_port_0_is_a_probe_and_one_to_port_1_is_none() {
    check(
        "#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0",
        "#7 x[812] → 192.0.2.7:0 probe",
    );
    check("#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.7:1", "#7 x[812] → 192.0.2.7:1");
    check("#7 SYSCALL bind /usr/bin/x\n#7 SOCKADDR 192.0.2.7:0", "#7 x[812] bound to 192.0.2.7:0");
}

/// A connect to port 0 that ends so, and something behind it.
#[track_caller]
fn asks(socket: &str, exit: &str, behind: &str, expected: &str) {
    let socket = match socket {
        "" => String::new(),
        socket => format!("#5 SYSCALL socket /usr/bin/x exit=3 {socket}"),
    };
    let scene = format!(
        "{socket}
         #6 SYSCALL connect /usr/bin/x exit={exit}
         #6 SOCKADDR 192.0.2.7:0
         {behind}"
    );
    check(&scene, expected);
}

#[test]
fn a_connect_to_port_0_over_tcp_or_icmp_is_no_probe() {
    asks(UDP, "0", "", "#6 x[812] → 192.0.2.7:0 udp probe");
    asks("a0=1 a1=1 a2=0", "0", "", "#6 x[812] → 192.0.2.7:0 probe");
    for (socket, carried) in [
        ("a0=2 a1=1 a2=0", " tcp"),
        ("a0=2 a1=1 a2=106", " mptcp"),
        ("a0=2 a1=2 a2=1", " icmp"),
        ("a0=2 a1=3 a2=1", " icmp"),
        ("a0=2 a1=3 a2=ff", ""),
    ] {
        asks(socket, "0", "", &format!("#6 x[812] → 192.0.2.7:0{carried}"));
    }
}

#[test]
fn a_connect_to_port_0_that_ends_as_only_one_of_tcp_does_is_no_probe() {
    for (exit, shown) in [
        ("-111", " ECONNREFUSED"),
        ("-110", " ETIMEDOUT"),
        ("-115", " in progress"),
        ("-101", " ENETUNREACH probe"),
        ("-13", " EACCES probe"),
    ] {
        asks("", exit, "", &format!("#6 x[812] → 192.0.2.7:0{shown}"));
    }
}

#[test]
fn a_connect_to_port_0_whose_socket_is_used_is_no_probe() {
    let sent = |more: &str| format!("09:00:00.050#7 SYSCALL sendto /usr/bin/x exit=40 {more}");
    asks(UDP, "0", &sent(""), "#6 x[812] → 192.0.2.7:0 udp");
    asks("", "0", &sent(""), "#6 x[812] → 192.0.2.7:0");
    asks(UDP, "0", &sent("a0=4"), "#6 x[812] → 192.0.2.7:0 udp probe");
    asks(UDP, "0", &sent("pid=813"), "#6 x[812] → 192.0.2.7:0 udp probe");
    asks(UDP, "0", &sent("").replace(".050", ".051"), "#6 x[812] → 192.0.2.7:0 udp probe");
    asks(
        UDP,
        "0",
        &format!("{}\n#7 SOCKADDR 192.0.2.8:53", sent("")),
        "#6 x[812] → 192.0.2.7:0 udp
         #7 x[812] sent to 192.0.2.8:53 udp",
    );
    asks(
        UDP,
        "0",
        "#7 SYSCALL connect /usr/bin/x\n#7 SOCKADDR 192.0.2.8:0",
        "#6 x[812] → 192.0.2.7:0 udp probe
         #7 x[812] → 192.0.2.8:0 udp probe",
    );
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
    for (socket, carried) in
        [("a0=2 a1=1 a2=0", "tcp"), ("a0=2 a1=5 a2=84", "sctp"), ("a0=2 a1=3 a2=1", "icmp")]
    {
        dissolves(socket, "", &format!("#6 x[812] → 192.0.2.7:53 {carried}\n#9 x[812] → unspec"));
    }
}

#[test]
fn what_ends_as_only_tcp_does_was_an_attempt_all_the_same() {
    let dissolves = |exit: &str, expected: &str| {
        check(
            &format!(
                "#6 SYSCALL connect /usr/bin/x exit={exit}
                 #6 SOCKADDR 192.0.2.7:53
                 #9 SYSCALL connect /usr/bin/x
                 #9 SOCKADDR 00000000000000000000000000000000"
            ),
            &format!("#6 x[812] → 192.0.2.7:53{expected}\n#9 x[812] → unspec"),
        );
    };
    dissolves("0", " probe");
    dissolves("-101", " ENETUNREACH probe");
    dissolves("-115", " in progress");
    dissolves("-111", " ECONNREFUSED");
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
