//! Databases of the places of addresses, read from files of this machine.

use std::fs;
use std::path::PathBuf;

use crate::output::alerts::{Mmdb, Places};
use crate::quoted::Quoted;

/// Databases are read into memory whole; those of cities have some 100 MB.
const LARGEST: u64 = 1 << 30;

/// Reads databases; none if there are none.
pub fn open(files: &[PathBuf]) -> Result<Option<Box<dyn Places>>, String> {
    let mut bytes = Vec::new();
    for path in files {
        let unreadable = |error| format!("cannot read {}: {error}", Quoted(path));
        let about = fs::metadata(path).map_err(unreadable)?;
        if !about.is_file() || about.len() > LARGEST {
            return Err(format!("{} is no file of at most 1 GiB", Quoted(path)));
        }
        bytes.push(fs::read(path).map_err(unreadable)?);
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    let places = Mmdb::of(bytes).map_err(|error| {
        let names: Vec<String> = files.iter().map(|path| Quoted(path).to_string()).collect();
        format!("{}: no database of places: {error}", names.join(", "))
    })?;
    Ok(Some(Box::new(places)))
}
