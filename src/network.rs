//! A network as people write it: `10.0.0.0/8`, `fe80::/10`, or a single address.
//!
//! Text comes in, from a command line, a rule, an exception or a query; out goes the network in the
//! form that the addresses of connections have, in which IPv4 is never written as IPv6. What is
//! held against it, and what is said of text that is none, is not known here.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// The network that is written so, named by its first address; none if it is no network.
pub fn network(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse().ok().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    };
    // `parse` would take a sign.
    let length = Some(length).filter(|length| length.bytes().all(|b| b.is_ascii_digit()))?;
    let network = IpNet::new(address.parse().ok()?, length.parse().ok()?).ok()?;
    Some(unmapped(network).trunc())
}

/// An IPv4 network in its own form, where it is written as one of IPv6.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    let length = mapped.prefix_len().checked_sub(96);
    let plain = mapped.addr().to_ipv4_mapped().zip(length);
    let plain = plain.and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    plain.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(network(text).expect(text).to_string(), expected, "{text}");
    }

    #[test]
    fn a_network_is_named_by_its_first_address() {
        check("10.1.2.3/8", "10.0.0.0/8");
        check("FE80::1/10", "fe80::/10");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("10.1.2.3/08", "10.0.0.0/8");
    }

    #[test]
    fn an_address_alone_is_a_network_of_one() {
        check("192.0.2.7", "192.0.2.7/32");
        check("2001:DB8:0::7", "2001:db8::7/128");
    }

    #[test]
    fn what_is_mapped_into_ipv6_is_ipv4() {
        check("::ffff:10.1.2.3", "10.1.2.3/32");
        check("::ffff:10.1.2.3/104", "10.0.0.0/8");
        check("::ffff:0:0/96", "0.0.0.0/0");
        // The nearest neighbours: more than IPv4, and an address that is mapped nowhere.
        check("::ffff:10.1.2.3/95", "::fffe:0:0/95");
        check("::fffe:10.1.2.3/104", "::fffe:a00:0/104");
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in [
            "",
            "/",
            "/8",
            "x/8",
            "10.0.0/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.0/33",
            "::1/129",
            "10.0.0.0/256",
            "10.0.0.0/4294967295",
            "10.0.0.0/18446744073709551616",
            "10.0.0.0/8/8",
            "example.net",
            " 10.0.0.0/8",
        ] {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
