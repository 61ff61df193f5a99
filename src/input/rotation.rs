//! Rotation: which files belong to one log, and in which order everything is read.
//!
//! Sources come in as they were given or found, and go out in the order in which they were written.
//! Nothing is opened here: the first stamps come with the sources.
//!
//! The order:
//!
//! - Hosts stand in the order in which each was first given.
//! - The sources of a host are grouped into *sets*: the files of one log, which are in one
//!   directory and have the same name but for a number or a date added by rotation. A name that
//!   ends in `log`, `messages` or `audit` is that of a log, and so is any other whose file is there
//!   as well.
//! - Within a set the oldest is first: dates ascending, or numbers descending, then the log itself:
//!   `audit.log.2.gz`, `audit.log.1`, `audit.log`. Where there are both, whoever rotates it has
//!   gone from one to the other, and no name tells from which: then the first stamps do.
//! - The sets of a host are ordered by the first stamp found in each; equal stamps, by name, with
//!   numbers in names compared as numbers (`part_2.log` before `part_10.log`).
//! - A set without a stamp (an empty file, standard input) keeps its place among the sets.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::{FirstStamp, Nature, Source};

/// The endings that packers add to names.
pub const PACKED_ENDINGS: [&str; 5] = [".gz", ".zst", ".xz", ".bz2", ".zstd"];

/// A file name, taken apart as rotation put it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated<'name> {
    /// The name of the log: `audit.log`.
    pub log: &'name str,
    /// Which of its files it is; the oldest is the least.
    pub age: Age,
}

/// Which file of a set a file is. Older is less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Rotated with a date: its digits, so that they compare as the dates do.
    Dated(String),
    /// Rotated with a number, which rotation counts up.
    Numbered(Reverse<u64>),
    /// The log that is written to.
    Current,
}

impl Rotated<'_> {
    /// Takes a file name apart. Names that no rotation made are logs of their own.
    pub fn of(name: &str) -> Rotated<'_> {
        Rotated::beside(name, |_| false)
    }

    /// The same, beside other files: what `is_log` says yes to is a log, whatever it is called.
    pub fn beside(name: &str, is_log: impl Fn(&str) -> bool) -> Rotated<'_> {
        let name = without_packing(name);
        let places = name.char_indices().filter(|(_, letter)| matches!(letter, '.' | '-' | '_'));
        for (place, _) in places {
            let (log, added) = name.split_at(place);
            // Only a log is rotated: in part.1 and part.2 the numbers count up.
            if !(log.ends_with("log") || log == "messages" || log == "audit" || is_log(log)) {
                continue;
            }
            if let Some(age) = age(added) {
                return Rotated { log, age };
            }
        }
        Rotated { log: name, age: Age::Current }
    }
}

/// `name` without the ending that a packer added.
pub fn without_packing(name: &str) -> &str {
    let stripped = PACKED_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    stripped.filter(|name| !name.is_empty()).unwrap_or(name)
}

fn age(added: &str) -> Option<Age> {
    let (separator, rest) = added.split_at(1);
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let shape: String =
        rest.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let dated = ["00000000", "0000-00-00"].iter().any(|date| {
        let time = shape.strip_prefix(date);
        time.is_some_and(|time| time.chars().all(|letter| "0-_T:Z".contains(letter)))
    });
    if dated {
        return Some(Age::Dated(digits));
    }
    let numbered = separator == "." && !rest.is_empty() && digits.len() == rest.len();
    (numbered && rest.len() <= 6).then(|| Some(Age::Numbered(Reverse(rest.parse().ok()?))))?
}

/// Puts `sources` in the order in which they are to be read.
pub fn in_order(sources: Vec<Source>) -> Vec<Source> {
    let mut hosts: IndexMap<String, IndexMap<SetName, Set>> = IndexMap::new();
    let given: HashSet<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
    for (place, source) in sources.into_iter().enumerate() {
        let (name, age) = belongs(&source, place, &given);
        let sets = hosts.entry(source.host.clone()).or_default();
        sets.entry(name).or_default().push((age, source));
    }
    hosts.into_values().flat_map(|sets| sets_in_order(sets.into_values().collect())).collect()
}

type SetName = (PathBuf, String, Option<usize>);
type Set = Vec<(Age, Source)>;

