//! The networks that the built-in hunt leaves out: each with its first and last address and the
//! neighbours outside, and all of them against those of the published query.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use oddsock::hunt::builtin;

use super::published::seeds;
use super::scene::{Told, outcome, plan};

/// The 26 networks of the hunt.
const NETWORKS: [&str; 26] = [
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.0.0/29",
    "192.0.0.8/32",
    "192.0.0.9/32",
    "192.0.0.10/32",
    "192.0.0.170/32",
    "192.0.0.171/32",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.168.0.0/16",
    "192.88.99.0/24",
    "224.0.0.0/4",
    "100.64.0.0/10",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "::1/128",
    "fe80::/10",
    "ff00::/8",
];

fn nets() -> Vec<IpNet> {
    NETWORKS.iter().map(|network| network.parse().expect(network)).collect()
}

/// The networks that stand in a query.
fn networks_of(query: &str) -> BTreeSet<IpNet> {
    let quoted = query.split('"').skip(1).step_by(2);
    let network = |text: &str| {
        let single = text.parse().map(|ip: IpAddr| IpNet::from(ip)).ok();
        text.parse().ok().or(single)
    };
    quoted.filter_map(network).collect()
}

/// The address before the first, or behind the last, where there is one.
fn beside(ip: IpAddr, is_before: bool) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) if is_before => u32::from(ip).checked_sub(1).map(|ip| IpAddr::V4(ip.into())),
        IpAddr::V4(ip) => u32::from(ip).checked_add(1).map(|ip| IpAddr::V4(ip.into())),
        IpAddr::V6(ip) if is_before => {
            u128::from(ip).checked_sub(1).map(|ip| IpAddr::V6(ip.into()))
        }
        IpAddr::V6(ip) => u128::from(ip).checked_add(1).map(|ip| IpAddr::V6(ip.into())),
    }
}

/// The addresses that a query counts of these.
fn external(query: &str, addresses: &BTreeSet<IpAddr>) -> BTreeSet<IpAddr> {
    // One program for each address, so that each is a row.
    let event = |ip: &IpAddr| {
        Told::of(&format!(
            "09:00 host.os.type=linux event.category=network event.type=start user.id=0 \
             event.action=connection_attempted process.name={ip} agent.id=web destination.ip={ip}"
        ))
    };
    let events: Vec<Told> = addresses.iter().map(event).collect();
    let plan = plan(&query.replace("limit 100", "limit 1000"));
    let name = plan.columns().iter().position(|column| column.name == "process.name");
    let name = name.expect("a column");
    let address = |row: &Vec<_>| {
        let row: &oddsock::hunt::Value<'_> = &row[name];
        String::from_utf8_lossy(&row.shown().expect("text")).parse().expect("an address")
    };
    outcome(&plan, &events).rows.iter().map(address).collect()
}

/// First and last of each network, and the neighbours outside.
fn edges() -> BTreeSet<IpAddr> {
    let edges = nets().into_iter().flat_map(|net| {
        let (first, last) = (net.network(), net.broadcast());
        [Some(first), Some(last), beside(first, true), beside(last, false)]
    });
    edges.flatten().filter(|ip| ip.to_canonical() == *ip).collect()
}

fn queries() -> Vec<String> {
    let hunt = builtin::hunt("low_volume_external_connections").expect("it is there");
    hunt.queries.iter().map(|(_, plan)| plan.query().to_owned()).collect()
}

#[test]
fn each_network_is_left_out_from_its_first_to_its_last_address_and_no_further() {
    let all = edges();
    assert!(all.len() > 60, "{all:?}");
    let outside: BTreeSet<IpAddr> =
        all.iter().copied().filter(|ip| !nets().iter().any(|net| net.contains(ip))).collect();
    assert!(outside.len() > 20, "{outside:?}");
    for query in queries() {
        assert_eq!(external(&query, &all), outside);
    }
}

#[test]
fn neighbours_are_outside_as_one_can_see() {
    let addresses = |list: &[&str]| -> BTreeSet<IpAddr> {
        list.iter().map(|ip| ip.parse().expect("an address")).collect()
    };
    let outside = addresses(&[
        "9.255.255.255",
        "11.0.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "203.0.112.255",
        "203.0.114.0",
        "::2",
        "fec0::",
        "fe7f:ffff::1",
        "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]);
    let inside = addresses(&[
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.255",
        "192.168.0.0",
        "100.64.0.0",
        "100.127.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "224.0.0.0",
        "239.255.255.255",
        "255.255.255.255",
        "::1",
        "fe80::",
        "febf:ffff::1",
        "ff00::",
    ]);
    for query in queries() {
        assert_eq!(external(&query, &outside), outside);
        assert_eq!(external(&query, &inside), BTreeSet::new());
    }
}

#[test]
fn the_built_in_list_is_that_of_the_published_query() {
    let expected: BTreeSet<IpNet> = nets().into_iter().collect();
    for query in queries() {
        assert_eq!(networks_of(&query), expected);
    }
    let Some(seeds) = seeds() else { return };
    let all = edges();
    for (seed, own) in seeds.iter().zip(queries()) {
        assert_eq!(networks_of(seed), expected);
        assert_eq!(external(seed, &all), external(&own, &all));
    }
}
