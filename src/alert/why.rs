//! Why something is an alert, in one sentence for a person: what came how often before, and what
//! it would have to be to be ordinary.
//!
//! Every number is one that the model judged by. Names are spelled so that none of them can add a
//! word to the sentence.

use super::history::Past;
use super::words::{
    buckets, counted, day, duration, moment, nouns, number, place, spelled, subject, time, weekday,
};
use crate::engine::finding::Familiarity;
use crate::engine::{Cadence, Factors, Finding, Function, Period, Question};
use crate::rules::Rule;

/// How many of the values of a burst are named.
const NAMED: usize = 5;

/// The sentence. `needed` is how many buckets it takes until more is known than what is new.
pub(super) fn why(
    rule: &Rule,
    question: &Question,
    finding: &Finding,
    past: &Past<'_>,
    needed: u32,
) -> String {
    let now = question.span.start(finding.bucket);
    let since = day(question.span.start(past.since(finding)), now);
    let last = past.last(finding).map(|last| question.span.start(last));
    let first = question.span.start(past.first(finding));
    let told = Told { rule, question, finding, now, since, first, last };
    let mut said = match (finding.function, &finding.cadence) {
        (Function::Burst, _) if finding.values.len() == 1 => told.behind_a_burst(),
        (Function::Burst, _) => told.burst(),
        (Function::Comeback, _) => told.comeback(),
        (Function::Rare, Some(cadence)) => told.cadence(cadence),
        (Function::Rare, None) => match finding.factors.elsewhere {
            Some(others) => told.elsewhere(others, past),
            None => told.rare(),
        },
    };
    match finding.familiarity {
        Some(Familiarity::KeepsComing) => {
            said += "; it keeps coming: it was there on five days or more, and was away for as \
                     long before";
        }
        Some(Familiarity::WasTold(told)) => {
            let told = moment(question.span.start(told), now);
            said += &format!("; nobody and nothing new came with it since the alert of {told}");
        }
        None => {}
    }
    if finding.is_provisional {
        let known = number(finding.factors.buckets_total);
        let needed = active(&buckets(needed, question.span));
        said += &format!("; provisional, as this is still learning ({known} of about {needed})");
    }
    said
}

struct Told<'a> {
    rule: &'a Rule,
    question: &'a Question,
    finding: &'a Finding,
    /// When the bucket began.
    now: u64,
    /// The day of the first bucket that is known.
    since: String,
    /// When the value was seen first.
    first: u64,
    /// When it was seen last before.
    last: Option<u64>,
}

