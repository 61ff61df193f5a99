//! What the words of the language mean, each with its nearest neighbour.

use oddsock::hunt::{Event, Run};
use oddsock::rules;

use super::scene::{Told, check, events, outcome, plan};

const PORTS: &str = "
    09:00 process.name=curl destination.port=443 user.id=0
    09:01 process.name=curl destination.port=80  user.id=1000
    09:02 process.name=nc   destination.port=4444
    09:03 destination.port=22 user.id=0
    09:04 process.name=ssh
";

/// Which of the programs above meet a condition.
#[track_caller]
fn met(condition: &str, expected: &str) {
    let query = format!("| where {condition} | keep process.name, destination.port");
    check(PORTS, &query, &expected.replace(", ", "\n"));
}

#[test]
fn what_is_compared_with_nothing_is_neither_true_nor_false() {
    met("destination.port == 443", "curl | 443");
    met("not destination.port == 443", "curl | 80, nc | 4444, null | 22");
    met("destination.port != 443", "curl | 80, nc | 4444, null | 22");
    met("destination.port is null", "ssh | null");
    met("destination.port IS NOT null and process.name is null", "null | 22");
    met("process.name == null", "");
    met("not process.name == null", "");
    met("null", "");
}

#[test]
fn what_is_not_known_matters_only_where_nothing_else_decides() {
    met("user.id == \"0\" or destination.port == 4444", "curl | 443, nc | 4444, null | 22");
    met("not (user.id == \"0\" and destination.port == 22)", "curl | 443, curl | 80, nc | 4444");
    met("user.id == \"0\" and null", "");
    met("user.id == \"0\" or null", "curl | 443, null | 22");
    met("not (process.name == \"ssh\" or destination.port > 1)", "");
}

#[test]
fn a_list_with_nothing_in_it_holds_what_it_holds_and_denies_nothing() {
    met("destination.port in (443, 22)", "curl | 443, null | 22");
    met("destination.port not in (443, 22)", "curl | 80, nc | 4444");
    met("destination.port in (443, null)", "curl | 443");
    met("destination.port not in (443, null)", "");
    met("process.name in (\"nc\", user.id)", "nc | 4444");
}

#[test]
fn patterns_match_the_whole_text_and_of_nothing_it_is_not_known() {
    met("process.name like \"c*\"", "curl | 443, curl | 80");
    met("process.name like \"c\"", "");
    met("process.name not like \"c*\"", "nc | 4444, ssh | null");
    met("process.name rlike \"s+h|n.\"", "nc | 4444, ssh | null");
    met("process.name rlike \"s\"", "");
    met("process.name like (\"c*\", \"n?\")", "curl | 443, curl | 80, nc | 4444");
    met("process.name like \"C*\"", "");
}

#[test]
fn addresses_are_held_against_texts_and_networks() {
    let scene = "
        09:00 destination.ip=10.0.0.5
        09:01 destination.ip=::ffff:10.0.0.5
        09:02 destination.ip=2001:db8::1
        09:03 process.name=x
    ";
    check(
        scene,
        "| where destination.ip == \"10.0.0.5\" | keep destination.ip",
        "10.0.0.5\n10.0.0.5",
    );
    check(scene, "| where destination.ip == \"2001:DB8:0::1\" | stats count(*)", "1");
    check(scene, "| where cidr_match(destination.ip, \"10.0.0.0/8\") | stats count(*)", "2");
    check(
        scene,
        "| where cidr_match(destination.ip, \"::ffff:10.0.0.0/104\") | stats count(*)",
        "2",
    );
    check(scene, "| where cidr_match(destination.ip, \"::/0\") | stats count(*)", "3");
    check(
        scene,
        "| where not CIDR_MATCH(destination.ip, \"10.0.0.9/8\", \"::1\") | stats count(*)",
        "1",
    );
    check(scene, "| where destination.ip in (\"10.0.0.5\", \"::1\") | stats count(*)", "2");
    check(scene, "| sort destination.ip desc | keep destination.ip | limit 2", "null\n2001:db8::1");
}

