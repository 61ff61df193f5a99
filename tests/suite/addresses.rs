//! Which addresses a call is shown with, by the family and the length of what the log holds.

use crate::scene::{check, check_log, log};

/// A connect with these digits is shown so.
#[track_caller]
fn connects(digits: &str, shown: &str) {
    connects_on("arch=c000003e", digits, shown);
}

#[track_caller]
fn connects_on(arch: &str, digits: &str, shown: &str) {
    let call = if arch.ends_with("15") || arch.ends_with("14") { "328" } else { "42" };
    let call = if arch.ends_with("16") { "362" } else { call };
    let scene = format!("#7 SYSCALL {call} /usr/bin/curl {arch}\n#7 SOCKADDR {digits}");
    check(&scene, &format!("#7 curl[812] → {shown}"));
}

#[test]
fn ipv4_needs_eight_bytes_and_no_more() {
    connects("020001BBC00002070000000000000000", "192.0.2.7:443");
    connects("020001BBC0000207", "192.0.2.7:443");
    connects(&format!("020001BBC0000207{}", "AB".repeat(120)), "192.0.2.7:443");
    connects("020001BBC00002", "inet?:443 partial");
    connects("020001BB", "inet?:443 partial");
    connects("020001", "inet? partial");
    connects("0200", "inet? partial");
}

#[test]
fn addresses_of_all_zeros_and_all_ones_are_addresses() {
    connects("020001BB000000000000000000000000", "0.0.0.0:443");
    connects("02000000FFFFFFFF0000000000000000", "255.255.255.255:0 probe");
}

#[test]
fn ipv6_may_be_short_of_its_scope_and_not_of_its_address() {
    let address = "0A0001BB0000000020010DB8000000000000000000000001";
    connects(&format!("{address}00000000"), "[2001:db8::1]:443");
    connects(address, "[2001:db8::1]:443");
    connects(&format!("{address}000000"), "[2001:db8::1]:443");
    connects(&format!("{address}{}", "00".repeat(104)), "[2001:db8::1]:443");
    connects(&address[..address.len() - 2], "inet6?:443 partial");
    connects("0A0001BB00000000", "inet6?:443 partial");
}

#[test]
fn a_link_local_address_names_its_interface() {
    connects(
        "0A0001BB00000000FE80000000000000021122FFFE33445502000000",
        "[fe80::211:22ff:fe33:4455%2]:443",
    );
}

#[test]
fn a_mapped_address_is_ipv4_and_a_compatible_one_is_not() {
    connects("0A0001BB0000000000000000000000000000FFFFC000020700000000", "192.0.2.7:443");
    connects("0A0001BB00000000000000000000000000000000C000020700000000", "[::c000:207]:443");
}

#[test]
fn digits_may_be_of_either_case() {
    connects("020001bbc0000207", "192.0.2.7:443");
}

#[test]
fn unix_sockets_have_paths_names_or_nothing() {
    connects("01002F746D702F7300", "/tmp/s");
    connects("01002F746D702F73", "/tmp/s");
    connects("01002F746D702F7300AABBCC", "/tmp/s");
    connects("0100002F746D702F73000000", "@/tmp/s");
    connects("0100", "unnamed");
}

#[test]
fn other_families_have_their_names_or_their_numbers() {
    connects("100000000000000000000000", "netlink");
    connects("11000800020000000100000600000000000000", "packet");
    connects("2800000001000000020000000000000000", "vsock");
    connects("1D000000", "can");
    connects("FE000000", "254");
    connects("00000000000000000000000000000000", "unspec");
}

#[test]
fn the_family_is_in_the_byte_order_of_the_machine_that_logged_it() {
    connects_on("arch=80000016", "000201BBC00002070000000000000000", "192.0.2.7:443");
    connects_on(
        "arch=80000015",
        "000A01BB0000000020010DB800000000000000000000000100000000",
        "[2001:db8::1]:443",
    );
    connects_on("arch=c0000015", "020001BBC00002070000000000000000", "192.0.2.7:443");
    // 0002 on a little-endian machine is family 512, which is none.
    connects_on("arch=c000003e", "000201BBC00002070000000000000000", "512");
}

#[test]
fn what_is_no_address_is_none_and_the_line_is_complained_of() {
    for digits in ["020001BBC000020", "020001BBC00002G7", "zz"] {
        check(
            &format!("#7 SYSCALL connect /usr/bin/curl\n#7 SOCKADDR {digits}"),
            "#7 curl[812] → ? partial\n= lines 2, complaints 1, partial 1",
        );
    }
}

#[test]
fn an_empty_or_one_byte_address_is_none_and_the_log_is_right_all_the_same() {
    for digits in ["", "02"] {
        check(
            &format!("#7 SYSCALL connect /usr/bin/curl\n#7 SOCKADDR {digits}\n#7 EOE"),
            "#7 curl[812] → ?\n= lines 3, complaints 0",
        );
    }
}

#[test]
fn raw_bytes_win_over_their_interpretation() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         #7 SOCKADDR 020001BBC0000207\x1dSADDR={ saddr_fam=inet laddr=10.9.9.9 lport=1 }",
        "#7 curl[812] → 192.0.2.7:443",
    );
}

#[test]
fn an_interpretation_without_bytes_is_better_than_nothing() {
    check(
        "#7 SYSCALL connect /usr/bin/curl
         > type=SOCKADDR msg=audit(1723798800.000:7): SADDR={ fam=inet laddr=192.0.2.7 lport=443 }",
        "#7 curl[812] → 192.0.2.7:443",
    );
}

#[test]
fn the_address_of_a_packet_is_text_and_no_dump() {
    check(
        "#7 NETFILTER_PKT mark=0x0 saddr=192.0.2.7 daddr=192.0.2.8 proto=6",
        "= events 1, complaints 0, partial 0",
    );
}

#[test]
fn calls_without_an_address_have_none() {
    check_log(
        &log("#7 SYSCALL listen /usr/sbin/sshd
             #8 SYSCALL sendmsg /usr/bin/curl
             #9 SYSCALL recvfrom /usr/bin/curl"),
        "#7 sshd[812] listening\n= events 3, partial 0",
    );
}
