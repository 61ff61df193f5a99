//! Weeks of a fleet's life, with attacks whose places are known.
//!
//! In come a few wishes and a seed, out come connections: those of servers doing their work, of
//! jobs that come every hour, day, week and month, of people between nine and five, of what is
//! rolled out, tried once and forgotten, and of attackers. Each connection of an attack says which
//! it belongs to. What the rules ought to find is not written beside the attacks but follows from
//! the connections ([`Truth`]): a process name or a port that nobody had shown, a process that
//! others had known for a week and this host never showed.
//!
//! The generator links nothing of oddsock. Its connections are fed to the engine ([`measure`]) or
//! written as an audit log ([`lines`]).

/// Attacks of the kinds that the rules are for.
mod attacks;
/// What changes: rollouts, updates, and tools that are used once.
mod changes;
/// What is claimed of the figures.
mod claims;
pub mod dice;
/// Connections as lines of an audit log.
mod lines;
/// How well attacks are found, and how often wolf is cried.
mod measure;
/// People at their hosts.
mod people;
/// Servers doing their work, and the jobs that come again.
mod routine;
/// Which attack is new to whom.
mod truth;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use dice::Dice;
pub use truth::{New, Truth};

/// Monday, 2 March 2026, in milliseconds since 1970: when all scenarios begin.
const BEGIN: u64 = 20_514 * DAY;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What a scenario is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    pub seed: u64,
    pub weeks: u64,
    pub hosts: usize,
    /// How often something irregular happens, in hundredths.
    pub noise: u64,
    /// How many tools are used once in a week, by ten hosts, in hundredths.
    pub one_offs: u64,
    /// How often FTP and RPC go to a port of the moment, in each quarter of an hour of the hosts
    /// that speak it, in 10,000.
    pub any_port: u64,
}

impl Wishes {
    /// Three weeks of ten hosts.
    pub fn usual(seed: u64) -> Wishes {
        Wishes { seed, weeks: 3, hosts: 10, noise: 50, one_offs: 100, any_port: 3 }
    }

    fn days(self) -> u64 {
        7 * self.weeks
    }

    fn end(self) -> u64 {
        BEGIN + self.days() * DAY
    }

    fn dice(self, purpose: &str) -> Dice {
        Dice::new(self.seed, purpose)
    }
}

/// A connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Event {
    /// In milliseconds since 1970.
    pub time: u64,
    /// Which host.
    pub host: usize,
    /// At most 15 bytes, as the kernel keeps it.
    pub process: Cow<'static, str>,
    pub user: &'static str,
    /// The other side's address.
    pub peer: Ipv4Addr,
    /// The other side's port.
    pub port: u16,
    /// Whether the other side began.
    pub is_inbound: bool,
    /// Which attack it belongs to.
    pub attack: Option<usize>,
}

/// What a host is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Web,
    Database,
    Workbench,
    Admin,
    Mail,
    Build,
    Monitoring,
    Files,
}

/// The roles of hosts, in their order; larger fleets begin again.
const ROLES: [Role; 10] = [
    Role::Web,
    Role::Database,
    Role::Workbench,
    Role::Admin,
    Role::Mail,
    Role::Build,
    Role::Monitoring,
    Role::Web,
    Role::Workbench,
    Role::Files,
];

/// What a host is for.
pub fn role(host: usize) -> Role {
    ROLES[host % ROLES.len()]
}

/// What a host is called.
pub fn name(host: usize) -> String {
    let what = match role(host) {
        Role::Web => "web",
        Role::Database => "db",
        Role::Workbench => "dev",
        Role::Admin => "admin",
        Role::Mail => "mail",
        Role::Build => "build",
        Role::Monitoring => "mon",
        Role::Files => "files",
    };
    format!("{what}{:02}", host + 1)
}

/// The address of a host.
fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 20, 0, 10 + host as u8)
}

/// Some address outside.
fn outside(dice: &mut Dice) -> Ipv4Addr {
    Ipv4Addr::new(*dice.pick(&[192, 198, 203]), 0, 113, 1 + dice.below(250) as u8)
}

/// A scenario.
#[derive(Debug)]
pub struct Scenario {
    pub wishes: Wishes,
    /// In the order of time.
    pub events: Vec<Event>,
    /// The attacks, by what they are called.
    pub attacks: Vec<&'static str>,
}

impl Scenario {
    /// Makes a scenario: the same for the same wishes.
    pub fn of(wishes: Wishes) -> Scenario {
        let mut events = Vec::new();
        routine::happen(wishes, &mut events);
        people::happen(wishes, &mut events);
        changes::happen(wishes, &mut events);
        events.retain(|event| (BEGIN..wishes.end()).contains(&event.time));
        events.sort_unstable();
        let attacks = attacks::happen(wishes, &mut events);
        events.sort_unstable();
        Scenario { wishes, events, attacks }
    }
}

/// Whether it is Saturday or Sunday.
fn is_weekend(day: u64) -> bool {
    day % 7 >= 5
}
