//! How long to wait before the next try: longer each time, and never the same for two who lost the
//! same server at the same moment.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::store::LONGEST_PAUSE;

/// The first pause and the longest.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub first: Duration,
    pub longest: Duration,
}

/// For a destination that takes nothing.
pub const DESTINATION: Pace =
    Pace { first: Duration::from_secs(1), longest: Duration::from_secs(300) };

/// For a letter that a destination refuses: trying often helps nobody, but it may mend its ways.
pub const LETTER: Pace = Pace { first: Duration::from_secs(60), longest: LONGEST_PAUSE };

/// No longer than this is waited because the other side asks for it.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

impl Pace {
    /// The pause after so many failures in a row, in milliseconds: from half to all of what doubles
    /// each time, and at least as long as was asked for.
    pub fn pause(self, failures: u32, asked: Option<Duration>) -> u64 {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let most = millis(doubled.min(self.longest));
        let dice = RandomState::new().hash_one(failures);
        let pause = most / 2 + dice % (most / 2 + 1);
        pause.max(asked.map_or(0, |asked| millis(asked.min(LONGEST_ASKED))))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ() {
        for (failures, most) in [(1, 1000), (2, 2000), (5, 16_000), (9, 256_000), (99, 300_000)] {
            let pauses: Vec<u64> = (0..50).map(|_| DESTINATION.pause(failures, None)).collect();
            assert!(pauses.iter().all(|pause| (most / 2..=most).contains(pause)), "{pauses:?}");
            assert!(pauses.iter().any(|pause| pause != &pauses[0]), "{pauses:?}");
        }
    }

    #[test]
    fn whoever_asks_for_a_pause_gets_it_but_not_for_ever() {
        let asked = |secs| DESTINATION.pause(1, Some(Duration::from_secs(secs)));
        assert_eq!(asked(60), 60_000);
        assert_eq!(asked(u64::MAX), 3_600_000);
        assert!(asked(0) >= 500);
    }
}
