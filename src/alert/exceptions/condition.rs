//! One condition of an exception: a field, and what each of its values has to be like.
//!
//! It holds where *every* value that the field has among the alert's connections fits one of the
//! patterns, and where it is known that these are all. If one expected destination were enough,
//! whoever connects there first could go anywhere afterwards.

use std::fmt;

use super::facts::Facts;
use super::pattern::Pattern;

/// A field and what its values have to be like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The field's name.
    pub field: String,
    /// A value has to fit one of them.
    pub patterns: Vec<Pattern>,
}

/// Why something does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Miss {
    /// A value is not like that.
    Differs {
        /// The field.
        field: String,
        /// Its value.
        value: String,
        /// What it would have to be.
        wanted: String,
    },
    /// No connection has the field.
    NoField(String),
    /// Some connection has no such field.
    Lacks(String),
    /// There were more connections than are shown, and nothing says what values those have.
    Unproven {
        /// The field.
        field: String,
        /// How many connections there were, if that is known.
        connections: Option<u64>,
        /// How many are shown.
        shown: usize,
    },
    /// The rule is another one.
    OtherRule(String),
    /// The exception is of a profile to which a host does not belong.
    OtherHost(String),
    /// It has expired.
    Expired(String),
}

impl Condition {
    /// Why it does not hold, if it does not.
    pub(super) fn miss(&self, facts: &mut Facts<'_>) -> Option<Miss> {
        let (connections, shown) = facts.connections();
        let field = || self.field.clone();
        // Values that a rule works by are like those of the field that it works by.
        let by = facts.by_field().filter(|_| self.field == "oddsock.by_value");
        let patterns: Option<Vec<Pattern>> = by.map(|by| {
            let texts = self.patterns.iter().map(Pattern::text);
            texts.filter_map(|text| Pattern::parse(by, text).ok()).collect()
        });
        let patterns = patterns.as_ref().unwrap_or(&self.patterns);
        let values = facts.values(&self.field);
        let fits = |value: &String| patterns.iter().any(|pattern| pattern.fits(value));
        if values.all.is_empty() {
            Some(Miss::NoField(field()))
        } else if let Some(value) = values.all.iter().find(|value| !fits(value)) {
            Some(Miss::Differs { field: field(), value: value.clone(), wanted: self.wanted() })
        } else if values.is_missing {
            Some(Miss::Lacks(field()))
        } else if !values.is_complete {
            Some(Miss::Unproven { field: field(), connections, shown })
        } else {
            None
        }
    }

    fn wanted(&self) -> String {
        let texts: Vec<&str> = self.patterns.iter().map(Pattern::text).collect();
        texts.join(" or ")
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.field, self.wanted())
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Miss::Differs { field, value, wanted } => {
                write!(f, "{field} is {value}, not {wanted}")
            }
            Miss::NoField(field) => write!(f, "the alert has no {field}"),
            Miss::Lacks(field) => write!(f, "a connection of the alert has no {field}"),
            Miss::Unproven { field, connections: Some(connections), shown } => write!(
                f,
                "{field} is known of {shown} of {connections} connections only, and the others \
                 may differ"
            ),
            Miss::Unproven { field, connections: None, shown } => write!(
                f,
                "{field} is known of {shown} connections only, and the alert does not say how \
                 many there were"
            ),
            Miss::OtherRule(rules) => write!(f, "the rule is not {rules}"),
            Miss::OtherHost(profile) => write!(f, "not all its hosts are of profile {profile}"),
            Miss::Expired(until) => write!(f, "it expired on {until}"),
        }
    }
}
