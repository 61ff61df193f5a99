//! Machine: which architectures the calls of one machine are made under.
//!
//! The name of its native architecture comes in; out go the one that its 32-bit programs have, and
//! the numbers of calls. Nothing is asked of the machine this runs on.

use crate::audit::arch::Arch;
use crate::audit::syscalls::Call;

/// A machine, as far as the numbers of its calls go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine {
    /// What its own programs are made for.
    pub native: Arch,
}

/// `__AUDIT_ARCH_64BIT`.
const WIDE: u32 = 0x8000_0000;

/// Whether an architecture has 64 bits.
pub fn is_64_bit(arch: Arch) -> bool {
    arch.0 & WIDE != 0
}

/// What 32-bit programs are made for on a machine of this architecture: `b32`.
pub(super) fn narrow(native: Arch) -> Option<Arch> {
    Some(match native {
        Arch::X86_64 => Arch::I386,
        Arch::AARCH64 => Arch::ARM,
        Arch::S390X => Arch::S390,
        Arch::PPC64 => Arch::PPC,
        _ if !is_64_bit(native) => native,
        _ => return None,
    })
}

/// Past the highest number of any table.
const NUMBERS: std::ops::Range<u32> = 0..6600;

impl Machine {
    /// A machine by the name that `uname -m` gives; `None` if its calls are not known.
    pub fn named(name: &str) -> Option<Machine> {
        let native = super::test::arch_of(name, Arch::X86_64)?;
        number_of(native, Call::Connect).map(|_| Machine { native })
    }

    /// The architectures whose programs it runs, its own first.
    pub fn architectures(self) -> Vec<Arch> {
        let narrow = narrow(self.native).filter(|narrow| *narrow != self.native);
        [Some(self.native), narrow].into_iter().flatten().collect()
    }

    /// The word for one of its architectures in a rule.
    pub fn word(self, arch: Arch) -> &'static str {
        if is_64_bit(arch) { "b64" } else { "b32" }
    }
}

/// The number of a call under an architecture, if it has one there.
pub(super) fn number_of(arch: Arch, call: Call) -> Option<u32> {
    NUMBERS.into_iter().find(|number| Call::of(arch, *number) == call)
}
