//! Shows the exceptions and profiles there are.

use clap::Args;
use jiff::Timestamp;

use super::files::{self, Trouble};
use super::{Ending, Files, Page, millis, say};
use crate::alert::exceptions::{Exception, Glob, Profile};
use crate::cli::page::text;

/// Show the exceptions and profiles there are, and which exceptions have expired
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    files: Files,
}

pub fn run(arguments: &Arguments, now: Timestamp) -> Result<Ending, Trouble> {
    let files::Known { files, exceptions } =
        files::read_all(&arguments.files.exceptions, &mut |why| say(&why))?;
    let now = millis(now);
    let mut page = Page::default();
    for exception in exceptions.all() {
        show(exception, now, &mut page);
    }
    for profile in exceptions.profiles().all() {
        page.line(&format!("profile {}", profile.name));
        page.line(&format!("  {}", measure(profile)));
    }
    page.print()?;
    let expired = exceptions.all().iter().filter(|exception| exception.is_expired(now)).count();
    say(&format!(
        "exceptions {}, of which {expired} expired; profiles {}; files {}",
        exceptions.all().len(),
        exceptions.profiles().all().len(),
        files.len()
    ));
    let is_empty = exceptions.all().is_empty() && exceptions.profiles().all().is_empty();
    Ok(if is_empty { Ending::NothingFound } else { Ending::Found })
}

fn show(exception: &Exception, now: u64, page: &mut Page) {
    let until = match &exception.expires {
        None => "never expires".to_owned(),
        Some(until) if exception.is_expired(now) => format!("expired {until}"),
        Some(until) => format!("until {until}"),
    };
    page.line(&format!("{}  {until}  {}", exception.id, exception.reason));
    let mut terms: Vec<String> = Vec::new();
    terms.extend(exception.profile.as_ref().map(|profile| format!("profile {profile}")));
    if !exception.rules.is_empty() {
        terms.push(format!("rules {}", joined(&exception.rules)));
    }
    terms.extend(exception.conditions.iter().map(ToString::to_string));
    page.line(&format!("  {}", terms.join("; ")));
    let author = exception.author.as_ref().map(|author| format!(" by {author}"));
    let created = exception.created.as_ref().map(|created| format!(" on {created}"));
    let made = match (author, created) {
        (None, None) => String::new(),
        (author, created) => {
            format!(", made{}{}", author.unwrap_or_default(), created.unwrap_or_default())
        }
    };
    // The name of the file is escaped already.
    let (file, line) = (&exception.place.file, exception.place.line);
    page.plain(&format!("  {file}:{line}{}", text(made.as_bytes())));
}

fn measure(profile: &Profile) -> String {
    let mut terms = vec![format!("hosts {}", joined(&profile.hosts))];
    terms.extend(profile.threshold.map(|threshold| format!("threshold {threshold}")));
    for (word, rules) in [("on", &profile.on), ("off", &profile.off)] {
        if !rules.is_empty() {
            terms.push(format!("rules {word} {}", joined(rules)));
        }
    }
    terms.join("; ")
}

fn joined(globs: &[Glob]) -> String {
    let texts: Vec<&str> = globs.iter().map(Glob::text).collect();
    texts.join(" or ")
}
