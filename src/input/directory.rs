//! Directories: the audit logs in one.
//!
//! A directory comes in, the paths of the files in it that are named like logs go out, sorted,
//! those of its sub-directories too. Files are not opened; what is in them is for others to judge.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::InputError;
use super::rotation::{Age, Rotated, by_name, without_packing};
use crate::{folder, links};

/// How many directories deep logs are looked for: `evidence/site/web1/[root]/var/log/audit` is 6.
const DEPTH: usize = 8;

/// The logs in `directory` and below, sorted; what could not be looked into goes to `unreadable`.
///
/// Links to files are followed, links to directories are not: they could lead round in a circle.
pub fn logs_in(directory: &Path, unreadable: &mut Vec<InputError>) -> Vec<PathBuf> {
    let mut logs = Vec::new();
    collect(directory, DEPTH, &mut logs, unreadable);
    logs
}

fn collect(
    directory: &Path,
    depth: usize,
    logs: &mut Vec<PathBuf>,
    unreadable: &mut Vec<InputError>,
) {
    let mut paths = match fs::read_dir(directory) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>(),
        Err(error) => return unreadable.push(InputError::of(directory, error)),
    };
    paths.sort_by(|one, other| by_name(one, other));
    for path in paths {
        let Ok(kind) = fs::symlink_metadata(&path).map(|metadata| metadata.file_type()) else {
            continue;
        };
        if kind.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, logs, unreadable);
            }
        } else if names_a_log(&path) && (kind.is_file() || path.is_file()) {
            logs.push(path);
        }
    }
}

/// Whether a file of this name is taken for a log when it is found in a directory.
fn names_a_log(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let name = name.to_lowercase();
    if name.starts_with('.') {
        return false;
    }
    let Rotated { log, age } = Rotated::of(&name);
    without_packing(&name).ends_with(".log")
        || name.starts_with("audit") && name.contains(".log")
        || age != Age::Current && log.ends_with(".log")
}

/// Whether a file is `log` or has a name that rotation makes of it, wherever it lies.
pub fn is_of_log(path: &Path, log: &Path) -> bool {
    let (name, log) = (path.file_name(), log.file_name());
    // Rotation is seen in text alone; another name is that of the log or it is not.
    let is_rotated = |name: &OsStr, log: &OsStr| {
        let (name, log) = (name.to_str()?, log.to_str()?);
        Some(Rotated::beside(name, |name| name == log).log == log)
    };
    name == log || name.zip(log).and_then(|(name, log)| is_rotated(name, log)).unwrap_or(false)
}

/// Where a log is: at the end of the links that its name may be. Whoever rotates it does so there;
/// what is not there at the moment, for it is being rotated, has its place all the same.
pub fn place_of(log: &Path) -> PathBuf {
    let names = links::names(log);
    let [_, .., end] = &names[..] else { return log.to_path_buf() };
    let inode = |path: &Path| fs::metadata(path).map(|about| (about.dev(), about.ino())).ok();
    // Links of /proc lead further than they say.
    if inode(log).is_some_and(|this| inode(end) != Some(this)) {
        return log.to_path_buf();
    }
    match (fs::canonicalize(folder::of(end)), end.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => end.clone(),
    }
}

/// The files of the set that `log` is the current file of, as they lie beside it.
pub fn rotated_beside(log: &Path) -> Vec<PathBuf> {
    let directory = log.parent().unwrap_or(Path::new("/"));
    let of_the_set = |path: &PathBuf| is_of_log(path, log) && path.is_file();
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(of_the_set).collect();
    paths.sort_by(|one, other| by_name(one, other));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_known_by_their_names_and_their_neighbours_are_not() {
        let is = |name: &str| names_a_log(Path::new(name));
        for name in [
            "audit.log",
            "audit.log.1",
            "audit.log.12.gz",
            "audit.log-20240816.gz",
            "web1.log",
            "web1.log.xz",
            "web.log.2",
            "audit-web1.log.old",
            "AUDIT.LOG",
            "auditd.log.zst",
        ] {
            assert!(is(name), "{name}");
        }
        for name in ["messages", "audit.conf", ".audit.log.swp", "catalog", "x.txt", "a.log.tar"] {
            assert!(!is(name), "{name}");
        }
    }

    #[test]
    fn sub_directories_are_searched_and_circles_are_not_walked() {
        let root = tempfile::tempdir().unwrap();
        let below = root.path().join("web1/var/log/audit");
        fs::create_dir_all(&below).unwrap();
        for file in ["audit.log", "audit.log.1", "README"] {
            fs::write(below.join(file), "x").unwrap();
        }
        fs::write(root.path().join("b.log"), "x").unwrap();
        std::os::unix::fs::symlink(root.path(), below.join("circle.log")).unwrap();
        let mut unreadable = Vec::new();
        let logs = logs_in(root.path(), &mut unreadable);
        let names: Vec<_> = logs.iter().map(|log| log.file_name().unwrap()).collect();
        assert_eq!(names, ["b.log", "audit.log", "audit.log.1"]);
        assert!(unreadable.is_empty());
    }

    #[test]
    fn the_rotated_files_lie_beside_the_log() {
        let root = tempfile::tempdir().unwrap();
        for file in ["trail", "trail.1", "trail.2.gz", "trail.conf", "trailer", "audit.log.1"] {
            fs::write(root.path().join(file), "x").unwrap();
        }
        let paths = rotated_beside(&root.path().join("trail"));
        let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(names, ["trail", "trail.1", "trail.2.gz"]);
    }

    #[test]
    fn a_log_that_is_a_link_has_its_place_where_the_link_leads() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let path = |name: &str| root.join(name);
        for folder in ["links", "logs"] {
            fs::create_dir_all(path(folder)).unwrap();
        }
        std::os::unix::fs::symlink("../logs/trail", path("links/audit.log")).unwrap();
        std::os::unix::fs::symlink("logs", path("also")).unwrap();
        for _ in 0..2 {
            assert_eq!(place_of(&path("links/audit.log")), path("logs/trail"));
            // The nearest neighbours: a folder that is a link, and none at all.
            assert_eq!(place_of(&path("also/trail")), path("also/trail"));
            assert_eq!(place_of(&path("logs/trail")), path("logs/trail"));
            fs::write(path("logs/trail"), "").unwrap();
        }
    }
}
