//! What is written, and how each connection and each alert is there once, whenever the program is
//! killed.
//!
//! How long a file was when the state was saved stands in the state. What was written to the file
//! of connections behind that place is cut off, for it will be told of again; alerts behind it were
//! delivered, and are looked for by what is written of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt as _, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::access::{self, Wanted};
use crate::quoted::Quoted;
use crate::store::{OutputMark, Undelivered};

/// How much is kept of what cannot be written now.
const MOST_WAITING: usize = 64 << 20;
/// How much is looked through for alerts that were delivered.
const MOST_LOOKED_AT: u64 = 64 << 20;

/// A file that connections are written to.
pub struct Connections {
    path: PathBuf,
    file: File,
    /// What was not written yet.
    pub waiting: Vec<u8>,
    /// How many were dropped because there was no room for them.
    pub dropped: u64,
    is_failing: bool,
}

impl Connections {
    /// Opens the file, and cuts off what was written to it behind the last save.
    pub fn open(path: &Path, mark: Option<&OutputMark>) -> Result<Connections, String> {
        if let Some(mark) = mark {
            cut(path, mark);
        }
        let file = appending(path)?;
        let path = path.to_path_buf();
        Ok(Connections { path, file, waiting: Vec::new(), dropped: 0, is_failing: false })
    }

    /// Opens the file that has the name now.
    pub fn reopen(&mut self) -> Result<(), String> {
        self.file = appending(&self.path)?;
        Ok(())
    }

    /// Writes what waits.
    pub fn flush(&mut self) {
        while !self.waiting.is_empty() {
            match self.file.write(&self.waiting) {
                Ok(count) => _ = self.waiting.drain(..count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    if !std::mem::replace(&mut self.is_failing, true) {
                        let path = Quoted(&self.path);
                        super::say(&format!("cannot write to {path}: {error}. Trying on."));
                    }
                    return self.make_room();
                }
            }
        }
        if std::mem::replace(&mut self.is_failing, false) {
            super::say(&format!("{} can be written to again.", Quoted(&self.path)));
        }
    }

    fn make_room(&mut self) {
        if self.waiting.len() > MOST_WAITING {
            let lines = self.waiting.iter().filter(|byte| **byte == b'\n').count();
            self.dropped += lines as u64;
            self.waiting.clear();
            let path = Quoted(&self.path);
            super::say(&format!(
                "{lines} connections could not be written to {path} and are lost."
            ));
        }
    }

    /// How long it is, on the disk; none if it is no file.
    pub fn mark(&self) -> Option<OutputMark> {
        let about = self.file.metadata().ok().filter(|about| about.is_file())?;
        let _ = self.file.sync_data();
        Some(mark_of("connections", &self.path, &about))
    }

    /// Whether everything was written, so that the state may say so.
    pub fn is_whole(&self) -> bool {
        self.waiting.is_empty()
    }
}

fn appending(path: &Path) -> Result<File, String> {
    let file = OpenOptions::new().append(true).create(true).mode(0o640).open(path);
    file.map_err(|error| {
        format!("cannot write to {}: {}", Quoted(path), access::told(&error, path, Wanted::Write))
    })
}

fn mark_of(name: &str, path: &Path, about: &fs::Metadata) -> OutputMark {
    OutputMark {
        name: name.to_string(),
        path: fs::canonicalize(path)
            .unwrap_or_else(|_| path.to_path_buf())
            .into_os_string()
            .into_vec(),
        device: about.dev(),
        inode: about.ino(),
        length: about.len(),
    }
}

/// The file of a mark, which may have another name in the same folder by now.
fn file_of(path: &Path, mark: &OutputMark) -> Option<File> {
    let is_it = |about: fs::Metadata| (about.dev(), about.ino()) == (mark.device, mark.inode);
    let open = |path: &Path| OpenOptions::new().read(true).write(true).open(path).ok();
    let opened = |path: PathBuf| open(&path).filter(|file| file.metadata().is_ok_and(is_it));
    let known = PathBuf::from(std::ffi::OsString::from_vec(mark.path.clone()));
    let named = [path.to_path_buf(), known].into_iter().find_map(opened);
    named.or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut beside = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.flatten();
        beside.find_map(|entry| {
            let is_alike = entry.metadata().is_ok_and(|about| about.ino() == mark.inode);
            if is_alike { opened(entry.path()) } else { None }
        })
    })
}

fn cut(path: &Path, mark: &OutputMark) {
    let Some(file) = file_of(path, mark) else { return };
    let length = file.metadata().map_or(0, |about| about.len());
    if length <= mark.length {
        return;
    }
    let what = if is_connection(&file, mark.length) {
        match file.set_len(mark.length) {
            Ok(()) => return,
            Err(error) => error.to_string(),
        }
    } else {
        "what stands behind the last save is no connection".to_string()
    };
    super::say(&format!("cannot cut {}: {what}; some may be there twice.", Quoted(path)));
}

