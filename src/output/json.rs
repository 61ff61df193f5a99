//! A JSON object, written field by field to the end of a buffer.
//!
//! Field names are this program's own and need no escapes; strings are bytes of the log. See
//! [`super::ndjson`] for what becomes of those that are not UTF-8.

use std::io::Write;

use super::unseen::Eye;

/// The name of a field that is not the first, with all that goes around it: it is copied at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(pub(super) &'static str);

impl Key {
    pub(super) fn name(self) -> &'static str {
        self.0.trim_matches([',', '"', ':'])
    }
}

/// The [`Key`] of a name.
macro_rules! key {
    ($name:literal) => {
        $crate::output::json::Key(concat!(",\"", $name, "\":"))
    };
}
pub(super) use key;

/// An object whose first fields have been written.
#[derive(Debug)]
pub(super) struct Object<'o> {
    pub(super) out: &'o mut Vec<u8>,
    /// The fields of the object that holds exact bytes.
    pub(super) exact: &'o mut Vec<u8>,
}

impl Object<'_> {
    /// Begins a field: its value is to follow.
    #[inline]
    pub(super) fn key(&mut self, key: Key) {
        self.out.extend_from_slice(key.0.as_bytes());
    }

    /// Begins a field whose name is not this program's own.
    pub(super) fn named(&mut self, name: &str) {
        self.out.push(b',');
        string(name.as_bytes(), self.out);
        self.out.push(b':');
    }

    /// A string of the log as the value, or a part of it, that was begun; `name` is what its exact
    /// bytes go by.
    pub(super) fn value(&mut self, name: &str, bytes: &[u8]) {
        if !string(bytes, self.out) {
            self.note_exact(name, bytes);
        }
    }

    /// A string that needs no escapes.
    #[inline]
    pub(super) fn plain(&mut self, key: Key, value: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
    }

    /// A string of the log.
    #[inline]
    pub(super) fn text(&mut self, key: Key, bytes: &[u8]) {
        self.key(key);
        if !string(bytes, self.out) {
            self.note_exact(key.name(), bytes);
        }
    }

    /// Strings of the log.
    pub(super) fn list<T: AsRef<[u8]>>(&mut self, key: Key, values: &[T]) {
        self.key(key);
        for (index, value) in values.iter().enumerate() {
            self.out.push(if index == 0 { b'[' } else { b',' });
            if !string(value.as_ref(), self.out) {
                self.note_exact(&format!("{}[{index}]", key.name()), value.as_ref());
            }
        }
        self.out.extend_from_slice(if values.is_empty() { b"[]" } else { b"]" });
    }

    /// A number.
    #[inline]
    pub(super) fn number(&mut self, key: Key, value: impl Into<i128>) {
        self.key(key);
        decimal(value, self.out);
    }

    /// A number that is an identity: it is written as a string, for it is nothing to reckon with.
    #[inline]
    pub(super) fn id(&mut self, key: Key, value: u64) {
        self.key(key);
        self.out.push(b'"');
        decimal(value, self.out);
        self.out.push(b'"');
    }

    /// Notes the exact bytes of a string.
    pub(super) fn note_exact(&mut self, key: &str, bytes: &[u8]) {
        self.exact.push(if self.exact.is_empty() { b'{' } else { b',' });
        string(key.as_bytes(), self.exact);
        self.exact.extend_from_slice(b":\"");
        for byte in bytes {
            let _ = write!(self.exact, "{byte:02x}");
        }
        self.exact.push(b'"');
    }

    /// The last field, if there is any string that is not all there: their exact bytes.
    pub(super) fn exact_bytes(&mut self) {
        if !self.exact.is_empty() {
            self.key(key!("oddsock.bytes"));
            self.out.append(self.exact);
            self.out.push(b'}');
        }
    }
}

