//! A rule at work: it puts its question to whatever comes by, and keeps the facts.

use std::sync::Arc;

use super::field::Field;
use super::fields::{Fields, Text, Value};
use super::rule::Rule;
use crate::engine::{Ledger, Observation};

/// How many influencers a rule may have.
pub const MOST_INFLUENCERS: usize = 8;

/// What a watch is shown: something that has fields.
#[derive(Clone, Copy)]
pub struct Happening<'h> {
    /// What there is to be asked.
    pub fields: &'h dyn Fields,
    /// When it was, in milliseconds since 1970.
    pub time_ms: u64,
    /// A hash of what names the event, the same whenever and however often it is told of.
    pub id: u64,
    /// The host it was on.
    pub host: &'h [u8],
    /// What to show of it; made only if there is room for it.
    pub evidence: &'h dyn Fn() -> Arc<[u8]>,
}

/// A rule with its ledger.
#[derive(Clone, Debug)]
pub struct Watch {
    rule: Arc<Rule>,
    by: Field,
    partition: Option<Field>,
    influencers: Vec<Field>,
    ledger: Ledger,
}

/// Who it was where nobody has written the name down, as in logs that are not enriched: two users
/// without names are not one.
fn unnamed(fields: &dyn Fields, field: &Field) -> Option<Text<'static>> {
    let id = (*field == Field::UserName).then(|| fields.value(&Field::UserId))??;
    Some(Text::of_user(id.number()?))
}

impl Watch {
    /// A watch that knows nothing yet.
    pub fn new(rule: impl Into<Arc<Rule>>) -> Watch {
        let rule = rule.into();
        let question = &rule.question;
        Watch {
            by: Field::named(&question.by),
            partition: question.partition.as_deref().map(Field::named),
            influencers: question.influencers.iter().map(|name| Field::named(name)).collect(),
            ledger: Ledger::new(question.clone()),
            rule,
        }
    }

    /// The rule.
    pub fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }

    /// What it knows.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The same, to add what was known before.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// The rule and what it knows.
    pub fn into_parts(self) -> (Arc<Rule>, Ledger) {
        (self.rule, self.ledger)
    }

    /// Looks at something; whether it counted. What the filter refuses does not, nor what lacks the
    /// field that is asked about or that of the partition. A field of several values is seen with
    /// each of them.
    pub fn observe(&mut self, happening: &Happening) -> bool {
        self.rule.filter.admits(happening.fields) && self.note(happening)
    }

    /// The same, of something that the filter is known to admit, as a [`Sieve`](super::Sieve) says.
    pub fn note(&mut self, happening: &Happening) -> bool {
        let fields = happening.fields;
        let partition = match &self.partition {
            Some(field) => match fields.value(field) {
                Some(value) => Some(Text::of(value)),
                None => return false,
            },
            None => None,
        };
        let mut texts: [Option<Text<'_>>; MOST_INFLUENCERS] = [const { None }; _];
        for (text, field) in texts.iter_mut().zip(&self.influencers) {
            *text = fields.value(field).map(Text::of).or_else(|| unnamed(fields, field));
        }
        let influences = texts.each_ref().map(|text| text.as_ref().map(AsRef::as_ref));
        let count = self.influencers.len().min(MOST_INFLUENCERS);
        let seen = Observation {
            time: happening.time_ms,
            id: happening.id,
            origin: happening.host,
            partition: partition.as_ref().map(AsRef::as_ref),
            value: b"",
            influences: &influences[..count],
            evidence: happening.evidence,
        };
        let mut counted = false;
        fields.any(&self.by, &mut |value: &Value<'_>| {
            let value = Text::of(value.borrowed());
            self.ledger.note(&Observation { value: value.as_ref(), ..seen });
            counted = true;
            false
        });
        counted
    }
}
