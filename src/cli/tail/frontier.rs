//! How far the time of a log has come, as far as that is to be believed.
//!
//! The times of events come in, in the order of the log. A single absurd one in the future must not
//! end every bucket: a leap forward counts once it has come to what this machine's clock says, or
//! several events in a row tell of it, and nothing counts that lies beyond that clock. A clock that
//! was set back takes the frontier with it once enough events in a row say so: nobody hides behind
//! a time that has not come yet. Whether a leap forward is a clock that was set or a night without
//! events is not known here; see [`super::clock`].

/// A leap of more than this has to be confirmed, in milliseconds.
const LEAP: u64 = 3_600_000;
/// How many events in a row confirm a leap forward.
const CONFIRMED_BY: u32 = 16;
/// An event that lies further back than this is not just out of order.
const BACK: u64 = 5_000;
/// How many events in a row confirm that the clock was set back.
const SET_BACK_BY: u32 = 64;
/// How far the clocks of two machines may be apart.
pub const AHEAD: u64 = 60_000;

/// How far the time of a log has come.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Frontier {
    newest: u64,
    ahead: (u32, u64),
    behind: (u32, u64),
    /// How often the clock was set back.
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
        let is_now = time > self.newest && time.saturating_add(AHEAD) >= clock;
        let is_near = (self.newest..=self.newest + LEAP).contains(&time);
        if self.newest == 0 || is_now || is_near {
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
        assert_eq!((leapt.newest(), leapt.steps), (NOON + 5 * LEAP + 19, 0));
        assert_eq!(after([NOON, CLOCK - AHEAD]).newest(), CLOCK - AHEAD, "it is what time it is");
        assert_eq!(after([NOON, CLOCK - AHEAD - 1]).newest(), NOON);
        let beyond = (0..20).map(|n| CLOCK + AHEAD + 1 + n);
        assert_eq!(after(std::iter::once(NOON).chain(beyond)).newest(), NOON);
    }

    #[test]
    fn a_clock_set_back_is_followed_and_a_long_call_is_not() {
        let back = (0..70).map(|n| NOON - LEAP + n);
        let back = after(std::iter::once(NOON).chain(back));
        assert_eq!((back.newest(), back.steps), (NOON - LEAP + 69, 1));
        let calls = (0..70).flat_map(|n| [NOON + n, NOON - 130_000]);
        let calls = after(calls);
        assert_eq!((calls.newest(), calls.steps), (NOON + 69, 0));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_done_to_the_clock_the_frontier_is_with_it_after_eighty_events(
            settings in proptest::collection::vec(-9_000_000_i64..9_000_000, 1..9),
            pace in 1_u64..900,
        ) {
            let (mut frontier, mut time) = (Frontier::at(NOON), NOON);
            for setting in &settings {
                time = time.saturating_add_signed(*setting);
                for _ in 0..80 {
                    time += pace;
                    frontier.note(time, 2 * NOON);
                }
                let newest = frontier.newest();
                proptest::prop_assert!((time..=time + BACK).contains(&newest), "{newest} {time}");
            }
            // A few seconds back are caught up with before they are sure.
            let sure = settings.iter().filter(|setting| **setting < -70_000).count() as u64;
            let most = settings.iter().filter(|setting| **setting < 0).count() as u64;
            proptest::prop_assert!((sure..=most).contains(&frontier.steps));
        }
    }
}
