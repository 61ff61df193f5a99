//! What a file of settings says.
//!
//! In comes the text of a file; out go its settings with the lines they stand on, and everything
//! that is wrong with it. It does not know where files are, or which of two settings counts.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::settings::{Place, check, is_list, is_path};
use crate::rules::RuleError;
use crate::rules::words::{meant, quoted};

/// A setting in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub place: Place,
    pub values: Vec<OsString>,
    /// Counted from 1.
    pub line: usize,
}

/// What is wrong with a file. Whoever mends the first few has seen what kind they are of, and a
/// file of ten thousand is none of settings.
#[derive(PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The first few.
    pub first: Vec<RuleError>,
    /// How many more there are.
    pub more: usize,
}

/// How many errors are shown.
const SHOWN: usize = 8;

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.first.iter().enumerate() {
            write!(f, "{}{error}", if at > 0 { "\n" } else { "" })?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\n{more} more errors are not shown."),
        }
    }
}

/// Reads a file of settings. Names of files in it are taken from its folder.
pub fn read(path: &Path, text: &str, program: &Command) -> Result<Vec<Line>, Wrong> {
    let name = path.to_string_lossy();
    let error = |span, message| RuleError::at(&name, text, span, message);
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(wrong) => {
            let span = wrong.span().unwrap_or_default();
            let message = format!("this is no TOML: {}", wrong.message());
            return Err(Wrong { first: vec![error(span, message)], more: 0 });
        }
    };
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let all = Place::all(program);
    let mut reader = Reader { folder, program, all: &all, set: Vec::new(), wrong: Vec::new() };
    reader.table(None, root.get_ref());
    let Reader { set, mut wrong, .. } = reader;
    if !wrong.is_empty() {
        wrong.sort_by_key(|(span, _)| span.start);
        let more = wrong.len().saturating_sub(SHOWN);
        let first = wrong.into_iter().take(SHOWN);
        let first = first.map(|(span, what)| error(span, what.told(&all))).collect();
        return Err(Wrong { first, more });
    }
    Ok(lines(text, set))
}

/// Settings with the lines they stand on, in one walk through the text.
fn lines(text: &str, mut set: Vec<(usize, Place, Vec<OsString>)>) -> Vec<Line> {
    set.sort_by_key(|(start, ..)| *start);
    let (mut line, mut from) = (1, 0);
    let number = |(start, place, values)| {
        line += text.get(from..start).unwrap_or_default().matches('\n').count();
        from = start;
        Line { place, values, line }
    };
    set.into_iter().map(number).collect()
}

type Fault<'t> = (Range<usize>, What<'t>);
type Value<'t> = Spanned<DeValue<'t>>;

/// What is wrong at a place. Which key was meant is found out only if it is told.
enum What<'t> {
    Told(String),
    /// A key that is none below this command.
    Unknown(&'t str, Option<&'t str>),
}

impl What<'_> {
    fn told(self, all: &[Place]) -> String {
        match self {
            What::Told(message) => message,
            What::Unknown(name, command) => unknown(name, command, all),
        }
    }
}

struct Reader<'t> {
    folder: &'t Path,
    program: &'t Command,
    all: &'t [Place],
    /// Where they stand, and what they say.
    set: Vec<(usize, Place, Vec<OsString>)>,
    wrong: Vec<Fault<'t>>,
}

impl<'t> Reader<'t> {
    /// A table: that of a command, or the one at the top, which has those of commands in it.
    fn table(&mut self, command: Option<&'t str>, table: &'t DeTable<'t>) {
        let all = self.all;
        let places: Vec<&Place> =
            all.iter().filter(|place| place.command.as_deref() == command).collect();
        for (key, value) in table {
            let name: &'t str = key.get_ref();
            let is_command = all.iter().any(|place| place.command.as_deref() == Some(name));
            if let (None, true, DeValue::Table(within)) = (command, is_command, value.get_ref()) {
                self.table(Some(name), within);
                continue;
            }
            if command.is_none() && is_command {
                let message =
                    format!("{0} is a command; write its settings below [{name}]", quoted(name));
                self.wrong.push((key.span(), What::Told(message)));
                continue;
            }
            let Some(place) = places.iter().find(|place| place.setting.key() == name) else {
                self.wrong.push((key.span(), What::Unknown(name, command)));
                continue;
            };
            let Some(option) = place.definition(self.program) else { continue };
            match values(option, name, value, self.folder) {
                Ok(values) => self.set.push((key.span().start, Place::clone(place), values)),
                Err(faults) => self.wrong.extend(faults),
            }
        }
    }
}

/// What is said of a key that is none here.
fn unknown(name: &str, command: Option<&str>, all: &[Place]) -> String {
    let shown = quoted(name);
    let has = |place: &&Place| place.setting.key() == name;
    let elsewhere = all.iter().filter(has).find_map(|place| place.command.as_deref());
    let keys: Vec<String> = all
        .iter()
        .filter(|place| place.command.as_deref() == command)
        .map(|place| place.setting.key())
        .collect();
    let commands = all.iter().filter(|_| command.is_none());
    let commands = commands.filter_map(|place| place.command.as_deref());
    let names = keys.iter().map(String::as_str).chain(commands);
    match (command, elsewhere) {
        (None, Some(one)) => {
            format!("{shown} is set for one command; write it below its name, such as [{one}]")
        }
        (None, None) => format!(
            "{shown} is neither a setting nor a command that has settings{}",
            meant(name, names)
        ),
        (Some(command), _) => {
            let keys = keys.join(", ");
            let meant = meant(name, names);
            format!("{shown} is no setting of oddsock {command}, which has {keys}{meant}")
        }
    }
}

/// The values of a setting, or what is wrong with them.
fn values<'t>(
    option: &Arg,
    key: &str,
    value: &Value<'_>,
    folder: &Path,
) -> Result<Vec<OsString>, Vec<Fault<'t>>> {
    let several = match value.get_ref() {
        DeValue::Array(list) if is_list(option) => list.iter().collect(),
        DeValue::Array(_) => {
            let message = format!("{key} has one value and takes no list");
            return Err(vec![(value.span(), What::Told(message))]);
        }
        _ => vec![value],
    };
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for value in several {
        match one(option, key, value, folder) {
            Ok(value) => good.push(value),
            Err(message) => wrong.push((value.span(), What::Told(message))),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

fn one(option: &Arg, key: &str, value: &Value<'_>, folder: &Path) -> Result<OsString, String> {
    let value = match value.get_ref() {
        DeValue::String(text) if is_path(option) => return path(key, text, folder),
        DeValue::String(text) => OsString::from(&**text),
        DeValue::Integer(number) if !is_path(option) => OsString::from(number.to_string()),
        DeValue::Float(number) if !is_path(option) => OsString::from(number.to_string()),
        _ if is_path(option) => return Err(format!("{key} takes the name of a file, in quotes")),
        _ => return Err(format!("{key} takes text or a number")),
    };
    check(option, key, &value).map(|()| value)
}

/// The name of a file, which means the same wherever the program is run.
fn path(key: &str, text: &str, folder: &Path) -> Result<OsString, String> {
    if text.is_empty() || text.contains('\0') {
        return Err(format!("{key} takes the name of a file"));
    }
    let in_home = text.strip_prefix("~/").or_else(|| (text == "~").then_some(""));
    if let Some(rest) = in_home {
        let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let home = home.ok_or_else(|| format!("{} cannot be told without HOME", quoted(text)))?;
        return Ok(home.join(rest).into_os_string());
    }
    Ok(folder.join(text).into_os_string())
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
