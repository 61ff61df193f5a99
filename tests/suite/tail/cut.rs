//! Cut off in the middle of a save that has alerts in it: whatever that leaves on the disk, the
//! next run goes on from it, and in the end there is every connection and every alert once.

use std::fs::{self, File};
use std::time::Duration;

use oddsock::store::Store;

use super::days;
use super::run::{Folder, TOLD};
use crate::cuts::{Cut, Reader, Saving, journal};

/// How many alerts a state has that nobody was told of.
fn undelivered(state: &[u8]) -> usize {
    let (_folder, path) = crate::state::scratch();
    fs::write(&path, state).unwrap();
    Store::open(&path).unwrap().undelivered().unwrap().len()
}

#[test]
fn cut_off_while_saving_it_tells_of_everything_once() {
    let folder = Folder::new();
    let state = folder.path("state");
    let log = days::log(250, 7);
    let (before, mut rest) = days::until(&log, 100);
    folder.append(before.as_bytes());
    // Nothing can be shown, so that no other save, of what was, follows that which is cut.
    let full = File::options().append(true).open("/dev/full").unwrap();
    let run = folder.tail_into(full, &TOLD);
    folder.wait("the alerts before", |_| folder.text(TOLD[1]).lines().count() > 2);
    let mut reader = Reader::of(&state);
    let outputs = ["connections", TOLD[1]];
    let mut quarter = 100;
    // Two saves in one breath are let go together where the machine is busy: that takes another
    // alert, and another try.
    let (saving, written) = loop {
        if !reader.wait(Duration::from_secs(3)) {
            quarter += 3;
            assert!(quarter < 246, "no save has alerts in it: {}", folder.text("said"));
            let (more, after) = days::until(rest, quarter);
            folder.append(more.as_bytes());
            rest = after;
            continue;
        }
        let (before, journal) = reader.files();
        let written = outputs.map(|name| folder.text(name));
        reader.let_go();
        let after = reader.bytes(&state);
        let has_alerts = undelivered(&after) > undelivered(&before);
        match Saving::of(before, journal, after) {
            Some(saving) if has_alerts => break (saving, written),
            _ => {}
        }
    };
    run.kill();
    drop(reader);
    let there = folder.text("audit.log").len();
    let pages = saving.changed();
    let within = pages[pages.len() / 2].start + 700;
    for cut in [Cut::Journal(1000, true), Cut::Pages(within, true), Cut::Saved] {
        saving.put(cut, &state);
        outputs.iter().zip(&written).for_each(|(name, text)| {
            fs::write(folder.path(name), text).unwrap();
        });
        fs::write(folder.path("alerts"), "").unwrap();
        fs::write(folder.path("audit.log"), &log[..there]).unwrap();
        let run = folder.tail(&TOLD);
        folder.append(rest.as_bytes());
        let (connections, alerts) = folder.everything_once(run);
        assert!(connections > 500 && alerts > 5);
        assert!(!journal(&state).exists());
    }
}
