//! From when to when: the times that commands are asked for.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checkpoint::Checkpoint;
use super::when::{self, Edge, World};

/// From when to when.
#[derive(Args, Debug)]
pub struct Period {
    /// Only from this time on; also -ts: "2024-08-16 14:44", yesterday, recent, -2h, @1723819442
    #[arg(long, visible_alias = "ts", value_name = "TIME")]
    start: Option<String>,

    /// Only up to this time; also -te
    #[arg(long, visible_alias = "te", value_name = "TIME")]
    end: Option<String>,
}

impl Period {
    /// The first and last moment that are wanted, in milliseconds.
    pub fn bounds(&self, checkpoint: Option<&Checkpoint>) -> Result<(u64, u64), String> {
        if self.start.is_none() && self.end.is_none() {
            return Ok((0, u64::MAX));
        }
        let millis = |text: &Option<String>, edge, otherwise| match text {
            None => Ok(otherwise),
            Some(text) => millis(text, edge, checkpoint),
        };
        let start = millis(&self.start, Edge::Start, 0)?;
        let end = millis(&self.end, Edge::End, u64::MAX)?;
        if end < start {
            return Err("there is nothing in this time: --end lies before --start.".to_owned());
        }
        Ok((start, end))
    }
}

/// The moment that is named, in milliseconds since 1970.
pub fn millis(text: &str, edge: Edge, checkpoint: Option<&Checkpoint>) -> Result<u64, String> {
    let world = World {
        now: Timestamp::now(),
        zone: TimeZone::system(),
        uptime: uptime(),
        checkpoint: checkpoint.map(Checkpoint::time),
    };
    when::parse(text, edge, &world)
        .map(|time| u64::try_from(time.as_millisecond()).unwrap_or(0))
        .map_err(|error| error.to_string())
}

fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
