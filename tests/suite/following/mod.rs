//! A log that is followed through rotation, truncation, deletion and restarts: every line comes
//! once, in order, unless it was destroyed before anybody could read it.

/// What may happen to a log, and what of it must be seen, in the simplest terms.
mod model;

use std::fs;
use std::path::PathBuf;

use oddsock::input::follow::{Follower, Note, Position, Purpose, Start};
use tempfile::TempDir;

use model::World;

/// How many random lives of a log are tried, unless `ODDSOCK_SEEDS` says so.
const SEEDS: u64 = 2000;

#[test]
fn every_line_is_read_once_and_in_order_whatever_happens_to_its_file() {
    let number = std::env::var("ODDSOCK_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    let only = std::env::var("ODDSOCK_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    for seed in only.map_or(0..number.unwrap_or(SEEDS), |seed| seed..seed + 1) {
        let mut world = World::new(seed);
        (0..60).for_each(|_| world.step());
        world.settle();
    }
}

/// The lines that come, in one text.
fn all(follower: &mut Follower) -> String {
    let mut text = Vec::new();
    while let Some(portion) = follower.poll() {
        if portion.purpose != Purpose::Known {
            text.extend(portion.lines);
        }
    }
    String::from_utf8(text).unwrap()
}

/// A log with these lines in a folder of its own, and a follower that has read them.
fn begun(lines: &str) -> (TempDir, PathBuf, Follower) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    fs::write(&log, lines).unwrap();
    let mut follower = Follower::new(&log, Start::Afresh { learn: true });
    assert_eq!(all(&mut follower), lines);
    (folder, log, follower)
}

fn behind(follower: &Follower) -> Start {
    Start::Behind(follower.position().unwrap())
}

#[test]
fn what_was_rotated_several_times_while_nobody_looked_is_found() {
    let (folder, log, follower) = begun("one\n");
    let path = |name: &str| folder.path().join(name);
    let start = behind(&follower);
    drop(follower);
    fs::write(&log, "one\ntwo\n").unwrap();
    fs::rename(&log, path("audit.log.3")).unwrap();
    fs::write(path("audit.log.2"), "three\n").unwrap();
    fs::write(path("audit.log.1"), "four\n").unwrap();
    fs::write(&log, "five\nsi").unwrap();
    // A file that is older by its name is none of ours, and none that is new.
    fs::write(path("audit.log.4"), "zero\n").unwrap();
    let mut follower = Follower::new(&log, start);
    assert_eq!(all(&mut follower), "two\nthree\nfour\nfive\n");
    assert!(follower.has_half_a_line());
    assert!(follower.notes().is_empty());
}

#[test]
fn rotated_files_are_found_again_when_they_were_packed() {
    use std::io::Write as _;
    let (folder, log, follower) = begun("one\n");
    let start = behind(&follower);
    let packed = fs::File::create(folder.path().join("audit.log.1.gz")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packer.write_all(b"one\ntwo\n").unwrap();
    packer.finish().unwrap();
    fs::remove_file(&log).unwrap();
    fs::write(&log, "three\n").unwrap();
    assert_eq!(all(&mut Follower::new(&log, start)), "two\nthree\n");
}

#[test]
fn an_inode_that_was_given_to_another_file_is_not_mistaken_for_the_old_one() {
    let (_folder, log, mut follower) = begun("one\ntwo\n");
    let start = behind(&follower);
    // The same file on the disk, and as long as before.
    fs::write(&log, "six\nten\n").unwrap();
    assert_eq!(all(&mut follower), "six\nten\n");
    assert!(matches!(follower.notes()[..], [Note::Emptied]));
    let mut later = Follower::new(&log, start);
    assert_eq!(all(&mut later), "six\nten\n");
    assert!(matches!(later.notes()[..], [Note::Gone]));
}

#[test]
fn what_was_not_read_when_a_log_was_emptied_is_read_in_its_copy() {
    let (folder, log, mut follower) = begun("one\n");
    fs::write(&log, "one\ntwo\n").unwrap();
    fs::copy(&log, folder.path().join("audit.log.1")).unwrap();
    fs::write(&log, "").unwrap();
    assert_eq!(all(&mut follower), "two\n");
    fs::write(&log, "three\n").unwrap();
    assert_eq!(all(&mut follower), "three\n");
    assert!(follower.notes().is_empty());
}

#[test]
fn a_log_that_is_not_there_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit/audit.log");
    let mut follower = Follower::new(&log, Start::Afresh { learn: true });
    assert!(follower.begin().is_ok());
    assert!(follower.poll().is_none() && follower.poll().is_none());
    assert!(matches!(follower.notes()[..], [Note::Missing]));
    assert_eq!(follower.position(), Some(Position::default()));
    fs::create_dir(folder.path().join("audit")).unwrap();
    fs::write(&log, "one\n").unwrap();
    assert_eq!(all(&mut follower), "one\n");
    assert!(matches!(follower.notes()[..], [Note::Fine]));
}

