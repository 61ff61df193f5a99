//! The package: what it is said to have is there, and says the version it has.

use std::fs;

use crate::shared::project;

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).expect(name)
}

#[test]
fn every_section_of_the_manual_is_in_both_packages() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let metadata = manifest["package"]["metadata"].as_table().expect("a table");
    for page in fs::read_dir(project().join("man")).expect("a folder") {
        let name = page.expect("a page").file_name().into_string().expect("a name");
        let (_, section) = name.rsplit_once('.').expect("a section");
        for package in ["deb", "generate-rpm"] {
            let assets = metadata[package]["assets"].to_string();
            assert!(assets.contains(&format!("\"man/*.{section}\"")), "{package}: {name}");
        }
    }
}

#[test]
fn what_is_packed_is_there() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    for asset in manifest["package"]["metadata"]["deb"]["assets"].as_array().expect("a list") {
        let source = asset[0].as_str().expect("a name");
        let (folder, pattern) = source.rsplit_once('/').unwrap_or((".", source));
        if folder.starts_with("target/") {
            continue;
        }
        let ending = pattern.strip_prefix('*');
        let names = fs::read_dir(project().join(folder)).expect(folder);
        let mut names = names.map(|entry| entry.expect("a file").file_name());
        let fits = |name: &str| ending.map_or(name == pattern, |ending| name.ends_with(ending));
        assert!(names.any(|name| name.to_str().is_some_and(fits)), "{source}");
    }
}

#[test]
fn the_changelog_of_the_package_begins_with_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("dist/changelog").starts_with(&format!("oddsock ({version}-1) ")));
}
