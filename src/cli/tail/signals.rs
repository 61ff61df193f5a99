//! What signals ask for: to end, to read the rules again, or to say how things stand.

use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::{flag, low_level};

/// What signals have asked for.
pub struct Signals {
    end: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
    status: Arc<AtomicBool>,
    wake: UnixStream,
    /// Whether standard output and standard error are terminals.
    terminals: [bool; 2],
}

/// Whether standard output and standard error are terminals that somebody sits at.
fn terminals() -> [bool; 2] {
    [io::stdout().is_terminal(), io::stderr().is_terminal()]
}

impl Signals {
    /// Hears of signals from now on.
    pub fn new() -> std::io::Result<Signals> {
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let [end, reload, status] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
        let signals = [(SIGTERM, &end), (SIGINT, &end), (SIGHUP, &reload), (SIGUSR1, &status)];
        for (signal, asked) in signals {
            flag::register(signal, Arc::clone(asked))?;
            low_level::pipe::register(signal, waker.try_clone()?)?;
        }
        Ok(Signals { end, reload, status, wake, terminals: terminals() })
    }

    /// Whether it is to end.
    pub fn end(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }

    /// Whether it is to read rules and exceptions again, since this was asked last. A terminal that
    /// is closed sends the same signal: then it is to end.
    pub fn reload(&self) -> bool {
        let is_asked = self.reload.swap(false, Ordering::Relaxed);
        let is_gone = |(was, is): (bool, bool)| was && !is;
        if is_asked && self.terminals.into_iter().zip(terminals()).any(is_gone) {
            self.end.store(true, Ordering::Relaxed);
            return false;
        }
        is_asked
    }

    /// Whether it is to say how things stand, since this was asked last.
    pub fn status(&self) -> bool {
        self.status.swap(false, Ordering::Relaxed)
    }

    /// Forgets what has woken it.
    pub fn clear(&self) {
        use std::io::Read as _;
        let mut bytes = [0; 64];
        while (&self.wake).read(&mut bytes).is_ok_and(|count| count > 0) {}
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
