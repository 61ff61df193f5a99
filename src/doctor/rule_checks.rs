//! The checks of a rule set, in the order in which they are told.
//!
//! A rule set and the machine it is for come in; findings go out, each with the lines that mend it.
//! Nothing is loaded, and nothing asked of the machine this runs on.

use super::calls::{self, UNIX};
use super::coverage::{Coverage, listed};
use super::finding::{Finding, Level};
use super::no_connects::{no_connects, quoted};
use super::recommended::Part;
use super::rules::{
    Action, Calls, Errors, Fate, List, Machine, Probe, Rule, RuleSet, Who, excluded, fate,
};
use crate::audit::kind::Kind;
use crate::audit::syscalls::Call;
use crate::rules::RuleError;

/// How many rules are repeated in a fix.
const SHOWN: usize = 8;

/// A queue shorter than this loses records whenever a few programs start at once.
pub(super) const SHORTEST_BACKLOG: u32 = 1024;

/// What is wrong with a rule set.
///
/// ```
/// use oddsock::doctor::rules::{Machine, Order, RuleSet, RuleText};
/// use oddsock::doctor::{Level, judge_rules};
///
/// let machine = Machine::named("x86_64").unwrap();
/// let text = "-a always,exit -F arch=b64 -S connect -F success=1 -k net".to_owned();
/// let rules = RuleText { name: "net.rules".to_owned(), text };
/// let findings = judge_rules(&RuleSet::read(&[rules], Order::AsTheyAre, machine), machine);
/// let outcomes = findings.iter().find(|finding| finding.check == "outcomes").unwrap();
/// assert_eq!(outcomes.level, Level::Bad);
/// assert!(outcomes.reason.contains("-F success=1"));
/// ```
pub fn judge_rules(set: &RuleSet, machine: Machine) -> Vec<Finding> {
    let mut findings = faults(set);
    if set.enabled == Some(0) {
        let finding = Finding::new(
            "enabled",
            Level::Bad,
            "auditing is switched off by -e 0: nothing at all is recorded",
        );
        findings.push(finding.mended("in its place", vec!["-e 1".to_owned()]));
    }
    let coverage = Coverage::new(set, machine);
    if coverage.has_any() {
        findings.push(Finding::new("connects", Level::Ok, "connects are recorded"));
        findings.extend(coverage.findings());
        findings.extend(flood(set, machine));
        findings.extend(exceptions(&coverage));
        findings.push(execs(set, machine));
        findings.push(sockets(set, machine));
        findings.extend(records(set));
        findings.push(keys(&coverage));
        findings.extend(beyond(set, machine));
    } else {
        findings.push(no_connects(set, &coverage, machine));
        findings.extend(records(set));
    }
    findings.extend(limits(set));
    tell_each_fix_once(&mut findings);
    findings
}

/// Lines that auditctl refuses, or takes for something else.
fn faults(set: &RuleSet) -> Vec<Finding> {
    let shown = |errors: &Errors, level: Level, end: &str| -> Vec<Finding> {
        let many = errors.count - errors.first.len();
        let one = |error: &RuleError| {
            let RuleError { file, line, column, message, .. } = error;
            Finding::new("lines", level, format!("{file}:{line}:{column}: {message}{end}"))
        };
        let more = format!("{many} more lines are wrong in such ways");
        let more = (many > 0).then(|| Finding::new("lines", level, more));
        errors.first.iter().map(one).chain(more).collect()
    };
    let end = match set.ends_at_faults {
        true => {
            ". auditctl stops here, and no line below is loaded; what follows is told as if \
                 this line were not there"
        }
        false => ". auditctl leaves the line out",
    };
    let mut findings = shown(&set.faults, Level::Bad, end);
    findings.extend(shown(&set.oddities, Level::Warn, ""));
    findings
}

