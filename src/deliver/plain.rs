//! A datagram socket of this machine that some daemon listens on, or will.
//!
//! Messages go in one by one. The daemon may be restarted at any time, so a socket that fails is
//! made anew once before that is called a failure; and it may be slow, so nothing waits for long.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a daemon that does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way to a daemon.
#[derive(Debug)]
pub struct Plain {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Plain {
    /// The socket of that name, which need not be there yet.
    pub fn new(path: &Path) -> Plain {
        Plain { path: path.to_owned(), socket: None }
    }

    /// Calls with a socket that is connected; a second time if the daemon seems to be a new one.
    pub fn with(
        &mut self,
        send: &mut dyn FnMut(&UnixDatagram) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(socket) = &self.socket {
            match send(socket) {
                Err(error) if is_gone(&error) => self.socket = None,
                done => return done,
            }
        }
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.connect(&self.path)?;
        let done = send(&socket);
        self.socket = Some(socket);
        done
    }

    /// What went wrong, in words.
    pub fn told(&self, error: &io::Error) -> String {
        let path = crate::quoted::Quoted(&self.path);
        match error.kind() {
            io::ErrorKind::WouldBlock => format!("whoever listens at {path} does not read"),
            io::ErrorKind::NotFound => format!("nobody listens: there is no {path}"),
            io::ErrorKind::ConnectionRefused => format!("nobody listens at {path}"),
            _ => format!("{path}: {error}"),
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotConnected};
    matches!(error.kind(), BrokenPipe | ConnectionRefused | ConnectionReset | NotConnected)
}
