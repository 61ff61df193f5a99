use super::*;
use crate::audit::arch::Arch;

const MACHINE: Machine = Machine { native: Arch::X86_64 };

fn set(text: &str) -> RuleSet {
    let file = RuleText { name: "net.rules".to_owned(), text: text.to_owned() };
    RuleSet::read(&[file], Order::AsTheyAre, MACHINE)
}

/// A line that is read without a word.
#[track_caller]
fn fine(line: &str) -> Rule {
    let mut set = set(line);
    assert!(set.faults.count == 0, "{line:?}: {}", set.faults.first[0]);
    assert!(set.oddities.count == 0, "{line:?}: {}", set.oddities.first[0]);
    set.rules.pop().unwrap_or_else(|| panic!("{line:?} is no rule"))
}

/// A line that auditctl refuses, at the column where the mark begins.
#[track_caller]
fn refused(line: &str, column: usize, words: &str) {
    let set = set(line);
    assert_eq!(set.faults.count, 1, "{line:?} is read: {:?}", set.rules);
    let fault = &set.faults.first[0];
    assert!(fault.message.contains(words), "{line:?}: {fault}");
    assert_eq!((fault.line, fault.column), (1, column), "{line:?}: {fault}");
}

#[test]
fn a_rule_is_read_however_its_options_are_written() {
    let one = fine("-a always,exit -F arch=b64 -S connect,socket -F auid>=1000 -k net");
    for same in [
        "  -a exit,always -F arch=b64 -S connect -S socket -F auid>=1000 -F key=net\r\n",
        "-aalways,exit -Farch=b64 -Ssocket,connect -Fauid>=1000 -knet",
        "-a always,exit -F arch=x86_64 -S 41 -S 0x2a -F auid>=0x3e8 -k net",
        "-a always,exit -F arch=b64 -S Connect,SOCKET -F loginuid>=1000 -k net",
    ] {
        let (one, same) = (one.identity(), fine(same).identity());
        assert_eq!(
            one.replace("x86_64", "b64").replace("[42, 41]", "[41, 42]"),
            same.replace("x86_64", "b64")
        );
    }
}

#[test]
fn what_auditctl_lists_can_be_read_again() {
    for line in [
        "-a always,exit -F arch=b64 -S connect -F auid!=-1 -F a2=0x10 -F exit=-EINPROGRESS",
        "-a always,exit -F arch=b32 -S socketcall,connect -C uid!=auid -F key=a -F key=b",
        "-a never,exit -S all -F path=/etc/passwd -F perm=wa -F filetype=49152 -F sessionid!=-1",
        "-a always,exclude -F msgtype>=SYSCALL -F msgtype<=AVC",
        "-a never,task",
        "-a never,filesystem -F fstype=tracefs",
        "-a always,io_uring -S connect -F key=uring",
        "-a always,user -F uid=1500",
        "-w /etc/passwd -p wa -k pw",
    ] {
        fine(line);
    }
    assert!(set("No rules\n").rules.is_empty() && set("No rules\n").faults.count == 0);
}

