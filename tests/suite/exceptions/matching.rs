//! Which alerts an exception hides, and which neighbours it must not.

use oddsock::alert::exceptions::Exceptions;
use serde_json::{Value, json};

use super::{Place, alert, borg, check, exception, hides, with};

#[test]
fn an_exception_hides_what_it_names_and_not_its_neighbour() {
    let other = with(borg(), json!({"process.name": "borg2", "oddsock.by_value": "borg2"}));
    check("process.name = \"borg\"", &borg(), &other);
    check("process.name = \"bor?\"", &borg(), &other);
    check("\"oddsock.by_value\" = [\"rsync\", \"borg\"]", &borg(), &other);
    check("destination.ip = \"10.0.0.0/8\"", &borg(), &alert(&[("db1", "11.0.0.9")]));
    check("host.name = \"db*\"", &borg(), &alert(&[("web1", "10.0.0.9")]));
    let severe = with(borg(), json!({"event.severity": 47}));
    check("event.severity = 21", &borg(), &severe);
    let mut elsewhere = borg();
    elsewhere["oddsock.evidence"][0]["destination.port"] = json!(2200);
    check("destination.port = \"20-29\"", &borg(), &elsewhere);
    check("destination.port = 22", &borg(), &elsewhere);
    elsewhere["oddsock.evidence"][0]["process.executable"] = json!("/tmp/borg");
    check("process.executable = \"/usr/bin/*\"", &borg(), &elsewhere);
}

#[test]
fn all_conditions_have_to_hold() {
    let text = "process.name = \"borg\"\ndestination.ip = \"10.0.0.0/8\"\nhost.name = \"db1\"";
    check(text, &borg(), &alert(&[("db1", "192.0.2.7")]));
    check(text, &borg(), &alert(&[("db2", "10.0.0.9")]));
}

#[test]
fn nobody_hides_behind_one_expected_destination() {
    let both = alert(&[("db1", "10.0.0.9"), ("db1", "203.0.113.66")]);
    check("destination.ip = \"10.0.0.9\"", &alert(&[("db1", "10.0.0.9"); 2]), &both);
    assert!(hides(&exception("destination.ip = [\"10.0.0.9\", \"203.0.113.66\"]"), &both));
    let two_hosts = alert(&[("db1", "10.0.0.9"), ("web1", "10.0.0.9")]);
    check("host.name = \"db1\"", &borg(), &two_hosts);
}

#[test]
fn what_the_evidence_does_not_show_is_not_taken_for_expected() {
    let more = with(borg(), json!({"oddsock.connections": 9}));
    check("destination.ip = \"10.0.0.9\"", &borg(), &more);
    check("process.executable = \"/usr/bin/borg\"", &borg(), &more);
    let unknown = with(borg(), json!({"oddsock.connections": null}));
    check("destination.ip = \"10.0.0.9\"", &borg(), &unknown);
    // What stands at the top because the evidence shares it proves nothing either.
    let shared = with(more.clone(), json!({"destination.ip": "10.0.0.9"}));
    check("destination.ip = \"10.0.0.9\"", &borg(), &shared);

    let told = |values: Value, number: u64| {
        let field = "destination.ip";
        let influencer = json!({"field": field, "values": values, "number": number, "score": 50});
        with(more.clone(), json!({"oddsock.influencers": [influencer]}))
    };
    let all = told(json!(["10.0.0.9"]), 1);
    check("destination.ip = \"10.0.0.0/8\"", &all, &told(json!(["10.0.0.9"]), 2));
    let outside = told(json!(["10.0.0.9", "203.0.113.66"]), 2);
    check("destination.ip = \"10.0.0.0/8\"", &all, &outside);
    let counted = told(json!([{"value": "10.0.0.9", "count": 9}]), 1);
    let outside = told(json!([{"value": "203.0.113.66", "count": 9}]), 1);
    check("destination.ip = \"10.0.0.0/8\"", &counted, &outside);
    let mut without = all.clone();
    without["oddsock.influencers"][0]["missing"] = json!(true);
    check("destination.ip = \"10.0.0.0/8\"", &all, &without);
    // The value that the rule works by is that of all of them, and so is the host.
    check("process.name = \"borg\"\nhost.name = \"db1\"", &more, &alert(&[("db2", "10.0.0.9")]));
}

#[test]
fn a_connection_without_the_field_is_not_expected() {
    let mut without = alert(&[("db1", "10.0.0.9"); 2]);
    without["oddsock.evidence"][1].as_object_mut().unwrap().remove("process.executable");
    check("process.executable = \"/usr/bin/borg\"", &borg(), &without);
    assert!(!hides(&exception("process.executable = \"*\""), &without));
}

#[test]
fn a_list_of_hosts_that_may_be_cut_short_is_not_all_of_them() {
    let hosts: Vec<String> = (0..16).map(|number| format!("db{number}")).collect();
    let many = with(borg(), json!({"oddsock.connections": 90, "host.name": hosts}));
    let fewer = with(borg(), json!({"oddsock.connections": 90, "host.name": hosts[..15]}));
    check("host.name = \"db*\"", &fewer, &many);
}

