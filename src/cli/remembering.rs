//! For how long alerts are remembered: what nobody needs to be told of twice.

use std::sync::Arc;

use clap::Args;

use crate::rules::{Rule, duration};

/// For how long alerts are remembered.
#[derive(Args, Debug)]
pub struct Remembering {
    /// Remember alerts for so long (14d): tell of a value again only if somebody new comes with it
    #[arg(long, value_name = "TIME", help_heading = "Rules", value_parser = time)]
    remember: Option<Time>,
}

/// A time as it was given, and its seconds.
#[derive(Clone, Debug)]
struct Time(String, u32);

fn time(text: &str) -> Result<Time, String> {
    let seconds = duration::parse(text);
    let seconds = seconds.ok_or("not a length of time such as 45m, 12h or 14d")?;
    Ok(Time(text.to_string(), seconds))
}

impl Remembering {
    /// The same rules, remembering for so long as is wanted, or as they say themselves.
    pub fn of(&self, mut rules: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
        if let Some(Time(_, seconds)) = self.remember {
            rules.iter_mut().for_each(|rule| Arc::make_mut(rule).remembered = seconds);
        }
        rules
    }

    /// For how long, if somebody said so, as it was said.
    pub fn given(&self) -> Option<&str> {
        self.remember.as_ref().map(|time| time.0.as_str())
    }
}
