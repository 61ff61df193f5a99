//! What is written has to be apart from what is read, and from whatever else is written: a figure
//! put in the place of the log is the end of what was recorded, and a line in the state that of
//! what was learnt.
//!
//! Options with their files come in; out goes a sentence about two that are one file, under
//! whatever names. Only files are compared: pipes and terminals may be shared. Nothing is opened.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::folder;
use crate::input;
use crate::quoted::Quoted;

/// Where standard output goes, whatever that is.
pub const STDOUT: (&str, &str) = ("standard output", "/dev/stdout");

/// What a state has beside itself.
const OF_STATES: [&str; 3] = ["", "-journal", "-lock"];

/// A file, and what names it.
pub type Named<'a> = (&'static str, &'a Path);

/// What is not to be written to.
pub struct Kept<'a> {
    /// The log, if one is followed, with all that rotation makes of it.
    pub log: Option<&'a Path>,
    /// The state.
    pub state: &'a Path,
    /// Files of rules and of exceptions.
    pub settings: &'a [PathBuf],
}

/// Makes sure that every output has a file of its own.
pub fn check(outputs: &[Named], kept: &Kept) -> Result<(), String> {
    for (at, output) in outputs.iter().enumerate() {
        let before = outputs[..at].iter().find(|before| is_same(before.1, output.1));
        let clash = before.map(|before| before.0).or_else(|| kept.clash(output.1));
        if let Some(other) = clash {
            let (option, path) = (output.0, Quoted(output.1));
            return Err(format!("{option} and {other} are one file, {path}: each needs its own."));
        }
    }
    Ok(())
}

impl Kept<'_> {
    /// What a file is, if it is one of these.
    fn clash(&self, path: &Path) -> Option<&'static str> {
        let state = settled(self.state);
        let of_state = |ending: &str| {
            let mut name = state.clone().into_os_string();
            name.push(ending);
            is_same(Path::new(&name), path)
        };
        if self.log.is_some_and(|log| is_same(log, path) || is_rotated(log, path)) {
            Some("the log")
        } else if OF_STATES.into_iter().any(of_state) {
            Some("the state")
        } else {
            let is_setting = self.settings.iter().any(|setting| is_same(setting, path));
            is_setting.then_some("a file of rules or exceptions")
        }
    }
}

/// Whether a file has, or would have, a name that rotation gives to files of a log.
fn is_rotated(log: &Path, path: &Path) -> bool {
    let (log, path) = (settled(log), settled(path));
    log.parent() == path.parent() && input::is_of_log(&path, &log)
}

/// Whether two names are of one file, or would be if it were there.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && inode(&one) == inode(&other),
        (Err(_), Err(_)) => settled(one) == settled(other),
        _ => false,
    }
}

fn inode(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// A path without links in it, also of what is not there yet.
fn settled(path: &Path) -> PathBuf {
    let beside = || {
        let folder = fs::canonicalize(folder::of(path)).ok()?;
        Some(folder.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(beside).unwrap_or_else(|| path.to_path_buf())
}
