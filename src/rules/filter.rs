//! Which connections count for a rule: conditions as data, each with its reason.

use super::field::Field;
use super::fields::Fields;
use super::pattern::Pattern;

/// Which connections count: those that meet every condition to be met and none to be avoided.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Filter {
    /// What must be so.
    pub include: Vec<Condition>,
    /// What must not be so.
    pub exclude: Vec<Condition>,
}

/// What a field must be: any of its values any of the patterns.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// The field.
    pub field: Field,
    /// What its value may be.
    pub patterns: Vec<Pattern>,
    /// Why, in words; empty if nobody has said.
    pub reason: String,
}

impl Filter {
    /// Whether a connection counts. A field that is absent is nothing of what it might be.
    #[inline]
    pub fn admits(&self, fields: &dyn Fields) -> bool {
        self.include.iter().all(|condition| condition.holds(fields))
            && !self.exclude.iter().any(|condition| condition.holds(fields))
    }

    /// The condition that keeps a connection from counting, if one does.
    pub fn refusing(&self, fields: &dyn Fields) -> Option<&Condition> {
        let unmet = self.include.iter().find(|condition| !condition.holds(fields));
        unmet.or_else(|| self.exclude.iter().find(|condition| condition.holds(fields)))
    }
}

impl Condition {
    /// Whether it is so.
    pub fn holds(&self, fields: &dyn Fields) -> bool {
        fields.any(&self.field, &mut |value| {
            self.patterns.iter().any(|pattern| pattern.matches(value))
        })
    }
}
