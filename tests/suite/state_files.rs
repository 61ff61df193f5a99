//! The state file among hostile files, other processes and kills: it is refused or whole.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use oddsock::engine::Ledger;
use oddsock::store::{Bookmark, FileMark, Outgoing, Store, StoreError};
use proptest::prelude::*;
use rusqlite::Connection;

use crate::state::{Seen, alert, ledger, note, question, scratch};

/// A saved state of two values and an alert.
fn make(path: &Path) -> Ledger {
    let facts = ledger("job", &[Seen::value(7, "curl"), Seen::value(800, "nc")]);
    Store::open(path).unwrap().save(&[&facts], &[alert("0011", 51.0)]).unwrap();
    facts
}

/// Changes a state as an attacker with an editor can.
fn alter(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
        .unwrap();
    connection.execute_batch(sql).unwrap();
}

/// What is said of a file that is refused, which is not changed by it.
#[track_caller]
fn refused(path: &Path) -> String {
    let before = fs::read(path).ok();
    let error = Store::read(path).and_then(|mut store| store.load(&question("job"))).unwrap_err();
    let learning = Store::open(path).and_then(|mut store| store.load(&question("job")));
    assert_eq!(learning.unwrap_err().to_string(), error.to_string());
    assert_eq!(fs::read(path).ok(), before, "it was written to");
    error.to_string()
}

#[test]
fn a_new_state_is_its_owner_s_alone() {
    let (folder, path) = scratch();
    make(&path);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let about = entry.unwrap().metadata().unwrap();
        assert_eq!(about.mode() & 0o777, 0o600);
    }
    let copy = folder.path().join("copy.db");
    Store::read(&path).unwrap().export(&copy).unwrap();
    assert_eq!(copy.metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_state_is_refused_and_left_as_it_is() {
    let (folder, path) = scratch();
    fs::write(&path, "type=SYSCALL msg=audit(1:2):").unwrap();
    assert!(refused(&path).contains("is no state of oddsock's: it is no SQLite file."));
    fs::remove_file(&path).unwrap();
    alter(&path, "CREATE TABLE bookmarks (url)");
    assert!(
        refused(&path).contains("it is a SQLite file of another program. It was left as it is")
    );
    fs::write(&path, &fs::read(&path).unwrap()[..50]).unwrap();
    assert!(refused(&path).contains("is damaged: it ends within its header."));

    let nowhere = folder.path().join("nowhere");
    let error = Store::read(&nowhere).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert!(!nowhere.exists());
    let error = Store::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("it is no file"), "{error}");
    symlink(&nowhere, folder.path().join("link")).unwrap();
    assert!(Store::open(&folder.path().join("link")).is_err());
    assert!(!nowhere.exists(), "made through a link that points nowhere");
}

#[test]
fn a_state_of_a_later_version_names_both_versions() {
    let (_folder, path) = scratch();
    make(&path);
    alter(&path, "PRAGMA user_version = 9");
    assert!(refused(&path).contains("is of version 9, and this oddsock knows none after 3."));
    alter(&path, "PRAGMA user_version = -1");
    assert!(refused(&path).contains("is damaged: there is no version -1."));
}

#[test]
fn tables_that_are_not_ours_are_refused_and_an_analyst_s_own_are_not() {
    let (_folder, path) = scratch();
    let facts = make(&path);
    alter(
        &path,
        "CREATE TABLE notes (text); CREATE INDEX by_value ON subjects (value);
                  CREATE VIEW curls AS SELECT * FROM seen WHERE value = 'curl'; ANALYZE",
    );
    assert_eq!(Store::read(&path).unwrap().load(&question("job")).unwrap(), facts);
    alter(&path, "CREATE TRIGGER t AFTER INSERT ON alerts BEGIN DELETE FROM subjects; END");
    assert!(refused(&path).contains("a trigger was added, \"t\""));
    alter(
        &path,
        "DROP TRIGGER t; DROP TABLE presence;
                  CREATE VIEW presence AS SELECT 1 AS subject_id, 2 AS chunk, 3 AS mask",
    );
    assert!(refused(&path).contains("the table presence was altered"));
}

