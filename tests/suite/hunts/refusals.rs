//! What is refused before a line is read, with the place in the query.

use oddsock::hunt::{Hunt, file};
use proptest::prelude::*;

use super::scene::{events, outcome, plan, refused};
use crate::laws::cases;

/// A query's error says this, and its mark is below this part of the query.
#[track_caller]
fn check(rest: &str, said: &str, marked: &str) {
    let (message, under) = refused(&format!("from logs-* | {rest}"));
    assert!(message.contains(said), "{rest}: {message}");
    assert_eq!(under, marked, "{rest}: {message}");
}

#[test]
fn what_is_checked_is_checked_once_however_deep_it_is() {
    let nested = (0..49).fold("true".to_owned(), |within, _| format!("case({within}, true)"));
    plan(&format!("from logs-* | where {nested}"));
    let wrong = (0..49).fold("1".to_owned(), |within, _| format!("case({within}, true)"));
    check(&format!("where {wrong}"), "expected a condition, found a value of type integer", "1");
}

#[test]
fn patterns_have_their_room_in_all_the_query() {
    let patterns = |number: usize| vec!["\".{800}\""; number].join(", ");
    plan(&format!("from logs-* | where process.name rlike ({})", patterns(4)));
    let too_many = format!("where process.name rlike ({})", patterns(240));
    check(&too_many, "16 MiB", "\".{800}\"");
    // Wherever they stand.
    let (ten, more) = (patterns(10), patterns(10));
    let split = format!(
        "where process.name rlike ({ten}) | stats n = count(*) where user.name rlike ({more})"
    );
    check(&split, "16 MiB", "\".{800}\"");
}

#[test]
fn types_that_do_not_go_together_are_refused() {
    check("where user.id == 0", "between quotes", "user.id == 0");
    check("where destination.port == \"22\"", "without quotes", "destination.port == \"22\"");
    check(
        "where destination.ip == process.name",
        "ip and keyword",
        "destination.ip == process.name",
    );
    check("where destination.ip == \"10.0.0.0/8\"", "cidr_match", "\"10.0.0.0/8\"");
    check("where destination.ip == \"ten\"", "no address", "\"ten\"");
    check("where @timestamp > \"yesterday\"", "no time", "\"yesterday\"");
    check("where destination.port like \"2*\"", "only text", "destination.port");
    check("where process.name", "expected a condition", "process.name");
    check("where not process.name", "expected a condition", "process.name");
    check("where true > false", "not compared", "true > false");
    check("where process.pid in (1, \"2\")", "without quotes", "\"2\"");
    check("eval x = process.name + 1", "no meaning", "process.name + 1");
    check("eval x = now() - now()", "no meaning", "now() - now()");
    check("eval x = 1 day", "no column", "1 day");
    check("eval x = case(1, 2)", "expected a condition", "1");
    check("eval x = coalesce(1, \"a\")", "expected integer, found keyword", "\"a\"");
    check("stats sum(process.name)", "expected a number", "process.name");
    check("where cidr_match(process.name, \"::1\")", "expected an address", "process.name");
    check("where cidr_match(destination.ip, \"10.0.0.0/33\")", "no network", "\"10.0.0.0/33\"");
    check("where cidr_match(destination.ip, host.name)", "between quotes", "host.name");
    check("where cidr_match(destination.ip)", "cidr_match(ip", "cidr_match(destination.ip)");
}

#[test]
fn the_nearest_neighbours_of_those_are_run() {
    for rest in [
        "where user.id == \"0\"",
        "where destination.port == 22",
        "where destination.port == 22.5",
        "where destination.ip == to_ip(process.name)",
        "where @timestamp > \"2024-08-16\"",
        "where to_string(destination.port) like \"2*\"",
        "where process.name == \"x\" in (true)",
        "where host.id == \"a\" and process.code_signature.exists == false",
        "where process.code_signature.exists > 1 or process.code_signature.status == \"trusted\"",
        "eval x = process.pid + 1.5",
        "eval x = now() - 1 day",
        "stats min(process.name)",
        "where labels.probe == \"true\"",
        "where labels.anything == \"x\"",
    ] {
        plan(&format!("from logs-* | {rest}"));
    }
}

