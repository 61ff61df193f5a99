//! A call on the network, with what other events tell about it.
//!
//! Events come in, in the order of their serials; the calls on the network among them go out, each
//! with what its process was running, what its descriptor was, and whether it only asked the kernel
//! for a route. The last is known a little later than the call itself, so sightings are held back
//! until as many others have come.

use std::collections::VecDeque;
use std::sync::Arc;

use super::assembly::{Event, Host};
use super::call_address;
use super::call_fields::CallFields;
use super::connection::{self, Action, Connection};
use super::family::Family;
use super::kind::Kind;
use super::process::{Processes, Running};
use super::record::Spare;
use super::sockaddr::SocketAddress;
use super::socket::{self, Socket, Sockets, Transport};
use super::stamp::Stamp;
use super::syscalls::Call;

/// How many sightings are held back. The resolver dissolves its sockets within the same
/// millisecond; this many calls of all other processes may come between.
const HELD: usize = 256;
/// How many bytes they and what their processes were running may cost.
const HELD_BYTES: usize = 2 << 20;
/// How long after a connect its socket may be dissolved for it to have been a question, or used for
/// it to have been none, in milliseconds. Whoever reads a log while it is written must know when to
/// wait no longer.
const TOLD_WITHIN: u64 = 50;

/// A call on the network.
#[derive(Debug)]
pub struct Sighting {
    pub(super) event: Event,
    pub(super) action: Action,
    pub(super) address: SocketAddress,
    pub(super) running: Option<Arc<Running>>,
    pub(super) parent: Option<Arc<Running>>,
    pub(super) socket: Option<Socket>,
    was_used: bool,
    pub(super) is_probe: bool,
}

impl Sighting {
    /// What is known of it, in words.
    pub fn connection(&self) -> Connection<'_> {
        Connection::of(self)
    }

    /// The place of its last record among all records of the reading.
    pub fn place(&self) -> u64 {
        self.event.last
    }

    /// When it was, in milliseconds since 1970.
    pub fn millis(&self) -> u64 {
        self.event.stamp.millis
    }

    /// What was done.
    pub fn action(&self) -> Action {
        self.action
    }

    fn exit(&self) -> Option<i64> {
        self.event.details.head.exit
    }

    /// The family of the address, or else of the socket; `None` where the log shows neither.
    pub fn family(&self) -> Option<Family> {
        self.address.family().or(self.socket.map(|socket| socket.family))
    }

    /// Whether the call was about an IP address, as far as the log shows.
    ///
    /// A call without any address counts: a connect whose address was lost is more likely to be
    /// asked for than to be in the way.
    pub fn is_ip(&self) -> bool {
        self.family().is_none_or(|family| matches!(family, Family::INET | Family::INET6))
    }

    /// What the call's records say beyond their heads.
    pub(super) fn call_fields(&self) -> CallFields<'_> {
        let details = &self.event.details;
        let call = self.event.call_body();
        let call = call.map(|body| CallFields::of(details.head.behind(body))).unwrap_or_default();
        match details.body(Kind::URINGOP) {
            Some(request) => call.or(CallFields::of(request)),
            None => call,
        }
    }

    /// The lines of the event's records that were kept.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.event.details.lines()
    }

    /// About how much memory it keeps.
    fn weight(&self) -> usize {
        let running = [&self.running, &self.parent];
        let running = running.into_iter().flatten().map(|running| running.weight());
        self.event.details.size() + running.sum::<usize>()
    }

    /// Whether it may be a connect that asked for a route and did no more. With UDP connects do
    /// nothing else; with others they are attempts, or may be.
    fn may_only_ask(&self) -> bool {
        let is_of_another = self.own_socket().is_some_and(|socket| {
            socket.is_raw() || socket.transport().is_some_and(|known| known != Transport::Udp)
        });
        self.action == Action::ConnectionAttempted
            && self.address.ip().is_some()
            && !is_of_another
            && !socket::shows_connections(self.event.details.call, self.exit())
    }

    /// Whether an event is so soon behind that it may tell what this was for.
    fn is_soon_before(&self, event: &Event) -> bool {
        event.stamp.millis <= self.event.stamp.millis + TOLD_WITHIN
    }

    /// The socket, unless the address shows that the descriptor is another by now.
    pub(super) fn own_socket(&self) -> Option<Socket> {
        let is_of = |socket: &Socket| self.address.family().is_none_or(|f| f == socket.family);
        self.socket.filter(is_of)
    }

    fn is_same_socket(&self, event: &Event, socket: Option<Socket>) -> bool {
        self.event.host_number == event.host_number
            && self.event.boot == event.boot
            && self.event.details.head.pid == event.details.head.pid
            && socket::descriptor(&self.event) == socket::descriptor(event)
            && self.socket == socket
    }
}

/// Makes sightings of events.
#[derive(Debug, Default)]
pub struct Sightings {
    knows_others: bool,
    processes: Processes,
    sockets: Sockets,
    held: VecDeque<Sighting>,
    held_bytes: usize,
    /// How many were held, ever.
    taken: u64,
    spare: Spare,
}

impl Sightings {
    /// Sightings that know of other events what concerns them.
    pub fn joined() -> Sightings {
        Sightings { knows_others: true, ..Sightings::default() }
    }

    /// Sightings that are only counted: they know their own addresses and families and no more.
    pub fn counted() -> Sightings {
        Sightings::default()
    }

