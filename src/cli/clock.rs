//! This machine's clock, as people read it. It may be set at any time.

use jiff::Timestamp;

/// What it says now, in milliseconds since 1970.
pub fn now() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}
