//! The fields of an alert document that come from its rule: `rule.*` and `threat.*`.
//!
//! A rule file may come from anywhere, so its texts are written with the same care as a log's.

use crate::output::json::{Object, key};
use crate::rules::Rule;

/// Appends what a rule says of itself, and of what an attacker may be about.
pub(super) fn write(rule: &Rule, object: &mut Object<'_>) {
    object.text(key!("rule.id"), rule.id.as_bytes());
    object.text(key!("rule.name"), rule.title.as_bytes());
    object.plain(key!("rule.version"), &rule.version.to_string());
    if !rule.license.is_empty() {
        object.text(key!("rule.license"), rule.license.as_bytes());
    }
    if !rule.references.is_empty() {
        object.list(key!("rule.reference"), &rule.references);
    }
    object.text(key!("rule.ruleset"), rule.ruleset.as_bytes());
    threats(rule, object);
}

/// What an attacker may be about: each tactic and each technique once, in the order of the rule.
fn threats(rule: &Rule, object: &mut Object<'_>) {
    let Some(first) = rule.threats.first() else { return };
    object.text(key!("threat.framework"), first.framework.as_bytes());
    let tactics = rule.threats.iter().map(|threat| &threat.tactic);
    let tactics = tactics.map(|tactic| [&tactic.id, &tactic.name, &tactic.reference]);
    let techniques = rule.threats.iter().flat_map(|threat| &threat.techniques);
    let subtechniques = techniques.clone().flat_map(|technique| &technique.subtechniques);
    let techniques = techniques.map(|one| [&one.id, &one.name, &one.reference]);
    let subtechniques = subtechniques.map(|one| [&one.id, &one.name, &one.reference]);
    named("threat.tactic", tactics, object);
    named("threat.technique", techniques, object);
    named("threat.technique.subtechnique", subtechniques, object);
}

/// Ids, names and references of several things, as three lists of the same length.
fn named<'r>(what: &str, things: impl Iterator<Item = [&'r String; 3]>, object: &mut Object<'_>) {
    let mut once: Vec<[&String; 3]> = Vec::new();
    for thing in things {
        if once.iter().all(|known| known[0] != thing[0]) {
            once.push(thing);
        }
    }
    for (at, part) in ["id", "name", "reference"].iter().enumerate().filter(|_| !once.is_empty()) {
        let list: Vec<&[u8]> = once.iter().map(|thing| thing[at].as_bytes()).collect();
        write_list(&format!("{what}.{part}"), &list, object);
    }
}

/// Appends the techniques of a hunt, of which it has only the ids: `T1071`, `T1071.001`.
pub(super) fn techniques(ids: &[String], object: &mut Object<'_>) {
    if ids.is_empty() {
        return;
    }
    object.plain(key!("threat.framework"), "MITRE ATT&CK");
    let mut techniques: Vec<&[u8]> = Vec::new();
    for id in ids {
        let technique = id.split('.').next().unwrap_or_default().as_bytes();
        if !techniques.contains(&technique) {
            techniques.push(technique);
        }
    }
    write_list("threat.technique.id", &techniques, object);
    let below = ids.iter().filter(|id| id.contains('.')).map(String::as_bytes);
    let below: Vec<&[u8]> = below.collect();
    if !below.is_empty() {
        write_list("threat.technique.subtechnique.id", &below, object);
    }
}

fn write_list(name: &str, values: &[&[u8]], object: &mut Object<'_>) {
    object.named(name);
    for (at, value) in values.iter().enumerate() {
        object.out.push(if at == 0 { b'[' } else { b',' });
        object.value(&format!("{name}[{at}]"), value);
    }
    object.out.push(b']');
}
