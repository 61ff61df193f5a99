//! The state file: what is saved is what is loaded, and states join as ledgers do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use oddsock::engine::{Ledger, Novelty, Observation, Question, Span};
use oddsock::store::{Store, StoreError, StoredAlert};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::shared::project;

/// A question over everything; what is named so has two influencers.
pub fn question(name: &str) -> Question {
    Question {
        name: name.to_owned(),
        by: "process.name".to_owned(),
        partition: None,
        influencers: vec!["host.name".to_owned(), "user.name".to_owned()],
        span: Span::minutes(15),
        novelty: Novelty::Any,
    }
}

/// A folder that vanishes, and a path in it.
pub fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.db");
    (folder, path)
}

/// An observation that owns what it is made of.
#[derive(Clone, Debug)]
pub struct Seen {
    pub quarter: u64,
    pub id: u64,
    pub host: u8,
    pub partition: Option<u8>,
    pub value: Vec<u8>,
    pub user: Option<u8>,
}

impl Seen {
    pub fn value(quarter: u64, value: &str) -> Seen {
        let value = value.as_bytes().to_vec();
        Seen { quarter, id: quarter, host: b'a', partition: None, value, user: Some(b'r') }
    }
}

pub fn note(ledger: &mut Ledger, seen: &Seen) {
    let (host, user) = ([seen.host], seen.user.map(|user| [user]));
    let partition = seen.partition.map(|partition| [partition]);
    ledger.note(&Observation {
        time: seen.quarter * 900_000 + seen.id % 900_000,
        id: seen.id.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        origin: &host,
        partition: partition.as_ref().map(|partition| &partition[..]),
        value: &seen.value,
        influences: &[Some(&host), user.as_ref().map(|user| &user[..])],
        evidence: &|| format!("{{\"event\":{}}}", seen.id).into_bytes().into(),
    });
}

pub fn ledger(name: &str, seen: &[Seen]) -> Ledger {
    let mut ledger = Ledger::new(question(name));
    seen.iter().for_each(|seen| note(&mut ledger, seen));
    ledger
}

pub fn alert(id: &str, score: f64) -> StoredAlert {
    StoredAlert {
        id: id.to_owned(),
        rule: "unusual".to_owned(),
        function: "burst".to_owned(),
        bucket_start: 1_763_900_100_000,
        partition: Some(b"web\xff".to_vec()),
        values: vec![b"nc".to_vec(), b"\0\x1b[2J'; DROP TABLE jobs; --".to_vec()],
        score,
        probability: 1e-9,
        document: format!("{{\"id\":{id:?},\"score\":{score}}}"),
        first_stored: 1_763_900_200_000,
    }
}

fn alerts(store: &Store) -> Vec<StoredAlert> {
    let mut all = Vec::new();
    store.alerts(&mut |alert| all.push(alert)).expect("alerts");
    all
}

fn saved(path: &Path, ledgers: &[&Ledger], alerts: &[StoredAlert]) {
    Store::open(path).expect("a new state").save(ledgers, alerts).expect("saved");
}

