//! auditd.conf, as far as it says where the log is.
//!
//! The text of the file comes in, the path of the log or the value of another key goes out. What
//! the other keys mean is not known here.

use std::path::PathBuf;

/// Where auditd looks for its configuration.
pub const AUDITD_CONF: &str = "/etc/audit/auditd.conf";

/// Where auditd writes when its configuration does not say.
pub const DEFAULT_LOG: &str = "/var/log/audit/audit.log";

/// The `log_file` that the text of an auditd.conf names, or auditd's default.
///
/// Read as auditd does: `key = value`, keys in any case, `#` begins a comment line, and of two
/// settings the last one counts.
///
/// ```
/// # use oddsock::input::log_file;
/// assert_eq!(log_file("Log_File = /srv/audit.log\n").to_str(), Some("/srv/audit.log"));
/// assert_eq!(log_file("# log_file = /srv/x\n").to_str(), Some("/var/log/audit/audit.log"));
/// ```
pub fn log_file(text: &str) -> PathBuf {
    setting(text, "log_file").unwrap_or(DEFAULT_LOG).into()
}

/// The value that the text of an auditd.conf has for a key, if it has one.
pub fn setting<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .filter(|(known, _)| known.trim().eq_ignore_ascii_case(key))
        .map(|(_, value)| value.trim())
        .rfind(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_file_is_read_whatever_the_case_and_the_blanks() {
        let conf = "#\n# This file controls auditd\n#\nlocal_events = yes\n\
                    LOG_FILE=/data/audit/audit.log  \nlog_group = adm\n";
        assert_eq!(log_file(conf), PathBuf::from("/data/audit/audit.log"));
    }

    #[test]
    fn other_keys_and_empty_values_leave_the_default() {
        for conf in ["", "log_file_group = x\n", "log_file =\n", " # log_file = /x\n", "log_file"] {
            assert_eq!(log_file(conf), PathBuf::from(DEFAULT_LOG), "{conf:?}");
        }
    }
}
