//! What the events behind an alert have in common: which hosts, users, programs, addresses.

use crate::engine::{Crowd, Number};

/// The values that one field had.
#[derive(Clone, PartialEq, Debug)]
pub struct Influencer {
    /// The field.
    pub field: String,
    /// Its values with the number of events each was in, the most frequent first; of more than are
    /// told some, and not those that were in the most.
    pub values: Vec<(Vec<u8>, Number)>,
    /// How many different values it had.
    pub number: Number,
    /// Whether some of the events had no such field.
    pub is_missing: bool,
    /// The alert's score times the share of the events that had the first of the values: what all
    /// of them have explains the alert, and what each has another of does not.
    pub score: f64,
}

/// How many values are told.
const TOLD: usize = 16;

impl Influencer {
    /// That of a field, from who was seen with each value of a finding, and whether some events had
    /// no such field; none if nobody was.
    pub(super) fn of<'c>(
        field: &str,
        crowds: impl Iterator<Item = (&'c Crowd, bool)>,
        events: Number,
        score: f64,
    ) -> Option<Influencer> {
        let (mut together, mut values) = (Crowd::default(), Vec::<(Vec<u8>, Number)>::new());
        let mut is_missing = false;
        for (crowd, is_lacking) in crowds {
            is_missing |= is_lacking;
            together.absorb(crowd);
            for member in crowd.ranked() {
                let number = member.number();
                match values.iter_mut().find(|(name, _)| name[..] == member.name[..]) {
                    Some((_, known)) => *known = sum(*known, number),
                    None => values.push((member.name.to_vec(), number)),
                }
            }
        }
        for (_, number) in values.iter_mut().filter(|(_, number)| !number.is_exact) {
            number.number = number.number.min(events.number);
        }
        if let [(_, number)] = &mut values[..]
            && !is_missing
        {
            // What all of them had needs no estimate.
            *number = events;
        }
        values.sort_by(|(a, many), (b, more)| more.number.cmp(&many.number).then_with(|| a.cmp(b)));
        let most = values.first()?.1.number;
        let share = most as f64 / events.number.max(most).max(1) as f64;
        let number = together.number();
        values.truncate(TOLD);
        let (field, score) = (field.to_string(), score * share);
        Some(Influencer { field, values, number, is_missing, score })
    }
}

fn sum(one: Number, other: Number) -> Number {
    Number {
        number: one.number.saturating_add(other.number),
        is_exact: one.is_exact && other.is_exact,
    }
}
