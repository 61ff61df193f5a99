//! Words for errors: what somebody wrote, quoted so that it can do no harm, and what may be meant.

/// How many characters of what somebody wrote are repeated.
const SHOWN: usize = 60;

/// A text in quotes: the beginning of it if it is long, and nothing in it acts on a terminal.
pub(crate) fn quoted(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN).map(|(end, _)| end);
    match end {
        Some(end) => format!("\"{}…\"", text[..end].escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

/// The name that is most like a word, if any is like it.
pub(crate) fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let word: Vec<char> = word.chars().take(SHOWN).collect();
    let most = (word.len() / 3).max(1);
    let steps = names.map(|name| (distance(&word, name), name));
    steps.filter(|(steps, _)| *steps <= most).min().map(|(_, name)| name)
}

/// The name that a word misses by a letter or two, if there is one.
pub(crate) fn slip_of<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let word: Vec<char> = word.chars().take(SHOWN).collect();
    let steps = names.map(|name| (distance(&word, name), name));
    steps.filter(|(steps, _)| *steps <= 2).min().map(|(_, name)| name)
}

/// `; did you mean "…"?`, if any name is like the word.
pub(crate) fn meant<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    nearest(word, names).map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

/// How many letters must be added, left out or replaced to make a name of a word.
fn distance(word: &[char], name: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (above, letter) in name.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], above + 1);
        for at in 0..word.len() {
            let replaced = corner + usize::from(word[at] != letter);
            corner = row[at + 1];
            row[at + 1] = replaced.min(corner + 1).min(row[at] + 1);
        }
    }
    row[word.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_another_word_finds_none() {
        let names = ["process.name", "process.title", "user.name"];
        for (word, expected) in [
            ("process.nam", Some("process.name")),
            ("proces.titel", Some("process.title")),
            ("user_name", Some("user.name")),
            ("destination", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn what_is_quoted_is_short_and_harmless() {
        assert_eq!(quoted("a\u{1b}[2J\u{202e}"), r#""a\u{1b}[2J\u{202e}""#);
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), SHOWN + 3);
    }
}
