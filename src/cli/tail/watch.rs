//! The watch over a log: reads what comes, judges what is over, saves, and delivers.
//!
//! What is saved in one step belongs together: what was learnt, how far the log was read, what was
//! told of, and the alerts that have to be delivered. Delivery comes after that.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::counters::Counters;
use super::ears::{self, Ears};
use super::frontier::Frontier;
use super::judging::{Judging, Moment, Shown};
use super::outputs::{self, Connections};
use super::signals::Signals;
use super::source::{Next, Source};
use super::told::Told;
use super::{Arguments, bookmarks};
use crate::audit::complaint::Example;
use crate::cli::filter::Filter;
use crate::cli::learning::{Learner, Post};
use crate::cli::verdicts::Verdicts;
use crate::cli::{keeping, logs, places, say};
use crate::engine::Ledger;
use crate::input::follow::{Note, Portion, Purpose};
use crate::output::alerts::Writer;
use crate::reading::live::{Lines, Live};
use crate::rules::{Rule, Watch as RuleWatch};
use crate::store::{Bookmark, Store, StoredAlert, Undelivered};

/// How often what has changed is saved, in milliseconds, and what part of the time it may take.
const SAVED_EVERY: u64 = 3_000;
const SHARE: u64 = 20;
/// How many portions are read before anything else is looked at.
const PORTIONS: usize = 8;
/// How long is waited where something is open, and where nothing is, in milliseconds.
const SOON: u64 = 20;
const LATER: u64 = 1_000;
/// How often losses are told of, and that something cannot be saved, in milliseconds.
const TOLD_EVERY: u64 = 60_000;

/// The watch over a log.
pub struct Watch<'a> {
    arguments: &'a Arguments,
    store: Store,
    source: Source,
    name: Vec<u8>,
    live: Live,
    learner: Learner,
    told: Told,
    judging: Judging,
    frontier: Frontier,
    verdicts: Verdicts,
    writer: Box<dyn Writer>,
    connections: Option<Connections>,
    filter: Filter,
    began: Instant,
    purpose: Option<Purpose>,
    /// When lines came last, and when something was saved last and how long that took.
    last_lines: u64,
    last_save: u64,
    next_save: u64,
    is_changed: bool,
    /// What earlier runs have counted, and what is not counted of this one: what was read again.
    counted: Counters,
    again: Counters,
    count: u64,
    alerts: u64,
    emptied: u64,
    /// The losses that were told of, and when.
    told_losses: (u64, Counters),
    complaint: Option<(String, Example)>,
    /// Since when nothing could be saved, and what has to be saved then.
    unsaved: Vec<StoredAlert>,
    failing_since: Option<u64>,
    waiting: Vec<Undelivered>,
    is_closed: bool,
}

