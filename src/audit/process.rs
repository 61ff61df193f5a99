//! What each process was last seen running.
//!
//! Events come in, in the order of their serials; for a process id there is an answer to the
//! question what it executed, or, when its exec is not in the log, what it called itself when it
//! last used the network. Process ids are used again, so the answer carries the executable's path,
//! and whoever asks for another one's arguments does not get them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memchr::memmem;

use super::assembly::Event;
use super::details::Details;
use super::execve;
use super::fields::Fields;
use super::generations::Generations;
use super::kind::Kind;
use super::seen::Seen;
use super::value;

/// How much text of processes one generation holds. Two are held at most.
const MOST_TEXT: usize = 4 << 20;

/// So much text of one exec is worth counting its arguments.
const MANY_ARGUMENTS: usize = 8 << 10;

/// What a process was running.
#[derive(Debug)]
pub struct Running {
    event: Source,
    weight: usize,
    known: OnceLock<Known>,
}

#[derive(Debug)]
enum Source {
    /// An exec, and where in its SYSCALL record the raw value of `exe=` is.
    Exec(Event, Range<usize>),
    /// The raw values of `comm=` and `exe=` of a call.
    Call { comm: Box<[u8]>, exe: Box<[u8]> },
}

#[derive(Debug, Default)]
struct Known {
    name: Option<Vec<u8>>,
    executable: Option<Vec<u8>>,
    arguments: Option<execve::Arguments>,
    directory: Option<Vec<u8>>,
}

impl Running {
    /// About how much memory it costs.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    fn executed(event: Event, executable: Range<usize>) -> Running {
        let weight = weight(&event.details);
        Running { event: Source::Exec(event, executable), weight, known: OnceLock::new() }
    }

    /// The name the kernel gave the process.
    pub fn name(&self) -> Option<&[u8]> {
        self.known().name.as_deref()
    }

    /// The path of the executable.
    pub fn executable(&self) -> Option<&[u8]> {
        self.known().executable.as_deref()
    }

    /// The arguments, if the exec is in the log.
    pub fn arguments(&self) -> Option<&execve::Arguments> {
        self.known().arguments.as_ref()
    }

    /// The working directory at the exec.
    pub fn directory(&self) -> Option<&[u8]> {
        self.known().directory.as_deref()
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| match &self.event {
            Source::Call { comm, exe } => {
                Known { name: owned(comm), executable: owned(exe), ..Known::default() }
            }
            Source::Exec(event, executable) => {
                let details = &event.details;
                let is_cut = event.seen.has(Seen::CUT) || event.seen.has(Seen::LEFT_OUT);
                let call = details.body(Kind::SYSCALL).unwrap_or_default();
                let directory =
                    details.body(Kind::CWD).and_then(|body| Fields::of(body).get(b"cwd"));
                let comm = comm_before(call, executable.start);
                Known {
                    name: comm.or_else(|| Fields::of(call).get(b"comm")).and_then(owned),
                    executable: call.get(executable.clone()).and_then(owned),
                    arguments: execve::arguments(details.bodies(Kind::EXECVE), is_cut),
                    directory: directory.and_then(owned),
                }
            }
        })
    }

    fn raw_executable(&self) -> Option<&[u8]> {
        match &self.event {
            Source::Call { exe, .. } => Some(exe),
            Source::Exec(event, executable) => {
                event.details.body(Kind::SYSCALL)?.get(executable.clone())
            }
        }
    }
}

/// The raw value of `comm=` in a SYSCALL record, where the kernel writes it: right before `exe=`.
fn comm_before(call: &[u8], executable: usize) -> Option<&[u8]> {
    let before = call.get(..executable)?.strip_suffix(b" exe=")?;
    let start = memchr::memrchr(b' ', before)? + 1;
    before[start..].strip_prefix(b"comm=")
}

fn owned(raw: &[u8]) -> Option<Vec<u8>> {
    value::text(raw).map(Cow::into_owned)
}

/// About how much memory an exec costs, once its arguments were read: each of many short ones costs
/// far more than its text.
fn weight(details: &Details) -> usize {
    let text = details.size();
    if text < MANY_ARGUMENTS {
        return text;
    }
    let words = details.bodies(Kind::EXECVE).map(|body| memchr::memchr_iter(b' ', body).count());
    2 * text + 64 * words.sum::<usize>()
}

/// Finds the value of one field in a SYSCALL record without reading all of its fields.
#[derive(Debug)]
struct Finder(memmem::Finder<'static>);

impl Finder {
    /// Where the raw value is in the record.
    fn place_in(&self, call: &[u8]) -> Option<Range<usize>> {
        let start = self.0.find(call)? + self.0.needle().len();
        let end = memchr::memchr(b' ', &call[start..]).map_or(call.len(), |end| start + end);
        Some(start..end)
    }
}

/// The processes of all hosts.
#[derive(Debug)]
pub struct Processes {
    running: Generations<(u32, u32), Arc<Running>>,
    comm: Finder,
    exe: Finder,
}

impl Default for Processes {
    fn default() -> Processes {
        Processes {
            running: Generations::holding(MOST_TEXT),
            comm: Finder(memmem::Finder::new(b" comm=")),
            exe: Finder(memmem::Finder::new(b" exe=")),
        }
    }
}

impl Processes {
    /// Notes a successful exec.
    pub fn executed(&mut self, event: Event) {
        let Some(pid) = event.details.head.pid else { return };
        let key = (event.host_number, pid);
        let call = event.details.body(Kind::SYSCALL).unwrap_or_default();
        let executable = self.exe.place_in(call).unwrap_or_default();
        self.put(key, Arc::new(Running::executed(event, executable)));
    }

    /// Notes a call by a process and gives what it was running before: its exec, if this call is
    /// by the same executable.
    pub fn called(&mut self, event: &Event) -> Option<Arc<Running>> {
        let key = (event.host_number, event.details.head.pid?);
        let known = self.running.get(&key);
        let call = event.details.body(Kind::SYSCALL).unwrap_or_default();
        let Some(exe) = self.exe.place_in(call).map(|place| &call[place]) else {
            // A request of io_uring does not say whose it is; its process id does.
            return known.cloned();
        };
        if let Some(known) = known
            && known.raw_executable() == Some(exe)
        {
            let known = known.clone();
            if self.running.is_old(&key) {
                self.put(key, known.clone());
            }
            return matches!(known.event, Source::Exec(..)).then_some(known);
        }
        let comm = self.comm.place_in(call).map(|place| &call[place]).unwrap_or_default();
        let event = Source::Call { comm: comm.into(), exe: exe.into() };
        let weight = comm.len() + exe.len() + 512;
        self.put(key, Arc::new(Running { event, weight, known: OnceLock::new() }));
        None
    }

    fn put(&mut self, key: (u32, u32), running: Arc<Running>) {
        let weight = running.weight;
        self.running.put(key, running, weight);
    }

    /// What a process was last seen running.
    pub fn last_seen(&self, host: u32, pid: u32) -> Option<Arc<Running>> {
        self.running.get(&(host, pid)).cloned()
    }
}
