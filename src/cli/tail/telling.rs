//! What a watch says of itself: what it follows, what happened to the log, and what was lost.

use super::counters::{Counters, NAMES};
use super::source::Source;
use super::watch::Watch;
use crate::audit::assembly::Account;
use crate::audit::complaint::Example;
use crate::cli::say;
use crate::input::follow::{Note, Purpose};
use crate::quoted::Quoted;

/// How often losses are told of, in milliseconds.
const TOLD_EVERY: u64 = 60_000;
/// How many bytes unread are no matter of a moment.
const MUCH: u64 = 4 << 20;

/// What was told of, so that nothing is told again and again.
pub struct Telling {
    /// When losses were told of, and all that were known then.
    losses: (u64, Counters),
    /// A line that was complained of since.
    pub complaint: Option<(String, Example)>,
    /// When unread bytes were looked at, and how many they were.
    behind: (u64, u64),
}

impl Telling {
    /// What earlier runs have counted they have told of.
    pub fn after(counted: &Counters) -> Telling {
        Telling { losses: (0, counted.clone()), complaint: None, behind: (0, 0) }
    }
}

impl Watch<'_> {
    /// Says what is followed.
    pub(super) fn greet(&self) {
        let state = Quoted(self.store.path());
        match &self.source {
            Source::Log(follower, _) => {
                let log = Quoted(follower.log());
                say(&format!("following {log}; the state is {state}."));
            }
            _ => say(&format!("reading what comes; the state is {state}.")),
        }
    }

    /// What was counted of what was read, by one of the reader's accounts.
    pub(super) fn read_by(&self, account: &Account) -> Vec<(&'static str, u64)> {
        let (lines, bytes) = self.live.read();
        vec![
            ("lines", lines),
            ("bytes", bytes),
            ("records", account.records),
            ("events", account.events),
            ("complaints", self.live.complaints().total()),
            ("gaps", account.gaps),
            ("lost", account.lost),
            ("late records", account.late),
            ("closed early", account.early),
            ("partial", account.partial),
        ]
    }

    /// What was counted of what this run does; none of that comes again when lines are read again.
    fn done(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("connections", self.tally.connections),
            ("alerts", self.tally.alerts.values().sum()),
            ("kernel lost", self.service.kernel_lost()),
            ("late", self.judging.late),
            ("clock steps", self.frontier.steps + self.clock.steps),
            ("emptied", self.tally.emptied),
            ("dropped", self.connections.as_ref().map_or(0, |connections| connections.dropped)),
            ("unkept", self.saving.unkept + self.outlet.lost),
        ]
    }

    /// What was counted in all runs.
    pub(super) fn counters(&self) -> Counters {
        self.with_earlier(&self.live.account())
    }

    /// The same as it is saved: what is still open counts as well, for the next run reads all of it
    /// again and then takes off what it finds there.
    pub(super) fn counters_to_save(&self) -> Counters {
        self.with_earlier(&self.live.account_at_end())
    }

    fn with_earlier(&self, account: &Account) -> Counters {
        let counted = self.tally.counted.plus(&self.done());
        if self.purpose.is_none_or(|purpose| purpose == Purpose::Known) {
            return counted;
        }
        counted.plus(&self.read_by(account)).minus(&self.tally.again)
    }

    /// What was read in this run and by none before.
    pub(super) fn read_first(&self) -> Counters {
        if self.purpose.is_none_or(|purpose| purpose == Purpose::Known) {
            return Counters::default();
        }
        let read = self.read_by(&self.live.account());
        Counters::default().plus(&read).minus(&self.tally.again)
    }

    /// How things stand, in a line.
    pub(super) fn status(&self) -> String {
        let counters = self.counters();
        let counted: Vec<String> = NAMES
            .iter()
            .filter(|(name, _)| counters.get(name) > 0)
            .map(|(name, words)| format!("{} {words}", counters.get(name)))
            .collect();
        let behind = self.source.behind();
        let counted =
            if counted.is_empty() { "nothing read".to_string() } else { counted.join(", ") };
        format!("{counted}; {behind} bytes behind.")
    }

    /// Says now and then that more is written than is read, if that is so.
    fn tell_if_behind(&mut self, now: u64) {
        let (since, before) = self.telling.behind;
        if now < since + TOLD_EVERY {
            return;
        }
        let behind = self.source.behind();
        if behind > MUCH && behind > before {
            let more = behind - before;
            say(&format!("falling behind: {behind} bytes were not read, {more} more than before."));
        }
        self.telling.behind = (now, behind);
    }

    /// Says what happened to the log, and now and then what was lost.
    pub(super) fn tell_what_happened(&mut self) {
        if let Source::Log(follower, _) = &mut self.source {
            let log = Quoted(follower.log()).to_string();
            for note in follower.notes() {
                self.tally.emptied += u64::from(matches!(note, Note::Emptied));
                say(&in_words(&log, &note));
            }
        }
        let now = self.now();
        self.tell_if_behind(now);
        if now < self.telling.losses.0 + TOLD_EVERY && self.telling.losses.0 > 0 {
            return;
        }
        let counters = self.counters();
        if let Some(losses) = counters.losses_since(&self.telling.losses.1) {
            say(&format!("lost or doubtful: {losses}."));
            if let Some((source, example)) = self.telling.complaint.take() {
                say(&format!("{source}:{}: {}", example.line, example.complaint.words()));
            }
            self.telling.losses = (now, counters);
        }
    }
}

fn in_words(log: &str, note: &Note) -> String {
    match note {
        Note::Missing => format!("there is no {log}; waiting for it."),
        Note::Trouble(error) => format!("{error} Trying on."),
        Note::PassedOver(error, 0) => format!("{error} Nothing is learnt from it."),
        Note::PassedOver(error, more) => format!(
            "{error} Nothing is learnt from it, nor from {more} more of the older files, which \
             cannot be read either."
        ),
        Note::Fine => format!("{log} can be read now."),
        Note::Emptied => format!(
            "{log} was emptied or written anew, and there is no copy: what was written to it last \
             may be lost."
        ),
        Note::Gone => format!(
            "none of the files of {log} that were read before is there any more: all that are \
             there are read, and what was written in between is lost."
        ),
        Note::NotAgain(bytes) => format!(
            "{bytes} bytes of older files are not read again: processes that began in them are \
             known by less."
        ),
    }
}
