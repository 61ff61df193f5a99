//! What alerts and what does not: weeks of connections, and the alerts that `oddsock replay` makes.

mod same;
pub mod scene;

use crate::place::Place;
use scene::{line, log};

/// What a network of five programs does all day.
pub const USUAL: &str = "
    web  nginx   10.0.0.5:443   every 15m
    web  sshd    10.0.0.6:22    every 15m
    web  ntpd    10.0.0.7:123   every 15m
    db   node    10.0.0.8:8080  every 15m
    db   cron    10.0.0.9:25    every 15m
";

/// The alerts of a run, a line each, in the order of their time.
fn alerts(place: &Place, arguments: &[&str]) -> Vec<String> {
    let ran = place.oddsock(&[&["replay", "--format", "ndjson"], arguments].concat());
    assert_eq!(ran.status, i32::from(!ran.out.is_empty()), "{}", ran.err);
    let mut lines: Vec<String> = ran.out.lines().map(line).collect();
    lines.sort();
    lines
}

/// Judges a fortnight of the usual and this, by one rule.
#[track_caller]
fn check(rule: &str, scene: &str, expected: &[&str]) {
    check_days(rule, 14, scene, expected);
}

#[track_caller]
fn check_days(rule: &str, days: u64, scene: &str, expected: &[&str]) {
    let place = Place::new();
    place.write("audit.log", log(days, &format!("{USUAL}{scene}")).as_bytes());
    assert_eq!(alerts(&place, &["audit.log", "--rule", rule]), expected, "{scene}");
}

const ACTIVITY: &str = "unusual_linux_network_activity";
const PORTS: &str = "unusual_linux_network_port_activity";
const NEW_TO_A_HOST: &str = "process_new_to_a_host";

#[test]
fn a_program_that_nobody_has_seen_before_alerts() {
    let found = "day 10 10:00 rare process.name=nc on web 73";
    check(ACTIVITY, "web nc 203.0.113.9:4444 day 10 10:07", &[found]);
    check(ACTIVITY, "", &[]);
}

#[test]
fn a_program_that_is_used_every_hour_does_not_alert() {
    check(ACTIVITY, "web curl 203.0.113.9:443 every 60m", &[]);
}

#[test]
fn what_stays_on_the_host_or_is_jenkins_does_not_count() {
    check(ACTIVITY, "web nc 127.0.0.53:53 day 10 10:07", &[]);
    check(ACTIVITY, "web nc 127.9.9.9:53 day 10 10:07", &[]);
    check(ACTIVITY, "web nc [::1]:53 day 10 10:07", &[]);
    check(ACTIVITY, "web nc 203.0.113.9:53 day 10 10:07 as jenkins", &[]);
    let found = "day 10 10:00 rare process.name=nc on web 73";
    check(ACTIVITY, "web nc 128.0.0.1:53 day 10 10:07", &[found]);
    check(ACTIVITY, "web nc 203.0.113.9:53 day 10 10:07 as jenkins2", &[found]);
}

#[test]
fn a_program_that_takes_a_connection_alerts_as_one_that_makes_one() {
    let found = "day 10 10:00 rare process.name=nc on web 73";
    check(ACTIVITY, "web nc 203.0.113.9:40000 day 10 10:07 via accept", &[found]);
}

#[test]
fn a_port_that_nobody_has_connected_to_before_alerts() {
    let found = "day 10 10:00 rare destination.port=4444 on web 73";
    check(PORTS, "web nginx 203.0.113.9:4444 day 10 10:07", &[found]);
    check(PORTS, "web nc 203.0.113.9:443 day 10 10:07", &[]);
    // The port of whoever connects to us is theirs.
    check(PORTS, "web nginx 203.0.113.9:4444 day 10 10:07 via accept", &[]);
}

#[test]
fn what_comes_daily_is_expected_and_off_its_time_it_is_not() {
    let daily = "web backup 10.0.0.9:22 daily 02:00 from 1";
    check_days(ACTIVITY, 28, daily, &[]);
    let off = format!("{daily}\nweb backup 10.0.0.9:22 day 26 14:00");
    let found = "day 26 14:00 rare process.name=backup on web 63";
    check_days(ACTIVITY, 28, &off, &[found]);
    // Nobody waits for what stopped weeks ago: at its time it is as odd as at any other.
    let stopped = "web backup 10.0.0.9:22 daily 02:00 from 1 until 8";
    let back = format!("{stopped}\nweb backup 203.0.113.66:22 day 24 02:45");
    let found = "day 24 02:45 rare process.name=backup on web 64";
    check_days(ACTIVITY, 28, &back, &[found]);
    check_days(ACTIVITY, 28, &format!("{stopped}\nweb backup 10.0.0.9:22 day 11 02:45"), &[]);
}

