use super::*;
use crate::alert::scene::{DAY, Scene};

fn busy() -> Scene {
    let mut scene = Scene::of("process.name");
    scene.always(0..14 * DAY, "web-01", &["sshd", "ntpd", "nginx", "cron", "node"]);
    scene
}

#[test]
fn a_score_is_cut_so_that_what_is_shown_has_been_reached() {
    let said = [59.9, 60.0, 74.6, 75.0, 99.97, 100.0, 0.4].map(points);
    assert_eq!(said, ["59", "60", "74", "75", "99", "100", "0"]);
}

#[test]
fn an_alert_has_what_the_ledger_knows_of_its_bucket_and_no_other() {
    let mut scene = busy();
    scene.see(1000, "db-01", b"nc", r#"{"n":0}"#);
    for (at, host) in ["web-01", "db-02", "web-01"].iter().enumerate() {
        scene.see(1300, host, b"nc", &format!("{{\"n\":{}}}", at + 1));
    }
    let alert = scene.alert(1300);
    assert_eq!(alert.hosts, [b"db-02", &b"web-01"[..]]);
    assert_eq!(alert.connections, Number { number: 3, is_exact: true });
    let evidence: Vec<_> = alert.evidence.iter().map(|text| text.to_vec()).collect();
    assert_eq!(evidence, [br#"{"n":1}"#, br#"{"n":2}"#, br#"{"n":3}"#]);
    let hosts = &alert.influencers[0];
    let counted = |number| Number { number, is_exact: true };
    assert_eq!(hosts.values, [(b"web-01".to_vec(), counted(2)), (b"db-02".to_vec(), counted(1))]);
    assert!((hosts.score - alert.finding.score * 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(alert.history.hosts.number, 3);
    assert_eq!(alert.history.buckets_seen, 2);
    assert_eq!(alert.history.last_seen_ms, Some(u64::from(scene::START + 1000) * 900_000));
}

#[test]
fn later_facts_change_neither_the_id_nor_the_history_of_an_alert() {
    let mut scene = busy();
    scene.see(1000, "web-01", b"nc", "{}");
    let before = scene.alert(1000);
    scene.see(1300, "db-01", b"nc", "{}");
    let after = scene.alert(1000);
    assert_eq!(before, after);
    assert_eq!((after.id.len(), after.history.hosts.number), (16, 1));
    assert_ne!(scene.alert(1300).id, after.id);
}

#[test]
fn the_id_of_an_alert_is_the_same_in_every_version() {
    let mut scene = busy();
    scene.see(1300, "web-01", b"nc", "{}");
    assert_eq!(scene.alert(1300).id, "4143ba4973b34b7f");
}

#[test]
fn what_two_rules_find_with_one_question_are_two_alerts() {
    let mut scene = busy();
    scene.see(1300, "web-01", b"nc", "{}");
    let one = scene.alert(1300).id;
    scene.rule.id = "another".to_string();
    assert_ne!(scene.alert(1300).id, one);
    scene.rule.id = "52afbdc5-db15-485e-bc24-f5707f820c4b".to_string();
    // The same rule with another threshold, name or text finds the same.
    (scene.rule.name, scene.rule.version, scene.rule.threshold) = ("x".to_string(), 8, 40.0);
    assert_eq!(scene.alert(1300).id, one);
}

#[test]
fn a_burst_shows_an_event_of_each_value_before_a_second_of_any() {
    let mut scene = busy();
    for value in 0..7_u8 {
        for event in 0..3 {
            scene.see(300, "web-01", &[b'v', b'a' + value], &format!("[{value},{event}]"));
        }
    }
    let alert = scene.alert(300);
    assert_eq!(alert.finding.values.len(), 7);
    assert_eq!(alert.connections.number, 21);
    let shown: Vec<_> = alert.evidence.iter().map(|t| String::from_utf8_lossy(t)).collect();
    assert_eq!(shown, ["[0,0]", "[0,1]", "[1,0]", "[2,0]", "[3,0]", "[4,0]", "[5,0]", "[6,0]"]);
}

#[test]
fn each_number_behind_a_score_is_told() {
    let mut scene = busy();
    scene.see(1300, "web-01", b"nc", "{}");
    let rows = factors(&scene.alert(1300));
    let said: Vec<String> =
        rows.iter().map(|row| format!("{}: {} {}", row.name, row.value, row.meaning)).collect();
    assert_eq!(
        said,
        [
            "buckets: 1 that it was in, with this one",
            "all buckets: 1,300 that had any value",
            "values: 6 different ones that were seen in them",
            "mass: 1.000 its buckets, each counting less the older it is",
            "total: 5549.759 the same of all values together",
            "share: 0.018 % its mass of the total",
            "rarity: 4.78559e-4 the share of everything as rare as this or rarer, allowing for \
             chance",
            "ordinary: 11 of these buckets, evenly spread, would make it ordinary",
            "probability: 4.78559e-4 all of that together",
            "by probability: 76.1 the score of its rarity alone",
            "by habit: 98.9 the most that so much rarity scores, as often as it is met here",
            "by itself: 100.0 the most that it scores after how strange it was shortly before",
            "score: 76.1 from 0 to 100; it reaches the threshold of 50",
        ]
    );
}

#[test]
fn how_many_events_had_a_value_is_never_more_than_there_were_and_an_estimate_says_so() {
    let mut scene = busy();
    (0..40).for_each(|_| scene.see(1300, "web-01", b"nc", "{}"));
    (0..8).for_each(|_| scene.see(1301, "web-01", b"ncat", "{}"));
    let numbers = |quarter| -> Vec<(u64, bool)> {
        let influencers = scene.alert(quarter).influencers;
        let values = influencers.iter().flat_map(|influencer| &influencer.values);
        values.map(|(_, count)| (count.number, count.is_exact)).collect()
    };
    // The host is that of all; twenty were alice's and twenty root's.
    let many = numbers(1300);
    assert_eq!(many[0], (40, true));
    assert!(many[1..].iter().all(|(number, is_exact)| *number <= 40 && !is_exact), "{many:?}");
    assert_eq!(numbers(1301), [(8, true), (4, true), (4, true)]);
}

/// The row of that name, as a number.
fn row(alert: &Alert, name: &str) -> Option<f64> {
    let rows = factors(alert);
    rows.iter().find(|row| row.name == name).map(|row| row.value.parse().expect("a number"))
}

#[test]
fn the_score_follows_from_the_rows_also_where_it_is_not_the_lowest_of_three() {
    let mut scene = Scene::of("process.name");
    scene.always(0..32 * DAY, "web-01", &["sshd", "ntpd", "nginx"]);
    scene.always(0..5 * DAY, "web-01", &["rsync"]);
    (1..31).for_each(|day| scene.see(day * DAY + 8, "web-01", b"backup", "{}"));
    scene.see(31 * DAY + 57, "web-01", b"backup", "{}");
    scene.see(31 * DAY + 57, "web-01", b"rsync", "{}");
    scene.see(31 * DAY + 70, "web-01", b"nc", "{}");
    scene.rule.threshold = 20.0;
    let alerts: Vec<Alert> = scene.alerts().into_iter().filter(Alert::is_shown).collect();
    let last = |value: &[u8]| {
        alerts.iter().rfind(|alert| *alert.finding.values[0] == *value).expect("an alert")
    };
    let lowest = |alert, names: &[&str]| {
        names.iter().map(|name| row(alert, name).expect("a row")).fold(100.0, f64::min)
    };
    let (off, back, new) = (last(b"backup"), last(b"rsync"), last(b"nc"));
    let three = ["by probability", "by habit", "by itself"];
    assert_eq!(row(off, "score"), Some(lowest(off, &["by rhythm", "by itself"])));
    assert!(row(off, "score") > Some(lowest(off, &three)));
    assert_eq!(row(back, "score"), row(back, "by silence"));
    assert!(row(back, "score") > Some(lowest(back, &three)));
    assert_eq!(row(new, "score"), Some(lowest(new, &three)));
    assert_eq!((row(new, "by rhythm"), row(new, "by silence")), (None, None));
}

#[test]
fn an_alert_stands_though_its_events_were_not_kept() {
    let mut scene = busy();
    scene.see(1000, "db-01", b"nc", "{}");
    scene.see(1300, "web-02", b"nc", "{}");
    let whole = scene.alert(1300);
    scene.forget_details();
    let bare = scene.alert(1300);
    assert_eq!((&bare.id, &bare.why, &bare.hosts), (&whole.id, &whole.why, &whole.hosts));
    assert_eq!(bare.connections, Number { number: 0, is_exact: false });
    assert!(bare.evidence.is_empty() && bare.influencers.is_empty());
}
