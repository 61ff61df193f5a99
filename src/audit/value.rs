//! What a value says: text in quotes, text in hex, or nothing at all.
//!
//! The kernel quotes a string when every byte of it is printable, not a blank and not a quote, and
//! writes all its bytes as upper-case hex otherwise. Both forms look like other things: a quoted
//! `"CAFE"` is text, and the bare `1501` of `id=1501` is a number. So hex is decoded only where
//! the caller knows, by the field's name, that the kernel encodes it ([`is_encoded`]).

use std::borrow::Cow;

/// Whether the kernel (or auditd's clients) write text in this field as quotes or hex.
pub fn is_encoded(name: &[u8]) -> bool {
    matches!(
        name,
        b"comm"
            | b"exe"
            | b"cwd"
            | b"name"
            | b"proctitle"
            | b"key"
            | b"acct"
            | b"cmd"
            | b"data"
            | b"path"
            | b"dir"
            | b"file"
            | b"ocomm"
            | b"vm"
            | b"new-disk"
            | b"old-disk"
            | b"new-fs"
            | b"old-fs"
            | b"new-net"
            | b"old-net"
            | b"device"
            | b"cgroup"
            | b"apparmor"
            | b"operation"
            | b"denied_mask"
            | b"info"
            | b"profile"
            | b"requested_mask"
            | b"watch"
            | b"sw"
            | b"root_dir"
            | b"grp"
            | b"new_group"
            | b"root"
            | b"vm-ctx"
            | b"img-ctx"
    )
}

/// The text of an encoded field; `None` for `(null)`, `?` and an empty bare value.
///
/// ```
/// use oddsock::audit::value::text;
/// assert_eq!(text(b"\"curl\"").as_deref(), Some(&b"curl"[..]));
/// assert_eq!(text(b"612062").as_deref(), Some(&b"a b"[..]));
/// assert_eq!(text(b"\"612062\"").as_deref(), Some(&b"612062"[..]));
/// assert_eq!(text(b"(null)"), None);
/// ```
#[inline]
pub fn text(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    match raw {
        b"" | b"(null)" | b"?" => None,
        [b'"', ..] => Some(Cow::Borrowed(unquoted(raw))),
        _ => Some(match hex(raw) {
            Some(bytes) => Cow::Owned(bytes),
            None => Cow::Borrowed(raw),
        }),
    }
}

/// The text between quotes. A transport that writes CSV may have doubled them: `""curl""`.
fn unquoted(raw: &[u8]) -> &[u8] {
    let inner = raw.strip_prefix(b"\"").unwrap_or(raw);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    match inner.strip_prefix(b"\"").and_then(|i| i.strip_suffix(b"\"")) {
        Some(inner) => inner,
        None => inner,
    }
}

/// The bytes behind pairs of hex digits; `None` when it is anything else.
///
/// The kernel writes upper-case digits. Lower case is left alone, as words like `cafe` and numbers
/// that other programs write are not the kernel's encoding.
pub fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks_exact(2) {
        bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
    }
    Some(bytes)
}

#[inline]
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A number in decimal, with or without a sign.
#[inline]
pub fn decimal(raw: &[u8]) -> Option<i64> {
    let (negative, digits) = match raw {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, raw),
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut value = 0u64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    let value = i64::try_from(value).ok()?;
    Some(if negative { -value } else { value })
}

/// A number in hex without a prefix, as in `a0=7ffc0a10`.
#[inline]
pub fn hexadecimal(raw: &[u8]) -> Option<u64> {
    if raw.is_empty() || raw.len() > 16 {
        return None;
    }
    let mut value = 0;
    for digit in raw {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        value = value << 4 | u64::from(digit);
    }
    Some(value)
}

/// A user, group, session or process id; `None` when it is unset.
///
/// The kernel writes an unset id as all ones: 4294967295, or -1 and its 64-bit form on old systems.
/// Ids are not bound to 32 bits here: what a log holds is kept.
#[inline]
pub fn id(raw: &[u8]) -> Option<u64> {
    match raw {
        b"4294967295" | b"18446744073709551615" => None,
        _ => decimal(raw).and_then(|id| u64::try_from(id).ok()),
    }
}

/// Whether the log says that there is no such id, and not just nothing.
pub fn is_unset(raw: &[u8]) -> bool {
    matches!(raw, b"4294967295" | b"18446744073709551615" | b"-1" | b"unset")
}

/// The keys of an event. Several are joined by 0x01, which makes the kernel write them in hex.
pub fn keys(raw: &[u8]) -> Vec<Vec<u8>> {
    let Some(text) = text(raw) else { return Vec::new() };
    text.split(|b| *b == 1).filter(|key| !key.is_empty()).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(raw: &str, expected: Option<&str>) {
        let text = text(raw.as_bytes());
        assert_eq!(text.as_deref(), expected.map(str::as_bytes), "{raw}");
    }

    #[test]
    fn quoted_is_text_even_where_it_looks_like_hex() {
        reads("\"deadbeef\"", Some("deadbeef"));
        reads("\"CAFE\"", Some("CAFE"));
        reads("\"\"", Some(""));
    }

    #[test]
    fn bare_upper_case_hex_is_encoded_text_and_its_neighbours_are_not() {
        reads("41424344", Some("ABCD"));
        reads("4142434", Some("4142434"));
        reads("414243GG", Some("414243GG"));
        reads("cafe", Some("cafe"));
    }

    #[test]
    fn nothing_is_said_in_several_ways() {
        for raw in ["(null)", "?", ""] {
            reads(raw, None);
        }
        reads("\"?\"", Some("?"));
        reads("\"(null)\"", Some("(null)"));
    }

    #[test]
    fn quotes_doubled_on_the_way_are_taken_off() {
        reads("\"\"systemd\"\"", Some("systemd"));
    }

    #[test]
    fn unset_ids_are_none_and_large_ones_are_kept() {
        for raw in ["4294967295", "-1", "18446744073709551615", "unset", ""] {
            assert_eq!(id(raw.as_bytes()), None, "{raw}");
        }
        assert!(is_unset(b"4294967295") && is_unset(b"-1") && !is_unset(b"") && !is_unset(b"0"));
        assert_eq!(id(b"0"), Some(0));
        assert_eq!(id(b"4294967294"), Some(4_294_967_294));
        assert_eq!(id(b"8589934592"), Some(8_589_934_592));
    }

    #[test]
    fn several_keys_are_several() {
        assert_eq!(keys(b"65786563013634626974"), [b"exec".to_vec(), b"64bit".to_vec()]);
        assert_eq!(keys(b"\"key=net\""), [b"key=net".to_vec()]);
        assert_eq!(keys(b"6E6574776F726B20636F6E6E656374"), [b"network connect".to_vec()]);
        assert!(keys(b"(null)").is_empty());
    }

    #[test]
    fn numbers_are_read_whole_or_not_at_all() {
        assert_eq!(decimal(b"-115"), Some(-115));
        assert_eq!(decimal(b"12x"), None);
        assert_eq!(decimal(b"-"), None);
        assert_eq!(hexadecimal(b"7ffc0a10"), Some(0x7ffc_0a10));
        assert_eq!(hexadecimal(b"0x10"), None);
        assert_eq!(hexadecimal(b"11112222333344445"), None);
    }
}
