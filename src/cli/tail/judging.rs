//! When a bucket is judged, and what is told of it.
//!
//! A bucket is judged once the time of the log has passed its end by the grace, or this machine's
//! has and nothing comes any more. Facts that come later have it judged again, when no more of them
//! come. What was told is not told again. A bucket that neither clock has come to was written under
//! a clock that is set back by now: it is judged when nothing more comes of it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::frontier::{AHEAD, Frontier};
use crate::alert::Alert;
use crate::cli::judged::{self, Showing};
use crate::cli::learning::Learner;
use crate::cli::verdicts::Verdicts;
use crate::engine::{Bucket, Finding, Span};

/// For how long after its end events of a bucket are waited for, in milliseconds: a connect that
/// nobody answers is given up after 127 seconds, and has the time of its beginning.
pub const GRACE: u64 = 150_000;
/// For how long nothing has to come for this machine's clock to tell that a bucket is over.
const QUIET: u64 = 3_000;
/// For how long nothing late has to come for a bucket to be judged again, and how long it is put
/// off at most.
const LATE_QUIET: u64 = 10_000;
const LATE_MOST: u64 = 900_000;
/// Judging takes at most one part in so many of the time.
const SHARE: u64 = 20;

/// How things stand when somebody asks whether to judge.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// A clock that only goes forward, in milliseconds.
    pub now: u64,
    /// This machine's clock, in milliseconds since 1970.
    pub clock: u64,
    /// When lines came last, by the first of the two.
    pub last_lines: u64,
    /// Whether nothing was left unread, open or held.
    pub is_settled: bool,
    /// Nothing will ever come.
    pub is_over: bool,
}

/// The buckets that have facts which were not judged.
#[derive(Default, Debug)]
pub struct Judging {
    /// For each rule, by its place, and bucket: when facts came first and last.
    pending: BTreeMap<(usize, Bucket), (u64, u64)>,
    /// The last bucket of each rule that was judged.
    judged: BTreeMap<usize, Bucket>,
    /// The alerts that were told before their bucket was over, and when that began.
    pub early: BTreeMap<String, u64>,
    has_news: bool,
    next: u64,
    /// When the last bucket that was judged began.
    pub last_judged: u64,
    /// How many buckets that had been judged were put up again; one counts once, whichever rules
    /// judge it and however many events come for it meanwhile.
    pub late: u64,
    /// Those that are up again now.
    again: BTreeSet<(Span, Bucket)>,
}

/// Buckets of rules, by the places of the rules.
type Ready = BTreeSet<(usize, Bucket)>;

impl Judging {
    /// Notes the buckets that something new was learnt of.
    pub fn note(&mut self, learner: &mut Learner, now: u64) {
        for (at, post) in learner.posts.iter_mut().enumerate() {
            if post.judged.is_empty() {
                continue;
            }
            let span = post.ledger.question().span;
            for bucket in std::mem::take(post.judged).iter() {
                if self.judged.get(&at).is_some_and(|judged| bucket <= *judged) {
                    self.late += u64::from(self.again.insert((span, bucket)));
                }
                self.pending.entry((at, bucket)).or_insert((now, now)).1 = now;
                self.has_news = true;
            }
        }
    }

    /// The buckets that were not judged, each with its job.
    pub fn unjudged(&self, learner: &Learner) -> Vec<(String, u32)> {
        let job = |at: usize| learner.posts[at].watch.rule().question.name.clone();
        let mut unjudged: Vec<(String, u32)> =
            self.pending.keys().map(|(at, bucket)| (job(*at), bucket.0)).collect();
        // Two rules may ask the same question.
        unjudged.sort();
        unjudged.dedup();
        unjudged
    }

    /// Goes on with buckets that an earlier run has not judged.
    pub fn resume(&mut self, unjudged: &[(String, u32)], learner: &Learner, now: u64) {
        for (job, bucket) in unjudged {
            for (at, post) in learner.posts.iter().enumerate() {
                if post.watch.rule().question.name == *job {
                    self.pending.entry((at, Bucket(*bucket))).or_insert((now, now));
                }
            }
        }
    }

    /// Forgets which rule was at which place: there are others now.
    pub fn forget_places(&mut self) {
        self.pending.clear();
        self.judged.clear();
        self.again.clear();
    }

    /// Whether anything waits to be judged.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether judging again would take too much of the time.
    pub fn is_resting(&self, now: u64) -> bool {
        now < self.next
    }

