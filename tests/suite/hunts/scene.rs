//! Events in short lines, and what a query makes of them.
//!
//! A line is an event: `09:00 process.name=curl destination.port=443 tags=a|b`. The time is that of
//! the 16th of August 2024, or a whole time; a field that is not there is null, and `|` parts
//! several values. A row is shown with ` | ` between its values.

use jiff::Timestamp;
use oddsock::hunt::{Event, MOST_MEMORY, Outcome, Plan, Run, Value, file};
use oddsock::rules::{self, Field, Fields};

/// Programs on several ports, each with something that is not known of it.
pub const PORTS: &str = "
    09:00 process.name=curl destination.port=443 user.id=0
    09:01 process.name=curl destination.port=80  user.id=1000
    09:02 process.name=nc   destination.port=4444
    09:03 destination.port=22 user.id=0
    09:04 process.name=ssh
";

/// Something with the fields that a line gives it.
#[derive(Clone, Debug)]
pub struct Told {
    pub millis: u64,
    pub fields: Vec<(Field, Vec<String>)>,
}

impl Told {
    /// The event of a line.
    pub fn of(line: &str) -> Told {
        let mut words = line.split_whitespace();
        let time = words.next().expect("a time");
        let time = match time.len() {
            5 => format!("2024-08-16T{time}:00Z"),
            _ => time.to_owned(),
        };
        let time: Timestamp = time.parse().expect("a time");
        let fields = words.map(|word| {
            let (name, values) = word.split_once('=').expect("a field and its value");
            (Field::named(name), values.split('|').map(str::to_owned).collect())
        });
        Told { millis: time.as_millisecond() as u64, fields: fields.collect() }
    }

    /// The event as a query is given it.
    pub fn event(&self) -> Event<'_> {
        Event { millis: self.millis, fields: self, class: None, may_repeat: true }
    }

    fn values(&self, field: &Field) -> &[String] {
        let found = self.fields.iter().find(|(name, _)| name == field);
        found.map_or(&[], |(_, values)| values)
    }
}

impl Fields for Told {
    fn value(&self, field: &Field) -> Option<rules::Value<'_>> {
        self.values(field).first().map(rules::Value::text)
    }

    fn any(&self, field: &Field, is_so: &mut dyn FnMut(&rules::Value<'_>) -> bool) -> bool {
        self.values(field).iter().any(|value| is_so(&rules::Value::text(value)))
    }
}

/// The events of some lines.
pub fn events(scene: &str) -> Vec<Told> {
    scene.lines().map(str::trim).filter(|line| !line.is_empty()).map(Told::of).collect()
}

/// A query that makes sense.
#[track_caller]
pub fn plan(query: &str) -> Plan {
    file::query("query", query).unwrap_or_else(|error| panic!("{error}"))
}

/// What comes of a query; the newest event is the present.
pub fn outcome(plan: &Plan, events: &[Told]) -> Outcome {
    let now = events.iter().map(|event| event.millis).max().unwrap_or(0) as i64;
    let mut run = Run::new(plan, now, MOST_MEMORY);
    for told in events {
        run.take(&told.event()).expect("room");
    }
    run.finish().expect("room")
}

/// A row in a line.
pub fn shown(row: &[Value<'static>]) -> String {
    let one = |value: &Value<'static>| {
        let shown = value.shown().expect("a single value").into_owned();
        String::from_utf8(shown).expect("UTF-8")
    };
    let value = |value: &Value<'static>| match value {
        Value::Null => "null".to_owned(),
        value => value.each().iter().map(one).collect::<Vec<_>>().join(","),
    };
    row.iter().map(value).collect::<Vec<_>>().join(" | ")
}

/// Runs the rest of a query on events, and compares the rows.
#[track_caller]
pub fn check(scene: &str, query: &str, expected: &str) {
    let plan = plan(&format!("from logs-* {query}"));
    let rows: Vec<String> =
        outcome(&plan, &events(scene)).rows.iter().map(|row| shown(row)).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert_eq!(rows, expected, "{query}");
}

/// The message about a query that makes no sense, with the text above its mark.
#[track_caller]
pub fn refused(query: &str) -> (String, String) {
    let error = match file::query("query", query) {
        Ok(_) => panic!("{query} makes sense"),
        Err(error) => error,
    };
    let shown = error.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    let (text, mark) = (lines[lines.len() - 2], lines[lines.len() - 1]);
    let from = mark.find('^').expect("a mark");
    let marked = text.chars().skip(from).take(mark.matches('^').count()).collect();
    (error.message, marked)
}
