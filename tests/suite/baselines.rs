//! What is learnt, and what is asked of it: learn, baseline, history, explain and rules.

use crate::judged::USUAL;
use crate::judged::scene::log;
use crate::place::{Place, Ran};

/// Runs the program; arguments are parted by blanks.
fn run(place: &Place, arguments: &str) -> Ran {
    place.oddsock(&arguments.split_whitespace().collect::<Vec<_>>())
}

/// What it prints, if it ends so.
#[track_caller]
fn prints(place: &Place, status: i32, arguments: &str) -> String {
    let ran = run(place, arguments);
    assert_eq!(ran.status, status, "{arguments}: {}{}", ran.out, ran.err);
    ran.out
}

/// A place with the log of a fortnight of the usual and this.
fn fortnight(scene: &str) -> Place {
    let place = Place::new();
    place.write("audit.log", log(14, &format!("{USUAL}{scene}")).as_bytes());
    place
}

const NC: &str = "web nc 203.0.113.9:4444 day 10 10:07";
const RULE: &str = "unusual_linux_network_activity";

/// The ids of the alerts of a replay.
fn ids(place: &Place, arguments: &str) -> Vec<String> {
    let ran = run(place, &format!("replay --format ndjson --exit-zero {arguments}"));
    assert_eq!(ran.status, 0, "{}", ran.err);
    let id = |alert: &serde_json::Value| alert["event.id"].as_str().expect("an id").to_string();
    ran.documents().iter().map(id).collect()
}

#[test]
fn what_was_learnt_is_what_is_judged_by() {
    let place = Place::new();
    place.write("before.log", log(10, USUAL).as_bytes());
    let day = log(11, &format!("{USUAL}{NC}"));
    let now = day.lines().filter(|line| {
        let second = line.split("audit(").nth(1).and_then(|rest| rest.split('.').next());
        second.is_some_and(|second| second.parse::<u64>().expect("seconds") >= 1_704_931_200)
    });
    place.write("now.log", now.collect::<Vec<_>>().join("\n").as_bytes());
    assert_eq!(prints(&place, 0, "learn --state state before.log"), "");
    let judge = "replay now.log --format ndjson --exit-zero";
    let at_once = prints(&place, 0, &format!("{judge} --learn before.log"));
    assert!(!at_once.is_empty());
    assert_eq!(prints(&place, 0, &format!("{judge} --state state")), at_once);
    assert_eq!(prints(&place, 0, judge), "", "without it everything is new");
}

#[test]
fn learning_tells_what_is_known_and_twice_is_once() {
    let place = fortnight("");
    let once = run(&place, &format!("learn --state state audit.log --rule {RULE}"));
    assert_eq!((once.status, &once.out[..]), (0, ""), "{}", once.err);
    assert!(once.err.contains(&format!("{RULE}: 1344 buckets, 5 values\n")), "{}", once.err);
    let twice = run(&place, &format!("learn --state state audit.log --rule {RULE}"));
    assert_eq!(once.err, twice.err);
    place.write("hour.log", &log(14, USUAL).as_bytes()[..9000]);
    let little = run(&place, &format!("learn --state other hour.log --rule {RULE}"));
    assert!(little.err.contains("still learning ("), "{}", little.err);
}

#[test]
fn logs_that_cannot_be_read_teach_nothing() {
    let place = fortnight("");
    prints(&place, 2, "learn --state state nowhere.log");
    prints(&place, 3, "learn --state state nowhere.log audit.log");
    prints(&place, 2, "learn audit.log");
    place.write("other.log", log(1, "web nc 127.0.0.1:22 every 15m").as_bytes());
    place.write("empty.log", b"");
    prints(&place, 1, "learn --state state empty.log");
}

#[test]
fn what_is_known_is_shown_rule_by_rule() {
    let place = fortnight(NC);
    prints(&place, 0, "learn --state state audit.log");
    let shown = prints(&place, 0, &format!("baseline show --state state --rule {RULE}"));
    let words: Vec<Vec<&str>> = shown
        .lines()
        .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).collect())
        .collect();
    let [head, row] = &words[..] else { panic!("{shown}") };
    let (first, last) = ("2024-01-01 00:00", "2024-01-14 23:45");
    let row: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
    assert_eq!(row, [RULE, "15m", "1344", "6", "2", first, last, "0", "ready"]);
    assert_eq!(head.len(), row.len());
    let ran = run(&place, "baseline show --state state --format ndjson");
    assert_eq!(ran.documents().len(), 3);
    let of_hosts = &ran.documents()[0];
    assert_eq!(of_hosts["rule"], "process_new_to_a_host");
    assert_eq!((&of_hosts["values"], &of_hosts["learning"]), (&6.into(), &false.into()));
    assert_eq!(of_hosts["first_seen"], "2024-01-01T00:00:00.000Z");
    prints(&place, 2, "baseline show --state nowhere");
    prints(&place, 2, "baseline show --state state --rule nonesuch");
}

