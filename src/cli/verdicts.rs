//! Which alerts are hidden: exceptions and profiles at work.

use std::path::PathBuf;

use clap::Args;

use super::clock;
use super::exceptions::files::{self, Trouble};
use super::say;
use crate::alert::Alert;
use crate::alert::exceptions::{Exceptions, Verdict};
use crate::output::alerts::{Ndjson, Writer};

/// Which exceptions there are.
#[derive(Args, Debug)]
pub struct Known {
    /// Exceptions of this file too, beside those of this machine and of the user
    #[arg(long, value_name = "FILE", help_heading = "Exceptions")]
    exceptions: Vec<PathBuf>,
}

/// What hides alerts, now.
pub struct Verdicts {
    exceptions: Exceptions,
    now: u64,
}

impl Known {
    /// The files that may be read again: those that were named, and the user's own.
    pub fn places(&self) -> impl Iterator<Item = PathBuf> {
        self.exceptions.iter().cloned().chain(files::of_the_user())
    }

    /// Reads all exceptions.
    pub fn read(&self) -> Result<Verdicts, String> {
        let known = files::read_all(&self.exceptions, &mut |why| say(&why));
        let known = known.map_err(|trouble| match trouble {
            Trouble::Wrong(error) => {
                files::tell(&error);
                "no alert is shown before the exceptions can be read.".to_string()
            }
            Trouble::Other(error) => error,
        })?;
        let mut verdicts = Verdicts { exceptions: known.exceptions, now: 0 };
        verdicts.renew();
        Ok(verdicts)
    }
}

impl Verdicts {
    /// What hides an alert by its document, if anything does.
    pub fn hiding(&self, document: &[u8]) -> Option<String> {
        let Ok(serde_json::Value::Object(document)) = serde_json::from_slice(document) else {
            return None;
        };
        match self.exceptions.verdict(&document, self.now) {
            Verdict::Hidden(hidden) => Some(format!("{}: {}", hidden.by, hidden.reason)),
            _ => None,
        }
    }

    /// What hides alerts now: exceptions end.
    pub fn renew(&mut self) {
        self.now = clock::now();
    }

    /// Whether nothing is hidden, whatever it is.
    pub fn are_none(&self) -> bool {
        self.exceptions.all().is_empty() && self.exceptions.profiles().all().is_empty()
    }

    /// Notes on each alert what hides it.
    pub fn apply(&self, alerts: &mut [Alert]) {
        if self.are_none() {
            return;
        }
        let mut document = Vec::new();
        for alert in alerts {
            document.clear();
            Ndjson::new().alert(alert, &mut document);
            alert.excepted = self.hiding(&document);
        }
    }
}
