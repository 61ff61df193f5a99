//! Writes an audit log of any size for the benchmarks.
//!
//! In come a file name and a few wishes, out go a log that is the same for the same wishes, byte
//! for byte, and one line of JSON on standard output: the truth, what the log holds. Records,
//! fields and their order are those of a 6.x kernel and auditd on x86-64; the hosts, programs and
//! addresses are made up (RFC 5737, RFC 3849 and RFC 1918 addresses).
//!
//! The generator does not know oddsock: it links none of its code, so that a mistake of the reader
//! cannot hide in the log it is measured on.
//!
//! ```text
//! cargo bench --bench corpus -- OUT [--size 256M] [--raw] [--rate EVENTS_PER_SECOND]
//!                                   [--interleave PERCENT] [--nodes N] [--seed N] [--eoe]
//! ```

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo bench --bench corpus -- OUT [--size 256M] [--raw] [--rate 250] \
                     [--interleave 5] [--nodes 0] [--seed 1] [--eoe]";

fn main() -> ExitCode {
    let wishes = match Wishes::from_arguments(std::env::args().skip(1)) {
        // A bare `cargo bench` runs every bench target; this one has then nothing to do.
        Ok(None) => {
            eprintln!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(Some(wishes)) => wishes,
        Err(complaint) => {
            eprintln!("corpus: {complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match write_corpus(&wishes) {
        Ok(truth) => {
            println!("{}", truth.as_json(&wishes));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("corpus: {}: {error}", wishes.out);
            ExitCode::FAILURE
        }
    }
}

/// What the log is to look like.
struct Wishes {
    out: String,
    bytes: u64,
    enriched: bool,
    events_per_second: u64,
    interleave_percent: u64,
    /// 0: one host, and no `node=` in front of the records.
    nodes: usize,
    seed: u64,
    /// auditd leaves EOE out of its file but sends it to its plugins.
    eoe: bool,
}

impl Wishes {
    fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut wishes = Self {
            out: String::new(),
            bytes: 256 << 20,
            enriched: true,
            events_per_second: 250,
            interleave_percent: 5,
            nodes: 0,
            seed: 1,
            eoe: false,
        };
        // cargo adds `--bench` to the arguments of a target without the standard harness.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().ok_or(format!("{argument} wants a number"))?;
                size(&value).ok_or(format!("{argument}: \"{value}\" is not a number"))
            };
            match argument.as_str() {
                "--size" => wishes.bytes = number()?,
                "--rate" => wishes.events_per_second = number()?.clamp(1, 1_000_000),
                "--interleave" => wishes.interleave_percent = number()?.min(100),
                "--nodes" => wishes.nodes = number()?.min(1000) as usize,
                "--seed" => wishes.seed = number()?,
                "--raw" => wishes.enriched = false,
                "--eoe" => wishes.eoe = true,
                "--test" | "--help" => return Ok(None),
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
                _ if wishes.out.is_empty() => wishes.out = argument,
                _ => return Err(format!("one OUT is enough, \"{argument}\" is a second")),
            }
        }
        Ok((!wishes.out.is_empty()).then_some(wishes))
    }
}

/// `256M` is 256 · 2²⁰.
fn size(text: &str) -> Option<u64> {
    let shift = match text.as_bytes().last()? {
        b'K' | b'k' => 10,
        b'M' | b'm' => 20,
        b'G' | b'g' => 30,
        _ => 0,
    };
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn write_corpus(wishes: &Wishes) -> io::Result<Truth> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&wishes.out)?);
    let mut fleet = Fleet::new(wishes);
    let mut truth = Truth::default();
    let (mut this, mut next) = (Event::default(), Event::default());
    fleet.next_event(&mut this, &mut truth);
    while truth.bytes < wishes.bytes {
        fleet.next_event(&mut next, &mut truth);
        // A process is in one system call at a time, so two events of the same process never mix.
        let may_mix = this.pid != next.pid && this.ends.len() > 1 && next.ends.len() > 1;
        if may_mix && fleet.dice.percent(wishes.interleave_percent) {
            write_interleaved(&mut out, &this, &next, &mut fleet.dice)?;
            truth.interleaved_pairs += 1;
            truth.count(&this);
            truth.count(&next);
            fleet.next_event(&mut this, &mut truth);
        } else {
            out.write_all(this.text.as_bytes())?;
            truth.count(&this);
            std::mem::swap(&mut this, &mut next);
        }
    }
    out.flush()?;
    truth.forget(&this);
    Ok(truth)
}

