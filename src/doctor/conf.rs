//! The checks of auditd.conf: whether the log is written, kept long enough, and can be read.
//!
//! A way to look settings up comes in, since where they stand is known elsewhere; findings go out.

use super::finding::{Finding, Level};

/// Kept logs of less than so many megabytes are told: a week of a quiet server is more.
const LEAST_KEPT: u64 = 200;

/// What a connect takes in the log, with what the recommended rules record around it.
const BYTES_OF_CONNECT: u64 = 1_500;

/// What is wrong with an auditd.conf; `setting` gives the value of a key.
pub fn judge_conf<'t>(setting: &dyn Fn(&str) -> Option<&'t str>) -> Vec<Finding> {
    let word = |key: &str| setting(key).unwrap_or_default().to_ascii_lowercase();
    let mut findings = Vec::new();
    for (key, loss) in [
        ("write_logs", "auditd writes no log; only its plugins get the records"),
        ("local_events", "auditd takes no records of this machine's kernel"),
    ] {
        if word(key) == "no" {
            let finding = Finding::new("log", Level::Bad, loss);
            findings.push(finding.mended("set", vec![format!("{key} = yes")]));
        }
    }
    findings.push(match word("log_format").as_str() {
        "enriched" => Finding::new("format", Level::Ok, "log_format is ENRICHED"),
        "nolog" => Finding::new("format", Level::Bad, "log_format is NOLOG: nothing is written")
            .mended("set", enriched()),
        _ => Finding::new(
            "format",
            Level::Warn,
            "log_format is not ENRICHED: read on another machine, the numbers of users have no \
             names",
        )
        .mended("set", enriched()),
    });
    findings.push(group(&word("log_group")));
    findings.push(kept(
        &word("max_log_file_action"),
        number(setting("max_log_file"), 8),
        number(setting("num_logs"), 0),
    ));
    findings.push(full(&word));
    if matches!(word("name_format").as_str(), "" | "none") {
        let reason = "name_format is NONE: where the logs of several machines are collected in one \
                      file, nobody can tell which is whose";
        let finding = Finding::new("names", Level::Note, reason);
        findings
            .push(finding.mended("for a fleet, set", vec!["name_format = HOSTNAME".to_owned()]));
    }
    findings
}

/// How many bytes of log an auditd.conf keeps, if it throws older ones away.
pub fn kept_bytes<'t>(setting: &dyn Fn(&str) -> Option<&'t str>) -> Option<u64> {
    let files = number(setting("num_logs"), 0);
    let action = setting("max_log_file_action").unwrap_or("ROTATE");
    let rotates = action.eq_ignore_ascii_case("rotate") && files > 1;
    let megabytes = number(setting("max_log_file"), 8).saturating_mul(files);
    rotates.then(|| megabytes.saturating_mul(1_000_000))
}

/// Days of log that are enough to tell what is usual.
const ENOUGH_DAYS: u64 = 14;

const HOUR: u64 = 3_600_000;

/// How far back a log reaches that grows as this one did, `bytes` in so many milliseconds.
///
/// Nothing is said of a log of less than an hour.
pub fn judge_growth(kept: u64, bytes: u64, millis: u64) -> Option<Finding> {
    let is_told = millis >= HOUR && bytes > 0;
    let hours = u128::from(kept) * u128::from(millis) / u128::from(bytes.max(1)) / u128::from(HOUR);
    let told = match hours {
        0 => "less than an hour".to_owned(),
        1 => "an hour".to_owned(),
        2..72 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    };
    let reason = format!("as this log grows, what is kept reaches back {told}");
    is_told.then(|| match hours < u128::from(ENOUGH_DAYS) * 24 {
        false => Finding::new("reach", Level::Ok, reason),
        true => Finding::new("reach", Level::Warn, reason + ": too little to tell what is usual")
            .mended(
                "keep more, or copy the log elsewhere; in auditd.conf",
                vec!["max_log_file = 50".to_owned(), "num_logs = 99".to_owned()],
            ),
    })
}

fn enriched() -> Vec<String> {
    vec!["log_format = ENRICHED".to_owned()]
}

fn number(text: Option<&str>, default: u64) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn group(name: &str) -> Finding {
    if !matches!(name, "" | "root" | "0") {
        let reason = format!("the group {name} may read the log");
        return Finding::new("readers", Level::Ok, reason);
    }
    let reason = "only root may read the log, so oddsock has to be run as root";
    let finding = Finding::new("readers", Level::Note, reason);
    finding.mended("to let a group read it, set", vec!["log_group = adm".to_owned()])
}

/// How much of the log is kept.
fn kept(action: &str, megabytes: u64, files: u64) -> Finding {
    let lines = || ["max_log_file = 50", "num_logs = 20", "max_log_file_action = ROTATE"];
    let lines = || lines().map(str::to_owned).to_vec();
    let warn = |reason: &str| Finding::new("kept", Level::Warn, reason).mended("set", lines());
    match action {
        "keep_logs" => Finding::new("kept", Level::Ok, "logs are kept until somebody deletes them"),
        "suspend" => warn("when the log has grown to max_log_file, auditd stops writing"),
        "ignore" | "syslog" => {
            Finding::new("kept", Level::Note, "the log grows until the disk is full")
        }
        // auditd rotates nothing when it may keep one file only.
        _ if files < 2 => warn("num_logs is below 2, so nothing is rotated and the log grows"),
        _ => {
            let kept = megabytes.saturating_mul(files);
            let connects = kept.saturating_mul(1_000) / BYTES_OF_CONNECT;
            if kept < LEAST_KEPT {
                return warn(&format!(
                    "{kept} MB of log are kept at most, enough for about {connects} thousand \
                     connects; what is older is gone before anybody asks, and what is usual has \
                     to be learnt anew"
                ));
            }
            Finding::new("kept", Level::Ok, format!("{kept} MB of log are kept"))
        }
    }
}

