//! How rules and exceptions are read again while a log is followed, without losing a record.

use std::sync::Arc;

use super::watch::Watch;
use crate::cli::posts::Posts;
use crate::cli::say;
use crate::rules::{Rule, Watch as RuleWatch};

/// How often is tried to save what has to be saved before rules are read, in milliseconds.
const TRIED_EVERY: u64 = 1_000;

impl Watch<'_> {
    /// Opens files anew, and reads rules and exceptions again as soon as what the rules before have
    /// learnt is saved.
    pub(super) fn reload(&mut self) {
        let now = self.now();
        if let Some(connections) = &mut self.connections
            && let Err(error) = connections.reopen(now)
        {
            say(&error.to_string());
        }
        self.is_reload_due = true;
        if !self.renew() {
            say("rules and exceptions are read again as soon as the state can be saved.");
        }
    }

    /// Reads rules and exceptions again, if all can be saved before; whether it could. What is
    /// wrong with them is said, and what was before stays.
    pub(super) fn renew(&mut self) -> bool {
        if !self.save(Vec::new()) {
            self.saving.next = self.saving.next.max(self.now() + TRIED_EVERY);
            return false;
        }
        self.is_reload_due = false;
        self.saving.is_changed = true;
        let posts = self.arguments.rules.rules().and_then(|rules| {
            let rules = self.arguments.remembering.of(rules);
            self.posts(&rules)
        });
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
        true
    }

    /// Posts for these rules, with what is known about their questions.
    fn posts(&mut self, rules: &[Arc<Rule>]) -> Result<Posts, String> {
        let mut watches = Vec::new();
        for rule in rules {
            let mut watch = RuleWatch::new(Arc::clone(rule));
            let known = self.learner.posts.iter().map(|post| post.watch.ledger());
            let known = known.clone().find(|ledger| *ledger.question() == rule.question).cloned();
            *watch.ledger_mut() = match known {
                Some(ledger) => ledger,
                None => self.store.load(&rule.question).map_err(|error| error.to_string())?,
            };
            watches.push(watch);
        }
        Ok(Posts::of(watches))
    }
}
