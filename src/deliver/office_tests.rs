use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread::sleep;

use proptest::prelude::*;

use super::*;
use crate::deliver::{Needs, Trouble};

/// What a destination has been told, and what it does next.
#[derive(Default)]
struct Inner {
    taken: Vec<String>,
    /// One for each batch; when there is none left, it takes everything.
    plan: Vec<Mood>,
}

#[derive(Clone, Copy, Debug)]
enum Mood {
    /// Takes this many, and then fails.
    Fails(usize),
    /// Takes all, and does not get to say so.
    Silent,
    /// Refuses every second.
    Picky,
    /// Does not come back.
    Panics,
    /// Never answers.
    Hangs,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Inner>>);

impl Fake {
    fn new(plan: &[Mood]) -> Fake {
        let plan = plan.iter().rev().copied().collect();
        Fake(Arc::new(Mutex::new(Inner { plan, taken: Vec::new() })))
    }

    fn destination(&self, key: &str) -> Destination {
        Destination {
            key: key.to_owned(),
            name: format!("the {key}"),
            needs: Needs::default(),
            carrier: Box::new(self.clone()),
        }
    }

    fn taken(&self) -> Vec<String> {
        self.0.lock().unwrap().taken.clone()
    }
}

impl Carrier for Fake {
    fn carry(&mut self, letters: &[Letter], _now: u64) -> Outcome {
        let mood = self.0.lock().unwrap().plan.pop();
        let ids: Vec<String> = letters.iter().map(|letter| letter.id.clone()).collect();
        let take = |number: usize| {
            self.0.lock().unwrap().taken.extend_from_slice(&ids[..number.min(ids.len())]);
        };
        match mood {
            None => {
                take(ids.len());
                Outcome::taken(ids.len())
            }
            Some(Mood::Fails(number)) => {
                take(number);
                Outcome::trouble(number.min(ids.len()), "it is busy")
            }
            Some(Mood::Silent) => {
                take(ids.len());
                Outcome::trouble(0, "the answer was lost")
            }
            Some(Mood::Picky) => {
                let mut fates = Vec::new();
                for (index, id) in ids.iter().enumerate() {
                    if index % 2 == 0 {
                        self.0.lock().unwrap().taken.push(id.clone());
                        fates.push(Fate::Taken);
                    } else {
                        fates.push(Fate::Refused("not this one".to_owned()));
                    }
                }
                Outcome { fates, trouble: None }
            }
            Some(Mood::Panics) => panic!("on purpose"),
            Some(Mood::Hangs) => loop {
                sleep(Duration::from_secs(3600));
            },
        }
    }
}

fn letters(range: std::ops::Range<usize>) -> Vec<Letter> {
    let letter = |number: usize| Letter {
        id: format!("{number:04}"),
        time: 0,
        severity: 21,
        score: 50.0,
        sentence: "unusual".to_owned(),
        document: format!("{{\"event.id\":\"{number:04}\"}}"),
    };
    range.map(letter).collect()
}

struct Scene {
    _folder: tempfile::TempDir,
    store: Store,
    office: Office,
    now: u64,
}

impl Scene {
    fn new(destinations: Vec<Destination>) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state")).unwrap();
        let mut office = Office::new(destinations);
        office.start().unwrap();
        Scene { _folder: folder, store, office, now: 1_000_000 }
    }

    fn post(&mut self, letters: &[Letter]) {
        self.store.post(self.office.keys(), letters, Room::default()).unwrap();
    }

    /// Lets as much time pass as any pause takes, and says what was said.
    fn wait(&mut self) -> Vec<String> {
        self.now += 7 * 3_600_000;
        self.office.finish(&mut self.store, &|| at(self.now), Duration::from_secs(10)).unwrap()
    }

    fn backlog(&self) -> u64 {
        self.store.backlogs().unwrap().iter().map(|backlog| backlog.letters).sum()
    }
}

/// When two clocks agree.
fn at(millis: u64) -> Now {
    Now { clock: millis, goes_on: millis }
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("{number:04}")).collect()
}

#[test]
fn letters_are_taken_in_their_order_and_leave_the_outbox() {
    let fake = Fake::default();
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..600));
    assert!(scene.wait().is_empty());
    assert_eq!(fake.taken(), numbers(0..600));
    assert_eq!(scene.backlog(), 0);
    let counts = scene.office.counts().next().unwrap();
    assert_eq!((counts.taken, counts.failures), (600, 0));
}