#[test]
fn many_new_programs_at_once_are_one_burst() {
    let tools = |number: usize| {
        let tool = |n| format!("web tool{n:02} 10.0.0.9:22 day 10 10:01\n");
        (0..number).map(tool).collect::<String>()
    };
    let names: Vec<String> = (0..20).map(|n| format!("tool{n:02}")).collect();
    let found = format!("day 10 10:00 burst process.name={} on web 73", names.join(","));
    check(ACTIVITY, &tools(20), &[&found]);
    // Three do not hide each other.
    let found = ["tool00", "tool01", "tool02"];
    let found = found.map(|name| format!("day 10 10:00 rare process.name={name} on web 67"));
    check(ACTIVITY, &tools(3), &found.each_ref().map(String::as_str));
}

#[test]
fn what_comes_back_after_a_long_silence_alerts() {
    let often = "web sync 10.0.0.9:873 every 60m until 10";
    let back = format!("{often}\nweb sync 10.0.0.9:873 day 36 10:00");
    let found = "day 36 10:00 comeback process.name=sync on web 65";
    check_days(ACTIVITY, 40, &back, &[found]);
    let holiday = format!("{often}\nweb sync 10.0.0.9:873 day 24 10:00");
    check_days(ACTIVITY, 40, &holiday, &[]);
}

#[test]
fn a_program_that_other_hosts_have_known_for_long_alerts_where_it_is_new() {
    let known = "db rsync 10.0.0.9:873 every 15m";
    let moved = format!("{known}\nweb rsync 10.0.0.9:873 day 10 10:00");
    check(NEW_TO_A_HOST, &moved, &["day 10 10:00 rare process.name=rsync on web 59"]);
    // Nobody knows it: that is the fleet's business.
    check(NEW_TO_A_HOST, "web nc 203.0.113.9:4444 day 10 10:07", &[]);
    // It has spread for less than a week.
    let spreading = "db rsync 10.0.0.9:873 every 15m from 6\nweb rsync 10.0.0.9:873 day 10 10:00";
    check(NEW_TO_A_HOST, spreading, &[]);
}

/// Alerts that are remembered for a fortnight, of a tool that was alerted on day 5 and this.
#[track_caller]
fn check_remembered(scene: &str, expected: &[&str]) {
    let place = Place::new();
    let first = "web nc 203.0.113.9:4444 day 5 10:07 as ann";
    place.write("audit.log", log(28, &format!("{USUAL}{first}\n{scene}")).as_bytes());
    let judge =
        |more: &[&str]| alerts(&place, &[&["audit.log", "--rule", ACTIVITY], more].concat());
    let short = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.rsplit_once(' ').expect("a score").0.to_string()).collect()
    };
    assert_eq!(short(judge(&["--remember", "14d"])), expected, "{scene}");
    // It says no more than that it was told of: what is found is the same.
    assert_eq!(judge(&["--remember", "14d", "--expected"]), judge(&["--expected"]), "{scene}");
    assert_eq!(judge(&["--expected"]), judge(&[]), "{scene}");
}

#[test]
fn what_an_exception_hid_makes_nothing_expected_that_follows() {
    let place = Place::new();
    let scene = "
        web nc 10.0.0.9:22       day 10 10:07
        web nc 203.0.113.9:4444  day 10 10:22
        web nc 203.0.113.9:4444  day 10 10:37";
    place.write("audit.log", log(14, &format!("{USUAL}{scene}")).as_bytes());
    for (address, found) in [
        ("10.0.0.9", "day 10 10:15 rare process.name=nc on web 65"),
        // Whoever has seen the first alert needs no other.
        ("10.0.0.10", "day 10 10:00 rare process.name=nc on web 73"),
    ] {
        let exception = format!(
            "[[exception]]\nid = \"nas\"\nreason = \"backup\"\n[exception.match]\n\
             process.name = \"nc\"\ndestination.ip = \"{address}\"\n"
        );
        place.write("own.toml", exception.as_bytes());
        let arguments = ["audit.log", "--rule", ACTIVITY, "--exceptions", "own.toml"];
        assert_eq!(alerts(&place, &arguments), [found], "{address}");
    }
}

#[test]
fn what_was_not_told_for_its_score_makes_nothing_expected_that_follows() {
    let place = Place::new();
    let scene = "web nc 203.0.113.9:4444 day 3 13 10:07";
    place.write("audit.log", log(14, &format!("{USUAL}{scene}")).as_bytes());
    let remembered = ["audit.log", "--rule", ACTIVITY, "--remember", "14d", "--min-score"];
    let found = |least| alerts(&place, &[&remembered[..], &[least]].concat());
    assert_eq!(found("50"), ["day 3 10:00 rare process.name=nc on web 57"]);
    assert_eq!(found("58"), ["day 13 10:00 rare process.name=nc on web 69"]);
}