#[test]
fn whole_numbers_stay_whole_and_too_large_ones_are_nothing() {
    let one = "09:00 process.pid=7";
    for (expression, expected) in [
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7 / 2.0", "3.5"),
        ("-7 % 3", "-1"),
        ("1 + 2 * 3 - 4", "3"),
        ("7 / 0", "null"),
        ("7 % 0", "null"),
        ("7.0 / 0", "null"),
        ("2147483647 + 1", "null"),
        ("2147483647 + process.pid", "2147483654"),
        ("9223372036854775807 + process.pid", "null"),
        ("1 + null", "null"),
        ("- process.pid", "-7"),
        ("1e308 * 10", "null"),
        ("process.pid::double / 2", "3.5"),
        ("to_integer(\"12\") + 1", "13"),
        ("to_integer(\"12x\")", "null"),
        ("to_integer(3000000000)", "null"),
        ("to_long(2.5)", "3"),
        ("to_long(-2.5)", "-2"),
        ("round(2.45, 1)", "2.5"),
        ("round(-15, -1)", "-20"),
        ("abs(-3)", "3"),
    ] {
        check(one, &format!("| eval x = {expression} | keep x"), expected);
    }
}

#[test]
fn what_is_odd_about_numbers_is_told_with_its_place() {
    let plan = plan("from logs-*\n| eval x = 1 / destination.port\n| keep x");
    let scene = "09:00 destination.port=0\n09:01 destination.port=0\n09:02 destination.port=1";
    let outcome = outcome(&plan, &events(scene));
    let (place, said, count) = outcome.odd[0];
    assert_eq!((&plan.query()[place..place + 5], count), ("1 / d", 2));
    assert!(said.contains("division by zero"));
}

#[test]
fn times_are_reckoned_with_and_held_against_texts() {
    let scene = "
        2024-08-08T12:00:00Z process.name=old
        2024-08-09T12:00:00Z process.name=edge
        2024-08-09T12:00:00.001Z process.name=week
        2024-08-16T12:00:00Z process.name=now
    ";
    check(scene, "| where @timestamp > now() - 7 day | keep process.name", "week\nnow");
    check(scene, "| where @timestamp >= now() - 7 days | keep process.name", "edge\nweek\nnow");
    check(scene, "| where @timestamp < \"2024-08-09\" | keep process.name", "old");
    check(scene, "| where @timestamp + 1 week > \"2024-08-16T12:00:00Z\" | stats count(*)", "2");
    check(
        scene,
        "| stats n = count(*) by day = date_trunc(1 day, @timestamp) | sort day",
        "1 | 2024-08-08T00:00:00.000Z\n2 | 2024-08-09T00:00:00.000Z\n1 | 2024-08-16T00:00:00.000Z",
    );
    check(
        scene,
        "| stats n = count(*) by week = bucket(@timestamp, 1 week)",
        "3 | 2024-08-05T00:00:00.000Z\n1 | 2024-08-12T00:00:00.000Z",
    );
    check(
        scene,
        "| stats first = min(@timestamp), hours = max(@timestamp) | eval hours = \
         (to_long(hours) - to_long(first)) / 3600000 | keep hours",
        "192",
    );
}

#[test]
fn functions_of_text_do_what_their_names_say() {
    let one = "09:00 process.name=Curl destination.ip=10.0.0.5 labels.probe=true";
    for (expression, expected) in [
        ("to_lower(process.name)", "curl"),
        ("TO_UPPER(process.name)", "CURL"),
        ("length(process.name)", "4"),
        ("length(\"é\")", "1"),
        ("starts_with(process.name, \"Cu\")", "true"),
        ("ends_with(process.name, \"Cu\")", "false"),
        ("concat(process.name, \"@\", to_string(destination.ip))", "Curl@10.0.0.5"),
        ("concat(process.name, user.name)", "null"),
        ("coalesce(user.name, process.title, process.name)", "Curl"),
        ("coalesce(user.name)", "null"),
        ("substring(process.name, 2)", "url"),
        ("substring(process.name, -2, 1)", "r"),
        ("trim(\"  a \")", "a"),
        ("to_ip(\"10.0.0.5\") == destination.ip", "true"),
        ("to_ip(\"nonsense\")", "null"),
        ("labels.probe", "true"),
        ("case(destination.port == 1, \"a\", process.name == \"Curl\", \"b\", \"c\")", "b"),
        ("case(destination.port == 1, \"a\", \"c\")", "c"),
        ("case(destination.port == 1, \"a\")", "null"),
        ("case(false, 1 / 0, 2)", "2"),
    ] {
        check(one, &format!("| eval x = {expression} | keep x"), expected);
    }
}

