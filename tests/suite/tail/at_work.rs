//! What it does for whoever runs it: signals, other sources, a second one, and a full disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::days;
use super::run::{Folder, Run, Small, alerts};

fn lines(folder: &Folder, name: &str) -> usize {
    folder.text(name).lines().count()
}

#[test]
fn it_learns_from_what_was_rotated_and_tells_of_what_comes() {
    let folder = Folder::new();
    let log = days::log(130, 7);
    let half = log[..log.len() / 2].rfind('\n').unwrap() + 1;
    fs::write(folder.path("audit.log.1"), &log[..half]).unwrap();
    folder.append(&log.as_bytes()[half..]);
    let mut expected =
        folder.command(&["replay", "audit.log", "--format", "ndjson", "--learn", "audit.log.1"]);
    let expected = expected.args(super::run::SHOWN).output().unwrap();
    let expected = alerts(&String::from_utf8(expected.stdout).unwrap());
    assert!(expected.len() > 3);
    let run = folder.tail(&[]);
    folder.wait("the alerts", |_| lines(&folder, "alerts") >= expected.len());
    assert_eq!(run.end(), 0);
    let ids = |alerts: &[(String, _)]| alerts.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&alerts(&folder.text("alerts"))), ids(&expected));
    let told = folder.text("connections");
    assert!(told.lines().count() > 100 && !told.contains(":1001\""), "only what is new");
}

#[test]
fn a_connection_is_written_within_a_fifth_of_a_second() {
    let folder = Folder::new();
    let log = days::log(4, 3);
    folder.append(b"");
    let run = folder.tail(&[]);
    folder.wait("the beginning", |_| folder.text("said").contains("following"));
    std::thread::sleep(Duration::from_millis(300));
    let mut delays = Vec::new();
    let mut shown = 0;
    let mut begin = 0;
    for (end, _) in log.match_indices("proctitle").step_by(4) {
        let end = end + log[end..].find('\n').unwrap() + 1;
        folder.append(&log.as_bytes()[begin..end]);
        shown += log[begin..end].matches("proctitle").count();
        begin = end;
        let began = Instant::now();
        folder.wait("a connection", |_| lines(&folder, "connections") >= shown);
        delays.push(began.elapsed());
    }
    assert_eq!(run.end(), 0);
    delays.sort();
    // The machine that tests may be busy; what it does at its leisure is what counts.
    assert!(delays[delays.len() / 2] < Duration::from_millis(200), "{delays:?}");
    eprintln!("latency: median {:?}, most {:?}", delays[delays.len() / 2], delays.last().unwrap());
}

#[test]
fn signals_are_answered_and_nothing_is_lost() {
    let folder = Folder::new();
    let log = days::log(6, 5);
    folder.append(log[..log.len() / 2].rsplit_once('\n').unwrap().0.as_bytes());
    folder.append(b"\n");
    fs::write(folder.path("rules.toml"), "").unwrap();
    let run = folder.tail(&["--exceptions", "exceptions.toml"]);
    folder.wait("what is wrong", |_| !folder.text("said").is_empty());
    drop(run);
    fs::write(folder.path("exceptions.toml"), "").unwrap();
    fs::write(folder.path("said"), "").unwrap();
    let run = folder.tail(&["--exceptions", "exceptions.toml"]);
    folder.wait("some connections", |_| lines(&folder, "connections") > 5);
    run.signal("USR1");
    folder.wait("how things stand", |_| folder.text("said").contains("bytes behind"));
    fs::rename(folder.path("connections"), folder.path("connections.1")).unwrap();
    fs::write(folder.path("exceptions.toml"), "nonsense").unwrap();
    run.signal("HUP");
    folder.wait("a refusal", |_| folder.text("said").contains("nothing was changed"));
    fs::write(folder.path("exceptions.toml"), "").unwrap();
    run.signal("HUP");
    folder.wait("a reading", |_| folder.text("said").contains("read again"));
    let written = folder.text("audit.log").len();
    folder.append(&log.as_bytes()[written..]);
    let all = folder.replayed("connections");
    folder.wait("all connections", |_| {
        folder.text("connections.1").len() + folder.text("connections").len() >= all.len()
    });
    assert_eq!(run.end(), 0);
    assert_eq!(folder.text("connections.1") + &folder.text("connections"), all);
}

