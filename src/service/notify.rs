//! What the service manager is told, by sd_notify(3)'s protocol: a datagram of lines to a socket
//! that it names in the environment.
//!
//! Whoever was not started by a service manager tells nobody, and need not know.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// How long a manager that does not listen is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to the service manager, if there is one.
#[derive(Debug, Default)]
pub struct Notify {
    socket: Option<UnixDatagram>,
    /// How often a sign of progress is to be given, in milliseconds.
    every: Option<u64>,
    /// When the last was given.
    last: Option<u64>,
    status: String,
}

impl Notify {
    /// The manager that `NOTIFY_SOCKET` and `WATCHDOG_USEC` speak of, if the latter is meant for
    /// the process that `WATCHDOG_PID` names.
    ///
    /// # Errors
    ///
    /// If there is no way to the socket, in a sentence.
    pub fn new(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<Notify, String> {
        let Some(name) = variable("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
            return Ok(Notify::default());
        };
        let socket = connected(&name);
        let socket =
            socket.map_err(|error| format!("cannot tell the service manager: {error}."))?;
        let number = |name| variable(name).and_then(|text| text.to_str()?.parse::<u64>().ok());
        let own = u64::from(std::process::id());
        let is_meant = number("WATCHDOG_PID").is_none_or(|process| process == own);
        // A quarter of it, so that three in a row may come late.
        let every = number("WATCHDOG_USEC").filter(|micros| is_meant && *micros > 0);
        let every = every.map(|micros| (micros / 4000).max(1));
        Ok(Notify { socket: Some(socket), every, last: None, status: String::new() })
    }

    /// The service does what it is for, from now on or again.
    pub fn ready(&mut self, status: &str) {
        self.status.clear();
        self.tell(&format!("READY=1\n{}", status_line(status)));
    }

    /// What `systemctl status` shows; it is told when it has changed.
    pub fn status(&mut self, status: &str) {
        if self.status != status {
            self.tell(&status_line(status));
            status.clone_into(&mut self.status);
        }
    }

    /// It reads its files again; [`Notify::ready`] follows.
    pub fn reloading(&self) {
        self.tell("RELOADING=1\n");
    }

    /// It is about to end.
    pub fn stopping(&self, status: &str) {
        self.tell(&format!("STOPPING=1\n{}", status_line(status)));
    }

    /// Feeds the watchdog. Only what does the work may call this, when it has come round once more:
    /// a timer or a thread beside it would keep a service alive that does nothing.
    pub fn progress(&mut self, now: u64) {
        let Some(every) = self.every else { return };
        // A clock that was set back is no reason to starve it.
        if self.last.is_none_or(|last| now < last || now - last >= every) {
            self.tell("WATCHDOG=1\n");
            self.last = Some(now);
        }
    }

    fn tell(&self, text: &str) {
        if let Some(socket) = &self.socket {
            // A manager that cannot be told will notice; there is nobody else to tell.
            let _ = socket.send(text.as_bytes());
        }
    }
}

/// The name may be of a file, or after an `@` one of the kernel's own.
fn connected(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    match name.as_bytes() {
        [b'@', name @ ..] => socket.connect_addr(&SocketAddr::from_abstract_name(name)?)?,
        _ => socket.connect(name)?,
    }
    Ok(socket)
}

/// One line, whatever is in it.
fn status_line(status: &str) -> String {
    let line: String = status.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("STATUS={line}\n")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn heard(manager: &UnixDatagram) -> Vec<String> {
        manager.set_nonblocking(true).unwrap();
        let mut heard = Vec::new();
        let mut text = [0; 1000];
        while let Ok(length) = manager.recv(&mut text) {
            heard.push(String::from_utf8(text[..length].to_vec()).unwrap());
        }
        heard
    }

    fn notify(name: &OsStr, others: &[(&str, &str)]) -> Notify {
        let variable = |asked: &str| match asked {
            "NOTIFY_SOCKET" => Some(name.to_owned()),
            _ => others.iter().find(|(name, _)| *name == asked).map(|(_, value)| value.into()),
        };
        Notify::new(variable).unwrap()
    }

    #[test]
    fn the_manager_is_told_at_a_path_or_at_a_name_of_the_kernel() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("oddsock-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        for (manager, name) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (
                UnixDatagram::bind_addr(&address).unwrap(),
                OsString::from(format!("@{abstract_name}")),
            ),
        ] {
            let mut notify = notify(&name, &[]);
            notify.ready("follows\nx");
            notify.status("one");
            notify.status("one");
            notify.reloading();
            notify.progress(1);
            notify.stopping("bye");
            assert_eq!(
                heard(&manager),
                [
                    "READY=1\nSTATUS=follows x\n",
                    "STATUS=one\n",
                    "RELOADING=1\n",
                    "STOPPING=1\nSTATUS=bye\n"
                ]
            );
        }
    }

    #[test]
    fn the_watchdog_is_fed_by_progress_and_not_more_often_than_it_eats() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let own = std::process::id().to_string();
        let hungry = [("WATCHDOG_USEC", "40000000"), ("WATCHDOG_PID", &*own)];
        let mut notify = notify(path.as_os_str(), &hungry);
        for now in [0, 1, 9_999, 10_000, 15_000, 20_000] {
            notify.progress(now);
        }
        assert_eq!(heard(&manager).len(), 3);
        notify.progress(5);
        assert_eq!(heard(&manager), ["WATCHDOG=1\n"], "the clock was set back");
        for others in [("WATCHDOG_PID", "1"), ("WATCHDOG_USEC", "x"), ("WATCHDOG_USEC", "0")] {
            let mut notify = self::notify(path.as_os_str(), &[others, hungry[0]]);
            notify.progress(1);
            assert!(heard(&manager).is_empty(), "{others:?}");
        }
    }

    #[test]
    fn without_a_manager_nobody_is_told_and_one_that_is_gone_is_said() {
        let mut nobody = Notify::new(|_| None).unwrap();
        nobody.ready("");
        nobody.progress(1);
        let gone = Notify::new(|name| (name == "NOTIFY_SOCKET").then(|| "/not/there".into()));
        assert!(gone.unwrap_err().starts_with("cannot tell the service manager: "));
    }
}
