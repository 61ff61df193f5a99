//! The folder that a file is in, by the file's path.
//!
//! A path comes in, and one that can be opened goes out: a name alone is in the folder where the
//! process is. Nothing is looked at.

use std::path::Path;

/// The folder that a file is in.
pub fn of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_in_the_folder_where_one_is() {
        for (file, folder) in [("a", "."), ("./a", "."), ("/a", "/"), ("b/a", "b"), ("", ".")] {
            assert_eq!(of(Path::new(file)), Path::new(folder), "{file}");
        }
    }
}
