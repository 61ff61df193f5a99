//! Host: the machine that a file is from, as far as its path tells.
//!
//! Records may name their machine (`node=`); for those that do not, the path of their file is
//! asked. The paths of a run come in together, for what one directory names depends on the others.
//! Nothing is opened here.
//!
//! The rule, with the path as it was given (not made absolute, links not followed):
//!
//! 1. `--host` names the host of everything.
//! 2. Otherwise the file name is taken off, then every *generic* directory at the end: `var`,
//!    `log`, `logs`, `audit`, `audit.d`, `auditd`, `laurel`, `journal`, `root`, `[root]`, `rootfs`,
//!    `files`, `host`, `fs`. What is left is the *place*.
//! 3. No place left (`audit.log`, `/var/log/audit/audit.log`, standard input): this machine.
//! 4. The run has several places: each is named by its last directory (`web1`, `db1`), with as many
//!    of the directories above it as are needed to tell it from the others (`case1/web`,
//!    `case2/web`).
//! 5. The run has one place, and generic directories were taken off: the last directory of the
//!    place (`evidence/web1/var/log/audit/audit.log` is of `web1`), unless it is one that names no
//!    machine (`home`, `tmp`, `samples`, `evidence`, …) or stands right below `/home` or `/Users`.
//! 6. Otherwise (`samples/x.log`, `/tmp/x.log`): this machine.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Directories that a machine has itself, or that tools put around a copy of its files.
const GENERIC: [&str; 14] = [
    "var", "log", "logs", "audit", "audit.d", "auditd", "laurel", "journal", "root", "[root]",
    "rootfs", "files", "host", "fs",
];

/// Directories that hold machines, or anything, but are not named after one.
const NOT_A_MACHINE: [&str; 20] = [
    "home",
    "users",
    "tmp",
    "mnt",
    "media",
    "srv",
    "opt",
    "usr",
    "data",
    "evidence",
    "collected",
    "samples",
    "tests",
    "test",
    "downloads",
    "desktop",
    "documents",
    "work",
    "run",
    "images",
];

/// The name of the machine this runs on.
pub fn this_machine() -> String {
    // A service sees no /proc/sys (ProcSubset=pid), but it may always ask the kernel.
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    if name.is_empty() { "localhost".to_owned() } else { name.into_owned() }
}

/// The host of one log, by the rule above.
pub fn host_of(log: &Path) -> String {
    hosts(&[log], &this_machine()).pop().unwrap_or_default()
}

/// The host of each of `paths`, by the rule above; `machine` is this machine's name.
pub fn hosts(paths: &[&Path], machine: &str) -> Vec<String> {
    let places: Vec<Place> = paths.iter().map(|path| Place::of(path)).collect();
    let distinct: BTreeSet<&Vec<String>> =
        places.iter().map(|place| &place.names).filter(|names| !names.is_empty()).collect();
    let host = |place: &Place| {
        let last = place.names.last()?;
        if distinct.len() > 1 {
            Some(told_apart(&place.names, &distinct))
        } else {
            (place.in_generic && place.may_name_a_machine()).then(|| last.clone())
        }
    };
    places.iter().map(|place| host(place).unwrap_or_else(|| machine.to_owned())).collect()
}

/// The directory of a file, without the generic directories at its end.
struct Place {
    names: Vec<String>,
    in_generic: bool,
}

impl Place {
    fn of(path: &Path) -> Place {
        let mut names = Vec::new();
        for component in path.parent().unwrap_or(Path::new("")).components() {
            match component {
                Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
                Component::ParentDir => drop(names.pop()),
                Component::RootDir => names = vec![String::new()],
                Component::CurDir | Component::Prefix(_) => {}
            }
        }
        let is_generic = |name: &String| GENERIC.contains(&name.to_lowercase().as_str());
        let mut in_generic = false;
        while names.last().is_some_and(is_generic) {
            names.pop();
            in_generic = true;
        }
        if names == [""] {
            names.clear();
        }
        Place { names, in_generic }
    }

    fn may_name_a_machine(&self) -> bool {
        let lower: Vec<String> = self.names.iter().map(|name| name.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        !matches!(lower.as_slice(), ["", "home" | "users", _])
            && lower.last().is_some_and(|last| !NOT_A_MACHINE.contains(last))
    }
}

/// The shortest end of `names` that no other place ends with.
fn told_apart(names: &[String], places: &BTreeSet<&Vec<String>>) -> String {
    let unique = |length: &usize| {
        let end = &names[names.len() - length..];
        places.iter().filter(|other| other.ends_with(end)).count() == 1
    };
    let length = (1..names.len()).find(unique).unwrap_or(names.len());
    names[names.len() - length..].iter().collect::<PathBuf>().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &str) -> String {
        let paths: Vec<&Path> = paths.split_whitespace().map(Path::new).collect();
        hosts(&paths, "here").join(" ")
    }

    #[test]
    fn a_copy_of_a_file_system_is_named_by_the_directory_that_holds_it() {
        assert_eq!(named("evidence/web1/var/log/audit/audit.log"), "web1");
        assert_eq!(named("/cases/web1/[root]/var/log/audit/audit.log"), "web1");
        assert_eq!(named("web1/LOGS/audit.log"), "web1");
    }

    #[test]
    fn a_plain_directory_does_not_name_a_host() {
        for path in ["samples/x.log", "./audit.log", "/tmp/x.log", "web1/x.log", "-"] {
            assert_eq!(named(path), "here", "{path}");
        }
        assert_eq!(named("samples/x.log samples/y.log"), "here here");
    }

    #[test]
    fn the_log_of_this_machine_is_of_this_machine() {
        assert_eq!(named("/var/log/audit/audit.log /var/log/audit/audit.log.1"), "here here");
    }

    #[test]
    fn directories_that_differ_each_name_a_host() {
        assert_eq!(named("web1/a.log db1/a.log web1/b.log"), "web1 db1 web1");
        assert_eq!(named("web1/var/log/audit/a.log web1/logs/b.log"), "web1 web1");
        assert_eq!(named("/var/log/audit/audit.log - web1/audit.log db1/a"), "here here web1 db1");
    }

    #[test]
    fn hosts_of_one_name_are_told_apart_by_what_stands_above() {
        assert_eq!(
            named("case1/web/var/log/a case2/web/var/log/a case2/db/a"),
            "case1/web case2/web db"
        );
        assert_eq!(named("web/a case2/web/a"), "web case2/web");
    }

    #[test]
    fn directories_of_people_and_of_anything_name_no_machine() {
        for path in ["/home/ann/logs/a.log", "/tmp/logs/a.log", "evidence/audit/a.log"] {
            assert_eq!(named(path), "here", "{path}");
        }
        assert_eq!(named("/home/ann/web1/logs/a.log"), "web1");
    }
}
