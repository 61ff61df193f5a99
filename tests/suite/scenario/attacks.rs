//! Attacks of the kinds that the rules are for.
//!
//! One of each kind, after the first week: at any hour, on any host where it makes sense, under
//! names and ports that the dice choose.

use std::borrow::Cow;

use super::{BEGIN, DAY, Dice, Event, HOUR, MINUTE, Role, Wishes, address, outside, role};

/// What is done: from when on, with what is chosen for it.
type Deed = fn(&mut Scene<'_>, u64);

const DEEDS: [(&str, Deed); 14] = [
    ("reverse shell", reverse_shell),
    ("miner", miner),
    ("known tool, new port", known_tool_on_a_new_port),
    ("slow beacon", slow_beacon),
    ("beacon, known name", beacon_by_a_known_name),
    ("scan by a new tool", scan_by_a_new_tool),
    ("scan by a known tool", scan_by_a_known_tool),
    ("slow scan", slow_scan),
    ("exfiltration", exfiltration),
    ("lateral movement", lateral_movement),
    ("tool of other hosts", tool_of_other_hosts),
    ("job off its hours", job_off_its_hours),
    ("tunnel", tunnel),
    ("web shell", web_shell),
];

/// Where an attack happens, and what has been done.
struct Scene<'s> {
    wishes: Wishes,
    dice: Dice,
    attack: usize,
    events: &'s mut Vec<Event>,
}

/// All attacks; what they are called.
pub fn happen(wishes: Wishes, events: &mut Vec<Event>) -> Vec<&'static str> {
    for (attack, (name, deed)) in DEEDS.into_iter().enumerate() {
        let mut dice = wishes.dice(name);
        let first = BEGIN + 7 * DAY + 6 * HOUR;
        let begin = first + dice.below(wishes.end() - first - 30 * HOUR);
        deed(&mut Scene { wishes, dice, attack, events }, begin);
    }
    DEEDS.map(|(name, _)| name).to_vec()
}

impl Scene<'_> {
    /// A host of one of these roles; if there is none, any.
    fn host(&mut self, roles: &[Role]) -> usize {
        let hosts = (0..self.wishes.hosts).filter(|host| roles.contains(&role(*host)));
        let hosts: Vec<usize> = hosts.collect();
        match hosts.is_empty() {
            true => self.dice.below(self.wishes.hosts as u64) as usize,
            false => *self.dice.pick(&hosts),
        }
    }

    /// A name that nobody has, made to look as if somebody had.
    fn new_name(&mut self) -> Cow<'static, str> {
        let stem = *self.dice.pick(&["kworker", "dbus", "systemd", "udev", "cron", "snap", "acpi"]);
        let end = *self.dice.pick(&["-upd", "d0", "-x", "-helper", ".bin", "-net"]);
        Cow::Owned(format!("{stem}{end}{}", self.dice.below(10)))
    }

    /// A port that hardly anybody uses.
    fn odd_port(&mut self) -> u16 {
        let known = [4444, 1337, 8888, 9001, 5555, 31_337, 4443, 6666, 2083, 8531];
        match self.dice.below(2) {
            0 => *self.dice.pick(&known),
            _ => 1024 + self.dice.below(30_000) as u16,
        }
    }

    fn out(&mut self, time: u64, host: usize, process: &str, user: &'static str, port: u16) {
        let peer = outside(&mut self.dice);
        let process = Cow::Owned(process.to_string());
        let attack = Some(self.attack);
        let event = Event { time, host, process, user, peer, port, is_inbound: false, attack };
        if time < self.wishes.end() {
            self.events.push(event);
        }
    }

    fn reach(&mut self, time: u64, host: usize, process: &str, port: u16, other: usize) {
        self.out(time, host, process, "root", port);
        if let Some(event) = self.events.last_mut() {
            event.peer = address(other);
        }
    }

    /// The next time at which it is three in the morning or so.
    fn night(&mut self, time: u64) -> u64 {
        time / DAY * DAY + DAY + 2 * HOUR + self.dice.below(3 * HOUR)
    }
}

fn reverse_shell(scene: &mut Scene<'_>, begin: u64) {
    let (host, name) = (scene.host(&[Role::Web, Role::Mail]), scene.new_name());
    let port = if scene.dice.below(2) == 0 { 443 } else { scene.odd_port() };
    for again in 0..1 + scene.dice.below(3) {
        scene.out(begin + again * 20 * MINUTE, host, &name, "www-data", port);
    }
}

