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
/// How much is written before somebody looks whether a signal has come.
const AT_ONCE: usize = 1 << 20;

/// Why no more was written.
#[derive(Debug)]
pub enum Stop {
    /// There was no more, or it was enough for now.
    Done,
    /// Whoever reads has to read first.
    Full,
    /// It could not be written.
    Failed(io::Error),
}

/// Writes as many of the bytes as can be written now; how many they were. A file takes any number,
/// anything else so many at least as are promised to fit.
pub fn pour(to: BorrowedFd<'_>, bytes: &[u8], is_file: bool) -> (usize, Stop) {
    let bytes = &bytes[..bytes.len().min(AT_ONCE)];
    let mut written = 0;
    while written < bytes.len() {
        let rest = &bytes[written..];
        let piece = if is_file { rest } else { &rest[..rest.len().min(PIPE_BUF)] };
        if !is_file && !has_room(to) {
            return (written, Stop::Full);
        }
        match rustix::io::write(to, piece) {
            Ok(count) => written += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return (written, Stop::Full),
            Err(error) => return (written, Stop::Failed(error.into())),
        }
    }
    (written, Stop::Done)
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
        let (mut written, mut read) = (0, Vec::new());
        while read.len() < bytes.len() {
            let (count, stop) = pour(writer.as_fd(), &bytes[written..], false);
            written += count;
            assert!(matches!(stop, Stop::Full) || written == bytes.len(), "{stop:?}");
            let mut piece = vec![0; written - read.len()];
            reader.read_exact(&mut piece).unwrap();
            read.extend(piece);
        }
        assert!(read == bytes);
        drop(reader);
        let (count, stop) = pour(writer.as_fd(), &bytes, false);
        assert!(
            count == 0 && matches!(stop, Stop::Failed(e) if e.kind() == io::ErrorKind::BrokenPipe)
        );
    }
}
