//! Coverage: which connects a rule set has recorded, and what those it loses have in common.
//!
//! A rule set comes in; findings go out. Each check changes one thing about a connect and keeps all
//! others: where one value is recorded and another is not, that thing is what the rules lose, and
//! the test that does not hold any more, or the rule that hides it, is why.

use super::calls::{self, OUTCOMES, OWN, Outcome, SHAPES, Shape, Way};
use super::finding::{Finding, Level};
use super::recommended::Part;
use super::rules::{Action, Fate, List, Machine, Place, Probe, Rule, RuleSet, Strictness, Who};
use super::rules::{asks_for, failing, fate, matches};
use crate::audit::syscalls::Call;

/// One thing about a connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Aspect {
    Way,
    Shape,
    Outcome,
    Who,
}

impl Aspect {
    /// The one that is to blame first stands first.
    const ALL: [Aspect; 4] = [Aspect::Outcome, Aspect::Shape, Aspect::Who, Aspect::Way];
}

/// A connect by its aspects.
#[derive(Clone, Copy, Debug)]
struct Connect {
    way: Way,
    shape: Shape,
    outcome: Outcome,
    who: Who,
}

/// Connects of one value that are lost while others like them are recorded.
struct Loss<'s> {
    /// The value they share.
    value: &'static str,
    /// Those that are lost, with what becomes of them and the rule that records others like them.
    lost: Vec<(Connect, Fate<'s>, &'s Rule)>,
    /// Whether some connects of the value are recorded.
    is_partial: bool,
}

/// Judges which connects are recorded.
pub(super) struct Coverage<'s> {
    set: &'s RuleSet,
    machine: Machine,
    connects: Vec<(Connect, Fate<'s>)>,
}

impl<'s> Coverage<'s> {
    pub(super) fn new(set: &'s RuleSet, machine: Machine) -> Coverage<'s> {
        let mut connects = Vec::new();
        for way in calls::ways(Call::Connect, machine) {
            for shape in SHAPES {
                for outcome in OUTCOMES {
                    for who in Who::ALL {
                        let connect = Connect { way, shape, outcome, who };
                        connects.push((connect, fate(set, &connect.probe(), machine)));
                    }
                }
            }
        }
        Coverage { set, machine, connects }
    }

    /// Whether any connect is recorded.
    pub(super) fn has_any(&self) -> bool {
        self.connects.iter().any(|(_, fate)| fate.recorded().is_some())
    }

    /// The connects that are tried.
    pub(super) fn probes(&self) -> impl Iterator<Item = Probe> {
        self.connects.iter().map(|(connect, _)| connect.probe())
    }

    /// The rules that have connects recorded.
    pub(super) fn recorders(&self) -> Vec<&'s Rule> {
        let mut rules: Vec<&Rule> = Vec::new();
        for rule in self.connects.iter().filter_map(|(_, fate)| fate.recorded()) {
            if !rules.iter().any(|known| std::ptr::eq(*known, rule)) {
                rules.push(rule);
            }
        }
        rules
    }

    /// One finding for each thing about connects.
    pub(super) fn findings(&self) -> Vec<Finding> {
        vec![
            self.finding("processes", Aspect::Who, "whoever makes them", |_| Level::Bad),
            self.finding("programs", Aspect::Way, "of 64 and of 32 bits", |value| {
                if value == OWN { Level::Bad } else { Level::Warn }
            }),
            self.finding(
                "outcomes",
                Aspect::Outcome,
                "however they end, also those that do not \
                block",
                |value| {
                    if value == OUTCOMES[2].name { Level::Warn } else { Level::Bad }
                },
            ),
            self.finding("addresses", Aspect::Shape, "to IPv4 and IPv6", |value| {
                if value == SHAPES[2].name { Level::Warn } else { Level::Bad }
            }),
        ]
    }

