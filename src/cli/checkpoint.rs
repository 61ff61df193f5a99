//! How far an earlier run got, so that the next one begins there.
//!
//! The file has a line for each host, `SECONDS.MILLIS:SERIAL HOST`: the last event that was let go.
//! What follows that event in the log is new, whatever its time says: a long call has an old time.
//! If the event itself is no longer there (its file was rotated away), what is later is new.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::audit::{Connection, Stamp};

/// The checkpoint of a run.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    before: IndexMap<Vec<u8>, Mark>,
    now: IndexMap<Vec<u8>, Stamp>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    stamp: Stamp,
    is_passed: bool,
}

impl Checkpoint {
    /// The checkpoint in this file; a file that is not there is the beginning.
    pub fn open(path: &Path) -> io::Result<Checkpoint> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let mut before = IndexMap::new();
        for line in text.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let (stamp, host) = parse(line).ok_or_else(|| {
                let place = path.display();
                io::Error::other(format!(
                    "{place} is no checkpoint of oddsock; give another file, or delete this one \
                     to begin anew"
                ))
            })?;
            before.insert(host.to_vec(), Mark { stamp, is_passed: false });
        }
        let now = before.iter().map(|(host, mark)| (host.clone(), mark.stamp)).collect();
        Ok(Checkpoint { path: path.to_path_buf(), before, now })
    }

    /// The time of the newest event of the earlier run.
    pub fn time(&self) -> Option<Timestamp> {
        let newest = self.before.values().map(|mark| mark.stamp.millis).max()?;
        Timestamp::from_millisecond(i64::try_from(newest).ok()?).ok()
    }

    /// Whether the earlier run has not seen this connection; it is seen from now on.
    pub fn is_new(&mut self, connection: &Connection<'_>) -> bool {
        let stamp = connection.stamp;
        let is_new = match self.before.get_mut(connection.host) {
            None => true,
            Some(mark) if mark.stamp == stamp => {
                mark.is_passed = true;
                false
            }
            Some(mark) => mark.is_passed || stamp.millis > mark.stamp.millis,
        };
        if is_new {
            self.now.insert(connection.host.to_vec(), stamp);
        }
        is_new
    }

    /// Writes the checkpoint: all of it or nothing.
    pub fn save(&self) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let mut file = fs::File::create(&beside)?;
        for (host, stamp) in &self.now {
            write!(file, "{stamp} ")?;
            file.write_all(host)?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&beside, &self.path)
    }
}

fn parse(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let at = memchr::memchr(b' ', line)?;
    let stamp = std::str::from_utf8(&line[..at]).ok()?;
    Some((stamp.parse().ok()?, &line[at + 1..]))
}
