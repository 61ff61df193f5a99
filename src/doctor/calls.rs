//! The calls that rules are tried with.
//!
//! A machine comes in; out go made-up calls of every sort that rules tell apart and connections are
//! made by: by architecture, family and length of the address, outcome, and who makes it. What the
//! rules do with them is judged in [`super::coverage`].

use super::rules::{Machine, Probe, Who, is_64_bit};
use crate::audit::arch::Arch;
use crate::audit::syscalls::Call;

/// Programs of the native architecture.
pub(super) const OWN: &str = "the machine's own programs";

/// A way in which programs call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Way {
    pub(super) arch: Arch,
    /// Through `socketcall`, and under which number of its.
    through: Option<u32>,
    number: u32,
}

impl Way {
    /// What sentences call the programs that call this way.
    pub(super) fn name(self, machine: Machine) -> &'static str {
        match (self.through, self.arch == machine.native) {
            (_, true) => OWN,
            (None, false) => "32-bit programs",
            (Some(_), false) => "32-bit programs that call through socketcall",
        }
    }
}

/// What an address is, as far as rules see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) family: u16,
    length: u32,
}

pub(super) const UNIX: Shape = Shape { name: "Unix sockets", family: 1, length: 110 };
pub(super) const SHAPES: [Shape; 3] = [
    Shape { name: "IPv4", family: 2, length: 16 },
    Shape { name: "IPv6", family: 10, length: 28 },
    Shape { name: "addresses in a larger buffer", family: 2, length: 128 },
];

/// How a call ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    exit: i32,
}

pub(super) const OUTCOMES: [Outcome; 3] = [
    Outcome { name: "connects that succeed at once", exit: 0 },
    Outcome { name: "connects that do not block", exit: -115 },
    Outcome { name: "connects that are refused", exit: -111 },
];

/// An address of a program's own, as registers hold it.
const POINTER: u32 = 0xffcd_1230;

/// The ways in which a call is made: as itself, and through `socketcall` where C libraries do that.
pub(super) fn ways(call: Call, machine: Machine) -> Vec<Way> {
    let number_of =
        |arch: Arch, call: Call| (0..6600).find(|number| Call::of(arch, *number) == call);
    let mut ways = Vec::new();
    for arch in machine.architectures() {
        let direct = number_of(arch, call).map(|number| Way { arch, through: None, number });
        ways.extend(direct);
        let through = (1..=20).find(|number| Call::from_socketcall(*number) == call);
        // On 64 bits the call is there for old times' sake.
        if let (Some(through), Some(number), false) =
            (through, number_of(arch, Call::SocketCall), is_64_bit(arch))
        {
            ways.push(Way { arch, through: u32::try_from(through).ok(), number });
        }
    }
    ways
}

/// A connect.
pub(super) fn connect(way: Way, shape: Shape, outcome: Outcome, who: Who) -> Probe {
    let arguments = match way.through {
        Some(number) => [number, POINTER, POINTER, 0],
        None => [5, POINTER, shape.length, 0],
    };
    Probe {
        arch: way.arch,
        number: way.number,
        arguments,
        family: Some(shape.family),
        exit: outcome.exit,
        who,
    }
}

/// The making of a socket of a family.
pub(super) fn socket(way: Way, family: u32, who: Who) -> Probe {
    let arguments = match way.through {
        Some(number) => [number, POINTER, 0, 0],
        None => [family, 1, 0, 0],
    };
    Probe { arch: way.arch, number: way.number, arguments, family: None, exit: 5, who }
}

/// Any call that hands over no address: the start of a program, if it is the number of one.
pub(super) fn plain(arch: Arch, number: u32, who: Who) -> Probe {
    let arguments = [POINTER, POINTER, POINTER, 0];
    Probe { arch, number, arguments, family: None, exit: 0, who }
}

/// The start of a program.
pub(super) fn exec(way: Way, who: Who) -> Probe {
    plain(way.arch, way.number, who)
}

/// A call that hands an address to the kernel and is no connect, such as `sendto`.
pub(super) fn addressed(way: Way, who: Who) -> Probe {
    connect(way, SHAPES[0], OUTCOMES[0], who)
}
