//! Which rows and columns come of a query: groups, names, order and limits.

use super::scene::{PORTS, check, events, outcome, plan};

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
