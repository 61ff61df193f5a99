//! The first fields of a SYSCALL record: which call it was, how it ended, and whose it was.
//!
//! These few are wanted for every call on the network and every exec, so they are read at once, in
//! the order in which the kernel writes them; the rest of the record waits until somebody asks.

use memchr::memchr;

use super::arch::Arch;
use super::fields::Fields;
use super::value;

/// What the head of a SYSCALL (or URINGOP) record says.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CallHead {
    /// The calling convention; absent for io_uring.
    pub arch: Option<Arch>,
    /// The call's number there.
    pub number: u32,
    /// `success=`; some calls, like exit_group, have none.
    pub success: Option<bool>,
    /// `exit=`.
    pub exit: Option<i64>,
    /// `a0=` to `a3=`.
    pub arguments: [u64; 4],
    /// `ppid=`.
    pub parent: Option<u32>,
    /// `pid=`; a record without it is cut.
    pub pid: Option<u32>,
    /// How many bytes of the body follow these fields; none if they did not stand in the kernel's
    /// order, for others may stand between them then.
    rest: u32,
}

/// The architecture and number of the call, if the body begins with them as the kernel writes them.
#[inline]
pub fn arch_and_number(body: &[u8]) -> Option<(Arch, u32, &[u8])> {
    // Nearly all logs come from this architecture.
    if let Some(rest) = body.strip_prefix(b"arch=c000003e syscall=") {
        let (number, rest) = leading_number(rest);
        return Some((Arch::X86_64, u32::try_from(number?).ok()?, rest));
    }
    let rest = body.strip_prefix(b"arch=")?;
    let end = memchr(b' ', &rest[..rest.len().min(17)])?;
    let arch = u32::try_from(value::hexadecimal(&rest[..end])?).ok()?;
    let rest = rest[end + 1..].strip_prefix(b"syscall=")?;
    let (number, rest) = leading_number(rest);
    Some((Arch(arch), u32::try_from(number?).ok()?, rest))
}

impl CallHead {
    /// Reads the head of a SYSCALL record's body.
    #[inline]
    pub fn parse(body: &[u8]) -> CallHead {
        match arch_and_number(body) {
            Some((arch, number, rest)) => {
                CallHead { arch: Some(arch), number, ..CallHead::default() }.with_rest(rest)
            }
            None => CallHead::from_fields(body),
        }
    }

    /// What the body that this head was read from holds beyond it.
    pub fn behind<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let read = if self.rest == 0 { 0 } else { body.len().saturating_sub(self.rest as usize) };
        &body[read..]
    }

    /// The fields behind the number in the kernel's order; any surprise leads to the slow way.
    #[inline]
    fn with_rest(self, rest: &[u8]) -> CallHead {
        self.in_order(rest).unwrap_or_else(|| self.in_any_order(rest))
    }

    #[inline]
    fn in_order(mut self, rest: &[u8]) -> Option<CallHead> {
        let mut rest = rest;
        if let Some(behind) = rest.strip_prefix(b" success=") {
            let (yes, behind) = match behind {
                [b'y', b'e', b's', behind @ ..] => (true, behind),
                [b'n', b'o', behind @ ..] => (false, behind),
                _ => return None,
            };
            self.success = Some(yes);
            let behind = behind.strip_prefix(b" exit=")?;
            let (negative, behind) = match behind {
                [b'-', behind @ ..] => (true, behind),
                _ => (false, behind),
            };
            let (exit, behind) = leading_number(behind);
            let exit = i64::try_from(exit?).ok()?;
            self.exit = Some(if negative { -exit } else { exit });
            rest = behind;
        }
        for (name, argument) in [b" a0=", b" a1=", b" a2=", b" a3="].iter().zip(&mut self.arguments)
        {
            (*argument, rest) = leading_hex(rest.strip_prefix(*name)?)?;
        }
        let (_, behind) = leading_number(rest.strip_prefix(b" items=")?);
        let (parent, behind) = leading_number(behind.strip_prefix(b" ppid=")?);
        let (pid, behind) = leading_number(behind.strip_prefix(b" pid=")?);
        if behind.first() != Some(&b' ') {
            return None;
        }
        self.parent = Some(u32::try_from(parent?).ok()?);
        self.pid = Some(u32::try_from(pid?).ok()?);
        self.rest = u32::try_from(behind.len()).ok()?;
        Some(self)
    }

    #[cold]
    fn in_any_order(self, rest: &[u8]) -> CallHead {
        let mut head = CallHead::from_fields(rest);
        head.arch = self.arch;
        head.number = self.number;
        head
    }

    /// Reads the head from fields in any order, as old kernels and URINGOP have them.
    #[cold]
    pub fn from_fields(body: &[u8]) -> CallHead {
        let mut head = CallHead::default();
        let mut seen_pid = false;
        for field in Fields::of(body) {
            let small = |raw| value::decimal(raw).and_then(|n| u32::try_from(n).ok());
            match field.name {
                b"arch" if head.arch.is_none() => {
                    let arch = value::hexadecimal(field.raw).and_then(|a| u32::try_from(a).ok());
                    head.arch = arch.map(Arch);
                }
                b"syscall" | b"uring_op" => head.number = small(field.raw).unwrap_or(u32::MAX),
                b"success" => head.success = head.success.or(yes_or_no(field.raw)),
                b"exit" => head.exit = head.exit.or(value::decimal(field.raw)),
                [b'a', digit @ b'0'..=b'3'] => {
                    let argument = value::hexadecimal(field.raw).unwrap_or(0);
                    head.arguments[usize::from(digit - b'0')] = argument;
                }
                b"ppid" => head.parent = small(field.raw),
                b"pid" if !seen_pid => {
                    head.pid = small(field.raw);
                    seen_pid = true;
                }
                b"comm" | b"exe" | b"key" => break,
                _ => {}
            }
        }
        head
    }
}

