//! What each process was last seen running.
//!
//! Events come in, in the order of their serials; for a process id there is an answer to the
//! question what it executed, or, when its exec is not in the log, what it called itself when it
//! last used the network. Process ids are used again, so the answer carries the executable's path,
//! and whoever asks for another one's arguments does not get them.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::assembly::Event;
use super::execve;
use super::fields::Fields;
use super::generations::Generations;
use super::kind::Kind;
use super::value;

/// How much text of processes one generation holds. Two are held at most.
const MOST_TEXT: usize = 4 << 20;

/// What a process was running.
#[derive(Debug)]
pub struct Running {
    event: Source,
    known: OnceLock<Known>,
}

#[derive(Debug)]
enum Source {
    Exec(Event),
    /// The raw values of `comm=` and `exe=` of a call.
    Call {
        comm: Box<[u8]>,
        exe: Box<[u8]>,
    },
}

#[derive(Debug, Default)]
struct Known {
    name: Option<Vec<u8>>,
    executable: Option<Vec<u8>>,
    arguments: Option<execve::Arguments>,
    directory: Option<Vec<u8>>,
}

impl Running {
    fn executed(event: Event) -> Running {
        Running { event: Source::Exec(event), known: OnceLock::new() }
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
            Source::Exec(event) => {
                let details = &event.details;
                let fields = Fields::of(details.body(Kind::SYSCALL).unwrap_or_default());
                let directory =
                    details.body(Kind::CWD).and_then(|body| Fields::of(body).get(b"cwd"));
                Known {
                    name: fields.get(b"comm").and_then(owned),
                    executable: fields.get(b"exe").and_then(owned),
                    arguments: execve::arguments(details.bodies(Kind::EXECVE)),
                    directory: directory.and_then(owned),
                }
            }
        })
    }

    fn raw_executable(&self) -> Option<&[u8]> {
        match &self.event {
            Source::Call { exe, .. } => Some(exe),
            Source::Exec(event) => exe_of(event.details.body(Kind::SYSCALL)?),
        }
    }
}

fn owned(raw: &[u8]) -> Option<Vec<u8>> {
    value::text(raw).map(Cow::into_owned)
}

/// The raw value of `exe=` in a SYSCALL record, found without reading all of its fields.
fn exe_of(body: &[u8]) -> Option<&[u8]> {
    raw_of(body, b" exe=")
}

fn raw_of<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(body, name)? + name.len();
    let end = memchr::memchr(b' ', &body[start..]).map_or(body.len(), |end| start + end);
    Some(&body[start..end])
}

/// The processes of all hosts.
#[derive(Debug)]
pub struct Processes {
    running: Generations<(u32, u32), Arc<Running>>,
}

impl Default for Processes {
    fn default() -> Processes {
        Processes { running: Generations::holding(MOST_TEXT) }
    }
}

impl Processes {
    /// Notes a successful exec.
    pub fn executed(&mut self, event: Event) {
        let Some(pid) = event.details.head.pid else { return };
        let key = (event.host_number, pid);
        let weight = event.details.size();
        self.running.put(key, Arc::new(Running::executed(event)), weight);
    }

    /// Notes a call by a process and gives what it was running before: its exec, if this call is
    /// by the same executable.
    pub fn called(&mut self, event: &Event) -> Option<Arc<Running>> {
        let key = (event.host_number, event.details.head.pid?);
        let known = self.running.get(&key);
        let Some(exe) = event.details.body(Kind::SYSCALL).and_then(exe_of) else {
            // A request of io_uring does not say whose it is; its process id does.
            return known.cloned();
        };
        if let Some(known) = known
            && known.raw_executable() == Some(exe)
        {
            let known = known.clone();
            if self.running.is_old(&key) {
                let weight = known.size();
                self.running.put(key, known.clone(), weight);
            }
            return matches!(known.event, Source::Exec(_)).then_some(known);
        }
        let comm = event.details.body(Kind::SYSCALL).and_then(|body| raw_of(body, b" comm="));
        let event = Source::Call { comm: comm.unwrap_or_default().into(), exe: exe.into() };
        let running = Arc::new(Running { event, known: OnceLock::new() });
        let weight = running.size();
        self.running.put(key, running, weight);
        None
    }

    /// What a process was last seen running.
    pub fn last_seen(&self, host: u32, pid: u32) -> Option<Arc<Running>> {
        self.running.get(&(host, pid)).cloned()
    }
}

impl Running {
    /// About how much memory it costs.
    fn size(&self) -> usize {
        match &self.event {
            Source::Exec(event) => event.details.size(),
            Source::Call { comm, exe } => comm.len() + exe.len() + 256,
        }
    }
}
