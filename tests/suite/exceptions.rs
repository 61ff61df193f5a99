//! Exceptions and profiles: which alerts they hide, which they must not, and how files change.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use oddsock::alert::exceptions::{By, Exceptions, Verdict, removed};

/// A folder with a home in it, and no exceptions.
struct Place {
    folder: TempDir,
}

#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    fn with(text: &str) -> Place {
        let place = Place::new();
        fs::write(place.path("mine.toml"), text).expect("a file");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a text")
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        command.arg("exceptions").args(arguments).current_dir(self.folder.path());
        command.env("XDG_CONFIG_HOME", self.path("home")).env("LOGNAME", "alice");
        command.env_remove("SUDO_USER");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Tests alerts against `mine.toml`.
    fn test(&self, alerts: &[Value]) -> Ran {
        let lines: String = alerts.iter().map(|alert| format!("{alert}\n")).collect();
        self.run(&["test", "-", "--exceptions", "mine.toml"], &lines)
    }
}

/// A connection of `borg` to an address.
fn connection(host: &str, ip: &str) -> Value {
    json!({
        "event.kind": "event", "host.name": host, "process.name": "borg",
        "process.executable": "/usr/bin/borg", "user.name": "backup",
        "destination.ip": ip, "destination.port": 22,
    })
}

/// An alert about `borg` with these connections, all of which it shows.
fn alert(connections: &[(&str, &str)]) -> Value {
    let evidence: Vec<Value> = connections.iter().map(|(host, ip)| connection(host, ip)).collect();
    let mut hosts: Vec<&str> = connections.iter().map(|(host, _)| *host).collect();
    hosts.dedup();
    json!({
        "event.kind": "alert", "event.id": "00112233aabbccdd", "event.severity": 21,
        "rule.name": "Unusual Linux Network Activity", "process.name": "borg",
        "host.name": hosts, "oddsock.job": "v3_rare_process", "oddsock.function": "rare",
        "oddsock.by_field": "process.name", "oddsock.by_value": "borg", "oddsock.score": 70.5,
        "oddsock.connections": connections.len(), "oddsock.evidence": evidence,
    })
}

/// The alert with some of its fields changed.
fn with(mut alert: Value, fields: Value) -> Value {
    let object = alert.as_object_mut().expect("an object");
    object.extend(fields.as_object().expect("an object").clone());
    alert
}

fn borg() -> Value {
    alert(&[("db1", "10.0.0.9")])
}

/// Whether a file of this text hides an alert.
fn hides(text: &str, alert: &Value) -> bool {
    !matches!(verdict(text, alert), Verdict::Shown)
}

fn verdict(text: &str, alert: &Value) -> Verdict {
    let mut exceptions = Exceptions::default();
    exceptions.add_file("mine.toml", text).unwrap_or_else(|error| panic!("{error}: {text}"));
    exceptions.verdict(alert.as_object().expect("an object"), 0)
}

/// An exception with this table of conditions.
fn exception(conditions: &str) -> String {
    format!("[[exception]]\nreason = \"expected\"\n[exception.match]\n{conditions}\n")
}

#[track_caller]
fn check(conditions: &str, hidden: &Value, neighbour: &Value) {
    let text = exception(conditions);
    assert!(hides(&text, hidden), "{conditions} does not hide {hidden}");
    assert!(!hides(&text, neighbour), "{conditions} hides {neighbour}");
}

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