/// Mixes the records of two events, each keeping its own order, the second ending last.
fn write_interleaved(
    out: &mut impl Write,
    a: &Event,
    b: &Event,
    dice: &mut Dice,
) -> io::Result<()> {
    let (mut from_a, mut from_b) = (a.records(), b.records());
    let (mut left_a, mut left_b) = (a.ends.len(), b.ends.len());
    while left_a + left_b > 0 {
        let first_goes_on =
            left_a > 0 && (left_b <= 1 || left_a == a.ends.len() || dice.percent(50));
        let record = if first_goes_on { from_a.next() } else { from_b.next() };
        if first_goes_on {
            left_a -= 1
        } else {
            left_b -= 1
        }
        out.write_all(record.unwrap_or_default().as_bytes())?;
    }
    Ok(())
}

/// The records of one event, as text, and what the truth needs to know about them.
#[derive(Default)]
struct Event {
    text: String,
    ends: Vec<usize>,
    pid: u32,
    call: Option<(Call, Family)>,
    success: bool,
    slept: bool,
}

impl Event {
    fn records(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

/// The calls whose events carry an address, in the order of the truth line.
#[derive(Clone, Copy)]
enum Call {
    Connect,
    Accept4,
    SendTo,
    Bind,
}

#[derive(Clone, Copy)]
enum Family {
    Inet,
    Inet6,
    Unix,
    Netlink,
}

const CALLS: [(&str, u32); 4] = [("connect", 42), ("accept4", 288), ("sendto", 44), ("bind", 49)];
const FAMILIES: [&str; 4] = ["inet", "inet6", "unix", "netlink"];

/// What the log holds, counted while it is written.
#[derive(Default)]
struct Truth {
    bytes: u64,
    records: u64,
    events: u64,
    compound_events: u64,
    interleaved_pairs: u64,
    slept: u64,
    executions: u64,
    sockets: u64,
    calls: [[u64; FAMILIES.len()]; CALLS.len()],
    connects_succeeded: u64,
}

impl Truth {
    fn count(&mut self, event: &Event) {
        self.bytes += event.text.len() as u64;
        self.records += event.ends.len() as u64;
        self.events += 1;
        self.compound_events += u64::from(event.ends.len() > 1);
        self.slept += u64::from(event.slept);
        let Some((call, family)) = event.call else {
            return;
        };
        self.calls[call as usize][family as usize] += 1;
        if matches!(call, Call::Connect) {
            self.connects_succeeded += u64::from(event.success);
        }
    }

    /// Executions and sockets are counted when made; the last event made is never written.
    fn forget(&mut self, event: &Event) {
        self.executions -= u64::from(event.text.contains("type=EXECVE "));
        self.sockets -= u64::from(event.text.contains(" syscall=41 "));
    }

    fn as_json(&self, wishes: &Wishes) -> String {
        let mut json = String::from("{");
        let connects = self.calls[Call::Connect as usize];
        let by_call = |call: Call| self.calls[call as usize].iter().sum::<u64>();
        let network = self.calls.iter().flatten().sum();
        let [inet, inet6, ..] = connects;
        let ip = self.calls.iter().map(|families| families[0] + families[1]).sum();
        for (name, number) in [
            ("bytes", self.bytes),
            // Every record is a line, EOE included; nothing else is written.
            ("lines", self.records),
            ("records", self.records),
            ("events", self.events),
            ("compound_events", self.compound_events),
            ("interleaved_pairs", self.interleaved_pairs),
            ("slept", self.slept),
            ("executions", self.executions),
            ("sockets", self.sockets),
            ("network_events", network),
            ("ip_events", ip),
            ("connects", by_call(Call::Connect)),
            ("connects_ip", inet + inet6),
            ("connects_succeeded", self.connects_succeeded),
            ("seed", wishes.seed),
            ("events_per_second", wishes.events_per_second),
            ("nodes", wishes.nodes as u64),
        ] {
            let _ = write!(json, "\"{name}\":{number},");
        }
        for ((call, _), counts) in CALLS.iter().zip(&self.calls) {
            let _ = write!(json, "\"{call}\":{{");
            for (family, count) in FAMILIES.iter().zip(counts) {
                let _ = write!(json, "\"{family}\":{count},");
            }
            json.pop();
            json.push_str("},");
        }
        let _ = write!(json, "\"enriched\":{},\"eoe\":{}}}", wishes.enriched, wishes.eoe);
        json
    }
}

struct Program {
    comm: &'static str,
    exe: &'static str,
    arguments: &'static [&'static str],
    /// An index into [`USERS`].
    user: usize,
}

const PROGRAMS: [Program; 16] = [
    runs("curl", "/usr/bin/curl", &["curl", "-fsS", "https://repo.example.com/api/v2/health"], 2),
    runs("wget", "/usr/bin/wget", &["wget", "-q", "-O", "-", "http://mirror.example.net/list"], 0),
    runs(
        "python3",
        "/usr/bin/python3.11",
        &["/usr/bin/python3", "/opt/metrics/collect.py", "--every", "30"],
        3,
    ),
    runs("sshd", "/usr/sbin/sshd", &["sshd: deploy [priv]"], 0),
    runs("nginx", "/usr/sbin/nginx", &["nginx: worker process"], 1),
    runs(
        "postgres",
        "/usr/lib/postgresql/15/bin/postgres",
        &["/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main"],
        4,
    ),
    runs(
        "java",
        "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
        &["java", "-Xmx2g", "-Dapp.home=/srv/shop", "-jar", "/srv/shop/shop.jar"],
        3,
    ),
    runs("http", "/usr/lib/apt/methods/http", &["/usr/lib/apt/methods/http"], 5),
    runs("chronyd", "/usr/sbin/chronyd", &["/usr/sbin/chronyd", "-F", "1"], 6),
    runs("systemd-resolve", "/lib/systemd/systemd-resolved", &["/lib/systemd/systemd-resolved"], 7),
    runs("cron", "/usr/sbin/cron", &["/usr/sbin/CRON", "-f"], 0),
    runs(
        "bash",
        "/usr/bin/bash",
        &["bash", "-c", "tar -cf - /etc | ssh backup@10.0.9.4 'cat > etc.tar'"],
        2,
    ),
    runs("git", "/usr/bin/git", &["git", "fetch", "--prune", "origin"], 2),
    runs(
        "rsync",
        "/usr/bin/rsync",
        &["rsync", "-a", "--delete", "/srv/data/", "backup@10.0.9.4:/data"],
        0,
    ),
    runs(
        "pool thread 2",
        "/opt/agent/bin/agentd",
        &["/opt/agent/bin/agentd", "--config=/etc/agent/agent.yaml"],
        0,
    ),
    runs("ls", "/usr/bin/ls", &["ls", "--color=auto", "-la"], 2),
];

const fn runs(
    comm: &'static str,
    exe: &'static str,
    arguments: &'static [&'static str],
    user: usize,
) -> Program {
    Program { comm, exe, arguments, user }
}

