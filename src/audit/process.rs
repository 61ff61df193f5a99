//! What each process was last seen running.
//!
//! Events come in, in the order of their serials; for a process id there is an answer to the
//! question what it executed, or, when its exec is not in the log, what it called itself when it
//! last used the network. Process ids are used again, so the answer carries the executable's path
//! and who had logged in, and whoever asks for another one's arguments does not get them. Nothing
//! outlives a boot.

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

/// How much memory the processes of one generation take. Two are held at most.
const MOST_MEMORY: usize = 4 << 20;

/// So much text of one exec is worth counting its arguments.
const MANY_ARGUMENTS: usize = 8 << 10;

/// What a process was running. Of its exec as little is kept as may be asked for, since there are
/// thousands of them, and of most nobody asks.
#[derive(Debug)]
pub struct Running {
    parts: Parts,
    is_exec: bool,
    /// Whether records of the exec were cut or left out.
    is_cut: bool,
    login: Login,
    weight: usize,
    known: OnceLock<Box<Known>>,
}

/// Who had logged in, and in which session; absent where nobody had, or the record does not say.
#[derive(Clone, Copy, Default, Debug)]
struct Login {
    user: Option<u64>,
    session: Option<u64>,
}

impl Login {
    /// The call's record is asked of each exec and of each call by a known one: reading all of its
    /// fields takes longer than all else that is done with a process.
    fn of(call: &[u8], details: &Details, session: &Finder) -> Login {
        let rest = details.head.behind(call);
        let user = match rest.strip_prefix(b" auid=") {
            Some(rest) => rest.split(|byte| *byte == b' ').next(),
            None => Fields::of(call).get(b"auid"),
        };
        let session = session.place_in(rest).map(|place| &rest[place]);
        Login { user: user.and_then(value::id), session: session.and_then(value::id) }
    }

    /// Whether these are two logins. A process that had none may log somebody in and have one.
    fn is_another_than(self, other: Login) -> bool {
        let differ = |one: Option<u64>, other| one.zip(other).is_some_and(|(one, two)| one != two);
        differ(self.user, other.user) || differ(self.session, other.session)
    }
}

/// Parts of records as they stand in the log, each behind its length: the values of `comm=` and
/// `exe=`, and of an exec the bodies of CWD and of all EXECVE records.
#[derive(Debug)]
struct Parts(Box<[u8]>);

#[derive(Debug, Default)]
struct Known {
    name: Option<Vec<u8>>,
    executable: Option<Vec<u8>>,
    arguments: Option<execve::Arguments>,
    directory: Option<Vec<u8>>,
}

impl Parts {
    fn of<'p>(parts: impl Iterator<Item = &'p [u8]> + Clone) -> Parts {
        const LENGTH: usize = size_of::<u32>();
        let mut text = Vec::with_capacity(parts.clone().map(|part| LENGTH + part.len()).sum());
        for part in parts {
            text.extend_from_slice(&(part.len() as u32).to_le_bytes());
            text.extend_from_slice(part);
        }
        Parts(text.into())
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk()?;
            let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = behind;
            Some(part)
        })
    }
}

impl Running {
    /// About how much memory it costs.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    fn executed(event: &Event, executable: Range<usize>, login: Login) -> Running {
        let Event { details, seen, .. } = event;
        let call = event.call_body().unwrap_or_default();
        let comm = comm_before(call, executable.start);
        let comm = comm.or_else(|| Fields::of(call).get(b"comm")).unwrap_or_default();
        let head = [
            comm,
            call.get(executable).unwrap_or_default(),
            details.body(Kind::CWD).unwrap_or_default(),
        ];
        let parts = Parts::of(head.into_iter().chain(details.bodies(Kind::EXECVE)));
        let is_cut = seen.has(Seen::CUT) || seen.has(Seen::LEFT_OUT);
        Running { is_exec: true, is_cut, login, ..Running::of(parts) }
    }

    fn called(comm: &[u8], exe: &[u8]) -> Running {
        Running::of(Parts::of([comm, exe].into_iter()))
    }

    fn of(parts: Parts) -> Running {
        let weight = weight(&parts);
        let (login, known) = (Login::default(), OnceLock::new());
        Running { parts, is_exec: false, is_cut: false, login, weight, known }
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
        self.known.get_or_init(|| {
            let mut parts = self.parts.iter();
            let mut next = || parts.next().unwrap_or_default();
            let (comm, exe, directory) = (next(), next(), next());
            Box::new(Known {
                name: owned(comm),
                executable: owned(exe),
                directory: Fields::of(directory).get(b"cwd").and_then(owned),
                arguments: execve::arguments(parts, self.is_cut),
            })
        })
    }

    fn raw_executable(&self) -> Option<&[u8]> {
        self.parts.iter().nth(1)
    }
}

