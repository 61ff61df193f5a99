//! Where an address is: inside or outside, and whose it is, as far as a local file tells.
//!
//! Nothing here asks a network. Whether an address is internal follows from the address alone; what
//! country, network and organisation it belongs to is in databases of the MaxMind format, whose
//! bytes somebody else has read.

use std::fmt;
use std::net::IpAddr;

use maxminddb::{MaxMindDbError, PathElement, Reader};

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
    readers: Vec<Reader<Vec<u8>>>,
}

impl Mmdb {
    /// The databases in these files' bytes.
    pub fn of(files: Vec<Vec<u8>>) -> Result<Mmdb, MaxMindDbError> {
        let readers = files.into_iter().map(Reader::from_source);
        Ok(Mmdb { readers: readers.collect::<Result<_, _>>()? })
    }
}

impl fmt::Debug for Mmdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mmdb of {} databases", self.readers.len())
    }
}

/// Where databases of various makers have the country, and the organisation.
const COUNTRY: [&[&str]; 4] =
    [&["country", "iso_code"], &["country_code"], &["country", "names", "en"], &["country"]];
const ORGANISATION: [&[&str]; 4] =
    [&["autonomous_system_organization"], &["as_name"], &["organization"], &["isp"]];

impl Places for Mmdb {
    fn place(&self, ip: IpAddr) -> Option<Place> {
        let mut place = Place::default();
        for reader in &self.readers {
            // A file that is damaged in one place may still know others.
            let Ok(found) = reader.lookup(ip) else { continue };
            let text = |path: &[&str]| {
                let path: Vec<_> = path.iter().map(|key| PathElement::Key(key)).collect();
                found.decode_path::<String>(&path).ok().flatten()
            };
            let number = || {
                let path = [PathElement::Key("autonomous_system_number")];
                let number = found.decode_path::<u32>(&path).ok().flatten();
                number.map(|number| format!("AS{number}")).or_else(|| text(&["asn"]))
            };
            let country = || COUNTRY.iter().find_map(|path| text(path));
            let organisation = || ORGANISATION.iter().find_map(|path| text(path));
            place.country = place.country.or_else(country);
            place.network = place.network.or_else(number);
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