#[test]
fn test_says_which_exception_matched_and_why_the_others_did_not() {
    let place = Place::with(
        "[[exception]]\nid = \"nas\"\nreason = \"backup to the NAS\"\n[exception.match]\n\
         process.name = \"borg\"\ndestination.ip = \"10.0.0.0/8\"\n\n\
         [[exception]]\nid = \"far\"\nreason = \"nothing to do with it\"\n[exception.match]\n\
         process.name = \"nmap\"\nuser.name = \"root\"\n",
    );
    let more = with(borg(), json!({"oddsock.connections": 1024}));
    let ran = place.test(&[borg(), alert(&[("db1", "192.0.2.7")]), more]);
    assert_eq!((ran.status, ran.err.as_str()), (0, "oddsock: alerts 3 = 1 hidden + 2 shown\n"));
    let heading = "alert 00112233aabbccdd  Unusual Linux Network Activity  borg on db1\n";
    assert_eq!(
        ran.out,
        format!(
            "{heading}  hidden by exception nas: backup to the NAS, at mine.toml:1\n\
             {heading}  shown: none of 2 exceptions matches; the nearest:\n  \
             nas (backup to the NAS): destination.ip is 192.0.2.7, not 10.0.0.0/8\n\
             {heading}  shown: none of 2 exceptions matches; the nearest:\n  \
             nas (backup to the NAS): destination.ip is known of 1 of 1024 connections only, and \
             the others may differ\n"
        )
    );
}

