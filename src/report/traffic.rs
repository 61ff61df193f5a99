//! What is counted while logs are read: by host, by process and by destination, with times.
//!
//! Anything with fields comes in, as for the rules, or facts where there are no logs; [`Counts`] go
//! out. It takes bounded memory, and
//! does not know what is unusual.

use crate::counts::Counts;
use crate::engine::Ledger;
use crate::rules::{Field, Fields};

/// How many different hosts, processes and destinations are kept.
const HOSTS: usize = 4096;
const PROCESSES: usize = 16_384;
const DESTINATIONS: usize = 65_536;

/// The counts of all connections.
#[derive(Debug)]
pub struct Traffic {
    /// By host.
    pub hosts: Counts,
    /// By process, each with its different destinations.
    pub processes: Counts,
    /// By the address that was connected or sent to.
    pub destinations: Counts,
}

impl Default for Traffic {
    fn default() -> Traffic {
        Traffic {
            hosts: Counts::new(HOSTS),
            processes: Counts::new(PROCESSES),
            destinations: Counts::new(DESTINATIONS),
        }
    }
}

impl Traffic {
    /// What can be told of facts alone: of each host the values it showed, and where processes
    /// connected to as far as that was kept, which it is of those that are not seen all the time.
    pub(super) fn of_facts(ledgers: &[&Ledger]) -> Traffic {
        let mut traffic = Traffic::default();
        let by_host =
            |ledger: &&&Ledger| ledger.question().partition.as_deref() == Some("host.name");
        for ledger in ledgers.iter().filter(by_host) {
            for (subject, track) in ledger.tracks() {
                let Some(host) = &subject.partition else { continue };
                for bucket in track.buckets.iter() {
                    traffic.hosts.note(host, ledger.question().span.start(bucket), b"");
                }
            }
        }
        let of_all = |ledger: &&&Ledger| {
            let question = ledger.question();
            question.partition.is_none() && question.by == "process.name"
        };
        if let Some(ledger) = ledgers.iter().find(of_all) {
            traffic.note_details(ledger);
        }
        traffic
    }

    /// Counts the addresses that are kept with the values of a ledger.
    fn note_details(&mut self, ledger: &Ledger) {
        let question = ledger.question();
        let place = question.influencers.iter().position(|field| field == "destination.ip");
        let Some(place) = place else { return };
        for (subject, track) in ledger.tracks() {
            for (bucket, detail) in track.details.iter() {
                let Some(crowd) = detail.influences.get(place) else { continue };
                let time = question.span.start(bucket);
                for member in crowd.ranked() {
                    let (name, times) = (&member.name, member.number().number);
                    self.destinations.note_often(name, time, b"", times);
                    self.processes.note_often(&subject.value, time, name, times);
                }
            }
        }
    }

    /// Counts a connection of a host.
    pub fn note(&mut self, fields: &dyn Fields, millis: u64, host: &[u8]) {
        self.hosts.note(host, millis, b"");
        let Some(destination) = fields.field(&Field::DestinationIp) else { return };
        self.destinations.note(&destination, millis, b"");
        if let Some(process) = fields.field(&Field::ProcessName) {
            self.processes.note(&process, millis, &destination);
        }
    }
}
