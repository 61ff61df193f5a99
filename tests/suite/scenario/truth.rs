//! Which attack is new to whom: by the connections alone, before anything is judged.

use std::collections::{BTreeMap, BTreeSet};

use super::{DAY, Scenario};

/// What an attack shows that was not there before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum New {
    /// A process name that nobody had shown.
    Process,
    /// A port that nobody had gone to.
    Port,
    /// A process name that others had shown for a week, and this host never.
    ToHost,
}

impl New {
    /// All there are.
    pub const ALL: [New; 3] = [New::Process, New::Port, New::ToHost];
}

/// What is new about each attack.
#[derive(Debug)]
pub struct Truth {
    pub new: Vec<BTreeSet<New>>,
}

impl Truth {
    /// What is new about the attacks of a scenario.
    pub fn of(scenario: &Scenario) -> Truth {
        let mut new = vec![BTreeSet::new(); scenario.attacks.len()];
        let mut processes: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut ports, mut on_host) = (BTreeSet::new(), BTreeSet::new());
        for event in &scenario.events {
            let first = processes.get(&*event.process).copied();
            let is_new_to_host = on_host.insert((event.host, &*event.process));
            let is_new_port = !event.is_inbound && ports.insert(event.port);
            processes.entry(&event.process).or_insert(event.time);
            let Some(attack) = event.attack else { continue };
            let is_known_elsewhere = first.is_some_and(|first| event.time - first >= 7 * DAY);
            let found = [first.is_none(), is_new_port, is_new_to_host && is_known_elsewhere];
            let found = New::ALL.into_iter().zip(found).filter(|(_, is_so)| *is_so);
            new[attack].extend(found.map(|(new, _)| new));
        }
        Truth { new }
    }
}
