//! A small language for weeks of connections, and the short lines that alerts are shown as.
//!
//! A line is a host, a program, where it connects to and when:
//!
//! ```text
//! web  nginx  10.0.0.5:443       every 15m
//! web  backup 10.0.0.9:22        daily 02:00 from 3
//! web  nc     203.0.113.9:4444   day 10 10:07
//! web  curl   10.0.0.7:80        day 3 9 12 10:00
//! ```
//!
//! Days are counted from 0, which is Monday, 2024-01-01. `from` and `until` limit any of them to
//! some days. What follows `as` is the user, and `via` another call than connect.

use std::fmt::Write as _;
use std::net::IpAddr;

const MONDAY: u64 = 1_704_067_200;
const DAY: u64 = 86_400;

/// A line of a scene.
struct Habit {
    host: String,
    program: String,
    address: IpAddr,
    port: u16,
    user: String,
    call: &'static str,
    times: Vec<u64>,
}

impl Habit {
    fn parse(line: &str, days: u64) -> Habit {
        let mut words = line.split_whitespace();
        let mut next = || words.next().unwrap_or_else(|| panic!("{line}"));
        let (host, program, target) = (next(), next(), next());
        let (address, port) = target.rsplit_once(':').expect("an address and a port");
        let mut habit = Habit {
            host: host.to_string(),
            program: program.to_string(),
            address: address.trim_matches(['[', ']']).parse().expect("an address"),
            port: port.parse().expect("a port"),
            user: "root".to_string(),
            call: "connect",
            times: Vec::new(),
        };
        let rest: Vec<&str> = words.collect();
        let after = |word: &str| {
            let at = rest.iter().position(|known| *known == word)?;
            rest.get(at + 1).copied()
        };
        let day =
            |word, otherwise| after(word).map_or(otherwise, |day| day.parse().expect("a day"));
        let within = MONDAY + day("from", 0) * DAY..MONDAY + day("until", days) * DAY;
        habit.user = after("as").unwrap_or("root").to_string();
        if after("via") == Some("accept") {
            habit.call = "accept4";
        }
        let mut times: Vec<u64> = match rest[..] {
            ["every", step, ..] => {
                let minutes: u64 = step.trim_end_matches('m').parse().expect("minutes");
                (MONDAY..MONDAY + days * DAY).step_by(60 * minutes as usize).collect()
            }
            ["daily", clock, ..] => (0..days).map(|day| at(day, clock)).collect(),
            ["weekly", clock, ..] => (0..days).step_by(7).map(|day| at(day, clock)).collect(),
            ["day", ..] => {
                let clock = rest.iter().find(|word| word.contains(':')).expect("a clock");
                let days = rest[1..].iter().map_while(|day| day.parse().ok());
                days.map(|day| at(day, clock)).collect()
            }
            _ => panic!("{line}"),
        };
        times.retain(|time| within.contains(time));
        habit.times = times;
        habit
    }

    /// The records of one connection.
    fn records(&self, time: u64, serial: u64, into: &mut String) {
        let stamp = format!("msg=audit({time}.{:03}:{serial}):", serial % 1000);
        let number = if self.call == "connect" { 42 } else { 288 };
        let uid = if self.user == "root" { 0 } else { 1000 };
        let (program, user) = (&self.program, &self.user);
        let _ = writeln!(
            into,
            "node={} type=SYSCALL {stamp} arch=c000003e syscall={number} success=yes exit=0 a0=3 \
             a1=7ffd a2=10 a3=0 items=0 ppid=1 pid={} auid=4294967295 uid={uid} gid={uid} \
             euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} tty=(none) \
             ses=4294967295 comm=\"{program}\" exe=\"/usr/bin/{program}\" key=\"net\"\u{1d}\
             ARCH=x86_64 SYSCALL={} AUID=\"unset\" UID=\"{user}\" GID=\"{user}\"",
            self.host,
            2000 + serial % 1000,
            self.call,
        );
        let hex = match self.address {
            IpAddr::V4(ip) => format!("0200{:04X}{:08X}0000000000000000", self.port, u32::from(ip)),
            IpAddr::V6(ip) => {
                format!("0A00{:04X}00000000{:032X}00000000", self.port, u128::from(ip))
            }
        };
        let _ = writeln!(into, "node={} type=SOCKADDR {stamp} saddr={hex}", self.host);
    }
}

fn at(day: u64, clock: &str) -> u64 {
    let (hour, minute) = clock.split_once(':').expect("hours and minutes");
    let number = |text: &str| text.parse::<u64>().expect("a number");
    MONDAY + day * DAY + number(hour) * 3600 + number(minute) * 60
}

/// The log of a scene of so many days, in the order of time.
pub fn log(days: u64, scene: &str) -> String {
    let lines = scene.lines().map(str::trim).filter(|line| !line.is_empty());
    let habits: Vec<Habit> = lines.map(|line| Habit::parse(line, days)).collect();
    let mut times: Vec<(u64, usize)> = Vec::new();
    for (at, habit) in habits.iter().enumerate() {
        times.extend(habit.times.iter().map(|time| (*time, at)));
    }
    times.sort_unstable();
    let mut text = String::new();
    for (serial, (time, at)) in (1000..).zip(times) {
        habits[at].records(time, serial, &mut text);
    }
    text
}

/// An alert document in a line: when, what kind, which value, on which hosts, with which score.
pub fn line(document: &str) -> String {
    let alert: serde_json::Value = serde_json::from_str(document).expect("JSON");
    let text = |field: &str| match &alert[field] {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => {
            let list: Vec<_> = list.iter().map(|item| item.as_str().unwrap_or("?")).collect();
            list.join(",")
        }
        other => other.to_string(),
    };
    let start = text("oddsock.bucket.start");
    let day: jiff::Timestamp = start.parse().expect("a time");
    let since = (day.as_second() as u64 - MONDAY) / DAY;
    let score = alert["oddsock.score"].as_f64().expect("a score").round();
    let (function, field) = (text("oddsock.function"), text("oddsock.by_field"));
    let (value, hosts) = (text("oddsock.by_value"), text("host.name"));
    format!("day {since} {} {function} {field}={value} on {hosts} {score}", &start[11..16])
}
