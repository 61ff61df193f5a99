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
//! | C1 controls; what is invisible or turns the direction of writing | `\u{9b}`, `\u{202e}` |
//! | everything else | itself |

use std::io::Write;

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
        for c in chunk.valid().chars() {
            character(c, out);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

/// Appends text as one word: like [`text`], and between quotes where it could be taken for
/// something else, because it is empty or has blanks, brackets or quotes inside.
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
    if !bytes.is_empty() && bytes.iter().all(is_simple) {
        return out.extend_from_slice(bytes);
    }
    let mut parts = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    let is_plain = |c: char| !c.is_whitespace() && !"\"()[]{},;".contains(c);
    if !bytes.is_empty() && parts.all(is_plain) {
        return text(bytes, out);
    }
    out.push(b'"');
    for (index, part) in bytes.split(|b| *b == b'"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\\\"");
        }
        text(part, out);
    }
    out.push(b'"');
}

/// Whether a character is to be spelled out: it controls a terminal, or nobody sees that it is
/// there, or what is seen is in another order than what is written.
pub(super) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

fn character(c: char, out: &mut Vec<u8>) {
    match c {
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if c.is_ascii_control() => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        _ if is_deceptive(c) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        check("tést 端末 אבג".as_bytes(), "tést 端末 אבג");
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
        check_word("a\u{a0}b".as_bytes(), "\"a\u{a0}b\"");
        check_word("é\\\u{1b}".as_bytes(), r"é\\\x1b");
    }

    proptest! {
        #[test]
        fn whatever_comes_stays_on_its_line_and_different_bytes_stay_different(
            one: Vec<u8>, other: Vec<u8>,
        ) {
            let escaped = |write: fn(&[u8], &mut Vec<u8>), bytes: &[u8]| {
                let mut out = Vec::new();
                write(bytes, &mut out);
                String::from_utf8(out).expect("UTF-8")
            };
            for write in [text as fn(&[u8], &mut Vec<u8>), word] {
                let (first, second) = (escaped(write, &one), escaped(write, &other));
                prop_assert!(!first.chars().any(is_deceptive));
                prop_assert_eq!(first == second, one == other);
            }
        }
    }
}