const USERS: [(u32, &str); 8] = [
    (0, "root"),
    (33, "www-data"),
    (1000, "deploy"),
    (998, "metrics"),
    (109, "postgres"),
    (42, "_apt"),
    (110, "_chrony"),
    (101, "systemd-resolve"),
];

const UNIX_PATHS: [&str; 5] = [
    "/run/systemd/journal/stdout",
    "/var/run/nscd/socket",
    "/run/dbus/system_bus_socket",
    "/run/php/php8.2-fpm.sock",
    "/var/run/postgresql/.s.PGSQL.5432",
];

const FILES: [&str; 6] = [
    "/etc/passwd",
    "/etc/ssl/certs/ca-certificates.crt",
    "/var/lib/app/state.json",
    "/srv/shop/logs/access.log",
    "/etc/hosts",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
];

/// A program that is running: what an event's SYSCALL record says about its process.
#[derive(Clone, Copy)]
struct Process {
    pid: u32,
    ppid: u32,
    program: usize,
    /// None: started by no login, as a service is.
    session: Option<u32>,
}

/// One machine: serials, pids and sessions are its own.
struct Host {
    prefix: String,
    serial: u64,
    next_pid: u32,
    next_session: u32,
    processes: Vec<Process>,
    /// A process that has just opened a socket of a family and is about to connect it.
    about_to_connect: Option<(usize, Family, u32)>,
}

