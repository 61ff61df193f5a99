//! How rules and exceptions are read again while a log is followed, without losing a record.

use std::sync::Arc;

use super::watch::Watch;
use crate::cli::posts::Posts;
use crate::cli::say;
use crate::rules::{Rule, Watch as RuleWatch};

impl Watch<'_> {
    /// Reads rules and exceptions again and opens files anew. What is wrong with them is said, and
    /// what was before stays.
    pub(super) fn reload(&mut self) {
        self.save(Vec::new());
        if let Some(connections) = &mut self.connections
            && let Err(error) = connections.reopen()
        {
            say(&error);
        }
        self.is_changed = true;
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
