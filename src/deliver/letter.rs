//! An alert as a letter.

use super::Letter;
use crate::alert::{self, Alert};
use crate::output::escape;

/// The letter that tells of an alert. `document` is the alert as JSON, without a line's end: the
/// store keeps the same.
pub fn letter(alert: &Alert, document: &str) -> Letter {
    let mut hosts = Vec::new();
    match &alert.hosts[..] {
        [] => {}
        [first] => {
            hosts.extend_from_slice(b" on ");
            escape::word(first, &mut hosts);
        }
        [first, others @ ..] => {
            hosts.extend_from_slice(b" on ");
            escape::word(first, &mut hosts);
            hosts.extend_from_slice(format!(" and {} more", others.len()).as_bytes());
        }
    }
    let hosts = String::from_utf8_lossy(&hosts);
    let (values, rule) = (alert::values(alert), &alert.rule);
    let (score, severity) = (alert.finding.score, rule.severity.name());
    Letter {
        id: alert.id.clone(),
        time: alert.bucket_start_ms,
        severity: rule.severity.number(),
        score,
        sentence: format!(
            "unusual: {values}{hosts}: {} [score {score:.1}, {severity}, {}, {}]",
            alert.why, rule.name, alert.id
        ),
        document: document.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::scene::{DAY, Scene};

    /// A program that is seen in one quarter-hour, on these hosts.
    fn alert(name: &[u8], hosts: &[&str]) -> Alert {
        let mut scene = Scene::of("process.name");
        scene.always(0..14 * DAY, "web-01", &["sshd", "ntpd", "nginx", "cron", "node"]);
        hosts.iter().for_each(|host| scene.see(1300, host, name, "{}"));
        scene.alert(1300)
    }

    #[test]
    fn a_letter_says_what_is_unusual_where_and_under_which_id() {
        let alert = alert(b"nc", &["web-01"]);
        let letter = letter(&alert, "{}");
        assert_eq!((&letter.id, letter.time), (&alert.id, alert.bucket_start_ms));
        assert_eq!((letter.severity, letter.document.as_str()), (21, "{}"));
        let (begin, end) = ("unusual: nc on web-01: nc was", format!(", {}]", alert.id));
        assert!(
            letter.sentence.starts_with(begin) && letter.sentence.ends_with(&end),
            "{letter:?}"
        );
    }

    #[test]
    fn a_hostile_name_makes_one_line_in_which_nothing_acts() {
        let alert = alert(b"\x1b[2J\nx", &["db\n", "web"]);
        let letter = letter(&alert, "{}");
        assert!(!letter.sentence.chars().any(char::is_control), "{letter:?}");
        assert!(letter.sentence.contains(r#" on "db\n" and 1 more: "#), "{letter:?}");
    }
}
