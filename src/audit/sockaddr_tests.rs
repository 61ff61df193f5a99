//! Claims about [`super::decode`] and [`super::from_interpreted`].

use proptest::prelude::*;

use super::*;

const LITTLE: Option<ByteOrder> = Some(ByteOrder::Little);
const BIG: Option<ByteOrder> = Some(ByteOrder::Big);

fn little(hex: &str) -> SocketAddress {
    let address = decode(hex.as_bytes(), LITTLE);
    assert_eq!(address, decode(hex.to_lowercase().as_bytes(), LITTLE), "case matters: {hex}");
    assert_eq!(address, decode(hex.as_bytes(), None), "the order is not told from {hex}");
    address
}

/// Address and port as one text, without the flow and scope of IPv6.
fn shown(address: &SocketAddress) -> String {
    let ip = address.ip().map_or("-".to_owned(), |ip| ip.to_string());
    let port = address.port().map_or("-".to_owned(), |port| port.to_string());
    format!("{ip} {port}")
}

fn short(family: Family, port: Option<u16>) -> SocketAddress {
    SocketAddress::Short { family, port }
}

fn path(path: &str) -> SocketAddress {
    SocketAddress::Unix(UnixAddress::Path(path.into()))
}

fn abstract_name(name: &[u8]) -> SocketAddress {
    SocketAddress::Unix(UnixAddress::Abstract(name.into()))
}

fn unnamed() -> SocketAddress {
    SocketAddress::Unix(UnixAddress::Unnamed)
}

#[test]
fn eight_bytes_are_enough_for_ipv4_and_more_change_nothing() {
    assert_eq!(shown(&little("020001BB5DB8D822")), "93.184.216.34 443");
    assert_eq!(shown(&little("020001BB5DB8D8220000000000000000")), "93.184.216.34 443");
    assert_eq!(shown(&little("020000357F0000013030303030303030")), "127.0.0.1 53");
}

#[test]
fn an_address_cut_short_keeps_its_family_and_port_but_no_ip() {
    assert_eq!(little("0200"), short(Family::INET, None));
    assert_eq!(little("020001"), short(Family::INET, None));
    assert_eq!(little("020001BB"), short(Family::INET, Some(443)));
    assert_eq!(little("020001BB5DB8D8"), short(Family::INET, Some(443)));
    assert_eq!(little("0A0001BB00000000"), short(Family::INET6, Some(443)));
    let almost = format!("0A0001BB00000000{}", "20".repeat(15));
    assert_eq!(little(&almost), short(Family::INET6, Some(443)));
    assert_eq!(little("1000000001020304"), short(Family::NETLINK, None));
    assert_eq!(little("28000000640000000300"), short(Family::VSOCK, None));
}

#[test]
fn what_is_no_dump_is_invalid() {
    for hex in ["", "0", "02", "020001BB5DB8D82", "ZZ0001BB5DB8D822", "020001BB5DB8D8G2"] {
        assert_eq!(decode(hex.as_bytes(), LITTLE), SocketAddress::Invalid, "{hex:?}");
    }
    for hex in ["192.0.2.77", "(null)", "0x0200", " 200", "0200 1BB", "02000\u{ff}BB"] {
        assert_eq!(decode(hex.as_bytes(), None), SocketAddress::Invalid, "{hex:?}");
    }
    assert_eq!(SocketAddress::Invalid.family(), None);
}

#[test]
fn zeros_are_no_address() {
    assert_eq!(little("0000"), SocketAddress::Unspecified);
    assert_eq!(little(&"00".repeat(16)), SocketAddress::Unspecified);
    assert_eq!(SocketAddress::Unspecified.family(), Some(Family::UNSPEC));
}

#[test]
fn ipv6_keeps_flow_and_scope() {
    let link_local = little("0A0001BB00000000FE80000000000000021122FFFE33445502000000");
    assert_eq!(
        link_local,
        SocketAddress::Inet6 {
            address: "fe80::211:22ff:fe33:4455".parse().unwrap(),
            port: 443,
            flow: 0,
            scope: 2
        }
    );
    let labelled = little("0A0001BB0001E24020010DB800000000000000000000000100000000");
    assert_eq!(
        labelled,
        SocketAddress::Inet6 {
            address: "2001:db8::1".parse().unwrap(),
            port: 443,
            flow: 123_456,
            scope: 0
        }
    );
    let low = "0A00DE9900000000000000000000000000002a02cf40000000000000";
    assert_eq!(shown(&little(low)), "::2a02:cf40:0 56985");
}

