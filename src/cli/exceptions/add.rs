//! Writes an exception into a file, from what is said or from an alert.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};

use super::files::{self, Trouble};
use super::{Ending, Page, alerts, millis, say};
use crate::access::{self, Wanted};
use crate::alert::exceptions::{Draft, Exceptions, Glob, Moment, appended};
use crate::cli::catalogue::Own;
use crate::quoted::Quoted;
use crate::rules::{Field, Rule};

/// Add an exception
///
/// The alert is hidden if every value of every FIELD is like its PATTERN: a value, a glob
/// ("backup-*"), for addresses a network (10.0.0.0/8), for ports a range (8000-8100). Several
/// patterns of one field are alternatives.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A field and what it has to be like: process.name=borg, destination.ip=10.0.0.0/8
    #[arg(value_name = "FIELD=PATTERN", value_parser = condition)]
    conditions: Vec<(String, String)>,

    /// Why that is expected, for whoever asks a year from now
    #[arg(long, value_name = "TEXT", value_parser = some_text)]
    reason: String,

    /// Only for rules called so, by name or glob
    #[arg(long = "rule", value_name = "RULE", value_parser = some_text)]
    rules: Vec<String>,

    /// Take the value, the hosts and the executable of an alert, from a file of alert documents or
    /// from - for standard input
    #[arg(long, value_name = "FILE")]
    from_alert: Option<PathBuf>,

    /// Which of the alerts, if there are several
    #[arg(long, value_name = "ALERT-ID", requires = "from_alert")]
    id: Option<String>,

    /// Until when: a day, a time as RFC 3339 has it, days from now (30d), or never; 90d is the
    /// default
    #[arg(long, value_name = "TIME", default_value = "90d", hide_default_value = true)]
    expires: String,

    /// Who says so; the user who runs this is the default
    #[arg(long, value_name = "NAME", value_parser = some_text)]
    author: Option<String>,

    /// The file to write it into; the user's own is the default
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, now: Timestamp) -> Result<Ending, Trouble> {
    let file =
        arguments.file.clone().or_else(files::of_the_user).ok_or_else(|| {
            "there is no home folder to write to; name a file with --file".to_owned()
        })?;
    let alert = arguments.from_alert.as_ref().map(|path| the_alert(path, arguments)).transpose()?;
    let draft = draft(arguments, alert.as_ref(), now)?;
    let text = draft.toml();
    check(&text, alert.as_ref(), now)?;
    tell_doubts(&draft)?;

    let name = files::name(&file);
    let named = arguments.file.as_ref().filter(|file| file.exists()).cloned();
    files::change(&file, |old| {
        let mut refused = None;
        let known = files::read_all(named.as_slice(), &mut |why| refused = Some(why))?;
        match refused {
            // What is added there would not be used.
            Some(why) if arguments.file.is_none() => return Err(why.into()),
            Some(why) => say(&why),
            None => {}
        }
        let id = draft.id();
        if let Some(same) = known.exceptions.all().iter().find(|exception| exception.id == id) {
            return Err(format!("this is exception {id} already, at {}", same.place).into());
        }
        Ok(appended(&name, old, &text)?)
    })?;
    let mut page = Page::default();
    text.lines().for_each(|line| page.plain(line));
    page.print()?;
    say(&format!("added exception {} to {name}", draft.id()));
    Ok(Ending::Found)
}

fn draft(
    arguments: &Arguments,
    alert: Option<&Map<String, Value>>,
    now: Timestamp,
) -> Result<Draft, Trouble> {
    let mut draft = match alert {
        None => Draft::default(),
        Some(alert) => {
            let (draft, left_out) = Draft::from_alert(alert);
            for field in left_out {
                say(&format!("{field} is left out: it is not known of all its connections"));
            }
            draft
        }
    };
    for (field, pattern) in &arguments.conditions {
        draft.add(field, pattern);
    }
    if draft.conditions.is_empty() {
        let what = "name at least one FIELD=PATTERN, such as process.name=borg, or an alert with \
                    --from-alert";
        return Err(what.to_owned().into());
    }
    if !arguments.rules.is_empty() {
        draft.rules.clone_from(&arguments.rules);
    }
    draft.reason.clone_from(&arguments.reason);
    draft.author = arguments.author.clone().or_else(user);
    let today = now.to_zoned(TimeZone::UTC).date();
    draft.created = Some(today.to_string());
    draft.expires = expiry(&arguments.expires, today, now)?;
    Ok(draft)
}

