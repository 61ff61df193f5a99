//! The names that symbolic links lead through.
//!
//! A path comes in; out go it and the paths it leads to, the last of which may be of nothing. Only
//! the last part of a path is looked behind: folders that are links are left as they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::folder;

/// How many links the kernel follows in one name.
const MOST: usize = 40;

/// A name, and those it leads to if it is a link.
pub fn names(path: &Path) -> Vec<PathBuf> {
    let mut names = vec![path.to_path_buf()];
    while let Some(last) = names.last()
        && names.len() <= MOST
        && let Ok(target) = fs::read_link(last)
    {
        names.push(folder::of(last).join(target));
    }
    names
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_leads_through_others_also_to_nothing_and_a_circle_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("more")).unwrap();
        symlink("more/b", path("a")).unwrap();
        symlink("../c", path("more/b")).unwrap();
        assert_eq!(names(&path("a")), [path("a"), path("more/b"), path("more/../c")]);
        fs::write(path("c"), "").unwrap();
        assert_eq!(names(&path("c")), [path("c")]);
        symlink("d", path("d")).unwrap();
        assert_eq!(names(&path("d")).len(), MOST + 1);
    }
}
