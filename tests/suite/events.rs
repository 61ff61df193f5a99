//! How records become events, in whatever order and with whatever missing.

use crate::scene::{check, check_log, compare, log, read, read_files};

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

#[test]
fn a_log_that_is_there_twice_is_read_once() {
    let scene = log("#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #8 SYSCALL read /usr/bin/cat");
    let read =
        read_files(&[("audit.log", &scene), ("copy.log", &scene)], &["audit.log", "copy.log"]);
    compare(&read, "#7 curl[812] → 192.0.2.7:443\n= events 2, gaps 0", "two files");
    let again = read_files(&[("audit.log", &scene)], &["audit.log", "audit.log"]);
    compare(&again, "#7 curl[812] → 192.0.2.7:443\n= events 2, lines 3", "one file, named twice");
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

#[test]
fn rotated_files_are_one_log_in_whatever_order_they_are_named() {
    let older = log("09:00:00.000#6 SYSCALL read /usr/bin/cat
         09:00:00.100#7 SYSCALL connect /usr/bin/curl");
    let newer = log("09:00:00.100#7 SOCKADDR 192.0.2.7:443
         09:00:00.200#8 SYSCALL read /usr/bin/cat");
    let files: [(&str, &[u8]); 2] = [("audit.log.1", &older), ("audit.log", &newer)];
    for given in [["audit.log.1", "audit.log"], ["audit.log", "audit.log.1"]] {
        compare(
            &read_files(&files, &given),
            "#7 curl[812] → 192.0.2.7:443\n= events 3, partial 0, gaps 0",
            &format!("{given:?}"),
        );
    }
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

/// Scenes in which one record decides what becomes of another.
const DECISIONS: [&str; 9] = [
    // The arguments of the socket are in a record of their own.
    "#5 SYSCALL 102 /usr/bin/x arch=40000003 a0=1 exit=3
     #5 SOCKETCALL nargs=3 a0=2 a1=1 a2=0
     #6 SYSCALL 362 /usr/bin/x arch=40000003
     #6 SOCKADDR 192.0.2.7:443",
    // The call behind a request to io_uring names the process.
    "#5 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #5 SYSCALL 426 /usr/bin/x exit=1
     #5 SOCKADDR 192.0.2.7:443",
    "#5 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #5 SYSCALL read /usr/bin/x
     #5 SOCKADDR 192.0.2.7:443",
    "#5 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #5 SYSCALL socket /usr/bin/x exit=4 a0=2 a1=1
     #5 SOCKADDR 192.0.2.7:443",
    "#5 SYSCALL 426 /usr/bin/x exit=1
     #5 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #5 SOCKADDR 192.0.2.7:443",
    // The second of two calls is dull, and what stands between them is not.
    "#5 SYSCALL accept /usr/bin/x exit=4
     #5 SOCKADDR 192.0.2.7:443
     #5 SYSCALL read /usr/bin/x
     #5 PROCTITLE x",
    "#5 SYSCALL read /usr/bin/x
     #5 SOCKADDR 192.0.2.7:443
     #5 SYSCALL connect /usr/bin/x",
    // A record that is dropped is broken.
    "#5 SYSCALL connect /usr/bin/x
     #5 SOCKADDR 192.0.2.7:443
     #5 SOCKADDR 020001BBC
     #5 SOCKADDR 020001BBC0000208
     > type=EXECVE msg=audit(1723798800.000:5): argc=1 a0=\"x",
    // The last line stops in the middle.
    "#5 SYSCALL connect /usr/bin/x
     #5 PROCTITLE x
     > type=SOCKADDR msg=audit(1723798800.000:5): saddr=0200",
];

#[test]
fn what_a_log_says_does_not_depend_on_where_it_was_cut() {
    for scene in DECISIONS {
        let log = log(scene);
        let whole = read(log.trim_ascii_end());
        let lines: Vec<&[u8]> =
            log.trim_ascii_end().split_inclusive(|byte| *byte == b'\n').collect();
        for cut in 1..lines.len() {
            let (older, newer) = (lines[..cut].concat(), lines[cut..].concat());
            let files = [("audit.log.1", &older[..]), ("audit.log", &newer[..])];
            let parts = read_files(&files, &["audit.log.1", "audit.log"]);
            let place = format!("cut after line {cut} of\n{scene}");
            assert_eq!(parts.lines, whole.lines, "{place}");
            assert_eq!(parts.details, whole.details, "{place}");
            assert_eq!(parts.report.account, whole.report.account, "{place}");
            assert_eq!(parts.count("complaints"), whole.count("complaints"), "{place}");
        }
    }
}
