//! Names that were made to be more than names, in every field: whatever they are, the document has
//! the same elements as with plain ones.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{html, report};
use crate::place::Place;

/// Names that someone would choose who knows that they end up in a browser.
const HOSTILE: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></svg><h1>x",
    "<!--",
    "]]><![CDATA[",
    "javascript:alert(1)",
    "&lt;script&gt;&#60;b&#x3e;",
    "gpj.\u{202e}exe\u{2066}\u{200b}",
    "\u{0}\u{1b}]0;x\u{7}\r\n\t",
    "\u{feff}\u{2028}\u{e0041}\u{301}\u{fffd}",
    "{{7*7}}${x}`x`<%=x%>",
    "=cmd|' /C calc'!A0",
    "\\u003cscript\\u003e\\\"\\",
];

/// Three days of five programs, and one on the last that has this name in all that can be named.
pub fn documents(name: &str, days: u64) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("JSON");
    let mut lines = String::new();
    let mut add = |time: u64, fields: &str| {
        let (day, hour, minute) = (1 + time / 86_400, time / 3600 % 24, time / 60 % 60);
        let time = format!("2024-01-{day:02}T{hour:02}:{minute:02}:00Z");
        lines.push_str(&format!(
            "{{\"@timestamp\":\"{time}\",\"event.category\":[\"network\"],\"event.type\":\
             [\"start\"],\"event.action\":\"connection_attempted\",\"host.os.type\":\"linux\",\
             {fields}}}\n"
        ));
    };
    for quarter in 0..days * 96 {
        for (number, usual) in ["sshd", "ntpd", "nginx", "cron", "node"].iter().enumerate() {
            add(
                quarter * 900 + number as u64 * 60,
                &format!(
                    "\"host.name\":\"web\",\"process.name\":\"{usual}\",\"user.name\":\"root\",\
                     \"destination.ip\":\"10.0.0.{number}\",\"destination.port\":{}",
                    20 + number
                ),
            );
        }
    }
    let name = text(name);
    add(
        days * 86_400 - 3600,
        &format!(
            "\"host.name\":{name},\"process.name\":{name},\"user.name\":{name},\"user.id\":{name},\
             \"process.executable\":{name},\"process.command_line\":{name},\"process.title\":\
             {name},\"process.working_directory\":{name},\"process.parent.name\":{name},\
             \"event.id\":{name},\"event.outcome\":{name},\"error.code\":{name},\
             \"network.transport\":{name},\"tags\":[{name}],\
             \"destination.ip\":\"198.51.100.7\",\"destination.port\":443"
        ),
    );
    lines
}

fn of(name: &str) -> String {
    let place = Place::new();
    place.write("ecs.ndjson", documents(name, 2).as_bytes());
    let rule = "unusual_linux_network_activity";
    let arguments = ["--input", "ecs", "ecs.ndjson", "--rule", rule, "--min-score", "5"];
    report(&place, &arguments)
}

/// The elements are those of a plain name, and nothing in them acts.
fn check(html: &str, plain: &[String]) {
    let shape = html::shape(html);
    for (at, (ours, expected)) in shape.iter().zip(plain).enumerate() {
        assert_eq!(ours, expected, "element {at}");
    }
    assert_eq!(shape.len(), plain.len());
    harmless(html);
}

/// Nothing is loaded and nothing runs.
#[track_caller]
pub fn harmless(html: &str) {
    for (element, name, value) in html::attributes(html) {
        let loads = ["src", "srcset", "data", "action", "style", "xlink:href", "ping"];
        assert!(!loads.contains(&&*name) && !name.starts_with("on"), "{element} {name}={value}");
        assert!(name != "href" || value.starts_with('#'), "{element} {name}={value}");
        assert!(name != "http-equiv" || value == "Content-Security-Policy", "{value}");
    }
    let runs = ["script", "iframe", "object", "embed", "link", "base", "img", "use", "image"];
    for element in runs {
        assert!(!html::shape(html).iter().any(|one| one.starts_with(&format!("<{element} "))));
    }
    let is_hidden =
        |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!html.contains(is_hidden));
}

#[test]
fn whatever_a_name_is_the_document_has_the_elements_of_a_plain_one() {
    let plain = of("plain");
    assert!(html::text(&plain).contains("plain on plain"));
    let shape = html::shape(&plain);
    HOSTILE.iter().for_each(|name| check(&of(name), &shape));
}

proptest! {
    #![proptest_config(Config { cases: 12, ..Config::default() })]
    #[test]
    fn any_name_leaves_the_elements_as_they_are(name in "[<>\"'&/=!a-z\\PC]{1,40}\\w") {
        check(&of(&name), &html::shape(&of("plain")));
    }
}

#[test]
fn bytes_that_are_no_text_are_spelled_out() {
    let place = Place::new();
    let name = b"</p>\xff\xfe\x00\x1b";
    let hex: String = name.iter().map(|byte| format!("{byte:02X}")).collect();
    let log = crate::judged::scene::log(
        4,
        &format!("{}\nweb nc 203.0.113.9:4444 day 3 10:07", crate::judged::USUAL),
    );
    let log = log.replace("comm=\"nc\"", &format!("comm={hex}"));
    place.write("audit.log", log.as_bytes());
    let html = report(&place, &["audit.log"]);
    harmless(&html);
    assert!(html::text(&html).contains(r"</p>\xff\xfe\x00\x1b"), "{}", html::text(&html));
}

#[test]
fn the_names_of_files_rules_and_hosts_are_text_as_well() {
    let place = Place::new();
    let name = "<img src=x onerror=alert(1)> '.log";
    let scene = format!("{}\nweb nc 203.0.113.9:4444 day 3 10:07", crate::judged::USUAL);
    place.write(name, crate::judged::scene::log(4, &scene).as_bytes());
    let rule = place.oddsock(&["rules", "show", "unusual_linux_network_activity"]).out;
    let title = "Unusual Linux Network Activity";
    assert!(rule.contains(title), "{rule}");
    place.write("evil.toml", rule.replace(title, "</h1><script>").as_bytes());
    let arguments = [name, "--host", "</h1><script>", "--rules", "evil.toml"];
    let html = report(&place, &arguments);
    harmless(&html);
    let text = html::text(&html);
    assert!(text.contains("<img src=x onerror=alert(1)> '.log"), "{text}");
    // The command line of an alert can be pasted into a shell.
    assert!(text.contains(r"'<img src=x onerror=alert(1)> '\''.log'"), "{text}");
    assert!(text.contains("'</h1><script>'"), "{text}");
}

#[test]
fn the_reason_of_an_exception_is_text() {
    let place = Place::new();
    place.write("ecs.ndjson", documents("plain", 2).as_bytes());
    let exception = "[[exception]]\nid = \"a-script\"\nreason = \"</td><script>x\"\n\
                     author = \"me\"\ncreated = 2026-01-01\n\
                     match = { \"process.name\" = \"plain\" }\n";
    place.write("mine.toml", exception.as_bytes());
    let arguments = ["--input", "ecs", "ecs.ndjson", "--min-score", "5"];
    let html = report(&place, &[&arguments[..], &["--exceptions", "mine.toml"]].concat());
    harmless(&html);
    assert!(html::text(&html).contains("</td><script>x"));
}
