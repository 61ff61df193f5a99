//! What a query may cost: the memory of its groups and rows, its time, and the fields it asks for.

use oddsock::hunt::{Event, Run};
use oddsock::rules;

use super::scene::{Told, events, outcome, plan};

#[test]
fn memory_is_bounded_by_groups_with_a_number_in_the_error() {
    let scene: String = (0..5000).map(|pid| format!("09:00 process.pid={pid}\n")).collect();
    let run = |query: &str| {
        let plan = plan(query);
        let mut run = Run::new(&plan, 0, 1 << 20);
        let mut result = Ok(());
        for told in events(&scene) {
            result = result.and_then(|()| run.take(&told.event()));
        }
        result.map_err(|error| error.to_string())
    };
    let error = run("from logs-* | stats count(*) by process.pid").expect_err("too much");
    assert!(error.contains("groups by process.pid") && error.contains("1 MiB"), "{error}");
    assert_eq!(run("from logs-* | stats max(process.pid), count(*) by host.name"), Ok(()));
    assert_eq!(run("from logs-* | sort process.pid | limit 10"), Ok(()));
    assert_eq!(run("from logs-* | limit 10"), Ok(()));
    let error = run("from logs-* | stats count_distinct(process.pid)").is_err();
    assert!(!error, "5000 numbers need less than a MiB");
}

/// What is said if a query may take a MiB and takes more behind its last event.
fn too_much_at_the_end(query: &str) -> Option<String> {
    let scene: String = (0..100).map(|pid| format!("09:00 process.pid={pid}\n")).collect();
    let plan = plan(&format!("from logs-* {query}"));
    let mut run = Run::new(&plan, 0, 1 << 20);
    for told in events(&scene) {
        run.take(&told.event()).expect("events alone need little");
    }
    run.finish().err().map(|error| error.to_string())
}

#[test]
fn memory_is_bounded_behind_groups_and_limits_too() {
    let long = "x".repeat(20_000);
    let made = format!("| eval long = concat(\"{long}\", to_string(process.pid)) | keep long");
    for query in [
        format!("| limit 100 {made}"),
        format!("| sort process.pid | limit 100 {made}"),
        format!("| stats count(*) by process.pid {made}"),
        format!("| stats x = concat(\"{long}\", to_string(count(*))) by process.pid"),
        format!(
            "| limit 100 | stats x = concat(\"{long}\", max(to_string(process.pid))) by \
                 process.pid"
        ),
    ] {
        let error = too_much_at_the_end(&query).unwrap_or_else(|| panic!("{query:.100}"));
        assert!(error.contains("100 rows") && error.contains("1 MiB"), "{error}");
    }
    assert_eq!(too_much_at_the_end(&format!("| limit 10 {made}")), None);
    assert_eq!(too_much_at_the_end("| limit 100 | eval n = process.pid * 2 | sort n"), None);
}

#[test]
fn an_event_of_many_groups_is_bounded_and_quick() {
    let many: Vec<String> = (0..200).map(|n| format!("x{n}")).collect();
    let told = Told::of(&format!("09:00 process.args={}", many.join("|")));
    let four = plan(
        "from logs-* | eval a = process.args, b = a, c = a | stats count(*) by \
                     process.args, a, b, c",
    );
    let error = Run::new(&four, 0, 1 << 20).take(&told.event()).expect_err("1,600,000,000 groups");
    assert!(error.to_string().contains("groups by process.args, a, b, c"), "{error}");

    let values: String = (0..20_000).map(|n| format!("09:00 process.pid={n}\n")).collect();
    let each = plan("from logs-* | stats v = values(process.pid) | stats n = count(*) by v");
    let began = std::time::Instant::now();
    assert_eq!(outcome(&each, &events(&values)).cut_off, 19_000);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// Something of which only some fields may be asked for.
struct Only(&'static [&'static str]);

impl rules::Fields for Only {
    fn value(&self, field: &rules::Field) -> Option<rules::Value<'_>> {
        assert!(self.0.contains(&field.name()), "{field} was asked for");
        (field.name() != "user.name").then(|| rules::Value::text("x"))
    }
}

#[test]
fn no_field_is_read_that_the_query_does_not_need() {
    for (query, fields) in [
        ("from logs-* | stats count(*)", &[][..]),
        ("from logs-* | limit 5 | keep process.name", &["process.name"]),
        (
            "from logs-* | eval x = length(host.name), y = user.name | stats max(x)",
            &["host.name", "user.name"],
        ),
        (
            "from logs-* | where @timestamp < now() and user.name == \"a\" and event.id == \"b\"",
            &["user.name"],
        ),
        ("from logs-* | where host.os.type == \"y\" and process.name == \"b\"", &["host.os.type"]),
        // What takes longer to know is asked for last.
        ("from logs-* | where process.name == \"b\" and host.os.type == \"y\"", &["host.os.type"]),
        (
            "from logs-* | sort process.pid | drop process.*, user.* | keep event.id",
            &["process.pid", "event.id"],
        ),
    ] {
        let plan = plan(query);
        let mut run = Run::new(&plan, 1000, 1 << 20);
        let event = Event { millis: 7, fields: &Only(fields), class: None, may_repeat: false };
        run.take(&event).expect("room");
        run.finish().expect("room");
    }
}
