//! Keys of several values, each of which may be absent.
//!
//! Values come in, bytes go out that sort as the values do, and from which they can be had again. A
//! key has room for [`super::LONGEST`] bytes, of which each of its values may have a part.

use super::{LONGEST, shortened};

/// What follows a zero byte: that it was one, the end of a value, or that there is none.
const ZERO: u8 = 2;
const END: u8 = 1;
const ABSENT: u8 = 0;

/// Appends the key of some values. Of values that are too long the beginning and a hash stand in
/// it.
///
/// ```
/// use oddsock::counts::{key, values};
///
/// let mut bytes = Vec::new();
/// key(&[Some(b"curl"), None, Some(b"a\0b")], &mut bytes);
/// assert_eq!(values(&bytes), [Some(b"curl".to_vec()), None, Some(b"a\0b".to_vec())]);
/// ```
pub fn key(values: &[Option<&[u8]>], out: &mut Vec<u8>) {
    let room = LONGEST / values.len().max(1) - 2;
    for value in values {
        let Some(value) = value else {
            out.extend_from_slice(&[0, ABSENT]);
            continue;
        };
        let zeros = value.iter().take(room).filter(|byte| **byte == 0).count();
        let cut;
        let value = if value.len() + zeros <= room {
            *value
        } else {
            cut = shortened(value, room / 2);
            &cut
        };
        for byte in value {
            out.push(*byte);
            if *byte == 0 {
                out.push(ZERO);
            }
        }
        out.extend_from_slice(&[0, END]);
    }
}

/// The values of a key.
pub fn values(key: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut values = Vec::new();
    let mut value = Vec::new();
    let mut bytes = key.iter();
    while let Some(byte) = bytes.next() {
        match (byte, if *byte == 0 { bytes.next() } else { None }) {
            (0, Some(&ZERO)) => value.push(0),
            (0, Some(&END)) => values.push(Some(std::mem::take(&mut value))),
            (0, _) => values.push(None),
            (byte, _) => value.push(*byte),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn written(values: &[Option<Vec<u8>>]) -> Vec<u8> {
        let values: Vec<Option<&[u8]>> = values.iter().map(Option::as_deref).collect();
        let mut out = Vec::new();
        key(&values, &mut out);
        out
    }

    proptest! {
        #[test]
        fn values_come_back_and_keys_sort_as_they_do(
            one in vec(option::of(vec(0_u8..4, 0..9)), 3),
            other in vec(option::of(vec(0_u8..4, 0..9)), 3),
        ) {
            prop_assert_eq!(values(&written(&one)), one.clone());
            prop_assert_eq!(written(&one).cmp(&written(&other)), one.cmp(&other));
        }

        #[test]
        fn no_key_is_too_long(lengths in vec(0_usize..2000, 1..8), byte: u8) {
            let long: Vec<_> = lengths.iter().map(|length| Some(vec![byte; *length])).collect();
            prop_assert!(written(&long).len() <= LONGEST);
            prop_assert_eq!(values(&written(&long)).len(), long.len());
        }
    }
}
