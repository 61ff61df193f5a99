//! Laws of the account: it is the same whatever is kept, wherever the input is cut, and in whatever
//! order the records come, however often.

use std::ops::ControlFlow;

use oddsock::audit::Sighting;
use oddsock::audit::gathering::{GRACE, Keep};
use oddsock::input::{self, Pieces};
use oddsock::reading::{self, Options};
use proptest::prelude::*;

use crate::laws::{Counts, How, Lines, SIMPLY, cases, damage, damaged, part, read_log};
use crate::scene::HERE;
use crate::shared::samples;

/// The connections to IP addresses, all connections, and the account.
pub fn counted(log: &[u8], keep: Keep, how: How) -> (u64, u64, Counts) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("a file");
    let found = input::find(&[path], Some(HERE)).expect("a log");
    let pieces = Pieces::new(found.sources, how.piece_size);
    let (mut ip, mut all) = (0, 0);
    let options = Options { jobs: how.jobs, keep };
    let report = reading::read(pieces, options, &mut |sighting: &Sighting| {
        ip += u64::from(sighting.is_ip());
        all += 1;
        ControlFlow::Continue(())
    });
    (ip, all, Counts::of(&report))
}

/// Every way to keep events.
pub fn ways() -> impl Iterator<Item = Keep> {
    (0..8).map(|bits| Keep {
        only_addresses: bits & 1 != 0,
        all_records: bits & 2 != 0,
        all_complaints: bits & 4 != 0,
    })
}

/// Records that have nothing to do with the network, as many as lie between two records of one
/// event, and more.
fn others(count: u64) -> Vec<Vec<u8>> {
    let call = |serial| {
        let body = "arch=c000003e syscall=0 success=yes exit=0 pid=9 comm=\"x\" key=(null)";
        format!("type=SYSCALL msg=audit(1795224300.000:{serial}): {body}\n").into_bytes()
    };
    (500_000..500_000 + count).map(call).collect()
}

/// A part of a sample in any order, any line any number of times, with or without a stretch of
/// other records longer than the grace.
fn mixed() -> impl Strategy<Value = Lines> {
    let places = || prop::collection::vec(any::<prop::sample::Index>(), 1..120);
    let stretch = prop_oneof![Just(0), Just(0), GRACE - 50..GRACE + 50];
    (part(), places(), places(), stretch).prop_map(|(Lines(lines), one, two, count)| {
        let some = |places: &[prop::sample::Index]| -> Vec<Vec<u8>> {
            places.iter().map(|place| place.get(&lines).clone()).collect()
        };
        Lines([some(&one), others(count), some(&two)].concat())
    })
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_account_is_the_same_whatever_is_kept(
        lines in mixed(),
        damages in prop::collection::vec(damage(), 0..3),
        jobs in 1..=3usize,
        piece_size in prop_oneof![200..20_000usize, Just(input::PIECE_SIZE)],
    ) {
        let log = damages.iter().fold(lines.log(), |log, damage| damaged(&log, damage));
        let whole = counted(&log, Keep::default(), SIMPLY);
        for keep in ways() {
            let seen = counted(&log, keep, How { jobs, piece_size });
            prop_assert_eq!(&seen, &whole, "{:?}", keep);
        }
    }

    #[test]
    fn any_order_and_repetition_is_the_same_for_any_workers_and_pieces(
        lines in mixed(),
        damages in prop::collection::vec(damage(), 0..3),
        jobs in 1..=3usize,
        piece_size in 200..20_000usize,
    ) {
        let log = damages.iter().fold(lines.log(), |log, damage| damaged(&log, damage));
        let other = read_log(&log, How { jobs, piece_size });
        prop_assert_eq!(read_log(&log, SIMPLY).difference(&other), None);
    }
}

#[test]
fn counting_counts_what_is_shown() {
    for path in samples() {
        let log = std::fs::read(&path).expect("a sample");
        let how = How { jobs: 2, piece_size: 10_000 };
        let light = Keep { only_addresses: true, ..Keep::default() };
        let counted = |keep| counted(&log, keep, how);
        assert_eq!(counted(light), counted(Keep::default()), "{}", path.display());
    }
}

/// Records of one event: more kinds than are remembered without further memory, each twice.
#[test]
fn duplicates_are_counted_exactly_however_many_other_records_there_are() {
    let record = |kind: u64| {
        format!("type={kind} msg=audit(1795224300.000:7): pid=9 res={kind}\n").into_bytes()
    };
    for count in [1, 4, 5, 40] {
        let records: Vec<Vec<u8>> = (1400..1400 + count).map(record).collect();
        let log = [records.concat(), records.concat()].concat();
        let whole = counted(&log, Keep::default(), SIMPLY);
        let duplicates = format!("duplicates: {count},");
        assert!(format!("{:?}", whole.2).contains(&duplicates), "{:?}", whole.2);
        for piece_size in [60, 100, 500, 2_000] {
            let cut = counted(&log, Keep::default(), How { jobs: 1, piece_size });
            assert_eq!(cut, whole, "{count} records, pieces of {piece_size}");
        }
    }
}