#[test]
fn states_of_several_hosts_join_in_any_order_and_twice() {
    let whole = fortnight(NC);
    prints(&whole, 0, "learn --state whole audit.log");
    let text = log(14, &format!("{USUAL}{NC}"));
    for host in ["web", "db"] {
        let node = format!("node={host} ");
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(&node)).collect();
        whole.write(&format!("{host}.log"), lines.join("\n").as_bytes());
        prints(&whole, 0, &format!("learn --state {host} {host}.log"));
    }
    prints(&whole, 0, "baseline merge --state one web db");
    prints(&whole, 0, "baseline merge --state other db web db");
    let shown = |state| prints(&whole, 0, &format!("baseline show --state {state} -f ndjson"));
    let history = |state| prints(&whole, 0, &format!("history nc --state {state}"));
    for state in ["one", "other"] {
        assert_eq!(shown(state), shown("whole"));
        assert_eq!(history(state), history("whole"));
    }
    prints(&whole, 2, "baseline merge --state new nowhere");
    assert!(!whole.folder.path().join("new").exists(), "nothing was to be joined");
}

#[test]
fn a_copy_knows_the_same_and_takes_no_file_s_place() {
    let place = fortnight(NC);
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 0, "baseline export --state state copy");
    let shown = |state| prints(&place, 0, &format!("baseline show --state {state} -f ndjson"));
    assert_eq!(shown("copy"), shown("state"));
    prints(&place, 2, "baseline export --state state copy");
    prints(&place, 2, "baseline export --state state audit.log");
}

#[test]
fn what_is_forgotten_is_not_known_and_everything_else_is() {
    let place = fortnight(NC);
    prints(&place, 0, "learn --state state audit.log");
    let forgot = run(&place, &format!("baseline forget --state state --value nc --rule {RULE}"));
    assert_eq!(forgot.err, format!("oddsock: {RULE}: 1 fact forgotten, 1 value no longer known\n"));
    prints(&place, 1, &format!("history nc --state state --rule {RULE}"));
    prints(&place, 0, "history nc --state state --rule process_new_to_a_host");
    prints(&place, 0, &format!("history nginx --state state --rule {RULE}"));
    prints(&place, 1, &format!("baseline forget --state state --value nc --rule {RULE}"));
}

#[test]
fn of_a_host_is_forgotten_what_no_other_has_shown() {
    let place = fortnight("db sshd 10.0.0.6:22 every 60m");
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 0, "baseline forget --state state --host db");
    prints(&place, 1, "history node --state state");
    let sshd = prints(&place, 0, &format!("history sshd --state state --rule {RULE}"));
    assert!(sshd.contains("hosts    db, web"), "{sshd}");
    prints(&place, 1, "history sshd --state state --partition db");
    prints(&place, 0, "history sshd --state state --partition web");
    prints(&place, 1, "baseline forget --state state --host d");
}

#[test]
fn what_is_before_a_time_is_forgotten_and_what_is_after_it_stays() {
    let place = fortnight(NC);
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 0, "baseline forget --state state --before 2024-01-08");
    let ran = run(&place, "baseline show --state state -f ndjson");
    for known in ran.documents() {
        assert_eq!(known["first_seen"], "2024-01-08T00:00:00.000Z");
        assert_eq!(known["buckets"], 672);
    }
    prints(&place, 0, "baseline forget --state state --value nc --before 2024-01-11T10:15");
    prints(&place, 1, "history nc --state state");
    prints(&place, 1, "baseline forget --state state --before 2024-01-08");
    prints(&place, 2, "baseline forget --state state --before whenever");
}

#[test]
fn a_state_that_has_forgotten_everything_knows_nothing() {
    let place = fortnight(NC);
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 0, "baseline show --state state");
    prints(&place, 0, "baseline forget --state state --before 2030-01-01");
    prints(&place, 1, "baseline show --state state");
}

