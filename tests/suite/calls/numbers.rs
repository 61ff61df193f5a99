//! Which call a number is on its architecture or behind a multiplexer, and what it does.

use super::means;
use crate::scene::{check, check_log, log, read};

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

/// An io_uring_enter that hands in these requests, `OP EXIT`, one line for each record.
fn handed_in(requests: &[(u8, i32)]) -> Vec<u8> {
    let request = |(op, exit): &(u8, i32)| {
        let success = if *exit < 0 { "no" } else { "yes" };
        format!("#7 URINGOP uring_op={op} success={success} exit={exit} items=0 ppid=1 pid=812\n")
    };
    log(&format!(
        "{}#7 SYSCALL 426 /usr/bin/x exit=2
         #7 SOCKADDR 192.0.2.7:443",
        requests.iter().map(request).collect::<String>()
    ))
}

#[test]
fn of_several_requests_the_last_has_the_address_and_that_others_are_left_out_is_told() {
    for (requests, expected) in [
        (&[(16, -11), (16, 0)][..], "→ 192.0.2.7:443 partial"),
        (&[(16, 0), (16, -115)], "→ 192.0.2.7:443 in progress partial"),
        (&[(16, -11), (9, 5)], "sent to 192.0.2.7:443 partial"),
        (&[(9, 5), (16, -111), (26, 7)], "→ 192.0.2.7:443 ECONNREFUSED partial"),
        (&[(56, 0), (57, 0)], "bound to 192.0.2.7:443 partial"),
        // What makes no connection of its own leaves none out.
        (&[(45, 3), (16, -115)], "→ 192.0.2.7:443 in progress"),
        (&[(16, 0), (26, 7)], "→ 192.0.2.7:443"),
        (&[(16, -115), (18, 0)], "→ 192.0.2.7:443 in progress"),
        (&[(16, -115)], "→ 192.0.2.7:443 in progress"),
    ] {
        check_log(&handed_in(requests), &format!("#7 x[812] {expected}\n= complaints 0"));
    }
}
