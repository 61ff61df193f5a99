//! The names and numbers behind `-S`.
//!
//! The text comes in; the numbers that calls have under the rule's architecture go out. The calls
//! that connections are made of are known by name; of all others only the name is kept.

use std::ops::Range;

use super::command::{Parts, Read, fault};
use super::machine::{self, Machine};
use super::rule::{Calls, List};
use super::test;
use crate::audit::arch::Arch;
use crate::audit::syscalls::Call;

/// Past the last bit of the kernel's mask of calls.
const MOST: u32 = 2048;

/// Adds the calls of one `-S`.
pub(super) fn calls(
    parts: &mut Parts,
    text: &str,
    span: Range<usize>,
    machine: Machine,
) -> Read<()> {
    if text.starts_with('-') {
        return fault(span, "the name of the system call behind -S is missing");
    }
    if text == "all" {
        return Ok(());
    }
    let arch = parts.tests.iter().rev().find(|test| test.field == "arch");
    let arch = arch.and_then(|test| match &test.operand {
        test::Operand::Text(word) => test::arch_of(word, machine.native),
        _ => None,
    });
    if arch.is_none() && parts.list == List::Exit && machine.architectures().len() > 1 {
        let words = "without -F arch= before it a call is taken by its number, which is another \
                     call to 32-bit programs";
        parts.oddities.push((span.clone(), words.to_owned()));
    }
    let arch = arch.unwrap_or(machine.native);
    let mut at = span.start;
    for name in text.split(',') {
        let here = at..at + name.len();
        at = here.end + 1;
        let found = call(name, arch, parts.list, here)?;
        let Calls::Of { numbers, others } = &mut parts.calls else {
            let (mut numbers, mut others) = (Vec::new(), Vec::new());
            found.map_or_else(|| others.push(name.to_ascii_lowercase()), |n| numbers.push(n));
            parts.calls = Calls::Of { numbers, others };
            continue;
        };
        found.map_or_else(|| others.push(name.to_ascii_lowercase()), |n| numbers.push(n));
    }
    Ok(())
}

/// The number of a call, if it is one that is known here.
fn call(name: &str, arch: Arch, list: List, span: Range<usize>) -> Read<Option<u32>> {
    if let Some(number) = test::number(name).filter(|_| !name.is_empty()) {
        return match number < MOST {
            true => Ok(Some(number)),
            false => fault(span, format!("there is no system call {name}")),
        };
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(letters) {
        return fault(
            span,
            "expected names of system calls with commas and no blanks between them",
        );
    }
    let lower = name.to_ascii_lowercase();
    let call = Call::from_name(lower.as_bytes());
    if list == List::IoUring {
        return Ok((0..64)
            .find(|op| call != Call::Other && Call::from_uring(*op) == call)
            .map(|op| op as u32));
    }
    if call == Call::Other {
        let meant = NAMES.iter().find(|known| is_slip_of(&lower, known));
        return match meant {
            Some(known) => {
                fault(span, format!("there is no system call \"{name}\"; \"{known}\" is one"))
            }
            None => Ok(None),
        };
    }
    match machine::number_of(arch, call) {
        Some(number) => Ok(Some(number)),
        None => fault(span, format!("{arch} has no system call {lower}")),
    }
}

/// Names long enough that one wrong letter makes no other call of them.
const NAMES: [&str; 10] = [
    "connect",
    "socket",
    "accept",
    "listen",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "execve",
    "execveat",
    "socketcall",
];

/// Whether one letter more, less or other makes one of the other, or two that changed places.
fn is_slip_of(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (a, b) = (&one[same..], &other[same..]);
    let rest = |text: &[u8], from: usize| text.get(from..).map(<[u8]>::to_vec);
    rest(a, 1) == rest(b, 1) && a.len() == b.len()
        || a.len() == b.len() + 1 && a[1..] == *b
        || b.len() == a.len() + 1 && b[1..] == *a
        || a.len() == b.len() && a.len() >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..]
}