#[test]
fn numbers_that_cannot_be_are_damage_and_no_panic() {
    for (sql, said) in [
        ("UPDATE presence SET chunk = -1", "out of range"),
        ("UPDATE presence SET chunk = 67108864", "no buckets are in chunk 67108864"),
        ("UPDATE presence SET chunk = 1 << 40", "out of range"),
        ("UPDATE presence SET mask = 0", "no buckets are in chunk"),
        ("DELETE FROM presence", "a value was in no bucket"),
        ("UPDATE details SET bucket = bucket + 1", "facts of bucket"),
        ("UPDATE details SET hashes = x'00'", "a set of hashes is cut short"),
        ("UPDATE influences SET place = place + 3", "no influencer at place 3"),
        ("UPDATE influences SET value = 7", "a value is a number"),
        ("DELETE FROM subjects WHERE value = 'nc'", "refer to a row that is not there"),
        ("UPDATE jobs SET span = 0", "has no possible span"),
        ("UPDATE jobs SET novelty = 'some'", "there is no novelty \"some\""),
        ("UPDATE jobs SET forgotten = -1", "fewer than no values were forgotten"),
        ("UPDATE jobs SET retention = 4000", "out of range"),
        (
            "UPDATE subjects SET value = zeroblob(60 << 20), partition_value = zeroblob(62 << 20)",
            "string or blob too big",
        ),
        ("UPDATE subjects SET value = zeroblob(63 << 20)", "more facts than fit into 100 MiB"),
        (
            "WITH RECURSIVE n (i) AS (VALUES (9) UNION ALL SELECT i + 1 FROM n WHERE i < 100100)
          INSERT INTO subjects SELECT i, 1, NULL, i || '', NULL FROM n",
            "more than 100000 values",
        ),
    ] {
        let (_folder, path) = scratch();
        make(&path);
        alter(&path, sql);
        let error = refused(&path);
        assert!(error.contains("is damaged: ") && error.contains(said), "{sql}: {error}");
        assert!(error.contains(".recover"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn bytes_that_rot_are_told_or_do_no_harm(
        spots in proptest::collection::vec((0_usize..60_000, any::<u8>()), 1..8),
        kept in proptest::option::of(0_usize..60_000),
    ) {
        let (_folder, path) = scratch();
        make(&path);
        let mut bytes = fs::read(&path).unwrap();
        for (at, byte) in spots {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(kept.unwrap_or(usize::MAX));
        fs::write(&path, &bytes).unwrap();
        if let Ok(mut store) = Store::read(&path) {
            let _ = store.load(&question("job"));
            let _ = store.alerts(&mut |_| ());
        }
        prop_assert_eq!(&fs::read(&path).unwrap(), &bytes);
        let _ = Store::open(&path).and_then(|mut store| store.load(&question("job")));
    }
}

#[test]
fn a_state_in_a_folder_that_cannot_be_written_can_be_read() {
    let (folder, path) = scratch();
    let facts = make(&path);
    fs::remove_file(folder.path().join("state.db-lock")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
    let mut store = Store::read(&path).unwrap();
    assert_eq!(store.load(&question("job")).unwrap(), facts);
    assert!(store.save(&[&facts], &[]).is_err());
    // Also for root, whom modes do not keep out.
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn two_cannot_learn_at_once_and_others_may_look() {
    let (folder, path) = scratch();
    let facts = make(&path);
    let mut store = Store::open(&path).unwrap();
    let link = folder.path().join("link");
    symlink(&path, &link).unwrap();
    let error = Store::open(&link).unwrap_err();
    assert!(error.to_string().starts_with("another oddsock is using the state"), "{error}");
    let mut reader = Store::read(&path).unwrap();
    assert_eq!(reader.load(&question("job")).unwrap(), facts);
    store.save(&[&facts], &[alert("0012", 52.0)]).unwrap();
    drop(store);
    assert!(reader.alert("0012").unwrap().is_some());
    Store::open(&path).unwrap();
}

#[test]
fn what_another_program_changed_meanwhile_is_written_over_wholly() {
    let (_folder, path) = scratch();
    let facts = make(&path);
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.load(&question("job")).unwrap(), facts);
    alter(&path, "DELETE FROM presence; UPDATE subjects SET value = 'rm'");
    store.save(&[&facts], &[]).unwrap();
    assert_eq!(store.load(&question("job")).unwrap(), facts);
}

/// What is learnt before each save: two jobs that belong together.
fn learn(ledgers: &mut [Ledger; 2], step: u64) {
    for (ledger, part) in ledgers.iter_mut().zip(0..) {
        for value in 0..40 {
            note(ledger, &Seen::value(100 * step + part, &format!("tool-{step}-{value}")));
        }
    }
}

/// Whose state a child saves over and over, if this is one.
const SAVES: &str = "ODDSOCK_TEST_SAVES";

#[test]
#[ignore = "a child of the test below, which kills it"]
fn a_child_that_saves() {
    let Some(path) = std::env::var_os(SAVES) else { return };
    let mut store = Store::open(Path::new(&path)).unwrap();
    let mut ledgers = ["one", "two"].map(|name| store.load(&question(name)).unwrap());
    let saves = ledgers[0].tracks().len() as u64 / 40;
    println!("ready");
    for step in saves.. {
        learn(&mut ledgers, step);
        let [one, two] = &ledgers;
        store.save(&[one, two], &[alert(&format!("{step:08}"), 51.0)]).unwrap();
    }
}

/// A child that has begun to save.
fn child(path: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["state_files::a_child_that_saves", "--exact", "--ignored", "--nocapture"])
        .env(SAVES, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    said.map(Result::unwrap).find(|line| line.ends_with("ready")).expect("it begins");
    child
}

#[test]
fn whoever_is_killed_while_saving_leaves_what_was_before_or_all_of_it() {
    let (_folder, path) = scratch();
    let (mut last, mut expected) = (0, [ledger("one", &[]), ledger("two", &[])]);
    for round in 0_u64..40 {
        let mut child = child(&path);
        sleep(Duration::from_millis(round * 7919 % 97));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut store = Store::open(&path).unwrap();
        let found = ["one", "two"].map(|name| store.load(&question(name)).unwrap());
        let saves = found[0].tracks().len() as u64 / 40;
        (last..saves).for_each(|step| learn(&mut expected, step));
        assert_eq!(found, expected, "round {round}, {saves} after {last}");
        let mut alerts = Vec::new();
        store.alerts(&mut |alert| alerts.push(alert.id)).unwrap();
        assert_eq!(alerts, (0..saves).map(|step| format!("{step:08}")).collect::<Vec<_>>());
        last = saves;
    }
    assert!(last > 5, "only {last} saves");
}

#[test]
fn a_save_that_was_interrupted_is_undone_by_whoever_opens_the_state_next() {
    let (folder, path) = scratch();
    let facts = make(&path);
    let (hot, journal) = (folder.path().join("hot.db"), folder.path().join("hot.db-journal"));
    let interrupted = Connection::open(&path).unwrap();
    // With so little memory the file itself is written to before the transaction ends.
    interrupted
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN; DELETE FROM subjects;
             WITH RECURSIVE n (i) AS (VALUES (9) UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
             INSERT INTO subjects SELECT i, 1, NULL, 'forged' || i, NULL FROM n",
        )
        .unwrap();
    for (from, to) in [(path.clone(), &hot), (folder.path().join("state.db-journal"), &journal)] {
        fs::copy(from, to).unwrap();
    }
    assert!(hot.metadata().unwrap().len() > 100_000, "nothing was written yet");
    // Where nothing can be written it is left alone: here, no file for the lock.
    let lock = folder.path().join("hot.db-lock");
    fs::create_dir(&lock).unwrap();
    let error = Store::read(&hot).unwrap_err();
    assert!(matches!(error, StoreError::Interrupted { .. }), "{error}");
    assert!(journal.exists());
    fs::remove_dir(&lock).unwrap();
    assert_eq!(Store::read(&hot).unwrap().load(&question("job")).unwrap(), facts);
    assert!(!journal.exists());
}

#[test]
fn a_state_in_another_journal_mode_is_refused_with_the_way_back() {
    let (folder, path) = scratch();
    let facts = make(&path);
    alter(&path, "PRAGMA journal_mode = WAL");
    assert!(refused(&path).contains("set it back with \"PRAGMA journal_mode = DELETE\""));
    assert!(!folder.path().join("state.db-shm").exists());
    alter(&path, "PRAGMA journal_mode = DELETE");
    assert_eq!(Store::read(&path).unwrap().load(&question("job")).unwrap(), facts);
}

#[test]
fn a_bookmark_that_cannot_be_is_damage_and_no_panic() {
    for (sql, said) in [
        ("UPDATE log_files SET read_to = -1", "a log was read to byte -1"),
        ("UPDATE log_files SET read_to = 4", "more is known of a log than was read of it"),
        ("UPDATE log_files SET tail = zeroblob(6)", "more is known of a log than was read of it"),
        ("UPDATE log_counters SET value = -7", "-7 of something were counted"),
        ("UPDATE logs SET told = x'00'", "cut short"),
    ] {
        let (_folder, path) = scratch();
        let file = FileMark { device: 1, inode: 2, head: vec![3; 5], tail: vec![4; 5], read_to: 5 };
        let mark = Bookmark {
            log: b"/log".to_vec(),
            files: vec![file],
            counters: vec![("lines".to_owned(), 7)],
            ..Bookmark::default()
        };
        let mut store = Store::open(&path).unwrap();
        store.save_at(&[], &[], &[], &mark, Outgoing::default()).unwrap();
        assert_eq!(store.bookmark(b"/log").unwrap(), Some(mark));
        alter(&path, sql);
        let error = store.bookmark(b"/log").unwrap_err().to_string();
        assert!(error.contains("is damaged: ") && error.contains(said), "{sql}: {error}");
    }
}

#[test]
fn a_state_of_the_first_version_is_read_as_it_is_and_brought_up_to_learn() {
    let (_folder, path) = scratch();
    let (facts, question) = (make(&path), question("job"));
    let added = ["undelivered", "outputs", "told_early", "unjudged", "log_counters", "log_files"];
    for table in added.into_iter().chain(["logs", "outbox", "outbox_lost", "told_alerts"]) {
        alter(&path, &format!("DROP TABLE {table}"));
    }
    alter(&path, "PRAGMA user_version = 1");
    let mut read = Store::read(&path).unwrap();
    assert_eq!(read.load(&question).unwrap(), facts);
    assert!(read.logs().unwrap().is_empty() && read.bookmark(b"/log").unwrap().is_none());
    assert!(read.lost().unwrap().is_empty() && read.backlogs().unwrap().is_empty());
    drop(read);
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.load(&question).unwrap(), facts);
    let mark =
        Bookmark { log: b"/log".to_vec(), saved: 7, told: vec![1, 2], ..Bookmark::default() };
    store.save_at(&[&facts], &[], &[], &mark, Outgoing::default()).unwrap();
    assert_eq!(store.bookmark(b"/log").unwrap(), Some(mark));
    assert_eq!(store.logs().unwrap(), [b"/log"]);
}

#[test]
fn what_a_state_of_the_second_version_has_of_alerts_counts_as_told() {
    let (_folder, path) = scratch();
    make(&path);
    let mut store = Store::open(&path).unwrap();
    let mark = Bookmark { log: b"/log".to_vec(), saved: 7, ..Bookmark::default() };
    store.save(&[], &[alert("stored", 50.0)]).unwrap();
    store.save_at(&[], &[alert("told", 50.0)], &[], &mark, Outgoing::default()).unwrap();
    let told =
        |store: &Store| ["told", "stored", "other"].map(|id| store.is_told(b"/log", id).unwrap());
    assert_eq!(told(&store), [true, false, false]);
    assert!(!store.is_told(b"/other", "told").unwrap());
    drop(store);
    alter(&path, "DROP TABLE told_alerts; ALTER TABLE outputs DROP COLUMN tail");
    alter(&path, "PRAGMA user_version = 2");
    assert_eq!(told(&Store::read(&path).unwrap()), [false; 3]);
    assert_eq!(told(&Store::open(&path).unwrap()), [true, true, false]);
}