impl Told<'_> {
    fn factors(&self) -> &Factors {
        &self.finding.factors
    }

    fn subject(&self) -> String {
        let value = self.finding.values.first().map_or(&[][..], |value| value);
        subject(&self.question.by, value)
    }

    fn place(&self) -> String {
        place(self.question, self.finding.partition.as_deref())
    }

    /// `1,344 active quarter-hours on web-01 since 1 Aug`
    fn all(&self) -> String {
        let all = buckets(self.factors().buckets_total, self.question.span);
        format!("{}{} since {}", active(&all), self.place(), self.since)
    }

    fn rare(&self) -> String {
        let seen = self.factors().buckets;
        let mut said = format!("{} was seen in {} of {}", self.subject(), number(seen), self.all());
        said += &match self.last {
            None => ", never before".to_string(),
            Some(last) => {
                let ago = duration(self.now.saturating_sub(last) / 1000);
                format!(", before this last on {} ({ago} earlier)", moment(last, self.now))
            }
        };
        let (one, many) = nouns(&self.question.by);
        said += &match self.factors().values.saturating_sub(1) {
            0 => format!(", and no other {one} was"),
            others => {
                let (one, many) = (format!("other {one}"), format!("other {many}"));
                let makes = if others == 1 { "makes" } else { "make" };
                format!("; {} {makes} up the rest", counted(others, &one, &many))
            }
        };
        if let Some(ordinary) = self.factors().ordinary {
            let threshold = self.rule.threshold;
            let number = number(ordinary);
            said += &match ordinary > seen {
                true => format!("; in about {number} of them it would be ordinary"),
                // Those it was in are old, and weigh little.
                false => {
                    format!("; evenly spread over them, about {number} would make it ordinary")
                }
            };
            said += &format!(" (score below {threshold})");
        }
        said
    }

    /// A value by itself, among which an earlier burst would hide it.
    fn behind_a_burst(&self) -> String {
        let (_, many) = nouns(&self.question.by);
        format!(
            "{} was never seen before in {}; the many new {many} of an earlier burst make it look \
             ordinary, and without them it scores {}",
            self.subject(),
            self.all(),
            super::points(self.finding.score)
        )
    }

    fn burst(&self) -> String {
        let values = &self.finding.values;
        let (_, many) = nouns(&self.question.by);
        let mut named: Vec<String> =
            values.iter().take(NAMED).map(|value| spelled(value)).collect();
        let rest = values.len() - named.len();
        if rest > 0 {
            named.push(format!("{} more", number(rest as u64)));
        }
        let last = named.pop().unwrap_or_default();
        let named = format!("{} and {last}", named.join(", "));
        let count = number(values.len() as u64);
        format!(
            "{count} new {many} at once ({named}), none of them seen before in {}; \
             each would score {} if it were alone",
            self.all(),
            super::points(self.finding.score)
        )
    }

    fn comeback(&self) -> String {
        let (factors, span) = (self.factors(), self.question.span);
        let seen = active(&buckets(factors.buckets.saturating_sub(1), span));
        let lasting = |buckets: u32| duration(u64::from(buckets) * u64::from(span.seconds()));
        let mut said = format!("{} was seen in {seen}{}", self.subject(), self.place());
        if let Some(last) = self.last {
            let (first, last) = (day(self.first, self.now), moment(last, self.now));
            said += &format!(" from {first} to {last}");
        }
        let silence = factors.silence.unwrap_or_default();
        said += &format!(", then in none for {} of activity, and is back", lasting(silence));
        said += &match factors.longest_silence {
            0 => "; before, it was never away".to_string(),
            longest => format!("; before, it was never away for more than {}", lasting(longest)),
        };
        said
    }

    fn cadence(&self, cadence: &Cadence) -> String {
        let span = self.question.span;
        let start = |coming: Option<&_>| coming.map_or(self.now, |coming| span.start(*coming));
        let (first, last) = (start(cadence.comings.first()), start(cadence.comings.last()));
        let until = match cadence.is_over {
            true => format!(" until {}", day(last, self.now)),
            false => String::new(),
        };
        let comes = if cadence.is_over { "came" } else { "comes" };
        let kept = number(cadence.kept);
        let usual = match cadence.period {
            Period::Daily => format!("daily at {} UTC", time(last)),
            Period::Weekly => {
                format!("weekly on {}s at {} UTC", weekday(last), time(last))
            }
            Period::Monthly | Period::Quarterly if cadence.is_over => {
                cadence.period.name().to_string()
            }
            Period::Monthly | Period::Quarterly => {
                format!("{}, last on {}", cadence.period.name(), moment(last, self.now))
            }
        };
        let this = match cadence.period {
            _ if cadence.is_over => {
                let away = duration(self.now.saturating_sub(last) / 1000);
                format!("and not again for {away} until now")
            }
            _ if cadence.is_due => "and this is its time".to_string(),
            Period::Daily => format!("but this time at {}", time(self.now)),
            Period::Weekly => {
                format!("but this time on {} at {}", weekday(self.now), time(self.now))
            }
            Period::Monthly | Period::Quarterly => {
                format!("but this time on {}", moment(self.now, self.now))
            }
        };
        let since = match cadence.comings.len() < cadence.kept as usize {
            true => String::new(),
            false => format!(" since {}", day(first, self.now)),
        };
        format!(
            "{}{} {comes} {usual}{until} ({kept} times in a row{since}), {this}",
            self.subject(),
            self.place()
        )
    }

    fn elsewhere(&self, (showing, others): (u32, u32), past: &Past<'_>) -> String {
        let partition = self.question.partition.as_deref().unwrap_or_default();
        let (one, many) = nouns(partition);
        let mut said = format!("{} was never seen before in {}", self.subject(), self.all());
        let noun = if others == 1 { one } else { many };
        let knows = if showing == 1 { "knows" } else { "know" };
        said += &format!("; {} of {} other {noun} {knows} it", number(showing), number(others));
        if let Some(first) = past.since_anywhere(self.finding) {
            let seconds = (self.now - self.question.span.start(first).min(self.now)) / 1000;
            said += &format!(", for {} by now", duration(seconds));
        }
        said
    }
}

/// `1,344 active quarter-hours`: those without anything do not count.
fn active(buckets: &str) -> String {
    buckets.replacen(' ', " active ", 1)
}

#[cfg(test)]
#[path = "why_tests.rs"]
mod tests;
