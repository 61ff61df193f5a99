use super::*;
use crate::alert::scene::{DAY, Scene};
use crate::alert::{Alert, Summary};

/// Three alerts in a quarter-hour and one in the next.
fn alerts() -> Vec<Alert> {
    let mut scene = Scene::of("process.name");
    scene.rule.max_alerts = 2;
    scene.always(0..14 * DAY, "web-01", &["sshd", "ntpd", "nginx", "cron", "node"]);
    for name in ["a", "b", "c"] {
        scene.see(1300, "web-01", name.as_bytes(), "{}");
    }
    scene.see(1301, "web-01", b"d", "{}");
    scene.alerts()
}

fn names(alerts: &[Alert]) -> Vec<String> {
    alerts.iter().map(crate::alert::values).collect()
}

#[test]
fn beyond_the_limit_of_an_execution_the_best_stay_and_the_rest_are_counted() {
    let mut alerts = alerts();
    alerts.retain(|alert| alert.finding.values.len() == 1);
    assert_eq!(names(&alerts), ["a", "b", "c", "d"]);
    for (alert, score) in alerts.iter_mut().zip([60.0, 90.0, 70.0, 50.0]) {
        alert.finding.score = score;
    }
    assert_eq!(limit(&mut alerts), 1);
    assert_eq!(names(&alerts), ["b", "c", "d"]);
    let summary = Summary::of(&alerts, 1);
    assert_eq!(summary.sentence(), "3 alerts; not shown: 1 beyond the limit of an execution");
}

#[test]
fn what_is_not_shown_takes_no_place() {
    let mut alerts = alerts();
    alerts[0].excepted = Some("scanners".to_string());
    assert_eq!(limit(&mut alerts), 0);
    assert_eq!(names(&alerts), ["a", "b", "c", "d"]);
}

#[test]
fn an_execution_that_covers_several_quarter_hours_has_one_limit_for_all() {
    let mut alerts = alerts();
    let rule = std::sync::Arc::make_mut(&mut alerts[0].rule);
    rule.interval = 3600;
    let rule = alerts[0].rule.clone();
    alerts.iter_mut().for_each(|alert| alert.rule = rule.clone());
    assert_eq!(limit(&mut alerts), 2);
}