/// Puts the files of one set in the order in which they were written.
pub fn oldest_first<T>(
    mut files: Vec<(Age, T)>,
    path: impl Fn(&T) -> &Path,
    first_stamp: impl Fn(&T) -> Option<FirstStamp>,
) -> Vec<T> {
    files.sort_by(|(one_age, one), (other_age, other)| {
        one_age.cmp(other_age).then_with(|| by_name(path(one), path(other)))
    });
    let dated = files.partition_point(|(age, _)| matches!(age, Age::Dated(_)));
    let rotated = files.partition_point(|(age, _)| *age != Age::Current);
    let mut files: Vec<T> = files.into_iter().map(|(_, file)| file).collect();
    if 0 < dated && dated < rotated {
        let log = files.split_off(rotated);
        let (by_date, by_number) = files.split_at(dated);
        let mut begun = begun(by_date.iter().map(&first_stamp).collect());
        begun.extend(self::begun(by_number.iter().map(&first_stamp).collect()));
        let mut both: Vec<_> = begun.into_iter().zip(files).collect();
        both.sort_by_key(|(begun, _)| *begun);
        files = both.into_iter().map(|(_, file)| file).chain(log).collect();
    }
    files
}

/// When files were begun whose order is known, the oldest first, so that they keep it: one without
/// a stamp was begun no later than the next, and if there is none, later than all others.
fn begun(stamps: Vec<Option<FirstStamp>>) -> Vec<(bool, Option<FirstStamp>)> {
    let next = |at: usize| stamps[at..].iter().find_map(|stamp| *stamp);
    let latest = |latest: &mut (bool, Option<FirstStamp>), at: usize| {
        *latest = (*latest).max((next(at).is_none(), next(at)));
        Some(*latest)
    };
    (0..stamps.len()).scan((false, None), latest).collect()
}

fn belongs(source: &Source, place: usize, given: &HashSet<PathBuf>) -> (SetName, Age) {
    let directory = source.path.parent().unwrap_or(Path::new("")).to_path_buf();
    match source.path.file_name().and_then(OsStr::to_str) {
        Some(name) if source.nature == Nature::Regular => {
            let is_log = |log: &str| given.contains(&directory.join(log));
            let Rotated { log, age } = Rotated::beside(name, is_log);
            ((directory, log.to_owned(), None), age)
        }
        // A stream, or a name that is no text: a set of its own.
        _ => ((directory, String::new(), Some(place)), Age::Current),
    }
}

fn sets_in_order(sets: Vec<Set>) -> Vec<Source> {
    let ordered = |set| oldest_first(set, |one: &Source| &one.path, |one| one.first_stamp);
    let sets: Vec<Vec<Source>> = sets.into_iter().map(ordered).collect();
    let first = |set: &[Source]| set.iter().find_map(|source| source.first_stamp);
    let mut stamped: Vec<(FirstStamp, Vec<Source>)> = Vec::new();
    let mut places: Vec<Option<Vec<Source>>> = Vec::new();
    for set in sets {
        match first(&set) {
            Some(stamp) => {
                stamped.push((stamp, set));
                places.push(None);
            }
            None => places.push(Some(set)),
        }
    }
    stamped.sort_by(|(one_stamp, one), (other_stamp, other)| {
        one_stamp.cmp(other_stamp).then_with(|| by_name(&one[0].path, &other[0].path))
    });
    let mut stamped = stamped.into_iter().map(|(_, set)| set);
    let sets = places.into_iter().filter_map(|set| set.or_else(|| stamped.next()));
    sets.flatten().collect()
}

/// Compares paths as people do: numbers in them as numbers.
pub fn by_name(one: &Path, other: &Path) -> Ordering {
    let (mut left, mut right) = (one.as_os_str().as_bytes(), other.as_os_str().as_bytes());
    while let (Some(a), Some(b)) = (left.first(), right.first()) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (one, rest_of_one) = number(left);
            let (other, rest_of_other) = number(right);
            let order = one.len().cmp(&other.len()).then_with(|| one.cmp(other));
            if order.is_ne() {
                return order;
            }
            (left, right) = (rest_of_one, rest_of_other);
        } else if a != b {
            return a.cmp(b);
        } else {
            (left, right) = (&left[1..], &right[1..]);
        }
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
}

/// The digits that `text` begins with, without leading zeros, and what follows them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    (&digits[zeros..], rest)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
