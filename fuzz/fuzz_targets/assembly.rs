//! Any bytes as a log, read whole and in two batches: the same connections, the same account.
//!
//! The first two bytes say after which line the log is cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oddsock::audit::assembly::{Account, Assembly};
use oddsock::audit::gathering::{Gathering, Keep};
use oddsock::audit::{Sighting, Sightings};

fuzz_target!(|input: &[u8]| {
    let Some((cut, log)) = input.split_first_chunk::<2>() else { return };
    let lines: Vec<&[u8]> = log.split_inclusive(|byte| *byte == b'\n').collect();
    let cut = usize::from(u16::from_le_bytes(*cut)) % (lines.len() + 1);
    let (first, second) = (lines[..cut].concat(), lines[cut..].concat());

    let keep = Keep::default();
    let whole = read(&[log], keep);
    assert_eq!(whole.lines, lines.len() as u64, "each line is counted");
    assert!(whole.complaints <= whole.lines, "a line is complained of once");
    assert_eq!(read(&[&first, &second], keep), whole, "cut after line {cut}");

    let counted = read(&[log], Keep { only_addresses: true, ..keep });
    assert_eq!(counted.connections.len(), whole.connections.len(), "counting counts what is shown");
    assert_eq!(counted.account, whole.account);
    let kept = read(&[log], Keep { all_records: true, all_complaints: true, ..keep });
    assert_eq!(kept, whole, "what is kept changes nothing");
});

#[derive(PartialEq, Debug)]
struct Read {
    connections: Vec<String>,
    account: Account,
    lines: u64,
    complaints: u64,
}

fn read(batches: &[&[u8]], keep: Keep) -> Read {
    let mut gathering = Gathering::new(keep);
    let mut assembly = Assembly::default();
    let mut sightings =
        if keep.only_addresses { Sightings::counted() } else { Sightings::joined() };
    let mut connections = Vec::new();
    let mut show = |sighting: &Sighting| connections.push(format!("{:?}", sighting.connection()));
    let (mut lines, mut complaints) = (0, 0);
    for block in batches {
        gathering.take(block);
        let batch = gathering.finish();
        lines += batch.lines;
        complaints += batch.complaints.total();
        assembly.take(batch, b"here", &mut |event| sightings.take(event, &mut show));
    }
    let account = assembly.finish(&mut |event| sightings.take(event, &mut show));
    sightings.finish(&mut show);
    Read { connections, account, lines, complaints }
}
