//! A process that has locked itself in reaches what it needs, also through symbolic links; what it
//! does not reach is not taken for read.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::days;
use super::run::Folder;

fn wait_for_connections(folder: &Folder, number: usize) {
    folder.wait("all connections", |_| folder.text("connections").lines().count() >= number);
}

#[test]
fn log_state_and_exceptions_may_be_links_and_the_log_be_rotated_behind_its_link() {
    let log = days::log(12, 3);
    let (before, rest) = days::until(&log, 6);
    let (rest, last) = days::until(rest, 9);
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    // What is below the folder of a link would be within reach anyhow.
    let linked = |name: &str, target: &str, text: &str| {
        fs::create_dir_all(elsewhere.path(target).parent().unwrap()).unwrap();
        fs::write(elsewhere.path(target), text).unwrap();
        symlink(elsewhere.path(target), folder.path(name)).unwrap();
    };
    linked("audit.log", "data/audit.log", before);
    linked("state", "kept/state", "");
    linked("exceptions.toml", "real/some.toml", "");
    let run = folder.tail(&["--exceptions", "exceptions.toml"]);
    let number = |log: &str| log.matches("type=PROCTITLE").count();
    wait_for_connections(&folder, number(before));
    let [log, old] = ["data/audit.log", "data/audit.log.1"].map(|name| elsewhere.path(name));
    fs::rename(&log, &old).unwrap();
    fs::write(&log, rest).unwrap();
    wait_for_connections(&folder, number(before) + number(rest));
    run.signal("HUP");
    folder.wait("a reload", |_| folder.text("said").contains("read again"));
    assert_eq!(run.end(), 0);
    let said = folder.text("said");
    for trouble in ["cannot", "NOT SAVED", "nothing was changed", "Trying on"] {
        assert!(!said.contains(trouble), "{said}");
    }
    assert!(fs::metadata(elsewhere.path("kept/state")).unwrap().len() > 0);
    // The same while nobody follows it.
    let (third, fourth) = days::until(last, 10);
    fs::rename(&old, elsewhere.path("data/audit.log.2")).unwrap();
    fs::write(&log, [rest, third].concat()).unwrap();
    fs::rename(&log, &old).unwrap();
    fs::write(&log, fourth).unwrap();
    let run = folder.tail(&["--exceptions", "exceptions.toml"]);
    wait_for_connections(&folder, [before, rest, third, fourth].map(number).iter().sum());
    assert_eq!(run.end(), 0);
    let said = folder.text("said");
    assert!(!said.contains("none of the files"), "{said}");
}

#[test]
fn a_log_that_is_out_of_reach_is_behind_by_its_size() {
    let folder = Folder::new();
    let elsewhere = tempfile::tempdir().unwrap();
    folder.append(days::log(2, 3).as_bytes());
    let run = folder.tail(&["--metrics", "figures.prom"]);
    let is_behind = |bytes: usize| {
        let line = format!("\noddsock_behind_bytes {bytes}\n");
        folder.wait("the figures", |_| folder.text("figures.prom").contains(&line));
    };
    is_behind(0);
    let log = days::log(3, 8);
    let target = elsewhere.path().join("audit.log");
    fs::write(&target, &log).unwrap();
    fs::rename(folder.path("audit.log"), folder.path("audit.log.1")).unwrap();
    symlink(&target, folder.path("audit.log")).unwrap();
    let is_shut_out = || folder.text("said").contains("permission denied");
    std::thread::sleep(Duration::from_secs(3));
    if !is_shut_out() && folder.text("said").contains("cannot") {
        return eprintln!("left out: this kernel keeps no process from files");
    }
    folder.wait("the trouble", |_| is_shut_out());
    is_behind(log.len());
    fs::remove_file(folder.path("audit.log")).unwrap();
    fs::write(folder.path("audit.log"), &log).unwrap();
    is_behind(0);
    assert_eq!(run.end(), 0);
}
