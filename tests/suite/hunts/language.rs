//! What the words of the language mean in a condition or an expression, each with its nearest
//! neighbour.

use super::scene::{PORTS, check, events, outcome, plan};

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
fn comments_lines_and_case_of_keywords_do_not_matter() {
    let query = "metadata _id, _index // where from
        | WHERE /* a /* b */ c */ destination.port > 1000 // as written
          AND process.name IS NOT NULL
        | KEEP `process.name`";
    check(PORTS, query, "nc");
}
