//! `oddsock completions`: what a shell needs to complete commands, and the answers it asks for.
//!
//! The script that a shell reads once asks this program what may come next, so it knows what a new
//! version can do, and what this machine has: rules, hosts, ports, exceptions. What comes in is the
//! command line so far; out go candidates, spelled for the shell. Names of files and hosts are
//! chosen by others, and a shell would run what it completes: see [`spelled`].

mod names;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Args, ValueEnum};
use clap_complete::engine::{self, CompletionCandidate};
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

use super::Ending;
use super::page::Page;
use crate::output::escape;

/// The variable by which a script asks; the command line stands behind `--`.
const ASKED: &str = "_ODDSOCK_COMPLETE";

/// Print the script by which a shell completes oddsock
///
/// The script asks oddsock itself what can be completed: commands, options, values, names of rules,
/// and hosts, ports and programs from the state that is set or given before with --state.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "Examples:
  source <(oddsock completions bash)                     in this bash, or in ~/.bashrc
  source <(oddsock completions zsh)                      in ~/.zshrc, below compinit
  oddsock completions fish > ~/.config/fish/completions/oddsock.fish

Exit status: 0 printed, 2 wrong usage.";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let shell: &dyn EnvCompleter = match arguments.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    shell
        .write_registration(ASKED, "oddsock", "oddsock", "oddsock", &mut script)
        .map_err(|error| format!("cannot make the script: {error}"))?;
    let mut page = Page::default();
    page.bytes(String::from_utf8_lossy(&script).trim_start().as_bytes());
    page.print()?;
    Ok(Ending::Found)
}

/// Answers a shell, if it is one that asks.
pub fn answer(given: &[OsString]) -> Option<Ending> {
    let asked = env::var_os(ASKED).filter(|shell| !shell.is_empty())?;
    let shell = Shell::from_str(asked.to_str()?, false).ok()?;
    let words = given.iter().position(|word| word == "--").map(|at| given[at + 1..].to_vec())?;
    // What cannot be completed is no reason to write into somebody's command line.
    let text = candidates(shell, words).unwrap_or_default();
    let _ = io::stdout().write_all(text.as_bytes());
    Some(Ending::Found)
}

fn candidates(shell: Shell, mut words: Vec<OsString>) -> Option<String> {
    let number = |name| env::var(name).ok().and_then(|number| number.parse().ok());
    let at = match shell {
        Shell::Fish => words.len().checked_sub(1)?,
        Shell::Bash | Shell::Zsh => number("_CLAP_COMPLETE_INDEX")?,
    };
    if words.len() == at {
        words.push(OsString::new());
    }
    let mut program = names::with_names(super::command(), &words, at);
    let folder = env::current_dir().ok();
    let found = engine::complete(&mut program, words, at, folder.as_deref()).ok()?;
    let separator = env::var("_CLAP_IFS").unwrap_or_else(|_| "\n".to_owned());
    let spelled: Vec<String> =
        found.iter().filter_map(|candidate| spelled(shell, candidate)).collect();
    Some(spelled.join(&separator))
}

/// A candidate as a shell wants it; none if it could end a line, act on the terminal, or stand
/// there as something else.
fn spelled(shell: Shell, candidate: &CompletionCandidate) -> Option<String> {
    let value = candidate.get_value().to_str()?;
    if !is_seen(value) {
        return None;
    }
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.lines().next().filter(|help| is_seen(help)).unwrap_or_default();
    Some(match (shell, help) {
        // bash puts a candidate into the command line as it is, and would run a $(…) in it.
        (Shell::Bash, _) => quoted(value),
        (Shell::Zsh, "") => for_zsh(value),
        (Shell::Zsh, help) => format!("{}:{}", for_zsh(value), help.replace('\\', "\\\\")),
        (Shell::Fish, "") => value.to_owned(),
        (Shell::Fish, help) => format!("{value}\t{help}"),
    })
}

/// Whether a text is shown as it is wherever else names are shown, but for its backslashes.
fn is_seen(text: &str) -> bool {
    text.split('\\').all(|part| {
        let mut shown = Vec::new();
        escape::text(part.as_bytes(), &mut shown);
        shown == part.as_bytes()
    })
}

/// A word that a shell takes for the characters it has.
fn quoted(value: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-=:,@%+".contains(letter);
    let mut quoted = String::new();
    for letter in value.chars() {
        if !is_plain(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

/// zsh quotes what it inserts; a colon ends the value.
fn for_zsh(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}
