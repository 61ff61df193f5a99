//! Where connections went: by network, and by country where that is known.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::page::Page;
use super::read::left_out;
use super::table::{Cell, Column, table};
use super::words::{counted as number_of, number, percent};
use super::{Counted, Report, section};
use crate::output::alerts::Place;
use crate::output::alerts::places::reach;

/// How many networks, and how many countries are listed.
const LISTED: usize = 100;

/// How much of an address is its network, where nobody says: what is routed as one at most.
const NETWORK_V4: u8 = 24;
const NETWORK_V6: u8 = 48;

/// What a state knows of destinations.
pub(super) const ONLY_KEPT: &str = "A state keeps where programs connected to only of those that \
    are not seen all the time, and of each a part. This is what it keeps; the logs have all.";

/// What is known of a network or a country.
#[derive(Default)]
struct Sum {
    connections: u64,
    addresses: u64,
    /// The address that was connected to most, and how often.
    most: (u64, String),
    reach: &'static str,
    place: Place,
}

impl Sum {
    fn add(&mut self, address: IpAddr, count: u64, place: &Place) {
        self.connections = self.connections.saturating_add(count);
        self.addresses += 1;
        if count > self.most.0 {
            self.most = (count, address.to_string());
        }
        self.reach = reach(address);
        self.place.country = self.place.country.take().or_else(|| place.country.clone());
        self.place.network = self.place.network.take().or_else(|| place.network.clone());
        let known = self.place.organisation.take();
        self.place.organisation = known.or_else(|| place.organisation.clone());
    }
}

pub(super) fn write(report: &Report<'_>, counted: &Counted<'_>, page: &mut Page) {
    section(page, "destinations", "Destinations", |page| {
        let destinations = &counted.traffic.destinations;
        if counted.is_of_facts {
            page.line("p", "note", ONLY_KEPT);
        }
        if destinations.total() == 0 {
            return page.line("p", "", "No connection went out.");
        }
        let (mut networks, mut countries) = (BTreeMap::new(), BTreeMap::new());
        for row in destinations.top(usize::MAX) {
            let text = std::str::from_utf8(row.key).ok();
            let Some(address) = text.and_then(|text| text.parse::<IpAddr>().ok()) else { continue };
            let address = address.to_canonical();
            let place = report.places.and_then(|places| places.place(address)).unwrap_or_default();
            let sum: &mut Sum = networks.entry(network(address)).or_default();
            sum.add(address, row.count, &place);
            let country = place.country.clone().unwrap_or_else(|| match reach(address) {
                reach if reach.starts_with("internal") => "internal".to_string(),
                _ => "not known".to_string(),
            });
            let sum: &mut Sum = countries.entry(country).or_default();
            sum.add(address, row.count, &place);
        }
        let total = destinations.total();
        page.line(
            "p",
            "",
            &format!(
                "{} to {}, by networks of {NETWORK_V4} bits (IPv4) or {NETWORK_V6} bits (IPv6).",
                number_of(total, "outgoing connection"),
                number_of(destinations.different(), "address"),
            ),
        );
        by_network(report, &sorted(networks), total, page);
        if report.places.is_some() {
            by_country(&sorted(countries), total, page);
        }
        let (rows, times) = destinations.dropped();
        if rows > 0 {
            let said = format!(
                "Left out, for there were too many to count each: {} addresses that were connected \
                 to least, with {} connections.",
                number(rows),
                number(times)
            );
            page.line("p", "left-out", &said);
        }
    });
}

/// The network of an address.
fn network(address: IpAddr) -> ipnet::IpNet {
    let length = if address.is_ipv4() { NETWORK_V4 } else { NETWORK_V6 };
    ipnet::IpNet::new(address, length).map_or_else(|_| address.into(), |net| net.trunc())
}

fn sorted<K: ToString + Ord>(sums: BTreeMap<K, Sum>) -> Vec<(String, Sum)> {
    let mut all: Vec<(String, Sum)> =
        sums.into_iter().map(|(key, sum)| (key.to_string(), sum)).collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.connections));
    all
}

fn by_network(report: &Report<'_>, all: &[(String, Sum)], total: u64, page: &mut Page) {
    let mut columns = vec![
        Column("Network", false),
        Column("Connections", true),
        Column("Share", false),
        Column("Addresses", true),
        Column("Most to", false),
        Column("Reach", false),
    ];
    if report.places.is_some() {
        columns.extend([Column("Country", false), Column("Whose", false)]);
    }
    let row = |(network, sum): &(String, Sum)| {
        let place = &sum.place;
        let mut row = vec![
            Cell::Code(network.clone()),
            Cell::Number(sum.connections),
            share(sum.connections, total),
            Cell::Number(sum.addresses),
            Cell::Code(sum.most.1.clone()),
            Cell::Text(sum.reach.to_string()),
        ];
        if report.places.is_some() {
            let whose = [place.network.clone(), place.organisation.clone()];
            row.push(Cell::Text(place.country.clone().unwrap_or_default()));
            row.push(Cell::Text(whose.into_iter().flatten().collect::<Vec<_>>().join(" ")));
        }
        row
    };
    let rows: Vec<Vec<Cell>> = all.iter().take(LISTED).map(row).collect();
    table(page, "networks", "Destinations by network", &columns, &rows);
    left_out(all.len(), LISTED, "network", page);
}

fn by_country(all: &[(String, Sum)], total: u64, page: &mut Page) {
    let columns = [
        Column("Country", false),
        Column("Connections", true),
        Column("Share", false),
        Column("Addresses", true),
    ];
    let row = |(country, sum): &(String, Sum)| {
        vec![
            Cell::Text(country.clone()),
            Cell::Number(sum.connections),
            share(sum.connections, total),
            Cell::Number(sum.addresses),
        ]
    };
    let rows: Vec<Vec<Cell>> = all.iter().take(LISTED).map(row).collect();
    table(page, "countries", "Destinations by country", &columns, &rows);
    left_out(all.len(), LISTED, "country", page);
}

/// A part of a whole as a bar.
pub(super) fn share(part: u64, whole: u64) -> Cell {
    let hundredths = (100 * u128::from(part)).div_ceil(u128::from(whole.max(1)));
    Cell::Share(percent(part, whole), u64::try_from(hundredths).unwrap_or(100))
}
