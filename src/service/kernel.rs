//! How many records the kernel says it has lost, because nobody took them in time.
//!
//! The audit system is asked by netlink, as auditctl asks it; that takes `CAP_AUDIT_CONTROL`. Who
//! lacks it hears of losses by the gaps in serials alone. Nothing is changed, and the socket is
//! opened once: a process that has locked itself in may not open another.

use std::os::fd::OwnedFd;

use rustix::io::Result;
use rustix::net::netlink::{AUDIT, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};

/// The request for the status, and a flag that says it is a request.
const AUDIT_GET: u16 = 1000;
const REQUEST: u16 = 1;

/// How long the head of a message is, and where in the status the number of lost records stands:
/// behind mask, enabled, failure, pid, rate limit and backlog limit.
const HEAD: usize = 16;
const LOST: usize = HEAD + 6 * size_of::<u32>();

/// How many messages are looked at for the answer: the kernel may send others to everybody.
const MOST: usize = 8;

/// The way to the kernel's audit system.
#[derive(Debug)]
pub struct Kernel {
    socket: OwnedFd,
    number: u32,
}

impl Kernel {
    /// The way to it, for whoever may ask.
    pub fn open() -> Option<Kernel> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket =
            socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(AUDIT)).ok()?;
        let mut kernel = Kernel { socket, number: 0 };
        kernel.lost().map(|_| kernel)
    }

    /// How many records it has lost since it began, or somebody has set the number back.
    pub fn lost(&mut self) -> Option<u64> {
        self.number = self.number.wrapping_add(1);
        let sent = self.ask();
        // The kernel answers before it returns from the request.
        sent.ok()?;
        let mut message = [0; 512];
        (0..MOST).find_map(|_| {
            let (read, _) = recv(&self.socket, &mut message[..], RecvFlags::DONTWAIT).ok()?;
            lost_in(&message[..read], self.number)
        })
    }

    fn ask(&self) -> Result<()> {
        let mut request = Vec::with_capacity(HEAD);
        request.extend((HEAD as u32).to_ne_bytes());
        request.extend([AUDIT_GET, REQUEST].map(u16::to_ne_bytes).concat());
        request.extend([self.number, 0].map(u32::to_ne_bytes).concat());
        let to_kernel = SocketAddrNetlink::new(0, 0);
        sendto(&self.socket, &request, SendFlags::empty(), &to_kernel).map(|_| ())
    }
}

/// The number in an answer to this request; none in any other message.
fn lost_in(message: &[u8], number: u32) -> Option<u64> {
    let word = |at: usize| Some(u32::from_ne_bytes(*message.get(at..)?.first_chunk()?));
    let kind = u16::from_ne_bytes(*message.get(4..)?.first_chunk()?);
    let is_answer = kind == AUDIT_GET && word(8)? == number;
    if is_answer { word(LOST).map(u64::from) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of a kind, with a number, and a status in which lost is the seventh word.
    fn message(kind: u16, number: u32, status: &[u32]) -> Vec<u8> {
        let mut message = vec![0; 4];
        message.extend([kind, 0].map(u16::to_ne_bytes).concat());
        message.extend([number, 0].map(u32::to_ne_bytes).concat());
        message.extend(status.iter().flat_map(|word| word.to_ne_bytes()));
        message
    }

    #[test]
    fn the_number_is_read_from_the_answer_and_from_nothing_else() {
        let status = [0, 1, 1, 812, 0, 8192, 37, 2];
        assert_eq!(lost_in(&message(AUDIT_GET, 9, &status), 9), Some(37));
        assert_eq!(lost_in(&message(AUDIT_GET, 8, &status), 9), None, "another's answer");
        assert_eq!(lost_in(&message(2, 9, &status), 9), None, "an error");
        assert_eq!(lost_in(&message(AUDIT_GET, 9, &status[..6]), 9), None, "a short one");
        assert_eq!(lost_in(&[], 9), None);
    }

    #[test]
    fn the_kernel_says_what_auditctl_says() {
        let Some(lost) = Kernel::open().and_then(|mut kernel| kernel.lost()) else {
            println!("left out: asking the kernel takes CAP_AUDIT_CONTROL and an audit system");
            return;
        };
        let Ok(status) = std::process::Command::new("auditctl").arg("-s").output() else {
            println!("left out: auditctl is not installed");
            return;
        };
        let status = String::from_utf8_lossy(&status.stdout).into_owned();
        let said = status.lines().find_map(|line| line.strip_prefix("lost "));
        assert_eq!(said.and_then(|lost| lost.parse().ok()), Some(lost), "{status}");
    }
}