fn seen() -> impl Strategy<Value = Seen> {
    let value = prop_oneof![
        3 => (0_u8..4).prop_map(|n| format!("tool{n}").into_bytes()),
        1 => vec(any::<u8>(), 0..4),
    ];
    let partition = proptest::option::of(0_u8..3);
    let quarter = prop_oneof![4 => 0_u64..90, 1 => 0_u64..4_000_000, 1 => Just(u64::MAX / 900_001)];
    (quarter, 0_u64..200, any::<u8>(), partition, value, proptest::option::of(0_u8..40)).prop_map(
        |(quarter, id, host, partition, value, user)| Seen {
            quarter,
            id,
            host,
            partition,
            value,
            user,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_loaded_is_what_was_saved(
        first in vec(seen(), 0..200),
        then in vec(seen(), 0..60),
    ) {
        let (_folder, path) = scratch();
        let (mut own, other) = (ledger("own", &first), ledger("other", &then));
        let mut store = Store::open(&path).expect("a new state");
        store.save(&[&own, &other], &[]).expect("saved");
        prop_assert_eq!(&store.load(&question("own")).expect("loaded"), &own);

        // What is learnt on top is saved by what has changed, and what is forgotten leaves.
        for seen in &then {
            note(&mut own, seen);
        }
        own.forget(|subject| subject.value.first() == Some(&b'\0'));
        store.save(&[&own], &[]).expect("saved again");
        drop(store);
        let mut store = Store::read(&path).expect("a state");
        prop_assert_eq!(&store.load(&question("own")).expect("loaded"), &own);
        prop_assert_eq!(&store.load(&question("other")).expect("loaded"), &other);
        prop_assert_eq!(store.load(&question("own")).expect("loaded").weight() > 0, true);
    }

    #[test]
    fn states_are_joined_as_ledgers_are_in_any_order_and_twice(
        a in vec(seen(), 0..120),
        b in vec(seen(), 0..120),
    ) {
        let (folder, path) = scratch();
        let other = folder.path().join("other.db");
        let (ours, theirs) = (ledger("job", &a), ledger("job", &b));
        saved(&path, &[&ours], &[alert("both", 70.0), alert("a", 60.0)]);
        saved(&other, &[&theirs], &[alert("both", 80.0), alert("b", 60.0)]);
        let mut joined = ours.clone();
        joined.absorb(&theirs);

        let mut store = Store::open(&path).expect("a state");
        store.merge(&other).expect("joined");
        prop_assert_eq!(&store.load(&question("job")).expect("loaded"), &joined);
        store.merge(&other).expect("joined twice");
        store.merge(&path).expect("joined with itself");
        prop_assert_eq!(&store.load(&question("job")).expect("loaded"), &joined);

        let ids: Vec<_> = alerts(&store).into_iter().map(|alert| (alert.id, alert.score)).collect();
        let wanted = [("a", 60.0), ("b", 60.0), ("both", 80.0)];
        prop_assert_eq!(ids, wanted.map(|(id, score)| (id.to_owned(), score)));

        let mut reverse = Store::open(&other).expect("a state");
        reverse.merge(&path).expect("joined the other way");
        prop_assert_eq!(&reverse.load(&question("job")).expect("loaded"), &joined);
        prop_assert_eq!(alerts(&reverse), alerts(&store));
    }
}

#[test]
fn an_alert_is_found_by_its_name_and_keeps_the_time_it_was_stored_first() {
    let (_folder, path) = scratch();
    let mut store = Store::open(&path).unwrap();
    store.save(&[], &[alert("0011", 51.0)]).unwrap();
    let later = StoredAlert { first_stored: 1_999_999_999_999, ..alert("0011", 62.5) };
    store.save(&[], &[later.clone(), alert("'--", 50.0)]).unwrap();
    let wanted = StoredAlert { first_stored: 1_763_900_200_000, ..later };
    assert_eq!(store.alert("0011").unwrap(), Some(wanted));
    assert_eq!(store.alert("0012").unwrap(), None);
    assert_eq!(alerts(&store).len(), 2);
}

#[test]
fn how_little_is_kept_and_how_much_was_forgotten_is_saved_too() {
    let (_folder, path) = scratch();
    let mut full = ledger("job", &[Seen::value(7, "curl")]);
    full.restore_retention_step(5);
    full.restore_forgotten(12);
    saved(&path, &[&full], &[]);
    let loaded = Store::read(&path).unwrap().load(&question("job")).unwrap();
    assert_eq!((loaded.retention_step(), loaded.forgotten()), (5, 12));
    assert_eq!(loaded, full);
}

#[test]
fn a_job_that_asks_something_else_now_is_told_and_not_mixed() {
    let (_folder, path) = scratch();
    saved(&path, &[&ledger("job", &[Seen::value(7, "curl")])], &[]);
    let by_hour = Question { span: Span::minutes(60), ..question("job") };
    let by_port = Question { by: "destination.port".to_owned(), ..question("job") };
    let by_host = Question { partition: Some("host.name".to_owned()), ..question("job") };
    for (changed, said) in [
        (by_hour, "the bucket span \"15m\", and the rule has \"1h\" now"),
        (by_port, "the field \"process.name\", and the rule has \"destination.port\" now"),
        (by_host, "the partition \"none\", and the rule has \"host.name\" now"),
    ] {
        let mut store = Store::open(&path).unwrap();
        let error = store.load(&changed).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        let error = store.save(&[&Ledger::new(changed)], &[alert("0011", 51.0)]).unwrap_err();
        assert!(matches!(error, StoreError::Changed { .. }), "{error}");
        assert_eq!(alerts(&store), [], "all or nothing");
    }
}

#[test]
fn an_influencer_that_a_rule_names_no_more_takes_no_other_s_place() {
    let (_folder, path) = scratch();
    let facts = ledger("job", &[Seen::value(7, "curl")]);
    saved(&path, &[&facts], &[]);
    let influencers = ["process.name", "user.name"].map(str::to_owned).to_vec();
    let asked = Question { influencers, ..question("job") };
    let loaded = Store::read(&path).unwrap().load(&asked).unwrap();
    let track = loaded.track(None, b"curl").expect("known");
    let influences = &track.details.iter().next().expect("a detail").1.influences;
    assert_eq!(influences[0].names(), [] as [&[u8]; 0]);
    assert_eq!(influences[1].names(), [b"r"]);
    let lacking = track.details.iter().next().expect("a detail").1.lacking;
    assert_eq!([0, 1].map(|place| lacking.has(place)), [true, false], "nobody looked for it");
}

#[test]
fn values_are_forgotten_where_a_condition_holds_and_nowhere_else() {
    let (_folder, path) = scratch();
    let [own, other] =
        ["own", "other"].map(|name| ledger(name, &[Seen::value(7, "curl"), Seen::value(8, "nc")]));
    saved(&path, &[&own, &other], &[alert("0011", 51.0)]);
    let mut store = Store::open(&path).unwrap();
    let gone = store.forget(|question, subject| question.name == "own" && &*subject.value == b"nc");
    assert_eq!(gone.unwrap(), 1);
    assert_eq!(store.load(&question("own")).unwrap(), ledger("own", &[Seen::value(7, "curl")]));
    assert_eq!(store.load(&question("other")).unwrap(), other);
    assert_eq!(alerts(&store).len(), 1);
    let names: BTreeSet<_> = store.questions().unwrap().into_iter().map(|q| q.name).collect();
    assert_eq!(names, BTreeSet::from(["other".to_owned(), "own".to_owned()]));
}

#[test]
fn a_copy_holds_the_same_and_is_never_written_over_anything() {
    let (folder, path) = scratch();
    let facts = ledger("job", &[Seen::value(7, "curl"), Seen::value(8, "nc")]);
    saved(&path, &[&facts], &[alert("0011", 51.0)]);
    let copy = folder.path().join("copy \u{1b}[2J'.db");
    let store = Store::read(&path).unwrap();
    store.export(&copy).unwrap();
    let mut read = Store::read(&copy).unwrap();
    assert_eq!(read.load(&question("job")).unwrap(), facts);
    assert_eq!(alerts(&read), alerts(&store));
    let error = store.export(&copy).unwrap_err();
    assert!(error.to_string().ends_with("it is there already, and is not overwritten."), "{error}");
}

/// How many pages of a file differ from those of a copy.
fn changed_pages(path: &Path, copy: &[u8]) -> usize {
    let now = std::fs::read(path).expect("a file");
    let pages = now.chunks(4096).enumerate();
    pages.filter(|(at, page)| copy.get(at * 4096..at * 4096 + page.len()) != Some(page)).count()
}

#[test]
fn a_hundred_thousand_values_are_kept_and_only_what_has_changed_is_written_again() {
    let (_folder, path) = scratch();
    let seen: Vec<Seen> =
        (0..100_000).map(|n| Seen::value(n % 2000, &format!("tool-{n}"))).collect();
    let mut facts = ledger("job", &seen);
    let start = Instant::now();
    saved(&path, &[&facts], &[]);
    let (save, start) = (start.elapsed(), Instant::now());
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.load(&question("job")).unwrap(), facts);
    let (load, start) = (start.elapsed(), Instant::now());
    let before = std::fs::read(&path).unwrap();
    note(&mut facts, &Seen::value(2001, "tool-7"));
    store.save(&[&facts], &[]).unwrap();
    eprintln!("saved in {save:?}, loaded in {load:?}, one more saved in {:?}", start.elapsed());
    assert!(changed_pages(&path, &before) < 40, "of {} pages", before.len() / 4096);
    assert_eq!(store.load(&question("job")).unwrap(), facts);
}

/// A page of the manual without its escapes.
fn page() -> String {
    let page = std::fs::read_to_string(project().join("man/oddsock-state.5")).expect("a page");
    page.replace("\\-", "-").replace("\\(aq", "'")
}

#[test]
fn the_manual_describes_every_table_and_column_and_its_queries_run() {
    let (_folder, path) = scratch();
    let facts = ledger("job", &[Seen::value(7, "nc"), Seen::value(9, "nc")]);
    saved(&path, &[&facts], &[alert("0011", 51.0)]);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let page = page();
    let sql = "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
               WHERE m.type IN ('table', 'view')";
    let mut statement = connection.prepare(sql).unwrap();
    let columns =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let columns: Vec<_> = columns.unwrap().map(Result::unwrap).collect();
    assert!(columns.len() > 40, "{columns:?}");
    for (table, column) in columns {
        let heading = format!("\n.SS {table}\n");
        let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("no table {table}"));
        let section = rest.split("\n.S").next().unwrap_or(rest);
        let terms = section.lines().filter(|line| line.starts_with(".B"));
        let is_term = terms.flat_map(|line| line.split([' ', ','])).any(|word| word == column);
        assert!(is_term, "{table} has no {column} in the manual");
    }

    let queries = page.split(".EX\n").filter_map(|part| part.split_once("\n.EE").map(|(q, _)| q));
    let rows: Vec<usize> = queries
        .filter(|query| query.starts_with("SELECT"))
        .map(|query| {
            let mut statement =
                connection.prepare(query).unwrap_or_else(|e| panic!("{query}: {e}"));
            let rows = statement.query_map([], |_| Ok(())).unwrap();
            rows.map(|row| row.unwrap_or_else(|error| panic!("{query}: {error}"))).count()
        })
        .collect();
    // The alerts of the example are of another week.
    assert_eq!(rows, [1, 1, 1, 2 * 2, 2, 0]);
}