#[test]
fn test_tells_of_input_that_is_no_alert_and_goes_on_where_it_can() {
    let place = Place::with(&exception("process.name = \"borg\""));
    let ran = place.test(&[connection("db1", "10.0.0.9"), json!([]), borg()]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.err.contains("document 1: this is no alert: its event.kind is not"), "{ran:?}");
    assert!(ran.err.contains("document 2: this is no alert, which"), "{ran:?}");
    assert!(ran.err.contains("alerts 1 = 1 hidden + 0 shown"), "{ran:?}");
    assert_eq!(place.run(&["test", "-"], "{").status, 2);
    assert_eq!(place.run(&["test", "nowhere.json"], "").status, 2);
    // One document over several lines, as other programs write it.
    let pretty = serde_json::to_string_pretty(&borg()).unwrap();
    let ran = place.run(&["test", "-", "--exceptions", "mine.toml"], &pretty);
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn what_an_attacker_named_does_not_play_with_the_terminal() {
    let place = Place::with(&exception("process.name = \"borg\"\nhost.name = \"db1\""));
    let name = "\u{1b}[2Jx\nhidden by exception nas";
    let named = with(borg(), json!({"oddsock.by_value": name, "process.name": name}));
    let ran = place.test(&[named]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.lines().all(|line| !line.starts_with("hidden")), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}') && ran.out.contains("\\x1b[2J"), "{}", ran.out);
}

#[test]
fn the_names_of_a_burst_are_one_word_each_and_told_in_a_line() {
    let place = Place::with(&exception("process.name = \"borg\"\nhost.name = \"db1\""));
    let told = |names: Value| {
        let ran = place.test(&[with(borg(), json!({"oddsock.by_value": names}))]);
        ran.out.lines().next().unwrap_or_default().to_owned()
    };
    assert!(
        told(json!(["a, b", "c"])).contains("  \"a, b\", c on "),
        "{}",
        told(json!(["a, b", "c"]))
    );
    let many: Vec<String> = (0..2_000).map(|n| format!("tool{n:04}")).collect();
    assert!(told(json!(many)).contains("tool0004 and 1995 more"), "{}", told(json!(many)));
    assert!(told(json!("x".repeat(1 << 20))).chars().count() < 300);
}

#[test]
fn a_wrong_file_is_told_with_the_place_and_what_was_expected() {
    let head = "[[exception]]\nreason = \"r\"\n";
    let cases = [
        (
            format!("{head}mach.process.name = \"x\""),
            "3:1: unknown key \"mach\"\n  3 | mach.process.name = \"x\"\n    | ^^^^\n  \
             expected \"match\"\n",
        ),
        (
            format!("{head}match.proces.name = \"x\""),
            "3:14: there is no field \"proces.name\"\n  3 | match.proces.name = \"x\"\n    \
             |              ^^^^\n  expected \"process.name\"\n",
        ),
        (
            format!("{head}match.destination.ip = \"10.0.0.0/33\""),
            "3:24: \"destination.ip\" cannot be \"10.0.0.0/33\"\n  3 | match.destination.ip = \
             \"10.0.0.0/33\"\n    |                        ^^^^^^^^^^^^^\n  expected an address, a \
             network or a glob: \"192.0.2.7\", \"10.0.0.0/8\", \"10.1.*\"\n",
        ),
        (
            "[[exception]]\nmatch.process.name = \"x\"".to_owned(),
            "1:1: reason is missing\n  1 | [[exception]]\n    | ^^^^^^^^^^^^^\n  expected \
             reason = \"why this is expected\"\n",
        ),
        (head.to_owned(), "1:1: this exception has no match\n"),
        (format!("{head}match = {{}}"), "1:1: this exception would match everything\n"),
        (format!("{head}match.process.name = []"), "3:22: the list is empty"),
        (format!("{head}match.tags = 1.5"), "3:14: \"tags\" cannot be a number with a point\n"),
        (format!("{head}expires = \"soon\"\nmatch.tags = \"x\""), "3:11: this is no time\n"),
        (format!("{head}expires = 2027-02-30\nmatch.tags = \"x\""), "3:11: "),
        (format!("{head}id = \"a b\"\nmatch.tags = \"x\""), "3:6: this is no id\n"),
        ("[exception]\nreason = \"r\"".to_owned(), "1:1: exception is a table"),
        ("[[exceptions]]\nreason = \"r\"".to_owned(), "1:3: unknown key \"exceptions\"\n"),
        (format!("{head}match.tags = \"x"), "3:16: this is no TOML: invalid basic string\n"),
        (
            format!("{head}id = \"a\"\nmatch.tags = \"x\"\n{head}id = \"a\"\nmatch.tags = \"y\""),
            "7:6: another exception is called \"a\", at mine.toml:1:1\n",
        ),
        ("[[profile]]\nname = \"p\"\nhosts = []".to_owned(), "3:9: the list is empty\n"),
        (
            "[[profile]]\nname = \"p\"\nhosts = \"a\"\nthreshold = 101".to_owned(),
            "4:13: this is no threshold\n",
        ),
        (
            "[[profile]]\nname = \"p\"\nhosts = \"a\"\nrules.of = \"x\"".to_owned(),
            "4:7: unknown key \"of\"\n",
        ),
    ];
    for (text, expected) in cases {
        let place = Place::with(&text);
        let ran = place.run(&["list", "--exceptions", "mine.toml"], "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{text}: {ran:?}");
        let expected = format!("oddsock: mine.toml:{expected}");
        assert!(ran.err.starts_with(&expected), "{text}:\n{}\nnot\n{expected}", ran.err);
    }
}

#[test]
fn a_file_has_limits() {
    let read = |text: &str| Exceptions::default().add_file("mine.toml", text);
    let long = format!("# {}\n", "x".repeat(1 << 20));
    assert!(read(&long).unwrap_err().expected.contains("1 MiB"));
    let many = |number: usize| -> String {
        (0..number).map(|at| format!("[[exception]]\nreason='r'\nmatch.a.b='{at}'\n")).collect()
    };
    assert!(read(&many(10_000)).is_ok());
    assert!(read(&many(10_001)).unwrap_err().expected.contains("10000"));
    assert!(read(&format!("{}a=1", "a.".repeat(400_000))).is_err());
    assert!(read(&format!("a={}", "[".repeat(900_000))).is_err());
}

#[test]
fn what_add_writes_is_read_again_and_hides_what_it_says() {
    let place = Place::new();
    let arguments =
        ["add", "--reason", "backup \"NAS\" für alle", "process.name=borg", "host.name=db*"];
    let ran = place.run(&arguments, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    let text = place.text("home/oddsock/exceptions.toml");
    assert_eq!(text, ran.out);
    assert!(text.contains("reason = \"backup \\\"NAS\\\" für alle\"\nauthor = \"alice\"\n"));
    assert!(text.contains("process.name = \"borg\"\nhost.name = \"db*\"\n"), "{text}");
    let day = |key: &str| {
        let (_, rest) = text.split_once(&format!("\n{key} = ")).expect(key);
        rest.lines().next().unwrap().parse::<jiff::civil::Date>().expect("a day")
    };
    assert_eq!((day("expires") - day("created")).get_days(), 90);

    let ran = place.run(&["test", "-"], &borg().to_string());
    assert_eq!(ran.status, 0, "{ran:?}");
    let other = alert(&[("web1", "10.0.0.9")]);
    assert_eq!(place.run(&["test", "-"], &other.to_string()).status, 1);
    let again = place.run(&arguments, "");
    assert_eq!(again.status, 2, "{again:?}");
    assert!(again.err.contains("already, at "), "{again:?}");
    assert_eq!(place.text("home/oddsock/exceptions.toml"), text);
}

#[test]
fn add_tells_what_is_wrong_before_it_writes() {
    let place = Place::new();
    for (arguments, said) in [
        (&["proces.name=x"][..], "expected \"process.name\""),
        (&["destination.ip=nowhere"], "expected an address"),
        (&[], "name at least one FIELD=PATTERN"),
        (&["tags=x", "--expires", "2020-01-01"], "2020-01-01 is over already"),
        (&["tags=x", "--expires", "soon"], "cannot tell what time \"soon\" is"),
        (&["tags"], "not a field and a pattern"),
    ] {
        let ran = place.run(&[&["add", "--reason", "r"], arguments].concat(), "");
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.err.contains(said), "{ran:?}");
        assert!(!place.path("home/oddsock/exceptions.toml").exists());
    }
    assert_eq!(place.run(&["add", "process.name=x"], "").status, 2);
    let ran = place.run(&["add", "--reason", "r", "tags=x", "--expires", "never"], "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.out.contains("expires"), "{ran:?}");
}

#[test]
fn add_says_what_may_not_be_meant_and_adds_it() {
    for (arguments, said) in [
        (&["process.name=*"][..], Some("this hides every alert that has process.name")),
        (&["process.name=*", "host.name=db1"], None),
        (&["process.name=b*"], None),
        (&["tags=x", "--rule", "unusal_linux_network_activity"], Some("there is no rule called")),
        (&["tags=x", "--rule", "unusual_linux_network_activity"], None),
        (&["tags=x", "--rule", "unusual_*"], None),
        (&["nosuch.field=x"], Some("no connection has a field \"nosuch.field\"")),
        (&["destination.geo.country_iso_code=DE"], None),
        (&["oddsock.by_value=nc", "rule.name=x", "@timestamp=2024*"], None),
    ] {
        let ran = Place::new().run(&[&["add", "--reason", "r"], arguments].concat(), "");
        assert_eq!(ran.status, 0, "{ran:?}");
        match said {
            Some(said) => assert!(ran.err.contains(said), "{ran:?}"),
            None => assert_eq!(ran.err.lines().count(), 1, "{ran:?}"),
        }
    }
}

const BY_HAND: &str = "# Ours. Ask alice.\n\n[[exception]]   # the NAS\n  id='nas'\n\
    reason = '''backup'''\nmatch = { process.name = \"borg\" }  # nothing else\n# until we move\n\n\
    # The scanner\n[[exception]]\nid = \"scan\"\nreason = \"scanner\"\n[exception.match]\n\
    process.name = [\n  \"nmap\", # old\n  \"masscan\",\n]\n\n[[profile]]\nname = \"dev\"\n\
    hosts = \"dev-*\"\n\n[[profile.exception]]\nid = \"make\"\nreason = \"builds\"\n\
    match.process.name = \"make\"\n[exception.match.host]\nname = \"scan1\"\n# the end";

#[test]
fn add_leaves_what_people_wrote_as_it_is() {
    for text in [BY_HAND.to_owned(), BY_HAND.replace('\n', "\r\n")] {
        let place = Place::with(&text);
        let mode = fs::Permissions::from_mode(0o640);
        fs::set_permissions(place.path("mine.toml"), mode).expect("a mode");
        let ran = place.run(&["add", "--reason", "r", "tags=x", "--file", "mine.toml"], "");
        assert_eq!(ran.status, 0, "{ran:?}");
        let new = place.text("mine.toml");
        assert!(new.starts_with(&text) && new.contains("[[exception]]"), "{new}");
        assert_eq!(new.contains("\r\n"), text.contains("\r\n"));
        let mode = fs::metadata(place.path("mine.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 1, "nothing is left over");
    }
}

#[test]
fn remove_takes_out_the_block_and_nothing_else() {
    let nas = "[[exception]]   # the NAS\n  id='nas'\nreason = '''backup'''\n\
        match = { process.name = \"borg\" }  # nothing else\n";
    let place = Place::with(BY_HAND);
    let ran = place.run(&["remove", "nas", "--exceptions", "mine.toml"], "");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(place.text("mine.toml"), BY_HAND.replace(nas, ""));

    // A block may go on after another one's.
    let new = removed("mine.toml", BY_HAND, "scan").unwrap();
    let (before, rest) = BY_HAND.split_once("[[exception]]\nid = \"scan\"").unwrap();
    let (_, after) = rest.split_once("]\n\n").unwrap();
    let after = after.replace("[exception.match.host]\nname = \"scan1\"\n", "");
    assert_eq!(new, format!("{before}\n{after}"));

    let new = removed("mine.toml", BY_HAND, "make").unwrap();
    let make = "[[profile.exception]]\nid = \"make\"\nreason = \"builds\"\n\
        match.process.name = \"make\"\n";
    assert_eq!(new, BY_HAND.replace(make, ""));

    let ran = place.run(&["remove", "nas", "--exceptions", "mine.toml"], "");
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.err.contains("there is no exception \"nas\""), "{ran:?}");
}

#[test]
fn what_is_no_block_of_its_own_is_left_to_an_editor() {
    let text = "exception = [\n{ id = \"a\", reason = \"r\", match = { tags = \"x\" } },\n]\n";
    let place = Place::with(text);
    let ran = place.run(&["remove", "a", "--exceptions", "mine.toml"], "");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("with an editor"), "{ran:?}");
    let ran = place.run(&["add", "--reason", "r", "tags=y", "--file", "mine.toml"], "");
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(place.text("mine.toml"), text);
}

#[test]
fn an_exception_from_an_alert_is_about_its_value_hosts_and_executable() {
    let place = Place::new();
    let other = with(
        borg(),
        json!({"event.id": "ffff", "oddsock.by_value": "nmap",
        "process.name": "nmap"}),
    );
    let both = format!("{}\n{other}\n", borg());
    let add = |more: &[&str], input: &str| {
        place.run(&[&["add", "--reason", "r", "--from-alert", "-"], more].concat(), input)
    };
    let ran = add(&[], &both);
    assert!(ran.status == 2 && ran.err.contains("say which one with --id"), "{ran:?}");
    assert!(add(&["--id", "none"], &both).err.contains("there is no alert \"none\""));

    let ran = add(&["--id", "00112233aabbccdd"], &both);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.ends_with(
        "rules = [\"Unusual Linux Network Activity\"]\n\n[exception.match]\n\
         process.name = \"borg\"\nhost.name = \"db1\"\nprocess.executable = \"/usr/bin/borg\"\n"
    ));
    assert_eq!(place.run(&["test", "-"], &borg().to_string()).status, 0);
    let elsewhere = alert(&[("db2", "10.0.0.9")]);
    assert_eq!(place.run(&["test", "-"], &elsewhere.to_string()).status, 1);

    // What is not known of all connections would hide nothing.
    let more = with(borg(), json!({"oddsock.connections": 90}));
    let ran = add(&[], &more.to_string());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains("process.executable is left out"), "{ran:?}");
    assert_eq!(place.run(&["test", "-"], &more.to_string()).status, 0);
    // A condition that the alert does not meet is told at once.
    let ran = add(&["user.name=root"], &borg().to_string());
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("user.name is backup, not root"), "{ran:?}");
}

