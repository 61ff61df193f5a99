use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::{env, fs, thread};

use super::*;

/// Names the folder in which the child that is confined tries everything.
const FOLDER: &str = "ODDSOCK_TEST_CONFINED";

fn told<T>(what: &str, done: std::io::Result<T>) {
    let done = done.map(drop).map_err(|error| error.raw_os_error().unwrap_or(-1));
    println!("{what} {}", done.map_or_else(|error| format!("{error}"), |()| "ok".to_owned()));
}

/// What the child does: it locks itself in, and tries.
fn child(folder: &Path) {
    let port: u16 = env::var("PORT").unwrap().parse().unwrap();
    let is_networking = env::var("NETWORK").is_ok();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!();
    let unable = confine(&Allowed {
        read: vec![folder.join("log")],
        write: vec![folder.join("state")],
        ports: if is_networking { vec![port] } else { vec![] },
    });
    unable.iter().for_each(|sentence| println!("unable {sentence}"));
    told("read-log", fs::read(folder.join("log/audit.log")));
    fs::rename(folder.join("state/x"), folder.join("state/y")).unwrap();
    told("read-rotated", fs::read(folder.join("state/y")));
    told("list-log", fs::read_dir(folder.join("log")));
    told("write-log", fs::write(folder.join("log/new"), "x"));
    told("write-state", fs::write(folder.join("state/new"), "x"));
    told("truncate-state", fs::write(folder.join("state/new"), ""));
    told("remove-state", fs::remove_file(folder.join("state/new")));
    told("read-secret", fs::read(folder.join("secret")));
    told("read-passwd", fs::read("/etc/passwd"));
    told("read-zone", fs::read("/usr/share/zoneinfo/UTC"));
    told("escape", fs::rename(folder.join("state/y"), folder.join("log/y")));
    told("exec", Command::new("/bin/true").spawn());
    told("connect", TcpStream::connect(("127.0.0.1", port)));
    told("connect-other", TcpStream::connect(listener.local_addr().unwrap()));
    told("udp", UdpSocket::bind("127.0.0.1:0"));
    told("unix", UnixDatagram::unbound());
    told("thread", thread::Builder::new().spawn(|| {}).map(|thread| thread.join().unwrap()));
    told("exec-in-thread", thread::spawn(|| Command::new("/bin/true").spawn()).join().unwrap());
    told("late-log", fs::read(folder.join("log/late")));
    let _ = std::io::stdout().flush();
}

/// What the child could do, and what not, when it was confined.
fn tried(is_networking: bool) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["log", "state"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for name in ["log/audit.log", "secret", "state/x", "log/late"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "service::confine::tests::what_is_not_needed_cannot_be_reached"]);
    child.args(["--nocapture", "--test-threads=1"]).env(FOLDER, folder.path());
    child.env("PORT", listener.local_addr().unwrap().port().to_string());
    if is_networking {
        child.env("NETWORK", "1");
    }
    let said = child.output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let lines = said.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(what, done)| (what.to_owned(), done.to_owned())).collect()
}

#[test]
fn what_is_not_needed_cannot_be_reached() {
    if let Some(folder) = env::var_os(FOLDER) {
        return child(Path::new(&folder));
    }
    for is_networking in [false, true] {
        let tried = tried(is_networking);
        let done = |what: &str| {
            let found = tried.iter().find(|(name, _)| name == what);
            found.unwrap_or_else(|| panic!("{what}: {tried:?}")).1.clone()
        };
        let unable: Vec<_> = tried.iter().filter(|(what, _)| what == "unable").collect();
        for needed in [
            "read-log",
            "read-rotated",
            "list-log",
            "write-state",
            "truncate-state",
            "remove-state",
            "unix",
            "thread",
            "late-log",
        ] {
            assert_eq!(done(needed), "ok", "{needed}: {tried:?}");
        }
        let (eperm, eacces) = (libc::EPERM.to_string(), libc::EACCES.to_string());
        if !unable.iter().any(|(_, why)| why.contains("calls")) {
            for denied in ["exec", "exec-in-thread"] {
                assert_eq!(done(denied), eperm, "{denied}");
            }
            let network = if is_networking { "ok".to_owned() } else { eperm };
            assert_eq!((done("connect"), done("udp")), (network.clone(), network));
        }
        if unable.is_empty() {
            for denied in ["write-log", "read-secret"] {
                assert_eq!(done(denied), eacces, "{denied}");
            }
            assert_ne!(done("escape"), "ok");
            assert_ne!(done("connect-other"), "ok");
            // Who may not read secrets anyway gets all of /etc, so that names go on being found.
            if !is_networking || File::open(SECRET).is_ok() {
                assert_eq!(done("read-passwd"), eacces);
            }
        } else {
            println!("left out: {unable:?}");
        }
    }
}
