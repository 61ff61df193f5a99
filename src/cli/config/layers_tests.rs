//! Claims about layers: which of several settings counts.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// The layers of some files and variables, that with the least force first.
fn layers(files: &[&str], variables: &[(&str, &str)]) -> Layers {
    let program = crate::cli::command();
    let mut layers = Layers::default();
    for (at, text) in files.iter().enumerate() {
        let found = Found { path: PathBuf::from(format!("/{at}.toml")), text: text.to_string() };
        layers.add_file(&found, &program).expect("settings");
    }
    let variable = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    };
    layers.add_environment(variable, &program).expect("settings");
    layers
}

#[track_caller]
fn check(layers: &Layers, command: &str, argument: &str, expected: &str) {
    let set = layers.of(command, argument);
    let shown = set.map(|set| {
        let values: Vec<_> = set.values.iter().map(|value| value.to_string_lossy()).collect();
        format!("{} from {}", values.join("|"), set.origin)
    });
    assert_eq!(shown.unwrap_or_default(), expected, "{command} {argument}");
}

#[test]
fn the_later_layer_counts_and_the_environment_most() {
    let vendor = "color = \"never\"\njobs = 1\nstate = \"/vendor\"";
    let machine = "jobs = 2\nstate = \"/machine\"";
    let user = "state = \"/user\"";
    let all = layers(&[vendor, machine, user], &[("ODDSOCK_GEO", "/a:/b"), ("ODDSOCK_COLOR", "")]);
    check(&all, "learn", "state", "/user from \"/2.toml\":1");
    check(&all, "learn", "jobs", "2 from \"/1.toml\":1");
    check(&all, "replay", "color", "never from \"/0.toml\":1");
    check(&all, "replay", "geo", "/a|/b from ODDSOCK_GEO");
    let all = layers(&[vendor, user], &[("ODDSOCK_STATE", "mine"), ("ODDSOCK_JOBS", "3")]);
    check(&all, "learn", "state", "mine from ODDSOCK_STATE");
    check(&all, "learn", "jobs", "3 from ODDSOCK_JOBS");
    check(&all, "learn", "rules", "");
}

#[test]
fn what_is_said_for_one_command_counts_more_than_what_is_said_beside_it_for_all() {
    let mixed = "[replay]\njobs = 3\n[learn]\nstate = \"/learn\"";
    let all = layers(&[&format!("jobs = 2\n{mixed}")], &[]);
    check(&all, "replay", "jobs", "3 from \"/0.toml\":3");
    check(&all, "connections", "jobs", "2 from \"/0.toml\":1");
    // The nearest neighbour: said for all, but in a layer with more force.
    let all = layers(&[mixed, "jobs = 2"], &[]);
    check(&all, "replay", "jobs", "2 from \"/1.toml\":1");
    let variables = [("ODDSOCK_REPLAY_JOBS", "5"), ("ODDSOCK_JOBS", "4")];
    let all = layers(&[mixed], &variables);
    check(&all, "replay", "jobs", "5 from ODDSOCK_REPLAY_JOBS");
    check(&all, "learn", "jobs", "4 from ODDSOCK_JOBS");
}

#[test]
fn replay_goes_on_from_a_state_only_if_that_is_said_of_replay() {
    let all = layers(&["state = \"/s\""], &[]);
    check(&all, "learn", "state", "/s from \"/0.toml\":1");
    check(&all, "history", "state", "/s from \"/0.toml\":1");
    check(&all, "replay", "state", "");
    let all = layers(&["state = \"/s\"\n[replay]\nstate = \"/r\""], &[]);
    check(&all, "replay", "state", "/r from \"/0.toml\":3");
}

#[test]
fn a_variable_is_refused_by_its_name() {
    let program = crate::cli::command();
    let variable = |name: &str| (name == "ODDSOCK_JOBS").then(|| "many".into());
    let wrong = Layers::default().add_environment(variable, &program).unwrap_err();
    assert!(wrong.starts_with("ODDSOCK_JOBS: \"many\" is no value of jobs: "), "{wrong}");
}

#[test]
fn root_trusts_files_of_root_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("oddsock.toml");
    fs::write(&path, "jobs = 2").expect("a file");
    let is_ours = fs::metadata(&path).expect("a file").uid() == 0;
    let mode = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        (look(&path, true).expect("a file"), look(&path, false).expect("a file"))
    };
    for writable in [0o664, 0o646] {
        let (for_root, for_others) = mode(writable);
        assert!(matches!(for_root, Looked::Refused(why) if why.contains("must belong to root")));
        assert!(matches!(for_others, Looked::Found(_)));
    }
    let (for_root, _) = mode(0o644);
    assert_eq!(matches!(for_root, Looked::Found(_)), is_ours);
    if is_ours {
        std::os::unix::fs::chown(&path, Some(12345), None).expect("another owner");
        assert!(matches!(look(&path, true), Ok(Looked::Refused(_))));
    }
}

#[test]
fn what_is_no_file_is_an_error_and_what_is_not_there_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(look(folder.path(), false).is_err());
    assert!(matches!(look(&folder.path().join("none"), false), Ok(Looked::Absent)));
    let huge = folder.path().join("huge.toml");
    fs::write(&huge, vec![b'#'; LARGEST_FILE + 1]).expect("a file");
    assert!(look(&huge, false).unwrap_err().contains("larger than"));
}
