//! Puts the manual into the program: every file in `man/`, by its name. A page that is added there
//! needs no line elsewhere.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=man");
    let folder = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets it")).join("man");
    let mut pages: Vec<_> = fs::read_dir(&folder)
        .expect("a folder of pages")
        .map(|entry| entry.expect("a page").path())
        .filter(|path| path.extension().is_some_and(|section| section.len() == 1))
        .collect();
    pages.sort();
    let mut list = String::from("[\n");
    for page in pages {
        let name = page.file_name().expect("a name").to_string_lossy();
        // A source tree that is moved is compiled anew, and this list is not made anew.
        let path = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", format!("/man/{name}"));
        list += &format!("    ({name:?}, include_str!({path})),\n");
    }
    list += "]\n";
    let to = Path::new(&env::var_os("OUT_DIR").expect("Cargo sets it")).join("pages.rs");
    fs::write(to, list).expect("a list of pages");
}