#[test]
fn older_files_are_learnt_from_or_only_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    fs::write(folder.path().join("audit.log.1"), "one\n").unwrap();
    fs::write(&log, "two\n").unwrap();
    for (learn, expected) in [(true, Purpose::Learnt), (false, Purpose::Known)] {
        let mut follower = Follower::new(&log, Start::Afresh { learn });
        assert_eq!(follower.poll().unwrap().purpose, expected);
        assert_eq!(follower.position(), None, "a kill begins anew");
        assert_eq!(follower.poll().unwrap().purpose, Purpose::Fresh);
        assert!(follower.poll().is_none() && follower.position().is_some());
    }
}

#[test]
fn a_line_that_is_too_long_is_cut_and_the_next_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    let long = "x".repeat(5 << 20);
    fs::write(&log, format!("one\n{long}")).unwrap();
    let mut follower = Follower::new(&log, Start::Afresh { learn: true });
    assert_eq!(all(&mut follower), "one\n");
    fs::write(&log, format!("one\n{long}y\ntwo\n")).unwrap();
    let portion = follower.poll().unwrap();
    assert_eq!(portion.lines.len(), (1 << 20) + 1);
    assert_eq!(portion.long_lines, [long.len() as u64 + 1]);
    let start = behind(&follower);
    assert_eq!(all(&mut follower), "two\n");
    assert_eq!(all(&mut Follower::new(&log, start)), "two\n");
}

#[test]
fn a_right_that_was_taken_away_is_told_once_and_nothing_is_lost() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.log");
    fs::write(&log, "one\n").unwrap();
    let may = |mode| fs::set_permissions(&log, fs::Permissions::from_mode(mode)).unwrap();
    may(0o000);
    if fs::File::open(&log).is_ok() {
        return eprintln!("left out: root may read everything");
    }
    let mut follower = Follower::new(&log, Start::Afresh { learn: true });
    assert!(follower.begin().unwrap_err().to_string().contains("permission denied"));
    assert!(follower.poll().is_none() && follower.poll().is_none());
    assert!(matches!(follower.notes()[..], [Note::Trouble(_)]));
    may(0o600);
    assert_eq!(all(&mut follower), "one\n");
    assert!(matches!(follower.notes()[..], [Note::Fine]));
}

#[test]
fn a_folder_that_is_empty_at_first_is_waited_for_and_one_with_other_files_is_read() {
    let (folder, log, follower) = begun("one\n");
    let path = |name: &str| folder.path().join(name);
    let start = behind(&follower);
    fs::rename(&log, path("away")).unwrap();
    let mut follower = Follower::new(&log, start.clone());
    assert_eq!(all(&mut follower), "");
    assert!(matches!(follower.notes()[..], [Note::Missing]));
    assert!(follower.position().is_none(), "what was read is not forgotten");
    fs::rename(path("away"), &log).unwrap();
    fs::write(&log, "one\ntwo\n").unwrap();
    assert_eq!(all(&mut follower), "two\n");
    assert!(matches!(follower.notes()[..], [Note::Fine]));
    // The nearest neighbour: there are files, and they are others.
    fs::write(&log, "three\n").unwrap();
    let mut follower = Follower::new(&log, start);
    assert_eq!(all(&mut follower), "three\n");
    assert!(matches!(follower.notes()[..], [Note::Gone]));
    assert!(follower.position().is_some());
}

