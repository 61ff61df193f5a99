//! How far the time of a log has come, as far as that is to be believed.
//!
//! The times of events come in, in the order of the log. A single absurd one in the future must not
//! end every bucket: a leap forward counts once several events in a row tell of it, and nothing
//! counts that lies beyond the clock of this machine. A clock that was set back takes the frontier
//! with it once enough events in a row say so: nobody hides behind a time that has not come yet.

/// A leap of more than this has to be confirmed, in milliseconds.
const LEAP: u64 = 3_600_000;
/// How many events in a row confirm a leap forward.
const CONFIRMED_BY: u32 = 16;
/// An event that lies further back than this is not just out of order.
const BACK: u64 = 5_000;
/// How many events in a row confirm that the clock was set back.
const SET_BACK_BY: u32 = 64;
/// How far the clocks of two machines may be apart.
const AHEAD: u64 = 60_000;

/// How far the time of a log has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Frontier {
    newest: u64,
    ahead: (u32, u64),
    behind: (u32, u64),
    /// How often the clock was set back or far forward.
    pub steps: u64,
}

impl Frontier {
    /// One that has come so far.
    pub fn at(newest: u64) -> Frontier {
        Frontier { newest, ..Frontier::default() }
    }

    /// The newest time that is believed.
    pub fn newest(self) -> u64 {
        self.newest
    }

    /// Notes the next event's time; `clock` is this machine's.
    pub fn note(&mut self, time: u64, clock: u64) {
        if time > clock.saturating_add(AHEAD) {
            return;
        }
        if self.newest == 0 || (self.newest..=self.newest + LEAP).contains(&time) {
            self.newest = time;
            (self.ahead, self.behind) = ((0, 0), (0, 0));
        } else if time > self.newest {
            // The least of them is what all of them say.
            let (count, least) = self.ahead;
            self.ahead = (count + 1, if count == 0 { time } else { least.min(time) });
            self.behind = (0, 0);
            if self.ahead.0 >= CONFIRMED_BY {
                self.newest = self.ahead.1;
                self.ahead = (0, 0);
                self.steps += 1;
            }
        } else if time + BACK < self.newest {
            self.ahead = (0, 0);
            self.behind = (self.behind.0 + 1, self.behind.1.max(time));
            if self.behind.0 >= SET_BACK_BY {
                self.newest = self.behind.1;
                self.behind = (0, 0);
                self.steps += 1;
            }
        } else {
            (self.ahead, self.behind) = ((0, 0), (0, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_700_000_000_000;
    const CLOCK: u64 = NOON + (100 * LEAP);

    fn after(times: impl IntoIterator<Item = u64>) -> Frontier {
        let mut frontier = Frontier::default();
        times.into_iter().for_each(|time| frontier.note(time, CLOCK));
        frontier
    }

    #[test]
    fn one_absurd_time_moves_nothing_and_a_real_leap_does() {
        assert_eq!(after([NOON, NOON + 5 * LEAP, NOON + 7]).newest(), NOON + 7);
        let leap = (0..20).map(|n| NOON + 5 * LEAP + n);
        let leapt = after(std::iter::once(NOON).chain(leap));
        assert_eq!((leapt.newest(), leapt.steps), (NOON + 5 * LEAP + 19, 1));
        let beyond = (0..20).map(|n| CLOCK + AHEAD + 1 + n);
        assert_eq!(after(std::iter::once(NOON).chain(beyond)).newest(), NOON);
    }

    #[test]
    fn a_clock_set_back_is_followed_and_a_long_call_is_not() {
        let back = (0..70).map(|n| NOON - LEAP + n);
        assert_eq!(after(std::iter::once(NOON).chain(back)).newest(), NOON - LEAP + 69);
        let calls = (0..70).flat_map(|n| [NOON + n, NOON - 130_000]);
        assert_eq!(after(calls).newest(), NOON + 69);
    }
}
