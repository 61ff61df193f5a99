//! Exceptions: alerts that were expected, and that nobody needs to be shown.
//!
//! The text of files comes in, and an alert's document, as oddsock-exceptions(5) and
//! oddsock-events(5) describe them; out goes whether the alert is shown, and if not, by what it
//! is hidden and why. Facts are learnt all the same: an exception that is taken away again brings
//! back what it hid. Nothing here reads a file or a clock.
//!
//! An alert is hidden only where everything it stands for is known to be expected; [`Condition`]
//! says what that means. Whatever is hidden leaves a [`Hidden`] to be counted and listed.

mod condition;
mod draft;
mod edit;
mod facts;
mod file;
mod glob;
mod moment;
mod names;
mod pattern;
mod place;
mod profile;
mod table;

use std::fmt;

use serde_json::{Map, Value};

pub use condition::{Condition, Miss};
pub use draft::Draft;
pub use edit::{EditError, appended, removed};
pub use glob::Glob;
pub use moment::Moment;
pub use pattern::Pattern;
pub use place::{FileError, Place};
pub use profile::{Profile, Profiles};

use facts::Facts;

/// An alert that is expected, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// A short name that no other has.
    pub id: String,
    /// Why it is expected.
    pub reason: String,
    /// Who says so.
    pub author: Option<String>,
    /// Since when.
    pub created: Option<Moment>,
    /// Until when; without it, for ever.
    pub expires: Option<Moment>,
    /// For which rules; none means all.
    pub rules: Vec<Glob>,
    /// All of them have to hold.
    pub conditions: Vec<Condition>,
    /// The profile it belongs to.
    pub profile: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// What hid an alert.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum By {
    /// The exception with this id.
    Exception(String),
    /// The profile with this name.
    Profile(String),
}

/// An alert is hidden.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hidden {
    /// By what.
    pub by: By,
    /// Why.
    pub reason: String,
}

/// Whether an alert is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is.
    Shown,
    /// It is not.
    Hidden(Hidden),
}

/// The exceptions and profiles of all files.
#[derive(Clone, Default, Debug)]
pub struct Exceptions {
    all: Vec<Exception>,
    profiles: Profiles,
}

impl Exceptions {
    /// Adds those of a file, given its name and its text; on an error nothing is added.
    ///
    /// ```
    /// use oddsock::alert::exceptions::Exceptions;
    ///
    /// let mut exceptions = Exceptions::default();
    /// exceptions.add_file("mine.toml", r#"
    ///     [[exception]]
    ///     reason = "nightly backup"
    ///     match.process.name = "borg"
    /// "#)?;
    /// let mut alert = serde_json::Map::new();
    /// alert.insert("oddsock.by_field".into(), "process.name".into());
    /// alert.insert("oddsock.by_value".into(), "borg".into());
    /// assert_eq!(exceptions.matching(&alert, 0).unwrap().reason, "nightly backup");
    /// alert.insert("oddsock.by_value".into(), "borg2".into());
    /// assert!(exceptions.matching(&alert, 0).is_none());
    /// # Ok::<(), Box<oddsock::alert::exceptions::FileError>>(())
    /// ```
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), Box<FileError>> {
        file::read(name, text, self).map(|read| *self = read)
    }

    /// All exceptions, in the order of the files.
    pub fn all(&self) -> &[Exception] {
        &self.all
    }

    /// All profiles, in the order of the files.
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The first exception that hides an alert, at a time in milliseconds since 1970.
    pub fn matching(&self, document: &Map<String, Value>, now_ms: u64) -> Option<&Exception> {
        self.first(&mut Facts::of(document), now_ms)
    }

    /// Whether an alert is shown: by the exceptions first, then by the profiles.
    pub fn verdict(&self, document: &Map<String, Value>, now_ms: u64) -> Verdict {
        let mut facts = Facts::of(document);
        match self.first(&mut facts, now_ms) {
            None => self.profiles.judged(&mut facts),
            Some(exception) => Verdict::Hidden(Hidden {
                by: By::Exception(exception.id.clone()),
                reason: exception.reason.clone(),
            }),
        }
    }

    /// The exceptions that come nearest to hiding an alert, at most so many, each with what keeps
    /// it from that. One of which no condition holds is not near.
    pub fn nearest(
        &self,
        document: &Map<String, Value>,
        now_ms: u64,
        most: usize,
    ) -> Vec<(&Exception, Vec<Miss>)> {
        let mut facts = Facts::of(document);
        let mut near: Vec<_> = self
            .all
            .iter()
            .map(|exception| (exception, self.misses(exception, &mut facts, now_ms).collect()))
            .filter(|(exception, misses): &(_, Vec<Miss>)| {
                let is_about_match = |miss: &&Miss| {
                    !matches!(miss, Miss::Expired(_) | Miss::OtherRule(_) | Miss::OtherHost(_))
                };
                let failed = misses.iter().filter(is_about_match).count();
                failed < exception.conditions.len()
                    || misses.iter().any(|miss| matches!(miss, Miss::Unproven { .. }))
                    || misses.len() == 1
            })
            .collect();
        near.sort_by_key(|(_, misses)| misses.len());
        near.truncate(most);
        near
    }

    fn first(&self, facts: &mut Facts<'_>, now_ms: u64) -> Option<&Exception> {
        self.all.iter().find(|exception| self.misses(exception, facts, now_ms).next().is_none())
    }

    /// What keeps an exception from hiding an alert, looked for only as far as it is asked for.
    fn misses<'e>(
        &'e self,
        exception: &'e Exception,
        facts: &'e mut Facts<'_>,
        now_ms: u64,
    ) -> impl Iterator<Item = Miss> + 'e {
        let expired = exception.expires.as_ref().filter(|until| until.is_over(now_ms));
        let expired = expired.map(|until| Miss::Expired(until.text().to_owned()));
        let names = facts.rule_names();
        let is_other_rule = !exception.rules.is_empty()
            && !exception.rules.iter().any(|glob| profile::fits_rule(glob, names));
        let other_rule = is_other_rule.then(|| {
            let rules: Vec<&str> = exception.rules.iter().map(Glob::text).collect();
            Miss::OtherRule(rules.join(" or "))
        });
        let profile = exception.profile.as_ref().and_then(|name| self.profiles.named(name));
        let other_host = profile.filter(|profile| !profile.has_all_hosts(facts));
        let other_host = other_host.map(|profile| Miss::OtherHost(profile.name.clone()));
        let conditions = exception.conditions.iter().filter_map(|one| one.miss(facts));
        expired.into_iter().chain(other_rule).chain(other_host).chain(conditions)
    }
}

impl Exception {
    /// Whether it holds no longer, at a time in milliseconds since 1970.
    pub fn is_expired(&self, now_ms: u64) -> bool {
        self.expires.as_ref().is_some_and(|until| until.is_over(now_ms))
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            By::Exception(id) => write!(f, "exception {id}"),
            By::Profile(name) => write!(f, "profile {name}"),
        }
    }
}
