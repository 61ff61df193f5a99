//! Rule: what one line of an audit rule file asks of the kernel.

use super::test::Test;

/// The lists of the kernel that rules stand in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum List {
    Task,
    Exit,
    User,
    Exclude,
    Filesystem,
    IoUring,
}

impl List {
    pub(super) const ALL: [(List, &'static str); 6] = [
        (List::Task, "task"),
        (List::Exit, "exit"),
        (List::User, "user"),
        (List::Exclude, "exclude"),
        (List::Filesystem, "filesystem"),
        (List::IoUring, "io_uring"),
    ];
}

/// What a rule does with what it matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Action {
    Never,
    Always,
}

/// The system calls that a rule is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Calls {
    /// Every one: `-S all`, or no `-S`.
    All,
    /// Those of these numbers, whatever calls they are under an architecture; and those of names
    /// that have nothing to do with connections.
    Of {
        /// Numbers of calls.
        numbers: Vec<u32>,
        /// Names of other calls.
        others: Vec<String>,
    },
}

/// Where a rule stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file, as it is called in sentences.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The list it stands in.
    pub list: List,
    /// What it does.
    pub action: Action,
    /// The calls it is about.
    pub calls: Calls,
    /// What must hold as well, keys left out.
    pub tests: Vec<Test>,
    /// Its keys.
    pub keys: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// The line as it stands there.
    pub text: String,
}

impl Rule {
    /// What the kernel tells rules apart by.
    pub(super) fn identity(&self) -> String {
        let mut calls = self.calls.clone();
        if let Calls::Of { numbers, others } = &mut calls {
            numbers.sort_unstable();
            numbers.dedup();
            others.sort_unstable();
            others.dedup();
        }
        let tests: Vec<_> =
            self.tests.iter().map(|test| (test.field, test.operator, &test.operand)).collect();
        format!("{:?} {:?} {calls:?} {tests:?} {:?}", self.list, self.action, self.keys)
    }
}
