//! How what belongs together is saved in one step, and delivered after that.

use std::io::{self, Write as _};

use super::watch::{Watch, clock};
use super::{bookmarks, outputs};
use crate::cli::say;
use crate::engine::Ledger;
use crate::store::{Bookmark, Outgoing, StoredAlert, Undelivered};

/// How often what has changed is saved, in milliseconds, and what part of the time it may take.
const SAVED_EVERY: u64 = 3_000;
const SHARE: u64 = 20;
/// How often is said that nothing can be saved, in milliseconds.
const TOLD_EVERY: u64 = 60_000;

impl Watch<'_> {
    /// Saves everything in one step, and delivers what had to be saved first. If it cannot be saved
    /// it is delivered all the same, and saved as soon as there is room.
    pub(super) fn save(&mut self, alerts: Vec<(StoredAlert, Vec<u8>)>) {
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
                let destinations = self.service.office.keys();
                let outgoing = Outgoing { destinations, letters: &self.service.letters };
                let saved = self.store.save_at(&ledgers, &made, &shown, &mark, outgoing);
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
                self.saves.0 += 1;
                self.saved_at = clock();
                self.service.letters.clear();
                if self.failing_since.take().is_some() {
                    say("the state is saved again.");
                }
                self.deliver(shown);
            }
            Err(error) => {
                self.unsaved = made;
                self.is_changed = true;
                self.saves.1 += 1;
                if self.failing_since.is_none_or(|since| now >= since + TOLD_EVERY) {
                    self.failing_since = Some(now);
                    say(&format!(
                        "the state is NOT SAVED: {error} Watching goes on, and so do alerts; what \
                         is learnt is lost if this ends before it can be saved."
                    ));
                }
                shown.iter().for_each(|(_, text)| _ = self.write(text));
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
        self.live.each_untold(&mut |host, stamp, place| {
            let id = self.learner.names.hash(host, stamp);
            if self.told.is_untold(id, place) {
                untold.push(id);
            }
        });
        let mut counters = self.counters_to_save();
        counters.0.insert("last judged".to_string(), self.judging.last_judged);
        counters.0.insert("behind".to_string(), self.source.behind());
        Ok(Some(Bookmark {
            log: self.name.clone(),
            saved: clock(),
            newest: self.frontier.newest(),
            told: self.told.told(self.live.records()),
            untold,
            files,
            counters: counters.0.into_iter().collect(),
            unjudged: self.judging.unjudged(&self.learner),
            early: self.judging.early.clone().into_iter().collect(),
            outputs,
        }))
    }

    /// Delivers alerts that were saved, and notes that. What cannot be written now is tried again
    /// with the next ones.
    pub(super) fn deliver(&mut self, alerts: Vec<Undelivered>) {
        self.waiting.extend(alerts);
        let mut delivered = Vec::new();
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for (id, text) in waiting.by_ref() {
            if !self.write(&text) {
                self.waiting.push((id, text));
                break;
            }
            delivered.push(id);
        }
        self.waiting.extend(waiting);
        if !delivered.is_empty()
            && let Err(error) = self.store.delivered(&delivered)
        {
            say(&format!("{error} If this ends now, some alerts come a second time."));
        }
    }

    /// Writes to standard output; whether it could.
    pub(super) fn write(&mut self, text: &[u8]) -> bool {
        let mut out = io::stdout().lock();
        match out.write_all(text).and_then(|()| out.flush()) {
            Ok(()) => {
                self.is_output_failing = false;
                true
            }
            Err(error) => {
                // Whoever read our output has seen enough; that is no failure of ours.
                self.is_closed |= error.kind() == io::ErrorKind::BrokenPipe;
                if !self.is_closed && !std::mem::replace(&mut self.is_output_failing, true) {
                    say(&format!("cannot write the output: {error}. Trying on."));
                }
                false
            }
        }
    }
}
