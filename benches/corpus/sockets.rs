//! What sockets do: the calls that open, connect and bind them, and whom they talk to.
//!
//! A family comes in where the caller knows it, the records of an event go out. Whose turn it is,
//! is not known here.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::event::{ACCEPT4, BIND, CONNECT, Call, Family, SENDTO, SOCKET, Tells};
use crate::fleet::AboutToConnect;
use crate::made_up::UNIX_PATHS;
use crate::records::push_hex;
use crate::scene::Scene;

impl Scene<'_, '_> {
    pub fn connects(&mut self, family: Family, fd: u32) {
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
        self.syscall(CONNECT, exit, [fd, 0x55d3_1c20, length, 0], items, "net");
        self.event.tells = Tells::Address(Call::Connect, family);
        let path = self.address(family, None);
        if let Some(path) = path {
            // The kernel looks the socket's path up, so its CWD and PATH belong to the event.
            self.record("CWD", "cwd=\"/\"", "");
            self.path(0, path, if exit == 0 { "NORMAL" } else { "UNKNOWN" }, 0o140_666);
        }
        self.proctitle();
    }

    pub fn opens_socket(&mut self, family: Family) {
        let fd = 3 + self.dice().below(20) as u32;
        let domain = if matches!(family, Family::Inet6) { 10 } else { 2 };
        self.event.tells = Tells::Socket;
        self.syscall(SOCKET, i64::from(fd), [domain, 0x80001, 6, 0], 0, "net");
        self.proctitle();
        self.fleet.hosts[self.host].about_to_connect =
            Some(AboutToConnect { slot: self.slot, family, fd });
    }

    pub fn accepts(&mut self) {
        let fd = 5 + self.dice().below(40) as i64;
        self.syscall(ACCEPT4, fd, [4, 0x7ffc_2110, 0x7ffc_210c, 0x80800], 0, "net");
        let family = if self.dice().percent(15) { Family::Inet6 } else { Family::Inet };
        self.event.tells = Tells::Address(Call::Accept4, family);
        self.address(family, Some(32_768 + (fd as u16 * 577) % 28_000));
        self.proctitle();
    }

    pub fn sends(&mut self) {
        let exit = 30 + self.dice().below(30) as i64;
        self.syscall(SENDTO, exit, [3, 0x7f12_3400, exit as u32, 0x4000], 0, "net");
        let family = if self.dice().percent(25) { Family::Netlink } else { Family::Inet };
        self.event.tells = Tells::Address(Call::SendTo, family);
        self.address(family, Some(53));
        self.proctitle();
    }

    pub fn binds(&mut self) {
        self.syscall(BIND, 0, [3, 0x55aa_0010, 16, 0], 0, "net");
        let family = if self.dice().percent(40) { Family::Netlink } else { Family::Inet };
        self.event.tells = Tells::Address(Call::Bind, family);
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
}
