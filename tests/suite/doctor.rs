//! What is wrong with how connections are recorded: rules, settings, logs and the machine.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::place::{Place, Ran};
use crate::scene::log;

/// Runs a command of the program in a place, with this on standard input.
fn run(place: &Place, arguments: &[&str], input: &str) -> Ran {
    let mut command = place.program(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    // Whoever does not read its input closes it early.
    let _ = child.stdin.take().expect("an input").write_all(input.as_bytes());
    Ran::of(&child.wait_with_output().expect("it ends"))
}

const X86: [&str; 2] = ["--arch", "x86_64"];

fn doctor(place: &Place, arguments: &[&str], input: &str) -> Ran {
    run(place, &[&["doctor"], &X86[..], arguments].concat(), input)
}

fn recommended(arguments: &[&str]) -> String {
    let ran = run(&Place::new(), &[&["audit-rules"], &X86[..], arguments].concat(), "");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    ran.out
}

/// The level of a check in NDJSON.
fn level(documents: &[Value], check: &str) -> String {
    let found = documents.iter().find(|document| document["check"] == check);
    found.map_or("none", |document| document["level"].as_str().expect("a level")).to_owned()
}

#[test]
fn nothing_is_wrong_with_the_rules_that_are_printed() {
    let place = Place::new();
    for wishes in [&[][..], &["--with-accept", "--with-datagrams", "--with-io-uring"]] {
        let rules = recommended(wishes);
        assert_eq!(rules, recommended(wishes), "the same wishes give the same text");
        let ran = doctor(&place, &["--rules", "-"], &rules);
        assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
        assert_eq!(ran.out.contains("note "), wishes.is_empty(), "{}", ran.out);
    }
    let without = recommended(&["--without-exec", "--without-socket"]);
    let ran = doctor(&place, &["--rules", "-", "--format", "ndjson"], &without);
    assert_eq!(ran.status, 1);
    assert_eq!(level(&ran.documents(), "execs"), "warn");
    assert_eq!(level(&ran.documents(), "sockets"), "warn");
    assert_eq!(level(&ran.documents(), "outcomes"), "ok");
}

#[test]
fn each_rule_that_is_printed_stands_below_what_it_costs() {
    let rules = recommended(&["--with-accept", "--with-datagrams"]);
    let groups: Vec<&str> = rules.split("\n\n").skip(1).collect();
    assert_eq!(groups.len(), 5, "{rules}");
    for group in groups {
        assert!(group.starts_with("# ") && group.contains("Costs"), "{group}");
    }
    assert!(rules.lines().all(|line| line.chars().count() <= 100), "{rules}");
}

#[test]
fn the_manual_has_the_rules_as_they_are_printed() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/man/oddsock-audit-rules.7");
    let page = std::fs::read_to_string(page).expect("the page").replace("\\-", "-");
    let in_page: Vec<&str> = page.lines().filter(|line| line.starts_with("-a ")).collect();
    let printed = recommended(&[]);
    let printed: Vec<&str> = printed.lines().filter(|line| line.starts_with("-a ")).collect();
    assert_eq!(in_page, printed);
}

#[test]
fn a_machine_that_is_not_known_is_refused_with_names_of_others() {
    let place = Place::new();
    for command in ["audit-rules", "doctor"] {
        let ran = run(&place, &[command, "--arch", "z80"], "");
        assert!(ran.status == 2 && ran.err.contains("aarch64"), "{}", ran.err);
    }
    let arm = run(&place, &["audit-rules", "--arch", "aarch64"], "");
    assert!(!arm.out.contains("-S socketcall") && arm.out.contains("arch=b32"), "{}", arm.out);
    let riscv = run(&place, &["audit-rules", "--arch", "riscv64"], "");
    assert!(!riscv.out.contains("arch=b32"), "{}", riscv.out);
}

