//! Where the lines come from: a log that grows, standard input, or the socket of a plugin.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use memchr::memrchr;

use crate::access::{self, Wanted};
use crate::input::follow::{Follower, Portion, Position, Purpose, Wake};
use crate::input::{MAX_LINE, PIECE_SIZE};
use crate::quoted::Quoted;

/// How often something that is gone is tried again, in milliseconds.
const RETRY: u64 = 1000;

/// Where the lines come from.
pub enum Source {
    /// A log.
    Log(Box<Follower>, Option<Wake>),
    /// Standard input.
    Input(Stream),
    /// A socket that is connected to again when it breaks.
    Socket(PathBuf, Option<(UnixStream, Stream)>, u64),
}

/// What there is now.
pub enum Next {
    Lines(Portion),
    Nothing,
    /// There will never be more.
    End,
}

impl Source {
    /// The next lines.
    pub fn next(&mut self, now: u64) -> Result<Next, String> {
        let next = match self {
            Source::Log(follower, _) => follower.poll().map_or(Next::Nothing, Next::Lines),
            Source::Input(stream) => stream
                .next(io::stdin().as_fd())
                .map_err(|error| format!("cannot read standard input: {error}"))?,
            Source::Socket(path, open, retry) => socket(path, open, retry, now),
        };
        Ok(next)
    }

    /// What to wait on until there is more.
    pub fn wakes(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Source::Log(_, wake) => wake.as_ref().map(AsFd::as_fd),
            // As long as the program runs.
            Source::Input(_) => Some(rustix::stdio::stdin()),
            Source::Socket(_, open, _) => open.as_ref().map(|(socket, _)| socket.as_fd()),
        }
    }

    /// Forgets what has woken it, or looks for what will.
    pub fn clear(&self) {
        if let Source::Log(_, Some(wake)) = self {
            wake.watch();
            wake.clear();
        }
    }

    /// How far it was read, if it can be read again.
    pub fn position(&self) -> Option<Option<Position>> {
        match self {
            Source::Log(follower, _) => Some(follower.position()),
            _ => None,
        }
    }

    /// Whether what is not new is still being read.
    pub fn is_behind(&self) -> bool {
        match self {
            Source::Log(follower, _) => follower.is_behind(),
            _ => false,
        }
    }

    /// Whether a line was begun and not ended.
    pub fn has_half_a_line(&self) -> bool {
        match self {
            Source::Log(follower, _) => follower.has_half_a_line(),
            Source::Input(stream) => !stream.half.is_empty(),
            Source::Socket(_, open, _) => open.as_ref().is_some_and(|(_, s)| !s.half.is_empty()),
        }
    }

    /// How many bytes were not read yet.
    pub fn behind(&self) -> u64 {
        match self {
            Source::Log(follower, _) => follower.behind(),
            _ => 0,
        }
    }
}

fn socket(path: &Path, open: &mut Option<(UnixStream, Stream)>, retry: &mut u64, now: u64) -> Next {
    if open.is_none() {
        if now < *retry {
            return Next::Nothing;
        }
        match UnixStream::connect(path) {
            Ok(socket) => {
                super::say(&format!("connected to {}", Quoted(path)));
                *open = Some((socket, Stream::new(Quoted(path).to_string())));
            }
            Err(error) => {
                if *retry == 0 {
                    let told = access::told(&error, path, Wanted::Write);
                    super::say(&format!("cannot connect to {}: {told} Trying on.", Quoted(path)));
                }
                *retry = now + RETRY;
                return Next::Nothing;
            }
        }
    }
    let Some((socket, stream)) = open else { return Next::Nothing };
    match stream.next(socket.as_fd()) {
        Ok(Next::End) => {
            super::say(&format!("{} was closed. Trying to connect again.", Quoted(path)));
            (*open, *retry) = (None, now + RETRY);
            Next::Nothing
        }
        Ok(next) => next,
        Err(error) => {
            super::say(&format!("{} broke: {error}. Trying to connect again.", Quoted(path)));
            (*open, *retry) = (None, now + RETRY);
            Next::Nothing
        }
    }
}

/// Bytes that come as they come, cut into whole lines.
pub struct Stream {
    name: String,
    half: Vec<u8>,
    /// How much of the last line was dropped, because it is too long.
    excess: u64,
    is_begun: bool,
    is_over: bool,
    /// That it is no text was said.
    is_refused: bool,
}

impl Stream {
    /// A stream of this name.
    pub fn new(name: String) -> Stream {
        Stream {
            name,
            half: Vec::new(),
            excess: 0,
            is_begun: false,
            is_over: false,
            is_refused: false,
        }
    }

    fn next(&mut self, from: BorrowedFd<'_>) -> io::Result<Next> {
        if self.is_over {
            return Ok(Next::End);
        }
        if !is_readable(from)? {
            return Ok(Next::Nothing);
        }
        let known = self.half.len();
        self.half.resize(known + PIECE_SIZE / 8, 0);
        let count = loop {
            match rustix::io::read(from, &mut self.half[known..]) {
                Err(rustix::io::Errno::INTR) => {}
                done => break done?,
            }
        };
        self.half.truncate(known + count);
        self.is_over = count == 0;
        self.tell_if_binary();
        let end = match memrchr(b'\n', &self.half[known..]) {
            Some(at) => known + at + 1,
            None if self.is_over => self.half.len(),
            None => {
                // The beginning of a line is kept, however long it is.
                let most = MAX_LINE + 1;
                self.excess += self.half.len().saturating_sub(most) as u64;
                self.half.truncate(most);
                return Ok(Next::Nothing);
            }
        };
        if end == 0 {
            return Ok(Next::End);
        }
        let rest = self.half.split_off(end);
        let mut lines = std::mem::replace(&mut self.half, rest);
        let mut long_lines = Vec::new();
        let length = crate::input::cut_long_lines(&mut lines, MAX_LINE, &mut long_lines);
        lines.truncate(length);
        if let Some(first) = long_lines.first_mut() {
            *first += std::mem::take(&mut self.excess);
        }
        Ok(Next::Lines(Portion {
            lines,
            long_lines,
            source: self.name.clone(),
            first_of_source: !std::mem::replace(&mut self.is_begun, true),
            purpose: Purpose::Fresh,
        }))
    }

    /// Says once that auditd was not set to give text. No line begins with a NUL in its first
    /// bytes; what is binary begins with small numbers of four, and may never have a line end.
    fn tell_if_binary(&mut self) {
        let begin = &self.half[..self.half.len().min(4)];
        if begin.contains(&0) && !std::mem::replace(&mut self.is_refused, true) {
            super::say(&format!(
                "{} gives auditd's binary format, which cannot be read: set \"format = string\" \
                 in the plugin's file in /etc/audit/plugins.d, and have auditd read it again.",
                self.name
            ));
        }
    }
}

fn is_readable(from: BorrowedFd<'_>) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds = [PollFd::new(&from, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut fds, Some(&at_once)) {
        Ok(count) => Ok(count > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