struct Fleet<'a> {
    wishes: &'a Wishes,
    dice: Dice,
    hosts: Vec<Host>,
    now_micros: u64,
    /// The beginning of the records of the event being written, after their type.
    stamp: String,
}

impl<'a> Fleet<'a> {
    fn new(wishes: &'a Wishes) -> Self {
        let mut dice = Dice(wishes.seed);
        let hosts = (0..wishes.nodes.max(1))
            .map(|number| Host {
                prefix: if wishes.nodes > 0 {
                    format!("node=web-{:02} ", number + 1)
                } else {
                    String::new()
                },
                serial: 1000 + dice.below(100_000),
                next_pid: 2000 + dice.below(1000) as u32,
                next_session: 1,
                processes: (0..64)
                    .map(|slot| Process {
                        pid: 600 + slot,
                        ppid: 1,
                        program: slot as usize % PROGRAMS.len(),
                        session: slot.is_multiple_of(3).then_some(1),
                    })
                    .collect(),
                about_to_connect: None,
            })
            .collect();
        Self { wishes, dice, hosts, now_micros: 1_790_000_000_000_000, stamp: String::new() }
    }

    fn next_event(&mut self, event: &mut Event, truth: &mut Truth) {
        let mean = 1_000_000 / self.wishes.events_per_second;
        self.now_micros += self.dice.below(2 * mean + 1);
        let host = self.dice.below(self.hosts.len() as u64) as usize;
        self.hosts[host].serial += 1;
        *event = Event { text: std::mem::take(&mut event.text), ..Event::default() };
        event.text.clear();

        let about_to_connect = self.hosts[host].about_to_connect.take();
        let slot = match about_to_connect {
            Some((slot, ..)) => slot,
            None => self.dice.below(self.hosts[host].processes.len() as u64) as usize,
        };
        let lot = self.dice.below(1000);
        // The kernel stamps a call at its entry and logs it at its exit, with a fresh serial: an
        // accept that slept is logged with an old time.
        event.slept =
            about_to_connect.is_none() && (360..390).contains(&lot) && self.dice.percent(25);
        let slept = if event.slept { 50 + self.dice.below(5_000) } else { 0 };
        let millis = self.now_micros / 1000 - slept;
        let serial = self.hosts[host].serial;
        self.stamp.clear();
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let _ = write!(self.stamp, " msg=audit({seconds}.{millis:03}:{serial}): ");

        let mut scene = Scene { fleet: self, host, slot, event };
        match (about_to_connect, lot) {
            (Some((_, family, fd)), _) => scene.connects(family, fd),
            (_, 0..250) => {
                let family = if scene.dice().percent(14) { Family::Inet6 } else { Family::Inet };
                if scene.dice().percent(25) {
                    scene.opens_socket(family);
                    truth.sockets += 1;
                } else {
                    scene.connects(family, 3);
                }
            }
            (_, 250..360) => scene.connects(Family::Unix, 4),
            (_, 360..390) => scene.accepts(),
            (_, 390..430) => scene.sends(),
            (_, 430..450) => scene.binds(),
            (_, 450..680) => {
                scene.executes();
                truth.executions += 1;
            }
            (_, 680..900) => scene.opens_file(),
            (_, 900..970) => scene.says(),
            _ => scene.logs_in(),
        }
        if self.wishes.eoe && event.ends.len() > 1 {
            Scene { fleet: self, host, slot, event }.record("EOE", "", "");
        }
    }
}

