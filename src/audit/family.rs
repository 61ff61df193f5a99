//! Names the family of a socket address.
//!
//! The number at the head of every `sockaddr` comes in, or the name an enriched log gives it; the
//! other goes out. What follows the number is the business of [`super::sockaddr`].

use std::fmt;

/// An address family, as `linux/socket.h` numbers them (`AF_*`).
///
/// Every number is allowed; [`Family::name`] tells whether it is one that is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Family(pub u16);

impl Family {
    /// No family: an empty address, or the request to forget one.
    pub const UNSPEC: Family = Family(0);
    /// Sockets within one machine, named by path or by an abstract name.
    pub const UNIX: Family = Family(1);
    /// IPv4.
    pub const INET: Family = Family(2);
    /// IPv6.
    pub const INET6: Family = Family(10);
    /// Messages between the kernel and programs.
    pub const NETLINK: Family = Family(16);
    /// Whole frames of a network interface.
    pub const PACKET: Family = Family(17);
    /// Sockets between a virtual machine and its host.
    pub const VSOCK: Family = Family(40);

    /// The name of the constant without `AF_`, in lower case, if the number is a known one.
    ///
    /// ```
    /// use oddsock::audit::family::Family;
    ///
    /// assert_eq!(Family(10).name(), Some("inet6"));
    /// assert_eq!(Family(1).name(), Some("unix")); // "local" in ausearch
    /// assert_eq!(Family(77).name(), None);
    /// ```
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).copied()
    }

    /// Finds the family of a name. Besides [`Family::name`]'s own it takes `local`, which is what
    /// audit's tools call unix, and the everyday `ipv4` and `ipv6`.
    pub fn from_name(name: &[u8]) -> Option<Family> {
        match name {
            b"local" => Some(Family::UNIX),
            b"ipv4" => Some(Family::INET),
            b"ipv6" => Some(Family::INET6),
            _ => {
                let number = NAMES.iter().position(|known| known.as_bytes() == name)?;
                u16::try_from(number).ok().map(Family)
            }
        }
    }
}

/// The name, or the number.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// The names by number; Linux has never left a number out nor given one twice.
const NAMES: [&str; 46] = [
    "unspec",
    "unix",
    "inet",
    "ax25",
    "ipx",
    "appletalk",
    "netrom",
    "bridge",
    "atmpvc",
    "x25",
    "inet6",
    "rose",
    "decnet",
    "netbeui",
    "security",
    "key",
    "netlink",
    "packet",
    "ash",
    "econet",
    "atmsvc",
    "rds",
    "sna",
    "irda",
    "pppox",
    "wanpipe",
    "llc",
    "ib",
    "mpls",
    "can",
    "tipc",
    "bluetooth",
    "iucv",
    "rxrpc",
    "isdn",
    "phonet",
    "ieee802154",
    "caif",
    "alg",
    "nfc",
    "vsock",
    "kcm",
    "qipcrtr",
    "smc",
    "xdp",
    "mctp",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_of_the_kernel_agree() {
        for (number, name) in [
            (0, "unspec"),
            (1, "unix"),
            (2, "inet"),
            (9, "x25"),
            (10, "inet6"),
            (16, "netlink"),
            (17, "packet"),
            (29, "can"),
            (31, "bluetooth"),
            (38, "alg"),
            (40, "vsock"),
            (44, "xdp"),
            (45, "mctp"),
        ] {
            assert_eq!(Family(number).name(), Some(name));
            assert_eq!(Family::from_name(name.as_bytes()), Some(Family(number)));
        }
    }

    #[test]
    fn other_words_for_a_family_are_understood_but_not_spoken() {
        assert_eq!(Family::from_name(b"local"), Some(Family::UNIX));
        assert_eq!(Family::from_name(b"ipv4"), Some(Family::INET));
        assert_eq!(Family::from_name(b"ipv6"), Some(Family::INET6));
        assert_eq!(Family::from_name(b"local").unwrap().to_string(), "unix");
    }

    #[test]
    fn an_unknown_family_stays_a_number() {
        assert_eq!(Family(46).name(), None);
        assert_eq!(Family(u16::MAX).to_string(), "65535");
        for name in ["", "INET", "inet4", "46"] {
            assert_eq!(Family::from_name(name.as_bytes()), None, "{name}");
        }
    }
}
