//! The filters of several rules, of which each condition is asked once.
//!
//! Rules of one kind have most conditions in common: only connections, only Linux, nothing that
//! stays on the host. Filters come in; for anything that has fields, and for each filter, the same
//! answer goes out that the filter itself would give.

use super::fields::Fields;
use super::filter::{Condition, Filter};

/// Filters with their conditions in common.
#[derive(Debug, Default)]
pub struct Sieve {
    conditions: Vec<Condition>,
    /// What is known of each condition for what is being looked at.
    answers: Vec<Option<bool>>,
    filters: Vec<Parts>,
}

/// The places of a filter's conditions.
#[derive(Debug)]
struct Parts {
    include: Vec<usize>,
    exclude: Vec<usize>,
}

impl Sieve {
    /// A sieve for these filters, which are named by their places from then on.
    pub fn of<'f>(filters: impl IntoIterator<Item = &'f Filter>) -> Sieve {
        let mut sieve = Sieve::default();
        for filter in filters {
            let include = sieve.places(&filter.include);
            let exclude = sieve.places(&filter.exclude);
            sieve.filters.push(Parts { include, exclude });
        }
        sieve.answers = vec![None; sieve.conditions.len()];
        sieve
    }

    fn places(&mut self, conditions: &[Condition]) -> Vec<usize> {
        let place = |condition: &Condition| {
            let asks_the_same = |known: &Condition| {
                (&known.field, &known.patterns) == (&condition.field, &condition.patterns)
            };
            self.conditions.iter().position(asks_the_same).unwrap_or_else(|| {
                self.conditions.push(condition.clone());
                self.conditions.len() - 1
            })
        };
        conditions.iter().map(place).collect()
    }

    /// Forgets what was looked at: something else comes.
    pub fn shake(&mut self) {
        self.answers.fill(None);
    }

    /// Whether a filter admits what has these fields, which must be the same since the last
    /// [`Sieve::shake`].
    pub fn admits(&mut self, filter: usize, fields: &dyn Fields) -> bool {
        let Sieve { conditions, answers, filters } = self;
        let mut holds =
            |at: &usize| *answers[*at].get_or_insert_with(|| conditions[*at].holds(fields));
        let Parts { include, exclude } = &filters[filter];
        include.iter().all(&mut holds) && !exclude.iter().any(holds)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::field::Field;
    use super::super::fields::Value;
    use super::super::pattern::Pattern;
    use super::*;

    struct Texts(BTreeMap<&'static str, &'static str>);

    impl Fields for Texts {
        fn value(&self, field: &Field) -> Option<Value<'_>> {
            self.0.get(field.name()).map(|text| Value::text(*text))
        }
    }

    fn condition(field: &str, value: &str) -> Condition {
        let field = Field::named(field);
        let patterns = vec![Pattern::new(&field, value).expect("a pattern")];
        Condition { field, patterns, reason: String::new() }
    }

    const NAMES: [&str; 2] = ["process.name", "user.name"];
    const VALUES: [&str; 3] = ["a", "b", "c"];

    fn conditions() -> impl Strategy<Value = Vec<Condition>> {
        let one = (0..NAMES.len(), 0..VALUES.len());
        vec(one.prop_map(|(name, value)| condition(NAMES[name], VALUES[value])), 0..4)
    }

    fn filters() -> impl Strategy<Value = Vec<Filter>> {
        let one = (conditions(), conditions());
        vec(one.prop_map(|(include, exclude)| Filter { include, exclude }), 0..4)
    }

    proptest! {
        #[test]
        fn a_sieve_says_what_the_filters_say(
            filters in filters(),
            seen in vec((0..VALUES.len(), 0..VALUES.len()), 1..4),
        ) {
            let mut sieve = Sieve::of(&filters);
            for (name, user) in seen {
                let texts = [(NAMES[0], VALUES[name]), (NAMES[1], VALUES[user])];
                let fields = Texts(texts.into_iter().collect());
                sieve.shake();
                for (at, filter) in filters.iter().enumerate() {
                    prop_assert_eq!(sieve.admits(at, &fields), filter.admits(&fields));
                }
            }
        }
    }
}