/// Appends a number.
#[inline]
pub(super) fn decimal(value: impl Into<i128>, out: &mut Vec<u8>) {
    let value: i128 = value.into();
    if value < 0 {
        out.push(b'-');
    }
    let Ok(mut rest) = u64::try_from(value.unsigned_abs()) else {
        let _ = write!(out, "{}", value.unsigned_abs());
        return;
    };
    let (mut digits, mut start) = ([0; 20], 20);
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends a string with its quotes, and tells whether the bytes were UTF-8.
#[inline]
pub(super) fn string(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    let is_exact = characters(bytes, out);
    out.push(b'"');
    is_exact
}

/// Appends what stands between the quotes of a string.
#[inline]
pub(super) fn characters(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    if need_no_care(bytes) {
        out.extend_from_slice(bytes);
        return true;
    }
    let mut is_exact = true;
    for chunk in bytes.utf8_chunks() {
        let mut eye = Eye::default();
        for c in chunk.valid().chars() {
            character(c, eye.misses(c), out);
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
            is_exact = false;
        }
    }
    is_exact
}

/// Whether all bytes stand for themselves within a string. Looked at by eight, the last of them
/// together with some that were looked at already.
#[inline]
fn need_no_care(bytes: &[u8]) -> bool {
    match bytes.last_chunk::<8>() {
        Some(last) => bytes.as_chunks::<8>().0.iter().chain([last]).all(|e| eight_need_none(*e)),
        None => bytes.iter().all(|b| (b' '..=b'~').contains(b) && *b != b'"' && *b != b'\\'),
    }
}

/// The same of eight bytes at once: the high bit of a byte is set below by what needs care in it,
/// and may be by what stands above such a byte, which changes nothing.
#[inline]
fn eight_need_none(bytes: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let bytes = u64::from_le_bytes(bytes);
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(limit * EACH) & !bytes;
    let is = |byte: u8| below(bytes ^ (u64::from(byte) * EACH), 1);
    let above_tilde = bytes.wrapping_add(EACH) | bytes;
    (below(bytes, 0x20) | above_tilde | is(b'"') | is(b'\\')) & HIGH == 0
}

fn character(c: char, is_missed: bool, out: &mut Vec<u8>) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if is_missed => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bytes: &[u8], expected: &str, is_exact: bool) {
        let mut out = Vec::new();
        assert_eq!(string(bytes, &mut out), is_exact);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped_too() {
        check(b"a\x1b[0m\"\\\n\x7f", r#""a\u001b[0m\"\\\n\u007f""#, true);
        check("\u{9b}\u{202e}\u{2028}é".as_bytes(), r#""\u009b\u202e\u2028é""#, true);
        check("\u{e0041}".as_bytes(), r#""\udb40\udc41""#, true);
        check(
            "\u{3164}\u{a0}\u{301}e\u{301}".as_bytes(),
            "\"\\u3164\\u00a0\\u0301e\u{301}\"",
            true,
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_told_of_and_the_replacement_itself_is_not() {
        check(b"a\xffb", "\"a\u{fffd}b\"", false);
        check("a\u{fffd}b".as_bytes(), "\"a\u{fffd}b\"", true);
    }

    #[test]
    fn a_byte_that_needs_care_is_found_wherever_it_is() {
        for length in 1..40 {
            for at in 0..length {
                for (byte, escaped) in [(b'"', "\\\""), (b'\\', "\\\\"), (0x1f, "\\u001f")] {
                    let mut bytes = vec![b'~'; length];
                    bytes[at] = byte;
                    let (before, after) = ("~".repeat(at), "~".repeat(length - at - 1));
                    check(&bytes, &format!("\"{before}{escaped}{after}\""), true);
                }
            }
        }
    }

    #[test]
    fn numbers_are_decimal() {
        for number in [0, 7, -115, i128::from(u64::MAX), i128::from(i64::MIN), i128::MIN] {
            let mut out = Vec::new();
            decimal(number, &mut out);
            assert_eq!(String::from_utf8(out).expect("ASCII"), number.to_string());
        }
    }

    proptest! {
        #[test]
        fn any_string_comes_back(text: String) {
            let mut out = Vec::new();
            prop_assert!(string(text.as_bytes(), &mut out));
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("JSON"), text);
        }
    }
}
