//! Whether this machine's clock was set ahead while a log was followed.
//!
//! The times of a log cannot tell: they go on after a night without events as they do when the
//! clock was set. So two clocks come in, the one that is set and one that only goes on, also while
//! the machine sleeps; what they gain on each other at once is a step. What the log says itself,
//! that the clock was set back, is the business of [`super::frontier`].

use rustix::time::{ClockId, clock_gettime};

/// What is less than this at once is no step, in milliseconds: clocks are corrected all the time.
const LEAST: u64 = 5_000;

/// Whether a clock was set ahead.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Clock {
    last: Option<(u64, u64)>,
    /// How often it was.
    pub steps: u64,
}

impl Clock {
    /// Looks at the clock, and at the one that only goes on; both are in milliseconds.
    pub fn look(&mut self, clock: u64, goes_on: u64) {
        if let Some((before, went_on)) = self.last.replace((clock, goes_on)) {
            let due = before.saturating_add(goes_on.saturating_sub(went_on));
            self.steps += u64::from(clock > due.saturating_add(LEAST));
        }
    }
}

/// How long this machine has been on, sleep included, in milliseconds.
pub fn goes_on() -> u64 {
    let time = clock_gettime(ClockId::Boottime);
    u64::try_from(time.tv_sec * 1000 + time.tv_nsec / 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_700_000_000_000;

    fn steps(looks: impl IntoIterator<Item = (u64, u64)>) -> u64 {
        let mut clock = Clock::default();
        looks.into_iter().for_each(|(clock_says, goes_on)| clock.look(clock_says, goes_on));
        clock.steps
    }

    #[test]
    fn a_clock_set_ahead_is_one_step_however_often_it_is_looked_at() {
        let set = (1..9).map(|n| (NOON + 3_600_000 + 1000 * n, 1000 * n));
        assert_eq!(steps([(NOON, 0)].into_iter().chain(set)), 1);
    }

    #[test]
    fn a_clock_that_is_corrected_bit_by_bit_or_slept_with_the_machine_is_none() {
        assert_eq!(steps((0..999).map(|n| (NOON + 1100 * n, 1000 * n))), 0);
        assert_eq!(steps([(NOON, 5), (NOON + 40_000_000, 40_000_005)]), 0);
    }

    #[test]
    fn a_clock_set_back_is_left_to_the_log() {
        assert_eq!(steps([(NOON, 0), (NOON - 3_600_000, 1000), (NOON - 3_599_000, 2000)]), 0);
    }
}
