//! Time cut into buckets: what is judged together.
//!
//! A moment comes in, in milliseconds since 1970; out comes the number of the bucket it lies in.
//! Buckets are counted from 1970 as well, so they are the same for everybody whose span is.

use std::fmt;

/// How long a bucket is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    seconds: u32,
}

impl Span {
    /// The span of this many seconds; none for 0 and for more than a week, which no habit fits.
    ///
    /// ```
    /// use oddsock::engine::Span;
    ///
    /// assert_eq!(Span::of_seconds(900).unwrap().to_string(), "15m");
    /// assert_eq!(Span::of_seconds(0), None);
    /// ```
    pub fn of_seconds(seconds: u32) -> Option<Span> {
        (1..=7 * 86_400).contains(&seconds).then_some(Span { seconds })
    }

    /// The span of so many minutes.
    ///
    /// # Panics
    ///
    /// If there is no such span; it is for those that are written in the program.
    pub const fn minutes(minutes: u32) -> Span {
        assert!(minutes > 0 && minutes <= 7 * 1440, "no span");
        Span { seconds: minutes * 60 }
    }

    /// Its length in seconds.
    pub fn seconds(self) -> u32 {
        self.seconds
    }

    /// The bucket that a moment lies in. Moments after the year 117,000 lie in the last.
    pub fn bucket(self, millis: u64) -> Bucket {
        Bucket(u32::try_from(millis / 1000 / u64::from(self.seconds)).unwrap_or(u32::MAX))
    }

    /// When a bucket begins, in milliseconds since 1970.
    pub fn start(self, bucket: Bucket) -> u64 {
        u64::from(bucket.0) * u64::from(self.seconds) * 1000
    }

    /// How many buckets fill this many seconds; at least one.
    pub fn buckets_in(self, seconds: u32) -> u32 {
        (seconds / self.seconds).max(1)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            seconds if seconds % 86_400 == 0 => write!(f, "{}d", seconds / 86_400),
            seconds if seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
            seconds if seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            seconds => write!(f, "{seconds}s"),
        }
    }
}

/// A bucket, by its number since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Bucket(pub u32);

impl Bucket {
    /// How many buckets after another it begins; 0 if it does not.
    pub fn after(self, earlier: Bucket) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The bucket so many earlier, or the first.
    pub fn back(self, buckets: u32) -> Bucket {
        Bucket(self.0.saturating_sub(buckets))
    }
}
