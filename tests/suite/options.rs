//! Which connections the options let pass, and which times they name.

use std::process::Command;

use crate::place::{Place, Ran, SCENE};
use crate::scene::log;

/// Connections by someone who logged in, by nobody who did, and by whom the log does not say.
const LOGINS: &str = "
    09:00:00.100#1 SYSCALL connect /usr/bin/curl auid=1000 uid=0
    #1 SOCKADDR 192.0.2.7:443
    09:00:00.200#2 SYSCALL connect /usr/bin/chronyd auid=4294967295 uid=4294967295
    #2 SOCKADDR 192.0.2.8:123
    09:00:00.300#3 SYSCALL connect /usr/bin/chronyd auid=-1
    #3 SOCKADDR 192.0.2.9:123
    09:00:00.400#4 SOCKADDR 192.0.2.10:123
";

#[test]
fn who_never_logged_in_is_found_by_every_way_to_write_it() {
    let place = Place::new();
    place.write("audit.log", &log(LOGINS));
    for unset in ["unset", "4294967295", "-1"] {
        place.shows(&["--auid", unset], &[2, 3]);
        place.shows(&["-ul", unset], &[2, 3]);
        place.shows(&[&format!("--auid={unset}")], &[2, 3]);
        place.shows(&["--uid", unset], &[2]);
        place.shows(&["-u", unset], &[2]);
    }
    place.shows(&["--auid", "unset", "--auid", "1000"], &[1, 2, 3]);
    place.shows(&["--auid", "0"], &[]);
}

/// An IPv4 peer, the same seen by an IPv6 socket, and one by IPv6.
const PEERS: &str = "
    09:00:00.100#1 SYSCALL connect /usr/bin/curl
    #1 SOCKADDR 10.1.2.3:443
    09:00:00.200#2 SYSCALL connect /usr/bin/curl
    #2 SOCKADDR [::ffff:10.1.2.3]:443
    09:00:00.300#3 SYSCALL connect /usr/bin/curl
    #3 SOCKADDR [2001:db8::9]:443
    09:00:00.400#4 SYSCALL connect /usr/bin/curl
    #4 SOCKADDR 11.1.2.3:443
";

#[test]
fn an_address_is_the_same_however_it_is_written() {
    let place = Place::new();
    place.write("audit.log", &log(PEERS));
    for same in ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203", "[::ffff:10.1.2.3]"] {
        place.shows(&["-a", same], &[1, 2]);
    }
    for network in ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:10.1.2.3/104"] {
        place.shows(&["--address", network], &[1, 2]);
    }
    for same in ["2001:db8::9", "[2001:db8::9]", "[2001:db8::]/32", "2001:0DB8:0::9"] {
        place.shows(&["-a", same], &[3]);
    }
    place.shows(&["-a", "::ffff:0.0.0.0/96"], &[1, 2, 4]);
    place.shows(&["-a", "::ffff:10.1.2.2"], &[]);
    for wrong in ["[10.1.2.3", "[]", "[10.1.2.3]", "::ffff:10.0.0.0/129", "10.0.0.0/8/8"] {
        assert_eq!(place.run(&["audit.log", "-a", wrong]).status, 2, "{wrong}");
    }
}

#[test]
fn a_port_behind_an_address_gets_a_hint() {
    let ran = Place::with_scene().run(&["audit.log", "-a", "192.0.2.7:443"]);
    assert!(ran.status == 2 && ran.err.contains("--port"), "{}", ran.err);
}

#[test]
fn ausearchs_options_take_their_values_with_and_without_an_equals_sign() {
    let place = Place::with_scene();
    for arguments in [
        &["-ts", "2024-08-16", "09:30"][..],
        &["-ts=2024-08-16", "09:30"],
        &["-ts=2024-08-16 09:30"],
        &["--ts", "2024-08-16", "09:30"],
        &["--ts=2024-08-16", "09:30"],
        &["--start=2024-08-16", "09:30"],
        &["-te=now", "-ts=2024-08-16T09:30:00Z"],
        &["-ui", "0"],
        &["-ui=0"],
        &["-ul=unset"],
    ] {
        place.shows(arguments, &[9]);
    }
    // A distance begins with a dash and is no option.
    for recent in [&["-ts", "-2h"][..], &["-ts=-2h"], &["--start", "-2h"], &["--start=-2h"]] {
        place.shows(recent, &[]);
    }
    for past in [&["-te", "-2h"][..], &["-te=-2h"], &["--end=-2 hours"]] {
        place.shows(past, &[7, 9]);
    }
}