/// One event in the making: who does it, and where its records go.
struct Scene<'f, 'w> {
    fleet: &'f mut Fleet<'w>,
    host: usize,
    slot: usize,
    event: &'f mut Event,
}

impl Scene<'_, '_> {
    fn dice(&mut self) -> &mut Dice {
        &mut self.fleet.dice
    }

    fn process(&self) -> Process {
        self.fleet.hosts[self.host].processes[self.slot]
    }

    fn connects(&mut self, family: Family, fd: u32) {
        let exit = match (self.dice().below(100), family) {
            (0..12, Family::Inet | Family::Inet6) => -115, // EINPROGRESS
            (12..18, Family::Inet | Family::Inet6) => -111, // ECONNREFUSED
            (18..20, Family::Inet | Family::Inet6) => -110, // ETIMEDOUT
            (20..21, Family::Inet6) => -101,               // ENETUNREACH
            (0..15, Family::Unix) => -2,                   // ENOENT
            _ => 0,
        };
        let length = [16, 28, 110, 12][family as usize];
        let items = u32::from(matches!(family, Family::Unix));
        self.syscall(Call::Connect as usize, exit, [fd, 0x55d3_1c20, length, 0], items, "net");
        self.event.call = Some((Call::Connect, family));
        let path = self.address(family, None);
        if let Some(path) = path {
            // The kernel looks the socket's path up, so its CWD and PATH belong to the event.
            self.record("CWD", "cwd=\"/\"", "");
            self.path(0, path, if exit == 0 { "NORMAL" } else { "UNKNOWN" }, 0o140_666);
        }
        self.proctitle();
    }

    fn opens_socket(&mut self, family: Family) {
        let fd = 3 + self.dice().below(20) as u32;
        let domain = if matches!(family, Family::Inet6) { 10 } else { 2 };
        self.syscall(CALLS.len(), i64::from(fd), [domain, 0x80001, 6, 0], 0, "net");
        self.proctitle();
        self.fleet.hosts[self.host].about_to_connect = Some((self.slot, family, fd));
    }

    fn accepts(&mut self) {
        let fd = 5 + self.dice().below(40) as i64;
        self.syscall(Call::Accept4 as usize, fd, [4, 0x7ffc_2110, 0x7ffc_210c, 0x80800], 0, "net");
        let family = if self.dice().percent(15) { Family::Inet6 } else { Family::Inet };
        self.event.call = Some((Call::Accept4, family));
        self.address(family, Some(32_768 + (fd as u16 * 577) % 28_000));
        self.proctitle();
    }

    fn sends(&mut self) {
        let exit = 30 + self.dice().below(30) as i64;
        self.syscall(Call::SendTo as usize, exit, [3, 0x7f12_3400, exit as u32, 0x4000], 0, "net");
        let family = if self.dice().percent(25) { Family::Netlink } else { Family::Inet };
        self.event.call = Some((Call::SendTo, family));
        self.address(family, Some(53));
        self.proctitle();
    }

    fn binds(&mut self) {
        self.syscall(Call::Bind as usize, 0, [3, 0x55aa_0010, 16, 0], 0, "net");
        let family = if self.dice().percent(40) { Family::Netlink } else { Family::Inet };
        self.event.call = Some((Call::Bind, family));
        let port = 8000 + self.dice().below(100) as u16;
        self.address(family, Some(port));
        self.proctitle();
    }

