//! What is in the folder of logs that are not part of the project.

use std::path::{Path, PathBuf};

/// The project's own folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A path in the shared folder, if it is there; otherwise says what was left out.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ODDSOCK_SHARED").map(PathBuf::from);
    let whole = folder.unwrap_or_else(|| project().join("../shared")).join(path);
    if whole.exists() {
        return Some(whole);
    }
    eprintln!("left out: {} is not there", whole.display());
    None
}

/// The files in a folder whose names end so, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder that can be read");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

/// The last part of a path.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The project's sample logs.
pub fn samples() -> Vec<PathBuf> {
    files(&project().join("samples"), ".log")
}
