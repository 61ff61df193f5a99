//! Globs: `*` is any run of bytes, `?` any one, and `\` takes the meaning from what follows it.
//!
//! Names in a log are made by whoever runs programs, so a pattern must not be slow on any of them.
//! The text between two stars is looked for once, from left to right; only the last star is ever
//! tried again, so the work is at most the length of the text times that of the longest such part.

/// A glob, matched against the whole of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob {
    /// What must stand at the beginning.
    first: Part,
    /// What must follow it, each after anything. None if there is no star.
    rest: Vec<Part>,
}

/// Bytes that must stand next to each other; `None` is any byte.
type Part = Vec<Option<u8>>;

impl Glob {
    /// Reads a glob; `None` if it ends in a backslash that has nothing to stand before.
    pub fn new(pattern: &str) -> Option<Glob> {
        let mut parts: Vec<Part> = vec![Part::new()];
        let mut bytes = pattern.bytes();
        let mut after_star = false;
        while let Some(byte) = bytes.next() {
            if byte == b'*' {
                if !after_star {
                    parts.push(Part::new());
                }
                after_star = true;
                continue;
            }
            after_star = false;
            let byte = match byte {
                b'?' => None,
                b'\\' => Some(bytes.next()?),
                byte => Some(byte),
            };
            parts.last_mut()?.push(byte);
        }
        let rest = parts.split_off(1);
        Some(Glob { first: parts.pop()?, rest })
    }

    /// The text that alone matches, if nothing in the pattern stands for anything else.
    pub fn literal(&self) -> Option<Vec<u8>> {
        if self.rest.is_empty() { self.first.iter().copied().collect() } else { None }
    }

    /// Whether the whole of a text is so.
    ///
    /// ```
    /// use oddsock::rules::Glob;
    ///
    /// let glob = Glob::new("/tmp/*/nc?").unwrap();
    /// assert!(glob.matches(b"/tmp/.x/nc4"));
    /// assert!(!glob.matches(b"/tmp/.x/nc"));
    /// ```
    pub fn matches(&self, text: &[u8]) -> bool {
        let Some((last, between)) = self.rest.split_last() else {
            return text.len() == self.first.len() && stands_here(&self.first, text);
        };
        if text.len() < self.first.len() + last.len() || !stands_here(&self.first, text) {
            return false;
        }
        let (text, end) = text.split_at(text.len() - last.len());
        if !stands_here(last, end) {
            return false;
        }
        let mut text = &text[self.first.len()..];
        for part in between {
            match (0..=text.len()).find(|at| stands_here(part, &text[*at..])) {
                Some(at) => text = &text[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Whether a text begins with a part.
fn stands_here(part: &[Option<u8>], text: &[u8]) -> bool {
    part.len() <= text.len()
        && part.iter().zip(text).all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == *byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, matches: &[&str], others: &[&str]) {
        let glob = Glob::new(pattern).expect("a glob");
        for text in matches {
            assert!(glob.matches(text.as_bytes()), "{pattern} {text}");
        }
        for text in others {
            assert!(!glob.matches(text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn a_star_is_any_run_and_a_question_mark_any_byte() {
        check("", &[""], &["a"]);
        check("*", &["", "a", "a/b"], &[]);
        check("nc", &["nc"], &["ncat", "n", "xnc", ""]);
        check("nc*", &["nc", "ncat"], &["xnc", "n"]);
        check("*.sh", &[".sh", "a.sh", "a.sh.sh"], &["a.sh.", "sh"]);
        check("a*b*c", &["abc", "axbxbxc"], &["ab", "acb", "abcd"]);
        check("a**c", &["ac", "abc"], &["a"]);
        check("?", &["a", "*"], &["", "ab"]);
        check("ab*ba", &["abba", "abxba"], &["aba"]);
        check("*a?c*", &["abc", "xaacabc"], &["ac", "abd"]);
    }

    #[test]
    fn a_backslash_takes_the_meaning_from_what_follows() {
        check(r"\*", &["*"], &["a", r"\*", ""]);
        check(r"a\?*", &["a?", "a?b"], &["ab"]);
        check(r"\\*", &[r"\", r"\x"], &["x"]);
        assert_eq!(Glob::new(r"a\"), None);
        assert_eq!(Glob::new(r"a\*b").and_then(|glob| glob.literal()), Some(b"a*b".to_vec()));
        assert_eq!(Glob::new("a?b").and_then(|glob| glob.literal()), None);
        assert_eq!(Glob::new("a*").and_then(|glob| glob.literal()), None);
    }

    #[test]
    fn no_text_makes_a_pattern_slow() {
        let glob = Glob::new(&"a*".repeat(1000)).expect("a glob");
        let text = b"a".repeat(1 << 20);
        assert!(glob.matches(&text));
        let never = Glob::new(&format!("{}b", "a*".repeat(1000))).expect("a glob");
        assert!(!never.matches(&text));
    }

    /// What a glob means, said as simply as possible.
    fn means(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                means(rest, text) || !text.is_empty() && means(pattern, &text[1..])
            }
            (Some((b'?', rest)), Some((_, others))) => means(rest, others),
            (Some((wanted, rest)), Some((byte, others))) => wanted == byte && means(rest, others),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_glob_matches_what_it_means(pattern in "[ab*?]{0,8}", text in "[abc]{0,10}") {
            let glob = Glob::new(&pattern).expect("a glob");
            let meant = means(pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(glob.matches(text.as_bytes()), meant);
        }
    }
}