/// What fills the log and tells nothing of the network.
fn flood(set: &RuleSet, machine: Machine) -> Vec<Finding> {
    let person = Who::ALL[0];
    let by = |probe: &Probe| fate(set, probe, machine).recorded();
    let all = (1..=8).map(|number| by(&calls::plain(machine.native, number, person)));
    let all: Vec<Option<&Rule>> = all.collect();
    if let [Some(rule), ..] = all[..]
        && all.iter().all(Option::is_some)
    {
        let reason = format!(
            "every system call is recorded, by {}: the log is full within minutes, and records \
             are lost",
            rule.place
        );
        let finding = Finding::new("flood", Level::Bad, reason);
        return vec![finding.mended(format!("in place of {}", rule.place), connects(machine))];
    }
    let ways = calls::ways(Call::Connect, machine);
    let unix = |way| calls::connect(way, UNIX, calls::OUTCOMES[0], person);
    let Some(rule) = ways.iter().find_map(|way| by(&unix(*way))) else {
        let reason = "connects to Unix sockets are left out";
        return vec![Finding::new("flood", Level::Ok, reason)];
    };
    let reason = format!(
        "connects to Unix sockets are recorded as well, by {}; on most machines they are many \
         times those of the network",
        rule.place
    );
    let finding = Finding::new("flood", Level::Warn, reason);
    vec![finding.mended(format!("in place of {}", rule.place), connects(machine))]
}

fn connects(machine: Machine) -> Vec<String> {
    part(Part::Connect, machine)
}

fn part(part: Part, machine: Machine) -> Vec<String> {
    machine.architectures().iter().flat_map(|arch| part.rules(*arch, machine)).collect()
}

/// Rules that hide what some processes do.
fn exceptions(coverage: &Coverage<'_>) -> Option<Finding> {
    let rules = coverage.exceptions();
    let first = rules.first()?;
    let places: Vec<_> = rules.iter().map(|rule| rule.place.clone()).collect();
    let reason =
        format!("connects of some processes are hidden: {} has {}", first.place, quoted(first));
    let what = "if that is not meant, take out ".to_owned() + &listed(&places);
    Some(Finding::new("exceptions", Level::Warn, reason).mended(what, Vec::new()))
}

fn execs(set: &RuleSet, machine: Machine) -> Finding {
    let ways = calls::ways(Call::Execve, machine);
    let probes = ways.iter().flat_map(|way| Who::ALL.map(|who| calls::exec(*way, who)));
    let lost = "program starts are not recorded, so arguments and parents are not known";
    let some = "the starts of some programs are not recorded, so their arguments and parents are \
                not known";
    told("execs", set, machine, probes, ["program starts are recorded", some, lost], Part::Exec)
}

fn sockets(set: &RuleSet, machine: Machine) -> Finding {
    let ways = calls::ways(Call::Socket, machine);
    let probes = ways.iter().flat_map(|way| {
        let families = [2, 10].into_iter();
        families.flat_map(|family| Who::ALL.map(|who| calls::socket(*way, family, who)))
    });
    let lost = "the making of sockets is not recorded, so TCP is not told from UDP";
    let some = "the making of some sockets is not recorded, so TCP is not told from UDP there";
    told(
        "sockets",
        set,
        machine,
        probes,
        ["the making of sockets is recorded", some, lost],
        Part::Socket,
    )
}

fn told(
    check: &'static str,
    set: &RuleSet,
    machine: Machine,
    probes: impl Iterator<Item = Probe>,
    [all, some, none]: [&str; 3],
    part: Part,
) -> Finding {
    let (mut recorded, mut lost, mut hidden) = (0, Vec::new(), None);
    for probe in probes {
        match fate(set, &probe, machine) {
            Fate::Recorded(_) => recorded += 1,
            Fate::Hidden(rule) => {
                hidden = Some(rule);
                lost.push(probe.arch);
            }
            Fate::Unasked => lost.push(probe.arch),
        }
    }
    if lost.is_empty() {
        return Finding::new(check, Level::Ok, all);
    }
    let words = if recorded > 0 { some } else { none };
    if let Some(rule) = hidden {
        let reason = format!("{words}: {} hides them", rule.place);
        let finding = Finding::new(check, Level::Warn, reason);
        return finding.mended(format!("take out {}", rule.place), Vec::new());
    }
    let archs = machine.architectures().into_iter().filter(|arch| lost.contains(arch));
    let rules = archs.flat_map(|arch| part.rules(arch, machine)).collect();
    Finding::new(check, Level::Warn, words).mended("add", rules)
}

/// Kinds of records that are thrown away, and what is lost with them.
const KINDS: [(Kind, &str, Level, &str); 4] = [
    (Kind::SYSCALL, "SYSCALL", Level::Bad, "nothing is left of a connect"),
    (Kind::SOCKADDR, "SOCKADDR", Level::Bad, "no connect has an address"),
    (Kind::EXECVE, "EXECVE", Level::Warn, "arguments are not known"),
    (Kind::CONFIG_CHANGE, "CONFIG_CHANGE", Level::Warn, "nobody sees rules being taken out"),
];