#[test]
fn an_option_without_its_value_does_not_take_the_next_option_for_it() {
    let place = Place::with_scene();
    for arguments in [&["audit.log", "-ts"][..], &["audit.log", "-ts", "-te", "now"]] {
        let ran = place.run(arguments);
        assert!(ran.status == 2 && ran.err.contains("--start"), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn seconds_at_the_end_are_whole_seconds() {
    let place = Place::with_scene();
    place.shows(&["-te", "@1723798800"], &[7]);
    place.shows(&["-te", "@1723798800.1"], &[7]);
    place.shows(&["-te", "@1723798800.099"], &[]);
    place.shows(&["-ts", "@1723798801"], &[9]);
    place.shows(&["-ts", "@1723798800", "-te", "@1723798800"], &[7]);
}

#[test]
fn a_word_for_a_stretch_of_time_is_all_of_it() {
    let place = Place::new();
    let now = jiff::Timestamp::now().as_millisecond();
    let now = format!("{}.{:03}", now / 1000, now % 1000);
    let scene = "#7 SYSCALL connect /usr/bin/curl\n#7 SOCKADDR 192.0.2.7:443";
    let scene = String::from_utf8(log(scene)).expect("text");
    place.write("audit.log", scene.replace("1723798800.000", &now).as_bytes());
    for word in ["this-week", "this-month", "this-year"] {
        place.shows(&["-ts", word, "-te", word], &[7]);
    }
    place.shows(&["-te", "week-ago"], &[]);
    place.shows(&["-te", "yesterday"], &[]);
}

#[test]
fn the_checkpoint_as_a_time_needs_a_checkpoint() {
    let place = Place::with_scene();
    for option in ["-ts", "-te"] {
        let ran = place.run(&["audit.log", option, "checkpoint"]);
        assert!(ran.status == 2 && ran.err.contains("--checkpoint FILE"), "{}", ran.err);
    }
    let ran = place.run(&["audit.log", "--checkpoint", "mark", "-ts", "checkpoint"]);
    assert!(ran.status == 2 && ran.err.contains("no earlier run"), "{}", ran.err);
    assert_eq!(place.run(&["audit.log", "--checkpoint", "mark"]).status, 0);
    place.shows(&["--checkpoint", "mark", "-ts", "checkpoint"], &[]);
}

#[test]
fn counting_leaves_the_checkpoint_for_the_run_that_shows() {
    let place = Place::with_scene();
    let count = |expected: u64| {
        let arguments = ["audit.log", "--checkpoint", "mark", "--count", "--format", "ndjson"];
        let ran = place.run(&arguments);
        assert_eq!(ran.documents()[0]["connections"], expected, "{}", ran.err);
    };
    count(2);
    assert!(!place.folder.path().join("mark").exists(), "nothing was shown");
    place.shows(&["--checkpoint", "mark"], &[7, 9]);
    count(0);
    let more =
        "@web1 11:00:00.000#20 SYSCALL connect /usr/bin/wget\n@web1 #20 SOCKADDR 192.0.2.9:80";
    place.write("audit.log", &[log(SCENE), log(more)].concat());
    count(1);
    place.shows(&["--checkpoint", "mark"], &[20]);
}

#[test]
fn the_short_help_has_ausearchs_options() {
    for help in ["-h", "--help"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        let ran = Ran::of(&command.args(["connections", help]).output().expect("it runs"));
        for option in ["-ts", "-te", "-ui", "-ul"] {
            let is_listed = |line: &str| line.split([' ', ',', ';', ':']).any(|w| w == option);
            assert!(ran.out.lines().any(is_listed), "{option} in {help}: {}", ran.out);
        }
    }
}

#[test]
fn an_option_of_ausearch_that_is_not_here_is_told_with_what_to_use() {
    let place = Place::with_scene();
    for (arguments, way_out) in [
        (&["-sv", "no"][..], "--outcome failure"),
        (&["-sv=no"], "--outcome failure"),
        (&["-if", "audit.log"], "name the files"),
        (&["-ua", "0"], "--auid"),
        (&["-hn", "192.0.2.7"], "--address"),
        (&["-i"], "--format"),
        (&["--raw"], "--format raw"),
        (&["-ge", "0"], "groups"),
    ] {
        let ran = place.run(&[&["audit.log"], arguments].concat());
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(way_out) && ran.err.contains(&arguments[0][..2]), "{}", ran.err);
    }
    // What stands behind the dashes is a file.
    let ran = place.run(&["audit.log", "--", "-sv"]);
    assert!(ran.status == 3 && ran.err.contains("cannot read \"-sv\""), "{}", ran.err);
}

#[test]
fn a_range_that_ends_before_it_begins_is_a_mistake_and_one_moment_is_none() {
    let place = Place::with_scene();
    let ran = place.run(&["audit.log", "-ts", "2024-08-17", "-te", "2024-08-16"]);
    assert!(ran.status == 2 && ran.err.contains("--end lies before --start"), "{}", ran.err);
    place.shows(&["-ts", "@1723798800.100", "-te", "@1723798800.100"], &[7]);
}

#[test]
fn values_that_cannot_be_meant_are_refused_in_words() {
    let place = Place::with_scene();
    let refused = |arguments: &[&str], words: &str| {
        let ran = place.run(&[&["audit.log"], arguments].concat());
        assert!(ran.status == 2 && ran.err.contains(words), "{arguments:?}: {}", ran.err);
    };
    refused(&["--pid", "sshd"], "not a process id");
    refused(&["--pid", "-1"], "not a process id");
    refused(&["--host", ""], "--host");
}

#[test]
fn a_user_by_name_is_not_looked_for_in_silence_where_the_log_has_no_names() {
    let place = Place::with_scene();
    let hint = "only ENRICHED logs have the names of users";
    for option in ["--user", "--auid"] {
        let ran = place.run(&["audit.log", option, "root"]);
        assert!(ran.status == 1 && ran.err.contains(hint), "{}", ran.err);
        // By number there is nothing to say, nor is there where the log does have names.
        assert!(!place.run(&["audit.log", option, "5"]).err.contains(hint));
    }
    let enriched = String::from_utf8(log(SCENE)).expect("text");
    let enriched = enriched.replace("key=\"out\"", "key=\"out\"\u{1d}UID=\"lab\" AUID=\"lab\"");
    place.write("audit.log", enriched.as_bytes());
    place.shows(&["--user", "lab"], &[7]);
    assert!(!place.run(&["audit.log", "--user", "root"]).err.contains(hint));
}