/// Whether a connection is written at a place, or the beginning of one. A state may come from
/// elsewhere and name any file: of one that we have not written nothing is cut off.
fn is_connection(file: &File, at: u64) -> bool {
    const BEGIN: &[u8] = b"{\"@timestamp\":\"";
    let mut found = [0; BEGIN.len()];
    let count = file.read_at(&mut found, at).unwrap_or(0);
    count > 0 && BEGIN.starts_with(&found[..count])
}

/// How long the file is that standard output goes to, if it goes to one.
pub fn standard_output() -> Option<OutputMark> {
    let path = fs::read_link("/proc/self/fd/1").ok()?;
    let about = fs::metadata("/proc/self/fd/1").ok().filter(|about| about.is_file())?;
    Some(OutputMark {
        path: path.as_os_str().as_bytes().to_vec(),
        ..mark_of("alerts", &path, &about)
    })
}

/// Which of these alerts were delivered before the last run ended. What was written of one in part
/// is taken back.
pub fn delivered(mark: &OutputMark, undelivered: &[Undelivered]) -> Vec<String> {
    let path = PathBuf::from(std::ffi::OsString::from_vec(mark.path.clone()));
    let Some(mut file) = file_of(&path, mark) else { return Vec::new() };
    let mut written = Vec::new();
    let read = file
        .seek(SeekFrom::Start(mark.length))
        .and_then(|_| (&file).take(MOST_LOOKED_AT).read_to_end(&mut written));
    if read.is_err() {
        return Vec::new();
    }
    let is_there = |shown: &[u8]| memmem::find(&written, shown).is_some();
    let (there, missing): (Vec<_>, Vec<_>) =
        undelivered.iter().partition(|(_, shown)| is_there(shown));
    if let Some((_, shown)) = missing.first() {
        let is_begun = |length: &usize| {
            let before = written.len().checked_sub(*length).map(|at| &written[..at]);
            let is_line = |before: &[u8]| before.is_empty() || before.ends_with(b"\n");
            shown[0] != b'\n' && before.is_some_and(is_line) && written.ends_with(&shown[..*length])
        };
        let begun = (1..shown.len()).rev().find(is_begun);
        if let Some(begun) = begun {
            let _ = file.set_len(mark.length + (written.len() - begun) as u64);
        }
    }
    there.into_iter().map(|(id, _)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_found_and_what_was_told_in_part_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts");
        fs::write(&path, "before\n").unwrap();
        let mark = mark_of("alerts", &path, &fs::metadata(&path).unwrap());
        let alert =
            |id: &str| (id.to_string(), format!("{{\"event.id\":\"{id}\"}}\n").into_bytes());
        let undelivered = [alert("one"), alert("two"), alert("three")];
        fs::write(&path, "before\n{\"event.id\":\"one\"}\n{\"event.id\":\"t").unwrap();
        assert_eq!(delivered(&mark, &undelivered), ["one"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before\n{\"event.id\":\"one\"}\n");
        // What somebody else has written there stays, and what stood before the save counts not.
        fs::write(&path, "before\n{\"event.id\":\"one\"}\nanother's words").unwrap();
        assert_eq!(delivered(&mark, &undelivered), ["one"]);
        assert!(fs::read_to_string(&path).unwrap().ends_with("another's words"));
    }

    #[test]
    fn connections_behind_the_last_save_are_cut_off_under_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("connections");
        let [one, two] = ["one", "two"].map(|time| format!("{{\"@timestamp\":\"{time}\"}}\n"));
        fs::write(&path, &one).unwrap();
        let mark = mark_of("connections", &path, &fs::metadata(&path).unwrap());
        fs::write(&path, format!("{one}{two}{two}")).unwrap();
        let renamed = folder.path().join("connections.1");
        fs::rename(&path, &renamed).unwrap();
        let mut connections = Connections::open(&path, Some(&mark)).unwrap();
        connections.waiting.extend(two.as_bytes());
        connections.flush();
        assert_eq!(fs::read_to_string(renamed).unwrap(), one);
        assert_eq!(fs::read_to_string(path).unwrap(), two);
    }

    #[test]
    fn of_a_file_that_somebody_else_has_written_nothing_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let [path, passwords] = ["connections", "passwords"].map(|name| folder.path().join(name));
        fs::write(&passwords, "root:x:0\n").unwrap();
        let about = fs::metadata(&passwords).unwrap();
        let mark = OutputMark { length: 0, ..mark_of("connections", &passwords, &about) };
        Connections::open(&path, Some(&mark)).unwrap();
        assert_eq!(fs::read_to_string(&passwords).unwrap(), "root:x:0\n");
        // And what was begun when the last run was killed is.
        fs::write(&path, "{\"@tim").unwrap();
        let mark = mark_of("connections", &path, &fs::metadata(&path).unwrap());
        Connections::open(&path, Some(&OutputMark { length: 0, ..mark })).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
}