#[test]
fn a_folder_is_no_log_at_first_and_one_that_comes_later_ends_nothing() {
    let (folder, log, mut follower) = begun("one\n");
    let told = Follower::new(folder.path(), Start::Afresh { learn: true }).begin().unwrap_err();
    assert!(told.to_string().contains("it is a folder"), "{told}");
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    assert_eq!(all(&mut follower), "");
    fs::remove_dir(&log).unwrap();
    fs::write(&log, "two\n").unwrap();
    assert_eq!(all(&mut follower), "two\n");
}

#[test]
fn a_log_that_is_a_link_is_followed_where_the_link_leads() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["links", "logs", "more"] {
        fs::create_dir(path(name)).unwrap();
    }
    fs::write(path("logs/audit.log.1"), "zero\n").unwrap();
    fs::write(path("logs/audit.log"), "one\n").unwrap();
    symlink("../logs/audit.log", path("links/audit.log")).unwrap();
    symlink("logs", path("also")).unwrap();
    let mut follower = Follower::new(&path("links/audit.log"), Start::Afresh { learn: true });
    assert_eq!(all(&mut follower), "zero\none\n");
    let start = behind(&follower);
    drop(follower);
    fs::rename(path("logs/audit.log.1"), path("logs/audit.log.3")).unwrap();
    fs::write(path("logs/audit.log"), "one\ntwo\n").unwrap();
    fs::rename(path("logs/audit.log"), path("logs/audit.log.2")).unwrap();
    fs::write(path("logs/audit.log.1"), "three\n").unwrap();
    // Between the renaming and the new file the link leads nowhere.
    for more in ["", "four\n"] {
        for name in ["links/audit.log", "also/audit.log"] {
            let mut later = Follower::new(&path(name), start.clone());
            assert_eq!(all(&mut later), format!("two\nthree\n{more}"), "{name}");
            assert!(!later.notes().iter().any(|note| matches!(note, Note::Gone)), "{name}");
        }
        fs::write(path("logs/audit.log"), "four\n").unwrap();
    }
    let mut follower = Follower::new(&path("links/audit.log"), start);
    assert_eq!(all(&mut follower), "two\nthree\nfour\n");
    // It leads to another file now; the rest of the old one is read first.
    fs::write(path("logs/audit.log"), "four\nfive\n").unwrap();
    fs::write(path("more/audit.log"), "six\n").unwrap();
    fs::remove_file(path("links/audit.log")).unwrap();
    symlink("../more/audit.log", path("links/audit.log")).unwrap();
    assert_eq!(all(&mut follower), "five\nsix\n");
    assert!(follower.notes().is_empty());
}

#[test]
fn what_was_rotated_by_number_is_not_new_behind_what_is_rotated_by_date() {
    let line = |second: u64| format!("type=EOE msg=audit({second}.000:{second}): \n");
    let [one, two, three, four] = [100, 200, 300, 400].map(line);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("audit.log.1"), &one).unwrap();
    fs::write(path("audit.log"), &two).unwrap();
    let mut follower = Follower::new(&path("audit.log"), Start::Afresh { learn: true });
    assert_eq!(all(&mut follower), format!("{one}{two}"));
    let start = behind(&follower);
    let read = |follower: &mut Follower| {
        let purposes = std::iter::from_fn(|| follower.poll());
        purposes.map(|portion| (portion.purpose, portion.lines)).collect::<Vec<_>>()
    };
    let known = |text: &str| (Purpose::Known, text.as_bytes().to_vec());
    let fresh = |text: &str| (Purpose::Fresh, text.as_bytes().to_vec());
    fs::write(path("audit.log-20261122"), format!("{two}{three}")).unwrap();
    fs::write(path("audit.log"), &four).unwrap();
    let mut later = Follower::new(&path("audit.log"), start);
    assert_eq!(read(&mut later), [known(&one), known(&two), fresh(&three), fresh(&four)]);
    // The same seen as it happens.
    assert_eq!(read(&mut follower), [fresh(&three), fresh(&four)]);
    assert!(later.notes().is_empty() && follower.notes().is_empty());
}