#[test]
fn a_state_forgets_what_is_older_than_400_days_and_nothing_younger() {
    let place = Place::new();
    let long_ago = log(2, USUAL);
    let text = log(
        400,
        "web sshd 10.0.0.6:22 day 398 399 10:00\nweb nginx 10.0.0.5:443 every 15m from 399",
    );
    place.write("old.log", long_ago.as_bytes());
    place.write("399.log", text.as_bytes());
    prints(&place, 0, "learn --state near old.log 399.log");
    assert!(prints(&place, 0, "baseline show --state near").contains("2024-01-01 00:00"));
    let text = log(403, "web nginx 10.0.0.5:443 every 15m from 402");
    place.write("402.log", text.as_bytes());
    prints(&place, 0, "learn --state far old.log 402.log");
    let shown = prints(&place, 0, "baseline show --state far");
    assert!(!shown.contains("2024-01-01 00:00") && shown.contains("2025-02-06"), "{shown}");
}

#[test]
fn nobody_forgets_everything_by_leaving_out_a_word() {
    let place = fortnight("");
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 2, "baseline forget --state state");
    prints(&place, 2, &format!("baseline forget --state state --rule {RULE}"));
    prints(&place, 2, "baseline forget --state nowhere --value nc");
    assert!(!place.folder.path().join("nowhere").exists());
}

#[test]
fn a_history_says_when_how_often_where_and_how_regularly() {
    let place = fortnight("web backup 10.0.0.9:22 daily 02:00 from 8");
    prints(&place, 0, "learn --state state audit.log");
    let told = prints(&place, 0, &format!("history backup --state state --rule {RULE}"));
    assert_eq!(
        told,
        "\
backup: process.name in unusual_linux_network_activity
  first    2024-01-09 02:00 UTC
  last     2024-01-14 02:00 - 2024-01-14 02:15 UTC
  seen     in 6 of 1344 active buckets of 15m
  hosts    web
  cadence  daily, 6 times in a row, at last Wed 2024-01-10 02:00, Thu 2024-01-11 02:00, \
Fri 2024-01-12 02:00, Sat 2024-01-13 02:00, Sun 2024-01-14 02:00
  lately
    Sun 2024-01-14 02:00  1 event  on web
    Sat 2024-01-13 02:00  1 event  on web
    Fri 2024-01-12 02:00  1 event  on web
    Thu 2024-01-11 02:00  1 event  on web
    Wed 2024-01-10 02:00  1 event  on web
    Tue 2024-01-09 02:00  1 event  on web
"
    );
    // A port and a program may be called the same; all rules that know the value tell of it.
    assert_eq!(prints(&place, 0, "history backup --state state").matches("first").count(), 2);
    let port = prints(&place, 0, "history 22 --state state");
    assert!(port.starts_with("22: destination.port in "), "{port}");
    prints(&place, 1, "history 2 --state state");
    prints(&place, 2, "history backup --state nowhere");
}

#[test]
fn a_name_that_acts_on_terminals_is_spelled_out_and_can_be_asked_for_as_it_is_spelled() {
    let place = Place::new();
    let text = log(14, &format!("{USUAL}{NC}"));
    let evil = text.replace("comm=\"nc\"", "comm=6E1B5B324A");
    place.write("audit.log", evil.as_bytes());
    prints(&place, 0, "learn --state state audit.log");
    let told = prints(&place, 0, r"history n\x1b[2J --state state");
    assert!(told.starts_with("\"n\\x1b[2J\": ") && !told.contains('\x1b'), "{told}");
}

#[test]
fn an_alert_is_explained_with_the_records_behind_it() {
    let place = fortnight(NC);
    let id = &ids(&place, &format!("audit.log --rule {RULE}"))[0];
    let told = prints(&place, 0, &format!("explain {id} audit.log"));
    assert!(told.contains("nc on web, 1 connection to 203.0.113.9:4444"), "{told}");
    for factor in ["  buckets ", "  mass ", "  probability ", "  by habit ", "  score "] {
        assert!(told.contains(&format!("\n{factor}")), "{factor}: {told}");
    }
    let text = log(14, &format!("{USUAL}{NC}"));
    let record = text.lines().find(|line| line.contains("comm=\"nc\"")).expect("a record");
    let stamp = record.split("msg=").nth(1).and_then(|rest| rest.split(' ').next());
    let records: Vec<String> = text
        .lines()
        .filter(|line| line.contains(stamp.expect("a stamp")))
        .map(|line| format!("    {}", line.replace('\x1d', r"\x1d")))
        .collect();
    assert_eq!(records.len(), 2);
    assert!(told.ends_with(&format!("{}\n", records.join("\n"))), "{told}");
    assert!(!told.contains("oddsock explain"), "{told}");
}