#[test]
fn a_field_of_several_values_equals_none_of_them_and_that_is_told() {
    let scene = "09:00 tags=a|b process.name=x\n09:01 tags=a process.name=y\n09:02 process.name=z";
    check(scene, "| where tags == \"a\" | keep process.name", "y");
    check(scene, "| where not tags == \"a\" | keep process.name", "");
    check(scene, "| where tags is null | keep process.name", "z");
    check(scene, "| eval n = mv_count(tags) | keep n", "2\n1\nnull");
    check(scene, "| stats count(tags), count_distinct(tags), count(*)", "3 | 2 | 3");
    check(scene, "| stats count(*) by tags", "2 | a\n1 | b\n1 | null");
    check(scene, "| sort tags desc nulls last | keep process.name", "x\ny\nz");
    let plan = plan("from logs-* | where tags == \"a\"");
    let outcome = outcome(&plan, &events(scene));
    assert!(outcome.odd[0].1.contains("several values"), "{:?}", outcome.odd);
}

#[test]
fn groups_are_counted_by_rows_and_by_values_and_nothing_is_a_group() {
    check(
        PORTS,
        "| stats n = count(*), ports = count(destination.port), users = count_distinct(user.id) \
         by process.name",
        "2 | 2 | 2 | curl\n1 | 1 | 0 | nc\n1 | 0 | 0 | ssh\n1 | 1 | 1 | null",
    );
    check(PORTS, "| stats count()", "5");
    check(PORTS, "| where false | stats count(*), max(destination.port)", "0 | null");
    check(PORTS, "| where false | stats count(*) by process.name", "");
    check(PORTS, "| stats by process.name", "curl\nnc\nssh\nnull");
    check(PORTS, "| stats values(destination.port) by user.id | limit 1", "22,443 | 0");
    check(PORTS, "| stats avg(destination.port), sum(destination.port)", "1247.25 | 4989");
    check(PORTS, "| stats x = count(*) * 2 + 1, y = round(avg(destination.port))", "11 | 1247.0");
    check(PORTS, "| stats n = count(*) where destination.port > 100, all = count(*)", "2 | 5");
    check(PORTS, "| stats n = count(*) by long = length(process.name) | where long == 4", "2 | 4");
}

#[test]
fn groups_can_be_grouped_again() {
    let query = "| stats n = count(*) by process.name, destination.port | stats programs = \
                 count(*), most = max(n) by n | rename n as connections";
    check(PORTS, query, "5 | 1 | 1");
}

#[test]
fn columns_are_called_as_they_are_written_and_stand_in_their_order() {
    let names = |query: &str| {
        let plan = plan(&format!("from logs-* {query}"));
        let names: Vec<&str> = plan.columns().iter().map(|column| &column.name[..]).collect();
        names.join(" ; ")
    };
    assert_eq!(
        names("| stats COUNT(*), n = max(user.id) by host.name"),
        "COUNT(*) ; n ; host.name"
    );
    assert_eq!(names("| stats count(*) by length(host.name)"), "count(*) ; length(host.name)");
    assert_eq!(
        names("| keep user.*.id, process.pid"),
        "user.effective.id ; user.audit.id ; process.pid"
    );
    assert_eq!(
        names("| keep process.name, host.name | eval process.name = 1, y = 2"),
        "host.name ; process.name ; y"
    );
    assert_eq!(
        names("| keep process.name, host.name | rename process.name as `a b`, x = host.name"),
        "a b ; x"
    );
    assert_eq!(
        names("| keep process.p*, process.name | drop *.name, process.parent.*"),
        "process.pid"
    );
    assert!(names("").starts_with("@timestamp ; event.kind"));
    assert_eq!(names("| stats a = count(*), a = max(user.id) by a = host.name"), "a");
}

