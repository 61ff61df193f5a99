//! How wide text is on a terminal, and how it is made narrower.

use super::unseen::is_mark;

/// How many columns of a terminal this takes. It has no control characters.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(width_of).sum() }
}

/// Appends as much of the text as fits, and `…` in place of the rest.
///
/// Of the last `tail` characters all are kept, if there is any room for them: in `chrome[812]`
/// they may be the ones that matter.
pub(super) fn cut(text: &str, room: usize, tail: usize, out: &mut String) {
    if width(text) <= room {
        return out.push_str(text);
    }
    let count = text.chars().count();
    let from = text.char_indices().nth(count - tail.min(count)).map_or(text.len(), |(at, _)| at);
    let tail = if width(&text[from..]) + 2 <= room { &text[from..] } else { "" };
    let mut left = room.saturating_sub(width(tail) + 1);
    for c in text.chars() {
        let Some(rest) = left.checked_sub(width_of(c)) else { break };
        left = rest;
        out.push(c);
    }
    if room > 0 {
        out.push('…');
    }
    out.push_str(tail);
}

/// East Asian characters and pictures take two columns; marks over another character, none.
fn width_of(c: char) -> usize {
    match u32::from(c) {
        0..0x300 => 1,
        _ if is_mark(c) => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 => 2,
        0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 => 2,
        0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, room: usize, tail: usize, expected: &str) {
        let mut out = String::new();
        cut(text, room, tail, &mut out);
        assert_eq!(out, expected);
        assert!(width(&out) <= room.max(width(text).min(room)), "{out}");
    }

    #[test]
    fn wide_characters_count_twice_and_marks_not_at_all() {
        assert_eq!(width("curl"), 4);
        assert_eq!(width("端末"), 4);
        assert_eq!(width("e\u{301}é"), 2);
        assert_eq!(width("สวัสดี"), 4);
    }

    #[test]
    fn what_fits_is_left_alone_and_what_does_not_is_cut() {
        check("chrome", 6, 0, "chrome");
        check("chrome", 5, 0, "chro…");
        check("端末端末", 6, 0, "端末…");
        check("端末端末", 5, 0, "端末…");
        check("chrome", 0, 0, "");
    }

    #[test]
    fn the_tail_is_kept_where_there_is_room_for_it() {
        check("chromium-browser[812]", 12, 5, "chromi…[812]");
        check("chromium-browser[812]", 6, 5, "chrom…");
        check("a", 6, 5, "a");
    }
}
