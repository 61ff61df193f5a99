//! What the events behind an alert have in common: which hosts, users, programs, addresses.

use crate::engine::{Crowd, Number};

/// The values that one field had.
#[derive(Clone, PartialEq, Debug)]
pub struct Influencer {
    /// The field.
    pub field: String,
    /// Some of its values with the number of events each was in, the most frequent first.
    pub values: Vec<(Vec<u8>, u64)>,
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
        events: u64,
        score: f64,
    ) -> Option<Influencer> {
        let (mut together, mut values) = (Crowd::default(), Vec::<(Vec<u8>, u64)>::new());
        let mut is_missing = false;
        for (crowd, is_lacking) in crowds {
            is_missing |= is_lacking;
            together.absorb(crowd);
            for member in crowd.ranked() {
                let number = member.number().number;
                match values.iter_mut().find(|(name, _)| name[..] == member.name[..]) {
                    Some((_, known)) => *known = known.saturating_add(number),
                    None => values.push((member.name.to_vec(), number)),
                }
            }
        }
        values.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        let (_, most) = values.first()?;
        let share = *most as f64 / events.max(*most).max(1) as f64;
        let number = together.number();
        values.truncate(TOLD);
        let (field, score) = (field.to_string(), score * share);
        Some(Influencer { field, values, number, is_missing, score })
    }
}