/// That the exception can be read, and hides the alert it was made from.
fn check(text: &str, alert: Option<&Map<String, Value>>, now: Timestamp) -> Result<(), Trouble> {
    let mut alone = Exceptions::default();
    alone.add_file("the new exception", text)?;
    let Some(alert) = alert else { return Ok(()) };
    if alone.matching(alert, millis(now)).is_some() {
        return Ok(());
    }
    let misses = alone.nearest(alert, millis(now), 1);
    let misses = misses.iter().flat_map(|(_, misses)| misses);
    let why: Vec<String> = misses.map(ToString::to_string).collect();
    Err(format!("the exception would not hide that alert: {}", why.join("; ")).into())
}

/// The alert that is meant.
fn the_alert(path: &Path, arguments: &Arguments) -> Result<Map<String, Value>, Trouble> {
    let mut found: Vec<Map<String, Value>> = Vec::new();
    let mut more = false;
    let is_meant = |document: &Map<String, Value>| match &arguments.id {
        None => true,
        Some(id) => document.get("event.id").and_then(Value::as_str) == Some(id),
    };
    alerts::read(path, &mut |document| {
        // The same alert is the same finding, however often it was written.
        if is_meant(document) && !found.iter().any(|known| known == document) {
            more |= !found.is_empty();
            if found.is_empty() {
                found.push(document.clone());
            }
        }
    })
    .map_err(|error| {
        format!("cannot read {}: {}", Quoted(path), access::told(&error, path, Wanted::Read))
    })?;
    if more {
        let what = "there are several such alerts; say which one with --id";
        return Err(what.to_owned().into());
    }
    let what = match &arguments.id {
        Some(id) => format!("there is no alert {id:?} in {}", Quoted(path)),
        None => format!("there is no alert in {}", Quoted(path)),
    };
    found.pop().ok_or(Trouble::Other(what))
}

/// Until when, as a file has it; nothing for ever.
fn expiry(text: &str, today: Date, now: Timestamp) -> Result<Option<String>, String> {
    if text == "never" {
        return Ok(None);
    }
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let until = match days {
        Some(days) => {
            let until = today.checked_add(i64::from(days).days());
            until.map_err(|_| format!("{text} is too far away"))?.to_string()
        }
        None => text.to_owned(),
    };
    match Moment::parse(&until) {
        Some(moment) if moment.is_over(millis(now)) => {
            Err(format!("{until} is over already; give a later day, or never"))
        }
        Some(_) => Ok(Some(until)),
        None => Err(format!(
            "cannot tell what time {text:?} is; give a day (2027-02-19), a time with its zone \
             (2027-02-19T12:00:00Z), days from now (90d), or never"
        )),
    }
}

/// Who runs this, also behind sudo.
fn user() -> Option<String> {
    let names = ["SUDO_USER", "LOGNAME", "USER"].into_iter();
    let said = names.filter_map(|name| env::var(name).ok()).find(|name| !name.trim().is_empty());
    said.or_else(process_owner)
}

/// The user of this process, where the environment names none, as in a job of cron's.
fn process_owner() -> Option<String> {
    let id = fs::metadata("/proc/self").ok()?.uid();
    Some(access::user_name(id).unwrap_or_else(|| id.to_string()))
}

/// Says what may not be meant: rules and fields that there are not, and patterns that everything is
/// like.
fn tell_doubts(draft: &Draft) -> Result<(), Trouble> {
    let catalogue = Own::default().catalogue()?;
    for wanted in &draft.rules {
        let glob = Glob::new(wanted);
        let is_meant =
            |rule: &Rule| [&rule.name, &rule.title, &rule.id].iter().any(|n| glob.fits(n));
        if !catalogue.rules().iter().any(is_meant) {
            let wanted = Quoted(Path::new(wanted));
            say(&format!("there is no rule called {wanted} here; see oddsock rules list"));
        }
    }
    for (field, _) in &draft.conditions {
        // Alerts have these beside the fields of connections.
        let is_of_alerts = ["@timestamp", "oddsock", "rule", "threat", "event", "labels"]
            .contains(&field.split('.').next().unwrap_or_default());
        if !is_of_alerts && !Field::known_names().any(|name| name == field) {
            say(&format!("no connection has a field {}", Quoted(Path::new(field))));
        }
    }
    let is_anything = |pattern: &String| pattern.chars().all(|c| c == '*');
    if draft.conditions.iter().all(|(_, patterns)| patterns.iter().any(is_anything)) {
        let fields: Vec<&str> = draft.conditions.iter().map(|(field, _)| &field[..]).collect();
        say(&format!("this hides every alert that has {}", fields.join(" and ")));
    }
    Ok(())
}

fn condition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, pattern)) if !field.is_empty() && !pattern.is_empty() => {
            Ok((field.trim().to_owned(), pattern.to_owned()))
        }
        _ => Err("not a field and a pattern; give process.name=borg".to_owned()),
    }
}

fn some_text(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}
