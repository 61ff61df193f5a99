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
    let places = Mmdb::of(vec![countries, networks]).expect("databases");
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
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_a_damaged_one_knows_nothing() {
    assert!(Mmdb::of(vec![b"PK\x03\x04".to_vec()]).is_err());
    let mut damaged = database(&[("country", Value::Map(&[("iso_code", Value::Text("US"))]))]);
    let data = 8 * 6 + 16;
    damaged[data] = 0xff;
    let places = Mmdb::of(vec![damaged]).expect("its end is whole");
    assert_eq!(places.place(ip("93.184.216.34")), None);
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
