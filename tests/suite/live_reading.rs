//! A log read while it is written: however its lines come, and whenever, the connections are those
//! that are read from all of it at once.

use std::ops::ControlFlow;

use oddsock::audit::Sighting;
use oddsock::output::{Ndjson, Writer};
use oddsock::reading::live::{ANY_AFTER, HELD_FOR, Lines, Live, WHOLE_AFTER};
use oddsock::{input, reading};

use crate::scenario::dice::Dice;
use crate::shared::project;

fn document(sighting: &Sighting, text: &mut String) {
    let mut document = Vec::new();
    Ndjson::new().connection(&sighting.connection(), &mut document);
    text.push_str(&String::from_utf8(document).unwrap());
}

fn at_once(path: &std::path::Path) -> String {
    let found = input::find(&[path.to_path_buf()], Some("here")).unwrap();
    let pieces = input::Pieces::new(found.sources, input::PIECE_SIZE);
    let mut text = String::new();
    reading::read(pieces, reading::Options::default(), &mut |sighting: &Sighting| {
        document(sighting, &mut text);
        ControlFlow::Continue(())
    });
    text
}

/// The time and the id of a line's event.
fn stamp(line: &[u8]) -> Option<(u64, &str)> {
    let line = std::str::from_utf8(&line[..line.len().min(60)]).ok()?;
    let at = line.find("audit(")? + 6;
    let id = &line[at..at + line[at..].find(')')?];
    let (seconds, rest) = id.split_once('.')?;
    Some((seconds.parse::<u64>().ok()? * 1000 + rest.get(..3)?.parse::<u64>().ok()?, id))
}

/// For each line, whether a long pause may be made before it: no event is under way, and what comes
/// is later than what a socket may still be asked for.
fn pauses(lines: &[&[u8]]) -> Vec<bool> {
    let mut last = std::collections::HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        stamp(line).map(|(_, id)| last.insert(id, at));
    }
    let (mut open_until, mut newest) = (0, 0);
    let mut pauses = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (time, until) = stamp(line).map_or((0, at), |(time, id)| (time, last[id]));
        pauses.push(at > open_until && time > newest + HELD_FOR);
        (open_until, newest) = (open_until.max(until), newest.max(time));
    }
    pauses
}

fn as_they_come(text: &[u8], seed: u64) -> String {
    let mut dice = Dice::new(seed, "arrival");
    let mut live = Live::new("here");
    let mut now = 1_000_000;
    let mut shown = String::new();
    let mut show = |sighting: &Sighting| {
        document(sighting, &mut shown);
        ControlFlow::Continue(())
    };
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let pauses = pauses(&lines);
    let mut begin = 0;
    let mut since = 0;
    for at in 1..=lines.len() {
        let may_pause = at == lines.len() || pauses[at];
        if at < lines.len() && dice.below(4) > 0 {
            continue;
        }
        let portion = lines[begin..at].concat();
        let lines = Lines { text: &portion, long_lines: &[], source: "log", is_first: begin == 0 };
        live.take(lines, now, &mut show, &mut |_| {});
        begin = at;
        if may_pause {
            since = 0;
            for _ in 0..dice.below(4) {
                now += dice.below(1500);
                live.settle(now, false, &mut show);
            }
        } else if since < WHOLE_AFTER / 2 {
            let pause = dice.below(10);
            since += pause;
            now += pause;
            live.settle(now, false, &mut show);
        }
    }
    live.finish(&mut show);
    shown
}

#[test]
fn connections_are_the_same_however_and_whenever_their_lines_come() {
    let mut logs = vec![project().join("samples/connections-enriched.log")];
    logs.push(project().join("samples/connections-raw.log"));
    for log in logs {
        let text = std::fs::read(&log).unwrap();
        let expected = at_once(&log);
        assert!(expected.lines().count() > 20);
        for seed in 0..200 {
            let shown = as_they_come(&text, seed);
            for (ours, all) in shown.lines().zip(expected.lines()) {
                assert_eq!(ours, all, "seed {seed}");
            }
            assert_eq!(shown.lines().count(), expected.lines().count(), "seed {seed}");
        }
    }
}