#[test]
fn what_auditctl_refuses_is_refused_with_its_place() {
    refused("-a always,exit -F arch=b64 -S conect", 31, "\"connect\" is one");
    refused("-a always,exit -S connect -F arch=b64", 30, "before -S");
    refused("-a always,exit -F arch = b64 -S connect", 19, "no sign");
    refused("-a always,exit -F success=yes -S connect", 27, "takes a number");
    refused("-a always, exit -S connect", 4, "comma and no blank");
    refused("-a always,exit -F arch=b64 -S connect, socket", 39, "commas and no blanks");
    refused("-a always,exit -F arch=b64 -S connect -k net # why", 46, "line of its own");
    refused("-a always,exit -F arch=b64 -S connect \\", 39, "does not join lines");
    refused("-a always,exit\t-F arch=b64 -S connect", 15, "tab");
    refused("auditctl -a always,exit -S connect", 1, "left out");
    refused("-F arch=b64 -a always,exit", 1, "behind -a");
    refused("-a always,exit -F arch=b64 -S socketcall", 31, "x86_64 has no system call");
    refused("-a always,exit -F arch=b32 -S accept", 31, "i386 has no system call");
    refused("-a always,exit -F arch=b64 -S 5000", 31, "no system call 5000");
    refused("-a always,exit -F msgtype=CWD", 19, "exclude and user only");
    refused("-a always,exclude -F msgtype=NOPE", 30, "no record type");
    refused("-a always,exit -F saddr_fam=99 -S connect", 29, "no address family");
    refused("-a always,exit -F saddr_fam&2 -S connect", 28, "comparison only");
    refused("-a always,exit -F exe=/a -F exe=/b", 29, "one exe only");
    refused("-a always,exit -F exe=\"/usr/bin/curl\"", 19, "without quotes");
    refused("-a always,exit -F exit=-NOSUCH", 24, "no error");
    refused("-a always,exit -F bogus=1", 19, "no field \"bogus\"");
    refused("-a entry,always -S connect", 4, "no more");
    refused("-a possible,exit -S connect", 4, "expected a list");
    refused("-a always,exit -S connect -k", 27, "missing");
    refused("-a always,exit -F arch=b64 -S -F auid=1", 31, "missing");
    refused("-a always,exit -C auid<uid", 23, "expected two fields");
    refused("-a always,exit -C auid!=gid", 19, "a group");
    refused("-w etc/passwd", 4, "slash");
    refused("-e 3", 4, "0, 1 or 2");
    refused("-b many", 4, "a number");
    refused("-x", 1, "no option -x");
    refused("--loginuid-immutable2", 1, "no option");
}

#[test]
fn what_auditctl_takes_for_something_else_is_told() {
    for (line, words) in [
        ("-a always,exit -F arch=b64 -S connect -F saddr_fam=inet6", "for 0"),
        ("-a always,exit -F arch=b64 -S connect -F exit=EINPROGRESS", "minus"),
        ("-a always,exit -F arch=b64 -S connect -k \"net\"", "quotes"),
        ("-a always,exit -S connect -k net", "by its number"),
    ] {
        let set = set(line);
        assert!(set.faults.count == 0 && set.oddities.count == 1, "{line:?}: {:?}", set.faults);
        assert!(set.oddities.first[0].message.contains(words), "{}", set.oddities.first[0]);
    }
    fine("-a always,exit -F arch=b64 -S connect -F saddr_fam=10 -F exit=-EINPROGRESS -k net");
}

#[test]
fn a_fault_names_its_line_in_a_long_file_with_windows_line_ends() {
    let set =
        set("## rules\r\n\r\n-D\r\n-b 8192\r\n-a always,exit -F arch=b64 -S conect\r\n-e 1\r\n");
    assert_eq!((set.faults.first[0].line, set.faults.first[0].column), (5, 31));
    assert_eq!((set.enabled, set.backlog_limit), (Some(1), Some(8192)));
}

#[test]
fn rules_come_and_go_in_the_order_of_the_lines() {
    let all = |text: &str| -> Vec<usize> {
        let set = set(text);
        assert!(set.faults.count == 0, "{}", set.faults.first[0]);
        set.rules.iter().map(|rule| rule.place.line).collect()
    };
    let (one, two) = ("-a always,exit -F auid=1 -k a\n", "-a always,exit -F auid=2 -k b\n");
    assert_eq!(all(&format!("{one}{two}")), [1, 2]);
    assert_eq!(all(&format!("{one}{}", two.replace("-a", "-A"))), [2, 1]);
    assert_eq!(all(&format!("{one}-D\n{two}")), [3]);
    assert_eq!(all(&format!("{one}{two}-D -k a\n")), [2]);
    assert_eq!(all(&format!("{one}{two}{}", one.replace("-a", "-d"))), [2]);
    let again = set(&format!("{one}{two}{one}"));
    assert!(again.rules.len() == 2 && again.faults.first[0].message.contains("above already"));
    let gone = set(&format!("{one}{}", two.replace("-a", "-d")));
    assert!(gone.faults.first[0].message.contains("no such rule"));
    let locked = set(&format!("-e 2\n{one}"));
    assert!(locked.rules.is_empty() && locked.faults.first[0].message.contains("locked"));
}

