//! Waiting until there is something to do: lines that come, a signal, or room in an output.

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::outputs::Connections;
use super::signals::Signals;
use super::watch::Watch;

/// How long is waited where something is open, and where nothing is, in milliseconds.
const SOON: u64 = 20;
const LATER: u64 = 1_000;

impl Watch<'_> {
    /// Waits until there is something to do.
    pub(super) fn wait(&mut self, has_more: bool, signals: &Signals) {
        if has_more {
            return;
        }
        let is_soon = self.live.is_waiting();
        let millis = if is_soon { SOON } else { LATER };
        let mut fds = vec![PollFd::new(signals, PollFlags::IN)];
        let wakes = self.source.wakes();
        // While something is open, what comes is collected for a moment.
        if let Some(wakes) = &wakes
            && !is_soon
        {
            fds.push(PollFd::new(wakes, PollFlags::IN));
        }
        let stdout = rustix::stdio::stdout();
        if self.outlet.is_full() {
            fds.push(PollFd::from_borrowed_fd(stdout, PollFlags::OUT));
        }
        let full = self.connections.as_ref().and_then(Connections::full);
        fds.extend(full.map(|file| PollFd::new(file, PollFlags::OUT)));
        let nanos = millis as i64 % 1000 * 1_000_000;
        let time = Timespec { tv_sec: (millis / 1000) as i64, tv_nsec: nanos };
        let _ = poll(&mut fds, Some(&time));
        drop(fds);
        signals.clear();
        self.source.clear();
    }
}
