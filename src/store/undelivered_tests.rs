use super::*;
use crate::store::{Bookmark, Outgoing, Store, StoredAlert};

const DAY: u64 = 86_400_000;

fn alert(id: &str, bucket_start: u64) -> StoredAlert {
    StoredAlert {
        id: id.to_owned(),
        rule: "rule".to_owned(),
        function: "rare".to_owned(),
        bucket_start,
        partition: None,
        values: vec![b"nc".to_vec()],
        score: 50.0,
        probability: 0.1,
        document: String::new(),
        first_stored: 7,
    }
}

/// A state with alerts of these days, of which each is still to be told.
fn state(days: std::ops::Range<u64>) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("state")).unwrap();
    let made: Vec<StoredAlert> = days.map(|day| alert(&day.to_string(), day * DAY)).collect();
    let shown: Vec<Undelivered> =
        made.iter().map(|alert| (alert.id.clone(), alert.id.clone().into_bytes())).collect();
    let mark = Bookmark { log: b"log".to_vec(), ..Bookmark::default() };
    store.save_at(&[], &made, &shown, &mark, Outgoing::default()).unwrap();
    (folder, store)
}

fn waiting(store: &Store) -> Vec<String> {
    store.undelivered().unwrap().into_iter().map(|(id, _)| id).collect()
}

#[test]
fn what_cannot_be_written_has_as_much_room_as_the_outbox_and_the_oldest_leave_first() {
    let (_folder, mut store) = state(1..6);
    make_room(&store.connection, Room { letters: 4, bytes: 3 }).unwrap();
    assert_eq!(waiting(&store), ["3", "4", "5"]);
    let backlogs = store.backlogs().unwrap();
    let told = &backlogs[0];
    assert_eq!((told.destination.as_str(), told.letters, told.bytes), (STANDARD_OUTPUT, 3, 3));
    assert_eq!((told.lost, told.oldest), (2, 3 * DAY));
    store.delivered(&["3", "4", "5", "no"].map(str::to_owned)).unwrap();
    assert!(waiting(&store).is_empty());
    assert_eq!(store.lost().unwrap(), [(STANDARD_OUTPUT.to_owned(), 2)]);
}

#[test]
fn of_what_waits_as_much_is_read_as_there_is_room_for() {
    let (_folder, store) = state(1..6);
    let read = |bytes| store.first_undelivered(bytes).unwrap().len();
    assert_eq!([read(0), read(1), read(3), read(99)], [0, 1, 3, 5]);
}

#[test]
fn alerts_are_forgotten_with_what_they_were_made_of_but_those_that_nobody_has_seen() {
    let (_folder, mut store) = state(1..6);
    store.delivered(&["1", "3", "4", "5"].map(str::to_owned)).unwrap();
    store.forget_alerts(4 * DAY).unwrap();
    let mut left = Vec::new();
    store.alerts(&mut |alert| left.push(alert.id)).unwrap();
    assert_eq!(left, ["2", "4", "5"]);
    assert_eq!(waiting(&store), ["2"]);
    assert!(store.alert("3").unwrap().is_none());
}
