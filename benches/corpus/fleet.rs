//! The hosts, whose turn it is, and when.
//!
//! Wishes come in, events go out, one after the other as their hosts log them. What happens in an
//! event is the business of [`Scene`].

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::event::{Event, Family};
use crate::made_up::PROGRAMS;
use crate::scene::Scene;
use crate::wishes::Wishes;

/// Processes that run at a time on a host; a new one takes the place of another.
pub const SLOTS: u32 = 64;

/// All hosts of a log. They share one clock and one pair of dice.
pub struct Fleet<'a> {
    pub wishes: &'a Wishes,
    pub dice: Dice,
    pub hosts: Vec<Host>,
    now_micros: u64,
    /// The beginning of the records of the event being written, after their type.
    pub stamp: String,
}

/// One machine: serials, pids and sessions are its own.
pub struct Host {
    /// The beginning of each of its records.
    pub prefix: String,
    serial: u64,
    pub next_pid: u32,
    pub next_session: u32,
    pub processes: Vec<Process>,
    pub about_to_connect: Option<AboutToConnect>,
}

/// A program that is running: what an event's SYSCALL record says about its process.
#[derive(Clone, Copy)]
pub struct Process {
    pub pid: u32,
    pub ppid: u32,
    /// An index into [`PROGRAMS`].
    pub program: usize,
    /// None: started by no login, as a service is.
    pub session: Option<u32>,
}

/// A process that has just opened a socket of a family and is about to connect it.
#[derive(Clone, Copy)]
pub struct AboutToConnect {
    pub slot: usize,
    pub family: Family,
    pub fd: u32,
}

impl<'a> Fleet<'a> {
    pub fn new(wishes: &'a Wishes) -> Self {
        let mut dice = Dice::new(wishes.seed);
        let hosts = (0..wishes.nodes.max(1))
            .map(|number| {
                let prefix = match wishes.nodes {
                    0 => String::new(),
                    _ => format!("node=web-{:02} ", number + 1),
                };
                Host::new(prefix, &mut dice)
            })
            .collect();
        Self { wishes, dice, hosts, now_micros: 1_790_000_000_000_000, stamp: String::new() }
    }

    /// Writes the next event into one that is no longer needed.
    pub fn next_event(&mut self, event: &mut Event) {
        let mean = 1_000_000 / self.wishes.events_per_second;
        self.now_micros += self.dice.below(2 * mean + 1);
        let host = self.dice.below(self.hosts.len() as u64) as usize;
        *event = Event { text: std::mem::take(&mut event.text), ..Event::default() };
        event.text.clear();

        let about_to_connect = self.hosts[host].about_to_connect.take();
        let slot = match about_to_connect {
            Some(AboutToConnect { slot, .. }) => slot,
            None => self.dice.below(self.hosts[host].processes.len() as u64) as usize,
        };
        let lot = self.dice.below(1000);
        // The kernel stamps a call at its entry and logs it at its exit, with a fresh serial: an
        // accept that slept is logged with an old time.
        event.slept =
            about_to_connect.is_none() && (360..390).contains(&lot) && self.dice.percent(25);
        let slept = if event.slept { 50 + self.dice.below(5_000) } else { 0 };
        self.stamp_at(self.now_micros / 1000 - slept, host);

        let mut scene = Scene { fleet: self, host, slot, event };
        match about_to_connect {
            Some(AboutToConnect { family, fd, .. }) => scene.connects(family, fd),
            None => scene.happens(lot),
        }
        if scene.fleet.wishes.eoe && scene.event.ends.len() > 1 {
            scene.record("EOE", "", "");
        }
    }

    fn stamp_at(&mut self, millis: u64, host: usize) {
        let serial = &mut self.hosts[host].serial;
        *serial += 1;
        let (seconds, millis) = (millis / 1000, millis % 1000);
        self.stamp.clear();
        let _ = write!(self.stamp, " msg=audit({seconds}.{millis:03}:{serial}): ");
    }
}

impl Host {
    fn new(prefix: String, dice: &mut Dice) -> Self {
        let service = |slot: u32| Process {
            pid: 600 + slot,
            ppid: 1,
            program: slot as usize % PROGRAMS.len(),
            session: slot.is_multiple_of(3).then_some(1),
        };
        Self {
            prefix,
            serial: 1000 + dice.below(100_000),
            next_pid: 2000 + dice.below(1000) as u32,
            next_session: 1,
            processes: (0..SLOTS).map(service).collect(),
            about_to_connect: None,
        }
    }
}
