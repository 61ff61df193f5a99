//! The layers of settings, and which of them counts.
//!
//! In come the files there are and the environment; out goes, for each setting, the value of the
//! layer with the most force, and where that is. Options on the command line have more force than
//! all of these, and what is built in has less.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Command;
use rustix::fs::OFlags;

use super::file;
use super::settings::{Place, check, is_list, is_path};
use crate::access::{self, Wanted};
use crate::cli::catalogue::utf8;
use crate::quoted::Quoted;

/// Files of the machine, that with the least force first: the vendor's and the administrator's.
const OF_THE_MACHINE: [&str; 2] = ["/usr/lib/oddsock/oddsock.toml", "/etc/oddsock/oddsock.toml"];

const LARGEST_FILE: usize = 1 << 20;

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    File { path: PathBuf, line: usize },
    Environment { variable: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { path, line } => write!(f, "{}:{line}", Quoted(path)),
            Origin::Environment { variable } => f.write_str(variable),
        }
    }
}

/// A setting, and where it is set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set {
    pub place: Place,
    pub values: Vec<OsString>,
    pub origin: Origin,
}

/// What is set, that with the least force first.
#[derive(Default, Debug)]
pub struct Layers(Vec<Set>);

/// A file of settings that is there.
#[derive(Debug)]
pub struct Found {
    pub path: PathBuf,
    pub text: String,
}

/// The files there can be, that with the least force first.
pub fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = OF_THE_MACHINE.iter().map(PathBuf::from).collect();
    files.extend(of_the_user("oddsock.toml"));
    files
}

/// Where a file of the user's own is, if the user has a home.
pub fn of_the_user(name: &str) -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("oddsock").join(name))
}

/// What became of looking for a file.
#[derive(Debug)]
pub enum Looked {
    Absent,
    /// It is there and not used, for this reason.
    Refused(String),
    Found(Found),
}

/// Reads a file, if it is there and to be trusted: what root does must be for root alone to say.
pub fn look(path: &Path, is_root: bool) -> Result<Looked, String> {
    let cannot = |error: io::Error| {
        format!("cannot read {}: {}", Quoted(path), access::told(&error, path, Wanted::Read))
    };
    // Without waiting, should it be a pipe that nobody writes to.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(Looked::Absent);
        }
        opened => opened.map_err(cannot)?,
    };
    let about = file.metadata().map_err(cannot)?;
    if !about.is_file() {
        return Err(format!("cannot read {}: it is no regular file.", Quoted(path)));
    }
    let is_roots = about.uid() == 0 && about.mode() & 0o022 == 0;
    if is_root && !is_roots {
        let path = Quoted(path);
        return Ok(Looked::Refused(format!(
            "{path} is not used: for root, such a file must belong to root, and nobody else may \
             write to it."
        )));
    }
    let bytes = bytes(file).map_err(cannot)?;
    let text = utf8(path, bytes)?;
    Ok(Looked::Found(Found { path: path.to_path_buf(), text }))
}

fn bytes(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST_FILE {
        let most = LARGEST_FILE >> 10;
        return Err(io::Error::other(format!("it is larger than {most} KiB")));
    }
    Ok(bytes)
}

impl Layers {
    /// Adds what a file says, which has more force than what was added before.
    pub fn add_file(&mut self, found: &Found, program: &Command) -> Result<usize, String> {
        let lines = file::read(&found.path, &found.text, program);
        let lines = lines.map_err(|wrong| wrong.to_string())?;
        let number = lines.len();
        // Within a file, what is said for one command has more force.
        let (top, own): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| line.place.command.is_none());
        self.0.extend(top.into_iter().chain(own).map(|line| {
            let origin = Origin::File { path: found.path.clone(), line: line.line };
            Set { place: line.place, values: line.values, origin }
        }));
        Ok(number)
    }

    /// Adds what the environment says. A variable that is empty says nothing.
    pub fn add_environment(
        &mut self,
        variable: impl Fn(&str) -> Option<OsString>,
        program: &Command,
    ) -> Result<(), String> {
        for place in Place::all(program) {
            let name = place.variable();
            let Some(value) = variable(&name).filter(|value| !value.is_empty()) else { continue };
            let Some(option) = place.definition(program) else { continue };
            let values = if is_list(option) && is_path(option) {
                let parts = value.as_bytes().split(|byte| *byte == b':');
                let parts = parts.filter(|part| !part.is_empty());
                parts.map(|part| OsString::from_vec(part.to_vec())).collect()
            } else {
                vec![value]
            };
            for value in &values {
                check(option, &place.setting.key(), value)
                    .map_err(|wrong| format!("{name}: {wrong}"))?;
            }
            self.0.push(Set { place, values, origin: Origin::Environment { variable: name } });
        }
        Ok(())
    }

    /// What an option of a command is set to.
    pub fn of(&self, command: &str, argument: &str) -> Option<&Set> {
        let acts =
            |set: &&Set| set.place.setting.argument == argument && set.place.acts_on(command);
        self.0.iter().rev().find(acts)
    }

    /// What is set at a place.
    pub fn at(&self, place: &Place) -> Option<&Set> {
        self.0.iter().rev().find(|set| set.place == *place)
    }
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
