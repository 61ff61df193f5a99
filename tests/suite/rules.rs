//! The rules: that those that are built in say what the published ones say, in their own words.

use std::collections::BTreeSet;

use oddsock::engine::Novelty;
use oddsock::rules::{Catalogue, Rule, Severity};

use crate::shared::{project, shared};

/// A built-in rule.
pub fn rule(name: &str) -> Rule {
    Catalogue::builtin().find(name).expect(name).clone()
}

/// Tactics and techniques in one line: `TA0011(T1071) TA0008`.
fn threats(rule: &Rule) -> String {
    let threats = rule.threats.iter().map(|threat| {
        let mut below = Vec::new();
        for technique in &threat.techniques {
            assert!(technique.reference.contains(&technique.id), "{technique:?}");
            assert!(!technique.name.is_empty());
            let subtechniques = technique.subtechniques.iter().map(|below| below.id.clone());
            let before = below.len();
            below.extend(subtechniques);
            if below.len() == before {
                below.push(technique.id.clone());
            }
        }
        assert!(threat.tactic.reference.contains(&threat.tactic.id));
        assert_eq!(threat.framework, "MITRE ATT&CK");
        match below.is_empty() {
            true => threat.tactic.id.clone(),
            false => format!("{}({})", threat.tactic.id, below.join(",")),
        }
    });
    threats.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_built_in_rules_have_the_facts_of_the_published_ones() {
    for (name, title, id, version, by, tactics) in [
        (
            "v3_linux_anomalous_network_activity",
            "Unusual Linux Network Activity",
            "52afbdc5-db15-485e-bc24-f5707f820c4b",
            7,
            "process.name",
            "TA0011(T1071) TA0008 TA0003 TA0005(T1055) TA0010(T1041)",
        ),
        (
            "v3_linux_anomalous_network_port_activity",
            "Unusual Linux Network Port Activity",
            "3c7e32e6-6104-46d9-a06e-da0f8b5795a0",
            105,
            "destination.port",
            "TA0011(T1071,T1571) TA0003(T1205.001) TA0010(T1041)",
        ),
    ] {
        let rule = rule(name);
        assert_eq!((&rule.title[..], &rule.id[..], rule.version), (title, id, version));
        assert_eq!(rule.question.by, by);
        assert_eq!(threats(&rule), tactics);
        assert_eq!(rule.jobs, [name]);
        assert_eq!(rule.question.name, name);
        assert_eq!(rule.question.partition, None);
        assert_eq!(rule.question.novelty, Novelty::Any);
        check_figures(&rule);
    }
}

fn check_figures(rule: &Rule) {
    assert_eq!(rule.threshold, 50.0);
    assert_eq!((rule.interval, rule.look_back, rule.max_alerts), (900, 2700, 100));
    assert_eq!((rule.severity, rule.risk_score), (Severity::Low, 21));
    assert_eq!(rule.question.span.seconds(), 900);
    let influencers = ["host.name", "process.name", "user.name", "destination.ip"];
    assert_eq!(rule.question.influencers, influencers);
    assert_eq!(rule.ruleset, "oddsock");
    assert!(!rule.description.is_empty() && !rule.license.is_empty());
    assert!(rule.next_steps.len() >= 5 && rule.false_positives.len() >= 2);
    let conditions = rule.filter.include.iter().chain(&rule.filter.exclude);
    assert!(conditions.into_iter().all(|condition| !condition.reason.is_empty()));
}

#[test]
fn the_rule_of_our_own_asks_each_host_by_itself() {
    let rule = rule("process_new_to_a_host");
    assert_eq!(rule.title, "Linux Network Activity by a Process New to the Host");
    assert_eq!(rule.question.by, "process.name");
    assert_eq!(rule.question.partition.as_deref(), Some("host.name"));
    assert_eq!(rule.question.novelty, Novelty::KnownElsewhere);
    check_figures(&rule);
}

#[test]
fn every_form_of_a_rule_selects_its_detector() {
    for (job, name) in [
        ("v3_linux_anomalous_network_activity", "unusual_linux_network_activity"),
        ("linux_anomalous_network_activity_ecs", "unusual_linux_network_activity"),
        ("v3_linux_anomalous_network_port_activity", "unusual_linux_network_port_activity"),
        ("linux_anomalous_network_port_activity_ecs", "unusual_linux_network_port_activity"),
    ] {
        let text = format!("[rule]\nname = \"R\"\nmachine_learning_job_id = \"{job}\"\n");
        for text in [
            text.clone(),
            text.replace('"', "'").replace(&format!("'{job}'"), &format!("['{job}']")),
        ] {
            let read = Rule::read("public.toml", &text).expect(job);
            let own = rule(name);
            assert_eq!(
                (&read.name, &read.question, &read.filter),
                (&own.name, &own.question, &own.filter)
            );
            assert_eq!(read.jobs, [job]);
        }
    }
    let history = rule("unusual_linux_network_activity").history;
    let said: Vec<_> = history.iter().map(|form| (&form.published[..], form.version)).collect();
    assert_eq!(said, [("2025/11", None), ("8.1.1", Some(7)), ("2020/03", None)]);
}

/// The rule file within a text that has other things before and after it, and may number its lines.
fn rule_file(text: &str) -> String {
    let unnumbered =
        |line: &str| line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
    let is_numbered = text.contains("1[metadata]");
    let lines =
        text.lines().map(|line| if is_numbered { unnumbered(line) } else { line.to_owned() });
    let lines = lines.skip_while(|line| line.trim() != "[metadata]");
    let ends = |line: &String| is_numbered && line.trim() == "Triage and analysis";
    lines.take_while(|line| !ends(line)).map(|line| line + "\n").collect()
}

#[test]
fn public_rule_files_work_as_they_are() {
    let Some(seeds) = shared("seeds") else { return };
    for (file, tactics, false_positives, steps) in
        [("001_71c87fda7c2f4731.txt", 5, 0, 5), ("003_82b80ff79e8c9bb5.txt", 0, 1, 5)]
    {
        let text = std::fs::read_to_string(seeds.join(file)).expect(file);
        let read = Rule::read("ml_rule.toml", &rule_file(&text)).unwrap_or_else(|e| panic!("{e}"));
        let own = rule("unusual_linux_network_activity");
        assert_eq!((&read.name, &read.title, &read.id), (&own.name, &own.title, &own.id));
        assert_eq!((&read.question, &read.filter), (&own.question, &own.filter));
        assert_eq!((read.threshold, read.interval, read.look_back), (50.0, 900, 2700));
        assert_eq!((read.severity, read.risk_score, read.max_alerts), (Severity::Low, 21, 100));
        assert_eq!(read.threats.len(), tactics);
        assert_eq!(read.false_positives.len(), false_positives);
        assert_eq!(read.next_steps.len(), steps, "{:#?}", read.next_steps);
        assert_eq!(read.ruleset, "ml_rule.toml");
    }
}

#[test]
fn no_text_of_a_built_in_rule_is_taken_from_a_published_one() {
    let Some(seeds) = shared("seeds") else { return };
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let mut published = BTreeSet::new();
    for path in crate::shared::files(&seeds, ".txt") {
        let text = words(&std::fs::read_to_string(path).expect("text"));
        published.extend(text.windows(6).map(|six| six.join(" ")));
    }
    for rule in Catalogue::builtin().rules() {
        let lists = rule.next_steps.iter().chain(&rule.false_positives);
        for text in lists.chain([&rule.description]) {
            let own = words(text);
            let shared =
                own.windows(6).map(|six| six.join(" ")).find(|six| published.contains(six));
            assert_eq!(shared, None, "{}", rule.name);
        }
    }
}

/// The examples of the manual that are files.
fn files_in_the_manual() -> Vec<String> {
    let page = std::fs::read_to_string(project().join("man/oddsock-rules.5")).expect("a page");
    let examples = page.split(".EX\n").skip(1).filter_map(|rest| rest.split(".EE").next());
    let files = examples.filter(|example| example.starts_with('['));
    files.map(|example| example.replace("\\-", "-")).collect()
}

#[test]
fn the_examples_of_the_manual_are_rules() {
    let rules: Vec<Rule> = files_in_the_manual()
        .iter()
        .map(|text| Rule::read("own.toml", text).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let names: Vec<&str> = rules.iter().map(|rule| &rule.name[..]).collect();
    assert_eq!(names, ["user_new_to_a_host", "unusual_linux_network_activity"]);
    let mut catalogue = Catalogue::builtin();
    catalogue.add(rules).unwrap_or_else(|error| panic!("{error}"));
    // One of them is new, the other in place of a built-in one.
    assert_eq!(catalogue.rules().len(), Catalogue::builtin().rules().len() + 1);
    assert_eq!(catalogue.rules()[0].threshold, 75.0);
}

#[test]
fn every_built_in_rule_and_its_jobs_are_in_the_manual() {
    let page = std::fs::read_to_string(project().join("man/oddsock-rules.5")).expect("a page");
    for rule in Catalogue::builtin().rules() {
        assert!(page.contains(&format!("\n.B {}\n", rule.name)), "{}", rule.name);
        assert_eq!(rule.all_jobs().find(|job| !page.contains(job)), None);
    }
}