    /// The buckets that are over. `untold` are the times of events that may still be told of.
    pub fn ready(
        &self,
        learner: &Learner,
        frontier: Frontier,
        untold: &mut dyn FnMut() -> Vec<u64>,
        moment: Moment,
    ) -> Ready {
        let mut times = None;
        let is_ready = |(at, bucket): (usize, Bucket), (first, last): (u64, u64)| {
            if moment.is_over {
                return true;
            }
            let span = learner.posts[at].watch.rule().question.span;
            let (start, end) = (span.start(bucket), span.start(Bucket(bucket.0 + 1)));
            let is_late = self.judged.get(&at).is_some_and(|judged| bucket <= *judged);
            let is_still = moment.now >= last + LATE_QUIET || moment.now >= first + LATE_MOST;
            if is_late && !is_still {
                return false;
            }
            if is_still && start > horizon(frontier, moment) {
                return true;
            }
            let is_quiet = moment.is_settled && moment.now >= moment.last_lines + QUIET;
            if is_quiet && end + GRACE <= moment.clock {
                return true;
            }
            // What is open now was read before the frontier was where it is.
            end + GRACE <= frontier.newest()
                && !times
                    .get_or_insert_with(&mut *untold)
                    .iter()
                    .any(|time| (start..end).contains(time))
        };
        let mut is_ready = is_ready;
        let pending = self.pending.iter();
        pending.filter(|(key, since)| is_ready(**key, **since)).map(|(key, _)| *key).collect()
    }

    /// What is told of buckets that are over, the oldest bucket first. Their facts are judged.
    pub fn judge(
        &mut self,
        ready: &Ready,
        learner: &mut Learner,
        verdicts: &Verdicts,
        showing: Showing,
        horizon: u64,
    ) -> Vec<Alert> {
        // A replay does so before it judges, and tells what is left.
        learner.settle();
        let alerts = found(ready, learner, verdicts, showing);
        for (at, bucket) in ready {
            self.pending.remove(&(*at, *bucket));
            let start = learner.posts[*at].watch.rule().question.span.start(*bucket);
            // What comes before a time that has not come yet is not late.
            if start <= horizon {
                let judged = self.judged.entry(*at).or_default();
                *judged = (*judged).max(*bucket);
                self.last_judged = self.last_judged.max(start);
            }
        }
        let span = |at: usize| learner.posts[at].watch.rule().question.span;
        let pending = self.pending.keys().map(|(at, bucket)| (span(*at), *bucket));
        let pending: BTreeSet<(Span, Bucket)> = pending.collect();
        self.again.retain(|again| pending.contains(again));
        let oldest = self
            .pending
            .iter()
            .map(|((at, bucket), _)| learner.posts[*at].watch.rule().question.span.start(*bucket));
        let oldest = oldest.min().unwrap_or(u64::MAX);
        self.early.retain(|_, start| *start >= oldest);
        alerts
    }

    /// What there would be to tell if the buckets that are not over were, and was not told early.
    pub fn early(
        &mut self,
        learner: &mut Learner,
        verdicts: &Verdicts,
        showing: Showing,
    ) -> Vec<Alert> {
        if !std::mem::take(&mut self.has_news) {
            return Vec::new();
        }
        learner.settle();
        let open: Ready = self.pending.keys().copied().collect();
        let mut alerts = found(&open, learner, verdicts, showing);
        alerts.retain(|alert| !self.early.contains_key(&alert.id));
        for alert in &mut alerts {
            self.early.insert(alert.id.clone(), alert.bucket_start_ms);
            alert.is_provisional = true;
        }
        alerts
    }

    /// Notes how long judging took, so that it leaves time for all else.
    pub fn took(&mut self, began: u64, now: u64) {
        self.next = now + (now - began) * SHARE;
    }
}

/// No time beyond this has come, by the log or by this machine's clock.
pub fn horizon(frontier: Frontier, moment: Moment) -> u64 {
    frontier.newest().max(moment.clock.saturating_add(AHEAD))
}

fn found(ready: &Ready, learner: &Learner, verdicts: &Verdicts, showing: Showing) -> Vec<Alert> {
    let mut all = Vec::new();
    for (at, post) in learner.posts.iter().enumerate() {
        if !ready.iter().any(|(rule, _)| *rule == at) {
            continue;
        }
        let is_wanted = |finding: &Finding| ready.contains(&(at, finding.bucket));
        let found = judged::found(post, showing.min_score, verdicts, is_wanted);
        all.extend(found.alerts.into_iter().filter(|alert| showing.shows(alert)));
    }
    all.sort_by(in_order);
    all
}

/// The oldest first; of the same time the highest score, then by rule and by what names them.
fn in_order(a: &Alert, b: &Alert) -> Ordering {
    a.bucket_start_ms
        .cmp(&b.bucket_start_ms)
        .then_with(|| b.finding.score.total_cmp(&a.finding.score))
        .then_with(|| a.rule.name.cmp(&b.rule.name))
        .then_with(|| a.id.cmp(&b.id))
}