#[test]
fn what_was_not_kept_is_not_known() {
    let burst = with(
        borg(),
        json!({"oddsock.by_value": ["borg", "borgfs"],
        "oddsock.connections": 90}),
    );
    // Of one of the values nothing may have been kept: the hosts are those of the other.
    let parted = with(burst.clone(), json!({"oddsock.connections_estimated": true}));
    check("host.name = \"db1\"", &burst, &parted);
    let one = with(borg(), json!({"oddsock.connections_estimated": true}));
    check("host.name = \"db1\"", &one, &with(borg(), json!({"oddsock.connections": null})));
    check("destination.ip = \"10.0.0.9\"", &borg(), &one);
}

#[test]
fn the_partition_is_that_of_all_connections() {
    let of = |user: &str| {
        let of = json!({"oddsock.partition_field": "user.audit.name", "oddsock.partition": user,
            "oddsock.evidence": [], "oddsock.connections": 90});
        with(borg(), of)
    };
    check("user.audit.name = \"alice\"", &of("alice"), &of("mallory"));
}

#[test]
fn a_burst_is_hidden_by_what_covers_all_its_values() {
    let burst = |values: Value| {
        let fields = json!({"oddsock.function": "burst", "oddsock.by_value": values.clone(),
            "process.name": values, "oddsock.connections": 90});
        with(borg(), fields)
    };
    let (covered, wider) = (burst(json!(["borg", "borgfs"])), burst(json!(["borg", "nmap"])));
    check("process.name = \"borg*\"", &covered, &wider);
    check("oddsock.by_value = [\"borg\", \"borgfs\"]", &covered, &wider);
}

#[test]
fn a_name_is_not_taken_for_a_port_or_an_address() {
    let named = |name: &str| {
        let name = json!({"oddsock.by_value": name, "process.name": name, "oddsock.evidence": []});
        with(borg(), name)
    };
    check("oddsock.by_value = \"8000-8100\"", &named("8000-8100"), &named("8050"));
    check("process.name = \"10.0.0.0/8\"", &named("10.0.0.0/8"), &named("10.0.0.1"));
    let port = |port: u64| {
        let by = json!({"oddsock.by_field": "destination.port", "oddsock.by_value": port});
        with(borg(), by)
    };
    check("oddsock.by_value = \"8000-8100\"", &port(8050), &port(8101));
}

#[test]
fn a_name_that_is_not_text_is_hidden_by_a_wildcard_only() {
    let name = with(borg(), json!({"oddsock.by_value": "borg\u{fffd}", "process.name": []}));
    let name = with(name, json!({"oddsock.evidence": []}));
    assert!(!hides(&exception("process.name = \"borg\\uFFFD\""), &name));
    assert!(hides(&exception("process.name = \"borg?\""), &name));
}

#[test]
fn an_exception_is_for_the_rules_it_names() {
    let text = |rules: &str| {
        format!(
            "{}rules = {rules}\n",
            exception("").replace("[exception.match]\n", "match.process.name = \"borg\"\n")
        )
    };
    for rules in [
        "\"Unusual Linux Network Activity\"",
        "[\"unusual_linux_network_activity\"]",
        "[\"other\", \"unusual_*\"]",
        "\"v3_rare_process\"",
    ] {
        assert!(hides(&text(rules), &borg()), "{rules}");
    }
    for rules in ["\"unusual_linux_network_port_activity\"", "\"linux\"", "[\"*_port_*\"]"] {
        assert!(!hides(&text(rules), &borg()), "{rules}");
    }
}

#[test]
fn an_expired_exception_hides_nothing_and_is_listed_as_expired() {
    let text = |expires: &str| {
        format!(
            "[[exception]]\nid = \"b\"\nreason = \"r\"\nexpires = {expires}\n\
                 match.process.name = \"borg\"\n"
        )
    };
    for (expires, listed, status) in [
        ("2020-02-01", "b  expired 2020-02-01  r\n", 1),
        ("\"2020-02-01T10:00:00+02:00\"", "b  expired 2020-02-01T10:00:00+02:00  r\n", 1),
        ("2999-02-01", "b  until 2999-02-01  r\n", 0),
        ("\"never\"", "b  never expires  r\n", 0),
    ] {
        let place = Place::with(&text(expires));
        let ran = place.run(&["list", "--exceptions", "mine.toml"], "");
        assert!(ran.out.starts_with(listed), "{ran:?}");
        assert!(ran.out.contains("process.name = borg\n  mine.toml:1\n"), "{ran:?}");
        let ran = place.test(&[borg()]);
        assert_eq!(ran.status, status, "{ran:?}");
        assert_eq!(ran.out.contains("it expired on 2020-02-01"), status == 1, "{ran:?}");
    }
}

#[test]
fn an_exception_holds_to_the_end_of_its_day() {
    let mut exceptions = Exceptions::default();
    let text = "[[exception]]\nreason = \"r\"\nexpires = 2024-02-29\nmatch.process.name = \"borg\"";
    exceptions.add_file("mine.toml", text).unwrap();
    let midnight = 1_709_251_200_000;
    let alert = borg();
    let document = alert.as_object().unwrap();
    assert!(exceptions.matching(document, midnight - 1).is_some());
    assert!(exceptions.matching(document, midnight).is_none());
}