#[test]
fn rows_are_sorted_with_nothing_last_or_first_in_descending_order() {
    let sorted = |order: &str, expected: &str| {
        let query = format!("| sort {order} | keep destination.port");
        check(PORTS, &query, &expected.replace(", ", "\n"));
    };
    sorted("destination.port", "22, 80, 443, 4444, null");
    sorted("destination.port asc nulls first", "null, 22, 80, 443, 4444");
    sorted("destination.port desc", "null, 4444, 443, 80, 22");
    sorted("destination.port DESC NULLS LAST", "4444, 443, 80, 22, null");
    sorted("user.id desc nulls last, destination.port asc", "80, 22, 443, 4444, null");
    sorted("length(process.name), destination.port", "4444, null, 80, 443, 22");
}

#[test]
fn a_limit_before_the_sort_is_one_behind_it() {
    check(PORTS, "| limit 2 | sort destination.port | keep destination.port", "22\n80");
    check(PORTS, "| sort destination.port | limit 2 | keep destination.port", "22\n80");
    check(PORTS, "| limit 2 | eval p = destination.port | keep p | sort p", "22\n80");
    // A condition between them looks at the rows that the limit leaves.
    check(
        PORTS,
        "| limit 2 | where destination.port < 100 | sort destination.port | keep destination.port",
        "80",
    );
    check(PORTS, "| limit 0 | keep destination.port", "");
}

#[test]
fn of_many_rows_the_first_thousand_are_shown_and_the_others_counted() {
    let scene: String = (0..1500).map(|pid| format!("09:00 process.pid={pid}\n")).collect();
    let events = events(&scene);
    let grouped = outcome(&plan("from logs-* | stats n = count(*) by process.pid"), &events);
    assert_eq!((grouped.rows.len(), grouped.cut_off), (1000, 500));
    let limited =
        outcome(&plan("from logs-* | stats n = count(*) by process.pid | limit 1200"), &events);
    assert_eq!((limited.rows.len(), limited.cut_off), (1200, 0));
    let best = outcome(&plan("from logs-* | sort process.pid desc | limit 3"), &events);
    assert_eq!(best.rows.len(), 3);
    let before = "from logs-* | limit 1200 | stats n = count(*) by process.pid";
    let before = outcome(&plan(before), &events);
    assert_eq!((before.rows.len(), before.cut_off), (1000, 200), "300 are beyond its own limit");
}

#[test]
fn the_best_rows_are_kept_however_many_come() {
    let scene: String =
        (0..9000).map(|n| format!("09:00 process.pid={}\n", n * 7 % 9001)).collect();
    check(&scene, "| sort process.pid desc | limit 3 | keep process.pid", "9000\n8999\n8998");
}

#[test]
fn memory_is_bounded_by_groups_with_a_number_in_the_error() {
    let scene: String = (0..5000).map(|pid| format!("09:00 process.pid={pid}\n")).collect();
    let run = |query: &str| {
        let plan = plan(query);
        let mut run = Run::new(&plan, 0, 1 << 20);
        let mut result = Ok(());
        for told in events(&scene) {
            let event = Event { millis: told.millis, fields: &told, class: None, may_repeat: true };
            result = result.and_then(|()| run.take(&event));
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
        let event = Event { millis: told.millis, fields: &told, class: None, may_repeat: true };
        run.take(&event).expect("events alone need little");
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
    let event = Event { millis: told.millis, fields: &told, class: None, may_repeat: true };
    let four = plan(
        "from logs-* | eval a = process.args, b = a, c = a | stats count(*) by \
                     process.args, a, b, c",
    );
    let error = Run::new(&four, 0, 1 << 20).take(&event).expect_err("1,600,000,000 groups");
    assert!(error.to_string().contains("groups by process.args, a, b, c"), "{error}");

    let values: String = (0..20_000).map(|n| format!("09:00 process.pid={n}\n")).collect();
    let each = plan("from logs-* | stats v = values(process.pid) | stats n = count(*) by v");
    let began = std::time::Instant::now();
    assert_eq!(outcome(&each, &events(&values)).cut_off, 19_000);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn comments_lines_and_case_of_keywords_do_not_matter() {
    let query = "metadata _id, _index // where from
        | WHERE /* a /* b */ c */ destination.port > 1000 // as written
          AND process.name IS NOT NULL
        | KEEP `process.name`";
    check(PORTS, query, "nc");
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
