use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::deliver::Fate;

fn letter(id: &str) -> Letter {
    Letter {
        id: id.to_owned(),
        time: 0,
        severity: 21,
        score: 50.0,
        sentence: String::new(),
        document: format!(
            "{{\"@timestamp\":\"2026\",\"event.id\":\"{id}\",\"oddsock.why\":\"{id}\"}}"
        ),
    }
}

fn letters(ids: &str) -> Vec<Letter> {
    ids.split(' ').map(letter).collect()
}

/// The ids in a file, each line of which is whole.
fn ids(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let id = |line: &str| match serde_json::from_str::<serde_json::Value>(line) {
        Ok(document) => document["event.id"].as_str().unwrap().to_owned(),
        Err(_) => format!("[{line}]"),
    };
    text.lines().map(id).collect::<Vec<_>>().join(" ")
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("alerts.ndjson");
    (folder, path)
}

fn carried(file: &mut AlertFile, wanted: &str) {
    let letters = letters(wanted);
    assert_eq!(file.carry(&letters, 0), Outcome::taken(letters.len()));
}

#[test]
fn what_was_written_before_a_kill_is_not_written_again() {
    let (_folder, path) = place();
    carried(&mut AlertFile::open(&path).unwrap(), "a b");
    carried(&mut AlertFile::open(&path).unwrap(), "a b c");
    assert_eq!(ids(&path), "a b c");
}

#[test]
fn a_line_that_was_cut_off_at_any_byte_is_written_whole() {
    let (_folder, path) = place();
    carried(&mut AlertFile::open(&path).unwrap(), "a b");
    let whole = std::fs::read(&path).unwrap();
    for end in 0..=whole.len() {
        std::fs::write(&path, &whole[..end]).unwrap();
        carried(&mut AlertFile::open(&path).unwrap(), "a b c");
        assert_eq!(ids(&path), "a b c", "cut at {end}");
    }
}

#[test]
fn a_last_line_that_is_somebody_elses_is_left_alone() {
    let (_folder, path) = place();
    std::fs::write(&path, "my notes").unwrap();
    carried(&mut AlertFile::open(&path).unwrap(), "a");
    assert_eq!(ids(&path), "[my notes] a");
}

#[test]
fn what_somebody_has_written_without_an_end_is_kept_whatever_it_looks_like() {
    const OURS: &str = "{\"@timestamp\":\"2026-08-14T10:15:00.000Z\",\"ecs.version\":\"8";
    for theirs in [
        "{\"my\":\"settings, one line, no newline\"}".to_owned(),
        "{\"my\":\"settings, cut".to_owned(),
        "{\"event.id\":\"x\"".to_owned(),
        "{\"@timestamp\":\"2026-08-14T10:15:00.000Z\",\"log.level\":\"in".to_owned(),
        "{\"@timestamp\":\"yesterday\",\"ecs.version\":\"".to_owned(),
        // An alert that was written whole, by an editor that ends no last line.
        format!("{OURS}.17.0\"}}"),
    ] {
        let (_folder, path) = place();
        std::fs::write(&path, format!("mine\n{theirs}")).unwrap();
        carried(&mut AlertFile::open(&path).unwrap(), "a");
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, format!("mine\n{theirs}\n{}\n", letter("a").document));
    }
    // The nearest neighbour: an alert that was cut off, and that nobody has in hand any more.
    let (_folder, path) = place();
    std::fs::write(&path, format!("mine\n{OURS}")).unwrap();
    carried(&mut AlertFile::open(&path).unwrap(), "a");
    assert_eq!(ids(&path), "[mine] a");
}

#[test]
fn an_id_that_evidence_mentions_is_not_taken_for_an_alert() {
    let (_folder, path) = place();
    let mut other = letter("x");
    other.document =
        r#"{"event.id":"x","oddsock.evidence":[{"event.id":"a"}],"w":"\"event.id\":\"b\""}"#
            .to_owned();
    let mut file = AlertFile::open(&path).unwrap();
    assert_eq!(file.carry(&[other], 0).fates, [Fate::Taken]);
    file.reopen();
    carried(&mut file, "a b");
    assert_eq!(ids(&path), "x a b");
}

