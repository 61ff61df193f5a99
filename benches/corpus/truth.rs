//! The truth: what the log holds.
//!
//! Events come in as they are written; out goes one line of JSON, to hold a reader's answers
//! against. Nothing is read back from the log.

use std::fmt::Write as _;

use crate::event::{CALLS, Call, Event, FAMILIES, Tells};
use crate::wishes::Wishes;

/// What the log holds, counted while it is written.
#[derive(Default)]
pub struct Truth {
    pub bytes: u64,
    pub interleaved_pairs: u64,
    records: u64,
    events: u64,
    compound_events: u64,
    slept: u64,
    executions: u64,
    sockets: u64,
    calls: [[u64; FAMILIES.len()]; CALLS.len()],
    connects_succeeded: u64,
}

impl Truth {
    pub fn count(&mut self, event: &Event) {
        self.bytes += event.text.len() as u64;
        self.records += event.ends.len() as u64;
        self.events += 1;
        self.compound_events += u64::from(event.ends.len() > 1);
        self.slept += u64::from(event.slept);
        match event.tells {
            Tells::Address(call, family) => {
                self.calls[call as usize][family as usize] += 1;
                if matches!(call, Call::Connect) {
                    self.connects_succeeded += u64::from(event.success);
                }
            }
            Tells::Socket => self.sockets += 1,
            Tells::Execution => self.executions += 1,
            Tells::Other => {}
        }
    }

    pub fn as_json(&self, wishes: &Wishes) -> String {
        let mut json = String::from("{");
        let connects = self.calls[Call::Connect as usize];
        let by_call = |call: Call| self.calls[call as usize].iter().sum::<u64>();
        let network = self.calls.iter().flatten().sum();
        let [inet, inet6, ..] = connects;
        let ip = self.calls.iter().map(|families| families[0] + families[1]).sum();
        for (name, number) in [
            ("bytes", self.bytes),
            // Every record is a line, EOE included; nothing else is written.
            ("lines", self.records),
            ("records", self.records),
            ("events", self.events),
            ("compound_events", self.compound_events),
            ("interleaved_pairs", self.interleaved_pairs),
            ("slept", self.slept),
            ("executions", self.executions),
            ("sockets", self.sockets),
            ("network_events", network),
            ("ip_events", ip),
            ("connects", by_call(Call::Connect)),
            ("connects_ip", inet + inet6),
            ("connects_succeeded", self.connects_succeeded),
            ("seed", wishes.seed),
            ("events_per_second", wishes.events_per_second),
            ("nodes", wishes.nodes as u64),
        ] {
            let _ = write!(json, "\"{name}\":{number},");
        }
        for ((call, _), counts) in CALLS.iter().zip(&self.calls) {
            let _ = write!(json, "\"{call}\":{{");
            for (family, count) in FAMILIES.iter().zip(counts) {
                let _ = write!(json, "\"{family}\":{count},");
            }
            json.pop();
            json.push_str("},");
        }
        let _ = write!(json, "\"enriched\":{},\"eoe\":{}}}", wishes.enriched, wishes.eoe);
        json
    }
}
