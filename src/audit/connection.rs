//! What a call on the network says: who did what, with which address, and how it ended.
//!
//! A view: everything is borrowed from the records of the event and of the events around it, and
//! read when the view is made. What the log does not hold is absent, never guessed.

use std::borrow::Cow;
use std::net::IpAddr;

use super::arch::Arch;
use super::errno;
use super::execve::Arguments;
use super::family::Family;
use super::fields::{self, Fields};
use super::kind::Kind;
use super::process::Running;
use super::seen::Seen;
use super::sighting::Sighting;
use super::sockaddr::SocketAddress;
use super::socket::{self, Socket, Transport};
use super::stamp::Stamp;
use super::syscalls::Call;
use super::value;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Action {
    ConnectionAttempted,
    ConnectionAccepted,
    DatagramSent,
    DatagramReceived,
    SocketBound,
    SocketListening,
}

impl Action {
    /// All there are.
    pub const ALL: [Action; 6] = [
        Action::ConnectionAttempted,
        Action::ConnectionAccepted,
        Action::DatagramSent,
        Action::DatagramReceived,
        Action::SocketBound,
        Action::SocketListening,
    ];

    /// The value of `event.action`.
    pub fn name(self) -> &'static str {
        match self {
            Action::ConnectionAttempted => "connection_attempted",
            Action::ConnectionAccepted => "connection_accepted",
            Action::DatagramSent => "datagram_sent",
            Action::DatagramReceived => "datagram_received",
            Action::SocketBound => "socket_bound",
            Action::SocketListening => "socket_listening",
        }
    }

    /// The value of `event.type`. One value, not several: ES|QL takes a field of several for null.
    pub fn event_type(self) -> &'static str {
        match self {
            Action::ConnectionAttempted | Action::ConnectionAccepted => "start",
            _ => "info",
        }
    }

    /// The value of `network.direction`; a socket bound or listening has none yet.
    pub fn direction(self) -> Option<&'static str> {
        match self {
            Action::ConnectionAttempted | Action::DatagramSent => Some("egress"),
            Action::ConnectionAccepted | Action::DatagramReceived => Some("ingress"),
            Action::SocketBound | Action::SocketListening => None,
        }
    }

    /// Whether the address is where something went, and not where it came from or is bound.
    pub fn goes_out(self) -> bool {
        matches!(self, Action::ConnectionAttempted | Action::DatagramSent)
    }
}

/// What a call did, if it was one on the network: data sent and received count with an address.
pub(crate) fn action(call: Call, address: &SocketAddress) -> Option<Action> {
    let has_address = !matches!(address, SocketAddress::Invalid);
    match call {
        Call::Connect => Some(Action::ConnectionAttempted),
        Call::Accept | Call::Accept4 => Some(Action::ConnectionAccepted),
        Call::SendTo | Call::SendMsg | Call::SendMmsg => {
            has_address.then_some(Action::DatagramSent)
        }
        Call::RecvFrom | Call::RecvMsg | Call::RecvMmsg => {
            has_address.then_some(Action::DatagramReceived)
        }
        Call::Bind => Some(Action::SocketBound),
        Call::Listen => Some(Action::SocketListening),
        _ => None,
    }
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// It did what it was asked to.
    Success,
    /// It did not.
    Failure,
    /// It went on after the call returned: it does not block, or a signal interrupted it.
    InProgress,
    /// The log does not say.
    Unknown,
}

impl Outcome {
    /// The value of `event.outcome`, which knows no calls in progress.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::Failure => "failure",
            Outcome::InProgress | Outcome::Unknown => "unknown",
        }
    }

    fn of(sighting: &Sighting) -> Outcome {
        let head = &sighting.event.details.head;
        let error = head.exit.and_then(errno::name);
        if sighting.event.seen.has(Seen::URINGOP) {
            // A request tried without waiting ends in EAGAIN and goes on elsewhere; where it ends,
            // its exit is that of having been handed on, and there is no address any more.
            let went_on = error == Some("EAGAIN");
            let handed_on = head.success == Some(true) && !sighting.event.seen.has(Seen::SOCKADDR);
            if went_on || handed_on {
                return if went_on { Outcome::InProgress } else { Outcome::Unknown };
            }
        }
        Outcome::of_result(head.success, error, head.exit)
    }

    /// What a call's result says: `success=`, the name of the error behind `exit=`, and `exit=`
    /// itself, as not every error has a name.
    pub fn of_result(success: Option<bool>, error: Option<&str>, exit: Option<i64>) -> Outcome {
        match (success, error) {
            (_, Some("EINPROGRESS" | "EALREADY" | "EINTR")) => Outcome::InProgress,
            (_, Some(error)) if error.starts_with("ERESTART") => Outcome::InProgress,
            (_, Some("EISCONN")) => Outcome::Success,
            (Some(true), _) => Outcome::Success,
            (Some(false), _) | (None, Some(_)) => Outcome::Failure,
            (None, None) => match exit {
                Some(exit) if exit < 0 => Outcome::Failure,
                Some(_) => Outcome::Success,
                None => Outcome::Unknown,
            },
        }
    }

    /// Whether the kernel has taken the address that the call named.
    fn took_the_address(self) -> bool {
        matches!(self, Outcome::Success | Outcome::InProgress)
    }
}

