//! Databases of the places of addresses, read from files of this machine.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::say;
use crate::access::{self, Wanted};
use crate::output::alerts::{Mmdb, Places};
use crate::quoted::Quoted;

/// Databases are read into memory whole; those of cities have some 100 MB.
const LARGEST: u64 = 1 << 30;

/// The databases that are given.
#[derive(Args, Debug)]
pub struct Databases {
    /// Tell whose addresses are with this database (.mmdb), which is on this machine
    #[arg(long, value_name = "FILE")]
    geo: Vec<PathBuf>,
}

impl Databases {
    /// The files they are read from, each with its option.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        self.geo.iter().map(|path| ("--geo", path.clone()))
    }

    /// Reads them; none if there are none.
    pub fn open(&self) -> Result<Option<Box<dyn Places>>, String> {
        let mut places = Mmdb::new(say);
        for path in &self.geo {
            let name = Quoted(path);
            let unreadable =
                |error| format!("cannot read {name}: {}", access::told(&error, path, Wanted::Read));
            let about = fs::metadata(path).map_err(unreadable)?;
            if !about.is_file() || about.len() > LARGEST {
                return Err(format!("{name} is no file of at most 1 GiB"));
            }
            let bytes = fs::read(path).map_err(unreadable)?;
            places.add(name.to_string(), bytes).map_err(|error| {
                format!("{name} is no database of places (.mmdb), or was cut short: {error}")
            })?;
        }
        Ok((!self.geo.is_empty()).then(|| Box::new(places) as Box<dyn Places>))
    }
}
