//! The rules that oddsock recommends.
//!
//! What is wanted and for which machine comes in; the text of a rule file goes out, each rule with
//! what it is good for, what it costs and what it misses. The same wishes give the same text.

use std::fmt::Write;

use super::rules::{Machine, is_64_bit};
use crate::audit::arch::Arch;
use crate::audit::syscalls::Call;

/// A group of rules with one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Part {
    Connect,
    Exec,
    Socket,
    Accept,
    Datagrams,
    IoUring,
}

impl Part {
    /// All there are, in the order of the file.
    pub const ALL: [Part; 6] =
        [Part::Connect, Part::Exec, Part::Socket, Part::Accept, Part::Datagrams, Part::IoUring];

    /// What stands above its rules.
    fn comment(self) -> &'static str {
        match self {
            Part::Connect => {
                "Connections that programs open, by IPv4, IPv6 and all but Unix sockets.\n\
                 Costs 3 lines of log, about 700 bytes, for each connect.\n\
                 No -F success: connects that do not block end in an error (EINPROGRESS), and\n\
                 most programs make such. No -F a2: how long an address is, is up to the program.\n\
                 Misses io_uring, and datagrams that are sent without connecting."
            }
            Part::Exec => {
                "Programs that are started: the arguments and the parents of whatever connects.\n\
                 Costs 6 lines of log, about 1300 bytes, for each start, and more for long\n\
                 arguments: much on machines that build, or run scripts all day.\n\
                 Only what succeeds: a search along PATH fails often, and that tells nothing."
            }
            Part::Socket => {
                "Sockets for IPv4 (2) and IPv6 (10) as they are made: tells TCP from UDP.\n\
                 Costs 2 lines of log, about 550 bytes, for each. Unix sockets are left out, but\n\
                 for 32-bit programs that use socketcall, where the kernel cannot tell them."
            }
            Part::Accept => {
                "Connections that services accept, and from where.\n\
                 Costs 3 lines of log, about 700 bytes, for each: much on a busy server."
            }
            Part::Datagrams => {
                "Datagrams sent to an address without connecting: DNS by hand, syslog, servers.\n\
                 Costs 3 lines of log, about 700 bytes, for each: very much on a server for DNS.\n\
                 Netlink (16) is left out, for it is the kernel that is talked to."
            }
            Part::IoUring => {
                "Connections asked for through io_uring, which no other rule sees.\n\
                 Needs Linux 5.16 and auditctl 3.1; older ones refuse the line and all below it.\n\
                 Neither families nor arguments can be told apart there."
            }
        }
    }

    /// The key its rules have.
    fn key(self) -> &'static str {
        match self {
            Part::Connect => "net-connect",
            Part::Exec => "exec",
            Part::Socket => "net-socket",
            Part::Accept => "net-accept",
            Part::Datagrams => "net-send",
            Part::IoUring => "net-uring",
        }
    }

    /// Its rules for the programs of one architecture of a machine.
    pub fn rules(self, arch: Arch, machine: Machine) -> Vec<String> {
        let (key, word) = (self.key(), machine.word(arch));
        if self == Part::IoUring {
            let is_first = arch == machine.native;
            return is_first
                .then(|| format!("-a always,io_uring -S connect -k {key}"))
                .into_iter()
                .collect();
        }
        let rule = |what: &str| format!("-a always,exit -F arch={word} {what} -k {key}");
        let has = |call: &Call| (0..2048).any(|number| Call::of(arch, number) == *call);
        let named = |calls: &[Call]| {
            let names: Vec<_> =
                calls.iter().filter(|call| has(call)).map(|call| call.name()).collect();
            names.join(",")
        };
        // Programs of 64 bits have calls of their own for all of this.
        let joined = !is_64_bit(arch) && has(&Call::SocketCall);
        let direct = |calls: &[Call], tests: &str| {
            let names = named(calls);
            (!names.is_empty()).then(|| rule(&format!("-S {names}{tests}")))
        };
        let through = |number: u8, tests: &str| {
            joined.then(|| rule(&format!("-S socketcall -F a0={number}{tests}")))
        };
        let (ip, no_netlink) = (" -F saddr_fam!=1", " -F saddr_fam!=1 -F saddr_fam!=16");
        match self {
            Part::Connect => vec![direct(&[Call::Connect], ip), through(3, ip)],
            Part::Exec => vec![direct(&[Call::Execve, Call::Execveat], " -F success=1")],
            Part::Socket => vec![
                direct(&[Call::Socket], " -F a0=2"),
                direct(&[Call::Socket], " -F a0=10"),
                through(1, ""),
            ],
            Part::Accept => {
                vec![direct(&[Call::Accept, Call::Accept4], ip), through(5, ip), through(18, ip)]
            }
            Part::Datagrams => vec![
                direct(&[Call::SendTo, Call::SendMsg, Call::SendMmsg], no_netlink),
                through(11, no_netlink),
                through(16, no_netlink),
                through(20, no_netlink),
            ],
            Part::IoUring => Vec::new(),
        }
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What stands above all rules.
const HEAD: &str = "\
## Audit rules for oddsock: what to record so that connections can be told, and no more.
##
## To use them, put this into /etc/audit/rules.d/50-oddsock.rules and run \"augenrules --load\".
## Needs Linux 5.3 or newer, for saddr_fam. Rules before these can hide what they record, such as
## \"-a task,never\"; \"oddsock doctor\" tells. oddsock-audit-rules(7) has the whole story.
";

/// The text of a rule file for a machine.
pub fn recommended(parts: &[Part], machine: Machine) -> String {
    let mut text = HEAD.to_owned();
    for part in Part::ALL.iter().filter(|part| parts.contains(part)) {
        text.push('\n');
        for line in part.comment().lines() {
            let _ = writeln!(text, "# {line}");
        }
        for rule in machine.architectures().iter().flat_map(|arch| part.rules(*arch, machine)) {
            text.push_str(&rule);
            text.push('\n');
        }
    }
    text
}
