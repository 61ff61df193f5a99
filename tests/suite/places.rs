//! `--geo`: whose addresses are, from databases that are written here, whole and damaged.

use std::net::IpAddr;

use crate::judged::USUAL;
use crate::judged::scene::log;
use crate::place::Place;

/// What a database says.
enum Said<'s> {
    Text(&'s str),
    Short(u8),
    Number(u32),
    Long(u8),
    List,
    Map(&'s [(&'s str, Said<'s>)]),
}

const COUNTRY: [(&str, Said<'_>); 2] = [
    ("198.41.0.0/16", Said::Map(&[("country", Said::Map(&[("iso_code", Said::Text("NZ"))]))])),
    ("2001:db8:1::/48", Said::Map(&[("country", Said::Map(&[("iso_code", Said::Text("FI"))]))])),
];
const NETWORK: [(&str, Said<'_>); 1] = [(
    "198.41.9.0/24",
    Said::Map(&[
        ("autonomous_system_number", Said::Number(64500)),
        ("autonomous_system_organization", Said::Text("Example \x1b[31m& <b>Sons")),
    ]),
)];

/// A database of the MaxMind format, of addresses of both versions.
fn database(networks: &[(&str, Said<'_>)]) -> Vec<u8> {
    // Each node has the places of what follows a zero and a one; places of records are below 0.
    let mut nodes: Vec<[Option<i32>; 2]> = vec![[None; 2]];
    let mut data = Vec::new();
    for (network, said) in networks {
        let (address, length) = network.split_once('/').expect("a network");
        let length: usize = length.parse().expect("a length");
        let (bits, length) = match address.parse().expect("an address") {
            IpAddr::V4(address) => (u128::from(u32::from(address)), length + 96),
            IpAddr::V6(address) => (u128::from(address), length),
        };
        let mut at = 0;
        for depth in 0..length {
            let bit = (bits >> (127 - depth) & 1) as usize;
            let next = match nodes[at][bit] {
                _ if depth + 1 == length => -1 - i32::try_from(data.len()).expect("a short file"),
                Some(next) => next,
                None => i32::try_from(nodes.len()).expect("a short file"),
            };
            nodes[at][bit] = Some(next);
            if next == nodes.len() as i32 {
                nodes.push([None; 2]);
            }
            at = usize::try_from(next).unwrap_or(0);
        }
        write(said, &mut data);
    }
    let number = nodes.len() as u32;
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let place = match record {
            None => number,
            Some(node @ 0..) => *node as u32,
            Some(record) => number + 16 + (-1 - record) as u32,
        };
        file.extend(&place.to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let about = [
        ("binary_format_major_version", Said::Short(2)),
        ("binary_format_minor_version", Said::Short(0)),
        ("build_epoch", Said::Long(1)),
        ("database_type", Said::Text("Test")),
        ("description", Said::Map(&[])),
        ("ip_version", Said::Short(6)),
        ("languages", Said::List),
        ("node_count", Said::Number(number)),
        ("record_size", Said::Short(24)),
    ];
    write(&Said::Map(&about), &mut file);
    file
}

fn write(said: &Said<'_>, out: &mut Vec<u8>) {
    let short = |length: usize| u8::try_from(length).expect("it is short");
    match said {
        Said::Text(text) => {
            match short(text.len()) {
                length @ 0..29 => out.push(2 << 5 | length),
                length => out.extend([2 << 5 | 29, length - 29]),
            }
            out.extend(text.as_bytes());
        }
        Said::Short(number) => out.extend([5 << 5 | 1, *number]),
        Said::Long(number) => out.extend([1, 2, *number]),
        Said::List => out.extend([0, 4]),
        Said::Number(number) => {
            out.push(6 << 5 | 4);
            out.extend(number.to_be_bytes());
        }
        Said::Map(fields) => {
            out.push(7 << 5 | short(fields.len()));
            for (name, value) in *fields {
                write(&Said::Text(name), out);
                write(value, out);
            }
        }
    }
}

/// A fortnight in which programs that nobody knows connect to addresses that are in a database, and
/// to the one beside them that is not.
fn place() -> Place {
    let place = Place::new();
    let scene = "
        web  one    198.41.9.9:4444        day 10 10:07
        web  two    198.41.10.9:4445       day 10 11:07
        web  three  198.42.0.1:4446        day 10 12:07
        web  four   [2001:db8:1::9]:4447   day 10 13:07
        web  five   [2001:db8:2::9]:4448   day 10 14:07
    ";
    place.write("audit.log", log(14, &format!("{USUAL}{scene}")).as_bytes());
    place.write("country.mmdb", &database(&COUNTRY));
    place.write("network.mmdb", &database(&NETWORK));
    place
}

const BOTH: [&str; 4] = ["--geo", "country.mmdb", "--geo", "network.mmdb"];

#[test]
fn alerts_tell_country_and_network_of_what_is_in_a_database_and_of_nothing_beside_it() {
    let place = place();
    let out = place.oddsock(&[&["replay", "audit.log"], &BOTH[..]].concat()).out;
    for said in [
        "to  198.41.9.9:4444 (external, NZ, AS64500 \"Example \\x1b[31m& <b>Sons\")\n",
        "to  198.41.10.9:4445 (external, NZ)\n",
        "to  198.42.0.1:4446 (external)\n",
        "to  [2001:db8:1::9]:4447 (external, reserved for examples, FI)\n",
        "to  [2001:db8:2::9]:4448 (external, reserved for examples)\n",
    ] {
        assert!(out.contains(said), "{said}{out}");
    }
}

#[test]
fn a_report_counts_by_country_and_what_no_database_has_is_not_known() {
    let place = place();
    let ran = place.oddsock(&[&["report", "audit.log"], &BOTH[..]].concat());
    let text = crate::report::html::text(&ran.out);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, countries) = text.split_once("Destinations by country").expect("countries");
    let (countries, _) = countries.split_once("Processes").expect("an end");
    let rows = ["NZ 2 < 0.1 % 2", "FI 1 < 0.1 % 1", "not known 2 < 0.1 % 2"];
    for row in rows {
        assert!(countries.contains(row), "{row}: {countries}");
    }
    assert!(text.contains("external NZ AS64500 Example \\x1b[31m& <b>Sons"), "{text}");
    assert!(!ran.out.contains("<b>"), "a name of a database is text");
}

#[test]
fn what_is_no_database_is_refused_by_its_name_and_the_others_are_not_blamed() {
    let place = place();
    let whole = database(&COUNTRY);
    place.write("empty.mmdb", b"");
    place.write("cut.mmdb", &whole[..whole.len() / 2]);
    for wrong in ["empty.mmdb", "cut.mmdb", "audit.log", "missing.mmdb", "."] {
        for command in ["replay", "report"] {
            let arguments = [command, "audit.log", "--geo", "country.mmdb", "--geo", wrong];
            let ran = place.oddsock(&arguments);
            assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{command} {wrong}");
            assert!(ran.err.contains(&format!("\"{wrong}\"")), "{}", ran.err);
            assert!(!ran.err.contains("country.mmdb"), "{}", ran.err);
        }
    }
}

#[test]
fn a_damaged_database_is_told_of_once_and_the_rest_goes_on() {
    let place = place();
    let mut damaged = database(&COUNTRY);
    let record = damaged.windows(4).position(|four| four == b"\x42NZ\xe1").expect("a record");
    // A text that is longer than the file.
    damaged[record] = 2 << 5 | 31;
    place.write("damaged.mmdb", &damaged);
    let ran = place.oddsock(&["replay", "audit.log", "--geo", "damaged.mmdb"]);
    assert_eq!(ran.err.matches("\"damaged.mmdb\" is damaged").count(), 1, "{}", ran.err);
    assert_eq!(ran.status, 1, "there are alerts");
    assert!(ran.out.contains("to  198.41.9.9:4444 (external)\n"), "{}", ran.out);
    assert!(ran.out.contains("(external, reserved for examples, FI)"), "{}", ran.out);
}