fn miner(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Build, Role::Workbench]);
    let (name, port) = (*scene.dice.pick(&["xmrig", "kdevtmpfsi", "minerd"]), 3333);
    for quarter in 0..20 + scene.dice.below(60) {
        scene.out(begin + quarter * 15 * MINUTE, host, name, "gitlab-runner", port);
    }
}

fn known_tool_on_a_new_port(scene: &mut Scene<'_>, begin: u64) {
    let (host, port) = (scene.host(&[Role::Workbench, Role::Admin]), scene.odd_port());
    let name = *scene.dice.pick(&["python3", "curl", "ssh"]);
    scene.out(begin, host, name, "ines", port);
}

fn slow_beacon(scene: &mut Scene<'_>, begin: u64) {
    let (host, name) = (scene.host(&[Role::Files, Role::Database]), scene.new_name());
    let apart = (4 + scene.dice.below(5)) * HOUR;
    let mut time = begin;
    while time < scene.wishes.end() {
        scene.out(time, host, &name, "root", 443);
        time += apart + scene.dice.below(HOUR);
    }
}

fn beacon_by_a_known_name(scene: &mut Scene<'_>, begin: u64) {
    let (host, port) = (scene.host(&[Role::Web, Role::Build]), scene.odd_port());
    let mut time = begin;
    for _ in 0..12 {
        scene.out(time, host, "curl", "www-data", port);
        time += 2 * HOUR + scene.dice.below(10 * MINUTE);
    }
}

fn scan_by_a_new_tool(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Web, Role::Workbench, Role::Mail]);
    let name = *scene.dice.pick(&["masscan", "zmap", "rustscan"]);
    for _ in 0..60 + scene.dice.below(200) {
        let (time, port) = (begin + scene.dice.below(12 * MINUTE), scene.dice.below(10_000));
        let other = scene.dice.below(scene.wishes.hosts as u64) as usize;
        scene.reach(time, host, name, 1 + port as u16, other);
    }
}

fn scan_by_a_known_tool(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Workbench, Role::Admin]);
    let first = 1 + scene.dice.below(8000) as u16;
    for port in 0..25 + scene.dice.below(40) as u16 {
        let time = begin + u64::from(port) * 4000;
        scene.reach(time, host, "python3", first + port, 0);
    }
}

fn slow_scan(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Workbench, Role::Build]);
    for hour in 0..10 {
        let port = scene.odd_port();
        scene.reach(begin + hour * 2 * HOUR, host, "python3", port, 1 % scene.wishes.hosts);
    }
}

fn exfiltration(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Web, Role::Build]);
    let time = scene.night(begin);
    let (name, port) = *scene.dice.pick(&[("scp", 22), ("rsync", 873)]);
    for again in 0..3 {
        scene.out(time + again * 5 * MINUTE, host, name, "root", port);
    }
}

fn lateral_movement(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Database, Role::Mail, Role::Files]);
    let time = scene.night(begin);
    for other in 0..4.min(scene.wishes.hosts) {
        scene.reach(time + other as u64 * 7 * MINUTE, host, "ssh", 22, other);
    }
}

fn tool_of_other_hosts(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Database, Role::Mail, Role::Web, Role::Monitoring]);
    let name = *scene.dice.pick(&["git", "python3", "psql", "pip"]);
    scene.out(begin, host, name, "www-data", 443);
}

fn job_off_its_hours(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Web]);
    let time = begin / DAY * DAY + 11 * HOUR + scene.dice.below(8 * HOUR);
    scene.out(time, host, "goaccess", "root", 7890);
}

fn tunnel(scene: &mut Scene<'_>, begin: u64) {
    let host = scene.host(&[Role::Mail, Role::Database, Role::Monitoring]);
    let name = *scene.dice.pick(&["iodine", "dnscat", "dns2tcpc"]);
    for quarter in 0..8 {
        scene.out(begin + quarter * 15 * MINUTE, host, name, "root", 53);
    }
}

fn web_shell(scene: &mut Scene<'_>, begin: u64) {
    let (host, port) = (scene.host(&[Role::Web]), scene.odd_port());
    let name = *scene.dice.pick(&["sh", "bash", "php"]);
    scene.out(begin, host, name, "www-data", port);
}
