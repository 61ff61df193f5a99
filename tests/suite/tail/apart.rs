//! What is written has files of its own: nothing is put in the place of the log, into the state or
//! where something else is written.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::days;
use super::run::{Folder, Run};

/// The outcome of a start that is to be refused.
fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
    told(command.args(arguments))
}

/// What a command says that refuses to begin.
fn told(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{command:?}: {said}");
    said
}

/// Makes sure that a command begins, whose standard error is the file `said`.
fn begins(folder: &Folder, command: &mut Command) {
    for left in ["state", "said"] {
        let _ = fs::remove_file(folder.path(left));
    }
    command.stderr(folder.appending("said"));
    goes_on(folder, command);
}

fn goes_on(folder: &Folder, command: &mut Command) {
    let run = Run { child: command.spawn().unwrap() };
    folder.wait(&format!("{command:?}"), |_| folder.text("said").contains("the state is"));
    assert_eq!(run.end(), 0, "{command:?}");
}

#[test]
fn no_output_is_put_where_the_log_the_state_or_the_settings_are() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    fs::write(folder.path("rules.toml"), "[rule]\nname = \"Mine\"\n").unwrap();
    symlink("audit.log", folder.path("link")).unwrap();
    fs::hard_link(folder.path("audit.log"), folder.path("hard")).unwrap();
    let of_the_log = ["audit.log", "./audit.log", "link", "hard", "audit.log.1", "audit.log.2.gz"];
    let of_the_state = ["state", "state-journal", "state-lock"];
    for option in ["--connections", "--to-file", "--metrics"] {
        for path in of_the_log {
            let said = refused(&folder, &[option, path]);
            assert!(said.contains(&format!("{option} and the log are one file")), "{said}");
        }
        for path in of_the_state {
            let said = refused(&folder, &[option, path]);
            assert!(said.contains(&format!("{option} and the state are one file")), "{said}");
        }
        let said = refused(&folder, &[option, "rules.toml", "--rules", "rules.toml"]);
        assert!(said.contains("a file of rules or exceptions"), "{said}");
    }
    assert_eq!(folder.text("audit.log"), log);
    assert!(!folder.path("state").exists(), "a refusal makes no file");
}

#[test]
fn no_two_outputs_are_one_file_and_standard_output_is_one_of_them() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    let said = refused(&folder, &["--connections", "one", "--to-file", "./one"]);
    assert!(said.contains("--to-file and --connections are one file, \"./one\""), "{said}");
    let said = refused(&folder, &["--to-file", "one", "--metrics", "one"]);
    assert!(said.contains("--metrics and --to-file are one file"), "{said}");
    assert!(!folder.path("one").exists());
    for (option, path) in [("--connections", "shown"), ("the log", "audit.log")] {
        let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
        command.args((option != "the log").then_some([option, path]).into_iter().flatten());
        let shown = fs::OpenOptions::new().append(true).create(true).open(folder.path(path));
        let Output { status, stderr, .. } = command.stdout(shown.unwrap()).output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.contains("standard output") && said.contains(option), "{said}");
    }
    assert_eq!(folder.text("audit.log"), log);
}

#[test]
fn what_is_no_file_may_be_shared_and_names_that_are_alike_are_not_the_same() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    let names = ["/dev/null", "audit.log.json", "audit.log.bak", "audit.logs", "states", "state.1"];
    for connections in names {
        let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
        command.args(["--connections", connections]).stdout(Stdio::null());
        begins(&folder, &mut command);
    }
    // Both streams may go to one file, and a descriptor that a shell has opened is a file too.
    let streams = folder.appending("said");
    let mut command = folder.command(&["tail", "audit.log", "--state", "both"]);
    command.stderr(streams.try_clone().unwrap()).stdout(streams);
    fs::write(folder.path("said"), "").unwrap();
    goes_on(&folder, &mut command);
    let mut shell = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_oddsock");
    let script = "mkfifo fifo; exec \"$0\" tail audit.log --state state --to-file alerts \
                  --connections /dev/fd/5 5>others <>fifo >fifo";
    shell.args(["-c", script, program]).current_dir(folder.folder.path());
    begins(&folder, &mut shell);
}

#[test]
fn nothing_that_is_written_becomes_a_rule_an_exception_or_a_setting() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    for made in ["r", "home/oddsock"] {
        fs::create_dir_all(folder.path(made)).unwrap();
    }
    fs::write(folder.path("r/mine.toml"), "[rule]\nname = \"Mine\"\n").unwrap();
    fs::hard_link(folder.path("r/mine.toml"), folder.path("hard")).unwrap();
    symlink("r/later.toml", folder.path("link")).unwrap();
    symlink("../outside", folder.path("r/linked.toml")).unwrap();
    for option in ["--connections", "--to-file", "--metrics", "--state"] {
        for path in ["r/own.toml", "hard", "link", "r/linked.toml", "outside"] {
            let mut command = folder.command(&["tail", "audit.log", "--rules", "r", option, path]);
            if option != "--state" {
                command.args(["--state", "state"]);
            }
            let said = told(&mut command);
            assert!(said.contains("a file of rules or exceptions are one file"), "{said}");
        }
    }
    let of_the_user = |name: &str| {
        let mut command = folder.command(&["tail", "audit.log", "--state", "state", "--to-file"]);
        told(command.arg(name).env("XDG_CONFIG_HOME", folder.path("home")))
    };
    let said = of_the_user("home/oddsock/exceptions.toml");
    assert!(said.contains("--to-file and a file of rules or exceptions are one file"), "{said}");
    for path in ["home/oddsock/oddsock.toml", "/etc/oddsock/oddsock.toml"] {
        let said = of_the_user(path);
        assert!(said.contains("--to-file and a file of settings are one file"), "{said}");
    }
    fs::remove_file(folder.path("r/mine.toml")).unwrap();
    fs::remove_file(folder.path("r/linked.toml")).unwrap();
    let beside = ["--connections", "r/own.json", "--to-file", "alerts.toml"];
    let mut command = folder.command(&["tail", "audit.log", "--state", "state", "--rules", "r"]);
    begins(&folder, command.args(beside).stdout(Stdio::null()));
}

