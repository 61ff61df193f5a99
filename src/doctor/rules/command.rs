//! Command: one line of an audit rule file, taken apart.
//!
//! The words of a line come in; out goes what auditctl is told by it, or what is wrong with it and
//! where. What the line does to the rules before it is the business of [`super::rule_set`].

use std::ops::Range;

use super::call_names;
use super::machine::Machine;
use super::rule::{Action, Calls, List};
use super::test::{self, Test};
use super::words::Word;
use crate::rules::Fault;

/// What a line says.
#[derive(Debug)]
pub(super) enum Command {
    /// `-a`, `-A` and `-w`.
    Add { parts: Parts, is_first: bool },
    /// `-d` and `-W`.
    Delete(Parts),
    /// `-D`, of one key if there is one.
    DeleteAll(Option<String>),
    /// A number that is set.
    Set(Setting, u32),
    /// `-c` and `-i`: an error does not end the loading.
    GoOn,
    /// What has nothing to do with what is recorded.
    Other,
}

/// A number that is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Setting {
    Enabled,
    Backlog,
    Rate,
    Other,
}

/// The parts of a rule.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) list: List,
    pub(super) action: Action,
    pub(super) calls: Calls,
    pub(super) tests: Vec<Test>,
    pub(super) keys: Vec<String>,
    /// What auditctl takes and does not mean what it says.
    pub(super) oddities: Vec<(Range<usize>, String)>,
}

impl Parts {
    fn new(list: List, action: Action) -> Parts {
        let (tests, keys, oddities) = (Vec::new(), Vec::new(), Vec::new());
        Parts { list, action, calls: Calls::All, tests, keys, oddities }
    }
}

pub(super) type Read<T> = Result<T, Fault>;

pub(super) fn fault<T>(span: Range<usize>, message: impl Into<String>) -> Read<T> {
    Err(Fault { span, message: message.into() })
}

/// An option and its value.
struct Given<'w> {
    option: String,
    span: Range<usize>,
    value: Option<Word<'w>>,
}

const WITH_VALUE: &str = "aAbCdefFkmpqrRSwW";
const ALONE: &str = "chilsDtv";
const LONG_WITH_VALUE: [&str; 2] = ["--backlog_wait_time", "--signal"];
const LONG_ALONE: [&str; 3] =
    ["--loginuid-immutable", "--reset-lost", "--reset_backlog_wait_time_actual"];

