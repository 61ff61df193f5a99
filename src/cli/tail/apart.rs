//! What is written has to be apart from what is read, and from whatever else is written: a figure
//! put in the place of the log is the end of what was recorded, and a line in the state that of
//! what was learnt.
//!
//! Names of files come in, each with what names it; out goes a sentence about two that are one
//! file, under whatever names. A name that is not there yet is compared as well, for what it would
//! be: rotation, or a folder of rules, takes up each file of a certain name. Only files are
//! compared: pipes and terminals may be shared. Nothing is opened but folders.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::folder;
use crate::input;
use crate::links;
use crate::quoted::Quoted;

/// Where standard output and standard error go, whatever that is.
const STDOUT: &str = "standard output";
const STDERR: &str = "standard error";

/// What a state has beside itself.
const OF_STATES: [&str; 3] = ["", "-journal", "-lock"];

/// A file, behind what names it.
pub type Named = (&'static str, PathBuf);

/// What is not to be written to.
pub struct Kept<'a> {
    /// The log, if one is followed, with all that rotation makes of it.
    pub log: Option<&'a Path>,
    /// Whatever else is read; of a folder, the files of settings in it.
    pub read: &'a [Named],
}

/// What is written to without any option.
pub fn streams() -> Vec<Named> {
    vec![(STDOUT, PathBuf::from("/dev/stdout")), (STDERR, PathBuf::from("/dev/stderr"))]
}

/// What is read where no log is followed.
pub fn stdin() -> Named {
    ("standard input", PathBuf::from("/dev/stdin"))
}

/// A state, and what it has beside itself.
pub fn of_state(state: &Path) -> [Named; 3] {
    OF_STATES.map(|ending| {
        let mut name = settled(state).into_os_string();
        name.push(ending);
        ("the state", PathBuf::from(name))
    })
}

/// Makes sure that everything that is written has a file of its own.
pub fn check(written: &[Named], kept: &Kept) -> Result<(), String> {
    for (at, (name, path)) in written.iter().enumerate() {
        // Whoever sends both streams to one file wants all of it there.
        let may_share = |before: &Named| (before.0, *name) == (STDOUT, STDERR);
        let is_one = |before: &&Named| !may_share(before) && is_same(&before.1, path);
        let before = written[..at].iter().find(is_one).map(|before| before.0);
        if let Some(other) = before.or_else(|| kept.clash(path)) {
            let path = Quoted(path);
            return Err(format!("{name} and {other} are one file, {path}: each needs its own."));
        }
    }
    Ok(())
}

impl Kept<'_> {
    /// What a file is, if it is one of these.
    fn clash(&self, path: &Path) -> Option<&'static str> {
        if self.log.is_some_and(|log| is_same(log, path) || is_rotated(log, path)) {
            return Some("the log");
        }
        let is_setting = |name: &Path| name.extension().is_some_and(|ending| ending == "toml");
        let is_read = |place: &Path| is_same(place, path) || is_in(place, path, is_setting);
        self.read.iter().find(|(_, place)| is_read(place)).map(|(name, _)| *name)
    }
}

/// Whether a file is one that rotation has made of a log, or has a name that it would give to one.
fn is_rotated(log: &Path, path: &Path) -> bool {
    let beside = |log: &PathBuf| is_in(folder::of(log), path, |name| input::is_of_log(name, log));
    links::names(log).iter().any(beside)
}

/// Whether a file is one of those in a folder that have such names, or would be if it were there.
fn is_in(folder: &Path, path: &Path, has_name: impl Fn(&Path) -> bool) -> bool {
    let is_here = |name: &PathBuf| has_name(name) && is_same_folder(folder::of(name), folder);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    links::names(path).iter().any(is_here)
        || entries.filter(|entry| has_name(entry)).any(|entry| is_same(&entry, path))
}

/// Whether two names are of one file, or would be if it were there.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && inode(&one) == inode(&other),
        (Err(_), Err(_)) => settled(one) == settled(other),
        _ => false,
    }
}

/// Whether two names are of one folder, which may be mounted at both.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => inode(&one) == inode(&other),
        _ => false,
    }
}

fn inode(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// A path without links in it, also of what is not there yet.
fn settled(path: &Path) -> PathBuf {
    let beside = || {
        let last = links::names(path).pop()?;
        Some(fs::canonicalize(folder::of(&last)).ok()?.join(last.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(beside).unwrap_or_else(|| path.to_path_buf())
}
