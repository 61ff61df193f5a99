//! The files that a report is about, with their hashes: read once more for that, after they were
//! read for what is in them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::input::{Nature, Source};
use crate::quoted::Quoted;
use crate::report;

/// A log as it was read.
pub fn source(source: &Source) -> report::File {
    let (bytes, hash) = match source.nature {
        Nature::Regular => hashed(&source.path, Some(source)),
        Nature::Stream | Nature::StandardInput => {
            (None, Err("none: it can be read only once".to_string()))
        }
    };
    report::File { name: source.name(), host: source.host.clone(), bytes, hash }
}

/// A state.
pub fn state(path: &Path) -> report::File {
    let (bytes, hash) = hashed(path, None);
    report::File { name: Quoted(path).to_string(), host: String::new(), bytes, hash }
}

fn hashed(path: &Path, found: Option<&Source>) -> (Option<u64>, Result<String, String>) {
    match hash(path, found) {
        Ok((bytes, hash)) => (Some(bytes), hash),
        Err(error) => (found.map(|found| found.size), Err(format!("none: {error}"))),
    }
}

/// How many bytes there are and their hash, or why it would not be that of what was read.
fn hash(path: &Path, found: Option<&Source>) -> io::Result<(u64, Result<String, String>)> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if found.and_then(|found| found.inode).is_some_and(|known| known != (about.dev(), about.ino()))
    {
        let moved = "none: another file has its name since it was read";
        return Ok((found.map_or(0, |found| found.size), Err(moved.to_string())));
    }
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..count]);
        bytes += count as u64;
    }
    if let Some(found) = found.filter(|found| found.size != bytes) {
        let said =
            format!("none: it had {} bytes when it was found, and is written to", found.size);
        return Ok((bytes, Err(said)));
    }
    let hex = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((bytes, Ok(hex)))
}