#[test]
fn standard_input_and_a_socket_tell_what_a_replay_tells() {
    let folder = Folder::new();
    let log = days::log(120, 11);
    folder.append(log.as_bytes());
    let expected = alerts(&folder.replayed("replay"));
    assert!(expected.len() > 3);
    let mut command = folder.command(&["tail", "-", "--state", "by-input", "--format", "ndjson"]);
    let command = command.args(super::run::SHOWN).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for piece in log.as_bytes().chunks(50_001) {
        input.write_all(piece).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(alerts(&String::from_utf8(output.stdout).unwrap()), expected);

    let listener = UnixListener::bind(folder.path("plugin")).unwrap();
    let mut command = folder.command(&["tail", "--socket", "plugin", "--state", "by-socket"]);
    let command = command.args(super::run::SHOWN).args(["--format", "ndjson"]);
    let child = command.stdout(folder.appending("told")).stderr(Stdio::null()).spawn().unwrap();
    let (mut socket, _) = listener.accept().unwrap();
    socket.write_all(log.as_bytes()).unwrap();
    // Three seconds of silence end the last bucket, for this clock has passed it long ago.
    folder.wait("the alerts", |_| lines(&folder, "told") >= expected.len());
    assert_eq!(Run { child }.end(), 0);
    assert_eq!(alerts(&folder.text("told")), expected);
}

#[test]
fn a_second_one_is_turned_away_and_status_is_not() {
    let folder = Folder::new();
    folder.append(days::log(3, 1).as_bytes());
    let run = folder.tail(&[]);
    folder.wait("some connections", |_| lines(&folder, "connections") > 5);
    let second = folder.command(&["tail", "audit.log", "--state", "state"]).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(75), "the other may have ended by then");
    assert!(said.contains("another oddsock is using the state"), "{said}");
    folder.wait("a save", |_| {
        let status = folder.command(&["status", "--state", "state"]).output().unwrap();
        let text = String::from_utf8(status.stdout).unwrap();
        status.status.code() == Some(0)
            && text.contains("last event")
            && text.contains("2023-11-14")
    });
    assert_eq!(run.end(), 0);
}

#[test]
fn of_two_rules_that_ask_the_same_question_both_reach_everybody() {
    const OTHERS_ID: &str = "52afbdc5-db15-485e-bc24-f5707f820c4b";
    let folder = Folder::new();
    folder.append(days::log(130, 7).as_bytes());
    let text = include_str!("../../../src/rules/builtin/unusual_linux_network_activity.toml");
    fs::create_dir(folder.path("rules")).unwrap();
    let name = "name = \"unusual_linux_network_activity\"";
    let text = text.replace(OTHERS_ID, "another").replace(name, "name = \"second\"");
    fs::write(folder.path("rules/second.toml"), text).unwrap();
    let run = folder.tail(&["--rules", "rules", "--to-file", "others"]);
    let rules = |name: &str| {
        let told = alerts(&folder.text(name)).into_iter();
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        told.for_each(|(_, alert)| *rules.entry(alert["rule.id"].to_string()).or_default() += 1);
        rules
    };
    folder.wait("the alerts", |_| {
        folder.text("said").contains("following") && lines(&folder, "others") > 6
    });
    assert_eq!(run.end(), 0);
    let (shown, told) = (rules("alerts"), rules("others"));
    assert_eq!(shown, told);
    assert!(shown["\"another\""] > 3 && shown["\"another\""] == shown[&format!("{OTHERS_ID:?}")]);
}

#[test]
fn early_alerts_are_provisional_and_come_again_when_they_are_sure() {
    let folder = Folder::new();
    let log = days::log(130, 11);
    // The last line is that of an odd program: its quarter of an hour is not over.
    let end = log.rfind("proctitle=\"odd").unwrap();
    let end = end + log[end..].find('\n').unwrap() + 1;
    let before = log[..end].rfind("type=SYSCALL").unwrap();
    folder.append(&log.as_bytes()[..end]);
    let expected = alerts(&folder.replayed("replay"));
    let is_sure = |alert: &&(String, serde_json::Value)| expected.contains(alert);
    fs::write(folder.path("audit.log"), &log[..before]).unwrap();
    let run = folder.tail(&["--early"]);
    folder.wait("the alerts before", |_| lines(&folder, "alerts") + 1 >= expected.len());
    // It comes late: its quarter of an hour was judged, and is once more when nothing else comes.
    std::thread::sleep(Duration::from_secs(4));
    folder.append(&log.as_bytes()[before..end]);
    folder.wait("the alerts", |_| {
        let text = folder.text("alerts");
        let told = if text.ends_with('\n') { alerts(&text) } else { Vec::new() };
        told.iter().filter(is_sure).count() == expected.len()
    });
    assert_eq!(run.end(), 0);
    let told = alerts(&folder.text("alerts"));
    let early: Vec<_> = told.iter().filter(|alert| !is_sure(alert)).collect();
    assert!(!early.is_empty() && told.len() == expected.len() + early.len());
    for (id, alert) in early {
        assert!(alert["oddsock.provisional"] == true, "{alert}");
        assert!(expected.iter().any(|(sure, _)| sure == id), "{alert}");
    }
}

