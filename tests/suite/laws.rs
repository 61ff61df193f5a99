//! Laws that hold for any order, any cut, any number of workers and any damage.

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use oddsock::audit::Sighting;
use oddsock::audit::gathering::Keep;
use oddsock::input::{self, Pieces};
use oddsock::output::Format;
use oddsock::reading::{self, Options, Report};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::scene::HERE;
use crate::shared::samples;

/// As many cases as a debug build does in a few seconds, or `PROPTEST_CASES`.
pub fn cases(few: u32) -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = wanted.unwrap_or(few);
    Config { cases, max_shrink_iters: 1000, failure_persistence: None, ..Config::default() }
}

/// Lines of a log, shown as text.
#[derive(Clone)]
pub struct Lines(pub Vec<Vec<u8>>);

impl Lines {
    pub fn log(&self) -> Vec<u8> {
        self.0.concat()
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", String::from_utf8_lossy(&self.log()))
    }
}

/// The bytes that come out in every format, and what was counted.
#[derive(PartialEq)]
pub struct Out {
    /// The last is raw.
    pub formats: Vec<String>,
    pub counts: Counts,
}

impl Out {
    fn without_raw(mut self) -> Out {
        self.formats.pop();
        self
    }

    /// The first line of any format in which the two differ, or the counts; nothing if they agree.
    pub fn difference(&self, other: &Out) -> Option<String> {
        for (one, two) in self.formats.iter().zip(&other.formats) {
            let (mut one, mut two) = (one.lines(), two.lines());
            loop {
                match (one.next(), two.next()) {
                    (None, None) => break,
                    (one, two) if one != two => return Some(format!("{one:?}\n{two:?}")),
                    _ => {}
                }
            }
        }
        (self.counts != other.counts).then(|| format!("{:?}\n{:?}", self.counts, other.counts))
    }
}

/// Lines, complaints, and the account in words.
#[derive(PartialEq, Clone, Debug)]
pub struct Counts {
    lines: u64,
    complaints: u64,
    account: String,
}

impl Counts {
    pub fn of(report: &Report) -> Counts {
        Counts {
            lines: report.lines,
            complaints: report.complaints.total(),
            account: format!("{:?}", report.account),
        }
    }
}

/// How a log is read.
#[derive(Clone, Copy)]
pub struct How {
    pub jobs: usize,
    pub piece_size: usize,
}

pub const SIMPLY: How = How { jobs: 1, piece_size: input::PIECE_SIZE };

/// Reads files and writes what is seen in every format.
fn read(paths: &[PathBuf], how: How) -> Out {
    let found = input::find(paths, Some(HERE)).expect("logs");
    assert_eq!(found.sources.len(), paths.len(), "{:?}", found.skipped);
    let all = [Format::Table, Format::Text, Format::Ndjson, Format::Csv];
    let mut writers: Vec<_> = all.iter().filter_map(|format| format.writer(None, false)).collect();
    let mut outs = vec![Vec::new(); all.len() + 1];
    let keep = Keep { all_records: true, ..Keep::default() };
    let pieces = Pieces::new(found.sources, how.piece_size);
    let options = Options { jobs: how.jobs, keep };
    let report = reading::read(pieces, options, &mut |sighting: &Sighting| {
        for (writer, out) in writers.iter_mut().zip(&mut outs) {
            writer.connection(&sighting.connection(), out);
        }
        for line in sighting.lines() {
            outs[all.len()].extend_from_slice(line);
            outs[all.len()].push(b'\n');
        }
        ControlFlow::Continue(())
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let text = |out: Vec<u8>| String::from_utf8_lossy(&out).into_owned();
    Out { formats: outs.into_iter().map(text).collect(), counts: Counts::of(&report) }
}

/// Reads a log that is only here.
pub fn read_log(log: &[u8], how: How) -> Out {
    let folder = tempfile::tempdir().expect("a folder");
    read(&[written(folder.path(), "audit.log", log)], how)
}

fn written(folder: &Path, name: &str, log: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, log).expect("a file");
    path
}

/// A part of a sample: some hundred lines.
pub fn part() -> impl Strategy<Value = Lines> {
    let logs: Vec<Vec<Vec<u8>>> = samples()
        .iter()
        .map(|path| {
            let log = std::fs::read(path).expect("a sample");
            log.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
        })
        .collect();
    (0..logs.len(), any::<prop::sample::Index>(), 1..200usize).prop_map(move |(log, at, length)| {
        let log = &logs[log];
        let start = at.index(log.len());
        Lines(log[start..log.len().min(start + length)].to_vec())
    })
}

/// The event that a line belongs to.
fn stamp(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|b| *b == b'(').expect("a stamp");
    let end = line.iter().position(|b| *b == b')').expect("a stamp");
    &line[start..end]
}