#[test]
fn what_is_to_be_mended_stands_out_only_where_colours_are_wanted() {
    let place = Place::new();
    let rules = ["--rules", "-"];
    let plain = doctor(&place, &rules, "-b 64\n").out;
    let coloured = doctor(&place, &[&rules[..], &["--color", "always"]].concat(), "-b 64\n").out;
    assert!(plain.contains("  bad     connects") && !plain.contains('\x1b'), "{plain}");
    assert!(coloured.contains("  \x1b[1m\x1b[31mbad     \x1b[0mconnects"), "{coloured}");
    let bare = coloured.split('\x1b').map(|part| match part.split_once('m') {
        Some((codes, rest)) if codes.starts_with('[') => rest,
        _ => part,
    });
    assert_eq!(bare.collect::<String>(), plain, "nothing else differs");
    let never = doctor(&place, &[&rules[..], &["--color", "never"]].concat(), "-b 64\n").out;
    assert_eq!(never, plain);
}

#[test]
fn files_are_told_apart_by_their_names_and_options_say_otherwise() {
    let place = Place::with_scene();
    place.write("rules.d/10-net.rules", recommended(&[]).as_bytes());
    place.write("rules.d/99-end.rules", b"-e 2\n");
    place.write("rules.d/notes.txt", b"this is no rule\n");
    place.write("auditd.conf", b"log_format = RAW\nmax_log_file_action = keep_logs\n");
    let ran = doctor(&place, &["rules.d"], "");
    assert_eq!(ran.status, 0, "{}", ran.out);
    let ran = doctor(&place, &["rules.d", "auditd.conf", "audit.log"], "");
    let titles = ["rules: \"rules.d\"", "settings: \"auditd.conf\"", "log: \"audit.log\""];
    for title in titles {
        assert!(ran.out.contains(title), "{title}: {}", ran.out);
    }
    assert!(ran.status == 1 && ran.out.contains("log_format = ENRICHED"), "{}", ran.out);
    place.write("odd name", recommended(&[]).as_bytes());
    assert_eq!(doctor(&place, &["--rules", "odd name"], "").status, 0);
}

#[test]
fn rules_may_come_with_the_status_of_their_kernel() {
    let place = Place::new();
    let status = "enabled 1\nfailure 1\npid 700\nrate_limit 0\nbacklog_limit 8192\nlost 5\n\
                  backlog 0\nloginuid_immutable 0 unlocked\n";
    let text = format!("{status}{}-x\n", recommended(&[]));
    let ran = doctor(&place, &["--rules", "-"], &text);
    assert!(ran.status == 1 && ran.out.contains("warn    lost        5 records"), "{}", ran.out);
    let line = text.lines().count();
    assert!(ran.out.contains(&format!("stdin:{line}:1: auditctl has no option")), "{}", ran.out);
    let ran =
        doctor(&place, &["--rules", "-"], &text.replace("lost 5", "lost 0").replace("-x", ""));
    assert_eq!(ran.status, 0, "{}", ran.out);
}

#[test]
fn a_wrong_line_is_told_with_its_place_and_the_rest_is_judged() {
    let place = Place::new();
    let rules = format!("-a always,exit -F arch=b64 -S conect -k net\n{}", recommended(&[]));
    place.write("net.rules", rules.as_bytes());
    let ran = doctor(&place, &["net.rules"], "");
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("net.rules:1:31: there is no system call \"conect\""), "{}", ran.out);
    assert!(ran.out.contains("ok      outcomes"), "{}", ran.out);
}

#[test]
fn what_could_not_be_read_is_told_and_is_no_error_of_the_rest() {
    let place = Place::new();
    place.write("net.rules", recommended(&[]).as_bytes());
    place.write("text.log", b"this is no audit log\n");
    for missing in ["none.rules", "none.conf", "none.log", "text.log"] {
        let ran = doctor(&place, &["net.rules", missing], "");
        assert!(ran.status == 3 && ran.out.contains("ok      connects"), "{missing}: {}", ran.out);
        assert!(ran.err.contains(missing), "{}", ran.err);
        let ran = doctor(&place, &[missing], "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{missing}: {}", ran.err);
    }
}

