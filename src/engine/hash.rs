//! A hash that is the same everywhere and for ever: it decides which of many things are kept, so
//! two machines have to agree on it, and so have two versions of this program.
//!
//! It is not for tables: whoever writes a log can find collisions, which would make a table slow.
//! Here a collision makes a count one too small.

/// The hash of some bytes: FNV-1a over them, and the finishing of MurmurHash3, since the smallest
/// hashes are kept and FNV leaves the upper bits of short texts badly mixed.
pub fn of(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mixed(hash)
}

/// One hash of two, in their order.
pub fn joined(first: u64, second: u64) -> u64 {
    mixed(first.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ second)
}

fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(of(b""), 0xefd0_1f60_ba99_2926);
        assert_eq!(of(b"curl"), of(b"curl"));
        assert_ne!(of(b"curl"), of(b"cur"));
        assert_ne!(joined(1, 2), joined(2, 1));
    }
}