#[test]
fn an_exception_from_an_alert_is_not_wider_than_the_names_in_it() {
    let place = Place::new();
    let named = |name: &str| {
        let name = json!({"oddsock.by_value": name, "process.name": name,
            "oddsock.evidence": [], "oddsock.connections": 1});
        with(borg(), name)
    };
    let nasty = "a*\"\n[[exception]]\nb\\";
    let ran = place.run(&["add", "--reason", "r", "--from-alert", "-"], &named(nasty).to_string());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.out.matches("\n[[exception]]").count(), 0, "{}", ran.out);
    assert_eq!(place.run(&["test", "-"], &named(nasty).to_string()).status, 0);
    assert_eq!(place.run(&["test", "-"], &named(&nasty.replace('*', "xx")).to_string()).status, 1);
}

const PROFILES: &str = "[[profile]]\nname = \"development\"\nhosts = [\"dev-*\"]\nthreshold = 75\n\
    rules.off = \"*_port_*\"\n\n[[profile.exception]]\nid = \"wget\"\nreason = \"downloads\"\n\
    match.process.name = \"wget\"\n";

#[test]
fn a_profile_is_for_alerts_all_of_whose_hosts_belong_to_it() {
    let dev = alert(&[("dev-1", "10.0.0.9")]);
    let by = |text: &str, alert: &Value| match verdict(text, alert) {
        Verdict::Shown => None,
        Verdict::Hidden(hidden) => Some((hidden.by.to_string(), hidden.reason)),
    };
    let threshold = by(PROFILES, &dev);
    let reason = "score 70.5 is under the threshold 75 of these hosts".to_owned();
    assert_eq!(threshold, Some(("profile development".to_owned(), reason)));
    assert_eq!(by(PROFILES, &with(dev.clone(), json!({"oddsock.score": 75}))), None);
    assert_eq!(by(PROFILES, &borg()), None);
    assert_eq!(by(PROFILES, &alert(&[("dev-1", "10.0.0.9"), ("db1", "10.0.0.9")])), None);

    let high = json!({"oddsock.score": 99, "rule.name": "Unusual Linux Network Port Activity"});
    let off = by(PROFILES, &with(dev.clone(), high.clone()));
    assert_eq!(off.unwrap().1, "the rule is off for these hosts");
    assert_eq!(by(PROFILES, &with(borg(), high)), None);

    let wget = json!({"oddsock.score": 99, "process.name": "wget", "oddsock.by_value": "wget",
        "oddsock.evidence": [], "oddsock.connections": 90});
    assert_eq!(
        verdict(PROFILES, &with(dev, wget.clone())),
        Verdict::Hidden(oddsock::alert::exceptions::Hidden {
            by: By::Exception("wget".into()),
            reason: "downloads".into()
        })
    );
    assert_eq!(by(PROFILES, &with(borg(), wget)), None);
}