#[test]
fn ipv6_without_a_whole_scope_is_still_an_address() {
    let without_scope = format!("0A002BCB{}01", "0".repeat(38));
    for more in ["", "020000", "00000000", &"00".repeat(104), &"00".repeat(200)] {
        let address = little(&format!("{without_scope}{more}"));
        assert_eq!(shown(&address), "::1 11211", "{more:?}");
        assert!(matches!(address, SocketAddress::Inet6 { scope: 0, .. }), "{more:?}");
    }
}

#[test]
fn only_the_mapped_prefix_makes_ipv4_of_ipv6() {
    let ip = |middle: &str| {
        shown(&little(&format!("0A00DE9900000000{}{middle}3A6C48DE00000000", "0".repeat(16))))
    };
    assert_eq!(ip("0000FFFF"), "58.108.72.222 56985");
    assert_eq!(ip("00000000"), "::3a6c:48de 56985");
    assert_eq!(ip("FFFF0000"), "::ffff:0:3a6c:48de 56985");
    assert_eq!(ip("0000FFFE"), "::fffe:3a6c:48de 56985");
}

#[test]
fn a_big_endian_machine_turns_the_family_but_not_the_port() {
    for order in [BIG, None] {
        let bind = decode(b"0002D903000000000000000000000000", order);
        assert_eq!(shown(&bind), "0.0.0.0 55555");
        let connect = decode(b"000201BB5DB8D8220000000000000000", order);
        assert_eq!(shown(&connect), "93.184.216.34 443");
        let scoped = decode(b"000A01BB00000000FE800000000000000000000000000001000001F4", order);
        assert!(matches!(scoped, SocketAddress::Inet6 { scope: 500, .. }));
        let kernel = decode(b"001000000000000700000001", order);
        assert_eq!(kernel, SocketAddress::Netlink { port: 7, groups: 1 });
    }
}

#[test]
fn a_known_order_is_not_overruled_by_a_likelier_family() {
    assert_eq!(decode(b"000201BB5DB8D822", LITTLE), SocketAddress::Other(Family(512)));
    assert_eq!(decode(b"020001BB5DB8D822", BIG), SocketAddress::Other(Family(512)));
    assert_eq!(decode(b"FFFF01BB5DB8D822", None), SocketAddress::Other(Family(0xffff)));
}

#[test]
fn a_path_ends_at_the_first_nul_or_with_the_bytes() {
    assert_eq!(little("01002F746D702F736F636B"), path("/tmp/sock"));
    assert_eq!(little("01002F746D702F736F636B0000385302"), path("/tmp/sock"));
    assert_eq!(little("010078"), path("x"));
    // 108 bytes without a NUL fill the struct; what a longer one holds behind them is no path.
    let full = format!("01002F{}", "78".repeat(107));
    assert_eq!(little(&full), path(&format!("/{}", "x".repeat(107))));
    assert_eq!(little(&format!("{full}5959")), little(&full));
}

#[test]
fn an_abstract_name_keeps_inner_nuls_and_drops_padding() {
    assert_eq!(
        little("0100002F746D702F2E5831312D756E69782F5830"),
        abstract_name(b"/tmp/.X11-unix/X0")
    );
    assert_eq!(little("01000074C3A97374206162"), abstract_name("tést ab".as_bytes()));
    assert_eq!(little("0100006100620000"), abstract_name(b"a\0b"));
    let padded = format!("0100002F636F6E7461696E6572642D7368696D2F{}", "00".repeat(80));
    assert_eq!(little(&padded), abstract_name(b"/containerd-shim/"));
}

#[test]
fn a_unix_socket_without_a_name_is_unnamed() {
    for hex in ["0100", "010000", &format!("0100{}", "00".repeat(108))] {
        assert_eq!(little(hex), unnamed(), "{hex}");
    }
}

#[test]
fn the_other_families_have_their_own_shapes() {
    assert_eq!(little("100000000700000001000000"), SocketAddress::Netlink { port: 7, groups: 1 });
    assert_eq!(
        little("28000000640000000300000000000000"),
        SocketAddress::Vsock { cid: 3, port: 100 }
    );
    let packet = |hardware: &[u8]| SocketAddress::Packet {
        protocol: 0x0800,
        interface: 2,
        hardware: hardware.to_vec(),
    };
    assert_eq!(
        little("110008000200000001000006AABBCCDDEEFF0000"),
        packet(&[0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff])
    );
    assert_eq!(little("110008000200000001000006AABBCCDDEE"), packet(&[]));
    assert_eq!(little("1100080002000000"), packet(&[]));
    assert_eq!(little("26006861736800000000"), SocketAddress::Other(Family(38)));
}

