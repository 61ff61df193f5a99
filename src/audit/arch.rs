//! Names the architecture a system call was made for.
//!
//! The number behind `arch=` comes in (`c000003e`); a name and the byte order of its memory go out.
//! The numbers are the `AUDIT_ARCH_*` values of `linux/audit.h`: an ELF machine number with one bit
//! for 64-bit and one for little-endian. A number without a name here stays what it is and is
//! shown in hex. Which system call a number means under an architecture is the business of
//! [`super::syscalls`].
//!
//! One machine can log several architectures: a 64-bit kernel running a 32-bit program logs that
//! program's calls under the 32-bit one.

use std::fmt;

/// The architecture of one system call, as the kernel numbers it.
///
/// Every number is allowed; [`Arch::name`] tells whether it is one that is known.
///
/// ```
/// use oddsock::audit::arch::{Arch, ByteOrder};
///
/// let arch = Arch::from_hex(b"80000016").unwrap();
/// assert_eq!(arch, Arch::S390X);
/// assert_eq!(arch.to_string(), "s390x");
/// assert_eq!(arch.byte_order(), ByteOrder::Big);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Arch(pub u32);

/// The order in which a machine keeps the bytes of a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ByteOrder {
    /// Least significant byte first, as on x86 and nearly every arm.
    Little,
    /// Most significant byte first, as on s390x and the older POWER systems.
    Big,
}

/// `__AUDIT_ARCH_LE`.
const LITTLE_ENDIAN: u32 = 0x4000_0000;

impl Arch {
    /// Reads the digits of `arch=`; `None` unless they are one to eight hex digits.
    pub fn from_hex(digits: &[u8]) -> Option<Arch> {
        if digits.is_empty() || digits.len() > 8 {
            return None;
        }
        let mut number = 0;
        for &digit in digits {
            number = number << 4 | char::from(digit).to_digit(16)?;
        }
        Some(Arch(number))
    }

    /// Finds the architecture of a name, which is what interpreted logs give (`arch=x86_64`).
    pub fn from_name(name: &[u8]) -> Option<Arch> {
        NAMES.iter().find(|(_, known)| known.as_bytes() == name).map(|&(arch, _)| arch)
    }

    /// The name audit's tools use, if this is a known architecture.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|&&(arch, _)| arch == self).map(|&(_, name)| name)
    }

    /// The byte order of this architecture's memory, hence of what the kernel dumps in hex.
    ///
    /// It is read off a bit of the number, so it is also right for an architecture unknown here.
    #[inline]
    pub fn byte_order(self) -> ByteOrder {
        if self.0 & LITTLE_ENDIAN != 0 { ByteOrder::Little } else { ByteOrder::Big }
    }

    /// Whether it is a MIPS of any width and order, which has numbers of its own for much.
    pub(super) fn is_mips(self) -> bool {
        const EM_MIPS: u32 = 8;
        self.0 & 0xffff == EM_MIPS
    }
}

/// The name, or the number in hex as the log has it.
impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "{:x}", self.0),
        }
    }
}

macro_rules! architectures {
    ($($constant:ident = $number:literal, $name:literal;)*) => {
        impl Arch {
            $(
                #[doc = concat!("`AUDIT_ARCH_", stringify!($constant), "`")]
                pub const $constant: Arch = Arch($number);
            )*
        }

        const NAMES: &[(Arch, &str)] = &[$((Arch::$constant, $name)),*];
    };
}