/// A state may be set for all commands, and a replay judges without it unless it is given one.
#[test]
fn an_alert_of_the_logs_alone_is_found_where_a_state_knows_better() {
    let place = fortnight(NC);
    let id = &ids(&place, &format!("audit.log --rule {RULE}"))[0];
    let usual = log(14, "web nc 203.0.113.9:4444 every 15m");
    place.write("usual.log", usual.as_bytes());
    prints(&place, 0, "learn --state state usual.log");
    let ran = run(&place, &format!("explain {id} --state state audit.log"));
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("these logs alone are looked at"), "{}", ran.err);
    assert_eq!(ran.out, prints(&place, 0, &format!("explain {id} audit.log")));
    prints(&place, 1, &format!("explain {id} --state state"));
    // The same where a part of the logs cannot be read, and of an alert that there is not.
    let ran = run(&place, &format!("explain {id} --state state audit.log nowhere.log"));
    assert!(ran.status == 3 && ran.out.contains("nc on web"), "{}", ran.err);
    let ran = run(&place, "explain 0123456789abcdef audit.log nowhere.log");
    assert!(
        ran.status == 3 && ran.err.contains("there is no alert 0123456789abcdef"),
        "{}",
        ran.err
    );
    let ran = run(&place, &format!("explain {id} audit.log --geo nowhere.mmdb"));
    assert!(ran.status == 2 && !ran.err.contains("lines "), "before anything is read: {}", ran.err);
}

#[test]
fn an_alert_is_explained_from_what_is_known_without_the_logs() {
    let place = fortnight(NC);
    let id = &ids(&place, &format!("audit.log --state state --rule {RULE}"))[0];
    let told = prints(&place, 0, &format!("explain {id} --state state"));
    assert!(told.contains("\n  probability "), "{told}");
    let search = " -ts 01/11/24 10:07:00 -te 01/11/24 10:07:00\n";
    assert!(told.contains("TZ=UTC LC_ALL=C ausearch -a ") && told.ends_with(search), "{told}");
    let with_logs = prints(&place, 0, &format!("explain {id} --state state audit.log"));
    assert!(with_logs.contains("    node=web type=SYSCALL"), "{with_logs}");
}

#[test]
fn an_alert_whose_facts_are_forgotten_is_told_as_it_was() {
    let place = fortnight(NC);
    let id = &ids(&place, &format!("audit.log --state state --rule {RULE}"))[0];
    prints(&place, 0, "baseline forget --state state --value nc");
    let told = prints(&place, 0, &format!("explain {id} --state state"));
    assert!(told.starts_with("The facts have changed since"), "{told}");
    assert!(told.contains("\n  why          nc was seen in 1 of "), "{told}");
    assert!(told.contains("ausearch -a "), "{told}");
}

#[test]
fn what_is_no_alert_is_not_explained() {
    let place = fortnight(NC);
    assert_eq!(prints(&place, 1, "explain 0123456789abcdef audit.log"), "");
    prints(&place, 0, "learn --state state audit.log");
    prints(&place, 1, "explain 0123456789abcdef --state state");
    prints(&place, 2, "explain nc audit.log");
    prints(&place, 2, "explain 0123456789abcdef --state nowhere");
    prints(&place, 2, "explain 0123456789abcdef nowhere.log");
    prints(&place, 3, "explain 0123456789abcdef nowhere.log audit.log");
}

#[test]
fn the_host_of_a_forged_record_runs_nothing_in_a_shell() {
    let place = Place::new();
    let text = log(14, &format!("{USUAL}{NC}")).replace("node=web", "node=web;reboot");
    place.write("audit.log", text.as_bytes());
    let id = &ids(&place, &format!("audit.log --state state --rule {RULE}"))[0];
    let told = prints(&place, 0, &format!("explain {id} --state state"));
    let command = told.lines().find(|line| line.contains("ausearch")).expect("a command");
    assert!(!command.contains(';') && !command.contains("--node"), "{command}");
}

#[test]
fn the_rules_are_listed_and_what_is_shown_of_one_is_a_rule() {
    let place = Place::new();
    let listed = prints(&place, 0, "rules list");
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines[1].starts_with(RULE) && lines[1].ends_with("Unusual Linux Network Activity"));
    let text = prints(&place, 0, &format!("rules show {RULE}"));
    place.write("own.toml", text.as_bytes());
    let own = prints(&place, 0, "rules list --rules own.toml");
    assert!(own.lines().nth(1).expect("a rule").contains("own.toml"), "{own}");
    assert_eq!(own.lines().count(), 4);
    assert_eq!(prints(&place, 0, &format!("rules show {RULE} --rules own.toml")), text);
    prints(&place, 2, "rules show nonesuch");
    prints(&place, 2, "rules list --rules nowhere.toml");
}
