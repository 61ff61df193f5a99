//! Sentences for those who read lines: on one line, with nothing in it that acts, and cut where
//! that is needed, which is said.

use crate::output::escape;

/// Text in which nothing acts, of at most so many bytes, with a word on how many there were if it
/// was cut.
pub fn cut(text: &str, most: usize) -> String {
    let text = escape::harmless(text);
    if text.len() <= most {
        return text;
    }
    let told = format!("... (cut: {} bytes in all)", text.len());
    let mut end = most.saturating_sub(told.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{told}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_and_what_is_spelled_out_stays() {
        assert_eq!(cut("a\nb\x1b[2J\\x1b\0", 99), "a\\nb\\x1b[2J\\x1b\\x00");
        assert_eq!(cut("schön \u{202e}", 99), "schön \\u{202e}");
    }

    #[test]
    fn what_is_too_long_is_cut_between_letters_and_says_so() {
        assert_eq!(cut("0123456789", 10), "0123456789");
        let long = "ä".repeat(100);
        let short = cut(&long, 50);
        assert!(short.len() <= 50 && short.ends_with("ä... (cut: 200 bytes in all)"), "{short}");
        assert_eq!(cut(&long, 0), "... (cut: 200 bytes in all)");
    }
}
