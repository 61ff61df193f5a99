use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;

/// A database in which 93.0.0.0/8 is all there is, with this record.
fn database(record: &[(&str, Value)]) -> Vec<u8> {
    const NODES: u8 = 8;
    let mut file = Vec::new();
    for depth in 0..NODES {
        let is_last = depth + 1 == NODES;
        let next = if is_last { NODES + 16 } else { depth + 1 };
        let is_one = (93_u8 >> (NODES - 1 - depth)) & 1 == 1;
        let records = if is_one { [NODES, next] } else { [next, NODES] };
        records.iter().for_each(|record| file.extend([0, 0, *record]));
    }
    file.extend([0; 16]);
    map(record, &mut file);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let number = |number: u8| Value::Short(number);
    map(
        &[
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", Value::Long(1)),
            ("database_type", Value::Text("Test")),
            ("description", Value::Map(&[])),
            ("ip_version", number(4)),
            ("languages", Value::List),
            ("node_count", Value::Number(u32::from(NODES))),
            ("record_size", number(24)),
        ],
        &mut file,
    );
    file
}

/// Longer than names are told.
const LONG: &str = concat!(
    "A company with a very long name that nobody reads to its end, and is there all the same ",
    "because nobody has told its makers that they may leave it out, or how"
);

enum Value {
    Text(&'static str),
    Short(u8),
    Number(u32),
    Long(u8),
    List,
    Map(&'static [(&'static str, Value)]),
}

fn text(text: &str, out: &mut Vec<u8>) {
    let length = u8::try_from(text.len()).expect("a short text");
    match length {
        0..29 => out.push(2 << 5 | length),
        _ => out.extend([2 << 5 | 29, length - 29]),
    }
    out.extend(text.as_bytes());
}

fn map(fields: &[(&str, Value)], out: &mut Vec<u8>) {
    out.push(7 << 5 | u8::try_from(fields.len()).expect("a few"));
    for (name, value) in fields {
        text(name, out);
        match value {
            Value::Text(value) => text(value, out),
            Value::Short(number) => out.extend([5 << 5 | 1, *number]),
            Value::Number(number) => {
                out.push(6 << 5 | 4);
                out.extend(number.to_be_bytes());
            }
            Value::Long(number) => out.extend([1, 2, *number]),
            Value::List => out.extend([0, 4]),
            Value::Map(fields) => map(fields, out),
        }
    }
}

/// Databases of these bytes, and what is told of them.
fn known(files: Vec<Vec<u8>>) -> (Mmdb, Rc<RefCell<Vec<String>>>) {
    let told = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&told);
    let mut places = Mmdb::new(move |said| heard.borrow_mut().push(said.to_string()));
    for (at, bytes) in files.into_iter().enumerate() {
        places.add(format!("{at}.mmdb"), bytes).expect("a database");
    }
    (places, told)
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn databases_of_countries_and_of_networks_say_what_they_know_together() {
    let countries = database(&[("country", Value::Map(&[("iso_code", Value::Text("US"))]))]);
    let networks = database(&[
        ("autonomous_system_number", Value::Number(15133)),
        ("autonomous_system_organization", Value::Text("Edge Inc")),
    ]);
    let (places, told) = known(vec![countries, networks]);
    let text = |text: &str| Some(text.to_string());
    assert_eq!(
        places.place(ip("93.184.216.34")),
        Some(Place {
            country: text("US"),
            network: text("AS15133"),
            organisation: text("Edge Inc")
        })
    );
    assert_eq!(places.place(ip("94.184.216.34")), None);
    assert_eq!(places.place(ip("2001:db8::1")), None);
    assert!(told.borrow().is_empty(), "an address that is not there is no damage");
}

#[test]
fn names_that_say_nothing_are_left_out_and_long_ones_are_cut() {
    let (places, told) = known(vec![database(&[
        ("country", Value::Map(&[("iso_code", Value::Text(" "))])),
        ("asn", Value::Text("AS15133")),
        ("as_name", Value::Text("")),
        ("isp", Value::Text(LONG)),
    ])]);
    let place = places.place(ip("93.1.2.3")).expect("a place");
    assert_eq!((place.country, place.network.as_deref()), (None, Some("AS15133")));
    assert_eq!(place.organisation, Some(format!("{}…", &LONG[..120])));
    assert!(told.borrow().is_empty(), "other types than those of others are no damage");
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_a_damaged_one_is_told_of_once() {
    let mut none = Mmdb::new(|_| {});
    assert!(none.add("a.zip".to_string(), b"PK\x03\x04".to_vec()).is_err());
    assert!(none.add("empty".to_string(), Vec::new()).is_err());
    let whole = database(&[("country", Value::Map(&[("iso_code", Value::Text("US"))]))]);
    let mut damaged = whole.clone();
    let data = 8 * 6 + 16;
    damaged[data] = 0xff;
    let (places, told) = known(vec![damaged, whole]);
    for _ in 0..3 {
        let place = places.place(ip("93.184.216.34"));
        assert_eq!(place.and_then(|place| place.country).as_deref(), Some("US"), "of the other");
    }
    let told = told.borrow();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("0.mmdb is damaged"), "{told:?}");
}

#[test]
fn a_record_that_leads_to_itself_comes_to_an_end() {
    // The record is a pointer to the beginning of the data, which is that pointer.
    let mut looping = database(&[]);
    let data = 8 * 6 + 16;
    looping.splice(data..=data, [1 << 5, 0]);
    let (places, told) = known(vec![looping]);
    assert_eq!(places.place(ip("93.184.216.34")), None);
    assert_eq!(told.borrow().len(), 1);
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in 0..200_usize, byte: u8, other in 0..200_usize, with: u8) {
        let mut file = database(&[("country", Value::Map(&[("iso_code", Value::Text("US"))]))]);
        for (at, byte) in [(at, byte), (other, with)] {
            let at = at % file.len();
            file[at] = byte;
        }
        let mut places = Mmdb::new(|_| {});
        if places.add("damaged".to_string(), file).is_ok() {
            for address in ["93.1.2.3", "92.1.2.3", "::1", "::ffff:93.1.2.3"] {
                places.place(ip(address));
            }
        }
    }
}

#[test]
fn an_address_is_inside_or_outside_by_itself() {
    let all = [
        ("127.0.0.1", "internal, this host"),
        ("172.31.255.255", "internal"),
        ("172.32.0.0", "external"),
        ("100.127.255.255", "internal, carrier's NAT"),
        ("100.128.0.0", "external"),
        ("169.254.169.254", "internal, link-local"),
        ("fd00::1", "internal"),
        ("fe80::1", "internal, link-local"),
        ("2600::1", "external"),
        ("::1", "internal, this host"),
        ("::ffff:8.8.8.8", "external"),
        ("203.0.113.9", "external, reserved for examples"),
        ("224.0.0.251", "internal, multicast"),
    ];
    for (address, expected) in all {
        assert_eq!(reach(ip(address)), expected, "{address}");
    }
}
