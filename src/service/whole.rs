//! A file that is whole whenever somebody reads it, and written anew again and again.
//!
//! A path and texts come in. Each text is written to a file beside that path, with `.new` at the
//! end of its name, which is then renamed: whoever reads finds the older text or the newer one. It
//! knows nothing of what a text says, but that it is a [`Page`](super::Page).
//!
//! What is there and no regular file is not replaced: a device or a socket is for others too, and
//! one cannot be sure that a link may go. Nor is a file beside it removed unless it is what a
//! writer that was killed has left.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::process::geteuid;

use crate::folder;
use crate::quoted::Quoted;

/// What every page begins with.
const BEGINS: &[u8] = b"# HELP ";

/// Such a file.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    beside: PathBuf,
}

impl WholeFile {
    /// Makes sure that it can be written, as far as that can be known before it is.
    ///
    /// # Errors
    ///
    /// If the folder is not there, cannot be written to or has no room, or what is there is no
    /// file or not ours.
    pub fn open(path: &Path) -> io::Result<WholeFile> {
        let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?;
        // Whatever folder the process goes to, it is this file.
        let path = fs::canonicalize(folder::of(path))?.join(name);
        let file = WholeFile { beside: beside(&path), path };
        file.write_beside(BEGINS)?;
        fs::remove_file(&file.beside)?;
        Ok(file)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a page in place of what it has.
    ///
    /// # Errors
    ///
    /// If that cannot be; what is there stays then.
    pub fn write(&self, page: &str) -> io::Result<()> {
        self.write_beside(page.as_bytes())?;
        let renamed =
            may_be_replaced(&self.path).and_then(|()| fs::rename(&self.beside, &self.path));
        renamed.inspect_err(|_| _ = fs::remove_file(&self.beside))
    }

    /// Makes the file beside it, which is not there any more if that fails.
    fn write_beside(&self, text: &[u8]) -> io::Result<()> {
        may_be_replaced(&self.path)?;
        remove_rest(&self.beside)?;
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o644).open(&self.beside)?;
        file.write_all(text).inspect_err(|_| _ = fs::remove_file(&self.beside))
    }
}

/// The name of the file that is renamed.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Makes sure that there is a regular file at a path, or nothing.
fn may_be_replaced(path: &Path) -> io::Result<()> {
    let Some(about) = about(path)? else { return Ok(()) };
    if about.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let what = if about.is_symlink() {
        "it is a symbolic link; name the file itself"
    } else {
        "it is no regular file"
    };
    let refused = || io::Error::new(ErrorKind::InvalidInput, what);
    about.is_file().then_some(()).ok_or_else(refused)
}

/// Removes what a writer has left that was killed.
fn remove_rest(path: &Path) -> io::Result<()> {
    match about(path)? {
        None => Ok(()),
        Some(about) if is_rest(path, &about).unwrap_or(false) => fs::remove_file(path),
        Some(_) => {
            let said = format!("{} is there, and nothing that oddsock has left", Quoted(path));
            Err(io::Error::new(ErrorKind::AlreadyExists, said))
        }
    }
}

/// Whether a file is the beginning of a page, be it with nothing in it, that we have made.
fn is_rest(path: &Path, about: &Metadata) -> io::Result<bool> {
    if !about.is_file() || about.nlink() != 1 || about.uid() != geteuid().as_raw() {
        return Ok(false);
    }
    let mut options = OpenOptions::new();
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file: File = options.read(true).custom_flags(flags).open(path)?;
    let mut begins = Vec::new();
    file.take(BEGINS.len() as u64).read_to_end(&mut begins)?;
    Ok(BEGINS.starts_with(&begins))
}

/// What there is at a path itself, if there is something.
fn about(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        about => about.map(Some),
    }
}

#[cfg(test)]
#[path = "whole_tests.rs"]
mod tests;