fn records(set: &RuleSet) -> Vec<Finding> {
    let gone = KINDS.iter().filter_map(|(kind, name, level, loss)| {
        let rule = excluded(set, kind.0)?;
        let reason = format!("{} throws records of type {name} away: {loss}", rule.place);
        let fix = format!("take out {}", rule.place);
        Some(Finding::new("records", *level, reason).mended(fix, Vec::new()))
    });
    gone.collect()
}

fn keys(coverage: &Coverage<'_>) -> Finding {
    let without: Vec<&Rule> =
        coverage.recorders().into_iter().filter(|rule| rule.keys.is_empty()).collect();
    if without.is_empty() {
        return Finding::new("keys", Level::Ok, "the rules for connects have keys");
    }
    let places: Vec<_> = without.iter().map(|rule| rule.place.clone()).collect();
    let reason = format!(
        "{} has no key: its records cannot be told from others by --key or ausearch -k",
        listed(&places)
    );
    let lines = without.iter().take(SHOWN).map(|rule| format!("{} -k net-connect", rule.text));
    Finding::new("keys", Level::Warn, reason)
        .mended(format!("in place of {}", listed(&places)), lines.collect())
}

/// What is beyond the recommended rules, and not recorded.
fn beyond(set: &RuleSet, machine: Machine) -> Option<Finding> {
    let person = Who::ALL[0];
    let is_recorded = |call: Call| {
        let ways = calls::ways(call, machine);
        ways.iter()
            .any(|way| fate(set, &calls::addressed(*way, person), machine).recorded().is_some())
    };
    let uring = set.rules.iter().any(|rule| {
        let connects = match &rule.calls {
            Calls::All => true,
            Calls::Of { numbers, .. } => numbers.contains(&16),
        };
        rule.list == List::IoUring && rule.action == Action::Always && connects
    });
    let mut missing = Vec::new();
    if !is_recorded(Call::SendTo) {
        missing.push("datagrams sent without connecting (--with-datagrams)");
    }
    if !is_recorded(Call::Accept4) {
        missing.push("connections that are accepted (--with-accept)");
    }
    if !uring {
        missing.push("connects by io_uring (--with-io-uring)");
    }
    (!missing.is_empty()).then(|| {
        let reason = format!(
            "not recorded, as is usual: {}. The options are those of \"oddsock audit-rules\"",
            missing.join(", ")
        );
        Finding::new("beyond", Level::Note, reason)
    })
}

/// Numbers that make the kernel throw records away.
fn limits(set: &RuleSet) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(set.backlog_limit.and_then(backlog));
    findings.extend(set.rate_limit.and_then(rate));
    findings
}

/// A queue that is too short.
pub(super) fn backlog(limit: u32) -> Option<Finding> {
    let reason = format!(
        "the kernel keeps {limit} records at most for auditd: a burst of connects or program \
         starts overflows that, and the rest is lost"
    );
    let finding = Finding::new("backlog", Level::Warn, reason);
    (limit < SHORTEST_BACKLOG)
        .then(|| finding.mended("in the rules, set", vec!["-b 8192".to_owned()]))
}

/// A rate past which records are thrown away.
pub(super) fn rate(limit: u32) -> Option<Finding> {
    let reason = format!("the kernel throws away what is more than {limit} records a second");
    let finding = Finding::new("rate", Level::Warn, reason);
    (limit > 0).then(|| finding.mended("in the rules, set", vec!["-r 0".to_owned()]))
}

/// Puts a reference in the place of lines that were told before.
fn tell_each_fix_once(findings: &mut [Finding]) {
    for at in 1..findings.len() {
        let (before, rest) = findings.split_at_mut(at);
        let Some(fix) = rest[0].fix.as_mut().filter(|fix| !fix.lines.is_empty()) else { continue };
        let same = before.iter().find(|finding| {
            finding
                .fix
                .as_ref()
                .is_some_and(|told| told.what == fix.what && told.lines == fix.lines)
        });
        if let Some(same) = same {
            fix.what = format!("the lines told for \"{}\" mend this too", same.check);
            fix.lines.clear();
        }
    }
}
