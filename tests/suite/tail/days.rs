//! A day and a half of a machine's connections, as a log: what comes always, and now and then what
//! never came before.

use std::fmt::Write as _;

use crate::scenario::dice::Dice;

/// When it begins, in seconds since 1970: with a quarter of an hour.
pub const BEGIN: u64 = 1_700_000_100;
const QUARTER: u64 = 900;

/// The log of so many quarters of an hour.
pub fn log(quarters: u64, seed: u64) -> String {
    let mut dice = Dice::new(seed, "days");
    let (mut text, mut serial) = (String::new(), 1000);
    let usual = ["curl", "wget", "python3", "sshd", "cron", "ntpd"];
    let mut pid = 100;
    for quarter in 0..quarters {
        let mut calls: Vec<(u64, String)> = Vec::new();
        for name in usual {
            (0..1 + dice.below(2)).for_each(|_| calls.push((dice.below(900_000), name.into())));
        }
        if dice.below(9) == 0 {
            calls.push((dice.below(900_000), format!("odd{quarter}")));
        }
        calls.sort();
        for (at, name) in calls {
            let millis = (BEGIN + quarter * QUARTER) * 1000 + at;
            pid += dice.below(3);
            if dice.below(3) == 0 {
                serial += 1;
                exec(&mut text, (millis, serial), pid, &name, dice.below(1000));
            }
            serial += 1 + dice.below(20) / 19;
            connect(&mut text, (millis, serial), pid, &name, dice.below(250));
        }
    }
    text
}

/// The same as another host tells it.
pub fn told_by(host: &str, log: &str) -> String {
    log.split_inclusive('\n').map(|line| format!("node={host} {line}")).collect()
}

/// The same written under a clock that is so many seconds ahead, or behind.
pub fn ahead(log: &str, seconds: i64) -> String {
    let mut text = String::with_capacity(log.len());
    for line in log.split_inclusive('\n') {
        let (head, rest) = line.split_once("audit(").expect("a stamp");
        let time: u64 = rest[..10].parse().expect("seconds");
        let time = time.checked_add_signed(seconds).expect("a time");
        let _ = write!(text, "{head}audit({time}{}", &rest[10..]);
    }
    text
}

/// So many programs, each for the first time and once, when a quarter of an hour begins.
pub fn crowd(quarter: u64, number: u64) -> String {
    let mut text = String::new();
    for at in 0..number {
        let call = ((BEGIN + quarter * QUARTER) * 1000, quarter * 100_000 + at);
        connect(&mut text, call, 7, &format!("new-{quarter}-{at}"), at % 250);
    }
    text
}

/// The lines of the quarters of an hour before one, and the rest.
pub fn until(log: &str, quarter: u64) -> (&str, &str) {
    let end = BEGIN + quarter * QUARTER;
    let is_later = |line: &str| {
        let stamp = line.split_once("audit(").and_then(|(_, rest)| rest.get(..10));
        stamp.and_then(|seconds| seconds.parse::<u64>().ok()).is_some_and(|time| time >= end)
    };
    let lines = log.split_inclusive('\n');
    let length = lines.take_while(|line| !is_later(line)).map(str::len).sum();
    log.split_at(length)
}

fn stamp((millis, serial): (u64, u64)) -> String {
    format!("msg=audit({}.{:03}:{serial}): ", millis / 1000, millis % 1000)
}

fn head(text: &mut String, call: (u64, u64), number: u32, pid: u64, name: &str) {
    let _ = writeln!(
        text,
        "type=SYSCALL {}arch=c000003e syscall={number} success=yes exit=0 a0=3 a1=7ffc a2=10 a3=0 \
         items=0 ppid=1 pid={pid} auid=1500 uid=1500 gid=1500 euid=1500 suid=1500 fsuid=1500 \
         egid=1500 sgid=1500 fsgid=1500 tty=(none) ses=5 comm=\"{name}\" exe=\"/usr/bin/{name}\" \
         key=\"net\"",
        stamp(call)
    );
}

fn exec(text: &mut String, call: (u64, u64), pid: u64, name: &str, argument: u64) {
    head(text, call, 59, pid, name);
    let _ = writeln!(text, "type=EXECVE {}argc=2 a0=\"{name}\" a1=\"--n={argument}\"", stamp(call));
    let _ = writeln!(text, "type=CWD {}cwd=\"/srv/{argument}\"", stamp(call));
}

fn connect(text: &mut String, call: (u64, u64), pid: u64, name: &str, peer: u64) {
    head(text, call, 42, pid, name);
    let stamp = stamp(call);
    let _ = writeln!(text, "type=SOCKADDR {stamp}saddr=020001BBC00002{peer:02X}0000000000000000");
    let _ = writeln!(text, "type=PROCTITLE {stamp}proctitle=\"{name}\"");
}