#[test]
fn names_that_are_not_there_are_refused_with_those_that_are_meant() {
    check("where process.nam == \"x\"", "did you mean \"process.name\"?", "process.nam");
    check("where nonsense == 1", "no column \"nonsense\"", "nonsense");
    check("keep process.name | where user.name == \"x\"", "there are process.name", "user.name");
    check("stats n = count(*) | where m > 1", "did you mean \"n\"?", "m");
    check("stats count(*), host.name", "one thing in each row", "host.name");
    check("drop nothing.*", "could name", "nothing.*");
    check("rename a as b", "no column", "a");
    check("sort n", "no column", "n");
    check("eval x = lenght(host.name)", "did you mean \"length\"?", "lenght");
    check("where count(*) > 1", "only behind stats", "count");
    check("stats median(process.pid)", "behind stats also count, count_distinct", "median");
    check("stats n = cout(*)", "did you mean \"count\"?", "cout");
    check("where process.name like \"/srv/\\*\"", "a backslash is written", "\\*");
    check("where process.name == \"a\" | stats count(*) by nam", "no column", "nam");
}

#[test]
fn what_the_language_has_and_this_has_not_is_refused_with_what_there_is() {
    for command in
        ["grok", "dissect", "enrich", "lookup", "mv_expand", "inlinestats", "row", "show"]
    {
        let (message, under) = refused(&format!("from logs-* | {command} a"));
        assert!(message.contains("expected one of where, eval, stats"), "{message}");
        assert_eq!(under, command);
    }
    check("where match(process.name, \"x\")", "expected one of abs, bucket", "match");
    check("where process.name : \"x\"", "==", ":");
    check("where process.name rlike \"a~b\"", "Lucene", "\"a~b\"");
    check("where process.name::version == 1", "no type is called", "version");
    check("where process.pid > ?pid", "parameters", "?");
    check("drop *", "nothing to show", "");
}

#[test]
fn indices_without_network_events_are_refused() {
    let (message, under) = refused("from logs-endpoint.events.file-* | limit 1");
    assert!(message.contains("no network events"), "{message}");
    assert_eq!(under, "logs-endpoint.events.file-*");
    plan("from logs-endpoint.events.file-*, logs-endpoint.events.network-* | limit 1");
    plan("from \"logs-*,metrics-*\" metadata _id, _index | limit 1");
    plan("from logs-* metadata _id, _index | where _id is null | keep _id, process.name");
    plan("FROM *:auditbeat-*, -auditbeat-7* [metadata _id] | limit 1");
}

/// Words that queries are made of, and some that they are not.
const WORDS: [&str; 72] = [
    "where",
    "eval",
    "stats",
    "keep",
    "drop",
    "rename",
    "sort",
    "limit",
    "by",
    "as",
    "and",
    "or",
    "not",
    "in",
    "like",
    "rlike",
    "is",
    "null",
    "nulls",
    "first",
    "last",
    "asc",
    "desc",
    "true",
    "now()",
    "count(*)",
    "count(",
    "max(",
    "values(",
    "case(",
    "cidr_match(",
    "date_trunc(",
    "concat(",
    "coalesce(",
    "to_long(",
    "length(",
    "(",
    ")",
    ",",
    ",",
    "|",
    "|",
    "|",
    "==",
    "!=",
    "<",
    ">=",
    "=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "::",
    "long",
    "process.name",
    "destination.ip",
    "destination.port",
    "@timestamp",
    "tags",
    "host.id",
    "x",
    "`x y`",
    "x.*",
    "\"a*\"",
    "\"10.0.0.0/8\"",
    "\"2024-01-01\"",
    "1",
    "2.5",
    "7 day",
    "1 month",
    "// c\n",
];

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn no_words_in_any_order_do_harm(
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..14),
    ) {
        let query = format!("from logs-* | {}", words.join(" "));
        match file::query("query", &query) {
            Err(error) => {
                prop_assert!(error.line <= query.matches('\n').count() + 1, "{}", error);
                prop_assert!(!error.message.is_empty());
            }
            Ok(plan) => {
                let rows = outcome(&plan, &events(EVENTS)).rows;
                prop_assert!(rows.iter().all(|row| row.len() == plan.columns().len()), "{}", query);
                prop_assert!(plan.explained().ends_with('\n'));
            }
        }
    }

    #[test]
    fn no_text_does_harm(text in "\\PC{0,60}|from logs-\\* \\| [ -~]{0,60}") {
        let _ = file::query("query", &text);
        let _ = file::query("query", &format!("from logs-* | where {text}"));
        let _ = file::query("query", &format!("from logs-* | where process.name rlike \"{text}\""));
        let _ = file::query("query", &format!("from logs-* | where process.name like \"{text}\""));
        let _ = Hunt::read("x.toml", &text);
    }
}

const EVENTS: &str = "
    09:00 process.name=curl destination.ip=10.0.0.1 destination.port=443 tags=a|b
    09:01 process.name=nc
";
