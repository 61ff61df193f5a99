use crate::alert::scene::{DAY, Scene};

const WEEKS: u32 = 14 * DAY;

#[track_caller]
fn check(scene: &Scene, quarter: u32, expected: &str) {
    assert_eq!(scene.alert(quarter).why, expected);
}

/// As above, with twenty others besides.
fn crowded(quarters: u32) -> Scene {
    let mut scene = busy("process.name", quarters);
    for at in 0..20 {
        scene.always(0..quarters, "web-01", &[&format!("worker-{at}")]);
    }
    scene
}

fn busy(by: &str, quarters: u32) -> Scene {
    let mut scene = Scene::of(by);
    scene.always(0..quarters, "web-01", &["sshd", "ntpd", "nginx", "cron", "node"]);
    scene
}

#[test]
fn what_was_never_seen_is_told_with_what_would_be_ordinary() {
    let mut scene = busy("process.name", WEEKS);
    scene.see(1300, "web-01", b"nc", "{}");
    check(
        &scene,
        1300,
        "nc was seen in 1 of 1,300 active quarter-hours since 1 Aug, never before; 5 other \
         programs make up the rest; in about 11 of them it would be ordinary (score below 50)",
    );
}

#[test]
fn what_was_seen_before_is_told_with_the_last_time() {
    let mut scene = busy("destination.port", WEEKS);
    [300, 700, 1000, 1300].iter().for_each(|at| scene.see(*at, "web-01", b"4444", "{}"));
    check(
        &scene,
        1300,
        "port 4444 was seen in 4 of 1,300 active quarter-hours since 1 Aug, before this last on \
         11 Aug 10:00 (3 days earlier); 5 other ports make up the rest; in about 11 of them it \
         would be ordinary (score below 50)",
    );
}

#[test]
fn a_value_that_an_earlier_burst_would_hide_says_so() {
    let mut scene = busy("process.name", WEEKS);
    (b'a'..=b'z').for_each(|name| scene.see(1100, "web-01", &[b'x', name], "{}"));
    (b'a'..=b'z').for_each(|name| scene.see(1100, "web-01", &[b'y', name], "{}"));
    scene.see(1300, "web-01", b"nc", "{}");
    check(
        &scene,
        1300,
        "nc was never seen before in 1,300 active quarter-hours since 1 Aug; the many new programs \
         of an earlier burst make it look ordinary, and without them it scores 76",
    );
}

#[test]
fn what_was_told_lately_says_when() {
    let mut scene = busy("process.name", WEEKS);
    [1300, 1300, 1301].iter().for_each(|at| scene.see(*at, "web-01", b"nc", "{}"));
    check(
        &scene,
        1301,
        "nc was seen in 2 of 1,301 active quarter-hours since 1 Aug, before this last on 14 Aug \
         13:00 (15 minutes earlier); 5 other programs make up the rest; nobody and nothing new \
         came with it since the alert of 14 Aug 13:00",
    );
}

#[test]
fn many_new_values_at_once_are_told_together() {
    let mut scene = busy("process.name", WEEKS);
    (b'a'..=b'z').for_each(|name| scene.see(1300, "web-01", &[b'x', name], "{}"));
    check(
        &scene,
        1300,
        "26 new programs at once (xa, xb, xc, xd, xe and 21 more), none of them seen before in \
         1,300 active quarter-hours since 1 Aug; each would score 76 if it were alone",
    );
}

#[test]
fn what_was_long_away_is_told_with_how_long() {
    let mut scene = busy("process.name", 100 * DAY);
    scene.always(2 * DAY..40 * DAY, "web-01", &["rsync"]);
    scene.see(81 * DAY + 3, "web-01", b"rsync", "{}");
    check(
        &scene,
        81 * DAY + 3,
        "rsync was seen in 3,648 active quarter-hours from 3 Aug to 9 Sep 23:45, then in none for \
         41 days of activity, and is back; before, it was never away",
    );
}

#[test]
fn what_was_frequent_long_ago_would_be_ordinary_in_fewer_buckets_that_are_not_so_old() {
    let mut scene = Scene::of("process.name");
    scene.always(0..200 * DAY, "web-01", &["sshd", "nginx"]);
    (0..100).for_each(|time| scene.see(2 + 7 * time, "web-01", b"rsync", "{}"));
    scene.see(199 * DAY, "web-01", b"rsync", "{}");
    check(
        &scene,
        199 * DAY,
        "rsync was seen in 101 of 19,104 active quarter-hours since 1 Aug 2026, before this last \
         on 8 Aug 2026 05:45 (191 days earlier); 2 other programs make up the rest; evenly spread \
         over them, about 87 would make it ordinary (score below 50)",
    );
}