#[test]
fn after_a_rotation_lines_go_to_the_new_file_told_or_not() {
    let (_folder, path) = place();
    let mut file = AlertFile::open(&path).unwrap();
    carried(&mut file, "a");
    std::fs::rename(&path, path.with_extension("ndjson.1")).unwrap();
    file.reopen();
    assert_eq!(ids(&path), "");
    carried(&mut file, "b");
    std::fs::rename(&path, path.with_extension("ndjson.2")).unwrap();
    carried(&mut file, "c");
    std::fs::remove_file(&path).unwrap();
    carried(&mut file, "d");
    assert_eq!(ids(&path), "d");
    assert_eq!(ids(&path.with_extension("ndjson.1")), "a");
}

#[test]
fn what_a_kill_and_a_rotation_left_in_the_old_file_is_not_written_to_the_new() {
    let (_folder, path) = place();
    carried(&mut AlertFile::open(&path).unwrap(), "a b");
    std::fs::rename(&path, path.with_extension("ndjson.1")).unwrap();
    carried(&mut AlertFile::open(&path).unwrap(), "a b c");
    assert_eq!(ids(&path), "c");
}

#[test]
fn two_do_not_write_to_one_file_and_what_is_no_file_is_refused() {
    let (folder, path) = place();
    let first = AlertFile::open(&path).unwrap();
    let told = AlertFile::open(&path).err().unwrap();
    let Hindrance::Passing(told) = told else { panic!("the first will end: {told}") };
    assert!(told.ends_with("another oddsock writes to it."), "{told}");
    drop(first);
    AlertFile::open(&path).unwrap();
    assert!(AlertFile::open(folder.path()).is_err());
    let no_file = AlertFile::open(Path::new("/dev/null"));
    assert!(matches!(no_file, Err(Hindrance::Lasting(_))), "it never will be one");
    assert!(AlertFile::open(&folder.path().join("not there/alerts")).is_err());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
    let Some(Hindrance::Lasting(told)) = AlertFile::open(&link).err() else { panic!("a link") };
    assert!(told.ends_with(": it is a symbolic link; name the file itself."), "{told}");
    let in_a_linked_folder = folder.path().join("linked");
    std::os::unix::fs::symlink(folder.path(), &in_a_linked_folder).unwrap();
    AlertFile::open(&in_a_linked_folder.join("alerts.ndjson")).unwrap();
}

#[test]
fn others_than_owner_and_group_cannot_read_it() {
    let (_folder, path) = place();
    AlertFile::open(&path).unwrap();
    assert_eq!(path.metadata().unwrap().mode() & 0o137, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Batches, kills that cut what was written anywhere, and reopening, in any order: what was
    /// handed out until it was taken is there once.
    #[test]
    fn each_letter_is_there_once_whatever_happens(
        steps in prop::collection::vec((1..5_usize, 0..200_usize, 0..4_u8), 1..12)
    ) {
        let (_folder, path) = place();
        let mut file = AlertFile::open(&path).unwrap();
        let mut number = 0;
        for (size, cut, what) in steps {
            let batch: Vec<Letter> =
                (number..number + size).map(|n| letter(&format!("{n:04}"))).collect();
            number += size;
            let before = path.metadata().unwrap().len();
            prop_assert_eq!(file.carry(&batch, 0), Outcome::taken(size));
            if what < 3 {
                // Killed before the office knew; some of it may not have reached the disk.
                drop(file);
                let after = path.metadata().unwrap().len();
                let left = after.saturating_sub(cut as u64).max(before);
                std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(left).unwrap();
                file = AlertFile::open(&path).unwrap();
                prop_assert_eq!(file.carry(&batch, 0), Outcome::taken(size));
            } else {
                file.reopen();
            }
        }
        let expected: Vec<String> = (0..number).map(|n| format!("{n:04}")).collect();
        prop_assert_eq!(ids(&path), expected.join(" "));
    }
}