/// What happens when the disk is full.
fn full(word: &dyn Fn(&str) -> String) -> Finding {
    let keys = [
        ("space_left_action", "SYSLOG"),
        ("admin_space_left_action", "ROTATE"),
        ("disk_full_action", "ROTATE"),
        ("disk_error_action", "SYSLOG"),
    ];
    let suspended: Vec<_> = keys.iter().filter(|(key, _)| word(key) == "suspend").collect();
    let ends: Vec<&str> = keys
        .iter()
        .filter(|(key, _)| matches!(word(key).as_str(), "halt" | "single"))
        .map(|(key, _)| *key)
        .collect();
    let names: Vec<&str> = suspended.iter().map(|(key, _)| *key).collect();
    if !suspended.is_empty() {
        let reason = format!(
            "when the disk fills up, auditd stops writing and does not begin again by itself ({}); \
             who wants to go unseen fills the disk",
            names.join(", ")
        );
        let lines = suspended.iter().map(|(key, better)| format!("{key} = {better}")).collect();
        return Finding::new("disk", Level::Warn, reason).mended("set", lines);
    }
    if !ends.is_empty() {
        let reason = format!(
            "when the disk fills up, the machine goes down ({}): as strict rules want it",
            ends.join(", ")
        );
        return Finding::new("disk", Level::Note, reason);
    }
    Finding::new("disk", Level::Ok, "a full disk does not stop auditd")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Debian installs, but for what loses records.
    const GOOD: [(&str, &str); 9] = [
        ("write_logs", "yes"),
        ("log_format", "ENRICHED"),
        ("log_group", "adm"),
        ("max_log_file", "50"),
        ("num_logs", "20"),
        ("max_log_file_action", "ROTATE"),
        ("admin_space_left_action", "ROTATE"),
        ("disk_full_action", "rotate"),
        ("name_format", "HOSTNAME"),
    ];

    /// The checks that are not all right when one setting is another.
    fn with(key: &str, value: &str) -> Vec<String> {
        let setting = |asked: &str| {
            let known = GOOD.iter().find(|(key, _)| *key == asked).map(|(_, value)| *value);
            if asked == key { Some(value) } else { known }
        };
        let findings = judge_conf(&setting);
        let odd = findings.iter().filter(|finding| finding.level != Level::Ok);
        odd.map(|finding| format!("{} {}", finding.level, finding.check)).collect()
    }

    #[test]
    fn what_is_kept_reaches_back_as_far_as_the_log_grows() {
        let level = |kept, bytes, hours: u64| {
            judge_growth(kept, bytes, hours * HOUR).map(|finding| finding.level)
        };
        assert_eq!(level(40_000_000, 1_000_000, 24), Some(Level::Ok));
        assert_eq!(level(40_000_000, 1_000_000, 8), Some(Level::Warn));
        assert_eq!(level(40_000_000, 1_000_000, 0), None);
        assert_eq!(level(40_000_000, 0, 24), None);
        assert_eq!(level(u64::MAX, 1, u64::MAX / HOUR), Some(Level::Ok));
        let said = judge_growth(40_000_000, 10_000_000, HOUR).expect("a finding").reason;
        assert!(said.contains("4 hours"), "{said}");
        let setting = |key: &str| GOOD.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
        assert_eq!(kept_bytes(&setting), Some(1_000_000_000));
        assert_eq!(kept_bytes(&|_| None), None);
    }

    #[test]
    fn each_setting_that_loses_records_is_told_and_its_neighbour_is_not() {
        for (key, value, expected) in [
            ("write_logs", "YES", &[][..]),
            ("write_logs", "no", &["bad log"]),
            ("local_events", "no", &["bad log"]),
            ("log_format", "RAW", &["warn format"]),
            ("log_format", "enriched", &[]),
            ("log_group", "root", &["note readers"]),
            ("num_logs", "1", &["warn kept"]),
            ("num_logs", "3", &["warn kept"]),
            ("num_logs", "4", &[]),
            ("max_log_file", "8", &["warn kept"]),
            ("max_log_file", "18446744073709551615", &[]),
            ("max_log_file_action", "SUSPEND", &["warn kept"]),
            ("max_log_file_action", "keep_logs", &[]),
            ("max_log_file_action", "ignore", &["note kept"]),
            ("disk_full_action", "SUSPEND", &["warn disk"]),
            ("disk_error_action", "suspend", &["warn disk"]),
            ("admin_space_left_action", "HALT", &["note disk"]),
            ("space_left_action", "email", &[]),
            ("name_format", "none", &["note names"]),
            ("name_format", "USER", &[]),
        ] {
            assert_eq!(with(key, value), expected, "{key} = {value}");
        }
    }
}