#[test]
fn what_went_with_its_key_may_come_again_and_what_stayed_may_not() {
    let rule = |key: &str| format!("-a always,exit -F arch=b64 -S connect -k {key}\n");
    let both = rule("x") + &rule("y") + "-D -k x\n";
    assert_eq!(set(&both).rules.len(), 1);
    let again = set(&(both.clone() + &rule("x")));
    assert_eq!((again.rules.len(), again.faults.count), (2, 0), "{:?}", again.faults);
    let twice = set(&(both + &rule("y")));
    assert_eq!((twice.rules.len(), twice.faults.count), (1, 1));
}

#[test]
fn files_of_a_folder_are_put_together_as_augenrules_does_it() {
    let file = |name: &str, text: &str| RuleText { name: name.to_owned(), text: text.to_owned() };
    let one = file("10.rules", "-a always,exit -F auid=1 -k a\n-e 2\n-b 100\n");
    let two = file("20.rules", "-D\n-a always,exit -F auid=2 -k a\n-b 8192\n-e 1\n");
    let files = [one, two];
    let merged = RuleSet::read(&files, Order::Merged, MACHINE);
    assert!(merged.faults.count == 0, "{}", merged.faults.first[0]);
    assert_eq!(
        (merged.rules.len(), merged.enabled, merged.backlog_limit),
        (2, Some(1), Some(8192))
    );
    let plain = RuleSet::read(&files, Order::AsTheyAre, MACHINE);
    assert_eq!((plain.rules.len(), plain.faults.count), (1, 5));
}

#[test]
fn nothing_that_a_file_may_hold_stops_the_reader() {
    for text in [
        "-",
        "--",
        "-a",
        "-S",
        "\\",
        "-a ,",
        "-F =",
        "-a always,exit -F =1",
        "-w /a\\ ",
        "-a always,exit -S ,",
        "-k \u{202e}\u{1b}[2J",
        "-a always,exit -F é=é",
        "-é",
        "\t",
        "\0",
    ] {
        let set = set(text);
        assert!(
            set.faults
                .first
                .iter()
                .all(|fault| !fault.to_string().contains(['\u{1b}', '\u{202e}']))
        );
    }
}

#[test]
fn a_file_of_very_many_rules_or_faults_is_read_in_good_time() {
    let rules: String = (0..20_000)
        .map(|at| format!("-A always,exit -F arch=b64 -S connect -F uid={at} -k net\n"))
        .collect();
    let many = set(&rules);
    assert_eq!((many.rules.len(), many.faults.count), (10_000, 10_000));
    let some: String = rules.lines().take(2000).map(|rule| format!("{rule}\n")).collect();
    let began = std::time::Instant::now();
    let kept = set(&(some + &"-D -k x\n".repeat(10_000)));
    assert_eq!((kept.rules.len(), kept.faults.count), (2000, 0));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let faults = set(&"-k\n".repeat(200_000));
    assert_eq!((faults.faults.first.len(), faults.faults.count), (8, 200_000));
}

/// What lines are made of.
const WORDS: &[&str] = &[
    "-a",
    "always,exit",
    "-A",
    "never,exit",
    "-S",
    "connect",
    "all",
    "-F",
    "arch=b64",
    "-C",
    "auid>=1000",
    "success=1",
    "saddr_fam=2",
    "a2&=16",
    "auid!=uid",
    "-k",
    "net",
    "-d",
    "-D",
    "-e",
    "2",
    "-w",
    "/etc",
    "-p",
    "wa",
    "\n",
    "\n",
    "task,never",
    "exclude,always",
    "msgtype=1306",
    "-i",
    "exe=/x",
    "exit=-115",
    "\\",
    "\"",
    "é\u{202e}",
    "-é",
    "=",
    "-",
    "--",
    ",",
    "#",
    "arch=b32",
];

proptest::proptest! {
    #[test]
    fn whatever_is_written_is_judged(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..60),
        glue in proptest::sample::select(&[" ", "", "\t", "  "][..]),
    ) {
        let set = set(&words.join(glue));
        for finding in crate::doctor::judge_rules(&set, MACHINE) {
            proptest::prop_assert!(!finding.reason.is_empty() && finding.reason.len() < 4000);
        }
    }
}
