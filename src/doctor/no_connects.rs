//! Why a rule set has no connect recorded.
//!
//! A rule set comes in, and the connects it was tried with; one finding goes out, with what is the
//! nearest to a rule for connects in it.

use super::coverage::Coverage;
use super::finding::{Finding, Level};
use super::recommended::{Part, recommended};
use super::rules::{
    Action, Calls, Fate, List, Machine, Rule, RuleSet, Strictness, asks_for, failing, fate, matches,
};
use crate::audit::syscalls::Call;

/// No connect of anybody in particular is recorded: why?
pub(super) fn no_connects(set: &RuleSet, coverage: &Coverage<'_>, machine: Machine) -> Finding {
    let of_some = |action: Action| {
        set.rules.iter().find(|rule| {
            rule.list == List::Exit
                && rule.action == action
                && coverage
                    .probes()
                    .any(|probe| matches(rule, &probe, Strictness::AnyProcess, machine))
        })
    };
    let hidden = coverage.probes().find_map(|probe| match fate(set, &probe, machine) {
        Fate::Hidden(rule) => Some(rule),
        _ => None,
    });
    let lines: Vec<String> = recommended(&[Part::Connect, Part::Exec, Part::Socket], machine)
        .lines()
        .filter(|line| line.starts_with('-'))
        .map(str::to_owned)
        .collect();
    let bad = |reason: String| Finding::new("connects", Level::Bad, reason);
    if let Some(rule) = hidden {
        let list =
            if rule.list == List::Task { "no process is audited" } else { "none is recorded" };
        let place = &rule.place;
        let reason = format!("connects are not recorded: {place} has {}, so {list}", quoted(rule));
        return bad(reason).mended(format!("take out {place}, and have these rules"), lines);
    }
    if let Some(rule) = of_some(Action::Always) {
        let of = rule.tests.iter().filter(|test| test.is_of_process).map(ToString::to_string);
        let of: Vec<String> = of.collect();
        let reason = format!(
            "connects are recorded of some processes only: {} has {}",
            rule.place,
            of.join(" and ")
        );
        return bad(reason).mended("add", lines);
    }
    if let Some((rule, tests)) = never_met(set, coverage, machine) {
        let reason = format!(
            "connects are not recorded: {} is about them, but has {tests}, which none of them \
             meets",
            rule.place
        );
        return bad(reason).mended(format!("in place of {}", rule.place), lines);
    }
    let reason = match set.rules.is_empty() {
        true => "connects are not recorded: there is no rule at all",
        false => "connects are not recorded: no rule is about them",
    };
    bad(reason.to_owned()).mended("add", lines)
}

/// A rule about connects that no connect meets, and by which of its tests it comes closest.
fn never_met<'s>(
    set: &'s RuleSet,
    coverage: &Coverage<'_>,
    machine: Machine,
) -> Option<(&'s Rule, String)> {
    let rules = set.rules.iter().filter(|rule| {
        let is_named = matches!(rule.calls, Calls::Of { .. });
        rule.list == List::Exit && rule.action == Action::Always && is_named
    });
    let failing_of = |rule: &'s Rule| {
        let probes = coverage.probes().filter(|probe| {
            let call = Call::of(probe.arch, probe.number);
            call == Call::Connect && asks_for(rule, probe.number)
        });
        let tests = probes.map(|probe| {
            let failing = failing(rule, &probe, Strictness::Whole, machine);
            failing.map(ToString::to_string).collect::<Vec<_>>()
        });
        let tests = tests.filter(|tests| tests.iter().all(|test| !test.contains("arch")));
        tests.min_by_key(Vec::len).map(|tests| (rule, tests.join(" and ")))
    };
    rules.filter_map(failing_of).next()
}

/// A rule as a sentence has it.
pub(super) fn quoted(rule: &Rule) -> String {
    let words: String = rule.text.chars().take(120).collect();
    format!("\"{words}\"")
}