/// Reads a line that has words.
pub(super) fn command(words: &[Word<'_>], machine: Machine) -> Read<Command> {
    if let Some(word) = words.iter().find(|word| word.text.contains('\t')) {
        let at = word.text.find('\t').unwrap_or(0);
        return fault(word.part(at..at + 1), "expected a blank: auditctl parts no words at a tab");
    }
    let given = options(words);
    let mut rule: Option<Command> = None;
    let mut is_watch = false;
    for given in given {
        let given = given?;
        let value = given.value.as_ref();
        let span = value.map_or(given.span.clone(), |value| value.span.clone());
        let text = value.map(Word::value).unwrap_or_default();
        match given.option.as_str() {
            option @ ("-a" | "-A" | "-d" | "-w" | "-W") => {
                if rule.is_some() {
                    return fault(given.span.clone(), "a line holds one rule only");
                }
                is_watch = matches!(option, "-w" | "-W");
                let parts = if is_watch { watch(&text, span)? } else { list(&text, span)? };
                rule = Some(match option {
                    "-d" | "-W" => Command::Delete(parts),
                    _ => Command::Add { parts, is_first: option == "-A" },
                });
            }
            "-D" => rule = Some(Command::DeleteAll(None)),
            "-k" if matches!(rule, Some(Command::DeleteAll(_))) => {
                rule = Some(Command::DeleteAll(Some(text)));
            }
            option @ ("-S" | "-F" | "-C" | "-k" | "-p") => {
                let parts = match &mut rule {
                    Some(Command::Add { parts, .. } | Command::Delete(parts)) => parts,
                    _ => {
                        let message = format!("{option} must stand behind -a, -A, -d or -w");
                        return fault(given.span.clone(), message);
                    }
                };
                part(parts, option, &text, span, machine)?;
            }
            option => {
                let said = setting(option, &text, span)?;
                rule.get_or_insert(said);
            }
        }
    }
    if let Some(Command::Add { parts, .. }) = &mut rule
        && is_watch
        && parts.tests.iter().all(|test| test.field != "perm")
        && let Ok(test) = test::field("perm=rwxa", List::Exit)
    {
        parts.tests.push(test);
    }
    Ok(rule.unwrap_or(Command::Other))
}

/// The options of a line, each with its value, as getopt finds them; the last may be a fault.
fn options<'w>(words: &[Word<'w>]) -> Vec<Read<Given<'w>>> {
    let mut given = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (span, text) = (word.span.clone(), word.text);
        let (option, value) = if text.starts_with("--") {
            let (name, value) = text.split_once('=').map_or((text, None), |(n, v)| (n, Some(v)));
            if LONG_ALONE.contains(&text) {
                given.push(Ok(Given { option: text.to_owned(), span, value: None }));
                continue;
            } else if !LONG_WITH_VALUE.contains(&name) {
                given.push(fault(span, format!("auditctl has no option {name}")));
                return given;
            }
            let at = text.len() - value.map_or(0, str::len);
            (
                name.to_owned(),
                value.map(|value| Word { text: value, span: word.part(at..text.len()) }),
            )
        } else if let Some(letter) = text.strip_prefix('-').and_then(|text| text.chars().next()) {
            let option = format!("-{letter}");
            if ALONE.contains(letter) {
                given.push(Ok(Given { option, span, value: None }));
                continue;
            } else if !WITH_VALUE.contains(letter) {
                given.push(fault(span, format!("auditctl has no option {option}")));
                return given;
            }
            let value = (text.len() > option.len()).then(|| Word {
                text: &text[option.len()..],
                span: word.part(option.len()..text.len()),
            });
            (option, value)
        } else {
            given.push(fault(span, stray(text, given.is_empty())));
            return given;
        };
        match value.or_else(|| rest.next().cloned()) {
            Some(value) => given.push(Ok(Given { option, span, value: Some(value) })),
            None => given.push(fault(span, format!("the value of {option} is missing"))),
        }
    }
    given
}

fn stray(text: &str, is_first: bool) -> String {
    match text {
        "\\" => "a rule ends with its line: auditctl does not join lines at a backslash".to_owned(),
        "auditctl" | "/sbin/auditctl" => {
            "in a file the word auditctl is left out; the line begins with -a".to_owned()
        }
        _ if text.starts_with('#') && !is_first => {
            "a comment needs a line of its own: auditctl takes this for a word of the rule"
                .to_owned()
        }
        _ if text.ends_with('"') || text.ends_with('\'') => {
            "auditctl takes no quotes off: a value may have no blanks in it".to_owned()
        }
        _ => format!(
            "expected an option such as -a or -F, and not \"{text}\"; a value has no blanks in it"
        ),
    }
}

fn list(text: &str, span: Range<usize>) -> Read<Parts> {
    let expected = "expected a list and an action with a comma and no blank between them, such as \
                    always,exit";
    let Some((one, other)) = text.split_once(',') else { return fault(span, expected) };
    let list = |word: &str| List::ALL.iter().find(|(_, name)| *name == word).map(|(list, _)| *list);
    let action = |word: &str| match word {
        "always" => Some(Action::Always),
        "never" => Some(Action::Never),
        _ => None,
    };
    if one == "entry" || other == "entry" {
        return fault(span, "the list entry is no more; expected exit in its place");
    }
    match (list(one).or(list(other)), action(one).or(action(other))) {
        (Some(list), Some(action)) => Ok(Parts::new(list, action)),
        _ => fault(span, expected),
    }
}

fn watch(path: &str, span: Range<usize>) -> Read<Parts> {
    if !path.starts_with('/') {
        return fault(span, "expected the path of a file or directory, which begins with a slash");
    }
    let mut parts = Parts::new(List::Exit, Action::Always);
    let test = test::field(&format!("path={path}"), List::Exit);
    parts.tests.extend(test.ok());
    Ok(parts)
}