    /// Takes the next event.
    pub fn take(&mut self, event: Event, out: &mut impl FnMut(&Sighting)) {
        match event.details.call {
            Call::Execve | Call::Execveat => {
                self.processes.executed(&event);
                self.spare.push(event.details);
            }
            Call::Socket => {
                self.sockets.note(&event);
                self.spare.push(event.details);
            }
            Call::Other | Call::IoUringEnter => self.spare.push(event.details),
            // It may have made a socket; only the record that is missing would tell.
            Call::SocketCall => {
                self.sockets.note(&event);
                self.take_call(event, out);
            }
            _ => self.take_call(event, out),
        }
    }

    /// The memory of events that nobody looks at any more.
    pub fn spare(&mut self) -> Spare {
        std::mem::take(&mut self.spare)
    }

    /// How many sightings were held, ever.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Lets the sightings go that were held when so many had been, ever.
    pub fn settle(&mut self, taken: u64, out: &mut impl FnMut(&Sighting)) {
        while self.taken - (self.held.len() as u64) < taken
            && let Some(oldest) = self.held.pop_front()
        {
            self.held_bytes -= oldest.weight();
            self.show(oldest, out);
        }
    }

    /// Calls for the host, the id and the place of each sighting that is held.
    pub fn each_held(&self, tell: &mut impl FnMut(&Host, Stamp, u64)) {
        let tell = |held: &Sighting| tell(&held.event.host, held.event.stamp, held.event.last);
        self.held.iter().for_each(tell);
    }

    /// Whether any sighting is held.
    pub fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets all sightings go: nothing more will come.
    pub fn finish(&mut self, out: &mut impl FnMut(&Sighting)) {
        self.held_bytes = 0;
        self.held.drain(..).for_each(|sighting| out(&sighting));
    }

    fn take_call(&mut self, event: Event, out: &mut impl FnMut(&Sighting)) {
        let address = match self.knows_others {
            true => call_address::of(&event),
            false => call_address::family_of(&event),
        };
        let call = event.details.call;
        let Some(action) = connection::action(call, &address) else {
            if self.knows_others {
                let socket = self.sockets.of(&event);
                self.note_use(&event, socket);
            }
            return self.spare.push(event.details);
        };
        let mut sighting = Sighting {
            event,
            action,
            address,
            running: None,
            parent: None,
            socket: None,
            was_used: false,
            is_probe: false,
        };
        let names_none = matches!(sighting.address.family(), None | Some(Family::UNSPEC));
        let shows_connections = socket::shows_connections(call, sighting.exit());
        if names_none || shows_connections || self.knows_others {
            sighting.socket = self.sockets.of(&sighting.event);
        }
        if sighting.address == SocketAddress::Unspecified {
            let (digits, exit) = (call_address::digits_of(&sighting.event), sighting.exit());
            let taken = call_address::taken_for_inet(action, digits, exit, sighting.socket);
            sighting.address = taken.unwrap_or(sighting.address);
        }
        if matches!(call, Call::Accept | Call::Accept4) {
            self.sockets.note(&sighting.event);
        }
        if !self.knows_others {
            return self.show(sighting, out);
        }
        self.look_around(&mut sighting);
        self.held_bytes += sighting.weight();
        self.held.push_back(sighting);
        self.taken += 1;
        while (self.held.len() > HELD || self.held_bytes > HELD_BYTES)
            && let Some(oldest) = self.held.pop_front()
        {
            self.held_bytes -= oldest.weight();
            self.show(oldest, out);
        }
    }

    fn show(&mut self, sighting: Sighting, out: &mut impl FnMut(&Sighting)) {
        out(&sighting);
        self.spare.push(sighting.event.details);
    }

    /// Adds what other events tell about a call, and to others what this call tells about them.
    fn look_around(&mut self, sighting: &mut Sighting) {
        let event = &sighting.event;
        sighting.running = self.processes.called(event);
        sighting.parent = self.processes.parent_of(event);
        match sighting.action {
            Action::ConnectionAttempted if sighting.address == SocketAddress::Unspecified => {
                self.note_dissolution(&sighting.event, sighting.socket);
            }
            Action::ConnectionAttempted => {
                sighting.is_probe = sighting.address.port() == Some(0) && sighting.may_only_ask();
            }
            Action::DatagramSent | Action::DatagramReceived => {
                self.note_use(&sighting.event, sighting.socket);
            }
            _ => {}
        }
    }

    /// A connect to AF_UNSPEC: the connect before it on the same socket only asked for a route, as
    /// the resolver does to sort addresses.
    fn note_dissolution(&mut self, event: &Event, socket: Option<Socket>) {
        if let Some(before) = self.last_on(event, socket)
            && before.is_soon_before(event)
            && before.may_only_ask()
            && !before.was_used
        {
            before.is_probe = true;
        }
    }

    /// Data on a connected socket: its connect was more than a question.
    fn note_use(&mut self, event: &Event, socket: Option<Socket>) {
        if let Some(before) = self.last_on(event, socket)
            && before.action == Action::ConnectionAttempted
        {
            before.was_used = true;
            before.is_probe &= !before.is_soon_before(event);
        }
    }

    /// The last call on this socket, if it is still held.
    fn last_on(&mut self, event: &Event, socket: Option<Socket>) -> Option<&mut Sighting> {
        self.held.iter_mut().rev().find(|held| held.is_same_socket(event, socket))
    }
}
