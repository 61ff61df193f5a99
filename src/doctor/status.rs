//! The checks of the kernel's audit status.
//!
//! What `auditctl -s` prints comes in; findings go out.

use super::finding::{Finding, Level};
use super::rule_checks::{backlog, rate};

/// The kernel's audit status.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[allow(missing_docs)]
pub struct Status {
    pub enabled: Option<u32>,
    /// The process that takes the records; 0 if there is none.
    pub pid: Option<u32>,
    pub rate_limit: Option<u32>,
    pub backlog_limit: Option<u32>,
    /// Records lost since the machine was started.
    pub lost: Option<u64>,
    /// Records that wait.
    pub backlog: Option<u32>,
}

impl Status {
    /// Reads `enabled 1` on a line each, or the older `AUDIT_STATUS: enabled=1 …`.
    ///
    /// ```
    /// use oddsock::doctor::Status;
    ///
    /// let status = Status::read("enabled 1\npid 700\nlost 3\n");
    /// assert_eq!((status.pid, status.lost, status.backlog), (Some(700), Some(3), None));
    /// assert_eq!(Status::read("AUDIT_STATUS: enabled=2 pid=7").enabled, Some(2));
    /// ```
    pub fn read(text: &str) -> Status {
        let value = |name: &str| {
            text.lines().find_map(|line| {
                let mut words = line.split([' ', '=', '\t']).skip_while(|word| *word != name);
                words.nth(1)
            })
        };
        let number = |name: &str| value(name).and_then(|text| text.parse().ok());
        Status {
            enabled: number("enabled"),
            pid: number("pid"),
            rate_limit: number("rate_limit"),
            backlog_limit: number("backlog_limit"),
            lost: value("lost").and_then(|text| text.parse().ok()),
            backlog: number("backlog"),
        }
    }
}

/// What `auditctl -s` prints, a number behind each.
const NAMES: [&str; 10] = [
    "enabled",
    "failure",
    "pid",
    "rate_limit",
    "backlog_limit",
    "lost",
    "backlog",
    "backlog_wait_time",
    "backlog_wait_time_actual",
    "loginuid_immutable",
];

impl Status {
    /// Takes the status out of a text that has rules as well, as
    /// `(auditctl -s; auditctl -l)` prints them; all lines stay where they are.
    ///
    /// ```
    /// use oddsock::doctor::Status;
    ///
    /// let mut text = "enabled 1\npid 700\n-a never,task\n".to_owned();
    /// assert_eq!(Status::take(&mut text).unwrap().pid, Some(700));
    /// assert_eq!(text, "\n\n-a never,task\n");
    /// assert_eq!(Status::take(&mut text), None);
    /// ```
    pub fn take(text: &mut String) -> Option<Status> {
        let is_status = |line: &str| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(|name| NAMES.contains(&name))
                && words.next().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()))
        };
        let (mut status, mut rest) = (String::new(), String::new());
        for line in text.split_inclusive('\n') {
            if is_status(line) {
                status.push_str(line);
                rest.push('\n');
            } else {
                rest.push_str(line);
            }
        }
        *text = rest;
        (!status.is_empty()).then(|| Status::read(&status))
    }
}

/// What is wrong with the kernel's audit status.
pub fn judge_status(status: &Status) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match status.enabled {
        Some(0) => Finding::new("kernel", Level::Bad, "the kernel does not audit")
            .mended("as root", vec!["auditctl -e 1".to_owned()]),
        Some(2) => Finding::new(
            "kernel",
            Level::Note,
            "the kernel audits, and its rules are locked: other rules take effect when the \
             machine is started again",
        ),
        Some(_) => Finding::new("kernel", Level::Ok, "the kernel audits"),
        None => Finding::new("kernel", Level::Unknown, "auditctl did not say if the kernel audits"),
    });
    if status.pid == Some(0) {
        let reason = "no daemon takes the kernel's records: they go to the kernel's log and are \
                      lost when many come";
        let lines = vec!["systemctl start auditd".to_owned()];
        findings.push(Finding::new("daemon", Level::Bad, reason).mended("as root", lines));
    }
    findings.push(match status.lost {
        Some(0) => Finding::new("lost", Level::Ok, "no record was lost since the machine started"),
        Some(lost) => {
            let reason = format!("{lost} records were lost since the machine was started");
            let lines = vec!["-b 8192".to_owned(), "--backlog_wait_time 60000".to_owned()];
            let what = "record less, or let more of it wait: in the rules, set";
            Finding::new("lost", Level::Warn, reason).mended(what, lines)
        }
        None => Finding::new("lost", Level::Unknown, "auditctl did not say if records were lost"),
    });
    findings.extend(status.backlog_limit.and_then(backlog));
    findings.extend(status.rate_limit.and_then(rate));
    if let (Some(waiting), Some(limit)) = (status.backlog, status.backlog_limit)
        && u64::from(waiting) * 5 > u64::from(limit) * 4
    {
        let reason = format!(
            "{waiting} records wait for auditd where {limit} may: it does not keep up, and the \
             next are lost"
        );
        findings.push(Finding::new("waiting", Level::Warn, reason));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "enabled 1\nfailure 1\npid 812\nrate_limit 0\nbacklog_limit 8192\nlost 0\n\
                        backlog 3\nbacklog_wait_time 15000\nbacklog_wait_time_actual 7\n\
                        loginuid_immutable 0 unlocked\n";

    fn with(line: &str, other: &str) -> Vec<String> {
        assert!(GOOD.contains(line));
        let findings = judge_status(&Status::read(&GOOD.replace(line, other)));
        let odd = findings.iter().filter(|finding| finding.level != Level::Ok);
        odd.map(|finding| format!("{} {}", finding.level, finding.check)).collect()
    }

    #[test]
    fn each_number_of_the_status_that_loses_records_is_told() {
        for (line, other, expected) in [
            ("enabled 1", "enabled 1", &[][..]),
            ("enabled 1", "enabled 0", &["bad kernel"]),
            ("enabled 1", "enabled 2", &["note kernel"]),
            ("enabled 1", "", &["unknown kernel"]),
            ("pid 812", "pid 0", &["bad daemon"]),
            ("lost 0", "lost 99999999999", &["warn lost"]),
            ("rate_limit 0", "rate_limit 20", &["warn rate"]),
            ("backlog_limit 8192", "backlog_limit 64", &["warn backlog"]),
            ("backlog 3", "backlog 8000", &["warn waiting"]),
            ("backlog 3", "backlog 4294967295", &["warn waiting"]),
        ] {
            assert_eq!(with(line, other), expected, "{other}");
        }
    }
}