/// The same log as it would be if the clock had been set a few times while it was written, back or
/// ahead, by a millisecond or by months. All records of an event have its one stamp.
fn with_clock_steps(text: &[u8], seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed, "clock");
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let steps = 1 + dice.below(4);
    let at: Vec<u64> = (0..steps).map(|_| dice.below(lines.len() as u64)).collect();
    let (mut ahead, mut shifts) = (0_i64, std::collections::HashMap::new());
    let mut stepped = Vec::with_capacity(text.len());
    for (number, line) in lines.into_iter().enumerate() {
        if at.contains(&(number as u64)) {
            let length = *dice.pick(&[1, 40, 3_000, 90_000, 7_200_000, 5_000_000_000]);
            ahead += if dice.below(2) == 0 { length } else { -length };
        }
        let Some((time, id)) = stamp(line) else {
            stepped.extend_from_slice(line);
            continue;
        };
        let shift = *shifts.entry(id).or_insert(ahead);
        let time = time.checked_add_signed(shift).expect("a time");
        let (_, serial) = id.split_once(':').expect("a serial");
        let begin = id.as_ptr() as usize - line.as_ptr() as usize;
        stepped.extend_from_slice(&line[..begin]);
        let new = format!("{}.{:03}:{serial}", time / 1000, time % 1000);
        stepped.extend_from_slice(new.as_bytes());
        stepped.extend_from_slice(&line[begin + id.len()..]);
    }
    stepped
}

#[test]
fn a_clock_that_is_set_loses_no_connection_and_doubles_none() {
    let log = project().join("samples/connections-enriched.log");
    let text = std::fs::read(&log).unwrap();
    let number = at_once(&log).lines().count();
    let folder = tempfile::tempdir().unwrap();
    let stepped = folder.path().join("audit.log");
    for seed in 0..100 {
        let text = with_clock_steps(&text, seed);
        std::fs::write(&stepped, &text).unwrap();
        let expected = at_once(&stepped);
        assert_eq!(expected.lines().count(), number, "seed {seed}");
        let shown = as_they_come(&text, seed);
        for (ours, all) in shown.lines().zip(expected.lines()) {
            assert_eq!(ours, all, "seed {seed}");
        }
        assert_eq!(shown.lines().count(), number, "seed {seed}");
    }
}

#[test]
fn a_connection_is_seen_within_a_fifth_of_a_second_and_not_before_it_is_whole() {
    let log = "type=SYSCALL msg=audit(1700000000.000:7): arch=c000003e syscall=42 success=yes \
               exit=0 a0=3 a1=7ffc a2=10 a3=0 items=0 ppid=1 pid=9 auid=0 uid=0 gid=0 euid=0 \
               suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"curl\" \
               exe=\"/usr/bin/curl\" key=(null)\n";
    let address =
        "type=SOCKADDR msg=audit(1700000000.000:7): saddr=020001BBC00002070000000000000000\n";
    let mut live = Live::new("here");
    let mut seen = 0;
    let mut count = |_: &Sighting| {
        seen += 1;
        ControlFlow::Continue(())
    };
    let lines = |text: &'static str| Lines {
        text: text.as_bytes(),
        long_lines: &[],
        source: "log",
        is_first: false,
    };
    live.take(lines(log.to_string().leak()), 0, &mut count, &mut |_| {});
    (1..1500).for_each(|now| live.settle(now, false, &mut count));
    live.take(lines(address), 1500, &mut count, &mut |_| {});
    let mut when = 1500;
    while live.is_waiting() {
        when += 10;
        live.settle(when, false, &mut count);
    }
    assert_eq!(seen, 1);
    assert!((1500 + WHOLE_AFTER..1700).contains(&when), "{when}");
}

#[test]
fn a_gap_is_told_of_after_a_while_and_what_falls_into_it_later_is_no_loss_after_all() {
    let line = |serial: u64| {
        format!("type=PROCTITLE msg=audit(1700000000.000:{serial}): proctitle=\"curl\"\n")
    };
    let text = |serials: std::ops::Range<u64>| serials.map(line).collect::<String>();
    let mut live = Live::new("here");
    let mut nobody = |_: &Sighting| ControlFlow::Continue(());
    let mut take = |live: &mut Live, text: &str, now| {
        let lines =
            Lines { text: text.as_bytes(), long_lines: &[], source: "log", is_first: false };
        live.take(lines, now, &mut nobody, &mut |_| {});
        live.settle(now, false, &mut nobody);
        (live.account().gaps, live.account().lost)
    };
    assert_eq!(take(&mut live, &text(1..10), 0), (0, 0));
    assert_eq!(take(&mut live, &text(15..20), 1), (0, 0), "it may come a little later");
    assert_eq!(take(&mut live, "", ANY_AFTER), (0, 0));
    assert_eq!(take(&mut live, "", ANY_AFTER + 1), (1, 5));
    let at_end = live.account_at_end();
    assert_eq!((at_end.gaps, at_end.lost), (1, 5));
    // As a replay of the same has it, whatever was told meanwhile.
    assert_eq!(take(&mut live, &text(10..13), 9_000), (1, 2));
    assert_eq!(take(&mut live, &text(13..15), 9_001), (0, 0));
    // Where it is never quiet, so many records are a while as well.
    assert_eq!(take(&mut live, &text(21..9_000), 9_002), (1, 1));
}
