//! The bytes of strings that are not UTF-8, out of this program's own NDJSON.
//!
//! `oddsock.bytes` has them in hex, by the names of the fields, and of elements of lists by name
//! and number: `process.args[2]`. They are put back in the place of what stood in for them, so that
//! a value is the same whether it comes from the log or from what was written of it.

use std::collections::BTreeMap;

use super::flat::Flat;

const PREFIX: &[u8] = b"oddsock.bytes.";

/// Puts the bytes back where they belong.
pub(super) fn restore(flat: &mut Flat) {
    let entries = flat.iter().filter_map(|(name, hex)| {
        let name = name.strip_prefix(PREFIX)?;
        Some((name.to_vec(), bytes(hex)?))
    });
    let mut bytes: BTreeMap<Vec<u8>, Vec<u8>> = entries.collect();
    if bytes.is_empty() {
        return;
    }
    flat.change_all(|name, number| {
        let first = if number == 0 { bytes.remove(name) } else { None };
        first.or_else(|| bytes.remove(&[name, format!("[{number}]").as_bytes()].concat()))
    });
}

fn bytes(hex: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, []) = hex.as_chunks::<2>() else { return None };
    pairs.iter().map(|&[high, low]| Some((digit(high)? << 4 | digit(low)?) as u8)).collect()
}
