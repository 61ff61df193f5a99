//! Points in time, as people name them on a command line.
//!
//! The words of `--start` and `--end` come in, a timestamp goes out. Nothing here looks at a clock,
//! at the environment or at the locale: the time it is, the zone and the rest come in as [`World`].
//!
//! Accepted are
//!
//! - ausearch's words: `now`, `recent` (ten minutes ago), `this-hour`, `boot`, `today`,
//!   `yesterday`, `this-week` (midnight of Sunday), `week-ago` (midnight seven days ago),
//!   `this-month`, `this-year`, `checkpoint`; those that name a day may have a time after them;
//! - dates and times as ISO 8601 writes them, with or without a zone: `2024-08-16`,
//!   `2024-08-16 14:44`, `2024-08-16T14:44:02.123+02:00`; a time alone is one of today;
//! - seconds since 1970 after an `@`: `@1723819442.001`, as audit records have them;
//! - distances: `-2h`, `-1d12h`, `-2 hours`, `2 days ago`.
//!
//! Without a zone, local time is meant. Where summer time begins, a time that the clocks skip is
//! moved on by the hour they skip; where it ends, the first of the two is meant at the start of a
//! range and the second at its end, so that a range takes in too much rather than too little.
//!
//! A date without a time is its midnight for [`Edge::Start`]; for [`Edge::End`] it is the last
//! nanosecond of that day, so that `--end 2024-08-16` takes in the 16th. (ausearch sets the time
//! that it is now; nobody expects that.) Likewise the words that name a stretch of time end with
//! it: `yesterday` with that day, `this-week` with Saturday, `this-month` with its last day. A time
//! without seconds takes in its minute, and one without a fraction its second. `now`, `recent`,
//! `boot`, `checkpoint` and the distances are points, the same at both edges.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Disambiguation, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ToSpan, Zoned};
use thiserror::Error;

use super::distance::{self, Wrong};

/// What a word can refer to.
#[derive(Clone, Debug)]
pub struct World {
    /// The time it is.
    pub now: Timestamp,
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// For how long the machine has been running, if known.
    pub uptime: Option<Duration>,
    /// The checkpoint to go on from, if one was named: how far an earlier run got, if there was
    /// one.
    pub checkpoint: Option<Option<Timestamp>>,
}

/// Which end of a range a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The first moment that is wanted.
    Start,
    /// The last moment that is wanted.
    End,
}

/// Why a word names no point in time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenError {
    /// It is in none of the accepted forms.
    #[error(
        "cannot tell what time {0:?} is. Write it like \"2024-08-16 14:44\", \"yesterday 14:30\", \
         \"-2h\" or \"@1723819442\"."
    )]
    NotATime(String),
    /// It is a date in the order of some country, which another country reads differently.
    #[error(
        "cannot tell which day {0:?} is: the order of day and month differs from country to \
         country. Write year, month and day, like \"2024-08-16\"."
    )]
    NationalDate(String),
    /// It has the right form, but there is no such day or time.
    #[error(
        "there is no such time as {0:?}: a month, day, hour or minute in it is too large. \
         Write it like \"2024-08-16 14:44\"."
    )]
    NoSuchTime(String),
    /// It lies outside the years that can be reckoned with.
    #[error(
        "{0:?} is too far away: a time lies between the years 1 and 9999, whose last two days \
         cannot be written in every zone. Write one like \"2024-08-16\"."
    )]
    TooFar(String),
    /// `boot`, where the uptime is not known.
    #[error(
        "cannot tell when this machine was booted: /proc/uptime could not be read. Give the time \
         itself, like \"2024-08-16 14:44\"."
    )]
    NoBoot,
    /// `checkpoint`, where none was named.
    #[error(
        "cannot tell which checkpoint is meant. Name its file too: --checkpoint FILE, which goes \
         on where the last run with that file stopped."
    )]
    WhichCheckpoint,
    /// `checkpoint`, where no earlier run left one.
    #[error(
        "there is no checkpoint to go on from: no earlier run has left one. Give a time for the \
         first run, like \"2024-08-16 14:44\" or \"this-month\"."
    )]
    NoCheckpoint,
}

/// The point in time that `text` names as one end of a range.
pub fn parse(text: &str, edge: Edge, world: &World) -> Result<Timestamp, WhenError> {
    let trimmed = text.trim();
    let reading =
        Reading { text: trimmed, edge, world, now: world.now.to_zoned(world.zone.clone()) };
    reading.parse()
}

struct Reading<'a> {
    text: &'a str,
    edge: Edge,
    world: &'a World,
    now: Zoned,
}

type Found = Result<Timestamp, WhenError>;

