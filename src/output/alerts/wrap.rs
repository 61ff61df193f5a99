//! Text in lines that fit a terminal.

use crate::output::columns::{cut, width};

/// Breaks a text at its blanks so that no line is wider than there is room, as far as words allow:
/// a word that has no room on a line of its own is cut.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = broken(text, room);
    for line in lines.iter_mut().filter(|line| width(line) > room) {
        let whole = std::mem::take(line);
        cut(&whole, room, 0, line);
    }
    lines
}

/// The same without a cut, for what is to be copied: a long word is wider than there is room.
pub(crate) fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("one at least");
        let blank = usize::from(!line.is_empty());
        if line.is_empty() || width(line).saturating_add(blank + width(word)) <= room {
            line.extend((blank == 1).then_some(' '));
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_copied_is_never_cut() {
        assert_eq!(broken("a bcdefgh ij", 4), ["a", "bcdefgh", "ij"]);
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_are_cut() {
        assert_eq!(wrapped("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrapped("abcdefgh ij", 4), ["abc…", "ij"]);
        assert_eq!(wrapped("端末 端末", 4), ["端末", "端末"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("a b", usize::MAX), ["a b"]);
    }
}
