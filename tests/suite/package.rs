//! The package: what it is said to have is there, and says the version it has.

use std::collections::BTreeSet;
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
            assert!(assets.contains(&format!("man/*.{section}")), "{package}: {name}");
        }
    }
}

/// What a package installs, with a pattern where several files are: without the licence, which each
/// has in its own way, and by the names that one distribution has for a folder of the other's.
fn installed(package: &str) -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let assets = manifest["package"]["metadata"][package]["assets"].as_array().expect("a list");
    let part = |asset: &toml::Value, at: usize, key: &str| {
        let part = if asset.is_array() { &asset[at] } else { &asset[key] };
        part.as_str().expect("a name").to_owned()
    };
    let names = assets.iter().map(|asset| (part(asset, 0, "source"), part(asset, 1, "dest")));
    let names = names.map(|(source, to)| match to.strip_suffix('/') {
        Some(folder) => format!("{folder}/{}", source.rsplit('/').next().unwrap_or_default()),
        None => to,
    });
    let alike = |name: String| {
        let name = name.trim_start_matches('/').trim_end_matches(".gz");
        name.replace("zsh/site-functions", "zsh/vendor-completions")
    };
    names.map(alike).filter(|name| !name.starts_with("usr/share/licenses/")).collect()
}

#[test]
fn both_packages_install_the_same_files() {
    let (deb, rpm) = (installed("deb"), installed("generate-rpm"));
    assert!(deb.len() > 15 && deb.contains("usr/bin/oddsock"), "{deb:?}");
    assert_eq!(deb, rpm);
}

#[test]
fn the_same_people_answer_for_the_package_in_both_places_that_name_them() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let maintainer = manifest["package"]["metadata"]["deb"]["maintainer"].as_str().expect("a name");
    assert!(read("dist/changelog").contains(&format!("\n -- {maintainer}  ")), "{maintainer}");
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
fn installing_the_debian_package_makes_the_user_of_its_service() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("TOML");
    let deb = &manifest["package"]["metadata"]["deb"];
    let scripts = deb["maintainer-scripts"].as_str().expect("a folder");
    let script = read(&format!("{scripts}postinst"));
    // The service's user and folders are named in files that must come along.
    for (command, folder) in
        [("systemd-sysusers oddsock.conf", "sysusers.d"), ("--create oddsock.conf", "tmpfiles.d")]
    {
        assert!(script.contains(command), "{command}");
        assert!(deb["assets"].to_string().contains(&format!("usr/lib/{folder}/")), "{folder}");
    }
}

#[test]
fn the_changelog_of_the_package_begins_with_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("dist/changelog").starts_with(&format!("oddsock ({version}-1) ")));
}
