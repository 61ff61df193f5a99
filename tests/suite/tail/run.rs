//! A run of `oddsock tail` in a folder, and what the runs there have written.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use oddsock::store::Store;
use serde_json::Value;

/// Which alerts are shown: as many as there can be.
pub const SHOWN: [&str; 4] = ["--provisional", "--expected", "--min-score", "1"];

/// Who is told besides standard output.
pub const TOLD: [&str; 2] = ["--to-file", "others"];

/// A folder with a log, in which the program is run.
pub struct Folder {
    pub folder: tempfile::TempDir,
}

/// A run that goes on.
pub struct Run {
    pub child: Child,
}

impl Folder {
    pub fn new() -> Folder {
        Folder { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TZ", "UTC").env_remove("STATE_DIRECTORY").stdin(Stdio::null());
        command
    }

    pub fn appending(&self, name: &str) -> File {
        OpenOptions::new().append(true).create(true).open(self.path(name)).expect("a file")
    }

    /// Begins a run; alerts are added to the file `alerts`, what is said to `said`.
    pub fn tail(&self, arguments: &[&str]) -> Run {
        self.tail_into(self.appending("alerts"), arguments)
    }

    /// The same with the alerts going elsewhere.
    pub fn tail_into(&self, alerts: File, arguments: &[&str]) -> Run {
        let mut command = self.command(&["tail", "audit.log"]);
        if !arguments.contains(&"--state") {
            command.args(["--state", "state"]);
        }
        command.args(["--connections", "connections", "--format", "ndjson"]).args(SHOWN);
        command.args(arguments);
        command.stdout(alerts).stderr(self.appending("said"));
        Run { child: command.spawn().expect("it runs") }
    }

    pub fn append(&self, bytes: &[u8]) {
        self.appending("audit.log").write_all(bytes).expect("it is written");
    }

    /// As auditd does it.
    pub fn rotate(&self) {
        for number in (1..99).rev() {
            let [from, to] = [number, number + 1].map(|n| self.path(&format!("audit.log.{n}")));
            let _ = fs::rename(from, to);
        }
        fs::rename(self.path("audit.log"), self.path("audit.log.1")).expect("it is renamed");
        File::create(self.path("audit.log")).expect("a file");
    }

    /// The names of all files of the log.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.file_name().is_some_and(|n| named(n.to_str())))
            .collect();
        files.sort();
        files.iter().map(|file| PathBuf::from(file.file_name().expect("a name"))).collect()
    }

    /// What a command prints that reads all files.
    pub fn replayed(&self, command: &str) -> String {
        let mut command = self.command(&[command, "--format", "ndjson"]);
        if command.get_args().next().is_some_and(|name| name == "replay") {
            command.args(SHOWN);
        }
        let output = command.args(self.files()).output().expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What the account of all files says: events, gaps, serials missing and partial events.
    pub fn account(&self) -> [Option<u64>; 4] {
        let output = self.command(&["connections", "--count"]).args(self.files()).output();
        let said = String::from_utf8(output.expect("it runs").stderr).expect("UTF-8");
        ["events ", "gaps ", " (", "partial "].map(|before| {
            let (_, rest) = said.split_once(before)?;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        })
    }

    /// The same as it was counted while the log was followed.
    pub fn counted(&self) -> [Option<u64>; 4] {
        ["events", "gaps in serials", "serials missing", "partial events"]
            .map(|words| self.status(words))
    }

    /// A number that `oddsock status` shows, by its words.
    pub fn status(&self, words: &str) -> Option<u64> {
        let output = self.command(&["status", "--state", "state"]).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines().find_map(|line| line.strip_prefix(words))?.trim().parse().ok()
    }

    /// Lets a run read to the end of the log, and holds everything that was written, ever, against
    /// what a replay of all files tells: each connection and each alert once. How many there are.
    pub fn everything_once(&self, run: Run) -> (usize, usize) {
        let expected = self.replayed("connections");
        self.wait("all connections", |path| {
            fs::read(path.join("connections")).is_ok_and(|text| text.len() >= expected.len())
        });
        let judged = alerts(&self.replayed("replay"));
        for name in ["alerts", TOLD[1]] {
            self.wait("all alerts", |path| {
                fs::read_to_string(path.join(name)).is_ok_and(|t| t.lines().count() >= judged.len())
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(run.end(), 0, "{}", self.text("said"));
        let connections = self.text("connections");
        for (ours, all) in connections.lines().zip(expected.lines()) {
            assert_eq!(ours, all);
        }
        assert_eq!(connections.len(), expected.len());
        let told = alerts(&self.text("alerts"));
        let ids = |alerts: &[(String, Value)]| {
            alerts.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&told), ids(&judged));
        for (ours, all) in told.iter().zip(&judged) {
            assert_eq!(ours.1, all.1);
        }
        let others = alerts(&self.text(TOLD[1]));
        assert!(others == judged, "others are told of each once as well");
        // An event whose end came later than it was waited for is partial here alone.
        assert_eq!(self.counted()[..3], self.account()[..3]);
        (connections.lines().count(), judged.len())
    }

    /// How many buckets had not been judged when something was read and saved last.
    pub fn unjudged(&self) -> Option<usize> {
        let store = Store::read(&self.path("state")).ok()?;
        let mark = store.bookmark(store.logs().ok()?.first()?).ok()??;
        (!mark.files.is_empty()).then_some(mark.unjudged.len())
    }

    /// Waits until something holds; much longer than it should take, for machines are busy.
    pub fn wait(&self, what: &str, holds: impl Fn(&Path) -> bool) {
        const MOST: Duration = Duration::from_secs(90);
        let began = Instant::now();
        while !holds(self.folder.path()) {
            assert!(began.elapsed() < MOST, "{what}: {}", self.text("said"));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn named(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.starts_with("audit.log"))
}

impl Run {
    /// Ends it as nothing else can.
    pub fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ended");
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill").success());
    }

    /// Asks it to end; its exit status.
    pub fn end(mut self) -> i32 {
        self.signal("TERM");
        let status = self.child.wait().expect("it ended");
        assert_eq!(status.signal(), None);
        status.code().expect("a status")
    }
}

impl Drop for Run {
    /// None goes on when a test has failed.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file system that is full when it should be; nothing where this user may not make one.
pub struct Small(pub PathBuf);

impl Small {
    pub fn at(path: PathBuf) -> Option<Small> {
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=16m", "small"]).arg(&path);
        let is_there = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !is_there {
            eprintln!("left out: only root may mount a small file system");
        }
        is_there.then_some(Small(path))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

impl Small {
    /// Leaves no room on it, also where a save goes on, which gives room back as it fails.
    pub fn fill(&self) {
        let mut filler = File::create(self.0.join("filler")).expect("a file");
        let mut last = Instant::now();
        while last.elapsed() < Duration::from_secs(1) {
            // A page, so that it is written or not.
            match filler.write_all(&[0; 4096]) {
                Ok(()) => last = Instant::now(),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Gives the room back.
    pub fn clear(&self) {
        fs::remove_file(self.0.join("filler")).expect("the filler was there");
    }
}

/// The alerts in some text, by their ids.
pub fn alerts(text: &str) -> Vec<(String, Value)> {
    let alert = |line: &str| {
        let alert: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        (
            alert["event.id"]
                .as_str()
                .or(alert["kibana.alert.uuid"].as_str())
                .unwrap_or_default()
                .to_string(),
            alert,
        )
    };
    let mut alerts: Vec<(String, Value)> = text.lines().map(alert).collect();
    alerts.sort_by(|a, b| a.0.cmp(&b.0));
    alerts
}