#[test]
fn alerts_leave_the_state_with_the_facts_of_their_time() {
    let folder = Folder::new();
    let log = days::log(130, 7);
    let kept = || {
        let mut times = Vec::new();
        let store = oddsock::store::Store::read(&folder.path("state")).unwrap();
        store.alerts(&mut |alert| times.push(alert.bucket_start / 1000)).unwrap();
        times
    };
    for (name, days) in [("first.log", 0), ("soon.log", 300), ("late.log", 500)] {
        fs::write(folder.path(name), days::ahead(&log, days * 86_400)).unwrap();
    }
    let judged = |name: &str| {
        let mut command = folder.command(&["replay", name, "--state", "state"]);
        assert!(command.args(super::run::SHOWN).output().unwrap().status.code() < Some(2));
    };
    judged("first.log");
    let first = kept();
    judged("soon.log");
    assert!(first.len() > 3 && kept().starts_with(&first), "300 days are no age");
    judged("late.log");
    let after = days::BEGIN + 100 * 86_400;
    let left = kept();
    assert!(left.len() > 3 && left.iter().all(|time| *time > after), "{left:?}");
    // By tail as well: a night later, and a year and more after soon.log.
    folder.append(days::ahead(&log, 800 * 86_400).as_bytes());
    let run = folder.tail(&[]);
    folder.wait("the alerts", |_| lines(&folder, "alerts") > 3);
    assert_eq!(run.end(), 0);
    assert!(kept().iter().all(|time| *time > days::BEGIN + 400 * 86_400), "{:?}", kept());
}

#[test]
fn a_destination_that_can_have_no_thread_is_said_at_the_start_which_is_its_end() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.append(days::log(3, 1).as_bytes());
    fs::copy(env!("CARGO_BIN_EXE_oddsock"), folder.path("own")).unwrap();
    for (name, mode) in [("", 0o777), ("own", 0o755), ("audit.log", 0o644)] {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let run = |limit: &str, more: &[&str]| {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid", "64321", "--regid", "64321", "--clear-groups"]);
        command.args(["prlimit", limit, "./own", "tail", "-", "--state", "state"]).args(more);
        // What is root's own nobody else can read.
        command.env("HOME", folder.folder.path()).env_remove("XDG_CONFIG_HOME");
        command.current_dir(folder.folder.path()).stdin(Stdio::null()).output()
    };
    let is_possible = run("--nproc=9", &[]).is_ok_and(|run| run.status.success());
    if !is_possible {
        return println!("left out: being somebody else takes root, setpriv and prlimit");
    }
    let run = run("--nproc=1", &["--to-file", "others"]).unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot start the thread that takes alerts to the file"), "{said}");
}

#[test]
fn a_full_disk_stops_no_alert_and_is_told_loudly() {
    let folder = Folder::new();
    let Some(small) = Small::at(folder.path("small")) else { return };
    let log = days::log(120, 11);
    let begin = log[..log.len() / 3].rfind('\n').unwrap() + 1;
    folder.append(&log.as_bytes()[..begin]);
    let run = folder.tail(&["--state", "small/state"]);
    folder.wait("some connections", |_| lines(&folder, "connections") > 50);
    small.fill();
    folder.append(&log.as_bytes()[begin..]);
    folder.wait("a complaint", |_| folder.text("said").contains("is NOT SAVED"));
    let expected = alerts(&folder.replayed("replay"));
    let told = || {
        let text = folder.text("alerts");
        if text.ends_with('\n') { alerts(&text) } else { Vec::new() }
    };
    folder.wait("the alerts", |_| told() == expected);
    small.clear();
    folder.wait("a save", |_| folder.text("said").contains("is saved again"));
    assert_eq!(run.end(), 0);
    assert_eq!(folder.text("connections"), folder.replayed("connections"));
    // Nothing is told a second time by the next one.
    let run = folder.tail(&["--state", "small/state"]);
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(run.end(), 0);
    assert_eq!(told(), expected);
}

#[test]
fn it_locks_itself_in_and_shows_its_figures() {
    let folder = Folder::new();
    folder.append(days::log(2, 7).as_bytes());
    let run = folder.tail(&["--metrics", "figures.prom", "--to-file", "others"]);
    folder.wait("figures", |path| {
        let text = std::fs::read_to_string(path.join("figures.prom")).unwrap_or_default();
        let lines = text.lines().find_map(|line| line.strip_prefix("oddsock_lines_total "));
        lines.is_some_and(|lines| lines != "0")
    });
    let status = std::fs::read_to_string(format!("/proc/{}/status", run.child.id()));
    let status = status.expect("it runs");
    assert!(
        status.contains("\nSeccomp:\t2\n") && status.contains("\nNoNewPrivs:\t1\n"),
        "{status}"
    );
    // What it needs is still there: a file that is rotated away, and rules that are read again.
    folder.rotate();
    folder.append(days::log(3, 8).as_bytes());
    run.signal("HUP");
    folder.wait("a reload", |path| {
        std::fs::read_to_string(path.join("said")).unwrap_or_default().contains("read again")
    });
    assert_eq!(run.end(), 0, "{}", folder.text("said"));
    assert!(!folder.text("said").contains("cannot"), "{}", folder.text("said"));
}