    /// A SOCKADDR record; for a Unix socket the path in it, as PATH wants it too.
    fn address(&mut self, family: Family, port: Option<u16>) -> Option<&'static str> {
        let port = port.unwrap_or_else(|| {
            const PORTS: [u16; 8] = [443, 443, 443, 80, 53, 5432, 22, 8443];
            PORTS[self.fleet.dice.below(8) as usize]
        });
        let mut saddr = String::with_capacity(256);
        let mut spoken = String::new();
        let mut path = None;
        saddr.push_str("saddr=");
        match family {
            Family::Inet => {
                let ip = self.destination();
                let _ = write!(saddr, "0200{port:04X}{:08X}0000000000000000", u32::from(ip));
                let _ = write!(spoken, "SADDR={{ saddr_fam=inet laddr={ip} lport={port} }}");
            }
            Family::Inet6 => {
                let ip = match self.dice().below(10) {
                    0 => self.destination().to_ipv6_mapped(),
                    lot => Ipv6Addr::new(0x2001, 0xdb8, lot as u16, 0, 0, 0, 0, 1 + lot as u16),
                };
                let _ = write!(saddr, "0A00{port:04X}00000000{:032X}00000000", u128::from(ip));
                let _ = write!(spoken, "SADDR={{ saddr_fam=inet6 laddr={ip} lport={port} }}");
            }
            Family::Unix => {
                let name = UNIX_PATHS[self.dice().below(UNIX_PATHS.len() as u64) as usize];
                saddr.push_str("0100");
                push_hex(&mut saddr, name.as_bytes());
                // glibc hands the kernel the whole sockaddr_un, 110 bytes, whatever the path.
                let padding = 2 * (108 - name.len());
                let _ = write!(saddr, "{:0padding$}", 0);
                let _ = write!(spoken, "SADDR={{ saddr_fam=local path={name} }}");
                path = Some(name);
            }
            Family::Netlink => {
                saddr.push_str("100000000000000000000000");
                spoken.push_str("SADDR={ saddr_fam=netlink nlnk-fam=16 nlnk-pid=0 }");
            }
        }
        self.record("SOCKADDR", &saddr, &spoken);
        path
    }

    /// Few addresses often, many seldom, and now and then one never seen before.
    fn destination(&mut self) -> Ipv4Addr {
        let dice = self.dice();
        let last = (dice.below(254).min(dice.below(254)) + 1) as u8;
        match dice.below(20) {
            0..6 => Ipv4Addr::new(10, 0, last % 8, last),
            6..9 => Ipv4Addr::LOCALHOST,
            9..14 => Ipv4Addr::new(192, 0, 2, last),
            14..18 => Ipv4Addr::new(198, 51, 100, last),
            18 => Ipv4Addr::new(203, 0, 113, last),
            _ => Ipv4Addr::from(0x0A00_0000 | dice.below(1 << 24) as u32),
        }
    }

    fn executes(&mut self) {
        let parent = self.process();
        let slot = self.dice().below(64) as usize;
        let program = self.dice().below(PROGRAMS.len() as u64) as usize;
        let host = &mut self.fleet.hosts[self.host];
        host.next_pid = if host.next_pid < 4_000_000 { host.next_pid + 1 } else { 2000 };
        host.processes[slot] =
            Process { pid: host.next_pid, ppid: parent.pid, program, session: parent.session };
        self.slot = slot;
        let Program { exe, arguments, .. } = PROGRAMS[program];
        self.syscall(CALLS.len() + 1, 0, [0x55d0_6a80, 0x55d0_7c90, 0x55d0_2010, 8], 2, "exec");
        let mut list = format!("argc={}", arguments.len());
        for (number, argument) in arguments.iter().enumerate() {
            let _ = write!(list, " a{number}=");
            push_untrusted(&mut list, argument.as_bytes());
        }
        self.record("EXECVE", &list, "");
        self.record("CWD", "cwd=\"/srv/shop/releases/current\"", "");
        self.path(0, exe, "NORMAL", 0o100_755);
        self.path(1, "/lib64/ld-linux-x86-64.so.2", "NORMAL", 0o100_755);
        self.proctitle();
    }

    fn opens_file(&mut self) {
        let name = FILES[self.dice().below(FILES.len() as u64) as usize];
        let creates = self.dice().percent(40);
        let fails = !creates && self.dice().percent(15);
        let (exit, flags) = if fails { (-2, 0x80000) } else { (3, 0x80241) };
        let items = if creates { 2 } else { 1 };
        self.syscall(
            CALLS.len() + 2,
            exit,
            [0xffff_ff9c, 0x7ffe_0e40, flags, 0x1b6],
            items,
            "files",
        );
        self.record("CWD", "cwd=\"/srv/shop/releases/current\"", "");
        if creates {
            let parent = &name[..=name.rfind('/').unwrap_or(0)];
            self.path(0, parent, "PARENT", 0o040_755);
        }
        let nametype =
            ["NORMAL", "CREATE", "UNKNOWN"][usize::from(creates) + 2 * usize::from(fails)];
        self.path(u32::from(creates), name, nametype, 0o100_644);
        self.proctitle();
    }

    fn says(&mut self) {
        const SAYINGS: [(&str, &str); 7] = [
            (
                "USER_ACCT",
                "op=PAM:accounting grantors=pam_permit acct=\"deploy\" \
                 exe=\"/usr/sbin/sshd\" hostname=198.51.100.7 addr=198.51.100.7 \
                 terminal=ssh res=success",
            ),
            (
                "CRED_ACQ",
                "op=PAM:setcred grantors=pam_permit acct=\"root\" \
                 exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success",
            ),
            (
                "USER_START",
                "op=PAM:session_open \
                 grantors=pam_loginuid,pam_env,pam_permit,pam_unix,pam_limits \
                 acct=\"root\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron \
                 res=success",
            ),
            (
                "USER_END",
                "op=PAM:session_close \
                 grantors=pam_loginuid,pam_env,pam_permit,pam_unix,pam_limits \
                 acct=\"root\" exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron \
                 res=success",
            ),
            (
                "CRED_DISP",
                "op=PAM:setcred grantors=pam_permit acct=\"root\" \
                 exe=\"/usr/sbin/cron\" hostname=? addr=? terminal=cron res=success",
            ),
            (
                "SERVICE_START",
                "unit=apt-daily comm=\"systemd\" exe=\"/lib/systemd/systemd\" \
                 hostname=? addr=? terminal=? res=success",
            ),
            (
                "SERVICE_STOP",
                "unit=logrotate comm=\"systemd\" exe=\"/lib/systemd/systemd\" \
                 hostname=? addr=? terminal=? res=success",
            ),
        ];
        let (kind, words) = SAYINGS[self.dice().below(SAYINGS.len() as u64) as usize];
        let pid = self.process().pid;
        let unset = u32::MAX;
        let body =
            format!("pid={pid} uid=0 auid={unset} ses={unset} subj=unconfined msg='{words}'");
        self.record(kind, &body, "UID=\"root\" AUID=\"unset\"");
    }

    fn logs_in(&mut self) {
        let host = &mut self.fleet.hosts[self.host];
        host.next_session += 1;
        let session = host.next_session;
        host.processes[self.slot].session = Some(session);
        let pid = self.process().pid;
        let unset = u32::MAX;
        let body = format!(
            "pid={pid} uid=0 subj=unconfined old-auid={unset} auid=1000 tty=(none) old-ses={unset} \
             ses={session} res=1"
        );
        self.record("LOGIN", &body, "UID=\"root\" OLD-AUID=\"unset\" AUID=\"deploy\"");
        self.syscall(CALLS.len() + 3, 4, [8, 0x7ffd_9a20, 4, 0], 0, "");
        self.proctitle();
    }

    /// `call` counts through [`CALLS`] and then socket, execve, openat and write.
    fn syscall(&mut self, call: usize, exit: i64, arguments: [u32; 4], items: u32, key: &str) {
        const MORE: [(&str, u32); 4] =
            [("socket", 41), ("execve", 59), ("openat", 257), ("write", 1)];
        let (name, number) = CALLS.get(call).copied().unwrap_or_else(|| MORE[call - CALLS.len()]);
        let Process { pid, ppid, program, session } = self.process();
        let Program { comm, exe, user, .. } = PROGRAMS[program];
        let (uid, user) = USERS[user];
        let (auid, login) = if session.is_some() { (1000, "deploy") } else { (u32::MAX, "unset") };
        let ses = session.unwrap_or(u32::MAX);
        let tty = if session.is_some_and(|ses| ses % 2 == 0) { "pts0" } else { "(none)" };
        let success = if exit < 0 { "no" } else { "yes" };
        let [a0, a1, a2, a3] = arguments;
        self.event.pid = pid;
        self.event.success = exit >= 0;
        let mut body = String::with_capacity(512);
        let _ = write!(
            body,
            "arch=c000003e syscall={number} success={success} exit={exit} a0={a0:x} a1={a1:x} \
             a2={a2:x} a3={a3:x} items={items} ppid={ppid} pid={pid} auid={auid} uid={uid} \
             gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} \
             tty={tty} ses={ses} comm="
        );
        push_untrusted(&mut body, comm.as_bytes());
        let _ = write!(body, " exe=\"{exe}\" subj=unconfined key=");
        if key.is_empty() {
            body.push_str("(null)");
        } else {
            let _ = write!(body, "\"{key}\"");
        }
        let mut spoken = String::with_capacity(256);
        let _ = write!(
            spoken,
            "ARCH=x86_64 SYSCALL={name} AUID=\"{login}\" UID=\"{user}\" GID=\"{user}\" \
             EUID=\"{user}\" SUID=\"{user}\" FSUID=\"{user}\" EGID=\"{user}\" SGID=\"{user}\" \
             FSGID=\"{user}\""
        );
        self.record("SYSCALL", &body, &spoken);
    }

    fn path(&mut self, item: u32, name: &str, nametype: &str, mode: u32) {
        let mut body = String::with_capacity(256);
        let _ = write!(body, "item={item} name=\"{name}\" ");
        let found = nametype != "UNKNOWN";
        if found {
            let inode = 131_072 + 37 * name.len();
            let _ =
                write!(body, "inode={inode} dev=fe:01 mode={mode:07o} ouid=0 ogid=0 rdev=00:00 ");
        }
        let _ =
            write!(body, "nametype={nametype} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0");
        self.record("PATH", &body, if found { "OUID=\"root\" OGID=\"root\"" } else { "" });
    }

    fn proctitle(&mut self) {
        let mut title = PROGRAMS[self.process().program].arguments.join("\0");
        title.truncate(128); // As the kernel does.
        let mut body = String::from("proctitle=");
        push_untrusted(&mut body, title.as_bytes());
        self.record("PROCTITLE", &body, "");
    }

    /// `spoken` is what auditd adds in the enriched format, after the separator 0x1D.
    fn record(&mut self, kind: &str, body: &str, spoken: &str) {
        let text = &mut self.event.text;
        text.push_str(&self.fleet.hosts[self.host].prefix);
        text.push_str("type=");
        text.push_str(kind);
        text.push_str(&self.fleet.stamp);
        text.push_str(body);
        if self.fleet.wishes.enriched && !spoken.is_empty() {
            text.push('\x1d');
            text.push_str(spoken);
        }
        text.push('\n');
        self.event.ends.push(text.len());
    }
}

/// Text that a user may have chosen: quoted, or in hex where quotes would not hold it.
fn push_untrusted(out: &mut String, bytes: &[u8]) {
    let holds = |&byte: &u8| byte != b'"' && (0x21..0x7f).contains(&byte);
    if bytes.iter().all(holds) {
        out.push('"');
        out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
        out.push('"');
    } else {
        push_hex(out, bytes);
    }
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
}

/// SplitMix64: small, fast, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, less than `limit`. The bias of the remainder does not matter here.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}
