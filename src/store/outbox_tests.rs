use super::*;

fn letter(id: &str, bytes: usize) -> Letter {
    Letter {
        id: id.to_owned(),
        time: 7,
        severity: 21,
        score: 50.0,
        sentence: "s".repeat(bytes - id.len()),
        document: String::new(),
    }
}

fn place() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("state")).unwrap();
    (folder, store)
}

fn ids(waiting: &[Waiting]) -> Vec<&str> {
    waiting.iter().map(|waiting| &*waiting.letter.id).collect()
}

#[test]
fn what_waits_comes_out_as_it_went_in_oldest_first_and_for_its_destination_only() {
    let (_folder, mut store) = place();
    let letters = [letter("b", 9), letter("a", 9)];
    store.post(&["file".to_owned(), "post".to_owned()], &letters, Room::default()).unwrap();
    store.post(&["post".to_owned()], &[letter("0", 9)], Room::default()).unwrap();
    let waiting = store.waiting("file", 0, Room::default()).unwrap();
    assert_eq!(waiting.iter().map(|w| w.letter.clone()).collect::<Vec<_>>(), letters);
    assert_eq!(ids(&store.waiting("post", 0, Room::default()).unwrap()), ["b", "a", "0"]);
    assert!(store.waiting("fil", 0, Room::default()).unwrap().is_empty());
}

#[test]
fn a_letter_that_waits_already_waits_once() {
    let (_folder, mut store) = place();
    for bytes in [5, 9] {
        store.post(&["file".to_owned()], &[letter("a", bytes)], Room::default()).unwrap();
    }
    let waiting = store.waiting("file", 0, Room::default()).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].letter, letter("a", 5));
}

#[test]
fn a_letter_that_was_taken_is_gone_and_one_that_was_refused_waits_for_its_time() {
    let (_folder, mut store) = place();
    store.post(&["x".to_owned()], &[letter("a", 5), letter("b", 5)], Room::default()).unwrap();
    let waiting = store.waiting("x", 0, Room::default()).unwrap();
    store
        .settle(&[
            Settled { place: waiting[0].place, again: None },
            Settled { place: waiting[1].place, again: Some(1000) },
        ])
        .unwrap();
    assert!(store.waiting("x", 999, Room::default()).unwrap().is_empty());
    let later = store.waiting("x", 1000, Room::default()).unwrap();
    assert_eq!((ids(&later), later[0].tries), (vec!["b"], 1));
}

#[test]
fn a_letter_that_a_clock_years_ahead_has_put_off_is_due_when_the_clock_is_right() {
    let (_folder, mut store) = place();
    store.post(&["x".to_owned()], &[letter("a", 5)], Room::default()).unwrap();
    let place = store.waiting("x", 0, Room::default()).unwrap()[0].place;
    let hours = |hours: u64| hours * 3_600_000;
    let is_due = |store: &Store, now| !store.waiting("x", now, Room::default()).unwrap().is_empty();
    store.settle(&[Settled { place, again: Some(hours(100_000)) }]).unwrap();
    assert!(is_due(&store, hours(50)) && is_due(&store, hours(100_000)));
    assert!(!is_due(&store, hours(99_994)), "that may be a pause");
    assert!(is_due(&store, hours(99_994) - 1), "no pause is so long");
}

#[test]
fn the_oldest_leave_when_too_many_wait_or_too_much_and_it_is_counted() {
    let (_folder, mut store) = place();
    let destination = ["x".to_owned()];
    let room = Room { letters: 3, bytes: 1000 };
    for id in ["a", "b", "c", "d", "e"] {
        store.post(&destination, &[letter(id, 10)], room).unwrap();
    }
    assert_eq!(ids(&store.waiting("x", 0, Room::default()).unwrap()), ["c", "d", "e"]);
    store.post(&destination, &[letter("f", 985)], room).unwrap();
    assert_eq!(ids(&store.waiting("x", 0, Room::default()).unwrap()), ["e", "f"]);
    let backlog =
        Backlog { destination: "x".to_owned(), letters: 2, bytes: 995, lost: 4, oldest: 7 };
    assert_eq!(store.backlogs().unwrap(), [backlog]);
    assert_eq!(store.lost().unwrap(), [("x".to_owned(), 4)]);
}

#[test]
fn the_first_leave_for_the_last_to_have_room() {
    let sizes = [4_u64, 1, 1, 3, 2];
    for (letters, bytes, leave) in [
        (9, 99, 0),
        (5, 11, 0),
        (4, 99, 1),
        (9, 10, 1),
        (9, 6, 2),
        (9, 5, 3),
        (0, 99, 5),
        (9, 1, 5),
    ] {
        assert_eq!(Room { letters, bytes }.leave(sizes.into_iter()), leave, "{letters} {bytes}");
    }
}

#[test]
fn as_much_is_handed_out_as_was_asked_for_and_one_at_least() {
    let (_folder, mut store) = place();
    let letters = [letter("a", 50), letter("b", 50), letter("c", 50)];
    store.post(&["x".to_owned()], &letters, Room::default()).unwrap();
    let handed =
        |letters, bytes| ids(&store.waiting("x", 0, Room { letters, bytes }).unwrap()).join("");
    assert_eq!(handed(2, 1000), "ab");
    assert_eq!(handed(9, 100), "ab");
    assert_eq!(handed(9, 1), "a");
    assert_eq!(handed(0, 0), "a");
}

#[test]
fn what_waits_is_there_after_a_restart() {
    let (folder, mut store) = place();
    store.post(&["x".to_owned()], &[letter("a", 5)], Room::default()).unwrap();
    drop(store);
    let store = Store::open(&folder.path().join("state")).unwrap();
    assert_eq!(ids(&store.waiting("x", 0, Room::default()).unwrap()), ["a"]);
}
