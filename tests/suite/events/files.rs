//! A log in several files is one log: in whatever order they are named, there twice or cut between
//! any two records.

use crate::scene::{compare, log, read, read_files};

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

/// Scenes in which one record decides what becomes of another.
const DECISIONS: [&str; 10] = [
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
    // The last of several requests on the network counts.
    "#5 URINGOP uring_op=16 success=no exit=-11 items=0 ppid=1 pid=812 uid=0
     #5 URINGOP uring_op=9 success=yes exit=5 items=0 ppid=1 pid=812 uid=0
     #5 URINGOP uring_op=26 success=yes exit=7 items=0 ppid=1 pid=812 uid=0
     #5 SYSCALL 426 /usr/bin/x exit=3
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
