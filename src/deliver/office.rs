//! The office between the outbox and those who take letters somewhere.
//!
//! Each destination has a desk here and a thread of its own, which has at most one batch of letters
//! in hand; everything else waits in the outbox. A turn notes what became of the batches, and hands
//! out the next. What has become of a letter is forgotten only when the outbox has noted it, so a
//! full disk under the state means letters that come late, and none that is lost.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use super::pace::{DESTINATION, LETTER};
use super::{Carrier, Destination, Fate, Letter, Outcome};
use crate::store::{Backlog, Room, STANDARD_OUTPUT, Settled, Store, StoreError, Waiting};

/// What a destination is given at once.
const BATCH: Room = Room { letters: 256, bytes: 4 << 20 };

/// When it is, by two clocks, both in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// Since 1970, by the clock that people read, and that may be set.
    pub clock: u64,
    /// By one that only goes on, from wherever it began.
    pub goes_on: u64,
}

/// One batch, and some wishes that a file be opened anew.
const ORDERS: usize = 4;

/// Hands letters to destinations, and keeps account of them.
pub struct Office {
    desks: Vec<Desk>,
    keys: Vec<String>,
    reports: Receiver<Report>,
    /// Kept so that the threads have somewhere to report to, and given to each.
    reporter: mpsc::Sender<Report>,
    /// What the outbox has not noted yet.
    settled: Vec<Settled>,
    /// What the outbox has lost up to the last turn; none before the first.
    lost: Option<Vec<(String, u64)>>,
}

/// What has become of letters so far in this run, by destination.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// What the outbox knows it by.
    pub key: String,
    /// What it is called in sentences.
    pub name: String,
    /// How many letters it has taken.
    pub taken: u64,
    /// How often it refused one.
    pub refused: u64,
    /// How often it could not be reached, or took nothing.
    pub failures: u64,
    /// Whether the last try went wrong.
    pub is_in_trouble: bool,
}

/// A destination, seen from the office.
struct Desk {
    counts: Counts,
    /// Until the thread starts.
    carrier: Option<Box<dyn Carrier>>,
    orders: Option<SyncSender<Order>>,
    /// What the thread has in hand.
    in_hand: Vec<Waiting>,
    failures: u32,
    /// Nothing is handed out before, by the clock that only goes on: one that was years ahead at
    /// the start of a machine must not make a pause of years.
    rests_until: u64,
    /// What was said of it last.
    said: Option<String>,
}

enum Order {
    Carry(Vec<Letter>, u64),
    Reopen,
}

/// What a thread has done with a batch; nothing, if it ended.
struct Report {
    desk: usize,
    outcome: Option<Outcome>,
}

impl Office {
    /// An office for some destinations, each of which is there once.
    pub fn new(destinations: Vec<Destination>) -> Office {
        let (reporter, reports) = mpsc::channel();
        let desks: Vec<Desk> = destinations.into_iter().map(Desk::new).collect();
        let keys = desks.iter().map(|desk| desk.counts.key.clone()).collect();
        Office { desks, keys, reports, reporter, settled: Vec::new(), lost: None }
    }

    /// What the outbox knows the destinations by: letters are to be put there for these.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Starts the threads. What confines a process to what it needs is to be done before.
    ///
    /// # Errors
    ///
    /// If the system gives no thread: that destination would never be told of anything.
    pub fn start(&mut self) -> Result<(), String> {
        for (desk, this) in self.desks.iter_mut().enumerate() {
            let Some(mut carrier) = this.carrier.take() else { continue };
            let (orders, inbox) = mpsc::sync_channel(ORDERS);
            let reporter = self.reporter.clone();
            let work = move || {
                let last = LastWord { desk, reporter };
                for order in inbox {
                    let Order::Carry(letters, now) = order else {
                        carrier.reopen();
                        continue;
                    };
                    let outcome = Some(carrier.carry(&letters, now));
                    let _ = last.reporter.send(Report { desk, outcome });
                }
            };
            let thread = thread::Builder::new().name(format!("to-{}", first_word(&this.counts)));
            thread.spawn(work).map_err(|error| {
                let name = &this.counts.name;
                format!("cannot start the thread that takes alerts to {name}: {error}.")
            })?;
            this.orders = Some(orders);
        }
        Ok(())
    }

