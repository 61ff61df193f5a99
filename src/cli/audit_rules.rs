//! `oddsock audit-rules`: the audit rules that oddsock recommends.

use clap::Args;

use super::Ending;
use super::page::Page;
use crate::doctor::rules::Machine;
use crate::doctor::{Part, recommended};

/// Print audit rules that record what oddsock wants to see
///
/// They record connects by every program, also those that do not block, by IPv4 and IPv6; program
/// starts; and the making of sockets. Each group of rules says what it costs and what it misses;
/// oddsock-audit-rules(7) has the whole story. Nothing is changed on this machine.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    architecture: Architecture,

    /// Leave out program starts: arguments and parents are not known then
    #[arg(long)]
    without_exec: bool,

    /// Leave out the making of sockets: TCP is not told from UDP then
    #[arg(long)]
    without_socket: bool,

    /// Record connections that are accepted as well
    #[arg(long)]
    with_accept: bool,

    /// Record datagrams that are sent without connecting as well
    #[arg(long)]
    with_datagrams: bool,

    /// Record connects by io_uring as well; needs Linux 5.16 and auditctl 3.1
    #[arg(long)]
    with_io_uring: bool,
}

/// Which machine the rules are for.
#[derive(Args, Debug)]
pub struct Architecture {
    /// The machine the rules are for, as "uname -m" names it; this one's if not given
    #[arg(long = "arch", value_name = "NAME", value_parser = machine)]
    machine: Option<Machine>,
}

/// Machines that people have.
pub const MACHINES: [&str; 6] = ["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "i686"];

fn machine(name: &str) -> Result<Machine, String> {
    Machine::named(name).ok_or_else(|| {
        "its system calls are not known; expected one such as x86_64, aarch64, ppc64le or s390x"
            .to_owned()
    })
}

impl Architecture {
    /// The machine.
    pub fn machine(&self) -> Result<Machine, String> {
        let named = |name| match name {
            "x86" => Machine::named("i386"),
            "powerpc64" if cfg!(target_endian = "little") => Machine::named("ppc64le"),
            "powerpc64" => Machine::named("ppc64"),
            name => Machine::named(name),
        };
        self.machine.or_else(|| named(std::env::consts::ARCH)).ok_or_else(|| {
            "the system calls of this machine are not known; name another one with --arch"
                .to_owned()
        })
    }
}

const EXAMPLES: &str = "Examples:
  oddsock audit-rules > /etc/audit/rules.d/50-oddsock.rules && augenrules --load
  oddsock audit-rules --arch aarch64 --with-accept
  oddsock audit-rules | oddsock doctor --rules -     nothing is wrong with them

Exit status: 0 printed, 2 wrong usage.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let is_wanted = |part: &Part| match part {
        Part::Connect => true,
        Part::Exec => !arguments.without_exec,
        Part::Socket => !arguments.without_socket,
        Part::Accept => arguments.with_accept,
        Part::Datagrams => arguments.with_datagrams,
        Part::IoUring => arguments.with_io_uring,
    };
    let parts: Vec<Part> = Part::ALL.into_iter().filter(is_wanted).collect();
    let mut page = Page::default();
    page.bytes(recommended(&parts, arguments.architecture.machine()?).as_bytes());
    page.print()?;
    Ok(Ending::Found)
}
