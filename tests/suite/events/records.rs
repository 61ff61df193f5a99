//! Which records are one event, in what order events come out, and when one is whole.

use crate::scene::{check, check_log};

#[test]
fn a_call_and_its_address_are_a_connection() {
    check(
        "#7 SYSCALL connect /usr/bin/curl exit=-115
         #7 SOCKADDR 192.0.2.7:443
         #7 PROCTITLE curl",
        "#7 curl[812] → 192.0.2.7:443 in progress
         = events 1, records 3, partial 0",
    );
}

#[test]
fn a_call_that_is_not_on_the_network_is_an_event_and_no_connection() {
    check(
        "#7 SYSCALL read /usr/bin/curl
         #7 PROCTITLE curl",
        "= events 1, records 2, partial 0",
    );
}

#[test]
fn interleaved_records_find_their_own_event() {
    check(
        "09:00:00.100#7 SYSCALL connect /usr/bin/curl
         09:00:00.101#8 SYSCALL connect /usr/bin/wget pid=900
         #7 SOCKADDR 192.0.2.7:443
         #8 SOCKADDR 192.0.2.8:80",
        "#7 curl[812] → 192.0.2.7:443
         #8 wget[900] → 192.0.2.8:80",
    );
}

#[test]
fn events_of_the_same_millisecond_are_told_apart_by_their_serials() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #8 SYSCALL connect /usr/bin/wget pid=900
         #8 SOCKADDR 192.0.2.8:80
         #7 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443
         #8 wget[900] → 192.0.2.8:80",
    );
}

#[test]
fn the_records_of_an_event_may_come_in_any_order() {
    let expected = "#7 curl[812] → 192.0.2.7:443
                    = events 1, records 4, partial 0, duplicates 0";
    check(
        "#7 EOE
         #7 PROCTITLE curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SYSCALL connect /usr/bin/curl",
        expected,
    );
    check(
        "#7 PROCTITLE curl
         #7 SYSCALL connect /usr/bin/curl
         #7 EOE
         #7 SOCKADDR 192.0.2.7:443",
        expected,
    );
}

#[test]
fn an_end_marker_ends_nothing() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 EOE
         #8 SYSCALL read /usr/bin/cat
         #8 EOE
         #7 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443
         = events 2, partial 0",
    );
}

#[test]
fn connections_come_out_in_the_order_of_their_serials() {
    check(
        "09:00:00.102#9 SYSCALL connect /usr/bin/c
         #9 SOCKADDR 192.0.2.9:1
         09:00:00.100#7 SYSCALL connect /usr/bin/a
         #7 SOCKADDR 192.0.2.7:1
         09:00:00.101#8 SYSCALL connect /usr/bin/b
         #8 SOCKADDR 192.0.2.8:1",
        "#7 a[812] → 192.0.2.7:1
         #8 b[812] → 192.0.2.8:1
         #9 c[812] → 192.0.2.9:1
         = gaps 0, lost 0",
    );
}

#[test]
fn a_long_call_has_an_old_time_and_stays_whole() {
    check(
        "09:05:00.000#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         09:00:00.000#8 SYSCALL accept4 /usr/sbin/sshd pid=700 exit=5
         09:05:30.000#9 SYSCALL connect /usr/bin/wget
         #9 SOCKADDR 192.0.2.9:80
         #8 SOCKADDR 192.0.2.50:54321",
        "#7 curl[812] → 192.0.2.7:443
         #8 sshd[700] ← 192.0.2.50:54321
         #9 wget[812] → 192.0.2.9:80
         = events 3, gaps 0, partial 0",
    );
}

#[test]
fn the_same_serial_at_another_time_is_another_event() {
    let scene = "09:00:00.100#7 SYSCALL connect /usr/bin/curl
                 09:00:00.200#7 SOCKADDR 192.0.2.7:443";
    check(
        scene,
        "#7 curl[812] → ? partial
         = events 2, partial 2",
    );
}

#[test]
fn a_login_and_the_call_that_set_it_are_one_event() {
    check(
        "#7 LOGIN pid=900 uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=1 ses=2 res=1
         #7 SYSCALL 1 /usr/sbin/sshd
         #7 PROCTITLE sshd",
        "= events 1, records 3, partial 0, duplicates 0",
    );
}

#[test]
fn a_message_of_a_program_joins_the_call_that_sent_it() {
    check(
        "#7 SERVICE_START pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=cron res=success'
         #7 SYSCALL sendto /usr/lib/systemd/systemd pid=1 ppid=0
         #7 SOCKADDR 100000000000000000000000
         #7 PROCTITLE /sbin/init",
        "#7 systemd[1] sent to netlink
         = events 1, records 4, duplicates 0",
    );
}

#[test]
fn two_nodes_with_the_same_id_are_two_events() {
    check(
        "@web1 #7 SYSCALL connect /usr/bin/curl
         @web2 #7 SYSCALL connect /usr/bin/wget
         @web1 #7 SOCKADDR 192.0.2.1:443
         @web2 #7 SOCKADDR 192.0.2.2:80
         #7 SYSCALL connect /usr/bin/nc
         #7 SOCKADDR 192.0.2.3:25",
        "web1 #7 curl[812] → 192.0.2.1:443
         web2 #7 wget[812] → 192.0.2.2:80
         #7 nc[812] → 192.0.2.3:25
         = events 3, duplicates 0, gaps 0",
    );
}

#[test]
fn half_an_event_says_that_it_is_half() {
    check("#7 SYSCALL connect /usr/bin/curl", "#7 curl[812] → ? partial\n= events 1, partial 1");
    check("#7 SOCKADDR 192.0.2.7:443", "= events 1, partial 1");
}

#[test]
fn a_call_whose_address_was_never_read_is_not_partial() {
    check(
        "#7 SYSCALL connect /usr/bin/curl exit=-9
         #8 SYSCALL accept /usr/sbin/sshd a1=0 exit=5
         #9 SYSCALL accept /usr/sbin/sshd exit=-11",
        "#7 curl[812] → ? EBADF
         #8 sshd[812] ← ?
         #9 sshd[812] ← ? EAGAIN
         = partial 0",
    );
}

#[test]
fn records_without_a_call_that_need_none_are_whole() {
    check(
        "#7 USER_LOGIN pid=900 uid=0 auid=1000 ses=2 msg='op=login acct=\"x\" res=success'
         #8 SYSCALL read /usr/bin/cat",
        "= events 2, partial 0, gaps 0",
    );
}

#[test]
fn an_empty_log_holds_nothing() {
    check_log(b"", "= events 0, records 0, lines 0, complaints 0");
}
