//! What the records of one event say, as hashes: enough to tell whether a record was there before,
//! or is unlike one that was.
//!
//! Of some kinds an event has one record ([`Seen::ONCE`]); a second that says something else
//! contradicts the first. Of other kinds it may have any number, which differ. Sets of hashes, so
//! that what two parts of an event have seen can be put together in any order. The hashes are
//! seeded anew for each run, so that nobody can write a record that passes for another.

use std::hash::{BuildHasher, Hasher};

use foldhash::HashSet;
use foldhash::fast::SeedableRandomState;

use super::kind::Kind;
use super::seen::Seen;

/// The hash of what one record says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Print(u32);

impl Print {
    /// A call that does not matter, of which no more is known.
    pub const DULL_CALL: Print = Print(2);

    /// Whether this is a call that matters.
    fn matters(self) -> bool {
        self.0 & 1 != 0
    }

    /// As the print of a call that matters, or does not.
    #[inline]
    pub fn of_call(self, matters: bool) -> Print {
        Print(self.0 & !1 | u32::from(matters) | 4)
    }
}

/// Makes prints.
#[derive(Clone, Debug)]
pub struct Printing(SeedableRandomState);

impl Default for Printing {
    fn default() -> Printing {
        // All workers have the same seed: what they have seen is put together.
        Printing(SeedableRandomState::with_seed(1, foldhash::SharedSeed::global_random()))
    }
}

impl Printing {
    /// The print of a record of which an event has one.
    #[inline]
    pub fn print(&self, body: &[u8]) -> Print {
        let mut hasher = self.0.build_hasher();
        hasher.write(body);
        Print((hasher.finish() >> 32) as u32 | 4)
    }

    /// The print of a record of any other kind.
    #[inline]
    pub fn print_other(&self, kind: Kind, body: &[u8]) -> Print {
        let mut hasher = self.0.build_hasher();
        hasher.write_u16(kind.0);
        hasher.write(body);
        Print((hasher.finish() >> 32) as u32 | 4)
    }
}

/// What has been seen of an event's records.
#[derive(Default, Debug)]
pub struct Prints {
    once: [Print; Seen::SINGLE],
    others: [Print; 2],
    more: Option<Box<More>>,
}

/// What few events have.
#[derive(Default, Debug)]
struct More {
    /// The records of which there should be one, behind the first.
    unlike: HashSet<(usize, Print)>,
    others: HashSet<Print>,
}

impl Prints {
    /// Notes a record of which an event has one; false if the same was there before.
    #[inline]
    pub fn note_once(&mut self, flag: Seen, print: Print) -> bool {
        let place = flag.place();
        let first = &mut self.once[place];
        if *first == Print::default() {
            *first = print;
            return true;
        }
        *first != print && self.more().unlike.insert((place, print))
    }

    /// Notes a record of which an event may have several; false if the same was there before.
    #[inline]
    pub fn note_other(&mut self, print: Print) -> bool {
        for place in &mut self.others {
            if *place == Print::default() {
                *place = print;
                return true;
            }
            if *place == print {
                return false;
            }
        }
        self.more().others.insert(print)
    }

    #[cold]
    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Adds what a later part of the input has seen; tells how many of the records of which there
    /// may be several had been there before.
    pub fn join(&mut self, later: Prints) -> u32 {
        let more = later.more.unwrap_or_default();
        let firsts = later.once.into_iter().enumerate();
        for (place, print) in firsts.chain(more.unlike).filter(|(_, p)| *p != Print::default()) {
            self.note_once(Seen::at(place), print);
        }
        let others = later.others.into_iter().filter(|print| *print != Print::default());
        others.chain(more.others).map(|print| u32::from(!self.note_other(print))).sum()
    }

    /// Whether any record contradicts the first of its kind; most often none does.
    #[inline]
    pub fn have_unlike(&self) -> bool {
        self.more.is_some() && self.unlike() > 0
    }

    /// How many records contradict the first of their kind.
    pub fn unlike(&self) -> u32 {
        self.more.as_ref().map_or(0, |more| more.unlike.len() as u32)
    }

    /// How many calls that matter contradict the first.
    pub fn unlike_calls(&self) -> u32 {
        let Some(more) = &self.more else { return 0 };
        let is_call =
            |(place, print): &&(usize, Print)| *place == Seen::SYSCALL.place() && print.matters();
        more.unlike.iter().filter(is_call).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prints(once: &[(Seen, &str)], others: &[&str]) -> Prints {
        let printing = Printing::default();
        let mut prints = Prints::default();
        for (flag, body) in once {
            prints.note_once(*flag, printing.print(body.as_bytes()));
        }
        for body in others {
            prints.note_other(printing.print(body.as_bytes()));
        }
        prints
    }

    #[test]
    fn a_second_record_that_says_the_same_contradicts_nothing() {
        assert_eq!(prints(&[(Seen::CWD, "/"), (Seen::CWD, "/")], &[]).unlike(), 0);
        assert_eq!(prints(&[(Seen::CWD, "/"), (Seen::SOCKADDR, "/a")], &[]).unlike(), 0);
        assert_eq!(
            prints(&[(Seen::CWD, "/"), (Seen::CWD, "/a"), (Seen::CWD, "/a")], &[]).unlike(),
            1
        );
    }

    #[test]
    fn parts_put_together_know_what_the_whole_knows() {
        let others = ["a", "b", "c", "d", "e", "a", "e", "f"];
        for cut in 0..others.len() {
            let (earlier, later) = others.split_at(cut);
            let again = |words: &[&str]| {
                let mut prints = Prints::default();
                let print = |word: &&str| Printing::default().print(word.as_bytes());
                words.iter().filter(|word| !prints.note_other(print(word))).count() as u32
            };
            let mut prints = self::prints(&[(Seen::CWD, "/"), (Seen::CWD, "/a")], earlier);
            let joined = prints.join(self::prints(&[(Seen::CWD, "/b"), (Seen::CWD, "/")], later));
            assert_eq!(joined + again(earlier) + again(later), 2, "cut at {cut}");
            assert_eq!(prints.unlike(), 2);
        }
    }
}