#[test]
fn files_that_an_option_has_read_are_not_written_to() {
    let folder = Folder::new();
    folder.append(days::log(2, 3).as_bytes());
    fs::write(folder.path("read"), "X-Key: 1\n").unwrap();
    for option in ["--post-header-file", "--post-ca", "--geo"] {
        let said = refused(&folder, &[option, "read", "--metrics", "read"]);
        assert!(said.contains(&format!("--metrics and {option} are one file")), "{said}");
    }
    assert_eq!(folder.text("read"), "X-Key: 1\n");
}

#[test]
fn the_state_is_none_of_the_files_of_the_log_and_what_metrics_write_first_is_no_other_file() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    for state in ["audit.log", "audit.log.2", "audit.log.1.gz"] {
        let said = told(&mut folder.command(&["tail", "audit.log", "--state", state]));
        assert!(said.contains("the state and the log are one file"), "{said}");
    }
    fs::rename(folder.path("audit.log"), folder.path("live.new")).unwrap();
    let run = ["tail", "live.new", "--state", "state", "--metrics", "live"];
    let said = told(&mut folder.command(&run));
    assert!(said.contains("the .new file of --metrics and the log are one file"), "{said}");
    assert_eq!(folder.text("live.new"), log);
    let said = refused(&folder, &["--connections", "c.new", "--metrics", "c"]);
    assert!(said.contains("the .new file of --metrics and --connections are one file"), "{said}");
}

#[test]
fn a_log_is_known_behind_a_link_that_leads_nowhere_yet_and_where_its_folder_is_mounted_again() {
    let folder = Folder::new();
    for made in ["log", "again"] {
        fs::create_dir(folder.path(made)).unwrap();
    }
    symlink("log/audit.log", folder.path("later")).unwrap();
    symlink("later", folder.path("even later")).unwrap();
    let refused = |path: &str| {
        let run = ["tail", "log/audit.log", "--state", "state", "--connections", path];
        let said = told(&mut folder.command(&run));
        assert!(said.contains("--connections and the log are one file"), "{path}: {said}");
    };
    refused("later");
    refused("even later");
    fs::write(folder.path("log/audit.log.1"), days::log(2, 3)).unwrap();
    fs::hard_link(folder.path("log/audit.log.1"), folder.path("hard")).unwrap();
    refused("hard");
    symlink("log/audit.log.3", folder.path("rotated")).unwrap();
    refused("rotated");
    match Mounted::at(&folder.path("log"), folder.path("again")) {
        Some(_mounted) => refused("again/audit.log.2"),
        None => eprintln!("left out: nothing can be mounted here"),
    }
}

/// A folder that is at another place too.
struct Mounted(PathBuf);

impl Mounted {
    fn at(folder: &Path, path: PathBuf) -> Option<Mounted> {
        let mut mount = Command::new("mount");
        let mount = mount.arg("--bind").arg(folder).arg(&path).stderr(Stdio::null()).status();
        mount.is_ok_and(|status| status.success()).then_some(Mounted(path))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn neither_standard_error_nor_what_is_read_from_standard_input_is_the_file_of_something_else() {
    let folder = Folder::new();
    let log = days::log(2, 3);
    folder.append(log.as_bytes());
    let mut command = folder.command(&["tail", "audit.log", "--state", "state"]);
    let status = command.stderr(folder.appending("audit.log")).status().unwrap();
    assert_eq!(status.code(), Some(2));
    let said = folder.text("audit.log").split_off(log.len());
    assert!(said.contains("standard error and the log are one file"), "{said}");
    fs::write(folder.path("audit.log"), &log).unwrap();
    let run = ["tail", "-", "--state", "state", "--connections", "audit.log"];
    let mut command = folder.command(&run);
    let said = told(command.stdin(fs::File::open(folder.path("audit.log")).unwrap()));
    assert!(said.contains("--connections and standard input are one file"), "{said}");
    assert_eq!(folder.text("audit.log"), log);
    // Where a log is followed nothing is read from there.
    let run = ["tail", "audit.log", "--state", "state", "--connections", "others"];
    fs::write(folder.path("others"), "").unwrap();
    let mut command = folder.command(&run);
    command.stdin(fs::File::open(folder.path("others")).unwrap());
    begins(&folder, command.stdout(Stdio::null()));
}
