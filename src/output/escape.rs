//! Text of a log for a terminal: what could act on it, or mislead the eye, is spelled out.
//!
//! Bytes come in, of any sort; valid UTF-8 goes out that has no control characters, stays on one
//! line, and from which the bytes can be had again:
//!
//! | in | out |
//! |---|---|
//! | backslash | `\\` |
//! | newline, carriage return, tab | `\n`, `\r`, `\t` |
//! | other control characters below 0x80, and bytes that are not UTF-8 | `\x1b`, `\xff` |
//! | what else nobody sees as it is, by Unicode's properties | `\u{9b}`, `\u{202e}`, `\u{a0}` |
//! | everything else | itself |
//!
//! [`text`] is for what stands alone (a cell, a line that is shown), [`word`] for names in a row or
//! a sentence, [`quoted`] for names in a message, and [`harmless`] for a
//! sentence that has such in it.

use std::io::Write;

use super::unseen::Eye;

/// Appends text with everything spelled out that is not to be seen as it is.
///
/// ```
/// use oddsock::output::escape;
///
/// let mut out = Vec::new();
/// escape::text(b"naive \x1b[31m C:\\dir \xff", &mut out);
/// assert_eq!(out, br"naive \x1b[31m C:\\dir \xff");
/// ```
pub fn text(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.iter().all(|b| matches!(b, b' '..=b'~') && *b != b'\\') {
        return out.extend_from_slice(bytes);
    }
    for chunk in bytes.utf8_chunks() {
        let mut eye = Eye::default();
        for c in chunk.valid().chars() {
            character(c, eye.misses(c), out);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

/// Appends text as one word: like [`text`], and between quotes where it could be taken for
/// something else, because it is empty, has blanks, brackets or quotes inside, or is `?`, which
/// stands for what is not known.
///
/// Within the quotes a quote is `\"`. So what stands around a word cannot be feigned by it.
///
/// ```
/// use oddsock::output::escape;
///
/// let mut out = Vec::new();
/// escape::word(b"curl", &mut out);
/// escape::word(b"sh[1] \"x\"", &mut out);
/// assert_eq!(out, br#"curl"sh[1] \"x\"""#);
/// ```
pub fn word(bytes: &[u8], out: &mut Vec<u8>) {
    let is_simple = |b: &u8| matches!(b, b'!'..=b'~') && !b"\"\\()[]{},;".contains(b);
    // That stands for what is not known.
    if bytes == b"?" {
        return quoted(bytes, out);
    }
    if !bytes.is_empty() && bytes.iter().all(is_simple) {
        return out.extend_from_slice(bytes);
    }
    let mut parts = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    let is_plain = |c: char| !c.is_whitespace() && !"\"()[]{},;".contains(c);
    if !bytes.is_empty() && parts.all(is_plain) {
        return text(bytes, out);
    }
    quoted(bytes, out);
}

/// Appends text between quotes, whatever it is: for the name of a file in a message, where a name
/// is to be told from the words around it even if it looks like one of them.
///
/// ```
/// use oddsock::output::escape;
///
/// let mut out = b"cannot read ".to_vec();
/// escape::quoted(b"it\x1b[2J", &mut out);
/// assert_eq!(out, br#"cannot read "it\x1b[2J""#);
/// ```
pub fn quoted(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for (index, part) in bytes.split(|b| *b == b'"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\\\"");
        }
        text(part, out);
    }
    out.push(b'"');
}

/// Text in which nothing acts: like [`text`], but backslashes stand as they are, for what has been
/// spelled out in it already.
///
/// ```
/// use oddsock::output::escape;
///
/// assert_eq!(escape::harmless("a\nb\x1b[2J\\x1b\0"), "a\\nb\\x1b[2J\\x1b\\x00");
/// ```
pub fn harmless(spelled: &str) -> String {
    let mut out = Vec::new();
    for (index, part) in spelled.split('\\').enumerate() {
        if index > 0 {
            out.push(b'\\');
        }
        text(part.as_bytes(), &mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What [`quoted`] has made these quotes of; none if it was not.
///
/// ```
/// use oddsock::output::escape;
///
/// assert_eq!(escape::unquoted(br#""it\x1b[2J""#).unwrap(), b"it\x1b[2J");
/// assert_eq!(escape::unquoted(b"it"), None);
/// ```
pub fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let within = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let (mut rest, mut bytes) = (std::str::from_utf8(within).ok()?, Vec::new());
    while let Some(at) = rest.find(['\\', '"']) {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (known, behind) = spelled(rest[at..].strip_prefix('\\')?)?;
        bytes.extend_from_slice(&known);
        rest = behind;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}

/// What is spelled out behind a backslash, and what follows.
fn spelled(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut letters = text.chars();
    let byte = match letters.next()? {
        plain @ ('\\' | '"') => plain as u8,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'x' => {
            let (digits, behind) = letters.as_str().split_at_checked(2)?;
            return Some((vec![u8::from_str_radix(digits, 16).ok()?], behind));
        }
        'u' => {
            let (digits, behind) = letters.as_str().strip_prefix('{')?.split_once('}')?;
            let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            return Some((c.to_string().into_bytes(), behind));
        }
        _ => return None,
    };
    Some((vec![byte], letters.as_str()))
}

fn character(c: char, is_missed: bool, out: &mut Vec<u8>) {
    match c {
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if c.is_ascii_control() => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        _ if is_missed => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::output::unseen::is_unseen;

    fn check(bytes: &[u8], expected: &str) {
        let mut out = Vec::new();
        text(bytes, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    fn check_word(bytes: &[u8], expected: &str) {
        let mut out = Vec::new();
        word(bytes, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out() {
        check(b"\x1b]0;title\x07", r"\x1b]0;title\x07");
        check(b"a\nb\tc\rd\0e\x7f", r"a\nb\tc\rd\x00e\x7f");
        check("\u{9b}31m".as_bytes(), r"\u{9b}31m");
        check(b"\x9b31m", r"\x9b31m");
    }

    #[test]
    fn what_misleads_the_eye_is_spelled_out_and_other_writing_is_not() {
        check("gpj.\u{202e}exe".as_bytes(), r"gpj.\u{202e}exe");
        check("cu\u{200b}rl".as_bytes(), r"cu\u{200b}rl");
        check("tést 端末 אבג ☺".as_bytes(), "tést 端末 אבג ☺");
    }

    #[test]
    fn whatever_is_invisible_is_spelled_out() {
        for invisible in [
            0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x1680, 0x17b4, 0x180b, 0x180f, 0x2000,
            0x200f, 0x2029, 0x202f, 0x205f, 0x206f, 0x2800, 0x3000, 0x3164, 0xfe00, 0xfe0f, 0xfeff,
            0xffa0, 0xfff9, 0x1bca0, 0x1d173, 0xe0001, 0xe0100, 0xe0fff,
        ] {
            let text = format!("a{}b", char::from_u32(invisible).expect("a character"));
            check(text.as_bytes(), &format!("a\\u{{{invisible:x}}}b"));
        }
    }

    #[test]
    fn what_not_all_see_alike_is_spelled_out() {
        check("\u{e000}\u{f8ff}\u{10fffd}".as_bytes(), r"\u{e000}\u{f8ff}\u{10fffd}");
        check("\u{378}\u{fdd0}\u{ffff}".as_bytes(), r"\u{378}\u{fdd0}\u{ffff}");
        check(b"\xed\xa0\x80", r"\xed\xa0\x80");
    }

    #[test]
    fn a_mark_does_not_fall_on_what_stands_before_the_text() {
        check("\u{301}e\u{301}".as_bytes(), "\\u{301}e\u{301}");
        check(b"\xff\xcc\x81", r"\xff\u{301}");
        check_word("\"\u{338}".as_bytes(), r#""\"\u{338}""#);
    }

    #[test]
    fn a_backslash_that_was_there_is_told_from_ours() {
        check(br"\x1b", r"\\x1b");
        check(b"\x1b", r"\x1b");
    }

    #[test]
    fn a_word_cannot_feign_what_stands_around_it() {
        check_word(b"curl", "curl");
        check_word(b"", r#""""#);
        check_word(b"sh[1] (x)", r#""sh[1] (x)""#);
        check_word(br#"" ran "#, r#""\" ran ""#);
        check_word("a\u{a0}b".as_bytes(), r#""a\u{a0}b""#);
        check_word("é\\\u{1b}".as_bytes(), r"é\\\x1b");
    }

    #[test]
    fn what_is_between_no_quotes_of_ours_is_none() {
        for text in
            ["", "\"", "a", "\"a", "\"a\"b\"", r#""\""#, r#""\q""#, r#""\x1""#, r#""\u{110000}""#]
        {
            assert_eq!(unquoted(text.as_bytes()), None, "{text}");
        }
        assert_eq!(unquoted(b"\"\""), Some(vec![]));
    }

    proptest! {
        #[test]
        fn what_was_quoted_can_be_had_again(bytes: Vec<u8>) {
            let mut out = Vec::new();
            quoted(&bytes, &mut out);
            prop_assert_eq!(unquoted(&out), Some(bytes));
        }

        #[test]
        fn whatever_comes_stays_on_its_line_and_different_bytes_stay_different(
            one: Vec<u8>, other: Vec<u8>,
        ) {
            let escaped = |write: fn(&[u8], &mut Vec<u8>), bytes: &[u8]| {
                let mut out = Vec::new();
                write(bytes, &mut out);
                String::from_utf8(out).expect("UTF-8")
            };
            for write in [text as fn(&[u8], &mut Vec<u8>), word, quoted] {
                let (first, second) = (escaped(write, &one), escaped(write, &other));
                prop_assert!(!first.chars().any(is_unseen));
                prop_assert_eq!(first == second, one == other);
            }
        }
    }
}
