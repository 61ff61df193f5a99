//! What happens to each connection as it is seen: it is told of once, learnt, and written down.

use std::ops::ControlFlow;

use super::outputs::Connections;
use super::told::{Fate, Told};
use crate::audit::Sighting;
use crate::audit::complaint::Example;
use crate::cli::filter::Filter;
use crate::cli::learning::Learner;
use crate::output::{Ndjson, Writer as _};
use crate::reading::Listener;

/// Who hears of connections.
pub struct Ears<'w> {
    pub learner: &'w mut Learner,
    pub told: &'w mut Told,
    pub connections: Option<&'w mut Connections>,
    pub filter: &'w Filter,
    /// How many were told of.
    pub count: &'w mut u64,
    /// Lines that were complained of, until somebody says so: the first of each run of them.
    pub complaint: &'w mut Option<(String, Example)>,
}

impl Listener for Ears<'_> {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        if !sighting.is_ip() {
            return ControlFlow::Continue(());
        }
        let seen = sighting.glance();
        let id = self.learner.names.hash(seen.host(), seen.stamp());
        let fate = self.told.fate(id, sighting.place());
        if fate == Fate::Known {
            return ControlFlow::Continue(());
        }
        self.learner.look_at(&seen, id, fate == Fate::Told);
        if fate == Fate::Told {
            *self.count += 1;
            if let Some(file) = &mut self.connections
                && self.filter.wants(sighting)
                && self.filter.wants_connection(seen.connection())
            {
                file.add(|line| Ndjson::new().connection(seen.connection(), line));
            }
        }
        ControlFlow::Continue(())
    }

    fn complaint(&mut self, source: &str, example: &Example) {
        if self.complaint.is_none() {
            *self.complaint = Some((source.to_string(), example.clone()));
        }
    }
}
