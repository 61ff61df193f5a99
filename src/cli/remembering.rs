//! For how long alerts are remembered: what nobody needs to be told of twice.

use std::sync::Arc;

use clap::Args;

use crate::rules::{Rule, duration};

/// For how long alerts are remembered.
#[derive(Args, Debug)]
pub struct Remembering {
    /// Remember alerts for so long (14d): tell of a value again only if somebody new comes with it
    #[arg(long, value_name = "TIME", help_heading = "Rules", value_parser = seconds)]
    remember: Option<u32>,
}

fn seconds(text: &str) -> Result<u32, String> {
    duration::parse(text).ok_or_else(|| "not a length of time such as 45m, 12h or 14d".to_string())
}

impl Remembering {
    /// The same rules, remembering for so long as is wanted, or as they say themselves.
    pub fn of(&self, mut rules: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
        if let Some(remembered) = self.remember {
            rules.iter_mut().for_each(|rule| Arc::make_mut(rule).remembered = remembered);
        }
        rules
    }
}
