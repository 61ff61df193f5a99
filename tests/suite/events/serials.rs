//! What comes twice, what comes late and what never came, by the serials of events.

use crate::scene::check;

#[test]
fn an_event_that_comes_twice_counts_once() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443",
        "#7 curl[812] → 192.0.2.7:443
         = events 1, records 4, duplicates 2, partial 0",
    );
}

#[test]
fn a_second_address_does_not_replace_the_first() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SOCKADDR 192.0.2.8:80",
        "#7 curl[812] → 192.0.2.7:443 partial
         = events 1, duplicates 0, conflicting 1, partial 1",
    );
}

/// Calls that are not on the network, one after the other from a serial.
fn others(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|serial| format!("09:30:00.000#{serial} SYSCALL read /usr/bin/cat\n"))
        .collect()
}

#[test]
fn a_log_appended_to_itself_yields_each_event_once_however_long_it_is() {
    let scene = format!(
        "09:30:00.000#10 SYSCALL connect /usr/bin/curl
         #10 SOCKADDR 192.0.2.7:443
         {}",
        others(11, 9000)
    );
    check(
        &format!("{scene}{scene}"),
        "#10 curl[812] → 192.0.2.7:443
         = events 9001, duplicates 9002, gaps 0, late 0",
    );
}

#[test]
fn a_record_within_the_grace_joins_its_event() {
    check(
        &format!(
            "09:30:00.000#10 SYSCALL connect /usr/bin/curl
             {}
             09:30:00.000#10 SOCKADDR 192.0.2.7:443",
            others(11, 4000)
        ),
        "#10 curl[812] → 192.0.2.7:443
         = partial 0, late 0",
    );
}

#[test]
fn a_record_beyond_the_grace_is_counted_as_late_and_joins_nothing() {
    check(
        &format!(
            "09:30:00.000#10 SYSCALL connect /usr/bin/curl
             {}
             09:30:00.000#10 SOCKADDR 192.0.2.7:443",
            others(11, 5000)
        ),
        "#10 curl[812] → ? partial
         = events 5001, partial 1, late 1, duplicates 0",
    );
}

#[test]
fn a_lost_event_is_a_gap_and_counts_once() {
    check(
        "#7 SYSCALL read /usr/bin/cat
         #10 SYSCALL read /usr/bin/cat
         #10 PROCTITLE cat
         #11 SYSCALL read /usr/bin/cat",
        "= gaps 1, lost 2",
    );
}

#[test]
fn a_serial_that_comes_late_is_no_gap() {
    check(
        "#7 SYSCALL read /usr/bin/cat
         #10 SYSCALL read /usr/bin/cat
         #8 SYSCALL read /usr/bin/cat
         #9 SYSCALL read /usr/bin/cat",
        "= gaps 0, lost 0, events 4",
    );
}

#[test]
fn a_gap_is_counted_on_its_own_host() {
    check(
        "@web1 #7 SYSCALL read /usr/bin/cat
         @web2 #900 SYSCALL read /usr/bin/cat
         @web1 #8 SYSCALL read /usr/bin/cat
         @web2 #902 SYSCALL read /usr/bin/cat",
        "= gaps 1, lost 1",
    );
}

#[test]
fn a_boot_begins_serials_anew_without_a_gap() {
    check(
        "09:00:00.000#5 SYSCALL connect /usr/bin/curl
         #5 SOCKADDR 192.0.2.7:443
         09:00:00.100#6 SYSTEM_SHUTDOWN pid=9 uid=0 auid=4294967295 ses=1 msg='res=success'
         09:02:00.000#5 SYSCALL connect /usr/bin/ntpd pid=400
         #5 SOCKADDR 192.0.2.8:123",
        "#5 curl[812] → 192.0.2.7:443
         #5 ntpd[400] → 192.0.2.8:123
         = events 3, gaps 0, lost 0, duplicates 0",
    );
}

#[test]
fn the_serials_of_auditd_itself_leave_no_gaps() {
    check(
        "#7 SYSCALL read /usr/bin/cat
         09:00:01.000#5469 DAEMON_START op=start ver=3.0.9 res=success
         #8 SYSCALL read /usr/bin/cat",
        "= events 3, gaps 0, lost 0",
    );
}

#[test]
fn serials_roll_over_without_a_gap() {
    check(
        "#4294967295 SYSCALL connect /usr/bin/curl
         #4294967295 SOCKADDR 192.0.2.7:443
         #0 SYSCALL connect /usr/bin/wget
         #0 SOCKADDR 192.0.2.8:80
         #1 SYSCALL read /usr/bin/cat",
        "#4294967295 curl[812] → 192.0.2.7:443
         #0 wget[812] → 192.0.2.8:80
         = events 3, gaps 0, lost 0",
    );
}
