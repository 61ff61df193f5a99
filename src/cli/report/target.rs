//! The file that a report is written to: it is there whole or not at all, and what was there before
//! is not written over unless that was asked for and it is a report.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::access::{self, Wanted};
use crate::quoted::Quoted;

/// How HTML begins.
const BEGINNING: &[u8] = b"<!DOCTYPE html>";

/// Where a report goes.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
}

impl Target {
    /// A target that can be written to: that is said before anything is read.
    pub fn of(path: &Path, force: bool) -> Result<Target, String> {
        let wrong = |reason: &str| format!("cannot write {}: {reason}", Quoted(path));
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(wrong(&access::told(&error, path, Wanted::Write))),
            Ok(there) if !there.is_file() => return Err(wrong("it is no regular file")),
            Ok(there) if there.len() == 0 => {}
            Ok(_) if !force => {
                return Err(wrong("it is there already; give another name, or --force"));
            }
            Ok(_) => {
                let mut beginning = vec![0; BEGINNING.len()];
                let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
                if read.is_err() || beginning != BEGINNING {
                    return Err(wrong("what is there is no report; give another name"));
                }
            }
        }
        // What is replaced is the file, not a link to it.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let target = Target { path };
        let beside = target.beside();
        let tried = File::create_new(&beside).and_then(|_| fs::remove_file(&beside));
        tried.map_err(|error| wrong(&access::told(&error, &target.path, Wanted::Write)))?;
        Ok(target)
    }

    /// Writes it all.
    pub fn write(self, bytes: &[u8]) -> Result<(), String> {
        let beside = self.beside();
        let written = File::create_new(&beside)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, &self.path));
        written.map_err(|error| {
            let _ = fs::remove_file(&beside);
            let told = access::told(&error, &self.path, Wanted::Write);
            format!("cannot write {}: {told}", Quoted(&self.path))
        })
    }

    /// A name beside it that nothing else has.
    fn beside(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.new", process::id()));
        self.path.with_file_name(name)
    }
}
