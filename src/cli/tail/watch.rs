//! The watch over a log: reads what comes, judges what is over, saves, and delivers.
//!
//! What is saved in one step belongs together: what was learnt, how far the log was read, what was
//! told of, and the alerts that have to be delivered. Delivery comes after that.

use std::time::Instant;

use super::Arguments;
use super::clock::{Clock, goes_on};
use super::counters::{Counters, Tally};
use super::ears::Ears;
use super::frontier::Frontier;
use super::judging::{Judging, Moment, horizon};
use super::outlet::{self, Outlet};
use super::outputs::Connections;
use super::saving::Saving;
use super::service::Service;
use super::signals::Signals;
use super::source::{Next, Source};
use super::telling::Telling;
use super::told::Told;
use crate::cli::clock::now as clock;
use crate::cli::filter::Filter;
use crate::cli::learning::Learner;
use crate::cli::verdicts::Verdicts;
use crate::cli::{keeping, say, screen};
use crate::hindrance::Hindrance;
use crate::input::follow::{Portion, Purpose};
use crate::output::alerts::{Text, Writer};
use crate::reading::live::{Lines, Live};
use crate::store::{Bookmark, Outgoing, Store};

/// How many portions are read before anything else is looked at.
const PORTIONS: usize = 8;
/// For how long the end of a line is waited for, in milliseconds.
const HALF_FOR: u64 = 10_000;

/// The watch over a log.
pub struct Watch<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) store: Store,
    pub(super) source: Source,
    pub(super) name: Vec<u8>,
    pub(super) live: Live,
    pub(super) learner: Learner,
    pub(super) told: Told,
    pub(super) judging: Judging,
    pub(super) frontier: Frontier,
    pub(super) clock: Clock,
    pub(super) verdicts: Verdicts,
    pub(super) writer: Box<dyn Writer>,
    pub(super) connections: Option<Connections>,
    pub(super) filter: Filter,
    pub(super) began: Instant,
    pub(super) purpose: Option<Purpose>,
    /// When lines came last.
    pub(super) last_lines: u64,
    pub(super) tally: Tally,
    pub(super) saving: Saving,
    pub(super) telling: Telling,
    pub(super) service: Service,
    pub(super) outlet: Outlet,
    /// Whether rules are to be read again as soon as what they have learnt is saved.
    pub(super) is_reload_due: bool,
}

