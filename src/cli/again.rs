//! What of a command line finds an alert again: what follows `oddsock explain` and the alert's id.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::catalogue;
use super::logs::Input;
use super::remembering::Remembering;

/// How many bytes of it are shown with each alert; of more the logs are left for the reader to
/// name.
const MOST: usize = 200;

/// What an alert was made of.
pub struct Again<'a> {
    pub state: Option<&'a Path>,
    pub rules: &'a catalogue::Choice,
    pub remembering: &'a Remembering,
    pub host: Option<&'a str>,
    pub input: Input,
    pub logs: Vec<&'a PathBuf>,
}

impl Again<'_> {
    /// All of it as a shell takes it, each word behind a blank, if it is no longer than that.
    pub fn words(&self, most: usize) -> Option<String> {
        let mut words = self.options();
        for log in &self.logs {
            let is_no_option =
                log.as_os_str() == "-" || !log.as_os_str().as_bytes().starts_with(b"-");
            words.push_str(if is_no_option { " " } else { " ./" });
            words.push_str(&shell(log.as_os_str()));
        }
        (words.len() <= most).then_some(words)
    }

    /// What stands below an alert.
    pub fn shown(&self) -> String {
        let files = if self.logs.is_empty() { "" } else { " FILE..." };
        self.words(MOST).unwrap_or_else(|| self.options() + files)
    }

    fn options(&self) -> String {
        let mut words = String::new();
        let mut option = |name: &str, value: &OsStr| {
            // What begins as an option does is a value only in one word with its own.
            if value.as_bytes().starts_with(b"-") {
                words.extend([" ", name, "=", &shell(value)]);
            } else {
                words.extend([" ", name, " ", &shell(value)]);
            }
        };
        if self.input == Input::Ecs {
            option("--input", OsStr::new("ecs"));
        }
        if let Some(state) = self.state {
            option("--state", state.as_os_str());
        }
        self.rules.places().iter().for_each(|place| option("--rules", place.as_os_str()));
        if let Some(time) = self.remembering.given() {
            option("--remember", OsStr::new(time));
        }
        if let Some(host) = self.host {
            option("--host", OsStr::new(host));
        }
        words
    }
}

/// A word as a shell takes it.
fn shell(word: &OsStr) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(byte);
    let bytes = word.as_bytes();
    // To zsh, what begins with = is the path of a program.
    if !bytes.is_empty() && bytes[0] != b'=' && bytes.iter().all(is_plain) {
        return word.to_string_lossy().into_owned();
    }
    if bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    }
    // Bytes that are not printed: as bash, ksh and zsh read them.
    let quoted = bytes.iter().map(|byte| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("$'{}'", quoted.collect::<String>())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        logs: Vec<PathBuf>,
        #[arg(long)]
        state: Option<PathBuf>,
        #[command(flatten)]
        rules: catalogue::Choice,
        #[command(flatten)]
        remembering: Remembering,
    }

    fn shown(arguments: &[&str]) -> String {
        let command = Command::try_parse_from(["oddsock"].iter().chain(arguments)).unwrap();
        let again = Again {
            state: command.state.as_deref(),
            rules: &command.rules,
            remembering: &command.remembering,
            host: None,
            input: Input::Audit,
            logs: command.logs.iter().collect(),
        };
        again.shown()
    }

    #[test]
    fn what_the_alert_was_made_of_is_named_and_what_is_too_much_is_left_to_the_reader() {
        assert_eq!(shown(&[]), "");
        assert_eq!(shown(&["/evidence", "a log"]), " /evidence 'a log'");
        let all = ["--state", "s", "--remember", "2w", "--rules", "r", "x"];
        assert_eq!(shown(&all), " --state s --rules r --remember 2w x");
        let dashes = ["--state=-s", "--rules=--r", "--", "--state", "-x", "-", "- y"];
        let as_values = " --state=-s --rules=--r ./--state ./-x - ./'- y'";
        assert_eq!(shown(&dashes), as_values);
        let many = vec!["month/audit.log"; 20];
        assert_eq!(shown(&[&["--state", "s"][..], &many].concat()), " --state s FILE...");
        let long = "s".repeat(300);
        assert_eq!(shown(&["--state", &long]), format!(" --state {long}"));
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_for_something_else() {
        for (word, quoted) in [
            (&b"/var/log/audit.log"[..], "/var/log/audit.log"),
            (b"a b", "'a b'"),
            (b"", "''"),
            (b"=ls", "'=ls'"),
            (b"a=b", "a=b"),
            (b"it's; rm", r"'it'\''s; rm'"),
            (b"\x1b'\xff", r"$'\x1b\'\xff'"),
        ] {
            assert_eq!(shell(OsStr::from_bytes(word)), quoted);
        }
    }
}
