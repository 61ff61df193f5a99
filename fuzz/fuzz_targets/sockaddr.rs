//! Any digits as an address, and any text as the interpretation of one.
//!
//! No address comes out that is not in the bytes.

#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use oddsock::audit::ByteOrder;
use oddsock::audit::sockaddr::{SocketAddress, decode, from_interpreted};

fuzz_target!(|text: &[u8]| {
    let _ = from_interpreted(text);
    let _ = decode(text, None);
    // Any bytes, as the kernel would have written them.
    let digits: String = text.iter().map(|byte| format!("{byte:02X}")).collect();
    for order in [None, Some(ByteOrder::Little), Some(ByteOrder::Big)] {
        let address = decode(digits.as_bytes(), order);
        assert_eq!(address, decode(digits.to_lowercase().as_bytes(), order));
        assert!(text.len() < 2 || address != SocketAddress::Invalid, "whole bytes have a decoding");
        let there = match address.ip() {
            None => true,
            Some(IpAddr::V4(ip)) => text.windows(4).any(|four| four == ip.octets()),
            Some(IpAddr::V6(ip)) => text.windows(16).any(|sixteen| sixteen == ip.octets()),
        };
        assert!(there, "{address:?} is not in {digits}");
        if let Some(port) = address.port() {
            assert_eq!(text[2..4], port.to_be_bytes(), "{address:?} of {digits}");
        }
        if let SocketAddress::Short { .. } = address {
            assert_eq!(address.ip(), None);
        }
    }
});
