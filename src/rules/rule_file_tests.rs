use super::*;
use crate::engine::Novelty;
use proptest::prelude::*;

const OWN: &str = r#"[metadata]
maturity = "production"

[rule]
name = "A user who is new to a host"
description = "Nobody of that name was here."
anomaly_threshold = 62.5
interval = "30m"
from = "now-2h"
max_signals = 20
severity = "high"
risk_score = 73
tags = ["ours"]

[[rule.threat]]
framework = "MITRE ATT&CK"

[rule.threat.tactic]
id = "TA0008"
name = "Lateral Movement"
reference = "https://attack.mitre.org/tactics/TA0008/"

[detector]
name = "new_user"
by = "user.name"
partition = "host.name"
influencers = ["process.name", "source.ip"]
span = "1h"
novelty = "known_elsewhere"

[[detector.include]]
field = "event.action"
values = ["connection_*"]

[[detector.exclude]]
field = "source.ip"
values = ["10.0.0.0/8", "::1"]
reason = "Our own."

[[detector.exclude]]
field = "source.port"
values = [22, "8000-8999"]
"#;

#[test]
fn a_detector_of_ones_own_is_a_file() {
    let rule = Rule::read("dir/own.toml", OWN).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((&rule.name[..], &rule.id[..]), ("new_user", "new_user"));
    assert_eq!(rule.question.name, "new_user");
    assert_eq!((rule.threshold, rule.interval, rule.look_back), (62.5, 1800, 7200));
    assert_eq!((rule.severity, rule.risk_score, rule.max_alerts), (Severity::High, 73, 20));
    assert_eq!(rule.question.by, "user.name");
    assert_eq!(rule.question.partition.as_deref(), Some("host.name"));
    assert_eq!(rule.question.influencers, ["process.name", "source.ip"]);
    assert_eq!(rule.question.span.to_string(), "1h");
    assert_eq!(rule.question.novelty, Novelty::KnownElsewhere);
    assert_eq!(rule.filter.include.len(), 1);
    let shown: Vec<Vec<String>> = rule
        .filter
        .exclude
        .iter()
        .map(|condition| condition.patterns.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(shown, [["10.0.0.0/8", "::1"], ["22", "8000-8999"]]);
    assert_eq!((&rule.ruleset[..], &rule.text[..]), ("dir/own.toml", OWN));
}

#[test]
fn what_a_file_does_not_say_is_as_usual() {
    let text = "[rule]\nname = \"X\"\n[detector]\nby = \"user.name\"\n";
    let rule = Rule::read("/etc/rules.d/rare user.toml", text).expect("a rule");
    assert_eq!((&rule.name[..], rule.version, rule.threshold), ("rare_user", 1, 50.0));
    assert_eq!((rule.interval, rule.look_back, rule.max_alerts), (900, 2700, 100));
    assert_eq!((rule.severity, rule.risk_score), (Severity::Low, 21));
    assert_eq!(rule.question.span.to_string(), "15m");
    assert!(rule.threats.is_empty() && rule.question.influencers.is_empty());
}

#[test]
fn a_public_file_keeps_what_it_says_and_gets_the_detector_of_its_job() {
    let text = r#"
[metadata]
creation_date = "2020/03/25"
ecs_version = ["1.5.0"]

[rule]
anomaly_threshold = 75
author = ["Somebody"]
description = """
Some
words.
"""
false_positives = ["A backup."]
from = "now-60m"
interval = "30m"
machine_learning_job_id = "linux_anomalous_network_activity_ecs"
name = "Unusual Linux Network Activity"
note = '''## Guide
- Look.

### False positive analysis
- An update.
'''
risk_score = 47
rule_id = "52afbdc5-db15-485e-bc24-f5707f820c4b"
setup = "anything"
severity = "medium"
some_new_key = { of = "theirs" }
type = "machine_learning"
"#;
    let rule = Rule::read("public.toml", text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rule.name, "unusual_linux_network_activity");
    assert_eq!(rule.question.name, "v3_linux_anomalous_network_activity");
    assert_eq!(rule.description, "Some words.");
    assert_eq!((rule.threshold, rule.interval, rule.look_back), (75.0, 1800, 3600));
    assert_eq!((rule.severity, rule.risk_score), (Severity::Medium, 47));
    assert_eq!(rule.next_steps, ["Look."]);
    assert_eq!(rule.false_positives, ["A backup.", "An update."]);
    assert!(rule.threats.is_empty() && rule.history.is_empty());
}

/// Replaces a part of the file above, and says what is wrong with it then.
#[track_caller]
fn check(part: &str, by: &str, line: usize, column: usize, expected: &[&str]) {
    assert!(OWN.contains(part), "{part}");
    let error = Rule::read("own.toml", &OWN.replacen(part, by, 1)).expect_err(by);
    let shown = error.to_string();
    assert_eq!((error.line, error.column), (line, column), "{shown}");
    for expected in expected {
        assert!(error.message.contains(expected), "{shown}\nlacks: {expected}");
    }
    let text = OWN.replacen(part, by, 1);
    assert!(shown.contains(text.lines().nth(line - 1).expect("the line")), "{shown}");
}

#[test]
fn a_wrong_file_says_where_and_what_was_expected() {
    let length = "expected a number with s, m, h, d or w behind it, such as \"15m\"";
    check("\"1h\"", "\"15 parsecs\"", 28, 8, &["\"15 parsecs\" is no length of time", length]);
    check("span = \"1h\"", "bucket_span = \"15 parsecs\"", 28, 15, &[length]);
    check("span = \"1h\"", "span = 15", 28, 8, &["expected a string", "found a whole number"]);
    check("\"1h\"", "\"2w\"", 28, 8, &["at most \"1w\""]);
    check("62.5", "101", 7, 21, &["expected a number from 0 to 100", "found 101"]);
    check("62.5", "-0.5", 7, 21, &["expected a number from 0 to 100"]);
    check("62.5", "nan", 7, 21, &["expected a number from 0 to 100"]);
    check("62.5", "\"high\"", 7, 21, &["a number from 0 to 100", "found a string"]);
    check("anomaly_threshold", "anomaly_treshold", 7, 1, &["did you mean \"anomaly_threshold\"?"]);
    check("now-2h", "2h", 9, 8, &["such as \"now-45m\""]);
    check("max_signals = 20", "max_signals = 0", 10, 15, &["from 1 to 10000"]);
    check("severity = \"high\"", "severity = \"hihg\"", 11, 12, &["low, medium, high, critical"]);
    check("risk_score = 73", "risk_score = 7.3", 12, 14, &["a whole number from 0 to 100"]);
    check("tags = [\"ours\"]", "tags = [1]", 13, 9, &["expected a string"]);
    check("\"user.name\"", "\"user.nmae\"", 25, 6, &["did you mean \"user.name\"?"]);
    check("\"user.name\"", "\"labels.prob\"", 25, 6, &["did you mean \"labels.probe\"?"]);
    check("\"user.name\"", "\"\"", 25, 6, &["by is empty"]);
    check("by = \"user.name\"\n", "", 23, 1, &["[detector] has no by", "by = \"process.name\""]);
    check("partition =", "partitoin =", 26, 1, &["did you mean \"partition\"?"]);
    check("partition = \"host.name\"\n", "", 28, 11, &["partition = \"host.name\""]);
    check("\"process.name\", ", "\"source.ip\", ", 27, 29, &["an influencer already"]);
    check("known_elsewhere", "known_elsewere", 29, 11, &["did you mean \"known_elsewhere\"?"]);
    check("\"new_user\"", "\"new user\"", 24, 8, &["no short name"]);
    check("\"new_user\"", "\"../../x\"", 24, 8, &["no short name"]);
    check("10.0.0.0/8", "10.0.0.0/33", 37, 11, &["expected an address or a network"]);
    check("10.0.0.0/8", "10.*", 37, 11, &["expected an address or a network"]);
    check("8000-8999", "8999-8000", 42, 15, &["a number or a range"]);
    check("connection_*", "connection\\\\", 33, 11, &["backslash"]);
    check("values = [\"10.0.0.0/8\", \"::1\"]\n", "", 35, 1, &["has no values"]);
    check("reason =", "because =", 38, 1, &["expected one of field, values, reason"]);
    check("id = \"TA0008\"\n", "", 18, 1, &["has no id"]);
    check("name = \"A user who is new to a host\"\n", "", 4, 1, &["[rule] has no name"]);
    check("[detector]", "[detecter]", 23, 2, &["did you mean \"detector\"?"]);
    check("[detector]", "[detector", 23, 10, &["this is no TOML"]);
    check("tags =", "name =", 13, 1, &["this is no TOML", "duplicate key"]);
    check("[rule]", "[hunt]", 4, 1, &["this is a hunt"]);
    check("severity", "machine_learning_job_id = \"a b\"\nseverity", 11, 27, &["no short name"]);
    check("[[rule.threat]]", "[[rule.threats]]", 15, 8, &["did you mean \"threat\"?"]);
    check("severity", "type = \"eql\"\nseverity", 11, 8, &["\"machine_learning\""]);
}

#[test]
fn a_job_that_nobody_knows_says_which_are_known() {
    let text = "[rule]\nname = \"X\"\nmachine_learning_job_id = [\"v3_linux_rare_thing\"]\n";
    let error = Rule::read("x.toml", text).expect_err("an unknown job");
    assert_eq!((error.line, error.column), (3, 28), "{error}");
    for expected in [
        "\"v3_linux_rare_thing\"",
        "v3_linux_anomalous_network_port_activity",
        "linux_anomalous_network_activity_ecs",
        "a table [detector]",
    ] {
        assert!(error.message.contains(expected), "{error}");
    }
    let near = text.replace("v3_linux_rare_thing", "v3_linux_anomalous_netwrok_activity");
    let error = Rule::read("x.toml", &near).expect_err("an unknown job");
    let meant = "did you mean \"v3_linux_anomalous_network_activity\"?";
    assert!(error.message.contains(meant), "{error}");
    let two =
        "\"v3_linux_anomalous_network_activity\", \"v3_linux_anomalous_network_port_activity\"";
    let error = Rule::read("x.toml", &text.replace("\"v3_linux_rare_thing\"", two));
    assert!(error.expect_err("two detectors").message.contains("another detector"));
    let error = Rule::read("x.toml", "[rule]\nname = \"X\"\n").expect_err("no detector");
    assert!(error.message.contains("expected a table [detector]"), "{error}");
}

#[test]
fn a_file_that_is_no_rule_file_is_refused() {
    for (text, expected) in [
        ("", "the file has no [rule]"),
        ("rule = 1", "expected a table [rule], found a whole number"),
        ("detector = []\n[rule]\nname = \"x\"", "expected a table [detector], found a list"),
        (&format!("{}1{}", "a = [".repeat(5000), "]".repeat(5000)), "this is no TOML"),
        (&"#".repeat(LARGEST_FILE + 1), "expected at most 1048576"),
    ] {
        let error = Rule::read("x.toml", text).expect_err(expected);
        assert!(error.message.contains(expected), "{}", error.message);
    }
}

proptest! {
    #[test]
    fn no_damage_to_a_file_does_harm(
        wounds in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, ".{0,6}"), 1..6)
    ) {
        let mut text = OWN.to_owned();
        for (at, length, with) in wounds {
            let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if bounds.is_empty() {
                break;
            }
            let from = at.index(bounds.len());
            let to = (from + length).min(bounds.len() - 1);
            text.replace_range(bounds[from]..bounds[to], &with);
        }
        if let Err(error) = Rule::read("own.toml", &text) {
            let lines = text.lines().count().max(1) + 1;
            prop_assert!((1..=lines).contains(&error.line), "{error}");
            let acts = |c: char| c.is_control() && c != '\n';
            prop_assert!(!error.to_string().contains(acts));
        }
    }
}