/// An id and the name that the enriched part gives it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct User<'e> {
    /// The number; absent when it is unset.
    pub id: Option<u64>,
    /// The name.
    pub name: Option<Cow<'e, [u8]>>,
    /// Whether the log says that it is unset: nobody has logged in.
    pub is_unset: bool,
}

impl<'e> User<'e> {
    fn of(id: Option<&[u8]>, name: Option<&'e [u8]>) -> User<'e> {
        User {
            id: id.and_then(value::id),
            name: name.and_then(user_name).map(Cow::Borrowed),
            is_unset: id.is_some_and(value::is_unset),
        }
    }

    /// Whether this is the user with this name or number; an unset one has ausearch's.
    pub fn is(&self, wanted: &str) -> bool {
        if value::is_unset(wanted.as_bytes()) {
            return self.is_unset;
        }
        let by_name = self.name.as_deref() == Some(wanted.as_bytes());
        by_name || self.id.is_some_and(|id| wanted.parse() == Ok(id))
    }
}

/// A connection: a call on the network and what is known of it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Connection<'e> {
    pub stamp: Stamp,
    pub host: &'e [u8],
    pub action: Action,
    pub outcome: Outcome,
    /// The errno's name.
    pub error: Option<&'static str>,
    pub call: Call,
    pub arch: Option<Arch>,
    pub exit: Option<i64>,
    /// The descriptor that the call was about.
    pub descriptor: Option<u64>,
    pub address: &'e SocketAddress,
    /// The family of the address, or else of the socket, where the log shows either.
    pub family: Option<Family>,
    pub ip: Option<IpAddr>,
    pub port: Option<u16>,
    pub transport: Option<Transport>,
    pub pid: Option<u32>,
    pub parent_pid: Option<u32>,
    /// What the process called itself.
    pub name: Option<Cow<'e, [u8]>>,
    pub executable: Option<Cow<'e, [u8]>>,
    /// The process's title, its arguments joined by blanks.
    pub title: Option<Cow<'e, [u8]>>,
    /// The arguments of the exec that the process is running.
    pub arguments: Option<&'e Arguments>,
    pub directory: Option<Cow<'e, [u8]>>,
    pub parent_name: Option<&'e [u8]>,
    pub parent_executable: Option<&'e [u8]>,
    pub user: User<'e>,
    pub effective_user: User<'e>,
    /// The user who logged in.
    pub audit_user: User<'e>,
    pub group: Option<u64>,
    pub session: Option<u64>,
    /// The keys of the audit rules that fired.
    pub keys: Vec<Vec<u8>>,
    /// Whether a record of the event was missing or could not be read.
    pub is_partial: bool,
    /// Whether the call only asked the kernel for a route.
    pub is_probe: bool,
}

