//! What changes: rollouts, updates, and tools that are used once.

use super::{BEGIN, DAY, Event, HOUR, MINUTE, Role, Wishes, address, outside, role};

/// What is rolled out: it is on all hosts within hours and stays.
const ROLLED_OUT: [(&str, u16); 5] =
    [("telegraf", 8086), ("osqueryd", 443), ("vector", 6000), ("consul", 8301), ("otelcol", 4317)];

/// What an update runs once on each host.
const UPDATES: [(&str, u16); 4] =
    [("ubuntu-advantag", 443), ("flatpak", 443), ("pro", 443), ("ucf-fetch", 80)];

/// What is used once, and perhaps again later that day.
const ONE_OFFS: [(&str, u16); 32] = [
    ("iperf3", 5201),
    ("mtr", 443),
    ("socat", 2222),
    ("websocat", 443),
    ("ab", 80),
    ("siege", 443),
    ("wrk", 8080),
    ("speedtest", 8080),
    ("mongosh", 27_017),
    ("mysql", 3306),
    ("telnet", 25),
    ("nc", 5432),
    ("swaks", 587),
    ("http-prompt", 443),
    ("aws", 443),
    ("gcloud", 443),
    ("terraform", 443),
    ("helm", 443),
    ("mc", 9000),
    ("restic", 8000),
    ("lynx", 80),
    ("irssi", 6697),
    ("smbclient", 445),
    ("showmount", 2049),
    ("mosquitto_pub", 1883),
    ("grpcurl", 50_051),
    ("cqlsh", 9042),
    ("ldapwhoami", 389),
    ("nmap", 443),
    ("vagrant", 443),
    ("ruby", 443),
    ("perl", 443),
];

/// All that changes.
pub fn happen(wishes: Wishes, events: &mut Vec<Event>) {
    let mut dice = wishes.dice("changes");
    let working_day = |week: u64, dice: &mut super::Dice| 7 * week + 1 + dice.below(4);
    for (at, (process, port)) in ROLLED_OUT.into_iter().enumerate().take(wishes.weeks as usize) {
        let begin = BEGIN + working_day(at as u64, &mut dice) * DAY + 10 * HOUR;
        for host in 0..wishes.hosts {
            let mut time = begin + dice.below(4 * HOUR);
            while time < wishes.end() {
                let peer = address(6 % wishes.hosts);
                events.push(event(time, host, process, "root", peer, port));
                time += 14 * MINUTE;
            }
        }
    }
    for (at, (process, port)) in UPDATES.into_iter().enumerate().take(wishes.weeks as usize) {
        let begin = BEGIN + working_day(at as u64, &mut dice) * DAY + 6 * HOUR;
        for host in 0..wishes.hosts {
            let time = begin + dice.below(3 * HOUR);
            events.push(event(time, host, process, "root", outside(&mut dice), port));
        }
    }
    // A tool is used once in a while, and forgotten; with more wishes than tools, now and again.
    let number = dice.about(wishes.one_offs * wishes.weeks * wishes.hosts as u64 / 10);
    let mut tools = ONE_OFFS.to_vec();
    for _ in 0..number {
        if tools.is_empty() {
            tools = ONE_OFFS.to_vec();
        }
        let (process, port) = tools.swap_remove(dice.below(tools.len() as u64) as usize);
        let day = working_day(dice.below(wishes.weeks), &mut dice);
        let mut host = dice.below(wishes.hosts as u64) as usize;
        // Half of them are used where people work.
        if dice.below(2) == 0 {
            let desks = (0..wishes.hosts)
                .filter(|host| matches!(role(*host), Role::Workbench | Role::Admin));
            host = *dice.pick(&desks.collect::<Vec<_>>());
        }
        let time = BEGIN + day * DAY + 8 * HOUR + dice.below(10 * HOUR);
        let peer = outside(&mut dice);
        for use_ in 0..1 + dice.below(3) {
            let time = time + use_ * dice.below(90 * MINUTE);
            events.push(event(time, host, process, "olga", peer, port));
        }
    }
}

fn event(
    time: u64,
    host: usize,
    process: &'static str,
    user: &'static str,
    peer: std::net::Ipv4Addr,
    port: u16,
) -> Event {
    let process = process.into();
    Event { time, host, process, user, peer, port, is_inbound: false, attack: None }
}
