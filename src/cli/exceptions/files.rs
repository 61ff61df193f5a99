//! The files of exceptions: where they are, and how one is changed.
//!
//! | file | |
//! |---|---|
//! | `/etc/oddsock/exceptions.d/*.toml` | of the system, in the order of their names |
//! | `oddsock/exceptions.toml` in `$XDG_CONFIG_HOME`, else in `~/.config` | the user's |
//! | whatever `--exceptions` names | |
//!
//! For root, the user's file must be root's alone, as that of the settings must be.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::say;
use crate::access::{self, Wanted};
use crate::alert::exceptions::{Exceptions, FileError};
use crate::cli::catalogue::{toml_files_if_any, utf8};
use crate::cli::config::{self, Looked};
use crate::cli::page::word;
use crate::output::escape;
use crate::quoted::Quoted;

/// Where those of the system are.
pub const SYSTEM: &str = "/etc/oddsock/exceptions.d";

/// One byte more than a file may have, so that a longer one is told as such.
const LONGEST: u64 = (1 << 20) + 1;

/// How often to look whether another run has finished its change, and how long to wait between.
const PATIENCE: (u32, Duration) = (40, Duration::from_millis(50));

/// Why a command cannot do its work.
#[derive(Debug)]
pub enum Trouble {
    /// A file is not as it should be.
    Wrong(Box<FileError>),
    /// Anything else.
    Other(String),
}

impl From<Box<FileError>> for Trouble {
    fn from(error: Box<FileError>) -> Trouble {
        Trouble::Wrong(error)
    }
}

impl From<String> for Trouble {
    fn from(text: String) -> Trouble {
        Trouble::Other(text)
    }
}

/// What the files say that there are.
#[derive(Default, Debug)]
pub struct Known {
    pub files: Vec<PathBuf>,
    pub exceptions: Exceptions,
}

impl Known {
    fn add(&mut self, path: PathBuf, text: &str) -> Result<(), Trouble> {
        self.exceptions.add_file(&name(&path), text)?;
        self.files.push(path);
        Ok(())
    }
}

/// How a file is called in front of a line's number: between quotes where its name is not plain.
pub fn name(path: &Path) -> String {
    word(path.as_os_str().as_bytes())
}

/// The user's own file, if the user has a home.
pub fn of_the_user() -> Option<PathBuf> {
    config::of_the_user("exceptions.toml")
}

/// Reads all files, those named last. Why the user's own is not used, if it is there, is said to
/// `refused`: it is anybody's who can write to it, and hides alerts from whoever runs this.
pub fn read_all(named: &[PathBuf], refused: &mut dyn FnMut(String)) -> Result<Known, Trouble> {
    let mut known = Known::default();
    for path in toml_files_if_any(Path::new(SYSTEM))? {
        let text = read(&path)?;
        known.add(path, &text)?;
    }
    if let Some(path) = of_the_user() {
        match config::look(&path, config::is_root())? {
            Looked::Absent => {}
            Looked::Refused(why) => refused(why),
            Looked::Found(found) => known.add(path, &found.text)?,
        }
    }
    for path in named {
        let is_known = |known: &PathBuf| known == path || is_same(known, path);
        if !known.files.iter().any(is_known) {
            known.add(path.clone(), &read(path)?)?;
        }
    }
    Ok(known)
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
    file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| cannot("read", path, &error))?;
    Ok(utf8(path, bytes)?)
}

/// Says what is wrong with a file: where, the line itself with a mark below, and what was expected.
pub fn tell(error: &FileError) {
    say(&format!("{}: {}", error.place, error.problem));
    let shown = |text: &str| {
        let mut safe = Vec::new();
        escape::text(text.as_bytes(), &mut safe);
        String::from_utf8_lossy(&safe).into_owned()
    };
    let (at, width) = (error.mark.start, error.mark.len());
    let before: String = error.excerpt.chars().take(at).collect();
    let wrong: String = error.excerpt.chars().skip(at).take(width).collect();
    let margin = error.place.line.to_string();
    let blank = " ".repeat(shown(&before).chars().count());
    let marks = "^".repeat(shown(&wrong).chars().count().max(1));
    let mut text = String::new();
    if !error.excerpt.is_empty() {
        let gap = " ".repeat(margin.len());
        text = format!("  {margin} | {}\n  {gap} | {blank}{marks}\n", shown(&error.excerpt));
    }
    text.push_str(&format!("  expected {}\n", shown(&error.expected)));
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Changes a file: all of it or nothing, with the owner and mode it has.
///
/// The new text is written beside it and then takes its name. The file beside is also what keeps
/// two runs from changing the same file at once, so it is there before the old text is read.
pub fn change(
    path: &Path,
    new: impl FnOnce(&str) -> Result<String, Trouble>,
) -> Result<(), Trouble> {
    // Behind a link it is the file itself that changes.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))?;
    }
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = create(&beside)?;
    let done = change_beside(&path, &beside, &mut file, new);
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

fn change_beside(
    path: &Path,
    beside: &Path,
    file: &mut File,
    new: impl FnOnce(&str) -> Result<String, Trouble>,
) -> Result<(), Trouble> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(cannot("read", path, &error)),
    };
    let text = if metadata.is_some() { read(path)? } else { String::new() };
    let text = new(&text)?;
    let failed = |error: io::Error| cannot("write", path, &error);
    if let Some(metadata) = metadata {
        // Only root can give a file away; for others it is theirs already, or becomes theirs.
        let _ = chown(beside, Some(metadata.uid()), Some(metadata.gid()));
        file.set_permissions(metadata.permissions()).map_err(failed)?;
    }
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(beside, path).map_err(failed)
}

fn create(beside: &Path) -> Result<File, Trouble> {
    for _ in 0..PATIENCE.0 {
        match File::create_new(beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                thread::sleep(PATIENCE.1);
            }
            created => return created.map_err(|error| cannot("write", beside, &error)),
        }
    }
    Err(Trouble::Other(format!(
        "another run is changing the file, or was stopped while it did; if there is none, delete \
         {}",
        Quoted(beside)
    )))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Trouble {
    let wanted = if what == "read" { Wanted::Read } else { Wanted::Write };
    let told = access::told(error, path, wanted);
    Trouble::Other(format!("cannot {what} {}: {told}", Quoted(path)))
}

/// Whether two names are of one file.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}