impl<'a> Watch<'a> {
    /// A watch that goes on where a bookmark says.
    pub fn new(
        arguments: &'a Arguments,
        mut store: Store,
        source: Source,
        host: &str,
        (name, mark): (Vec<u8>, Option<Bookmark>),
        service: Service,
    ) -> Result<Watch<'a>, Hindrance> {
        let rules = arguments.remembering.of(arguments.rules.rules()?);
        let mut learner = Learner::new(rules);
        keeping::recall(&mut store, &mut learner)?;
        let verdicts = arguments.verdicts.read()?;
        let places = arguments.places.open()?;
        let mut mark =
            mark.unwrap_or_else(|| Bookmark { log: name.clone(), ..Bookmark::default() });
        let output = |name: &str| mark.outputs.iter().find(|output| output.name == name);
        let connections = arguments.connections.as_deref();
        let connections =
            connections.map(|path| Connections::open(path, output("connections"))).transpose()?;
        let mut outlet = Outlet::new();
        let waiting = store.undelivered()?;
        let delivered = output("alerts").map(|output| outlet::delivered(output, &waiting));
        let delivered = delivered.transpose().map_err(|error| {
            Hindrance::of(&error, format!("the output cannot be kept: {error}."))
        })?;
        let delivered = delivered.unwrap_or_default();
        if !delivered.is_empty() {
            store.delivered(&delivered)?;
        }
        outlet.end_line();
        outlet.add_saved(waiting.into_iter().filter(|(id, _)| !delivered.contains(id)).collect());
        // Where the files end now has to be known before anything is written to them.
        let here = connections.as_ref().map(Connections::mark).transpose()?.flatten();
        mark.outputs = outlet.mark().into_iter().chain(here).collect();
        store.save_at(&[], &[], &[], &mark, Outgoing::default())?;
        let mut judging = Judging::default();
        judging.resume(&mark.unjudged, &learner, 0);
        judging.early = mark.early.into_iter().collect();
        let counted = Counters::of(&mark.counters);
        judging.last_judged = counted.get("last judged");
        let text = Text::new(screen::width(), arguments.colours.are_wanted(), places);
        let text = text.explained_by(arguments.again(store.path()).shown());
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
            clock: Clock::default(),
            verdicts,
            writer: arguments.format.writer(text),
            connections,
            filter: Filter::default(),
            began: Instant::now(),
            purpose: None,
            last_lines: 0,
            telling: Telling::after(&counted),
            tally: Tally::after(counted),
            saving: Saving::default(),
            service,
            outlet,
            is_reload_due: false,
        })
    }

    /// A clock that only goes forward, in milliseconds.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Watches until a signal, or the end of the input.
    pub fn run(&mut self, signals: &Signals) -> Result<(), String> {
        self.greet();
        self.deliver();
        self.tell_ready();
        loop {
            self.clock.look(clock(), goes_on());
            let (has_more, is_over) = self.read()?;
            // There may be nothing new to read, and much to judge.
            if !self.source.is_behind() {
                self.begin(Purpose::Fresh);
            }
            let is_ending = is_over || signals.end() || self.outlet.is_closed;
            let now = self.now();
            if is_over || is_ending && self.source.position().is_none() {
                self.hear(|live, ears| live.finish(ears));
            } else {
                // Nobody waits forever for the end of a line whose writer has died.
                let is_half = self.source.has_half_a_line() && now < self.last_lines + HALF_FOR;
                self.hear(|live, ears| live.settle(now, is_half, ears));
            }
            self.judging.note(&mut self.learner, now);
            if let Some(connections) = &mut self.connections {
                connections.flush(now);
                let is_read = !has_more && !self.source.is_behind();
                connections.hear(now, is_read, is_read && !self.live.is_waiting());
            }
            self.judge(has_more, is_over);
            self.deliver();
            self.tell_what_happened();
            self.serve();
            if signals.reload() {
                self.tell_reloading();
                self.reload();
                self.tell_ready();
            } else if self.is_reload_due && self.now() >= self.saving.next {
                self.renew();
            }
            if signals.status() {
                say(&self.status());
            }
            if is_ending {
                self.finish_outputs(is_over, signals);
                self.finish_service();
                self.learner.tell_limits();
                say(&self.status());
                return Ok(());
            }
            if self.saving.is_changed && self.now() >= self.saving.next {
                self.save(Vec::new());
            }
            self.wait(has_more, signals);
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

    /// What is read from here on is read for this.
    fn begin(&mut self, purpose: Purpose) {
        if self.purpose != Some(purpose) {
            self.told.begins(purpose, self.live.records());
            if purpose != Purpose::Known
                && self.purpose.is_none_or(|before| before == Purpose::Known)
            {
                let again = self.read_by(&self.live.account_at_end());
                self.tally.again = Counters::default().plus(&again);
                self.tally.complaints_again = self.live.complaints().clone();
            }
            self.purpose = Some(purpose);
        }
    }

    fn take(&mut self, portion: &Portion) {
        let purpose = portion.purpose;
        let is_next_file = portion.first_of_source && self.purpose == Some(Purpose::Fresh);
        self.tally.turns += u64::from(is_next_file && purpose == Purpose::Fresh);
        self.begin(purpose);
        let now = self.now();
        self.last_lines = now;
        self.saving.is_changed = true;
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
        self.told.forget(self.live.records());
    }

    fn hear(&mut self, what: impl FnOnce(&mut Live, &mut Ears<'_>)) {
        let mut ears = Ears {
            learner: &mut self.learner,
            told: &mut self.told,
            connections: self.connections.as_mut(),
            filter: &self.filter,
            count: &mut self.tally.connections,
            complaint: &mut self.telling.complaint,
        };
        let before = *ears.count;
        what(&mut self.live, &mut ears);
        self.saving.is_changed |= self.tally.connections != before;
    }

    /// Judges the buckets that are over, saves, and delivers.
    fn judge(&mut self, has_more: bool, is_over: bool) {
        let began = self.now();
        let is_read = self.purpose == Some(Purpose::Fresh);
        let is_resting = self.judging.is_resting(began) && !is_over;
        if !self.judging.is_waiting() || !is_read || is_resting {
            return;
        }
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
            live.each_untold(&mut |_, stamp, _| times.push(stamp.millis));
            times
        };
        let ready = self.judging.ready(&self.learner, self.frontier, &mut untold, moment);
        self.verdicts.renew();
        let showing = self.arguments.showing;
        let is_ready = !ready.is_empty();
        if is_ready {
            let (learner, horizon) = (&mut self.learner, horizon(self.frontier, moment));
            let mut alerts = self.judging.judge(&ready, learner, &self.verdicts, showing, horizon);
            // A bucket that is judged again tells what it has not told yet.
            alerts.retain(|alert| {
                !self.saving.unsaved.iter().any(|known| known.id == alert.id)
                    && !self.store.is_told(&self.name, &alert.id).unwrap_or(false)
            });
            let mut made = Vec::new();
            for alert in &alerts {
                let (mut shown, stored) = (Vec::new(), keeping::stored(alert, moment.clock));
                self.writer.alert(alert, &mut shown);
                self.service.post(alert, &stored);
                *self.tally.alerts.entry(alert.rule.name.clone()).or_default() += 1;
                made.push((stored, shown));
            }
            // That the state cannot be written is said where it is saved.
            let _ = keeping::forget_old(&mut self.store, &mut self.learner);
            self.save(made);
        }
        let mut early = Vec::new();
        if self.arguments.early && !is_over {
            early = self.judging.early(&mut self.learner, &self.verdicts, showing);
        }
        if !early.is_empty() {
            let mut text = Vec::new();
            early.iter().for_each(|alert| self.writer.alert(alert, &mut text));
            // That they were told is known before they are: they come again when they are sure.
            self.save(Vec::new());
            self.outlet.add_text(text);
            self.deliver();
        }
        if is_ready || self.arguments.early {
            self.judging.took(began, self.now());
        }
    }
}
