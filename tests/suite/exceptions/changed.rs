//! How files are changed: what is added, what is removed, and what is left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use oddsock::alert::exceptions::removed;
use serde_json::json;

use super::{Place, alert, borg, with};

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