/// The lines in an order in which each event's first record stays where it was: the later ones are
/// moved back by up to `by` lines.
fn interleaved(lines: &[Vec<u8>], by: &[usize]) -> Vec<Vec<u8>> {
    let mut seen = std::collections::HashSet::new();
    let mut placed: Vec<(usize, usize, &Vec<u8>)> = Vec::new();
    let mut last = std::collections::HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let is_first = seen.insert(stamp(line));
        // EXECVE records of one event are one text in several parts, whose order counts.
        let wanted = if is_first { at } else { at + by[at % by.len()] };
        let place = wanted.max(last.get(stamp(line)).copied().unwrap_or(0));
        last.insert(stamp(line), place);
        placed.push((place, at, line));
    }
    placed.sort_by_key(|(place, at, _)| (*place, *at));
    placed.into_iter().map(|(_, _, line)| line.clone()).collect()
}

/// One way to damage a log.
#[derive(Clone, Debug)]
pub enum Damage {
    Delete(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Splice(prop::sample::Index, prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static [u8]),
    JoinLines(prop::sample::Index),
}

const INSERTIONS: [&[u8]; 9] = [
    b"\n",
    b"\r\n",
    b"\0\0\0\0",
    b"\"",
    b"'",
    b"\x1d",
    b"(",
    b" type=SYSCALL msg=audit(1795224356.185:903): ",
    b"{",
];

pub fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), 1..300usize).prop_map(|(at, length)| Damage::Delete(at, length)),
        (place(), 1..300usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (place(), 1u8..).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        place().prop_map(Damage::Cut),
        (place(), place(), 1..300usize).prop_map(|(at, from, n)| Damage::Splice(at, from, n)),
        (place(), prop::sample::select(&INSERTIONS[..]))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        place().prop_map(Damage::JoinLines),
    ]
}