    /// Notes what became of letters, and hands out what is due; what there is to say.
    ///
    /// # Errors
    ///
    /// If the outbox cannot be read or written. What is to be noted is noted in a later turn.
    pub fn turn(&mut self, store: &mut Store, now: Now) -> Result<Vec<String>, StoreError> {
        let mut said = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
            self.note(report, now, &mut said);
        }
        self.look_at_outbox(store, &mut said)?;
        self.hand_out(store, now)?;
        Ok(said)
    }

    /// Says what nobody will hear of: what has left the outbox, and what waits there for somebody
    /// who is no longer told.
    fn look_at_outbox(&mut self, store: &Store, said: &mut Vec<String>) -> Result<(), StoreError> {
        let lost = store.lost()?;
        match &self.lost {
            Some(known) if *known == lost => return Ok(()),
            Some(known) => {
                for (key, number) in &lost {
                    let before = known.iter().find(|(known, _)| known == key);
                    let more = number - before.map_or(0, |(_, before)| *before).min(*number);
                    if more > 0 {
                        let why = "too many wait for it";
                        said.push(format!("the {more} oldest alerts for {key} are lost: {why}."));
                    }
                }
            }
            None => {
                for backlog in store.backlogs()? {
                    let Backlog { destination, letters, .. } = backlog;
                    let is_told =
                        destination == STANDARD_OUTPUT || self.keys.contains(&destination);
                    if letters > 0 && !is_told {
                        said.push(format!(
                            "{letters} alerts wait for {destination}, which is not among the \
                             outputs now. They are kept."
                        ));
                    }
                }
            }
        }
        self.lost = Some(lost);
        Ok(())
    }

    /// Turns until nothing is due, or for so long by these clocks; what there is to say. What could
    /// not be delivered waits for the next run.
    ///
    /// # Errors
    ///
    /// As [`Office::turn`].
    pub fn finish(
        &mut self,
        store: &mut Store,
        clocks: &dyn Fn() -> Now,
        patience: Duration,
    ) -> Result<Vec<String>, StoreError> {
        const STEP: Duration = Duration::from_millis(20);
        let start = clocks();
        let mut said = self.turn(store, start)?;
        let mut left = patience;
        while self.desks.iter().any(Desk::is_busy) && !left.is_zero() {
            match self.reports.recv_timeout(STEP.min(left)) {
                Ok(report) => {
                    let now = clocks();
                    self.note(report, now, &mut said);
                    // Much may wait, and each batch be quick.
                    let since = now.goes_on.saturating_sub(start.goes_on);
                    if u128::from(since) < patience.as_millis() {
                        self.hand_out(store, now)?;
                    }
                }
                // Whatever the clock says meanwhile.
                Err(RecvTimeoutError::Timeout) => left = left.saturating_sub(STEP),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.settle(store)?;
        Ok(said)
    }

    /// Has files opened anew that may have been moved away.
    pub fn reopen(&self) {
        for orders in self.desks.iter().filter_map(|desk| desk.orders.as_ref()) {
            // Where there is no room for it, the same wish waits already.
            let _ = orders.try_send(Order::Reopen);
        }
    }

    /// What became of letters in this run.
    pub fn counts(&self) -> impl Iterator<Item = &Counts> {
        self.desks.iter().map(|desk| &desk.counts)
    }

    fn note(&mut self, report: Report, now: Now, said: &mut Vec<String>) {
        let desk = &mut self.desks[report.desk];
        let Some(outcome) = report.outcome else {
            desk.orders = None;
            desk.in_hand.clear();
            said.push(format!("{} gets nothing more: its thread has ended.", desk.counts.name));
            return;
        };
        desk.note(outcome, now, &mut self.settled, said);
    }

    fn settle(&mut self, store: &mut Store) -> Result<(), StoreError> {
        if !self.settled.is_empty() {
            store.settle(&self.settled)?;
            self.settled.clear();
        }
        Ok(())
    }

    fn hand_out(&mut self, store: &mut Store, now: Now) -> Result<(), StoreError> {
        self.settle(store)?;
        for desk in &mut self.desks {
            let Some(orders) = &desk.orders else { continue };
            if desk.is_busy() || now.goes_on < desk.rests_until {
                continue;
            }
            let waiting = store.waiting(&desk.counts.key, now.clock, BATCH)?;
            let letters: Vec<Letter> = waiting.iter().map(|w| w.letter.clone()).collect();
            if !letters.is_empty() && orders.try_send(Order::Carry(letters, now.clock)).is_ok() {
                desk.in_hand = waiting;
            }
        }
        Ok(())
    }
}

impl Desk {
    fn new(destination: Destination) -> Desk {
        let Destination { key, name, carrier, .. } = destination;
        Desk {
            counts: Counts { key, name, ..Counts::default() },
            carrier: Some(carrier),
            orders: None,
            in_hand: Vec::new(),
            failures: 0,
            rests_until: 0,
            said: None,
        }
    }

    fn is_busy(&self) -> bool {
        !self.in_hand.is_empty()
    }

    fn note(
        &mut self,
        outcome: Outcome,
        now: Now,
        settled: &mut Vec<Settled>,
        said: &mut Vec<String>,
    ) {
        let name = self.counts.name.clone();
        let mut refused: Vec<(&str, String)> = Vec::new();
        let in_hand = std::mem::take(&mut self.in_hand);
        for (waiting, fate) in in_hand.iter().zip(outcome.fates) {
            let place = waiting.place;
            match fate {
                Fate::Later => {}
                Fate::Taken => {
                    self.counts.taken += 1;
                    settled.push(Settled { place, again: None });
                }
                Fate::Refused(why) => {
                    self.counts.refused += 1;
                    let pause = LETTER.pause(waiting.tries + 1, None);
                    settled.push(Settled { place, again: Some(now.clock.saturating_add(pause)) });
                    refused.push((&waiting.letter.id, why));
                }
            }
        }
        if let [(id, why), others @ ..] = &refused[..] {
            let others = match others.len() {
                0 => "It is kept.".to_owned(),
                number => format!("It is kept, and {number} more."),
            };
            said.push(format!("{name} refuses the alert {id}: {why}. {others}"));
        }
        match outcome.trouble {
            None => {
                if std::mem::take(&mut self.counts.is_in_trouble) {
                    said.push(format!("{name} takes alerts again."));
                }
                (self.failures, self.said) = (0, None);
            }
            Some(trouble) => {
                self.failures += 1;
                self.counts.failures += 1;
                self.counts.is_in_trouble = true;
                let pause = DESTINATION.pause(self.failures, trouble.wait);
                self.rests_until = now.goes_on.saturating_add(pause);
                if self.said.as_ref() != Some(&trouble.what) {
                    let what = &trouble.what;
                    said.push(format!("{name} takes no alerts now: {what}. They are kept."));
                    self.said = Some(trouble.what);
                }
            }
        }
    }
}

fn first_word(counts: &Counts) -> &str {
    counts.key.split(' ').next().unwrap_or_default()
}

/// Tells that a thread has ended, however it did.
struct LastWord {
    desk: usize,
    reporter: mpsc::Sender<Report>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        let _ = self.reporter.send(Report { desk: self.desk, outcome: None });
    }
}

#[cfg(test)]
#[path = "office_tests.rs"]
mod tests;
