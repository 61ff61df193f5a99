use std::collections::BTreeSet;

use super::calls::{self, OUTCOMES, SHAPES};
use super::rules::{Machine, Order, RuleSet, RuleText, Who, fate};
use crate::audit::syscalls::Call;

/// Rules and the connects that a real kernel records by them; tests/live/fates.sh asks it.
const FATES: &str = include_str!("../../tests/live/fates.txt");

fn is_like(name: &str, glob: &str) -> bool {
    let same = |(part, wanted): (&str, &str)| wanted == "*" || part == wanted;
    name.split('-').zip(glob.split('-')).all(same) && glob != "none"
}

/// Every connect, by its name in the file, and what it is.
fn recorded(rules: &str, machine: Machine) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = rules.replace("; ", "\n");
    let set =
        RuleSet::read(&[RuleText { name: "fates".to_owned(), text }], Order::AsTheyAre, machine);
    assert_eq!(set.faults.count, 0, "{rules}: {:?}", set.faults);
    let (mut all, mut recorded) = (BTreeSet::new(), BTreeSet::new());
    let ways = calls::ways(Call::Connect, machine);
    for (way, way_name) in ways.into_iter().zip(["64", "32", "32s"]) {
        for (shape, shape_name) in SHAPES.into_iter().zip(["ipv4", "ipv6", "large"]) {
            for (outcome, outcome_name) in OUTCOMES.into_iter().zip(["ok", "open", "refused"]) {
                let name = format!("{way_name}-{shape_name}-{outcome_name}");
                let probe = calls::connect(way, shape, outcome, Who::ALL[0]);
                if fate(&set, &probe, machine).recorded().is_some() {
                    recorded.insert(name.clone());
                }
                all.insert(name);
            }
        }
    }
    (all, recorded)
}

#[test]
fn rules_record_what_a_real_kernel_records_by_them() {
    let machine = Machine::named("x86_64").expect("a machine");
    let mut asked = 0;
    for line in FATES.lines().filter(|line| !line.starts_with('#')) {
        let (rules, expected) = line.split_once(" => ").expect(line);
        let (all, recorded) = recorded(rules, machine);
        let is_expected = |name: &&String| expected.split(' ').any(|glob| is_like(name, glob));
        let expected: BTreeSet<String> = all.iter().filter(is_expected).cloned().collect();
        assert_eq!(recorded, expected, "{line}");
        asked += 1;
    }
    assert!(asked > 40, "{asked}");
}