fn part(
    parts: &mut Parts,
    option: &str,
    text: &str,
    span: Range<usize>,
    machine: Machine,
) -> Read<()> {
    let wrong = |(part, message): test::Wrong| {
        // Where a blank was kept by a backslash, the text is shorter than what stands there.
        let start = (span.start + part.start).min(span.end);
        Fault { span: start..(span.start + part.end).min(span.end), message }
    };
    match option {
        "-S" if matches!(parts.list, List::Exclude | List::User | List::Task) => {
            return fault(span, "system calls (-S) are for the list exit only");
        }
        "-S" => call_names::calls(parts, text, span, machine)?,
        "-C" => parts.tests.push(test::comparison(text).map_err(wrong)?),
        "-k" => key(parts, text, span),
        "-p" if text.is_empty() || !text.chars().all(|c| "rwxa".contains(c)) => {
            return fault(span, "expected letters of \"rwxa\" behind -p");
        }
        "-p" => parts.tests.extend(test::field(&format!("perm={text}"), List::Exit).ok()),
        _ => {
            let test = test::field(text, parts.list).map_err(wrong)?;
            match test.field {
                "key" => {
                    key(parts, text.trim_start_matches("key="), span);
                    return Ok(());
                }
                "arch" if !is_known_arch(&test, machine) => {
                    let expected = "expected b64, b32 or a name such as x86_64";
                    return fault(span, format!("no such architecture; {expected}"));
                }
                "arch" if !matches!(parts.calls, Calls::All) => {
                    return fault(span, "arch must stand before -S");
                }
                "exe" if parts.tests.iter().any(|test| test.field == "exe") => {
                    return fault(span, "a rule takes one exe only");
                }
                "exe" if !text[4..].trim_start_matches('=').starts_with('/') => {
                    let expected = "expected a path that begins with a slash, without quotes";
                    return fault(span, expected);
                }
                _ => {}
            }
            odd(parts, text, &test, span);
            parts.tests.push(test);
        }
    }
    Ok(())
}

fn key(parts: &mut Parts, text: &str, span: Range<usize>) {
    if text.contains(['"', '\'']) {
        let words = "auditctl takes no quotes off, so they are part of the key";
        parts.oddities.push((span, words.to_owned()));
    }
    parts.keys.push(text.to_owned());
}

/// Notes what auditctl takes for something else, and says nothing.
fn odd(parts: &mut Parts, text: &str, test: &Test, span: Range<usize>) {
    let value = text.trim_start_matches(|c: char| !"=!<>&".contains(c));
    let value = value.trim_start_matches(['=', '!', '<', '>', '&']);
    let is_word = value.starts_with(|c: char| c.is_ascii_alphabetic());
    let words = match test.field {
        "saddr_fam" if is_word => {
            "auditctl takes a word here for 0 and says nothing: write 2 for IPv4, 10 for IPv6"
        }
        "exit" if is_word => "an error without a minus before its name is no result of any call",
        _ => return,
    };
    parts.oddities.push((span, words.to_owned()));
}

fn is_known_arch(test: &Test, machine: Machine) -> bool {
    let test::Operand::Text(word) = &test.operand else { return false };
    test::arch_of(word, machine.native).is_some()
}

fn setting(option: &str, text: &str, span: Range<usize>) -> Read<Command> {
    let setting = match option {
        "-c" | "-i" => return Ok(Command::GoOn),
        "-e" => Setting::Enabled,
        "-b" => Setting::Backlog,
        "-r" => Setting::Rate,
        "-f" | "--backlog_wait_time" => Setting::Other,
        _ => return Ok(Command::Other),
    };
    let most = if matches!(option, "-e" | "-f") { 2 } else { u32::MAX };
    match test::number(text).filter(|number| !text.starts_with('-') && *number <= most) {
        Some(number) => Ok(Command::Set(setting, number)),
        None if most == 2 => fault(span, format!("expected 0, 1 or 2 behind {option}")),
        None => fault(span, format!("expected a number behind {option}")),
    }
}
