//! What becomes of records of one event that contradict each other: the first counts, the other is
//! said and kept, and only what says the same is a duplicate.

use oddsock::audit::gathering::Keep;

use crate::keeping::{counted, ways};
use crate::laws::{How, SIMPLY, read_log};
use crate::scene::{check, log};

#[test]
fn two_calls_under_one_id_are_not_one_call_twice() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SYSCALL connect /usr/bin/wget",
        "#7 curl[812] → 192.0.2.7:443 partial
         = events 1, records 3, duplicates 0, conflicting 1, partial 1",
    );
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SYSCALL connect /usr/bin/curl",
        "#7 curl[812] → 192.0.2.7:443
         = events 1, records 3, duplicates 1, conflicting 0, partial 0",
    );
}

#[test]
fn a_connection_hidden_behind_another_call_is_said() {
    check(
        "#7 SYSCALL read /usr/bin/cat
         #7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443",
        "= events 1, duplicates 0, conflicting 1, partial 1",
    );
}

#[test]
fn titles_folders_and_arguments_can_contradict_each_other_too() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 PROCTITLE curl
         #7 CWD /
         #7 PROCTITLE wget
         #7 CWD /root
         #7 CWD /",
        "#7 curl[812] → 192.0.2.7:443 partial
         = events 1, duplicates 1, conflicting 2, partial 1",
    );
    check(
        "#7 SYSCALL execve /usr/bin/curl
         #7 EXECVE curl one
         #7 EXECVE curl two three
         #8 SYSCALL connect /usr/bin/curl
         #8 SOCKADDR 192.0.2.7:443",
        "#8 curl[812] → 192.0.2.7:443 as \"curl one\"
         = events 2, duplicates 0, conflicting 1, partial 1",
    );
}

#[test]
fn records_of_which_an_event_may_have_several_contradict_nothing() {
    let avc = "avc:  denied  { name_connect } for  pid=9 comm=\"curl\" dest";
    check(
        &format!(
            "#7 AVC {avc}=80
             #7 AVC {avc}=81
             #7 AVC {avc}=80
             #7 SYSCALL connect /usr/bin/curl
             #7 SOCKADDR 192.0.2.7:443
             #7 PATH item=0 name=\"/a\" nametype=NORMAL
             #7 PATH item=1 name=\"/b\" nametype=NORMAL
             > type=EXECVE msg=audit(1723798800.000:7): argc=3 a0=\"x\"
             > type=EXECVE msg=audit(1723798800.000:7):  a1=\"y\"
             > type=EXECVE msg=audit(1723798800.000:7):  a2=\"z\""
        ),
        "#7 curl[812] → 192.0.2.7:443
         = events 1, records 10, duplicates 1, conflicting 0, partial 0",
    );
}

/// Scenes with records that contradict others, or seem to.
const SCENES: [&str; 6] = [
    "#7 SYSCALL connect /usr/bin/curl
     #7 SOCKADDR 192.0.2.7:443
     #7 SOCKADDR 192.0.2.8:443
     #7 SYSCALL connect /usr/bin/wget
     #7 SOCKADDR 192.0.2.7:443
     #7 PROCTITLE a
     #7 SOCKADDR 192.0.2.8:443
     #7 SYSCALL connect /usr/bin/curl
     #7 PROCTITLE b",
    "#7 SYSCALL read /usr/bin/cat
     #7 PROCTITLE a
     #7 SYSCALL connect /usr/bin/curl
     #7 PROCTITLE b
     #7 SYSCALL read /usr/bin/dog
     #7 SYSCALL connect /usr/bin/curl
     #7 SOCKADDR 192.0.2.8:443",
    "#7 SYSCALL connect /usr/bin/curl
     #7 SYSCALL read /usr/bin/cat
     #7 SYSCALL read /usr/bin/dog
     #7 SOCKADDR 192.0.2.8:443
     #7 SYSCALL read /usr/bin/cat",
    "#7 SYSCALL execve /usr/bin/curl
     #7 SYSCALL connect /usr/bin/curl
     #7 EXECVE curl
     #7 EXECVE wget
     #7 CWD /
     #7 CWD /root
     #8 SYSCALL connect /usr/bin/curl
     #8 SOCKADDR 192.0.2.7:443",
    "#7 SYSCALL socket /usr/bin/curl exit=4 a0=2 a1=1
     #7 SYSCALL socket /usr/bin/curl exit=4 a0=2 a1=2
     #7 SYSCALL read /usr/bin/curl
     #7 PROCTITLE a
     #7 PROCTITLE b
     #8 SYSCALL listen /usr/bin/curl a0=4",
    "#7 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #7 SYSCALL 426 /usr/bin/x exit=1
     #7 SYSCALL 426 /usr/bin/x exit=2
     #7 URINGOP uring_op=16 success=no exit=-115 items=0 ppid=1 pid=812 uid=0
     #7 SOCKADDR 192.0.2.7:443
     #7 SOCKADDR 192.0.2.7:444",
];

#[test]
fn what_is_conflicting_does_not_depend_on_the_cut_or_on_what_is_kept() {
    // Far from the beginning, where no earlier part of the input could know more.
    let others: String = (100..4_300).map(|n| format!("#{n} SYSCALL read /x\n")).collect();
    for scene in SCENES {
        for before in ["", &others] {
            let log = [log(before), log(scene)].concat();
            let (whole, bytes) = (counted(&log, Keep::default(), SIMPLY), read_log(&log, SIMPLY));
            // Thousands of records in pieces of one take their time.
            let sizes: &[usize] =
                if before.is_empty() { &[100, 300, 500, 700, 1_000, 1_700] } else { &[700] };
            for &piece_size in sizes {
                let how = How { jobs: 1, piece_size };
                let some = if before.is_empty() { 1 } else { 3 };
                for keep in ways().step_by(some) {
                    assert_eq!(counted(&log, keep, how), whole, "{scene} {piece_size} {keep:?}");
                }
                let difference = bytes.difference(&read_log(&log, how));
                assert_eq!(difference, None, "{scene} {piece_size}");
            }
        }
    }
}

#[test]
fn raw_output_holds_every_record_that_is_no_duplicate() {
    let log = log("#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 192.0.2.7:443
         #7 SOCKADDR 192.0.2.8:80
         #7 PATH item=0 name=\"/a\" nametype=NORMAL
         #7 PATH item=0 name=\"/b\" nametype=NORMAL
         #7 SYSCALL connect /usr/bin/wget
         #7 PROCTITLE curl");
    let again = [&log[..], &log].concat();
    for piece_size in [100, 400, 10_000] {
        let raw = read_log(&again, How { jobs: 1, piece_size }).formats.pop();
        assert_eq!(raw.expect("raw").as_bytes(), log, "pieces of {piece_size}");
    }
}