// The common ones stand first because the list is searched from the top.
architectures! {
    X86_64 = 0xc000_003e, "x86_64";
    I386 = 0x4000_0003, "i386";
    AARCH64 = 0xc000_00b7, "aarch64";
    ARM = 0x4000_0028, "arm";
    ARMEB = 0x0000_0028, "armeb";
    PPC64LE = 0xc000_0015, "ppc64le";
    PPC64 = 0x8000_0015, "ppc64";
    PPC = 0x0000_0014, "ppc";
    S390X = 0x8000_0016, "s390x";
    S390 = 0x0000_0016, "s390";
    RISCV64 = 0xc000_00f3, "riscv64";
    RISCV32 = 0x4000_00f3, "riscv32";
    LOONGARCH64 = 0xc000_0102, "loongarch64";
    LOONGARCH32 = 0x4000_0102, "loongarch32";
    ALPHA = 0xc000_9026, "alpha";
    ARCOMPACT = 0x4000_005d, "arcompact";
    ARCOMPACTBE = 0x0000_005d, "arcompactbe";
    ARCV2 = 0x4000_00c3, "arcv2";
    ARCV2BE = 0x0000_00c3, "arcv2be";
    C6X = 0x4000_008c, "c6x";
    C6XBE = 0x0000_008c, "c6xbe";
    CRIS = 0x4000_004c, "cris";
    CSKY = 0x4000_00fc, "csky";
    FRV = 0x0000_5441, "frv";
    H8300 = 0x0000_002e, "h8300";
    HEXAGON = 0x0000_00a4, "hexagon";
    IA64 = 0xc000_0032, "ia64";
    M32R = 0x0000_0058, "m32r";
    M68K = 0x0000_0004, "m68k";
    MICROBLAZE = 0x0000_00bd, "microblaze";
    MIPS = 0x0000_0008, "mips";
    MIPSEL = 0x4000_0008, "mipsel";
    MIPS64 = 0x8000_0008, "mips64";
    MIPS64N32 = 0xa000_0008, "mips64n32";
    MIPSEL64 = 0xc000_0008, "mipsel64";
    MIPSEL64N32 = 0xe000_0008, "mipsel64n32";
    NDS32 = 0x4000_00a7, "nds32";
    NDS32BE = 0x0000_00a7, "nds32be";
    NIOS2 = 0x4000_0071, "nios2";
    OPENRISC = 0x0000_005c, "openrisc";
    PARISC = 0x0000_000f, "parisc";
    PARISC64 = 0x8000_000f, "parisc64";
    SH = 0x0000_002a, "sh";
    SHEL = 0x4000_002a, "shel";
    SH64 = 0x8000_002a, "sh64";
    SHEL64 = 0xc000_002a, "shel64";
    SPARC = 0x0000_0002, "sparc";
    SPARC64 = 0x8000_002b, "sparc64";
    TILEGX = 0xc000_00bf, "tilegx";
    TILEGX32 = 0x4000_00bf, "tilegx32";
    TILEPRO = 0x4000_00bc, "tilepro";
    UNICORE = 0x4000_006e, "unicore";
    XTENSA = 0x0000_005e, "xtensa";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_the_log_find_the_architecture() {
        assert_eq!(Arch::from_hex(b"c000003e"), Some(Arch::X86_64));
        assert_eq!(Arch::from_hex(b"C000003E"), Some(Arch::X86_64));
        assert_eq!(Arch::from_hex(b"40000003"), Some(Arch::I386));
        assert_eq!(Arch::from_hex(b"14"), Some(Arch::PPC));
    }

    #[test]
    fn what_is_not_a_32_bit_hex_number_is_no_architecture() {
        for digits in ["", "1c000003e", "c000003g", "0xc000003e", "x86_64", " 14", "+14"] {
            assert_eq!(Arch::from_hex(digits.as_bytes()), None, "{digits:?}");
        }
    }

    #[test]
    fn an_unknown_architecture_stays_a_number() {
        let odd = Arch::from_hex(b"c000ffff").unwrap();
        assert_eq!(odd.name(), None);
        assert_eq!(odd.to_string(), "c000ffff");
        assert_eq!(odd.byte_order(), ByteOrder::Little);
    }

    #[test]
    fn the_same_machine_in_the_other_byte_order_has_another_name() {
        assert_eq!(Arch::PPC64.byte_order(), ByteOrder::Big);
        assert_eq!(Arch::PPC64LE.byte_order(), ByteOrder::Little);
        assert_eq!(Arch::S390X.byte_order(), ByteOrder::Big);
        assert_eq!(Arch::AARCH64.byte_order(), ByteOrder::Little);
        assert_eq!(Arch::MIPS.byte_order(), ByteOrder::Big);
        assert_eq!(Arch::MIPSEL64N32.byte_order(), ByteOrder::Little);
    }

    #[test]
    fn every_name_leads_back_to_its_number_and_none_looks_like_hex() {
        for &(arch, name) in NAMES {
            assert_eq!(arch.name(), Some(name));
            assert_eq!(Arch::from_name(name.as_bytes()), Some(arch));
            assert_eq!(Arch::from_hex(name.as_bytes()), None);
        }
        assert_eq!(Arch::from_name(b"x86"), None);
        assert_eq!(Arch::from_name(b""), None);
    }
}
