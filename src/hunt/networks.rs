//! Networks, and whether an address is in any of them.
//!
//! IPv4 lies in IPv6 where the mapping of its addresses does, so both are looked for alike.

use std::net::IpAddr;

use super::value::bits;
use crate::network::network;

/// The addresses of some networks: ranges that do not touch, in their order.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Networks(Vec<(u128, u128)>);

impl Networks {
    /// Adds a network: `10.0.0.0/8`, `fe80::/10`, or a single address. None if it is no network.
    pub(super) fn add(&mut self, text: &str) -> Option<()> {
        let network = network(text.trim())?;
        self.0.push((bits(network.network()), bits(network.broadcast())));
        self.0.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::new();
        for (first, last) in self.0.drain(..) {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        self.0 = joined;
        Some(())
    }

    /// Whether an address is in any of them.
    pub(super) fn has(&self, ip: IpAddr) -> bool {
        let ip = bits(ip);
        let behind = self.0.partition_point(|(first, _)| *first <= ip);
        behind.checked_sub(1).is_some_and(|at| ip <= self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Networks {
        let mut networks = Networks::default();
        texts.iter().for_each(|text| networks.add(text).expect(text));
        networks
    }

    #[test]
    fn ranges_that_touch_become_one() {
        assert_eq!(networks(&["10.0.0.0/9", "10.128.0.0/9", "10.1.2.3"]).0.len(), 1);
        assert_eq!(networks(&["10.0.0.0/9", "11.0.0.0/9"]).0.len(), 2);
        assert_eq!(networks(&["::/0"]), networks(&["8000::/1", "::/1"]));
    }

    #[test]
    fn an_address_is_in_a_network_by_its_first_bits() {
        let all = networks(&["10.9.9.9/8", "FE80::/10", "192.0.2.7/32", "0.0.0.0/32"]);
        for (ip, is_in) in [
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("9.255.255.255", false),
            ("11.0.0.0", false),
            ("192.0.2.7", true),
            ("192.0.2.6", false),
            ("::ffff:192.0.2.7", true),
            ("0.0.0.0", true),
            ("::", false),
            ("fe80::1", true),
            ("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
            ("fec0::", false),
        ] {
            assert_eq!(all.has(ip.parse().expect("an address")), is_in, "{ip}");
        }
        assert!(!networks(&[]).has([10, 0, 0, 1].into()));
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in ["", "10.0.0.0/33", "::1/129", "10.0.0.0/4294967295", "10.0.0/8", "x/8"] {
            assert_eq!(Networks::default().add(text), None, "{text}");
        }
    }
}
