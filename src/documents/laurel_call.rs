//! The call that an event of laurel is about, and its address.
//!
//! A call is a number under an architecture, a name, or a request to io_uring. An address is bytes,
//! in hex or as laurel encodes them; or else what laurel or auditd has translated it to.

use std::borrow::Cow;
use std::net::IpAddr;

use super::flat::Flat;
use crate::audit::arch::Arch;
use crate::audit::call_address;
use crate::audit::family::Family;
use crate::audit::sockaddr::{self, SocketAddress, UnixAddress};
use crate::audit::syscalls::Call;
use crate::audit::{Action, Outcome, errno, value};

/// The record that has the call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    Syscall,
    /// Of a request to io_uring.
    Uringop,
}

/// The name of a field of the record that has the call.
macro_rules! of_record {
    ($record:expr, $field:literal) => {
        match $record {
            Record::Syscall => concat!("SYSCALL.", $field),
            Record::Uringop => concat!("URINGOP.", $field),
        }
    };
}

pub(super) use of_record;

/// The call that an event is about.
pub(super) struct Event<'r> {
    raw: &'r Flat,
    pub(super) record: Record,
    pub(super) call: Call,
    pub(super) arch: Option<Arch>,
}

impl<'r> Event<'r> {
    pub(super) fn of(raw: &'r Flat) -> Event<'r> {
        let arch = raw.first("SYSCALL.arch").and_then(hexadecimal);
        let arch = arch.and_then(|arch| u32::try_from(arch).ok()).map(Arch);
        let arch = arch.or_else(|| Arch::from_name(raw.first("SYSCALL.ARCH")?));
        let number = raw.first("SYSCALL.syscall").and_then(number);
        let call = match (arch, number.and_then(|number| u32::try_from(number).ok())) {
            (Some(arch), Some(number)) => Call::of(arch, number),
            _ => Call::from_name(raw.first("SYSCALL.SYSCALL").unwrap_or_default()),
        };
        let mut event = Event { raw, record: Record::Syscall, call, arch };
        match call {
            Call::SocketCall => {
                event.call = event.argument().map_or(call, Call::from_socketcall);
            }
            Call::Other | Call::IoUringEnter => {
                let request = raw.first("URINGOP.uring_op").and_then(number_of);
                if let Some(request) = request {
                    event.call = Call::from_uring(request);
                    event.record = Record::Uringop;
                    event.arch = None;
                }
            }
            _ => {}
        }
        event
    }

    /// The first argument of the call.
    fn argument(&self) -> Option<u64> {
        let argument = self.raw.first("SYSCALL.ARGV").or_else(|| self.raw.first("SYSCALL.a0"));
        hexadecimal(argument?)
    }

    /// The descriptor, which a `socketcall` and a request to io_uring do not tell.
    pub(super) fn descriptor(&self) -> Option<u64> {
        let number = self.raw.first("SYSCALL.syscall").and_then(number_of)?;
        let direct = Call::of(self.arch?, u32::try_from(number).ok()?);
        self.argument().filter(|_| direct == self.call)
    }

    pub(super) fn exit(&self) -> Option<i64> {
        self.raw.first(of_record!(self.record, "exit")).and_then(number)
    }

    pub(super) fn outcome(&self, address: &SocketAddress) -> Outcome {
        let success = match self.raw.first(of_record!(self.record, "success")) {
            Some(b"yes") => Some(true),
            Some(b"no") => Some(false),
            _ => None,
        };
        let exit = self.exit();
        let error = exit.and_then(errno::name);
        if self.record == Record::Uringop {
            // Such a request is tried without waiting, and then handed on to where it may wait.
            match (error, address) {
                (Some("EAGAIN"), _) => return Outcome::InProgress,
                (_, SocketAddress::Invalid) if success == Some(true) => return Outcome::Unknown,
                _ => {}
            }
        }
        Outcome::of_result(success, error, exit)
    }

    /// The address: the bytes, or what laurel or auditd has made of them.
    pub(super) fn address(&self) -> SocketAddress {
        let order = self.arch.map(|arch| arch.byte_order());
        if let Some(digits) = self.digits() {
            return sockaddr::decode(&digits, order);
        }
        let words = self.raw.first("SOCKADDR.SADDR").and_then(sockaddr::from_interpreted);
        words.or_else(|| self.translated_address()).unwrap_or(SocketAddress::Invalid)
    }

    /// The address that the kernel took this one for: one without a family may be one of IPv4.
    pub(super) fn taken_for(&self, action: Action, address: SocketAddress) -> SocketAddress {
        match self.digits() {
            Some(digits) if address == SocketAddress::Unspecified => {
                call_address::taken_for_inet(action, &digits, self.exit(), None).unwrap_or(address)
            }
            _ => address,
        }
    }

    /// The hex digits of the address's bytes.
    fn digits(&self) -> Option<Cow<'_, [u8]>> {
        let saddr = self.raw.first("SOCKADDR.saddr")?;
        // Numbers of families are small, so one of the first two bytes is encoded.
        let is_encoded = saddr.contains(&b'%');
        Some(if is_encoded { hex(&decoded(saddr)).into() } else { Cow::Borrowed(saddr) })
    }

    fn translated_address(&self) -> Option<SocketAddress> {
        let of = |names: [&str; 2]| names.iter().find_map(|name| self.raw.first(name));
        let family = Family::from_name(self.raw.first("SOCKADDR.SADDR.saddr_fam")?)?;
        let port = of(["SOCKADDR.SADDR.port", "SOCKADDR.SADDR.lport"]).and_then(number_of);
        let port = port.and_then(|port| u16::try_from(port).ok());
        let ip = of(["SOCKADDR.SADDR.addr", "SOCKADDR.SADDR.laddr"]);
        let ip = ip.and_then(|ip| std::str::from_utf8(ip).ok()?.parse().ok());
        Some(match (family, ip, port) {
            (Family::INET, Some(IpAddr::V4(address)), Some(port)) => {
                SocketAddress::Inet { address, port }
            }
            (Family::INET6, Some(IpAddr::V6(address)), Some(port)) => {
                let scope = self.raw.first("SOCKADDR.SADDR.scope_id").and_then(number_of);
                let scope = scope.and_then(|scope| u32::try_from(scope).ok()).unwrap_or(0);
                SocketAddress::Inet6 { address, port, flow: 0, scope }
            }
            (Family::INET | Family::INET6, ..) => SocketAddress::Short { family, port },
            (Family::UNIX, ..) => SocketAddress::Unix(UnixAddress::Unnamed),
            _ => SocketAddress::Other(family),
        })
    }
}

fn number(text: &[u8]) -> Option<i64> {
    value::decimal(text)
}

fn number_of(text: &[u8]) -> Option<u64> {
    u64::try_from(number(text)?).ok()
}

/// `0xc000003e`.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    value::hexadecimal(text.strip_prefix(b"0x").unwrap_or(text))
}

/// A string with its encoded bytes back in their places; a `%` before anything else is itself.
pub(super) fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let encoded = match rest {
            [b'%', high, low, ..] => value::hexadecimal(&[*high, *low]),
            _ => None,
        };
        bytes.push(encoded.map_or(*first, |byte| byte as u8));
        rest = if encoded.is_some() { &rest[3..] } else { behind };
    }
    Cow::Owned(bytes)
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).collect()
}