#[test]
fn what_comes_again_while_its_alert_is_remembered_alerts_if_somebody_new_comes_with_it() {
    let first = "day 5 10:00 rare process.name=nc on web";
    check_remembered("web nc 203.0.113.9:4444 day 7 11:07 as ann", &[first]);
    check_remembered("web nc 198.51.100.7:80 day 7 11:07 as ann", &[first]);
    let again = "day 7 11:00 rare process.name=nc on web";
    check_remembered("web nc 203.0.113.9:4444 day 7 11:07 as eve", &[first, again]);
    let elsewhere = "day 7 11:00 rare process.name=nc on db";
    check_remembered("db nc 203.0.113.9:4444 day 7 11:07 as ann", &[first, elsewhere]);
    let later = "day 20 11:00 rare process.name=nc on web";
    check_remembered("web nc 203.0.113.9:4444 day 20 11:07 as ann", &[later, first]);
}

#[test]
fn a_program_that_is_called_like_an_address_is_somebody_new() {
    let sshd = "web sshd 203.0.113.9:4444 day 10 10:07";
    let found = ["day 10 10:00 rare destination.port=4444 on web 73"];
    check(PORTS, &format!("{sshd}\nweb sshd 203.0.113.10:4444 day 10 10:20"), &found);
    let found = [found[0], "day 10 10:15 rare destination.port=4444 on web 65"];
    check(PORTS, &format!("{sshd}\nweb 192.0.2.7 203.0.113.10:4444 day 10 10:20"), &found);
    check(PORTS, &format!("{sshd}\nweb nginx 203.0.113.10:4444 day 10 10:20"), &found);
}

#[test]
fn an_exception_holds_only_if_every_connection_has_its_fields_also_those_not_shown() {
    let exception = "[[exception]]\nreason = \"backup\"\nmatch.process.name = \"nc\"\n\
        match.destination.ip = \"203.0.113.9\"\n";
    let check = |last: &str, expected: &[&str]| {
        let place = Place::new();
        place.write("mine.toml", exception.as_bytes());
        let nc = "web nc 203.0.113.9:443 day 10 10:01\n".repeat(8);
        let scene = format!("{USUAL}{nc}web nc {last}");
        place.write("audit.log", log(14, &scene).as_bytes());
        let arguments = ["audit.log", "--rule", ACTIVITY, "--exceptions", "mine.toml"];
        assert_eq!(alerts(&place, &arguments), expected, "{last}");
    };
    check("203.0.113.9:443 day 10 10:02", &[]);
    // Whom somebody lets in is a source, and there is no destination.
    let found = "day 10 10:00 rare process.name=nc on web 73";
    check("198.51.100.66:31337 day 10 10:02 via accept", &[found]);
    check("198.51.100.66:443 day 10 10:02", &[found]);
}

#[test]
fn the_first_day_is_for_learning() {
    let nc = "web nc 203.0.113.9:4444 day 0 22:07";
    check(ACTIVITY, nc, &[]);
}

#[test]
fn what_could_not_be_learnt_from_is_told_though_all_that_is_judged_was_read() {
    let place = Place::new();
    place.write("audit.log", log(2, USUAL).as_bytes());
    place.write("damaged.log", b"type=SYSCALL msg=audit(1:\n");
    let run = |arguments: &[&str]| {
        let ran = place.oddsock(&[&["replay"], arguments].concat());
        (ran.status, ran.err)
    };
    for older in ["damaged.log", "nowhere.log"] {
        let (status, said) = run(&["audit.log", "--learn", "audit.log", older]);
        assert_eq!(status, 3, "{said}");
        assert!(said.contains("learnt from lines "), "{said}");
    }
    assert_eq!(run(&["audit.log", "--learn", "audit.log"]).0, 0);
}

#[test]
fn logs_of_less_than_a_day_are_said_to_tell_nothing() {
    let place = Place::new();
    let text = log(2, USUAL);
    place.write("days.log", text.as_bytes());
    let hours: Vec<&str> = text.lines().take(40).collect();
    place.write("hours.log", hours.join("\n").as_bytes());
    let said = |arguments: &[&str]| place.oddsock(&[&["replay"], arguments].concat()).err;
    assert!(said(&["hours.log"]).contains("still learning: "), "{}", said(&["hours.log"]));
    assert!(!said(&["days.log"]).contains("still learning"), "{}", said(&["days.log"]));
    assert!(!said(&["hours.log", "--learn", "days.log"]).contains("still learning"));
}
