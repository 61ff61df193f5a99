//! How a report looks, and what a browser is to forbid it.

use sha2::{Digest, Sha256};

/// The style sheet.
pub(super) const SHEET: &str = include_str!("style.css");

/// The policy: nothing is loaded, nothing runs, and no other style than ours applies.
pub(super) fn policy() -> String {
    let hash = base64(&Sha256::digest(SHEET));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * at) & 63) as usize];
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_others_read_them() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (text, written) in cases {
            assert_eq!(base64(text.as_bytes()), written);
        }
    }

    #[test]
    fn the_sheet_loads_nothing_and_cannot_be_left() {
        for loads in ["url(", "@import", "</", "src:", "expression"] {
            assert!(!SHEET.contains(loads), "{loads}");
        }
    }
}
