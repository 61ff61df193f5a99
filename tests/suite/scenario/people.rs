//! People at their hosts, on working days between eight and six.

use super::{BEGIN, DAY, Dice, Event, HOUR, MINUTE, Role, Wishes, address, outside, role};

/// A tool, its port, whether it goes outside, and how often it is used among the others.
type Tool = (&'static str, u16, bool, u64);

const DEVELOPER: [Tool; 14] = [
    ("git", 443, true, 300),
    ("git", 22, false, 150),
    ("ssh", 22, false, 200),
    ("curl", 443, true, 150),
    ("curl", 8080, false, 80),
    ("npm", 443, true, 90),
    ("pip", 443, true, 60),
    ("cargo", 443, true, 90),
    ("python3", 443, true, 80),
    ("python3", 8000, false, 40),
    ("psql", 5432, false, 60),
    ("wget", 443, true, 20),
    ("scp", 22, false, 15),
    ("redis-cli", 6379, false, 10),
];

const OPERATOR: [Tool; 10] = [
    ("ssh", 22, false, 500),
    ("curl", 443, true, 120),
    ("dig", 53, true, 100),
    ("kubectl", 6443, false, 120),
    ("git", 443, true, 80),
    ("python3", 443, true, 40),
    ("scp", 22, false, 30),
    ("whois", 43, true, 12),
    ("openssl", 443, true, 12),
    ("ping", 1025, false, 20),
];

/// What is done on a server when something is looked into there.
const LOOKING: [Tool; 6] = [
    ("curl", 443, true, 60),
    ("dig", 53, true, 30),
    ("wget", 443, true, 15),
    ("ssh", 22, false, 10),
    ("apt", 80, true, 30),
    ("ping", 1025, false, 20),
];

/// A week's working days, each at somebody's desk.
pub fn happen(wishes: Wishes, events: &mut Vec<Event>) {
    let mut dice = wishes.dice("people");
    let working = |day: &u64| !super::is_weekend(*day);
    for host in 0..wishes.hosts {
        let (tools, user): (&[Tool], _) = match role(host) {
            Role::Workbench => (&DEVELOPER, "ines"),
            Role::Admin => (&OPERATOR, "olga"),
            _ => continue,
        };
        for day in (0..wishes.days()).filter(working) {
            let (from, to) = (7 + dice.below(3), 16 + dice.below(4));
            for quarter in from * 4..to * 4 {
                for _ in 0..dice.below(4) {
                    let time = BEGIN + day * DAY + quarter * 15 * MINUTE;
                    events.push(used(tools, user, host, time, wishes, &mut dice));
                }
            }
        }
    }
    for day in (0..wishes.days()).filter(working) {
        for _ in 0..dice.about(wishes.noise * wishes.hosts as u64 / 20) {
            let host = dice.below(wishes.hosts as u64) as usize;
            let time = BEGIN + day * DAY + (8 + dice.below(9)) * HOUR + dice.below(4) * 15 * MINUTE;
            for _ in 0..1 + dice.below(4) {
                events.push(used(&LOOKING, "root", host, time, wishes, &mut dice));
            }
        }
    }
}

fn used(
    tools: &[Tool],
    user: &'static str,
    host: usize,
    quarter: u64,
    wishes: Wishes,
    dice: &mut Dice,
) -> Event {
    let mut left = dice.below(tools.iter().map(|tool| tool.3).sum());
    let is_it = |tool: &&Tool| {
        let is_it = left < tool.3;
        left = left.saturating_sub(tool.3);
        is_it
    };
    let &(process, port, is_outside, _) = tools.iter().find(is_it).expect("one of all");
    let inside = address(dice.below(wishes.hosts as u64) as usize);
    Event {
        time: quarter + dice.below(15 * MINUTE),
        host,
        process: process.into(),
        user,
        peer: if is_outside { outside(dice) } else { inside },
        port,
        is_inbound: false,
        attack: None,
    }
}
