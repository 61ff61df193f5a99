//! What is shipped for the service: units, drop-ins, users, folders and auditd's plugins, held
//! against systemd's own tools and the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::shared::project;

/// What the exposure has to stay below, of ten.
const EXPOSURE: f64 = 2.0;

fn shipped(name: &str) -> String {
    let path = project().join("dist").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn drop_ins() -> Vec<PathBuf> {
    let entries = fs::read_dir(project().join("dist/systemd/drop-ins")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The settings of a unit, as they follow each other.
fn settings(unit: &str) -> Vec<(&str, &str)> {
    let is_text = |line: &&str| !line.starts_with(['#', '[', ';']);
    unit.lines().filter(is_text).filter_map(|line| line.split_once('=')).collect()
}

/// The unit as it is and with each of the examples, by what they are called.
fn units() -> Vec<(String, String)> {
    let unit = shipped("systemd/oddsock.service");
    let mut units = vec![("oddsock.service".to_owned(), unit.clone())];
    for path in drop_ins() {
        // What stands in a drop-in follows what stands in the unit.
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        units.push((name, format!("{unit}\n{text}")));
    }
    units
}

fn analyzed(verb: &[&str], unit: &str) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oddsock.service");
    // It is not installed here, and systemd looks whether it is.
    fs::write(&path, unit.replace("/usr/bin/oddsock", env!("CARGO_BIN_EXE_oddsock"))).unwrap();
    Command::new("systemd-analyze").args(verb).arg(&path).output().ok()
}

#[test]
fn systemd_finds_no_fault_with_the_unit_and_its_examples() {
    for (name, unit) in units() {
        let Some(output) = analyzed(&["verify", "--man=no"], &unit) else {
            return println!("left out: there is no systemd-analyze");
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // That of the kernel's list is about the machine that the test runs on.
        let faults: Vec<&str> = said.lines().filter(|l| l.contains("oddsock.service:")).collect();
        assert!(faults.is_empty() && output.status.success(), "{name}: {said}");
    }
}

#[test]
fn the_service_is_exposed_less_than_2_of_10_also_with_each_example() {
    for (name, unit) in units() {
        let Some(output) = analyzed(&["security", "--offline=yes", "--no-pager"], &unit) else {
            return println!("left out: there is no systemd-analyze");
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(line) = said.lines().find(|line| line.contains("Overall exposure level")) else {
            return println!("left out: this systemd-analyze cannot look at files");
        };
        let level = line.split_whitespace().find_map(|word| word.parse::<f64>().ok()).unwrap();
        println!("{name}: {level}");
        assert!(level < EXPOSURE, "{name}: {said}");
    }
}

#[test]
fn the_unit_has_no_network_no_root_and_no_capability_and_a_watchdog() {
    let unit = shipped("systemd/oddsock.service");
    let settings = settings(&unit);
    let value = |key: &str| settings.iter().find(|(name, _)| *name == key).map(|(_, v)| *v);
    for (key, expected) in [
        ("Type", "notify"),
        ("User", "oddsock"),
        ("SupplementaryGroups", "adm"),
        ("StateDirectory", "oddsock"),
        ("CapabilityBoundingSet", ""),
        ("PrivateNetwork", "yes"),
        ("RestrictAddressFamilies", "AF_UNIX"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        // What is said of losses; without it, it goes where the output goes, which is nowhere.
        ("StandardError", "journal"),
    ] {
        assert_eq!(value(key), Some(expected), "{key}");
    }
    assert!(value("WatchdogSec").is_some() && value("AmbientCapabilities").is_none());
    assert!(!unit.lines().any(|line| line.starts_with("Requires=")), "auditd cannot be stopped");
    // Only what needs a network is given one.
    for path in drop_ins() {
        let text = fs::read_to_string(&path).unwrap();
        let has_network = text.contains("AF_INET");
        let needs_one = text.contains("--post") || text.contains("--metrics");
        assert_eq!(has_network, needs_one, "{}", path.display());
    }
}

#[test]
fn no_file_that_is_shipped_gives_an_option_that_there_is_not() {
    let help = Command::new(env!("CARGO_BIN_EXE_oddsock")).args(["tail", "--help"]).output();
    let help = help.unwrap();
    if !help.status.success() {
        return println!("left out: this oddsock has no tail");
    }
    let help = String::from_utf8(help.stdout).unwrap();
    let known: BTreeSet<&str> = words(&help).filter(|word| word.starts_with("--")).collect();
    let texts = units().into_iter().map(|(_, unit)| unit);
    for text in texts.chain([shipped("audit/oddsock-plugin")]) {
        let joined = text.replace("\\\n", " ");
        for line in joined.lines().filter(|line| line.contains("/usr/bin/oddsock tail")) {
            let (_, arguments) = line.split_once("/usr/bin/oddsock tail").unwrap();
            for option in words(arguments).filter(|word| word.starts_with("--")) {
                assert!(known.contains(option), "{option} in {line}");
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty())
}

#[test]
fn auditd_takes_the_plugins_files() {
    for name in ["oddsock.conf", "oddsock-af_unix.conf"] {
        // auditd takes a name with two dots for a copy. Before 3.1 it passes on two arguments, and
        // in 4.0 its own plugin takes none if there is a third.
        assert_eq!(name.matches('.').count(), 1);
        let text = shipped(&format!("audit/plugins.d/{name}"));
        let mut keys = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            keys.push(key);
            match key {
                "active" => assert_eq!(value, "no", "a package must not start it by itself"),
                "direction" => assert_eq!(value, "out"),
                "path" => assert!(value.starts_with('/')),
                "type" => assert_eq!(value, "always"),
                "format" => assert_eq!(value, "string"),
                "args" => assert!(value.split(' ').count() <= 2),
                other => panic!("{other} is no key of auditd-plugins(5)"),
            }
        }
        assert!(keys.len() >= 5, "{keys:?}");
    }
}

#[test]
fn the_plugin_gives_up_root_s_rights_and_becomes_oddsock() {
    let plugin = project().join("dist/audit/oddsock-plugin");
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    // What stands in for setpriv writes down its arguments and its process.
    let setpriv = folder.path().join("setpriv");
    fs::write(&setpriv, format!("#!/bin/sh\necho $$ \"$@\" > {}\n", said.display())).unwrap();
    executable(&setpriv);
    let script = fs::read_to_string(plugin).unwrap();
    let script = script.replace("/usr/bin/setpriv", setpriv.to_str().unwrap());
    let copy = folder.path().join("plugin");
    fs::write(&copy, script).unwrap();
    let mut child = Command::new("/bin/sh").arg(&copy).spawn().unwrap();
    assert!(child.wait().unwrap().success());
    let said = fs::read_to_string(said).unwrap();
    // auditd signals the process that it has started.
    assert!(said.starts_with(&format!("{} --reuid=oddsock --regid=oddsock", child.id())), "{said}");
    assert!(said.contains(" --bounding-set=-all ") && said.trim_end().ends_with(" -"), "{said}");
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn in_the_service_too_a_log_without_names_is_of_this_machine() {
    let unit = shipped("systemd/oddsock.service");
    assert!(settings(&unit).contains(&("ProcSubset", "pid")), "{unit}");
    let sample = project().join("samples/connections-raw.log");
    let told = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "sh", "-c", script]);
        command.arg(env!("CARGO_BIN_EXE_oddsock")).arg(&sample);
        let output = command.output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let read = "\"$0\" connections --format ndjson \"$1\" 2>/dev/null | head -1";
    let Some(hidden) = told(&format!("mount -t proc -o subset=pid proc /proc && {read}")) else {
        return println!("left out: a /proc of one's own is not allowed here");
    };
    let name = String::from_utf8(Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
    assert!(hidden.contains(&format!("\"host.name\":\"{}\"", name.trim())), "{hidden}");
}

#[test]
fn systemd_makes_the_user_and_the_folders() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let of_root = format!("--root={}", root.path().display());
    let run = |program: &str, options: &[&str], file: &str| {
        let file = project().join("dist").join(file);
        let output = Command::new(program).arg(&of_root).args(options).arg(file).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !run("systemd-sysusers", &[], "sysusers.d/oddsock.conf")
        || !run("systemd-tmpfiles", &["--create"], "tmpfiles.d/oddsock.conf")
    {
        return println!("left out: systemd's tools are not there, or want to be run by root");
    }
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(users.lines().any(|line| line.starts_with("oddsock:")), "{users}");
    let groups = fs::read_to_string(root.path().join("etc/group")).unwrap();
    let is_member = |line: &str| line.starts_with("adm:") && line.ends_with(":oddsock");
    assert!(groups.lines().any(is_member), "{groups}");
    assert!(root.path().join("var/lib/oddsock").is_dir());
    assert!(root.path().join("var/log/oddsock").is_dir());
}

#[test]
fn what_may_pass_is_tried_again_and_the_log_s_file_system_is_waited_for() {
    let unit = shipped("systemd/oddsock.service");
    let settings = settings(&unit);
    let prevented = settings.iter().find(|(key, _)| *key == "RestartPreventExitStatus");
    assert_eq!(prevented.map(|(_, value)| *value), Some("2"), "and not 75");
    assert!(settings.contains(&("Restart", "on-failure")));
    assert!(settings.contains(&("RequiresMountsFor", "/var/log/audit")));
}
