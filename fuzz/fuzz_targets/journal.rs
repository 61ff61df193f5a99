//! Any bytes as what a journal exports, as JSON and as its export format.
//!
//! Reading ends, every line that comes out is one line, and the account adds up.

#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use oddsock::audit::gathering::{Gathering, Keep};
use oddsock::input::JournalExport;

fuzz_target!(|input: &[u8]| {
    account_adds_up(input);
    let mut lines = Vec::new();
    let outcome = JournalExport::new(input).read_to_end(&mut lines);
    if outcome.is_ok() {
        assert!(lines.is_empty() || lines.ends_with(b"\n"), "lines are whole");
    }
    account_adds_up(&lines);
});

fn account_adds_up(log: &[u8]) {
    let mut gathering = Gathering::new(Keep { all_complaints: true, ..Keep::default() });
    gathering.take(log);
    let batch = gathering.finish();
    assert_eq!(batch.lines, log.split_inclusive(|byte| *byte == b'\n').count() as u64);
    assert_eq!(batch.bytes, log.len() as u64);
    assert!(batch.complaints.total() <= batch.lines);
    assert_eq!(batch.complaints.total(), batch.complaints.examples().len() as u64);
    let records: u64 = batch.drafts.iter().map(|draft| u64::from(draft.records)).sum();
    assert_eq!(records, batch.records);
}