/// The raw value of `comm=` in a SYSCALL record, where the kernel writes it: right before `exe=`.
fn comm_before(call: &[u8], executable: usize) -> Option<&[u8]> {
    let before = call.get(..executable)?.strip_suffix(b" exe=")?;
    let start = memchr::memrchr(b' ', before)? + 1;
    before[start..].strip_prefix(b"comm=")
}

/// What the kernel puts behind the path of an executable that was deleted while it ran: by itself,
/// or when its package was upgraded.
const DELETED: &[u8] = b" (deleted)";

/// Whether two raw values of `exe=` are one path, be the file deleted by now or not.
fn is_same_file(one: &[u8], other: &[u8]) -> bool {
    one == other
        || (is_deleted(one) || is_deleted(other))
            && value::text(one)
                .zip(value::text(other))
                .is_some_and(|(one, other)| undeleted(&one) == undeleted(&other))
}

fn undeleted(path: &[u8]) -> &[u8] {
    path.strip_suffix(DELETED).unwrap_or(path)
}

/// Whether the raw value ends as that of a deleted file does, without a look at the rest: the
/// kernel writes paths with a blank in them in hex.
fn is_deleted(raw: &[u8]) -> bool {
    raw.ends_with(b"202864656C6574656429")
}

fn owned(raw: &[u8]) -> Option<Vec<u8>> {
    value::text(raw).map(Cow::into_owned)
}

/// About how much memory it costs, once its arguments were read: each of many short ones costs far
/// more than its text.
fn weight(Parts(text): &Parts) -> usize {
    // With its place in the table, and the heads of what is allocated.
    const ALONE: usize = size_of::<Running>() + size_of::<Known>() + 64;
    if text.len() < MANY_ARGUMENTS {
        return text.len() + ALONE;
    }
    2 * text.len() + 64 * memchr::memchr_iter(b' ', text).count() + ALONE
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

/// Host, boot and process id.
type Key = (u32, u32, u32);

/// The processes of all hosts.
#[derive(Debug)]
pub struct Processes {
    running: Generations<Key, Arc<Running>>,
    comm: Finder,
    exe: Finder,
    session: Finder,
}

impl Default for Processes {
    fn default() -> Processes {
        Processes {
            running: Generations::holding(MOST_MEMORY),
            comm: Finder(memmem::Finder::new(b" comm=")),
            exe: Finder(memmem::Finder::new(b" exe=")),
            session: Finder(memmem::Finder::new(b" ses=")),
        }
    }
}

impl Processes {
    /// Notes a successful exec.
    pub fn executed(&mut self, event: &Event) {
        let Some(pid) = event.details.head.pid else { return };
        let key = (event.host_number, event.boot, pid);
        let call = event.call_body().unwrap_or_default();
        let executable = self.exe.place_in(call).unwrap_or_default();
        let login = Login::of(call, &event.details, &self.session);
        self.put(key, Running::executed(event, executable, login).into());
    }

    /// Notes a call by a process and gives what it was running before: its exec, if this call is
    /// by the same executable and not under another login.
    pub fn called(&mut self, event: &Event) -> Option<Arc<Running>> {
        let key = (event.host_number, event.boot, event.details.head.pid?);
        let known = self.running.get(&key);
        let call = event.call_body().unwrap_or_default();
        let Some(exe) = self.exe.place_in(call).map(|place| &call[place]) else {
            // A request of io_uring does not say whose it is; its process id does.
            return known.cloned();
        };
        if let Some(known) = known
            && known.raw_executable().is_some_and(|known| is_same_file(known, exe))
            && !(known.is_exec
                && known.login.is_another_than(Login::of(call, &event.details, &self.session)))
        {
            let known = known.clone();
            if self.running.is_old(&key) {
                self.put(key, known.clone());
            }
            return known.is_exec.then_some(known);
        }
        let comm = self.comm.place_in(call).map(|place| &call[place]).unwrap_or_default();
        self.put(key, Running::called(comm, exe).into());
        None
    }

    fn put(&mut self, key: Key, running: Arc<Running>) {
        let weight = running.weight;
        self.running.put(key, running, weight);
    }

    /// What the parent of the process that made a call was last seen running.
    pub fn parent_of(&self, event: &Event) -> Option<Arc<Running>> {
        let key = (event.host_number, event.boot, event.details.head.parent?);
        self.running.get(&key).cloned()
    }
}
