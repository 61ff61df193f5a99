//! What is told of exceptions, of alerts and of wrong files.

use oddsock::alert::exceptions::Exceptions;
use serde_json::{Value, json};

use super::{Place, alert, borg, connection, exception, with};

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
fn the_name_of_a_file_begins_no_line_of_ours() {
    let place = Place::with(&exception("process.name = \"borg\""));
    let forged = "x\noddsock: FORGED\u{202e}.toml";
    let shown = r#""x\noddsock: FORGED\u{202e}.toml""#;
    std::fs::rename(place.path("mine.toml"), place.path(forged)).expect("another name");
    let check = |arguments: &[&str], input: &str, expected: &str| {
        let ran = place.run(arguments, input);
        let all = format!("{}{}", ran.out, ran.err);
        assert!(!all.lines().any(|line| line.starts_with("oddsock: F")), "{arguments:?}: {all}");
        assert!(all.contains(expected), "{arguments:?}: {expected}: {all}");
    };
    check(&["list", "--exceptions", forged], "", &format!("  {shown}:1\n"));
    let alert = borg().to_string();
    check(&["test", "-", "--exceptions", forged], &alert, &format!(", at {shown}:1\n"));
    let new = ["add", "--reason", "r", "tags=x", "--file", forged];
    check(&new, "", &format!(" to {shown}\n"));
    check(&new, "", &format!(" already, at {shown}:"));
    std::fs::write(place.path(forged), "x").expect("a file");
    check(&["list", "--exceptions", forged], "", &format!("oddsock: {shown}:1:"));
    check(&["test", forged], "", &format!("oddsock: {shown}: document 1: "));
    std::fs::write(place.path(forged), exception("process.name = \"borg\"")).expect("a file");
    let listed = place.run(&["list", "--exceptions", forged], "").out;
    let id = listed.split(' ').next().expect("an id");
    check(
        &["remove", id, "--exceptions", forged],
        "",
        &format!("removed exception {id} from {shown}\n"),
    );
    assert_eq!(place.text(forged), "");
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
        (
            format!("{head}expires = \"soon\"\nmatch.tags = \"x\""),
            "3:11: this is no time\n  3 | expires = \"soon\"\n    |           ^^^^^^\n  \
             expected a day or a time with its zone: 2027-02-19, 2027-02-19T12:00:00Z, or \
             \"never\"\n",
        ),
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
