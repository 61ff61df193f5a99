//! Text in lines that fit a terminal.

use crate::output::columns::{cut, width};

/// Breaks a text at its blanks so that no line is wider than there is room, as far as words allow:
/// a word that has no room on a line of its own is cut. Text without a blank stays as it is.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("one at least");
        let blank = usize::from(!line.is_empty());
        if width(line) + blank + width(word) <= room {
            line.extend((blank == 1).then_some(' '));
            line.push_str(word);
            continue;
        }
        let mut shortened = String::new();
        cut(word, room, 0, &mut shortened);
        if line.is_empty() {
            line.push_str(&shortened);
        } else {
            lines.push(shortened);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_long_words_are_cut() {
        assert_eq!(wrapped("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrapped("abcdefgh ij", 4), ["abc…", "ij"]);
        assert_eq!(wrapped("端末 端末", 4), ["端末", "端末"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("a b", usize::MAX), ["a b"]);
    }
}
