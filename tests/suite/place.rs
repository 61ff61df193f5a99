//! A place to run the program in, and what it said there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::scene::log;

/// Two connections and a call that is none.
pub const SCENE: &str = "
    @web1 09:00:00.100#7 SYSCALL connect /usr/bin/curl exit=-115 key=\"out\"
    @web1 #7 SOCKADDR 192.0.2.7:443
    @web1 09:00:00.200#8 SYSCALL read /usr/bin/cat
    @db1  10:00:00.300#9 SYSCALL accept4 /sbin/sshd pid=700 uid=0 auid=4294967295 exit=5 key=\"in\"
    @db1  #9 SOCKADDR [2001:db8::9]:50000
    @db1  10:00:00.400#10 SYSCALL connect /usr/bin/psql exit=-2 key=\"out\"
    @db1  #10 SOCKADDR /run/pg.sock
";

/// A folder of its own, in which the program is run.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A place with a log of the usual scene.
    pub fn with_scene() -> Place {
        let place = Place::new();
        place.write("audit.log", &log(SCENE));
        place
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The program with these arguments, where whoever runs the tests has set nothing.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("TZ", "UTC").env("XDG_CONFIG_HOME", self.folder.path().join("home"));
        command.env_remove("NO_COLOR");
        command
    }

    /// What the program says to these arguments.
    pub fn oddsock(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.program(arguments).output().expect("it runs"))
    }

    /// The command that most tests are about, `connections`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.program(&[&["connections"], arguments].concat())
    }

    /// What `connections` says.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("it runs"))
    }

    /// The serials of the connections that these arguments show.
    #[track_caller]
    pub fn shows(&self, arguments: &[&str], serials: &[u64]) {
        let ran = self.run(&[&["audit.log", "--format", "ndjson"], arguments].concat());
        let status = i32::from(serials.is_empty());
        assert_eq!(ran.serials(), serials, "{arguments:?}: {}", ran.err);
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.err);
    }
}

/// What a run ended with.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: &Output) -> Ran {
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr.clone()).expect("UTF-8 on standard error"),
        }
    }

    pub fn documents(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    pub fn serials(&self) -> Vec<u64> {
        let documents = self.documents();
        documents.iter().map(|event| event["event.sequence"].as_u64().expect("a serial")).collect()
    }
}
