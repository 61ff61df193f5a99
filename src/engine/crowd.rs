//! Which different things there were and how often each, bounded.
//!
//! If there are too many, those whose hashes are the smallest stay: an arbitrary choice, but the
//! same one in any order, so that crowds can be joined. How many there were is estimated then.

use super::hash;
use super::tally::{Number, Tally};

/// How many of the things are kept.
const KEPT: usize = 16;

/// How many hashes of the things are kept, to tell how many there were.
const COUNTED: usize = 64;

/// How many hashes of the events are kept with each thing.
const EVENTS: usize = 16;

/// Things that were seen, with how often.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Crowd {
    members: Vec<Member>,
    all: Tally,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Member {
    hash: u64,
    /// What it is.
    pub name: Box<[u8]>,
    /// The events it was seen in.
    pub events: Tally,
}

impl Member {
    /// In how many events it was seen.
    pub fn number(&self) -> Number {
        self.events.number(EVENTS)
    }

    fn weight(&self) -> usize {
        const HEADS: usize = 4 * size_of::<usize>();
        size_of::<Member>() + self.name.len() + self.events.weight() + HEADS
    }
}

impl Crowd {
    /// Notes that a thing was seen in an event; how many bytes larger the crowd is now.
    pub fn note(&mut self, name: &[u8], event: u64) -> usize {
        let hash = hash::of(name);
        let place = self.members.binary_search_by_key(&hash, |member| member.hash);
        if let Ok(at) = place {
            return self.members[at].events.note(event, EVENTS);
        }
        let more = self.all.note(hash, COUNTED);
        if place.is_err_and(|at| at >= KEPT) {
            return more;
        }
        let before = self.weight() - more;
        self.insert(Member { hash, name: name.into(), events: Tally::from_iter([event]) });
        self.weight().saturating_sub(before)
    }

    /// Adds a thing with the events it was seen in, as it was kept on disk.
    pub fn restore(&mut self, name: &[u8], mut events: Tally) {
        let hash = hash::of(name);
        events.limit(EVENTS);
        self.all.note(hash, COUNTED);
        self.insert(Member { hash, name: name.into(), events });
    }

    /// Restores the hashes of the things that were too many to be kept.
    pub fn restore_all(&mut self, all: &Tally) {
        self.all.absorb(all, COUNTED);
    }

    /// Adds what another has seen.
    pub fn absorb(&mut self, other: &Crowd) {
        self.all.absorb(&other.all, COUNTED);
        for member in &other.members {
            self.insert(member.clone());
        }
    }

    fn insert(&mut self, member: Member) {
        match self.members.binary_search_by_key(&member.hash, |known| known.hash) {
            Ok(at) => self.members[at].events.absorb(&member.events, EVENTS),
            Err(at) if at >= KEPT => {}
            Err(at) => {
                // Most crowds are of one, and a hundred thousand times room for three more is much.
                self.members.reserve_exact(1);
                self.members.insert(at, member);
                self.members.truncate(KEPT);
            }
        }
    }

    /// How many different things there were.
    pub fn number(&self) -> Number {
        self.all.number(COUNTED)
    }

    /// Those that are kept, those seen in most events first, and by name.
    pub fn ranked(&self) -> Vec<&Member> {
        let mut ranked: Vec<&Member> = self.members.iter().collect();
        ranked.sort_by(|a, b| {
            b.number().number.cmp(&a.number().number).then_with(|| a.name.cmp(&b.name))
        });
        ranked
    }

    /// The names of those that are kept, in their order.
    pub fn names(&self) -> Vec<&[u8]> {
        let mut names: Vec<&[u8]> = self.members.iter().map(|member| &member.name[..]).collect();
        names.sort_unstable();
        names
    }

    /// Those that are kept, in no particular order, and the hashes of all: what is kept on disk.
    pub fn parts(&self) -> (&[Member], &Tally) {
        (&self.members, &self.all)
    }

    /// How many bytes it takes beside itself.
    pub fn weight(&self) -> usize {
        self.members.iter().map(Member::weight).sum::<usize>() + self.all.weight()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn crowd(seen: &[(u8, u8)]) -> Crowd {
        let mut crowd = Crowd::default();
        for (name, event) in seen {
            crowd.note(&[*name], hash::of(&[*event]));
        }
        crowd
    }

    #[test]
    fn those_seen_most_come_first() {
        let crowd = crowd(&[(b'b', 1), (b'a', 1), (b'c', 1), (b'c', 2), (b'c', 2)]);
        let ranked: Vec<_> =
            crowd.ranked().iter().map(|m| (m.name[0], m.number().number)).collect();
        assert_eq!(ranked, [(b'c', 2), (b'a', 1), (b'b', 1)]);
    }

    proptest! {
        #[test]
        fn joining_is_union(
            a in vec((0_u8..40, 0_u8..40), 0..90),
            b in vec((0_u8..40, 0_u8..40), 0..90),
        ) {
            let (mut ab, mut ba) = (crowd(&a), crowd(&b));
            ab.absorb(&crowd(&b));
            ba.absorb(&crowd(&a));
            prop_assert_eq!(&ab, &ba);
            ab.absorb(&ba);
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab, crowd(&[a, b].concat()));
        }
    }
}
