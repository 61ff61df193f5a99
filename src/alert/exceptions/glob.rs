//! Text with wildcards: `*` is any text, also none, and `?` is any one character. A backslash
//! before one of them, or before another backslash, makes it an ordinary character.
//!
//! Brackets mean nothing: kernel threads are called `[kworker/0:1]`. What is matched is the text of
//! a document, where a letter is a letter however many bytes it takes.

/// A text with wildcards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Any,
    One,
    Is(char),
}

impl Glob {
    /// The glob that is written so; every text is one.
    ///
    /// ```
    /// use oddsock::alert::exceptions::Glob;
    ///
    /// assert!(Glob::new("dev-*").fits("dev-7"));
    /// assert!(!Glob::new("dev-*").fits("web-dev-7"));
    /// assert!(!Glob::new(r"dev-\*").fits("dev-7"));
    /// ```
    pub fn new(text: &str) -> Glob {
        let mut parts = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            parts.push(match c {
                '\\' => Part::Is(characters.next_if(|next| "*?\\".contains(*next)).unwrap_or('\\')),
                '*' if parts.last() == Some(&Part::Any) => continue,
                '*' => Part::Any,
                '?' => Part::One,
                c => Part::Is(c),
            });
        }
        Glob { text: text.to_owned(), parts }
    }

    /// The glob that fits this text alone, as people write it.
    pub fn escaped(text: &str) -> String {
        text.chars().fold(String::new(), |mut glob, c| {
            if "*?\\".contains(c) {
                glob.push('\\');
            }
            glob.push(c);
            glob
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no wildcard in it.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Is(_)))
    }

    /// Whether the whole of a text fits.
    ///
    /// Only the last `*` is ever gone back to, so that a long text and a pattern full of asterisks
    /// take the product of their lengths and not more.
    pub fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut part) = (0, 0);
        let mut again = None;
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    part += 1;
                    again = Some((at, part));
                }
                Some(Part::One) => (at, part) = (at + 1, part + 1),
                Some(Part::Is(c)) if *c == text[at] => (at, part) = (at + 1, part + 1),
                _ => match &mut again {
                    Some((from, after)) => {
                        *from += 1;
                        (at, part) = (*from, *after);
                    }
                    None => return false,
                },
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_or_one_character_and_nothing_else_does() {
        for (glob, text) in [
            ("", ""),
            ("*", ""),
            ("a*c", "abbc"),
            ("a*b*c", "axbxbxc"),
            ("?é", "éé"),
            (r"a\b", r"a\b"),
            (r"a\\", r"a\"),
            ("[k]", "[k]"),
        ] {
            assert!(Glob::new(glob).fits(text), "{glob} {text}");
        }
        for (glob, text) in [("", "a"), ("a", "ab"), ("?", ""), ("a*c", "acd"), (r"\?", "x")] {
            assert!(!Glob::new(glob).fits(text), "{glob} {text}");
        }
    }

    #[test]
    fn an_escaped_text_fits_itself_alone() {
        for text in ["a*", r"C:\*?", r"\", "?"] {
            let glob = Glob::new(&Glob::escaped(text));
            assert!(glob.is_plain() && glob.fits(text), "{text}");
            assert!(!glob.fits(&format!("{text}x")));
        }
    }
}