#[test]
fn a_destination_in_trouble_is_spoken_of_once_and_has_everything_in_the_end() {
    let fake = Fake::new(&[Mood::Fails(0), Mood::Fails(1), Mood::Fails(0)]);
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..3));
    let told = scene.wait();
    assert_eq!(told, ["the post takes no alerts now: it is busy. They are kept."]);
    assert!(scene.office.counts().next().unwrap().is_in_trouble);
    assert_eq!(scene.backlog(), 3);
    assert!(scene.wait().is_empty());
    assert_eq!(scene.backlog(), 2);
    assert!(scene.wait().is_empty());
    assert_eq!(scene.wait(), ["the post takes alerts again."]);
    assert_eq!((scene.backlog(), fake.taken()), (0, numbers(0..3)));
}

#[test]
fn it_is_not_asked_again_before_its_pause_is_over() {
    let fake = Fake::new(&[Mood::Fails(0)]);
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..1));
    scene.wait();
    for _ in 0..3 {
        scene
            .office
            .finish(&mut scene.store, &|| at(scene.now + 400), Duration::from_secs(1))
            .unwrap();
    }
    assert!(fake.taken().is_empty());
    scene
        .office
        .finish(&mut scene.store, &|| at(scene.now + 1001), Duration::from_secs(9))
        .unwrap();
    assert_eq!(fake.taken(), numbers(0..1));
}

#[test]
fn a_clock_that_was_ten_years_ahead_and_is_set_makes_no_pause_of_ten_years() {
    const YEARS: u64 = 10 * 366 * 86_400_000;
    let fake = Fake::new(&[Mood::Fails(0), Mood::Picky]);
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..4));
    let mut turn = |clock, goes_on| {
        let now = Now { clock, goes_on };
        scene.office.finish(&mut scene.store, &|| now, Duration::from_secs(9)).unwrap()
    };
    // Nothing is taken; then every second letter is refused for itself.
    turn(YEARS, 1000);
    turn(YEARS, 10_000);
    assert_eq!(fake.taken(), ["0000", "0002"]);
    // The clock is set, and both the destination and the letters have their try.
    turn(5000, 20_000);
    assert_eq!(fake.taken(), ["0000", "0002", "0001", "0003"]);
}

#[test]
fn a_pause_is_not_over_because_the_clock_was_set_ahead() {
    let fake = Fake::new(&[Mood::Fails(0)]);
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..1));
    for (clock, goes_on) in [(1000, 1000), (1000 + 3_600_000, 1400)] {
        let now = Now { clock, goes_on };
        scene.office.finish(&mut scene.store, &|| now, Duration::from_secs(1)).unwrap();
    }
    assert!(fake.taken().is_empty());
}

#[test]
fn a_letter_that_is_refused_keeps_none_of_the_others_and_is_kept_itself() {
    let fake = Fake::new(&[Mood::Picky]);
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..4));
    let told = scene.wait();
    assert_eq!(told, ["the post refuses the alert 0001: not this one. It is kept, and 1 more."]);
    assert_eq!((told.len(), fake.taken()), (1, vec!["0000".to_owned(), "0002".to_owned()]));
    assert_eq!(scene.backlog(), 2);
    scene.wait();
    assert_eq!(scene.backlog(), 0);
}