#[test]
fn what_comes_at_another_time_than_always_is_told_with_both() {
    let mut scene = busy("process.name", 40 * DAY);
    (1..31).for_each(|day| scene.see(day * DAY + 8, "web-01", b"backup", "{}"));
    scene.see(31 * DAY + 57, "web-01", b"backup", "{}");
    check(
        &scene,
        31 * DAY + 57,
        "backup comes daily at 02:00 UTC (30 times in a row since 2 Aug), but this time at 14:15",
    );
}

#[test]
fn what_comes_at_its_time_long_after_its_rhythm_ended_is_told_with_both() {
    let mut scene = busy("process.name", 30 * DAY);
    (1..8).for_each(|day| scene.see(day * DAY + 8, "web-01", b"backup", "{}"));
    scene.see(27 * DAY + 11, "web-01", b"backup", "{}");
    check(
        &scene,
        27 * DAY + 11,
        "backup came daily at 02:00 UTC until 8 Aug (7 times in a row since 2 Aug), and not again \
         for 20 days until now",
    );
    assert!(scene.alert(27 * DAY + 11).is_shown());
}

#[test]
fn what_keeps_coming_without_a_rhythm_was_away_for_as_long_before() {
    let mut scene = busy("process.name", 30 * DAY);
    for day in [2, 4, 7, 11, 16, 18, 21] {
        scene.see(day * DAY + 20 * (day % 5), "web-01", b"psql", "{}");
    }
    let alert = scene.alert(21 * DAY + 20);
    let end = "; it keeps coming: it was there on five days or more, and was away for as long \
         before";
    assert!(alert.why.ends_with(end) && !alert.is_shown(), "{}", alert.why);
    // After a longer silence than ever it is told of.
    scene.see(28 * DAY, "web-01", b"psql", "{}");
    let alert = scene.alert(28 * DAY);
    assert!(!alert.why.contains("keeps coming") && alert.is_shown(), "{}", alert.why);
}

#[test]
fn what_comes_when_it_is_due_says_so() {
    let mut scene = crowded(9 * DAY);
    (1..9).for_each(|day| scene.see(day * DAY + 8, "web-01", b"backup", "{}"));
    let alert = scene.alert(6 * DAY + 8);
    assert_eq!(
        alert.why,
        "backup comes daily at 02:00 UTC (5 times in a row since 2 Aug), and this is its time"
    );
    assert!(alert.is_expected && !alert.is_shown());
}

#[test]
fn what_others_know_is_told_with_how_many_and_for_how_long() {
    let mut scene = Scene::new_to_a_host();
    for host in ["db-01", "db-02", "db-03", "web-01"] {
        scene.always(0..20 * DAY, host, &["sshd", "ntpd", "cron"]);
    }
    scene.always(5..20 * DAY, "db-01", &["rsync"]);
    scene.see(18 * DAY, "web-01", b"rsync", "{}");
    check(
        &scene,
        18 * DAY,
        "rsync was never seen before in 1,728 active quarter-hours on web-01 since 1 Aug; 1 of 3 \
         other hosts knows it, for 17 days by now",
    );
}

#[test]
fn what_is_found_while_little_is_known_is_provisional() {
    let mut scene = crowded(90);
    scene.rule.threshold = 10.0;
    scene.see(80, "web-01", b"nc", "{}");
    check(
        &scene,
        80,
        "nc was seen in 1 of 80 active quarter-hours since 1 Aug, never before; 25 other \
         programs make up the rest; in about 15 of them it would be ordinary (score below 10); \
         provisional, as this is still learning (80 of about 96 active quarter-hours)",
    );
}

#[test]
fn a_name_adds_no_word_to_the_sentence() {
    let mut scene = busy("process.name", WEEKS);
    scene.see(1300, "web-01", b"nc is ordinary;\x1b[2J\xff", "{}");
    let why = scene.alert(1300).why;
    assert!(why.starts_with(r#""nc is ordinary;\x1b[2J\xff" was seen in 1 of "#), "{why}");
}
