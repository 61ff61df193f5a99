//! Files that are there twice.
//!
//! Sources come in; out go those to be read, and those left out with the reason. Two paths to one
//! file are one file. Two files of one host with the same size and the same first and last 64 KiB
//! are taken to be copies: evidence is often gathered twice, and every event in it would count
//! twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{Nature, Skipped, Source};
use crate::quoted::Quoted;

/// How much of a file is compared, at its beginning and at its end.
const COMPARED: usize = 64 * 1024;

/// Leaves out the sources that are copies of one before them.
pub fn without_copies(sources: Vec<Source>, skipped: &mut Vec<Skipped>) -> Vec<Source> {
    let alike = |source: &Source| (source.host.clone(), source.size);
    let is_candidate = |source: &Source| source.nature == Nature::Regular && source.size > 0;
    let mut sizes: HashMap<(String, u64), usize> = HashMap::new();
    for source in sources.iter().filter(|source| is_candidate(source)) {
        *sizes.entry(alike(source)).or_default() += 1;
    }
    // Whoever writes logs must not be able to make one look like a copy of another: the hash is
    // keyed anew in each run. Only equality within the run is asked of it.
    let hasher = RandomState::new();
    let mut seen: HashMap<(String, u64, u64), PathBuf> = HashMap::new();
    let mut kept = Vec::with_capacity(sources.len());
    for source in sources {
        let print = (is_candidate(&source) && sizes[&alike(&source)] > 1)
            .then(|| fingerprint(&source.path, source.size, &hasher).ok())
            .flatten();
        if let Some(print) = print {
            match seen.entry((source.host.clone(), source.size, print)) {
                Entry::Occupied(first) => {
                    let reason = format!(
                        "a copy of {}: the same host, size, beginning and end",
                        Quoted(first.get())
                    );
                    skipped.push(Skipped { path: source.path, reason });
                    continue;
                }
                Entry::Vacant(place) => {
                    place.insert(source.path.clone());
                }
            }
        }
        kept.push(source);
    }
    kept
}

fn fingerprint(path: &Path, size: u64, hasher: &RandomState) -> io::Result<u64> {
    let file = File::open(path)?;
    let length = COMPARED.min(usize::try_from(size).unwrap_or(usize::MAX));
    let mut ends = vec![0; 2 * length];
    let (beginning, end) = ends.split_at_mut(length);
    file.read_exact_at(beginning, 0)?;
    file.read_exact_at(end, size - length as u64)?;
    Ok(hasher.hash_one(&ends))
}
