//! Writing without standing still: to whoever reads a pipe only while there is room in it.
//!
//! A descriptor and bytes come in; how many could be written goes out, and why no more. What the
//! bytes are is not known here.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// What fits into a pipe that has any room, in bytes.
const PIPE_BUF: usize = libc::PIPE_BUF;
/// How long is waited before what could not be written is tried again, in milliseconds.
const RETRY: u64 = 1_000;

/// How writing to something went when that was tried last.
#[derive(Default)]
pub struct Spout {
    pub is_file: bool,
    is_full: bool,
    is_failing: bool,
    next_try: u64,
}

/// What became of bytes.
#[derive(Debug)]
pub enum Poured {
    All,
    /// The rest has to wait.
    Some,
    /// The rest could not be written, and whether the one before could.
    Failed(io::Error, bool),
}

impl Spout {
    /// One that has not been tried.
    pub fn new(is_file: bool) -> Spout {
        Spout { is_file, ..Spout::default() }
    }

    /// Writes as many of the bytes as can be written now; how many they were. A file takes any
    /// number, anything else so many at least as are promised to fit.
    pub fn pour(&mut self, to: BorrowedFd<'_>, bytes: &[u8], now: u64) -> (usize, Poured) {
        self.is_full = false;
        if now < self.next_try {
            return (0, Poured::Some);
        }
        let mut written = 0;
        while written < bytes.len() {
            let rest = &bytes[written..];
            let piece = if self.is_file { rest } else { &rest[..rest.len().min(PIPE_BUF)] };
            let is_room = self.is_file || has_room(to);
            match if is_room { rustix::io::write(to, piece) } else { Err(Errno::AGAIN) } {
                Ok(count) => written += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.is_full = true;
                    return (written, Poured::Some);
                }
                Err(error) => {
                    self.next_try = now + RETRY;
                    let is_new = !std::mem::replace(&mut self.is_failing, true);
                    return (written, Poured::Failed(error.into(), is_new));
                }
            }
        }
        (written, Poured::All)
    }

    /// All is written that there was; whether that could not be before.
    pub fn is_done(&mut self) -> bool {
        std::mem::take(&mut self.is_failing)
    }

    /// Whether it could not be written to when that was tried last.
    pub fn is_failing(&self) -> bool {
        self.is_failing
    }

    /// Whether whoever reads has to read before more can be written.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

/// Whether something can be written at once, if only to hear that nobody reads any more.
fn has_room(to: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(to, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&at_once)).is_ok_and(|count| count > 0)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::AsFd as _;

    use super::*;

    #[test]
    fn a_pipe_gets_what_has_room_in_it_and_the_rest_when_somebody_has_read() {
        let (mut reader, writer) = io::pipe().unwrap();
        let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        let (mut spout, mut written, mut read) = (Spout::new(false), 0, Vec::new());
        while read.len() < bytes.len() {
            let (count, poured) = spout.pour(writer.as_fd(), &bytes[written..], 0);
            written += count;
            assert_eq!(spout.is_full(), written < bytes.len(), "{poured:?}");
            let mut piece = vec![0; written - read.len()];
            reader.read_exact(&mut piece).unwrap();
            read.extend(piece);
        }
        assert!(read == bytes);
        drop(reader);
        let is_told = |poured: (usize, Poured), news: bool| match poured {
            (0, Poured::Failed(error, is_new)) => {
                is_new == news && error.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        };
        assert!(is_told(spout.pour(writer.as_fd(), &bytes, 0), true));
        // It is tried again after a while, and what is known is no news.
        assert!(matches!(spout.pour(writer.as_fd(), &bytes, RETRY - 1), (0, Poured::Some)));
        assert!(is_told(spout.pour(writer.as_fd(), &bytes, RETRY), false));
    }
}
