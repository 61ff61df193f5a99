//! Which connections are shown: those that filters let pass, of the times that are given, and those
//! that came since a checkpoint.

use std::fs;

use crate::place::{Place, SCENE};
use crate::scene::log;

#[test]
fn every_filter_lets_its_own_pass_and_its_neighbour_not() {
    let place = Place::with_scene();
    place.shows(&[], &[7, 9]);
    for (arguments, serials) in [
        (["--node", "web1"], &[7][..]),
        (["--node", "web"], &[]),
        (["--user", "0"], &[9]),
        (["--uid", "1000"], &[7]),
        (["--user", "1"], &[]),
        (["--auid", "1000"], &[7]),
        (["--auid", "4294967295"], &[9]),
        (["--auid", "4294967294"], &[]),
        (["--process", "curl"], &[7]),
        (["--comm", "cur"], &[]),
        (["--exe", "/sbin/sshd"], &[9]),
        (["--exe", "sshd"], &[]),
        (["--pid", "812"], &[7]),
        (["--pid", "81"], &[]),
        (["--address", "192.0.2.7"], &[7]),
        (["--address", "192.0.2.8"], &[]),
        (["--address", "192.0.2.0/24"], &[7]),
        (["--address", "192.0.2.8/29"], &[]),
        (["--address", "2001:db8::/32"], &[9]),
        (["--port", "443"], &[7]),
        (["--port", "49152-65535"], &[9]),
        (["--port", "444-500"], &[]),
        (["--action", "connect"], &[7]),
        (["--action", "connection_accepted"], &[9]),
        (["--action", "bind"], &[]),
        (["--outcome", "in-progress"], &[7]),
        (["--outcome", "success"], &[9]),
        (["--outcome", "failure"], &[]),
        (["--key", "out"], &[7]),
        (["--key", "ou"], &[]),
        (["--family", "inet6"], &[9]),
        (["--family", "unix"], &[10]),
        (["--family", "all"], &[7, 9, 10]),
        (["--family", "netlink"], &[]),
    ] {
        place.shows(&arguments, serials);
    }
}

#[test]
fn several_values_are_any_of_them_and_several_filters_all_of_them() {
    let place = Place::with_scene();
    place.shows(&["--port", "443", "--port", "50000"], &[7, 9]);
    place.shows(&["--port", "443", "--node", "db1"], &[]);
}

#[test]
fn times_bound_what_is_shown_at_both_ends() {
    let place = Place::with_scene();
    for (arguments, serials) in [
        (&["-ts", "2024-08-16", "09:00"][..], &[7, 9][..]),
        (&["-ts", "2024-08-16", "09:00:01"], &[9]),
        (&["-ts", "2024-08-16T09:30:00Z"], &[9]),
        (&["-te", "2024-08-16", "09:30"], &[7]),
        (&["-te", "2024-08-16"], &[7, 9]),
        (&["-te", "2024-08-15"], &[]),
        (&["--start", "@1723798800.100", "--end", "@1723798800.100"], &[7]),
        (&["--start", "@1723798800.101"], &[9]),
        (&["--start", "-2h"], &[]),
        (&["-ts", "2024-08-16", "09:00", "-te", "2024-08-16", "09:01"], &[7]),
    ] {
        place.shows(arguments, serials);
    }
}

#[test]
fn a_run_with_a_checkpoint_shows_what_came_since() {
    let place = Place::with_scene();
    place.shows(&["--checkpoint", "mark"], &[7, 9]);
    place.shows(&["--checkpoint", "mark"], &[]);
    let mut more = log(SCENE);
    more.extend(log(
        "@web1 08:59:00.000#20 SYSCALL connect /usr/bin/wget\n@web1 #20 SOCKADDR 192.0.2.9:80",
    ));
    place.write("audit.log", &more);
    // It began before the last event of the earlier run and ended after it.
    place.shows(&["--checkpoint", "mark"], &[20]);
    place.shows(&["--checkpoint", "mark"], &[]);
}

#[test]
fn a_folder_s_name_says_nothing_of_other_hosts_in_a_checkpoint() {
    let place = Place::new();
    let event = |serial: u64| {
        let scene = format!(
            "09:00:00.{serial}#{serial} SYSCALL connect /usr/bin/curl\n\
             #{serial} SOCKADDR 192.0.2.7:80"
        );
        log(&scene)
    };
    let folders =
        ["a\n9999999999.000:1 9999999999.000:1 web", "a\nb", r"a\nb", "a b", "\"a\"", "web\\"];
    for (at, folder) in folders.iter().enumerate() {
        place.write(&format!("logs/{folder}/audit.log"), &event(100 + at as u64));
    }
    let run = || place.run(&["logs", "--format", "ndjson", "--checkpoint", "mark"]);
    assert_eq!(run().serials().len(), folders.len());
    let mark = fs::read_to_string(place.folder.path().join("mark")).expect("a checkpoint");
    assert_eq!(mark.lines().count(), folders.len(), "{mark}");
    place.write("logs/web/audit.log", &event(200));
    let ran = run();
    assert_eq!((ran.serials(), ran.status), (vec![200], 0), "{}", ran.err);
    assert_eq!(run().serials(), [0; 0]);
}

#[test]
fn a_file_that_is_no_checkpoint_is_left_alone() {
    let place = Place::with_scene();
    place.write("mark", b"my notes\n");
    let ran = place.run(&["audit.log", "--checkpoint", "mark"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert_eq!(fs::read(place.folder.path().join("mark")).expect("notes"), b"my notes\n");
}
