//! Which process made a call: what it executed, with which arguments, under which parent.

use crate::scene::{check, log, read};

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

/// An exec and a connect of pid 812 whose records have these values of `exe=`.
#[track_caller]
fn runs(executed: &str, connected: &str, are_one: bool) {
    let call = |call: &str, exe: &str| {
        let text = log(&format!("#7 SYSCALL {call} /usr/bin/x"));
        let text = String::from_utf8(text).expect("text");
        let line = text.replace("exe=\"/usr/bin/x\"", &format!("exe={exe}"));
        assert!(line.contains(exe));
        line.trim_end().to_string()
    };
    let scene = format!(
        "> {}
         #5 EXECVE x --backup
         > {}
         #7 SOCKADDR 192.0.2.7:443",
        call("execve", executed).replace(":7)", ":5)"),
        call("connect", connected),
    );
    let arguments = if are_one { " as \"x --backup\"" } else { "" };
    check(&scene, &format!("#7 x[812] → 192.0.2.7:443{arguments}"));
}

#[test]
fn a_program_that_was_deleted_while_it_ran_is_the_same_program() {
    let path = |path: &str| crate::scene::hex(path.as_bytes());
    let deleted = path("/srv/lab/x (deleted)");
    runs("\"/srv/lab/x\"", &deleted, true);
    runs(&path("/srv/my lab/x"), &path("/srv/my lab/x (deleted)"), true);
    runs(&deleted, "\"/srv/lab/x\"", true);
    runs(&deleted, &deleted, true);
    runs("\"/srv/lab/x\"", "\"/srv/lab/y\"", false);
    runs("\"/srv/lab/x\"", &path("/srv/lab/y (deleted)"), false);
    runs("\"/srv/lab/x\"", &path("/srv/lab/x (removed)"), false);
    runs("\"/srv/lab/x\"", &path("/srv/lab/x(deleted)"), false);
}

#[test]
fn an_exec_under_another_login_is_that_of_another_process() {
    let under = |exec: &str, connect: &str, is_its_exec: bool| {
        let arguments = if is_its_exec { " as \"bash alice.sh\"" } else { "" };
        check(
            &format!(
                "#5 SYSCALL execve /usr/bin/bash {exec}
                 #5 EXECVE bash alice.sh
                 #7 SYSCALL connect /usr/bin/bash {connect}
                 #7 SOCKADDR 192.0.2.7:443"
            ),
            &format!("#7 bash[812] → 192.0.2.7:443{arguments}"),
        );
    };
    let (unset, alice) = ("auid=4294967295 ses=4294967295", "auid=1001 ses=7");
    under(alice, alice, true);
    under(alice, "auid=1002 ses=7", false);
    under(alice, "auid=1001 ses=8", false);
    under(alice, "auid=1001 ses=7 uid=0", true);
    // Who is logged in by a process that had no login, such as cron.
    under(unset, alice, true);
    under(unset, unset, true);
}

#[test]
fn what_was_before_a_boot_is_not_known_behind_it() {
    let scene = |time: &str, serials: [u32; 3], parent: &str| {
        let [first, second, third] = serials;
        format!(
            "09:00:00.000#{first} SYSCALL execve /usr/sbin/d
             #{first} EXECVE d -f
             09:00:00.001#{second} SYSCALL socket /usr/sbin/d exit=3 a0=2 a1=1 a2=0
             {time}#{third} SYSCALL connect /usr/sbin/d {parent}
             #{third} SOCKADDR 192.0.2.7:443"
        )
    };
    let known = " tcp as \"d -f\"";
    for (time, serials, known, under) in [
        ("09:00:40.000", [8, 9, 10], known, " under d"),
        ("09:00:40.000", [8, 9, 3], "", ""),
        ("09:00:40.000", [90_000, 90_001, 3], "", ""),
        ("09:00:40.000", [u32::MAX - 1, u32::MAX, 0], known, " under d"),
    ] {
        let serial = serials[2];
        let line = format!("#{serial} d[812] → 192.0.2.7:443");
        check(&scene(time, serials, ""), &format!("{line}{known}"));
        let child = format!("#{serial} d[813] → 192.0.2.7:443{under}");
        check(&scene(time, serials, "pid=813 ppid=812"), &child);
    }
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
fn arguments_behind_a_cut_in_their_record_are_missing_and_not_empty() {
    let scene = |arguments: &str| {
        format!(
            "#5 SYSCALL execve /usr/bin/x
             > type=EXECVE msg=audit(1723798800.000:5): {arguments}
             #7 SYSCALL connect /usr/bin/x
             #7 SOCKADDR 192.0.2.7:443"
        )
    };
    let long = format!("argc=6 a0=\"x\" a1={}7C2", "41".repeat(400));
    for (cut, missing, complaints) in [
        (&long[..], "5", 0),
        (&long[..long.len() - 1], "4", 0),
        ("argc=4", "4", 0),
        ("argc=4 a0=\"x\" a1=", "3", 1),
        ("argc=4 a0=\"x\" a1", "3", 1),
        ("argc=4 a0=\"x\" a1=\"y", "3", 1),
    ] {
        let read = read(&log(&scene(cut)));
        assert!(read.lines[0].ends_with(" partial"), "{cut}: {}", read.lines[0]);
        assert_eq!(
            (&read.details[0]["missing"][..], read.count("complaints")),
            (missing, complaints)
        );
    }
    // Kernels before 5.9 do not write empty ones.
    check(&scene("argc=4 a0=\"x\" a2=\"y\""), "#7 x[812] → 192.0.2.7:443 as \"x  y \"");
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