pub fn damaged(log: &[u8], damage: &Damage) -> Vec<u8> {
    if log.is_empty() {
        return Vec::new();
    }
    let mut log = log.to_vec();
    let stretch = |at: usize, length: usize| at..(at + length).min(log.len());
    match damage {
        Damage::Delete(at, length) => {
            let range = stretch(at.index(log.len()), *length);
            log.drain(range);
        }
        Damage::Repeat(at, length) => {
            let range = stretch(at.index(log.len()), *length);
            let (end, again) = (range.end, log[range].to_vec());
            log.splice(end..end, again);
        }
        Damage::Flip(at, bits) => {
            let at = at.index(log.len());
            log[at] ^= bits;
        }
        Damage::Cut(at) => log.truncate(at.index(log.len())),
        Damage::Splice(at, from, length) => {
            let stretch = log[stretch(from.index(log.len()), *length)].to_vec();
            let at = at.index(log.len());
            log.splice(at..at, stretch);
        }
        Damage::Insert(at, bytes) => {
            let at = at.index(log.len());
            log.splice(at..at, bytes.iter().copied());
        }
        Damage::JoinLines(at) => {
            let at = at.index(log.len());
            if let Some(end) = log[at..].iter().position(|byte| *byte == b'\n') {
                log[at + end] = b' ';
            }
        }
    }
    log
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn any_interleaving_within_the_grace_gives_the_same_connections(
        lines in part(),
        by in prop::collection::vec(0..40usize, 1..50),
    ) {
        let (straight, mixed) = (lines.log(), interleaved(&lines.0, &by).concat());
        let (straight, mixed) = (read_log(&straight, SIMPLY), read_log(&mixed, SIMPLY));
        // Raw output has the records in the order of the log.
        let (straight, mixed) = (straight.without_raw(), mixed.without_raw());
        prop_assert_eq!(straight.difference(&mixed), None);
    }

    #[test]
    fn any_number_of_workers_and_any_size_of_pieces_give_the_same_bytes(
        lines in part(),
        jobs in 1..=4usize,
        piece_size in prop_oneof![1..400usize, 400..20_000usize],
    ) {
        let log = lines.log();
        let other = read_log(&log, How { jobs, piece_size });
        prop_assert_eq!(read_log(&log, SIMPLY).difference(&other), None);
    }

    #[test]
    fn any_cut_of_the_log_into_rotated_files_gives_the_same_bytes(
        lines in part(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(lines.0.len() + 1)).collect();
        cuts.extend([0, lines.0.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let last = cuts.len() - 2;
        let paths: Vec<PathBuf> = cuts
            .windows(2)
            .enumerate()
            .map(|(at, ends)| {
                let name = match last - at {
                    0 => "audit.log".to_string(),
                    age => format!("audit.log.{age}"),
                };
                written(folder.path(), &name, &lines.0[ends[0]..ends[1]].concat())
            })
            .rev()
            .collect();
        let whole = read_log(&lines.log(), SIMPLY);
        prop_assert_eq!(read(&paths, SIMPLY).difference(&whole), None);
    }

    #[test]
    fn a_damaged_log_is_read_to_its_end_and_every_line_is_accounted_for(
        lines in part(),
        damages in prop::collection::vec(damage(), 1..8),
    ) {
        let log = damages.iter().fold(lines.log(), |log, damage| damaged(&log, damage));
        let out = read_log(&log, SIMPLY);
        let lines = log.split_inclusive(|byte| *byte == b'\n').count() as u64;
        prop_assert_eq!(out.counts.lines, lines);
        prop_assert!(out.counts.complaints <= lines);
        for document in out.formats[2].lines() {
            let parsed = serde_json::from_str::<serde_json::Value>(document);
            prop_assert!(parsed.is_ok(), "{}", document);
        }
    }

    #[test]
    fn a_damaged_log_too_is_the_same_for_any_workers_and_pieces(
        lines in part(),
        damages in prop::collection::vec(damage(), 1..4),
        jobs in 1..=4usize,
        piece_size in 1..2_000usize,
    ) {
        let log = damages.iter().fold(lines.log(), |log, damage| damaged(&log, damage));
        let other = read_log(&log, How { jobs, piece_size });
        prop_assert_eq!(read_log(&log, SIMPLY).difference(&other), None);
    }

    #[test]
    fn a_log_that_is_there_twice_changes_nothing_but_the_duplicates(lines in part()) {
        let log = lines.log();
        let (mut once, mut twice) =
            (read_log(&log, SIMPLY), read_log(&[&log[..], &log].concat(), SIMPLY));
        prop_assert_eq!(once.counts.lines * 2, twice.counts.lines);
        for out in [&mut once, &mut twice] {
            out.counts.lines = 0;
            let counts = out.counts.account.split(", ");
            let same = counts.filter(|c| !c.contains("records") && !c.contains("duplicates"));
            out.counts.account = same.collect::<Vec<_>>().join(", ");
        }
        prop_assert_eq!(once.difference(&twice), None);
    }
}