impl<'e> Connection<'e> {
    pub(super) fn of(sighting: &'e Sighting) -> Connection<'e> {
        let event = &sighting.event;
        let details = &event.details;
        let head = &details.head;
        let hint =
            if sighting.address.ip().is_none() { Hint::of(sighting) } else { Hint::default() };
        let call = sighting.call_fields();
        let outcome = Outcome::of(sighting);
        let mut connection = Connection {
            stamp: event.stamp,
            host: &event.host,
            action: sighting.action,
            outcome,
            error: head.exit.and_then(errno::name),
            call: details.call,
            arch: head.arch,
            exit: head.exit,
            descriptor: socket::descriptor(event),
            address: &sighting.address,
            family: sighting.family(),
            ip: sighting.address.ip().or(hint.ip),
            port: sighting.address.port().or(hint.port),
            transport: sighting.own_socket().and_then(Socket::transport),
            pid: head.pid,
            parent_pid: head.parent,
            name: call.name.and_then(value::text),
            executable: call.executable.and_then(value::text),
            title: details.body(Kind::PROCTITLE).and_then(title),
            arguments: None,
            directory: details.body(Kind::CWD).and_then(directory),
            parent_name: None,
            parent_executable: None,
            user: User::of(call.user, call.user_name),
            effective_user: User::of(call.effective_user, call.effective_user_name),
            audit_user: User::of(call.audit_user, call.audit_user_name),
            group: call.group.and_then(value::id),
            session: call.session.and_then(value::id),
            keys: call.key.map(value::keys).unwrap_or_default(),
            is_partial: event.seen.is_doubtful()
                || !event.seen.has(Seen::SOCKADDR) && details.lacks_address()
                // The kernel takes none that is too short, so this one was cut later.
                || matches!(sighting.address, SocketAddress::Short { .. })
                    && outcome.took_the_address(),
            is_probe: sighting.is_probe,
        };
        if let Some(running) = sighting.running.as_deref() {
            connection.add_running(running);
        }
        if let Some(parent) = sighting.parent.as_deref() {
            connection.parent_name = parent.name();
            connection.parent_executable = parent.executable();
        }
        connection
    }

    /// The value of `network.type`, where the log shows it.
    pub fn ip_version(&self) -> Option<&'static str> {
        match (self.ip, self.family) {
            (Some(IpAddr::V4(_)), _) | (None, Some(Family::INET)) => Some("ipv4"),
            (Some(IpAddr::V6(_)), _) => Some("ipv6"),
            (None, Some(Family::INET6)) if self.action == Action::SocketListening => Some("ipv6"),
            // An IPv6 address that is cut off may have been IPv4 in disguise.
            (None, _) => None,
        }
    }

    /// The family of the address, or else of the socket, where it is not of IP.
    pub fn other_family(&self) -> Option<Family> {
        self.family.filter(|family| !matches!(*family, Family::INET | Family::INET6))
    }

    fn add_running(&mut self, running: &'e Running) {
        self.arguments = running.arguments();
        self.is_partial |= self.arguments.is_some_and(|arguments| arguments.missing() > 0);
        let text = |text: Option<&'e [u8]>| text.map(Cow::Borrowed);
        if self.directory.is_none() {
            self.directory = text(running.directory());
        }
        if self.name.is_none() {
            self.name = text(running.name());
        }
        if self.executable.is_none() {
            self.executable = text(running.executable());
        }
    }
}

/// A name of the enriched part. `unset` and `unknown(1501)` are no names.
pub(super) fn user_name(raw: &[u8]) -> Option<&[u8]> {
    let name = raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")).unwrap_or(raw);
    let is_name = !name.is_empty() && name != b"unset" && !name.starts_with(b"unknown(");
    is_name.then_some(name)
}

/// The title of a process: the NULs between its arguments become blanks.
fn title(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    let title = value::text(Fields::of(body).get(b"proctitle")?)?;
    if !title.contains(&0) {
        return Some(title);
    }
    let end = title.iter().rposition(|b| *b != 0).map_or(0, |end| end + 1);
    Some(title[..end].iter().map(|b| if *b == 0 { b' ' } else { *b }).collect())
}

fn directory(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    value::text(Fields::of(body).get(b"cwd")?)
}

/// What a decision of SELinux or Landlock tells of a peer whose address was never read: such a call
/// is refused before the kernel records its address.
#[derive(Default)]
struct Hint {
    ip: Option<IpAddr>,
    port: Option<u16>,
}

impl Hint {
    fn of(sighting: &Sighting) -> Hint {
        let details = &sighting.event.details;
        let name: &[u8] = if sighting.action.goes_out() { b"dest" } else { b"src" };
        let bodies = details.bodies(Kind::AVC).chain(details.bodies(Kind::LANDLOCK_ACCESS));
        let mut hint = Hint::default();
        for body in bodies {
            let fields = fields::Fields::of(body);
            let port = fields.get(name).and_then(value::decimal);
            hint.port = hint.port.or(port.and_then(|port| u16::try_from(port).ok()));
            let ip = fields.get(b"daddr").filter(|_| sighting.action.goes_out());
            let ip = ip.and_then(|ip| std::str::from_utf8(ip).ok()?.parse().ok());
            hint.ip = hint.ip.or(ip);
        }
        hint
    }
}
