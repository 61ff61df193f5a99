//! Which connections are wanted: several values of one option mean any of them, several options
//! mean all of them.

use std::net::SocketAddr;
use std::str::FromStr;

use clap::Args;
use ipnet::IpNet;

use crate::audit::family::Family;
use crate::audit::{Action, Connection, Outcome, Sighting};
use crate::network;
use crate::rules::words;

/// The options that choose connections.
#[derive(Args, Clone, Default, Debug)]
#[command(next_help_heading = "Which connections")]
pub struct Filter {
    /// Only those of this host
    #[arg(short = 'n', long = "node", value_name = "HOST")]
    hosts: Vec<String>,

    /// Only those of this user, by name or number; also -ui
    #[arg(short = 'u', long = "user", visible_alias = "uid", value_name = "USER")]
    #[arg(allow_negative_numbers = true)]
    users: Vec<String>,

    /// Only those of whoever logged in as this user, by name or number, or of nobody who logged in:
    /// unset; also -ul
    #[arg(long = "auid", value_name = "USER", allow_negative_numbers = true)]
    audit_users: Vec<String>,

    /// Only those of a process with this name
    #[arg(short = 'c', long = "process", visible_alias = "comm", value_name = "NAME")]
    processes: Vec<String>,

    /// Only those of this executable
    #[arg(short = 'x', long = "exe", value_name = "PATH")]
    executables: Vec<String>,

    /// Only those of this process id
    #[arg(short = 'p', long = "pid", value_name = "PID", value_parser = pid)]
    #[arg(allow_negative_numbers = true)]
    pids: Vec<u32>,

    /// Only those with this address, or one in this network (10.0.0.0/8, 2001:db8::/32)
    #[arg(short = 'a', long = "address", value_name = "ADDRESS|CIDR", value_parser = network)]
    networks: Vec<IpNet>,

    /// Only those with this port, or one in this range (8000-8099)
    #[arg(long = "port", value_name = "PORT|RANGE")]
    ports: Vec<Ports>,

    /// Only these actions
    #[arg(long = "action", value_name = "ACTION", value_parser = action)]
    actions: Vec<Action>,

    /// Only those that ended so: success, failure, in-progress, unknown
    #[arg(long = "outcome", value_name = "OUTCOME", value_parser = outcome)]
    outcomes: Vec<Outcome>,

    /// Only those with this audit rule key
    #[arg(short = 'k', long = "key", value_name = "KEY")]
    keys: Vec<String>,

    /// Only addresses of this family: ip (the default), inet, inet6, unix, netlink … or all
    #[arg(long = "family", value_name = "FAMILY", value_parser = Families::from_str)]
    families: Vec<Families>,
}

/// What an action is called for short, each outcome, and families that people ask for.
pub const ACTIONS: [&str; 6] = ["connect", "accept", "send", "receive", "bind", "listen"];
pub const OUTCOMES: [&str; 4] = ["success", "failure", "in-progress", "unknown"];
pub const FAMILIES: [&str; 7] = ["ip", "all", "inet", "inet6", "unix", "netlink", "vsock"];

/// The families that one value of `--family` stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Families {
    Ip,
    All,
    One(Family),
}

impl FromStr for Families {
    type Err = String;

    fn from_str(text: &str) -> Result<Families, String> {
        match text {
            "ip" => Ok(Families::Ip),
            "all" => Ok(Families::All),
            name => Family::from_name(name.as_bytes())
                .or_else(|| name.parse().ok().map(Family))
                .map(Families::One)
                .ok_or_else(|| {
                    "not a family; give ip, all, a name such as inet, inet6, unix, netlink or \
                     vsock, or its number"
                        .to_string()
                }),
        }
    }
}

/// A range of ports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ports {
    first: u16,
    last: u16,
}

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Ports, String> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Ports { first, last }),
            _ => Err("not a port or a range of ports; give 443 or 8000-8099".to_string()),
        }
    }
}

fn pid(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "not a process id; give its number".to_owned())
}

fn network(text: &str) -> Result<IpNet, String> {
    let found = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // As addresses are shown that have a port behind them.
        Some((address, length))
            if address.contains(':') && (length.is_empty() || length.starts_with('/')) =>
        {
            network::network(&format!("{address}{length}"))
        }
        _ => network::network(text),
    };
    found.ok_or_else(|| {
        let hint = if text.parse::<SocketAddr>().is_ok() { "; a port goes to --port" } else { "" };
        format!("not an address or network; give 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32{hint}")
    })
}