#[test]
fn a_profile_can_leave_on_what_it_names() {
    let dev = with(alert(&[("dev-1", "10.0.0.9")]), json!({"oddsock.score": 99}));
    let text = |rules: &str| format!("[[profile]]\nname = \"d\"\nhosts = \"dev-*\"\n{rules}\n");
    assert!(!hides(&text("rules.on = \"unusual_*\""), &dev));
    assert!(hides(&text("rules.on = \"process_*\""), &dev));
    assert!(!hides(&text("rules = { on = \"unusual_*\", off = \"*\" }"), &dev));
    assert!(!hides(&text("rules = { on = \"unusual_*\", off = \"process_*\" }"), &dev));
    assert!(hides(&text("rules.off = \"unusual_*\""), &dev));
}

#[test]
fn list_and_test_tell_of_profiles_too() {
    let place = Place::with(PROFILES);
    let ran = place.run(&["list", "--exceptions", "mine.toml"], "");
    assert_eq!(
        ran.out,
        "wget  never expires  downloads\n  profile development; process.name = wget\n  \
         mine.toml:7\nprofile development\n  hosts dev-*; threshold 75; rules off *_port_*\n"
    );
    assert_eq!(ran.err, "oddsock: exceptions 1, of which 0 expired; profiles 1; files 1\n");
    let ran = place.test(&[alert(&[("dev-1", "10.0.0.9")])]);
    assert!(ran.out.contains("  hidden by profile development: score 70.5 is under"), "{ran:?}");
    let ran = Place::new().run(&["list"], "");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
}