impl<'a> Watch<'a> {
    /// A watch that goes on where a bookmark says.
    pub fn new(
        arguments: &'a Arguments,
        mut store: Store,
        source: Source,
        host: &str,
        (name, mark): (Vec<u8>, Option<Bookmark>),
    ) -> Result<Watch<'a>, String> {
        let mut learner = Learner::new(arguments.rules.rules()?);
        keeping::recall(&mut store, &mut learner)?;
        let verdicts = arguments.verdicts.read()?;
        let places = places::open(&arguments.geo)?;
        let mark = mark.unwrap_or_default();
        let output = |name: &str| mark.outputs.iter().find(|output| output.name == name);
        let connections = arguments.connections.as_deref();
        let connections =
            connections.map(|path| Connections::open(path, output("connections"))).transpose()?;
        let waiting = store.undelivered().map_err(|error| error.to_string())?;
        let delivered = output("alerts").map(|output| outputs::delivered(output, &waiting));
        let delivered = delivered.unwrap_or_default();
        if !delivered.is_empty() {
            store.delivered(&delivered).map_err(|error| error.to_string())?;
        }
        let waiting = waiting.into_iter().filter(|(id, _)| !delivered.contains(id)).collect();
        let mut judging = Judging::default();
        judging.resume(&mark.unjudged, &learner, 0);
        judging.early = mark.early.into_iter().collect();
        let counted = Counters::of(&mark.counters);
        judging.last_judged = counted.get("last judged");
        let color = arguments.color.is_wanted();
        Ok(Watch {
            arguments,
            store,
            source,
            name,
            live: Live::new(host),
            learner,
            told: Told::after(mark.told, mark.untold),
            judging,
            frontier: Frontier::at(mark.newest),
            verdicts,
            writer: arguments.format.writer(logs::width(), color, places),
            connections,
            filter: Filter::default(),
            began: Instant::now(),
            purpose: None,
            last_lines: 0,
            last_save: 0,
            next_save: 0,
            is_changed: false,
            told_losses: (0, counted.clone()),
            counted,
            again: Counters::default(),
            count: 0,
            alerts: 0,
            emptied: 0,
            complaint: None,
            unsaved: Vec::new(),
            failing_since: None,
            waiting,
            is_closed: false,
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Watches until a signal, or the end of the input.
    pub fn run(&mut self, signals: &Signals) -> Result<(), String> {
        self.greet();
        let waiting = std::mem::take(&mut self.waiting);
        self.deliver(waiting);
        loop {
            let (has_more, is_over) = self.read()?;
            let is_ending = is_over || signals.end() || self.is_closed;
            let now = self.now();
            if is_over || is_ending && self.source.position().is_none() {
                self.hear(|live, ears| live.finish(ears));
            } else if !self.source.has_half_a_line() || now > self.last_lines + 10_000 {
                self.hear(|live, ears| live.settle(now, ears));
            }
            self.judging.note(&mut self.learner, now);
            if let Some(connections) = &mut self.connections {
                connections.flush();
            }
            self.judge(has_more, is_over);
            self.tell_what_happened();
            if signals.reload() {
                self.reload();
            }
            if signals.status() {
                say(&self.status());
            }
            if is_ending {
                self.save(Vec::new());
                self.learner.tell_limits();
                say(&self.status());
                return Ok(());
            }
            if self.is_changed && self.now() >= self.next_save {
                self.save(Vec::new());
            }
            self.wait(has_more, signals);
        }
    }

    fn greet(&self) {
        let state = crate::quoted::Quoted(self.store.path());
        match &self.source {
            Source::Log(follower, _) => {
                let log = crate::quoted::Quoted(follower.log());
                say(&format!("following {log}; the state is {state}."));
            }
            _ => say(&format!("reading what comes; the state is {state}.")),
        }
    }

    /// Reads what is there; whether there is more, and whether there never will be.
    fn read(&mut self) -> Result<(bool, bool), String> {
        for _ in 0..PORTIONS {
            match self.source.next(self.now())? {
                Next::Lines(portion) => self.take(&portion),
                Next::Nothing => return Ok((false, false)),
                Next::End => return Ok((false, true)),
            }
        }
        Ok((true, false))
    }

    fn take(&mut self, portion: &Portion) {
        let purpose = portion.purpose;
        if self.purpose != Some(purpose) {
            self.told.begins(purpose, self.live.records());
            if purpose != Purpose::Known {
                self.again = Counters::default().plus(&self.raw());
            }
            self.purpose = Some(purpose);
        }
        let now = self.now();
        self.last_lines = now;
        self.is_changed = true;
        let clock = clock();
        let lines = Lines {
            text: &portion.lines,
            long_lines: &portion.long_lines,
            source: &portion.source,
            is_first: portion.first_of_source,
        };
        let mut frontier = self.frontier;
        self.hear(|live, ears| {
            live.take(lines, now, ears, &mut |time| {
                if purpose == Purpose::Fresh {
                    frontier.note(time, clock);
                }
            });
        });
        self.frontier = frontier;
    }

    fn hear(&mut self, what: impl FnOnce(&mut Live, &mut Ears<'_>)) {
        let mut ears = Ears {
            learner: &mut self.learner,
            told: &mut self.told,
            connections: self.connections.as_mut(),
            filter: &self.filter,
            count: &mut self.count,
            complaint: &mut self.complaint,
        };
        let before = *ears.count;
        what(&mut self.live, &mut ears);
        self.is_changed |= self.count != before;
    }

    /// Judges the buckets that are over, saves, and delivers.
    fn judge(&mut self, has_more: bool, is_over: bool) {
        if !self.judging.is_waiting() || self.purpose != Some(Purpose::Fresh) && !is_over {
            return;
        }
        let began = self.now();
        let moment = Moment {
            now: began,
            clock: clock(),
            last_lines: self.last_lines,
            is_settled: !has_more && !self.live.is_waiting(),
            is_over,
        };
        let live = &self.live;
        let mut untold = || {
            let mut times = Vec::new();
            live.each_untold(&mut |_, stamp| times.push(stamp.millis));
            times
        };
        let ready = self.judging.ready(&self.learner, self.frontier, &mut untold, moment);
        let shown = self.shown();
        if !ready.is_empty() {
            self.verdicts.renew();
            let mut alerts = self.judging.judge(&ready, &self.learner, &self.verdicts, shown);
            // A bucket that is judged again tells what it has not told yet.
            alerts.retain(|alert| {
                !self.unsaved.iter().any(|known| known.id == alert.id)
                    && !self.store.alert(&alert.id).is_ok_and(|known| known.is_some())
            });
            self.alerts += alerts.len() as u64;
            let alerts = alerts.iter().map(|alert| {
                let mut shown = Vec::new();
                self.writer.alert(alert, &mut shown);
                (keeping::stored(alert, moment.clock), shown)
            });
            let alerts = alerts.collect();
            self.learner.posts.iter_mut().for_each(|post| post.watch.ledger_mut().forget_old());
            self.save(alerts);
            self.judging.took(began, self.now());
        } else if self.arguments.early && !is_over {
            self.verdicts.renew();
            let alerts = self.judging.early(&self.learner, &self.verdicts, shown, began);
            if alerts.is_empty() {
                return;
            }
            let mut shown = Vec::new();
            alerts.iter().for_each(|alert| self.writer.alert(alert, &mut shown));
            self.save(Vec::new());
            self.write(&shown);
            self.judging.took(began, self.now());
        }
    }

    fn shown(&self) -> Shown {
        Shown {
            min_score: self.arguments.min_score,
            expected: self.arguments.expected,
            provisional: self.arguments.provisional,
            excepted: self.arguments.verdicts.excepted,
        }
    }

    /// Saves everything in one step, and delivers what had to be saved first. If it cannot be saved
    /// it is delivered all the same, and saved as soon as there is room.
    fn save(&mut self, alerts: Vec<(StoredAlert, Vec<u8>)>) {
        let (mut made, mut shown) = (std::mem::take(&mut self.unsaved), Vec::new());
        for (alert, text) in alerts {
            shown.push((alert.id.clone(), text));
            made.push(alert);
        }
        let began = self.now();
        let saved = match self.bookmark() {
            Ok(Some(mark)) => {
                let posts = self.learner.posts.iter();
                let ledgers: Vec<&Ledger> = posts.map(|post| post.watch.ledger()).collect();
                let saved = self.store.save_at(&ledgers, &made, &shown, &mark);
                saved.map_err(|error| error.to_string())
            }
            // What was there before is being read; a kill begins that anew.
            Ok(None) if made.is_empty() => return,
            Ok(None) => Err("the log is being read from its beginning".to_string()),
            Err(error) => Err(error),
        };
        let now = self.now();
        self.next_save = now + SAVED_EVERY.max((now - began) * SHARE);
        match saved {
            Ok(()) => {
                self.last_save = now;
                self.is_changed = false;
                if self.failing_since.take().is_some() {
                    say("the state is saved again.");
                }
                self.deliver(shown);
            }
            Err(error) => {
                self.unsaved = made;
                self.is_changed = true;
                if self.failing_since.is_none_or(|since| now >= since + TOLD_EVERY) {
                    self.failing_since = Some(now);
                    say(&format!(
                        "the state is NOT SAVED: {error} Watching goes on, and so do alerts; what \
                         is learnt is lost if this ends before it can be saved."
                    ));
                }
                shown.iter().for_each(|(_, text)| self.write(text));
            }
        }
    }

    fn bookmark(&mut self) -> Result<Option<Bookmark>, String> {
        let files = match self.source.position() {
            None => Vec::new(),
            Some(Some(position)) => bookmarks::files(position),
            Some(None) => return Ok(None),
        };
        let mut outputs: Vec<_> = outputs::standard_output().into_iter().collect();
        if let Some(connections) = &mut self.connections {
            connections.flush();
            if !connections.is_whole() {
                return Err("the file of connections cannot be written.".to_string());
            }
            outputs.extend(connections.mark());
        }
        let mut untold = Vec::new();
        self.live.each_untold(&mut |host, stamp| untold.push(ears::id(host, stamp)));
        let mut counters = self.counters();
        counters.0.insert("last judged".to_string(), self.judging.last_judged);
        counters.0.insert("behind".to_string(), self.source.behind());
        Ok(Some(Bookmark {
            log: self.name.clone(),
            saved: clock(),
            newest: self.frontier.newest(),
            told: self.told.recent(self.live.records()),
            untold,
            files,
            counters: counters.0.into_iter().collect(),
            unjudged: self.judging.unjudged(&self.learner),
            early: self.judging.early.clone().into_iter().collect(),
            outputs,
        }))
    }

    /// Delivers alerts that were saved, and notes that.
    fn deliver(&mut self, alerts: Vec<Undelivered>) {
        if alerts.is_empty() {
            return;
        }
        let text: Vec<u8> = alerts.iter().flat_map(|(_, text)| text.iter().copied()).collect();
        self.write(&text);
        if self.is_closed {
            return;
        }
        let ids: Vec<String> = alerts.into_iter().map(|(id, _)| id).collect();
        if let Err(error) = self.store.delivered(&ids) {
            say(&format!("{error} If this ends now, some alerts come a second time."));
        }
    }

    fn write(&mut self, text: &[u8]) {
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(text).and_then(|()| out.flush()) {
            // Whoever read our output has seen enough; that is no failure of ours.
            if error.kind() != io::ErrorKind::BrokenPipe {
                say(&format!("cannot write the output: {error}"));
            }
            self.is_closed = true;
        }
    }

    /// What is counted of this run, as it is counted.
    fn raw(&self) -> Vec<(&'static str, u64)> {
        let (account, (lines, bytes)) = (self.live.account(), self.live.read());
        vec![
            ("lines", lines),
            ("bytes", bytes),
            ("records", account.records),
            ("events", account.events),
            ("connections", self.count),
            ("alerts", self.alerts),
            ("complaints", self.live.complaints().total()),
            ("gaps", account.gaps),
            ("lost", account.lost),
            ("late records", account.late),
            ("closed early", account.early),
            ("partial", account.partial),
            ("late", self.judging.late),
            ("clock steps", self.frontier.steps),
            ("emptied", self.emptied),
        ]
    }

    /// What was counted in all runs.
    fn counters(&self) -> Counters {
        if self.purpose.is_none_or(|purpose| purpose == Purpose::Known) {
            return self.counted.clone();
        }
        let more: Vec<(&str, u64)> = self
            .raw()
            .into_iter()
            .map(|(name, count)| (name, count.saturating_sub(self.again.get(name))))
            .collect();
        self.counted.plus(&more)
    }

    /// How things stand, in a line.
    fn status(&self) -> String {
        let counters = self.counters();
        let counted: Vec<String> = super::counters::NAMES
            .iter()
            .filter(|(name, _)| counters.get(name) > 0)
            .map(|(name, words)| format!("{} {words}", counters.get(name)))
            .collect();
        let behind = self.source.behind();
        let counted =
            if counted.is_empty() { "nothing read".to_string() } else { counted.join(", ") };
        format!("{counted}; {behind} bytes behind.")
    }

    /// Says what happened to the log, and now and then what was lost.
    fn tell_what_happened(&mut self) {
        if let Source::Log(follower, _) = &mut self.source {
            let log = crate::quoted::Quoted(follower.log()).to_string();
            for note in follower.notes() {
                self.emptied += u64::from(matches!(note, Note::Emptied));
                say(&in_words(&log, &note));
            }
        }
        let now = self.now();
        if now < self.told_losses.0 + TOLD_EVERY && self.told_losses.0 > 0 {
            return;
        }
        let counters = self.counters();
        if let Some(losses) = counters.losses_since(&self.told_losses.1) {
            say(&format!("lost or doubtful: {losses}."));
            if let Some((source, example)) = self.complaint.take() {
                say(&format!("{source}:{}: {}", example.line, example.complaint.words()));
            }
            self.told_losses = (now, counters);
        }
    }

    /// Reads rules and exceptions again and opens files anew. What is wrong with them is said, and
    /// what was before stays.
    fn reload(&mut self) {
        self.save(Vec::new());
        if let Some(connections) = &mut self.connections
            && let Err(error) = connections.reopen()
        {
            say(&error);
        }
        self.is_changed = true;
        let posts = self.arguments.rules.rules().and_then(|rules| self.posts(&rules));
        let verdicts = self.arguments.verdicts.read();
        match (posts, verdicts) {
            (Ok(posts), Ok(verdicts)) => {
                let unjudged = self.judging.unjudged(&self.learner);
                self.judging.forget_places();
                (self.learner.posts, self.verdicts) = (posts, verdicts);
                let now = self.now();
                self.judging.resume(&unjudged, &self.learner, now);
                say("rules and exceptions were read again.");
            }
            (posts, verdicts) => {
                let wrong = [posts.err(), verdicts.err()].into_iter().flatten();
                wrong.for_each(|error| say(&format!("nothing was changed: {error}")));
            }
        }
    }

    /// Posts for these rules, with what is known about their questions.
    fn posts(&mut self, rules: &[Arc<Rule>]) -> Result<Vec<Post>, String> {
        let mut posts = Vec::new();
        for rule in rules {
            let mut watch = RuleWatch::new(Arc::clone(rule));
            let known = self.learner.posts.iter().map(|post| post.watch.ledger());
            let known = known.clone().find(|ledger| *ledger.question() == rule.question).cloned();
            *watch.ledger_mut() = match known {
                Some(ledger) => ledger,
                None => self.store.load(&rule.question).map_err(|error| error.to_string())?,
            };
            posts.push(Post { watch, judged: crate::engine::Buckets::default() });
        }
        Ok(posts)
    }

    /// Waits until there is something to do.
    fn wait(&mut self, has_more: bool, signals: &Signals) {
        if has_more {
            return;
        }
        let is_soon = self.live.is_waiting();
        let millis = if is_soon { SOON } else { LATER };
        let mut fds = vec![PollFd::new(signals, PollFlags::IN)];
        let wakes = self.source.wakes();
        // While something is open, what comes is collected for a moment.
        if let Some(wakes) = &wakes
            && !is_soon
        {
            fds.push(PollFd::new(wakes, PollFlags::IN));
        }
        let nanos = millis as i64 % 1000 * 1_000_000;
        let time = Timespec { tv_sec: (millis / 1000) as i64, tv_nsec: nanos };
        let _ = poll(&mut fds, Some(&time));
        drop(fds);
        signals.clear();
        self.source.clear();
    }
}

fn clock() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

fn in_words(log: &str, note: &Note) -> String {
    match note {
        Note::Missing => format!("there is no {log}; waiting for it."),
        Note::Trouble(error) => format!("{error} Trying on."),
        Note::Fine => format!("{log} can be read again."),
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
