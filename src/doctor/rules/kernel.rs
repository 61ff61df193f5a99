//! What the kernel does with a system call, by its rules.
//!
//! A made-up call and a rule set come in; out goes whether the call is recorded, and by which rule.
//! It follows `kernel/auditsc.c`: the rules of the exit list are asked in their order, the first
//! that matches decides, and all numbers are compared as 32 bits without a sign. A made-up process
//! is nobody in particular: it is no program, user or process that a rule names.

use super::machine::Machine;
use super::rule::{Action, Calls, List, Rule};
use super::rule_set::RuleSet;
use super::test::{self, Operand, Operator, Test};
use crate::audit::arch::Arch;
use crate::audit::syscalls::Call;

/// Who makes a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Who {
    /// What sentences call them.
    pub name: &'static str,
    /// The login user.
    pub login: u32,
    /// The user, in all the roles a process has.
    pub user: u32,
}

/// Nobody has logged in.
pub const UNSET: u32 = u32::MAX;

/// A person's number that no rule is likely to name.
const PERSON: u32 = 53_127;

impl Who {
    /// All that are told apart.
    pub const ALL: [Who; 4] = [
        Who { name: "people who logged in", login: PERSON, user: PERSON },
        Who { name: "people who became root", login: PERSON, user: 0 },
        Who { name: "services of a user of their own", login: UNSET, user: 897 },
        Who { name: "services of root", login: UNSET, user: 0 },
    ];

    fn id(&self, field: &str) -> u32 {
        match field {
            "auid" | "sessionid" => self.login,
            _ => self.user,
        }
    }
}

/// A process number that no rule is likely to name.
const PROCESS: u32 = 4_123_457;

/// A call that somebody might make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The architecture it is made under.
    pub arch: Arch,
    /// Its number there.
    pub number: u32,
    /// Its arguments.
    pub arguments: [u32; 4],
    /// The family of the address it hands to the kernel.
    pub family: Option<u16>,
    /// What it returns.
    pub exit: i32,
    /// Who makes it.
    pub who: Who,
}

/// How much of a rule has to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// All of it.
    Whole,
    /// What says which call it is; who makes it may be anybody.
    AnyProcess,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug)]
pub enum Fate<'s> {
    /// This rule has it recorded.
    Recorded(&'s Rule),
    /// This rule has it left out.
    Hidden(&'s Rule),
    /// No rule is about it.
    Unasked,
}

impl<'s> Fate<'s> {
    /// The rule that has the call recorded.
    pub fn recorded(self) -> Option<&'s Rule> {
        match self {
            Fate::Recorded(rule) => Some(rule),
            _ => None,
        }
    }
}

/// What becomes of a call, as the rules of the lists task and exit have it.
pub fn fate<'s>(set: &'s RuleSet, probe: &Probe, machine: Machine) -> Fate<'s> {
    // Asked when a process begins; what it says then holds for all of its calls.
    let mut tasks = set.rules.iter().filter(|rule| rule.list == List::Task);
    let task = tasks.find(|rule| rule.tests.iter().all(|test| holds(test, probe, machine)));
    if let Some(rule) = task.filter(|rule| rule.action == Action::Never) {
        return Fate::Hidden(rule);
    }
    let rules = set.rules.iter().filter(|rule| rule.list == List::Exit);
    for rule in rules {
        if matches(rule, probe, Strictness::Whole, machine) {
            return match rule.action {
                Action::Always => Fate::Recorded(rule),
                Action::Never => Fate::Hidden(rule),
            };
        }
    }
    Fate::Unasked
}

/// Whether a rule matches a call.
pub fn matches(rule: &Rule, probe: &Probe, strictness: Strictness, machine: Machine) -> bool {
    asks_for(rule, probe.number) && failing(rule, probe, strictness, machine).next().is_none()
}

/// Whether a rule is about calls of this number.
pub fn asks_for(rule: &Rule, number: u32) -> bool {
    match &rule.calls {
        Calls::All => number < 2048,
        Calls::Of { numbers, .. } => numbers.contains(&number),
    }
}

/// The tests of a rule that do not hold for a call.
pub fn failing<'r>(
    rule: &'r Rule,
    probe: &'r Probe,
    strictness: Strictness,
    machine: Machine,
) -> impl Iterator<Item = &'r Test> {
    let asked = move |test: &&Test| strictness == Strictness::Whole || !test.is_of_process;
    rule.tests.iter().filter(asked).filter(move |test| !holds(test, probe, machine))
}

fn holds(test: &Test, probe: &Probe, machine: Machine) -> bool {
    let is_unequal = test.operator == Operator::NotEqual;
    let number = match &test.operand {
        Operand::Number(number) => *number,
        Operand::Field(other) if other.starts_with("obj_") || test.field.starts_with("obj_") => {
            return false;
        }
        Operand::Field(other) => {
            return test.operator.compares(probe.who.id(test.field), probe.who.id(other));
        }
        Operand::Text(word) => {
            return match test.field {
                "arch" => test::arch_of(word, machine.native)
                    .is_some_and(|arch| test.operator.compares(probe.arch.0, arch.0)),
                "perm" => {
                    let call = Call::of(probe.arch, probe.number);
                    is_exec(call) && word.contains('x') != is_unequal
                }
                // A call on the network touches no file; an exec does, but some file or other.
                "path" | "dir" | "filetype" | "fstype" => false,
                field if field.starts_with("obj_") => false,
                _ => is_unequal,
            };
        }
    };
    let compares = |left: u32| test.operator.compares(left, number);
    match test.field {
        "a0" => compares(probe.arguments[0]),
        "a1" => compares(probe.arguments[1]),
        "a2" => compares(probe.arguments[2]),
        "a3" => compares(probe.arguments[3]),
        "exit" => compares(probe.exit.cast_unsigned()),
        "success" => {
            // The kernel has 1 for success and 2 for failure, whatever the number in the rule.
            let stands_for = |is_success: bool| if is_success { 1 } else { 2 };
            test.operator.compares(stands_for(probe.exit >= 0), stands_for(number != 0))
        }
        "saddr_fam" => probe.family.is_some_and(|family| compares(family.into())),
        "pers" => compares(0),
        "pid" | "ppid" => compares(PROCESS),
        "inode" | "devmajor" | "devminor" | "filetype" | "fstype" => false,
        field if field.starts_with("obj_") => false,
        field => compares(probe.who.id(field)),
    }
}

fn is_exec(call: Call) -> bool {
    matches!(call, Call::Execve | Call::Execveat)
}

/// Whether records of this kind are left out of everybody's events, and by which rule.
pub fn excluded(set: &RuleSet, kind: u16) -> Option<&Rule> {
    let mut rules = set.rules.iter().filter(|rule| rule.list == List::Exclude);
    rules.find(|rule| {
        let holds = |test: &Test| match (&test.operand, test.field) {
            (Operand::Number(number), "msgtype") => test.operator.compares(kind.into(), *number),
            // Some process or other: only what leaves out nearly all of them counts here.
            (Operand::Number(number), field) => {
                Who::ALL.iter().any(|who| test.operator.compares(who.id(field), *number))
            }
            _ => test.operator == Operator::NotEqual,
        };
        !rule.tests.is_empty() && rule.tests.iter().all(holds)
    })
}