proptest! {
    #[test]
    fn no_text_makes_reading_or_removing_fail_badly(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("[[exception]]\n"), Just("[[profile]]\n"), Just("[exception.match]\n"),
                Just("[[profile.exception]]\n"), Just("[profile.rules]\n"), Just("id = \"a\"\n"),
                Just("reason = 'r'\n"), Just("match.process.name = 'x'\n"), Just("match = {"),
                Just("process.name = [1, 'b*']\n"), Just("destination.port = '1-9'\n"),
                Just("name = \"p\"\n"), Just("hosts = ['*']\n"), Just("expires = 2027-01-01\n"),
                Just("expires = -9999-99\n"), Just("# é\u{202e}\n"), Just("\r\n"), Just("'''\n"),
                Just("threshold = 1e999\n"), Just("threshold = nan\n"), Just("on = 'x'\n"),
            ],
            0..16,
        ),
        noise in any::<String>(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut text: String = pieces.concat();
        let place = at.index(text.len() + 1);
        if text.is_char_boundary(place) && noise.len() % 3 == 0 {
            text.insert_str(place, &noise);
        }
        let mut exceptions = Exceptions::default();
        match exceptions.add_file("mine.toml", &text) {
            Ok(()) => {
                for exception in exceptions.all() {
                    if let Ok(new) = removed("mine.toml", &text, &exception.id) {
                        let mut left = Exceptions::default();
                        prop_assert!(left.add_file("mine.toml", &new).is_ok());
                        prop_assert_eq!(left.all().len(), exceptions.all().len() - 1);
                    }
                }
                let _ = exceptions.verdict(borg().as_object().unwrap(), 0);
            }
            Err(error) => prop_assert!(error.place.line <= text.lines().count() + 1),
        }
    }

    #[test]
    fn no_document_makes_matching_fail_badly(
        fields in prop::collection::btree_map(
            prop::sample::select(vec![
                "oddsock.by_field", "oddsock.by_value", "oddsock.evidence", "oddsock.influencers",
                "oddsock.connections", "host.name", "process.name", "rule.name", "oddsock.score",
            ]),
            prop::sample::select(vec![
                json!(null), json!(1), json!(-1.5), json!("a*"), json!([]), json!({}),
                json!([{"field": "host.name", "values": [{"value": {}}, null, 3], "number": 2}]),
                json!([{"process": {"name": {"x": 1}}}]), json!("process.name"), json!([[["a"]]]),
            ]),
            0..9,
        ),
    ) {
        let document = json!(fields);
        let text = format!("{PROFILES}{}", exception("process.name = '?*'\nhost.name = '*'"));
        let mut exceptions = Exceptions::default();
        exceptions.add_file("mine.toml", &text).unwrap();
        let _ = exceptions.verdict(document.as_object().unwrap(), 0);
        let _ = exceptions.nearest(document.as_object().unwrap(), 0, 3);
    }
}
