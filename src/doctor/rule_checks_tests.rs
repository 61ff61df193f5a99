use std::collections::BTreeSet;

use super::rules::{Machine, Order, RuleSet, RuleText};
use super::*;

fn machine(name: &str) -> Machine {
    Machine::named(name).expect(name)
}

/// All that oddsock recommends for a machine, or part of it.
fn rules(parts: &[Part]) -> String {
    recommended(parts, machine("x86_64"))
}

const USUAL: [Part; 3] = [Part::Connect, Part::Exec, Part::Socket];

fn findings_for(text: &str, machine: Machine) -> Vec<Finding> {
    let file = RuleText { name: "net.rules".to_owned(), text: text.to_owned() };
    judge_rules(&RuleSet::read(&[file], Order::AsTheyAre, machine), machine)
}

fn findings(text: &str) -> Vec<Finding> {
    findings_for(text, machine("x86_64"))
}

/// The checks that want mending, and how badly.
fn wrong(findings: &[Finding]) -> BTreeSet<String> {
    let wrong = findings.iter().filter(|finding| finding.level.wants_mending());
    wrong.map(|finding| format!("{} {}", finding.level, finding.check)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) -> Vec<Finding> {
    let findings = findings(text);
    let expected: BTreeSet<String> = expected.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(wrong(&findings), expected, "{text}\n{findings:#?}");
    findings
}

/// The recommended rules with the rules for 64-bit connects in other words.
fn with(rule: &str) -> String {
    let usual = rules(&USUAL);
    let line = "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 -k net-connect";
    assert!(usual.contains(line), "{usual}");
    usual.replace(line, rule)
}

#[test]
fn there_is_nothing_wrong_with_what_is_recommended() {
    for name in ["x86_64", "aarch64", "ppc64le", "ppc64", "s390x", "riscv64", "i686", "armv7l"] {
        let machine = machine(name);
        for parts in [&USUAL[..], &Part::ALL] {
            let text = recommended(parts, machine);
            let findings = findings_for(&text, machine);
            assert_eq!(wrong(&findings), BTreeSet::new(), "{name}: {text}\n{findings:#?}");
            let usual = findings.iter().any(|finding| finding.check == "beyond");
            assert_eq!(usual, parts.len() == USUAL.len(), "{findings:#?}");
        }
    }
}

#[test]
fn what_is_left_out_of_it_is_told_and_nothing_else() {
    check(&rules(&[Part::Connect, Part::Socket]), &["warn execs"]);
    check(&rules(&[Part::Connect, Part::Exec]), &["warn sockets"]);
    let none = rules(&[Part::Exec, Part::Socket]);
    assert!(check(&none, &["bad connects"])[0].reason.contains("no rule is about them"));
    assert!(check("", &["bad connects"])[0].reason.contains("no rule at all"));
    check("# -a always,exit -S connect\n", &["bad connects"]);
}

#[test]
fn the_fix_of_every_finding_mends_it() {
    // What the fixes say, taken at their word: those lines in place of the rule for connects.
    for broken in [
        "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 -F success=1 -k net",
        "-a always,exit -F arch=b64 -S connect -F a2=16 -k net",
        "-a always,exit -F arch=b64 -S connect -F saddr_fam=2 -k net",
        "-a always,exit -F arch=b64 -S connect -k net",
        "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 -F auid!=unset -k net",
        "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1",
        "",
    ] {
        let findings = findings(&with(broken));
        let wrong = findings.iter().filter(|finding| finding.level.wants_mending());
        let fixes: Vec<_> = wrong.filter_map(|finding| finding.fix.as_ref()).collect();
        let lines = fixes.iter().flat_map(|fix| &fix.lines).filter(|line| line.contains("b64"));
        let lines: BTreeSet<_> = lines.cloned().collect();
        assert_eq!(lines.len(), 1, "{broken}: {fixes:?}");
        check(&with(lines.first().expect("a line")), &[]);
    }
}

#[test]
fn connects_that_do_not_block_are_lost_by_every_test_of_the_outcome() {
    let rule = |test: &str| {
        with(&format!("-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 {test} -k net"))
    };
    for test in [
        "-F success=1",
        "-F success!=0",
        "-F exit=0",
        "-F exit!=-EINPROGRESS",
        "-F exit<200",
        "-F exit!=-115",
    ] {
        let found = check(&rule(test), &["bad outcomes"]);
        let outcomes = found.iter().find(|finding| finding.check == "outcomes").expect("it");
        assert!(outcomes.reason.contains(test), "{}", outcomes.reason);
    }
    check(&rule("-F exit!=-ECONNREFUSED"), &["warn outcomes"]);
    check(&rule("-F success=0"), &["bad outcomes"]);
    // All results are below that: numbers have no sign in the kernel.
    check(&rule("-F exit>=0"), &[]);
    check(&rule("-F exit!=-ENOENT"), &[]);
}

#[test]
fn addresses_are_lost_by_their_length_and_their_family() {
    let rule = |test: &str| with(&format!("-a always,exit -F arch=b64 -S connect {test} -k net"));
    let found = check(&rule("-F a2=16"), &["bad addresses"]);
    let addresses = found.iter().find(|finding| finding.check == "addresses").expect("it");
    assert!(addresses.reason.contains("IPv6") && addresses.reason.contains("larger buffer"));
    check(&rule("-F saddr_fam=2"), &["bad addresses"]);
    check(&rule("-F saddr_fam=10"), &["bad addresses"]);
    check(&rule("-F saddr_fam=inet"), &["bad programs", "warn lines"]);
    check(&rule("-F a2<100"), &["warn addresses"]);
    check(&rule("-F a2!=110"), &[]);
    check(&rule("-F saddr_fam>=2"), &[]);
    let two = "-a always,exit -F arch=b64 -S connect -F saddr_fam=2 -k net\n\
               -a always,exit -F arch=b64 -S connect -F saddr_fam=10 -k net";
    check(&with(two), &[]);
}

#[test]
fn what_is_lost_for_two_reasons_at_once_is_told_by_both_and_not_by_a_third() {
    let widespread = "-a always,exit -F arch=b64 -S connect -F a2=16 -F success=1 -k net";
    check(&with(widespread), &["bad outcomes", "bad addresses"]);
    let of_services = "-a always,exit -F arch=b64 -S connect -F saddr_fam=2 -F auid!=unset -k net";
    check(&with(of_services), &["bad processes", "bad addresses"]);
}

#[test]
fn unix_sockets_fill_the_log_unless_they_are_left_out() {
    let found = check(&with("-a always,exit -F arch=b64 -S connect -k net"), &["warn flood"]);
    let flood = found.iter().find(|finding| finding.check == "flood").expect("it");
    assert!(flood.fix.as_ref().expect("a fix").lines[0].contains("saddr_fam!=1"));
    let first = "-a never,exit -F arch=b64 -S connect -F saddr_fam=1\n\
                 -a always,exit -F arch=b64 -S connect -k net";
    check(&with(first), &[]);
    let all = "-a always,exit -F arch=b64 -S all -k net";
    check(&with(all), &["bad flood"]);
    check(&with(&all.replace("-S all ", "")), &["bad flood"]);
}

#[test]
fn services_and_people_are_lost_by_who_they_are() {
    let rule = |test: &str| {
        with(&format!("-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 {test} -k net"))
    };
    for test in [
        "-F auid>=1000 -F auid!=unset",
        "-F auid!=-1",
        "-F auid!=4294967295",
        "-F uid!=0",
        "-F uid>=1000",
        "-F euid=root",
        "-F auid=unset",
        "-C auid!=uid",
        "-F sessionid!=unset",
    ] {
        let found = check(&rule(test), &["bad processes"]);
        assert!(
            found.iter().any(|finding| finding.reason.contains("some of")
                || finding.reason.contains("services")
                || finding.reason.contains("people")),
            "{test}: {found:#?}"
        );
    }
    // Unset is the largest number of all.
    check(&rule("-F auid>=1000"), &[]);
    check(&rule("-F uid!=jenkins"), &[]);
    check(&rule("-F exe!=/usr/bin/chronyd"), &[]);
    // Of one user only: as good as nobody, for 64 bits.
    check(&rule("-F auid=1500"), &["bad programs"]);
}

#[test]
fn programs_of_32_bits_have_calls_of_their_own() {
    let usual = rules(&USUAL);
    let without = |words: &str| -> String {
        let lines = usual.lines().filter(|line| !line.contains(words));
        lines.map(|line| format!("{line}\n")).collect()
    };
    check(&without("b32"), &["warn programs", "warn execs", "warn sockets"]);
    check(&without("b32 -S socketcall -F a0=3"), &["warn programs"]);
    check(&without("b32 -S connect"), &["warn programs"]);
    check(&without("b64 -S connect"), &["bad programs"]);
    let no_arch = "-a always,exit -S connect -F saddr_fam!=1 -k net";
    check(no_arch, &["warn lines", "warn programs", "warn execs", "warn sockets"]);
    // There is no such thing on machines that know one architecture only.
    let machine = machine("riscv64");
    let alone = "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1 -k net";
    assert!(!wrong(&findings_for(alone, machine)).contains("warn programs"));
}

#[test]
fn what_stands_before_the_rules_hides_what_they_record() {
    let before = |line: &str| format!("{line}\n{}", rules(&USUAL));
    let after = |line: &str| format!("{}\n{line}", rules(&USUAL));
    let found = check(&before("-a never,task"), &["bad connects"]);
    assert!(found[0].reason.contains("net.rules:1") && found[0].reason.contains("no process"));
    check(&after("-a task,never"), &["bad connects"]);
    check(&before("-a never,exit -S all"), &["bad connects"]);
    check(&after("-a never,exit -S all"), &[]);
    check(&after("-A exit,never -S all"), &["bad connects"]);
    check(&before("-a never,exit -F arch=b64 -S connect"), &["bad programs"]);
    check(&before("-a never,exit -F arch=b64 -S connect -F exit=-EINPROGRESS"), &["bad outcomes"]);
    check(&before("-a never,exit -F arch=b64 -S execve"), &["warn execs"]);
    check(&before("-a never,exit -F arch=b64 -S openat"), &[]);
    for exception in [
        "-a never,exit -F exe=/usr/sbin/chronyd",
        "-a never,exit -F auid=jenkins",
        "-a never,exit -F arch=b64 -S connect -F uid=123",
    ] {
        check(&before(exception), &["warn exceptions"]);
        check(&after(exception), &["warn exceptions"]);
    }
    check(&before("-a never,exit -F arch=b64 -S openat -F exe=/usr/sbin/chronyd"), &[]);
    check(&before("-a never,exit -F dir=/tmp"), &[]);
}

#[test]
fn records_that_are_thrown_away_are_missed() {
    let rule = |tests: &str| format!("-a always,exclude {tests}\n{}", rules(&USUAL));
    check(&rule("-F msgtype=SOCKADDR"), &["bad records"]);
    check(&rule("-F msgtype=1300"), &["bad records"]);
    check(&rule("-F msgtype=EXECVE"), &["warn records"]);
    check(&rule("-F msgtype>=1300 -F msgtype<=1399"), &["bad records", "warn records"]);
    check(&rule("-F msgtype=SOCKADDR -F auid=unset"), &["bad records"]);
    for harmless in [
        "-F msgtype=CWD",
        "-F msgtype=PROCTITLE",
        "-F msgtype=CRYPTO_KEY_USER",
        "-F msgtype=SOCKADDR -F exe=/usr/bin/x",
    ] {
        check(&rule(harmless), &[]);
    }
}

#[test]
fn numbers_that_lose_records_are_told() {
    let rule = |line: &str| format!("{line}\n{}", rules(&USUAL));
    check(&rule("-b 64"), &["warn backlog"]);
    check(&rule("-b 8192"), &[]);
    check(&rule("-r 100"), &["warn rate"]);
    check(&rule("-r 0"), &[]);
    check(&rule("-e 0"), &["bad enabled"]);
    check(&rule("-e 1"), &[]);
}

#[test]
fn a_rule_without_a_key_and_a_line_that_is_wrong_are_told() {
    let rule = "-a always,exit -F arch=b64 -S connect -F saddr_fam!=1";
    let found = check(&with(rule), &["warn keys"]);
    let keys = found.iter().find(|finding| finding.check == "keys").expect("it");
    assert_eq!(keys.fix.as_ref().expect("a fix").lines, [format!("{rule} -k net-connect")]);
    let found = check(&format!("-a always,exit -S conect\n{}", rules(&USUAL)), &["bad lines"]);
    assert!(found[0].reason.contains("net.rules:1:19") && found[0].reason.contains("stops here"));
    let goes_on = format!("-c\n-a always,exit -S conect\n{}", rules(&USUAL));
    assert!(check(&goes_on, &["bad lines"])[0].reason.contains("leaves the line out"));
}

#[test]
fn many_lines_that_are_wrong_are_told_in_few() {
    let found = findings(&"-x\n".repeat(10_000));
    assert!(found.len() < 15, "{}", found.len());
    assert!(found.iter().any(|finding| finding.reason.contains("9992 more")), "{found:#?}");
}

#[test]
fn a_rule_that_no_connect_meets_is_told_with_the_test_that_is_not_met() {
    for test in ["-F a0=3", "-F saddr_fam=0", "-F exit=115", "-F dir=/tmp", "-F pers=8"] {
        let text = format!("-a always,exit -F arch=b64 -S connect {test} -k net");
        let found = findings(&text);
        let connects = found.iter().find(|finding| finding.check == "connects").expect("it");
        assert!(connects.level == Level::Bad && connects.reason.contains(test), "{connects:?}");
    }
}

#[test]
fn what_ends_the_auditing_of_some_processes_cannot_be_moved_but_only_taken_out() {
    let fix = |rule: &str| {
        let found = check(
            &format!("{rule}\n{}", rules(&USUAL)),
            &["bad processes", "warn execs", "warn sockets"],
        );
        let fix = found.into_iter().find(|finding| finding.check == "processes").expect("it").fix;
        fix.expect("a fix").what
    };
    assert_eq!(fix("-a task,never -F uid=0"), "take out net.rules:1");
    assert!(fix("-a exit,never -F uid=0").contains("move it below"));
}

#[test]
fn files_that_say_other_things_than_what_is_loaded_are_told() {
    let (good, bad) = (findings(&rules(&USUAL)), findings(""));
    let told = |loaded: &[Finding], files: &[Finding]| judge_restart(loaded, files);
    assert_eq!(told(&good, &good), None);
    assert_eq!(told(&bad, &bad), None);
    let worse = told(&good, &bad).expect("a finding");
    assert!(worse.reason.contains("worse") && worse.reason.contains("connects"), "{worse:?}");
    let better = told(&bad, &good).expect("a finding");
    assert!(better.reason.contains("better") && better.fix.is_some(), "{better:?}");
}