fn yes_or_no(raw: &[u8]) -> Option<bool> {
    match raw {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// The decimal number at the start of the input, if there is one that fits, and what follows.
#[inline]
fn leading_number(input: &[u8]) -> (Option<u64>, &[u8]) {
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = input.get(length).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    ((1..20).contains(&length).then_some(value), &input[length..])
}

/// The hex number at the start of the input and what follows.
#[inline]
fn leading_hex(input: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    let mut length = 0;
    while let Some(digit) = input.get(length).map(|b| HEX[usize::from(*b)])
        && digit < 16
    {
        value = value << 4 | u64::from(digit);
        length += 1;
    }
    (1..=16).contains(&length).then_some((value, &input[length..]))
}

/// The value of each hex digit, and 16 for what is none: one look for each, as the processor cannot
/// guess which digits are letters.
const HEX: [u8; 256] = {
    let mut values = [16; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = "arch=c000003e syscall=42 success=no exit=-115 a0=3 a1=7ffc0a10 a2=10 a3=0 \
                         items=0 ppid=1 pid=812 auid=4294967295";

    #[test]
    fn the_kernels_order_and_any_other_say_the_same() {
        let head = CallHead::parse(USUAL.as_bytes());
        assert_eq!(CallHead { rest: 0, ..head }, CallHead::from_fields(USUAL.as_bytes()));
        assert_eq!(head.behind(USUAL.as_bytes()), b" auid=4294967295");
        let otherwise = USUAL.replacen("items=0 ppid=1", "items=0 uid=5 ppid=1", 1);
        let head = CallHead::parse(otherwise.as_bytes());
        assert_eq!(head.behind(otherwise.as_bytes()), otherwise.as_bytes());
        let head = CallHead::parse(USUAL.as_bytes());
        assert_eq!(head.arch, Some(Arch(0xc000_003e)));
        assert_eq!((head.number, head.success, head.exit), (42, Some(false), Some(-115)));
        assert_eq!(head.arguments, [3, 0x7ffc_0a10, 0x10, 0]);
        assert_eq!((head.parent, head.pid), (Some(1), Some(812)));
    }

    #[test]
    fn arguments_of_any_length_are_read_and_what_is_no_hex_digit_is_none() {
        for (digits, expected) in [
            ("0", 0),
            ("7f", 0x7f),
            ("9abcdef", 0x9ab_cdef),
            ("55d31c20", 0x55d3_1c20),
            ("7ffc0a10b", 0x7_ffc0_a10b),
            ("7ffd1234abcd", 0x7ffd_1234_abcd),
            ("fffffffffffffff", 0xfff_ffff_ffff_ffff),
            ("ffffffffffffff9c", 0xffff_ffff_ffff_ff9c),
        ] {
            let read = leading_hex(format!("{digits} items=0").as_bytes()).map(|(value, _)| value);
            assert_eq!(read, Some(expected), "{digits}");
        }
        for wrong in ["", "g", "`", "A1", "/", ":", "ffffffffffffffff0"] {
            assert_eq!(leading_hex(format!("{wrong} items=0").as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_call_that_never_returns_has_no_result() {
        let head =
            CallHead::parse(b"arch=c000003e syscall=231 a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 ");
        assert_eq!((head.success, head.exit, head.pid), (None, None, Some(2)));
    }

    #[test]
    fn a_head_that_is_cut_has_no_pid_unless_it_is_whole() {
        for end in 0..USUAL.len() {
            let head = CallHead::parse(&USUAL.as_bytes()[..end]);
            if end <= USUAL.find("pid=812").unwrap() {
                assert_eq!(head.pid, None, "{}", &USUAL[..end]);
            }
        }
    }

    #[test]
    fn a_32_bit_process_on_a_64_bit_kernel_may_have_negative_arguments() {
        let head = CallHead::parse(
            b"arch=40000003 syscall=102 success=yes exit=0 a0=3 a1=ffffffff a2=2 a3=0 items=0 \
              ppid=1 pid=2 x",
        );
        assert_eq!(head.arguments[1], 0xffff_ffff);
    }
}