#[test]
fn the_words_of_ausearch_give_the_same_addresses() {
    let read = |text: &str| from_interpreted(text.as_bytes()).unwrap();
    let web = little("020001BB5DB8D822");
    assert_eq!(read("{ saddr_fam=inet laddr=93.184.216.34 lport=443 }"), web);
    assert_eq!(read("{ fam=inet laddr=93.184.216.34 lport=443 } "), web);
    assert_eq!(read("inet host:93.184.216.34 serv:443"), web);
    let mapped = "{ saddr_fam=inet6 laddr=::ffff:58.108.72.222 lport=56985 }";
    assert_eq!(shown(&read(mapped)), "58.108.72.222 56985");
    let scope = |text| match read(text) {
        SocketAddress::Inet6 { scope, .. } => scope,
        other => panic!("{other:?}"),
    };
    assert_eq!(scope("{ saddr_fam=inet6 laddr=fe80::1%2 lport=443 }"), 2);
    assert_eq!(scope("{ saddr_fam=inet6 laddr=fe80::1%eth0 lport=443 }"), 0);
    assert_eq!(read("{ saddr_fam=local path=/tmp/x y }  }"), path("/tmp/x y }"));
    assert_eq!(read("{ fam=local path=@/tmp/.X11-unix/X0 }"), abstract_name(b"/tmp/.X11-unix/X0"));
    assert_eq!(read("local /dev/log"), path("/dev/log"));
    assert_eq!(
        read("{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=7 }"),
        SocketAddress::Netlink { port: 7, groups: 0 }
    );
}

#[test]
fn words_without_an_address_give_none() {
    let read = |text: &str| from_interpreted(text.as_bytes());
    assert_eq!(read("{ saddr_fam=local sockaddr len too short }"), Some(unnamed()));
    let inet = |port| Some(short(Family::INET, port));
    assert_eq!(read("{ saddr_fam=inet sockaddr len too short }"), inet(None));
    assert_eq!(read("{ saddr_fam=inet laddr=www.example lport=80 }"), inet(Some(80)));
    assert_eq!(read("{ saddr_fam=inet laddr=2001:db8::1 lport=80 }"), inet(Some(80)));
    assert_eq!(read("{ saddr_fam=inet laddr=192.0.2.7 lport=65536 }"), inet(None));
    assert_eq!(
        read("{ saddr_fam=vsock (unsupported) }"),
        Some(SocketAddress::Other(Family::VSOCK))
    );
    assert_eq!(read("unknown-family(0)"), Some(SocketAddress::Unspecified));
    assert_eq!(read("unknown family(77)"), Some(SocketAddress::Other(Family(77))));
    for text in ["", "{", "{ }", "unknown family", "unknown", "saddr_fam=", "192.0.2.7"] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
}

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

fn in_order<const N: usize>(order: ByteOrder, mut little: [u8; N]) -> [u8; N] {
    if order == ByteOrder::Big {
        little.reverse();
    }
    little
}

proptest! {
    #[test]
    fn any_text_at_all_is_survived(
        text: Vec<u8>,
        digits in "[0-9A-Fa-f]{0,300}",
        order in prop::option::of(order()),
    ) {
        decode(&text, order);
        decode(digits.as_bytes(), order);
        from_interpreted(&text);
    }

    #[test]
    fn any_bytes_of_a_known_family_are_survived(number in 0_u16..50, rest: Vec<u8>) {
        let bytes = [&number.to_le_bytes()[..], &rest].concat();
        let address = decode(&hex(&bytes), LITTLE);
        prop_assert_eq!(address.family(), Some(Family(number)));
    }

    #[test]
    fn ipv4_comes_back_as_it_went(ip: Ipv4Addr, port: u16, order in order()) {
        let family = in_order(order, 2_u16.to_le_bytes());
        let bytes = [&family[..], &port.to_be_bytes(), &ip.octets(), &[0; 8]].concat();
        let expected = SocketAddress::Inet { address: ip, port };
        prop_assert_eq!(&decode(&hex(&bytes), Some(order)), &expected);
        prop_assert_eq!(&decode(&hex(&bytes), None), &expected);
    }

    #[test]
    fn ipv6_comes_back_as_it_went(
        address: Ipv6Addr, port: u16, flow: u32, scope: u32, order in order(),
    ) {
        let bytes = [
            &in_order(order, 10_u16.to_le_bytes())[..],
            &port.to_be_bytes(),
            &flow.to_be_bytes(),
            &address.octets(),
            &in_order(order, scope.to_le_bytes()),
        ].concat();
        let expected = SocketAddress::Inet6 { address, port, flow, scope };
        prop_assert_eq!(&decode(&hex(&bytes), Some(order)), &expected);
        prop_assert_eq!(&decode(&hex(&bytes), None), &expected);
    }
}