#[test]
fn one_that_hangs_or_dies_stops_neither_the_caller_nor_the_others() {
    let (hangs, dies, lives) =
        (Fake::new(&[Mood::Hangs]), Fake::new(&[Mood::Panics]), Fake::default());
    let mut scene = Scene::new(vec![
        hangs.destination("hangs"),
        dies.destination("dies"),
        lives.destination("lives"),
    ]);
    scene.post(&letters(0..2));
    scene.office.turn(&mut scene.store, at(1)).unwrap();
    // A busy machine takes its time to end a thread; the one that hangs has every wait last.
    let wait = Duration::from_millis(500);
    let mut waits = (0..40).map(|_| scene.office.finish(&mut scene.store, &|| at(1), wait));
    let told = waits.find_map(|told| Some(told.unwrap()).filter(|told| !told.is_empty()));
    let told = told.unwrap_or_default();
    assert_eq!(told, ["the dies gets nothing more: its thread has ended."]);
    assert_eq!(lives.taken(), numbers(0..2));
    assert_eq!(scene.backlog(), 4, "what the others did not take is kept");
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![(0..9_usize).prop_map(Mood::Fails), Just(Mood::Silent), Just(Mood::Picky),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Failures, lost answers, refusals and restarts in any order: each letter arrives at least
    /// once, in the file exactly once, and nothing is left over.
    #[test]
    fn any_order_of_failures_delivers_each_letter(
        moods in prop::collection::vec(mood(), 0..8),
        steps in prop::collection::vec((1..9_usize, any::<bool>()), 1..8),
    ) {
        let fake = Fake::new(&moods);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts");
        let open = || {
            vec![fake.destination("post"), crate::deliver::file(&path).unwrap()]
        };
        let mut scene = Scene::new(open());
        let mut number = 0;
        for (size, is_killed) in steps {
            scene.post(&letters(number..number + size));
            number += size;
            scene.now += 500;
            scene.office.turn(&mut scene.store, at(scene.now)).unwrap();
            if is_killed {
                // What the threads are doing now nobody will hear of.
                scene.office.desks.clear();
                while scene.office.reports.recv_timeout(Duration::from_millis(500)).is_ok_and(
                    |report| report.outcome.is_some()
                ) {}
                let opened = loop {
                    match crate::deliver::file(&path) {
                        Ok(file) => break file,
                        Err(_) => sleep(Duration::from_millis(5)),
                    }
                };
                scene.office = Office::new(vec![fake.destination("post"), opened]);
                scene.office.start().unwrap();
            }
        }
        for _ in 0..20 {
            scene.wait();
        }
        prop_assert_eq!(scene.backlog(), 0);
        let mut times: HashMap<String, u32> = HashMap::new();
        fake.taken().into_iter().for_each(|id| *times.entry(id).or_default() += 1);
        let missing: Vec<String> =
            numbers(0..number).into_iter().filter(|id| !times.contains_key(id)).collect();
        prop_assert!(missing.is_empty(), "{:?}", missing);
        let expected: String =
            letters(0..number).iter().map(|letter| letter.document.clone() + "\n").collect();
        prop_assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }
}

#[test]
fn a_trouble_that_names_a_pause_is_heeded() {
    let mut desk = Desk::new(Fake::default().destination("post"));
    let trouble = Trouble { what: "busy".to_owned(), wait: Some(Duration::from_secs(90)) };
    let outcome = Outcome { fates: Vec::new(), trouble: Some(trouble) };
    desk.note(outcome, at(1000), &mut Vec::new(), &mut Vec::new());
    assert_eq!(desk.rests_until, 91_000);
}

#[test]
fn what_is_lost_is_said_and_what_waits_for_nobody_too() {
    let mut scene = Scene::new(vec![Fake::new(&[Mood::Hangs]).destination("post")]);
    scene.store.post(&["syslog".to_owned()], &letters(0..3), Room::default()).unwrap();
    let told = scene.office.turn(&mut scene.store, at(1)).unwrap();
    assert_eq!(
        told,
        ["3 alerts wait for syslog, which is not among the outputs now. They are kept."]
    );
    assert!(scene.office.turn(&mut scene.store, at(1)).unwrap().is_empty());
    let room = Room { letters: 2, bytes: 1 << 20 };
    scene.store.post(scene.office.keys(), &letters(0..5), room).unwrap();
    let told = scene.office.turn(&mut scene.store, at(1)).unwrap();
    assert_eq!(told, ["the 3 oldest alerts for post are lost: too many wait for it."]);
    assert!(scene.office.turn(&mut scene.store, at(1)).unwrap().is_empty());
}

#[test]
fn who_ends_is_kept_no_longer_than_the_patience_by_the_clock_however_much_waits() {
    let fake = Fake::default();
    let mut scene = Scene::new(vec![fake.destination("post")]);
    scene.post(&letters(0..2000));
    let time = std::cell::Cell::new(0);
    let clock = || {
        time.set(time.get() + 400);
        at(time.get())
    };
    scene.office.finish(&mut scene.store, &clock, Duration::from_secs(1)).unwrap();
    assert_eq!(fake.taken().len() as u64 + scene.backlog(), 2000, "what was taken is noted");
    assert!((256..2000).contains(&fake.taken().len()), "{}", fake.taken().len());
}
