//! What was odd about values while a query ran: nothing stops for it, and it is told at the end.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// What can be odd.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Odd {
    /// A column of several values stood where one was expected.
    Several,
    /// Something was divided by zero.
    DividedByZero,
    /// A number became larger than its type can hold.
    TooLarge,
    /// Something could not be made another type of.
    NoSuchValue,
}

impl Odd {
    /// What is said of it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Odd::Several => "a field had several values, which count as null here",
            Odd::DividedByZero => "a division by zero, which is null",
            Odd::TooLarge => "a number too large for its type, which is null",
            Odd::NoSuchValue => "a value that could not be converted, which is null",
        }
    }
}

/// What was odd, by where in the query, with how often.
#[derive(Default, Debug)]
pub(super) struct Warnings(RefCell<BTreeMap<(usize, Odd), u64>>);

impl Warnings {
    /// Notes something odd.
    #[cold]
    pub(super) fn note(&self, place: usize, odd: Odd) {
        let mut all = self.0.borrow_mut();
        let count = all.entry((place, odd)).or_insert(0);
        *count = count.saturating_add(1);
    }

    /// All of them, by their places.
    pub(super) fn all(&self) -> Vec<(usize, Odd, u64)> {
        self.0.borrow().iter().map(|((place, odd), count)| (*place, *odd, *count)).collect()
    }
}