#[test]
fn nothing_in_a_file_or_its_name_acts_on_the_terminal() {
    let place = Place::new();
    let name = "a\u{1b}[2J\u{202e}.rules";
    let rules = "-a never,exit -F exe=/x\u{1b}[2J\u{202e} -S connect\n-a never,exit -S connect -k \
                 \u{1b}]0;x\u{7}\n-\u{1b}\n-a always,exit -S co\u{202e}nnect\n";
    place.write(name, rules.as_bytes());
    for format in ["text", "ndjson"] {
        let ran = doctor(&place, &["--format", format, "--rules", name], "");
        assert_eq!(ran.status, 1, "{}", ran.err);
        let said = ran.out + &ran.err;
        assert!(said.contains("connects"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{said:?}");
    }
}

/// As many connects as make a judgement possible; what is written behind them is of each.
fn connects(number: u32, words: &str, address: &str) -> Vec<u8> {
    let lines = (1..=number).map(|at| {
        format!("#{at} SYSCALL connect /usr/bin/curl {words}\n#{at} SOCKADDR {address}\n")
    });
    log(&lines.collect::<String>())
}

fn of_log(bytes: &[u8]) -> Vec<Value> {
    let place = Place::new();
    place.write("audit.log", bytes);
    let ran = doctor(&place, &["audit.log", "--format", "ndjson"], "");
    ran.documents()
}

#[test]
fn a_log_in_which_nothing_fails_was_made_by_rules_that_lose_what_fails() {
    let all_well = connects(150, "exit=0", "192.0.2.7:443");
    assert_eq!(level(&of_log(&all_well), "outcomes"), "warn");
    let few = connects(20, "exit=0", "192.0.2.7:443");
    assert_eq!(level(&of_log(&few), "outcomes"), "unknown");
    let mixed = "\n#900 SYSCALL connect /usr/bin/curl exit=-115\n#900 SOCKADDR [2001:db8::1]:443";
    let mixed = [all_well, log(mixed)].concat();
    assert_eq!(level(&of_log(&mixed), "outcomes"), "ok");
}

#[test]
fn a_log_full_of_unix_sockets_is_told_and_an_empty_one_as_well() {
    let unix = connects(150, "exit=0", "/run/nscd/socket");
    assert_eq!(level(&of_log(&unix), "flood"), "warn");
    assert_eq!(level(&of_log(&connects(150, "exit=0", "192.0.2.7:443")), "flood"), "none");
    let none = log("#1 SYSCALL read /usr/bin/cat");
    assert_eq!(level(&of_log(&none), "connects"), "bad");
}

#[test]
fn a_log_that_has_no_starts_and_sockets_is_told_and_one_that_has_is_not() {
    let bare = of_log(&connects(3, "exit=-115 key=(null)", "192.0.2.7:443"));
    for check in ["execs", "sockets", "format", "keys"] {
        assert_eq!(level(&bare, check), "warn", "{check}");
    }
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/connections-enriched.log");
    let ran = doctor(&Place::new(), &[sample, "--format", "ndjson"], "");
    assert_eq!(ran.status, 0, "{}", ran.out);
    for check in ["execs", "sockets", "format", "keys", "outcomes", "gaps"] {
        assert_eq!(level(&ran.documents(), check), "ok", "{check}");
    }
}

#[test]
fn the_machine_itself_is_looked_at_where_no_file_is_named() {
    let ran = doctor(&Place::new(), &["--format", "ndjson"], "");
    assert!(matches!(ran.status, 0 | 1), "{}", ran.err);
    let documents = ran.documents();
    for about in ["this machine", "rules", "auditd.conf", "log"] {
        let is_about = |document: &Value| {
            document["about"].as_str().is_some_and(|title| title.contains(about))
        };
        assert!(documents.iter().any(is_about), "{about}: {}", ran.out);
    }
}