fn action(text: &str) -> Result<Action, String> {
    let short = match text {
        "connect" => Some(Action::ConnectionAttempted),
        "accept" => Some(Action::ConnectionAccepted),
        "send" => Some(Action::DatagramSent),
        "receive" => Some(Action::DatagramReceived),
        "bind" => Some(Action::SocketBound),
        "listen" => Some(Action::SocketListening),
        _ => Action::ALL.into_iter().find(|action| action.name() == text),
    };
    short.ok_or_else(|| {
        let names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        let all = ACTIONS.iter().chain(&names).copied();
        format!(
            "not an action; give {} or {}{}",
            ACTIONS.join(", "),
            names.join(", "),
            words::meant(text, all)
        )
    })
}

fn outcome(text: &str) -> Result<Outcome, String> {
    match text {
        "success" => Ok(Outcome::Success),
        "failure" => Ok(Outcome::Failure),
        "in-progress" => Ok(Outcome::InProgress),
        "unknown" => Ok(Outcome::Unknown),
        _ => {
            let meant = words::meant(text, OUTCOMES.into_iter());
            Err(format!("not an outcome; give success, failure, in-progress or unknown{meant}"))
        }
    }
}

impl Filter {
    /// Whether only family and action are asked for, which a sighting tells without its text.
    pub fn is_light(&self) -> bool {
        let Filter { hosts, users, audit_users, processes, executables, pids, .. } = self;
        let Filter { networks, ports, outcomes, keys, .. } = self;
        let texts = [hosts, users, audit_users, processes, executables, keys];
        texts.iter().all(|list| list.is_empty())
            && pids.is_empty()
            && networks.is_empty()
            && ports.is_empty()
            && outcomes.is_empty()
    }

    /// Whether users are looked for by name.
    pub fn asks_for_user_names(&self) -> bool {
        let is_number = |user: &String| user == "unset" || user.parse::<i64>().is_ok();
        !self.users.iter().chain(&self.audit_users).all(is_number)
    }

    /// Whether the family and the action are wanted.
    pub fn wants(&self, sighting: &Sighting) -> bool {
        let family = sighting.family();
        let wanted = |families: &Families| match families {
            Families::Ip => sighting.is_ip(),
            Families::All => true,
            Families::One(wanted) => family == Some(*wanted),
        };
        (if self.families.is_empty() { sighting.is_ip() } else { self.families.iter().any(wanted) })
            && any(&self.actions, |action| *action == sighting.action())
    }

    /// Whether everything else is wanted too.
    pub fn wants_connection(&self, connection: &Connection<'_>) -> bool {
        let is = |text: Option<&[u8]>, wanted: &String| text == Some(wanted.as_bytes());
        any(&self.hosts, |host| is(Some(connection.host), host))
            && any(&self.pids, |pid| connection.pid == Some(*pid))
            && any(&self.ports, |ports| {
                connection.port.is_some_and(|port| (ports.first..=ports.last).contains(&port))
            })
            && any(&self.networks, |net| connection.ip.is_some_and(|ip| net.contains(&ip)))
            && any(&self.outcomes, |outcome| *outcome == connection.outcome)
            && any(&self.processes, |name| is(connection.name.as_deref(), name))
            && any(&self.executables, |path| is(connection.executable.as_deref(), path))
            && any(&self.users, |user| connection.user.is(user))
            && any(&self.audit_users, |user| connection.audit_user.is(user))
            && any(&self.keys, |key| connection.keys.iter().any(|k| k == key.as_bytes()))
    }
}

/// Whether any value fits; no values ask for nothing.
fn any<T>(values: &[T], fits: impl FnMut(&T) -> bool) -> bool {
    values.is_empty() || values.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_is_a_network_of_one() {
        assert_eq!(network("192.0.2.7").unwrap().to_string(), "192.0.2.7/32");
        assert_eq!(network("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network("::ffff:10.1.2.3/104").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network("::ffff:10.1.2.3/95").unwrap().to_string(), "::fffe:0:0/95");
        assert_eq!(network("[2001:db8::7]").unwrap().to_string(), "2001:db8::7/128");
        assert_eq!(network("[2001:db8::7]/32").unwrap().to_string(), "2001:db8::/32");
        for wrong in ["[2001:db8::7", "[2001:db8::7]2", "[10.0.0.1]", "[::1]:443", "[::]x/8"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
        assert!(network("10.0.0.0/33").is_err());
        assert!(network("example.net").is_err());
    }

    #[test]
    fn ports_are_one_or_a_range_that_goes_up() {
        assert_eq!("443".parse(), Ok(Ports { first: 443, last: 443 }));
        assert_eq!("1-3".parse(), Ok(Ports { first: 1, last: 3 }));
        for wrong in ["", "-1", "3-1", "65536", "http"] {
            assert!(wrong.parse::<Ports>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn families_have_names_numbers_and_two_words_of_their_own() {
        assert_eq!("all".parse(), Ok(Families::All));
        assert_eq!("unix".parse(), Ok(Families::One(Family::UNIX)));
        assert_eq!("1".parse(), Ok(Families::One(Family::UNIX)));
        assert!("ipx4".parse::<Families>().is_err());
    }
}
