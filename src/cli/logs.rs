//! Which logs are read, and how: what the commands that read logs have in common.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::course::Course;
use super::rejects::Rejects;
use super::say;
use crate::access::{self, Wanted};
use crate::input::{self, Found, Nature, Pieces};
use crate::quoted::Quoted;

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum, Debug)]
pub enum Input {
    /// Audit logs, in whatever form
    #[default]
    Audit,
    /// Connections as JSON with ECS field names, or laurel's events, an object a line
    Ecs,
}

/// What is read, for the commands that read more than audit logs.
#[derive(Args, Debug)]
pub struct Kind {
    /// What is read: audit logs, or connections that other shippers have written as JSON
    #[arg(long, value_enum, default_value = "audit", hide_default_value = true)]
    #[arg(value_name = "KIND", help_heading = "Reading")]
    pub input: Input,
}

/// How logs are read.
#[derive(Args, Debug)]
pub struct Reading {
    /// The host of records that name none
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    host: Option<String>,

    /// How many workers read at once; as many as there are cores if not given
    #[arg(short = 'j', long, value_name = "N", help_heading = "Reading", value_parser = jobs)]
    jobs: Option<usize>,

    /// Keep every line that was not understood, with its place and the reason, in this file
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    rejects: Option<PathBuf>,
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=256) => Ok(jobs),
        _ => Err("not a number of workers from 1 to 256".to_string()),
    }
}

/// Logs that were found, and are about to be read.
pub struct Opened {
    /// What of them.
    pub pieces: Pieces,
    /// What their reading leads to.
    pub course: Course,
    /// Whether there is anything to read.
    pub is_empty: bool,
    /// What is not read of what was found, and why.
    pub left_out: Vec<String>,
}

impl Reading {
    /// How many workers read.
    pub fn jobs(&self) -> usize {
        self.jobs.or_else(|| available_parallelism().ok().map(usize::from)).unwrap_or(1)
    }

    /// The host of records that name none, if one was given.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The file for what is not understood, made before anything is read.
    pub fn rejects(&self) -> Result<Option<Rejects>, String> {
        let rejects = self.rejects.as_deref().map(Rejects::create).transpose();
        rejects.map_err(|error| {
            let path = self.rejects.as_deref().unwrap_or_else(|| Path::new(""));
            let told = access::told(&error, path, Wanted::Write);
            format!("cannot write the rejects to {}: {told}", Quoted(path))
        })
    }

    /// The same logs once more, if what was read once can be read again: a pipe cannot.
    pub fn again(&self, files: &[PathBuf]) -> Option<Pieces> {
        let found = input::find(files, self.host.as_deref()).ok()?;
        let is_regular = |source: &input::Source| source.nature == Nature::Regular;
        let can = found.sources.iter().all(is_regular);
        can.then(|| Pieces::new(found.sources, input::PIECE_SIZE))
    }

    /// Finds the logs, and tells what of them is left out.
    pub fn open(&self, files: &[PathBuf], rejects: Option<Rejects>) -> Result<Opened, String> {
        let found = input::find(files, self.host.as_deref()).map_err(|error| error.to_string())?;
        if files.iter().any(|file| file.as_os_str() == "-") && io::stdin().is_terminal() {
            say(
                "reading what is typed here, up to Ctrl-D; give files, or send a log in by a pipe.",
            );
        }
        let left_out = left_out(&found);
        left_out.iter().for_each(|left_out| say(left_out));
        let has_size = |source: &input::Source| source.nature == Nature::Regular;
        let size = found.sources.iter().all(has_size);
        let size = size.then(|| found.sources.iter().map(|source| source.size).sum());
        Ok(Opened {
            course: Course::new(rejects, found.unreadable.len(), size),
            is_empty: found.sources.is_empty(),
            left_out,
            pieces: Pieces::new(found.sources, input::piece_size(self.jobs())),
        })
    }
}

fn left_out(found: &Found) -> Vec<String> {
    let unreadable = found.unreadable.iter().map(|unreadable| unreadable.error.to_string());
    let skipped = found.skipped.iter();
    let skipped =
        skipped.map(|skipped| format!("{}: not read: {}", Quoted(&skipped.path), skipped.reason));
    unreadable.chain(skipped).collect()
}
