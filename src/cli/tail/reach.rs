//! What has to stay within reach of a process that locks itself in.
//!
//! Names come in, of what is opened again and again by its name; out go folders and files. Whoever
//! guards them asks about the file that is opened in the end, so where a name is a symbolic link,
//! it takes the folder of the link, those of links that it leads to, and that of the file. What the
//! reach is good for, reading or writing, is not known here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::links;

/// The folders of a file.
pub fn of_file(path: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    links::names(&path).iter().map(|name| there(&folder_of(name))).collect()
}

/// Those of a log. Where it is not there yet its folder may be another when it is, such as one that
/// is mounted later; then it takes what that is in.
pub fn of_log(log: &Path) -> Vec<PathBuf> {
    let mut folders = of_file(log);
    if !log.exists()
        && let Some(above) = folders.last().and_then(|folder| folder.parent())
    {
        folders.push(above.to_path_buf());
    }
    folders
}

/// Those of a file of settings; or a folder of them, with what links in it lead to.
pub fn of_settings(place: &Path) -> Vec<PathBuf> {
    let mut reach = of_file(place);
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(|path| path.is_symlink()) {
        reach.extend(fs::canonicalize(path));
    }
    reach
}

/// The folder that a file is in, or a folder itself.
fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.to_path_buf() } else { folder_above(path) }
}

fn folder_above(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_path_buf()
}

/// A folder, or the nearest above it that there is: a log's need not be there yet.
fn there(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|path| path.exists());
    there.unwrap_or(Path::new("/")).to_path_buf()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_takes_its_own_folder_and_that_of_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["links", "more", "logs", "other"] {
            fs::create_dir(path(name)).unwrap();
        }
        fs::write(path("logs/audit.log"), "").unwrap();
        symlink("../more/audit.log", path("links/audit.log")).unwrap();
        symlink(path("logs/audit.log"), path("more/audit.log")).unwrap();
        symlink("../other/later.log", path("links/later.log")).unwrap();
        let is = |reach: Vec<PathBuf>, names: &[&str]| {
            let reach: Vec<PathBuf> =
                reach.iter().map(|path| fs::canonicalize(path).unwrap()).collect();
            let root = fs::canonicalize(folder.path()).unwrap();
            let names: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
            assert_eq!(reach, names);
        };
        is(of_file(&path("links/audit.log")), &["links", "more", "logs"]);
        is(of_file(&path("logs/audit.log")), &["logs"]);
        is(of_file(&path("logs")), &["logs"]);
        // What is not there yet will be where the link says, or in what is there so far.
        is(of_file(&path("links/later.log")), &["links", "other"]);
        is(of_file(&path("none/later.log")), &[""]);
        is(of_log(&path("logs/audit.log")), &["logs"]);
        is(of_log(&path("other/audit.log")), &["other", ""]);
        is(of_settings(&path("links")), &["links", "logs/audit.log"]);
    }
}
