//! How large a report may become: it says what it leaves out, and stays one that can be opened.

use std::net::IpAddr;
use std::sync::Arc;

use oddsock::alert::{self, Alert, Summary};
use oddsock::engine::{Ledger, Observation, Wanted, judge};
use oddsock::output::alerts::{Place, Places};
use oddsock::report::{File, Judged, Reading, Report, Traffic};
use oddsock::rules::{Catalogue, Field, Fields, Rule, Value};

use super::{html, report};
use crate::place;

/// Most that a report may have, in bytes: what a browser opens at once.
const MOST: usize = 4 << 20;

/// A connection of a program to an address.
struct Seen {
    process: String,
    address: String,
}

impl Fields for Seen {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        match field {
            Field::ProcessName => Some(Value::text(&self.process)),
            Field::DestinationIp => Some(Value::text(&self.address)),
            _ => None,
        }
    }
}

/// A ledger in which a value is rare, and the alert about it.
fn one(rule: &Arc<Rule>) -> (Ledger, Alert) {
    let mut ledger = Ledger::new(rule.question.clone());
    let mut see = |quarter: u64, value: &str| {
        ledger.note(&Observation {
            time: quarter * 900_000,
            id: quarter,
            origin: b"web",
            partition: None,
            value: value.as_bytes(),
            influences: &[None; 8],
            evidence: &|| b"{}"[..].into(),
        });
    };
    (0..1344).for_each(|quarter| ["a", "b", "c"].iter().for_each(|name| see(quarter, name)));
    see(1000, "nc");
    let judgement = judge(&ledger, Wanted { threshold: 50.0, least: 50.0, remembered: 2700 });
    let alert = alert::alerts(rule, &ledger, &judgement).remove(0);
    (ledger, alert)
}

#[test]
fn a_hundred_thousand_alerts_hosts_files_and_addresses_make_a_report_that_can_be_opened() {
    let catalogue = Catalogue::builtin();
    let rule = catalogue.find("unusual_linux_network_activity").expect("a rule");
    let rule = Arc::new(rule.clone());
    let (ledger, alert) = one(&rule);
    let numbered = |number: usize| {
        let is_expected = number.is_multiple_of(2);
        Alert { id: format!("{number:016x}"), is_expected, ..alert.clone() }
    };
    let alerts: Vec<Alert> = (0..100_000).map(numbered).collect();
    let mut traffic = Traffic::default();
    for number in 0..100_000_u64 {
        let (high, low) = (number / 256 % 256, number % 256);
        let address = format!("198.{}.{high}.{low}", 20 + number / 65_536);
        let seen = Seen { process: format!("p{number}"), address };
        traffic.note(&seen, number * 1000, format!("host{number}").as_bytes());
    }
    let file = |number: usize| File {
        name: format!("\"{number}.log\""),
        host: "web".to_string(),
        bytes: Some(1),
        hash: Ok("0".repeat(64)),
    };
    let html = Report {
        readings: vec![Reading {
            is_only_learnt: false,
            files: (0..100_000).map(file).collect(),
            counts: vec![("lines", 1)],
            doubts: (0..100_000).map(|number| format!("doubt {number}")).collect(),
        }],
        state: None,
        judged: vec![Judged {
            rule: Arc::clone(&rule),
            ledger: &ledger,
            summary: Summary::of(&alerts, 7),
            alerts,
            learning: None,
        }],
        traffic: Some(&traffic),
        places: None,
        explain: None,
        period: None,
        made: None,
    }
    .html();
    assert!(html.len() < MOST, "{}", html.len());
    let text = html::text(&html);
    for said in [
        "50,000 alerts of unusual connections",
        "Left out: 48,850 more alerts.",
        "50,000 expected",
        "Left out: 49,700 more alerts.",
        "Left out: 99,500 more files.",
        "Left out: 99,900 more complaints.",
        "Left out: 99,940 more hosts.",
        "addresses that were connected to least",
        "names that connected least",
        "not kept: 7 alerts",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn a_name_of_nearly_a_megabyte_is_cut_with_a_mark() {
    let place = place::Place::new();
    let long = "<é>".repeat(1 << 16);
    let lines = super::injection::documents("plain", 2);
    let name = format!("\"process.command_line\":\"{long}\"");
    let lines = lines.replace("\"process.command_line\":\"plain\"", &name);
    place.write("ecs.ndjson", lines.as_bytes());
    let html = report(&place, &["--input", "ecs", "ecs.ndjson", "--min-score", "5"]);
    assert!(html.len() < 1 << 20, "{}", html.len());
    assert!(html::text(&html).contains("… (cut: 262,144 bytes)"));
}

/// Half of the addresses are in one country, and of the others nobody knows.
struct Half;

impl Places for Half {
    fn place(&self, ip: IpAddr) -> Option<Place> {
        let IpAddr::V4(ip) = ip else { return None };
        let place = Place {
            country: Some("<b>NZ".to_string()),
            network: Some("AS64500".to_string()),
            organisation: Some("Example & Sons".to_string()),
        };
        ip.octets()[3].is_multiple_of(2).then_some(place)
    }
}

#[test]
fn whose_addresses_are_is_told_by_network_and_country_where_it_is_known() {
    let mut traffic = Traffic::default();
    for number in 0..10 {
        let address = match number {
            9 => "10.0.0.1".to_string(),
            _ => format!("198.41.{number}.{number}"),
        };
        let seen = Seen { process: "curl".to_string(), address };
        traffic.note(&seen, 0, b"web");
    }
    let told = |places: Option<&dyn Places>| {
        let html = Report {
            readings: Vec::new(),
            state: None,
            judged: Vec::new(),
            traffic: Some(&traffic),
            places,
            explain: None,
            period: None,
            made: None,
        }
        .html();
        super::injection::harmless(&html);
        html::text(&html).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let text = told(Some(&Half));
    for said in [
        "198.41.4.0/24 1 10 % 1 198.41.4.4 external <b>NZ AS64500 Example & Sons",
        "<b>NZ 5 50 % 5",
        "not known 4 40 % 4",
        "internal 1 10 % 1",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!told(None).contains("Destinations by country"));
}