    fn finding(
        &self,
        check: &'static str,
        aspect: Aspect,
        all: &str,
        level: impl Fn(&str) -> Level,
    ) -> Finding {
        let losses = self.losses(aspect);
        let Some(worst) = losses.iter().map(|loss| level(loss.value)).max() else {
            return Finding::new(check, Level::Ok, format!("connects are recorded {all}"));
        };
        let mut reasons = Vec::new();
        let (mut places, mut rules, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
        let mut can_move = true;
        for loss in &losses {
            let mut causes: Vec<String> = Vec::new();
            for (connect, fate, sibling) in &loss.lost {
                let cause = self.cause(connect, *fate, sibling);
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
                match (fate, sibling) {
                    (Fate::Hidden(rule), _) => {
                        can_move &= rule.list == List::Exit;
                        push(&mut hidden, rule.place.clone());
                    }
                    (_, rule)
                        if asks_for(rule, connect.probe().number) && aspect != Aspect::Way =>
                    {
                        push(&mut places, rule.place.clone())
                    }
                    _ => {}
                }
                for rule in Part::Connect.rules(connect.way.arch, self.machine) {
                    push(&mut rules, rule);
                }
            }
            let some = if loss.is_partial { "some " } else { "" };
            let value = loss.value;
            let what = if aspect == Aspect::Outcome { "" } else { "connects " };
            let link = match aspect {
                Aspect::Way | Aspect::Who => "of ",
                Aspect::Shape => "to ",
                Aspect::Outcome => "",
            };
            causes.truncate(3);
            reasons.push(format!("{some}{what}{link}{value} are lost: {}", causes.join("; ")));
        }
        let finding = Finding::new(check, worst, reasons.join(". "));
        match (hidden.as_slice(), places.as_slice()) {
            ([], []) => finding.mended("add", rules),
            ([], places) => finding.mended(format!("in place of {}", listed(places)), rules),
            (hidden, _) => {
                let mut what = format!("take out {}", listed(hidden));
                if can_move {
                    what += ", or move it below the rules that record connects";
                }
                finding.mended(what, Vec::new())
            }
        }
    }

    /// The values of an aspect whose connects are lost while others like them are recorded.
    ///
    /// A connect is lost for one reason only: the first aspect by which it can be told from a
    /// recorded one. Or else rules that lose IPv6 on 64 bits only would be said to lose 64 bits.
    fn losses(&self, aspect: Aspect) -> Vec<Loss<'s>> {
        let mut losses: Vec<Loss<'s>> = Vec::new();
        for (connect, fate) in &self.connects {
            if fate.recorded().is_some() {
                continue;
            }
            let to_blame = Aspect::ALL
                .iter()
                .find_map(|to_blame| Some((to_blame, self.sibling(connect, *to_blame)?)));
            let Some((_, sibling)) = to_blame.filter(|(to_blame, _)| **to_blame == aspect) else {
                continue;
            };
            let value = connect.value(aspect, self.machine);
            let lost = (*connect, *fate, sibling);
            match losses.iter_mut().find(|loss| loss.value == value) {
                Some(loss) => loss.lost.push(lost),
                None => losses.push(Loss { value, lost: vec![lost], is_partial: false }),
            }
        }
        for loss in &mut losses {
            loss.is_partial = self.connects.iter().any(|(connect, fate)| {
                connect.value(aspect, self.machine) == loss.value && fate.recorded().is_some()
            });
        }
        // Where some connects of a way are recorded, the others are told by what tells them apart.
        losses.retain(|loss| aspect != Aspect::Way || !loss.is_partial);
        losses
    }

    /// The rule that has a connect recorded that differs in this aspect only.
    fn sibling(&self, connect: &Connect, aspect: Aspect) -> Option<&'s Rule> {
        self.connects.iter().find_map(|(other, fate)| {
            connect.differs_only_in(aspect, other).then(|| fate.recorded()).flatten()
        })
    }

    /// Why a connect is lost while another, which a rule has recorded, is not.
    fn cause(&self, connect: &Connect, fate: Fate<'s>, sibling: &Rule) -> String {
        let probe = connect.probe();
        match (fate, sibling) {
            (Fate::Hidden(rule), _) => format!("{} leaves them out", rule.place),
            (_, rule) if asks_for(rule, probe.number) => {
                let tests = failing(rule, &probe, Strictness::Whole, self.machine);
                let tests: Vec<String> = tests.map(ToString::to_string).collect();
                match tests.iter().any(|test| test.contains("arch")) {
                    true => "no rule is about them".to_owned(),
                    false => format!("{} has {}", rule.place, tests.join(" and ")),
                }
            }
            _ => "no rule is about them".to_owned(),
        }
    }

    /// Rules that hide connects of some processes, or record those of some only.
    pub(super) fn exceptions(&self) -> Vec<&'s Rule> {
        let hides = |rule: &&Rule| {
            rule.list == List::Exit
                && rule.action == Action::Never
                && rule.tests.iter().any(|test| test.is_of_process)
                && self
                    .probes()
                    .any(|probe| matches(rule, &probe, Strictness::AnyProcess, self.machine))
                && !self
                    .probes()
                    .any(|probe| matches(rule, &probe, Strictness::Whole, self.machine))
        };
        self.set.rules.iter().filter(hides).collect()
    }
}

impl Connect {
    fn probe(&self) -> Probe {
        calls::connect(self.way, self.shape, self.outcome, self.who)
    }

    fn value(&self, aspect: Aspect, machine: Machine) -> &'static str {
        match aspect {
            Aspect::Way => self.way.name(machine),
            Aspect::Shape => self.shape.name,
            Aspect::Outcome => self.outcome.name,
            Aspect::Who => self.who.name,
        }
    }

    fn differs_only_in(&self, aspect: Aspect, other: &Connect) -> bool {
        (aspect == Aspect::Way || self.way == other.way)
            && (aspect == Aspect::Shape || self.shape == other.shape)
            && (aspect == Aspect::Outcome || self.outcome == other.outcome)
            && (aspect == Aspect::Who || self.who == other.who)
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Places as a sentence has them, the first few of many.
pub(super) fn listed(places: &[Place]) -> String {
    let shown: Vec<String> = places.iter().take(3).map(ToString::to_string).collect();
    match places.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