impl Reading<'_> {
    fn parse(&self) -> Found {
        let lower = self.text.to_ascii_lowercase();
        if let Some(epoch) = lower.strip_prefix('@') {
            return self.epoch(epoch);
        }
        if let Some(found) = self.word(&lower) {
            return found;
        }
        if let Some(found) = self.distance(&lower) {
            return found;
        }
        let shape: String = lower
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        if shape.starts_with("0000-00-00") {
            return self.iso();
        }
        if shape.starts_with("0:00") || shape.starts_with("00:00") {
            return self.day_at(self.now.date(), Some(&lower));
        }
        // 08/16/2024, 16.8.24, 16-08-2024
        let date = lower.split([' ', 't']).next().unwrap_or_default();
        let numbers: Vec<&str> = date.split(['/', '.', '-']).collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        Err(if matches!(numbers.len(), 2 | 3) && numbers.iter().all(is_number) {
            WhenError::NationalDate(self.text.to_owned())
        } else {
            self.not_a_time()
        })
    }

    /// ausearch's words. Those that name a day may be followed by a time.
    fn word(&self, lower: &str) -> Option<Found> {
        let (word, time) = match lower.split_once(char::is_whitespace) {
            Some((word, time)) => (word, Some(time.trim())),
            None => (lower, None),
        };
        let today = self.now.date();
        let point =
            |found: Found| Some(if time.is_some() { Err(self.not_a_time()) } else { found });
        let back = |days: i64| today.checked_sub(days.days());
        let week_day = i64::from(today.weekday().to_sunday_zero_offset());
        let day = match word {
            "now" => return point(Ok(self.world.now)),
            "recent" => return point(self.back(10.minutes())),
            "this-hour" => return point(self.this_hour()),
            "boot" => return point(self.boot()),
            "checkpoint" => return point(self.checkpoint()),
            "today" => Ok((today, 1.day())),
            "yesterday" => back(1).map(|day| (day, 1.day())),
            "this-week" => back(week_day).map(|day| (day, 1.week())),
            "week-ago" => back(7).map(|day| (day, 1.day())),
            "this-month" => Ok((today.first_of_month(), 1.month())),
            "this-year" => Ok((today.first_of_year(), 1.year())),
            _ => return None,
        };
        Some(match (day, time) {
            (Err(_), _) => Err(self.too_far()),
            (Ok((first, _)), Some(time)) => self.day_at(first, Some(time)),
            (Ok((first, length)), None) => self.stretch(first, length),
        })
    }

    /// The hour by the clock on the wall, which begins at half past in terms of UTC in some zones.
    fn this_hour(&self) -> Found {
        let time = self.now.time();
        let into = SignedDuration::new(
            i64::from(time.minute()) * 60 + i64::from(time.second()),
            time.subsec_nanosecond(),
        );
        let begin = self.world.now.checked_sub(into);
        let found = match self.edge {
            Edge::Start => begin,
            Edge::End => {
                begin.and_then(|begin| begin.checked_add(SignedDuration::new(3599, 999_999_999)))
            }
        };
        found.map_err(|_| self.too_far())
    }

    fn checkpoint(&self) -> Found {
        self.world.checkpoint.ok_or(WhenError::WhichCheckpoint)?.ok_or(WhenError::NoCheckpoint)
    }

    fn boot(&self) -> Found {
        let uptime = self.world.uptime.ok_or(WhenError::NoBoot)?;
        self.world.now.checked_sub(uptime).map_err(|_| self.too_far())
    }

    fn back(&self, span: Span) -> Found {
        let before = self.now.checked_sub(span).map_err(|_| self.too_far())?;
        Ok(before.timestamp())
    }

    fn epoch(&self, epoch: &str) -> Found {
        let (seconds, fraction) = epoch.split_once('.').unwrap_or((epoch, ""));
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) || fraction.len() > 9 {
            return Err(self.not_a_time());
        }
        let filler = if self.edge == Edge::Start { '0' } else { '9' };
        let digits = fraction.chars().chain(std::iter::repeat(filler)).take(9);
        let nanoseconds = digits.collect::<String>().parse().map_err(|_| self.not_a_time())?;
        let seconds = seconds.parse().map_err(|_| self.too_far())?;
        Timestamp::new(seconds, nanoseconds).map_err(|_| self.too_far())
    }

    /// `-2h`, `-1d12h`, `-2 hours`, `2 days ago`.
    fn distance(&self, lower: &str) -> Option<Found> {
        let spelled = match (lower.strip_prefix('-'), lower.strip_suffix("ago")) {
            (Some(rest), None) => rest,
            (None, Some(rest)) => rest,
            _ => return None,
        };
        let span = distance::span(spelled).map_err(|wrong| match wrong {
            Wrong::NotADistance => self.not_a_time(),
            Wrong::TooFar => self.too_far(),
        });
        Some(span.and_then(|span| self.back(span)))
    }

    fn iso(&self) -> Found {
        let (date, rest) = self.text.split_at("0000-00-00".len());
        let date: Date = date.parse().map_err(|_| self.no_such_time())?;
        let time = match rest.as_bytes().first() {
            None => None,
            Some(b'T' | b't' | b' ') => Some(rest[1..].trim()),
            Some(_) => return Err(self.not_a_time()),
        };
        self.day_at(date, time)
    }

    /// A day, or a time of that day, perhaps with a zone.
    fn day_at(&self, day: Date, spelled: Option<&str>) -> Found {
        let Some(spelled) = spelled else { return self.stretch(day, 1.day()) };
        let zone_from = spelled.find(['z', 'Z', '+', '-']).unwrap_or(spelled.len());
        let (clock, zone) = spelled.split_at(zone_from);
        let clock = clock.trim_end();
        let (first, last) = self.time(clock)?;
        let time = if self.edge == Edge::Start { first } else { last };
        let civil = day.to_datetime(time);
        if zone.is_empty() {
            return self.local(civil);
        }
        if zone.eq_ignore_ascii_case("z") {
            return self.in_zone(civil, &TimeZone::UTC);
        }
        let offset = offset(zone).ok_or_else(|| self.not_a_time())?;
        self.in_zone(civil, &TimeZone::fixed(offset))
    }

    /// A stretch of days that begins with `first`.
    fn stretch(&self, first: Date, length: Span) -> Found {
        match self.edge {
            Edge::Start => self.local(first.at(0, 0, 0, 0)),
            Edge::End => {
                let next = first.checked_add(length).map_err(|_| self.too_far())?;
                // A day may begin after midnight; the one before ends where it begins.
                let next = self.local_at(next.at(0, 0, 0, 0), Disambiguation::Compatible)?;
                next.checked_sub(1.nanosecond()).map_err(|_| self.too_far())
            }
        }
    }

    /// The first and the last moment of a time: all of a minute, where seconds are left out.
    fn time(&self, clock: &str) -> Result<(Time, Time), WhenError> {
        let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
        let parts: Vec<&str> = whole.split(':').collect();
        let is_part = |part: &&str| {
            matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let fraction_is_number =
            fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
        let whole_is_time = matches!(parts.len(), 2 | 3) && parts.iter().all(is_part);
        if !whole_is_time || !fraction_is_number || (clock.len() > whole.len() && parts.len() < 3) {
            return Err(self.not_a_time());
        }
        let part = |at: usize| parts.get(at).map_or(Ok(0), |part| part.parse::<i8>());
        let (Ok(hour), Ok(minute), Ok(second)) = (part(0), part(1), part(2)) else {
            return Err(self.not_a_time());
        };
        let nanosecond = |filler: &str| {
            let digits: String = fraction.chars().chain(filler.chars()).take(9).collect();
            digits.parse::<i32>().unwrap_or(0)
        };
        let last_second = if parts.len() == 3 { second } else { 59 };
        let first = Time::new(hour, minute, second, nanosecond("000000000"));
        let last = Time::new(hour, minute, last_second, nanosecond("999999999"));
        let no_such_time = |_| self.no_such_time();
        Ok((first.map_err(no_such_time)?, last.map_err(no_such_time)?))
    }

    fn local(&self, civil: DateTime) -> Found {
        let zoned = self.world.zone.to_ambiguous_zoned(civil);
        let twice = matches!(zoned.offset(), AmbiguousOffset::Fold { .. });
        self.local_at(
            civil,
            match self.edge {
                Edge::End if twice => Disambiguation::Later,
                _ => Disambiguation::Compatible,
            },
        )
    }

    fn local_at(&self, civil: DateTime, which: Disambiguation) -> Found {
        let zoned = self.world.zone.to_ambiguous_zoned(civil).disambiguate(which);
        Ok(zoned.map_err(|_| self.too_far())?.timestamp())
    }

    fn in_zone(&self, civil: DateTime, zone: &TimeZone) -> Found {
        Ok(zone.to_zoned(civil).map_err(|_| self.too_far())?.timestamp())
    }

    fn not_a_time(&self) -> WhenError {
        WhenError::NotATime(self.text.to_owned())
    }

    fn no_such_time(&self) -> WhenError {
        WhenError::NoSuchTime(self.text.to_owned())
    }

    fn too_far(&self) -> WhenError {
        WhenError::TooFar(self.text.to_owned())
    }
}

/// `+02:00`, `+0200`, `-05`.
fn offset(zone: &str) -> Option<jiff::tz::Offset> {
    let (sign, digits) = zone.split_at(1);
    let digits: String = match digits.len() {
        5 => digits.split_once(':').map(|(hours, minutes)| format!("{hours}{minutes}"))?,
        4 => digits.to_owned(),
        2 => format!("{digits}00"),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = (minutes < 60).then_some(hours * 3600 + minutes * 60)?;
    jiff::tz::Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

#[cfg(test)]
#[path = "when_tests.rs"]
mod tests;
