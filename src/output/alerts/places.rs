//! Where an address is: inside or outside, and whose it is, as far as a local file tells.
//!
//! Nothing here asks a network. Whether an address is internal follows from the address alone; what
//! country, network and organisation it belongs to is in databases of the MaxMind format, whose
//! bytes somebody else has read.

use std::cell::Cell;
use std::fmt;
use std::net::IpAddr;

use maxminddb::{MaxMindDbError, PathElement, Reader};
use serde_core::de::IgnoredAny;

/// What a database says of an address.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Place {
    /// The country's code of two letters, or its name.
    pub country: Option<String>,
    /// The number of the autonomous system: `AS64500`.
    pub network: Option<String>,
    /// Whose that is.
    pub organisation: Option<String>,
}

/// What knows places.
pub trait Places {
    /// Where an address is, if that is known.
    fn place(&self, ip: IpAddr) -> Option<Place>;
}

/// Databases of the MaxMind format, as many as there are: of countries, of networks, or of both.
pub struct Mmdb {
    databases: Vec<Database>,
    complain: Box<dyn Fn(&str)>,
}

struct Database {
    name: String,
    reader: Reader<Vec<u8>>,
    /// Whether somebody was told that it is damaged.
    is_damage_told: Cell<bool>,
}

impl Mmdb {
    /// None yet. What is wrong with a database is seen only when it is asked for an address, and
    /// then somebody is told of it, once for each.
    pub fn new(complain: impl Fn(&str) + 'static) -> Mmdb {
        Mmdb { databases: Vec::new(), complain: Box::new(complain) }
    }

    /// One more, of a file with these bytes; what earlier ones know counts more.
    pub fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), MaxMindDbError> {
        let reader = Reader::from_source(bytes)?;
        self.databases.push(Database { name, reader, is_damage_told: Cell::new(false) });
        Ok(())
    }

    /// What was found, if it could be read. That an address is of another kind than those of the
    /// database, or a field of another type than with others, is no damage.
    fn sound<T>(&self, of: &Database, found: Result<T, MaxMindDbError>) -> Option<T> {
        match &found {
            Ok(_) | Err(MaxMindDbError::InvalidInput { .. } | MaxMindDbError::Decoding { .. }) => {}
            Err(error) => self.damaged(of, error),
        }
        found.ok()
    }

    fn damaged(&self, database: &Database, error: &MaxMindDbError) {
        if !database.is_damage_told.replace(true) {
            let name = &database.name;
            (self.complain)(&format!("{name} is damaged, and knows only some addresses: {error}"));
        }
    }
}

impl fmt::Debug for Mmdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mmdb of {} databases", self.databases.len())
    }
}

/// Where databases of various makers have the country, the number of the network, and whose it is.
const COUNTRY: [&[&str]; 4] =
    [&["country", "iso_code"], &["country_code"], &["country", "names", "en"], &["country"]];
const NETWORK: [&str; 2] = ["autonomous_system_number", "asn"];
const ORGANISATION: [&[&str]; 4] =
    [&["autonomous_system_organization"], &["as_name"], &["organization"], &["isp"]];

/// How many letters of a name are told.
const LONGEST: usize = 120;

/// A name that says something, and not too much.
fn name(text: &str) -> Option<String> {
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text.to_string()).filter(|text| !text.is_empty()),
    }
}

impl Places for Mmdb {
    fn place(&self, ip: IpAddr) -> Option<Place> {
        let mut place = Place::default();
        for database in &self.databases {
            // A file that is damaged in one place may still know others.
            let Some(found) = self.sound(database, database.reader.lookup(ip)) else { continue };
            // Also where none of the fields below lies; those may be whole all the same.
            if let Err(error) = found.decode_path::<IgnoredAny>(&[]) {
                self.damaged(database, &error);
            }
            let text = |path: &[&str]| {
                let path: Vec<_> = path.iter().map(|key| PathElement::Key(key)).collect();
                name(self.sound(database, found.decode_path::<&str>(&path))??)
            };
            let number = |key: &str| {
                let number = found.decode_path::<u32>(&[PathElement::Key(key)]);
                self.sound(database, number).flatten().map(|number| format!("AS{number}"))
            };
            let country = || COUNTRY.iter().find_map(|path| text(path));
            let network = || NETWORK.iter().find_map(|key| number(key).or_else(|| text(&[key])));
            let organisation = || ORGANISATION.iter().find_map(|path| text(path));
            place.country = place.country.or_else(country);
            place.network = place.network.or_else(network);
            place.organisation = place.organisation.or_else(organisation);
        }
        Some(place).filter(|place| *place != Place::default())
    }
}

/// Whether an address belongs to somebody else's network.
///
/// ```
/// use oddsock::output::alerts::places::reach;
///
/// let said = |ip: &str| reach(ip.parse().unwrap());
/// assert_eq!(said("10.1.2.3"), "internal");
/// assert_eq!(said("100.64.0.1"), "internal, carrier's NAT");
/// assert_eq!(said("198.41.0.4"), "external");
/// assert_eq!(said("::ffff:10.1.2.3"), "internal");
/// ```
pub fn reach(ip: IpAddr) -> &'static str {
    match ip.to_canonical() {
        ip if ip.is_loopback() => "internal, this host",
        ip if ip.is_unspecified() => "internal, no address",
        ip if ip.is_multicast() => "internal, multicast",
        IpAddr::V4(ip) => match ip.octets() {
            _ if ip.is_private() => "internal",
            _ if ip.is_link_local() => "internal, link-local",
            [100, 64..=127, ..] => "internal, carrier's NAT",
            [0, ..] => "internal, this network",
            _ if ip.is_broadcast() => "internal, broadcast",
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
                "external, reserved for examples"
            }
            [198, 18..=19, ..] => "external, reserved for benchmarks",
            [240..=255, ..] => "external, reserved",
            _ => "external",
        },
        IpAddr::V6(ip) => match ip.segments() {
            _ if ip.is_unique_local() => "internal",
            _ if ip.is_unicast_link_local() => "internal, link-local",
            [0xfec0..=0xfeff, ..] => "internal, site-local",
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "external, reserved for examples",
            _ => "external",
        },
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
