//! What `like` and `rlike` match: their patterns come in, matchers that take time in proportion to
//! the text go out.
//!
//! Both match a text as a whole. In a pattern of `like` only `*` and `?` are special, and a
//! backslash takes that away. The regular expressions of `rlike` are Lucene's, in which `^` and `$`
//! stand for themselves; what those have beyond others (`~`, `&`, `<1-9>`, `#`) is refused.

use regex::{Regex, RegexBuilder};

/// How large a pattern may become, in bytes.
const LARGEST: usize = 1 << 20;

/// Something that texts are held against.
#[derive(Clone, Debug)]
pub(super) struct Matcher(Regex);

impl Matcher {
    /// That of a pattern of `like`.
    pub(super) fn wildcards(pattern: &str) -> Result<Matcher, String> {
        let mut regex = String::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '*' => regex.push_str(".*"),
                '?' => regex.push('.'),
                '\\' => match letters.next() {
                    Some(special @ ('*' | '?' | '\\')) => push_literal(special, &mut regex),
                    _ => return Err("expected *, ? or \\ behind a backslash".to_owned()),
                },
                letter => push_literal(letter, &mut regex),
            }
        }
        Matcher::of(&regex)
    }

    /// That of a pattern of `rlike`.
    pub(super) fn regular(pattern: &str) -> Result<Matcher, String> {
        let mut translation = Translation::default();
        translation.read(pattern)?;
        Matcher::of(&translation.out)
    }

    fn of(regex: &str) -> Result<Matcher, String> {
        let mut builder = RegexBuilder::new(&format!("^(?:{regex})$"));
        builder.dot_matches_new_line(true).size_limit(LARGEST).nest_limit(50);
        builder.build().map(Matcher).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern would be too large".to_owned(),
            _ => "this is no regular expression".to_owned(),
        })
    }

    /// Whether this is what the pattern stands for.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.0.is_match(&String::from_utf8_lossy(text))
    }
}

fn push_literal(letter: char, out: &mut String) {
    out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
}

/// Turns a regular expression of Lucene's into one of Rust's.
#[derive(Default)]
struct Translation {
    out: String,
    /// Where the groups begin that are open.
    open: Vec<usize>,
    /// Where the last thing begins that can be repeated, and whether it is repeated already.
    last: Option<(usize, bool)>,
}

impl Translation {
    fn read(&mut self, pattern: &str) -> Result<(), String> {
        let mut rest = pattern.chars();
        while let Some(letter) = rest.next() {
            match letter {
                '(' => {
                    self.open.push(self.out.len());
                    self.out.push_str("(?:");
                    self.last = None;
                }
                ')' => {
                    let Some(start) = self.open.pop() else {
                        return Err("there is a ) too many".to_owned());
                    };
                    self.out.push(')');
                    self.last = Some((start, false));
                }
                '|' => {
                    self.out.push('|');
                    self.last = None;
                }
                '*' | '+' | '?' => self.repeat(&letter.to_string())?,
                '{' => {
                    let (within, behind) = rest.as_str().split_once('}').ok_or("expected a }")?;
                    self.repeat(&bounds(within)?)?;
                    rest = behind.chars();
                }
                '[' => {
                    let start = self.out.len();
                    rest = self.class(rest.as_str())?.chars();
                    self.last = Some((start, false));
                }
                '.' => self.thing("."),
                '@' => self.thing("(?:.*)"),
                '"' => {
                    let (within, behind) =
                        rest.as_str().split_once('"').ok_or("expected another \"")?;
                    self.thing(&format!("(?:{})", regex::escape(within)));
                    rest = behind.chars();
                }
                '\\' => match rest.next() {
                    Some(letter) if class_of(letter).is_some() => {
                        let (negation, class) = class_of(letter).unwrap_or_default();
                        self.thing(&format!("[{negation}{class}]"));
                    }
                    Some(letter) => self.literal(letter),
                    None => return Err("expected a sign behind the backslash".to_owned()),
                },
                '~' | '&' | '<' | '#' => {
                    return Err(format!(
                        "{letter} has a meaning in regular expressions of Lucene that is not \
                         supported here; for the sign itself write \\{letter}"
                    ));
                }
                letter => self.literal(letter),
            }
        }
        if self.open.is_empty() { Ok(()) } else { Err("a ( has no )".to_owned()) }
    }

    fn thing(&mut self, thing: &str) {
        self.last = Some((self.out.len(), false));
        self.out.push_str(thing);
    }

    fn literal(&mut self, letter: char) {
        self.last = Some((self.out.len(), false));
        push_literal(letter, &mut self.out);
    }

    /// Repeats the last thing. What is repeated already becomes one thing first: two signs in a
    /// row mean something else in Rust.
    fn repeat(&mut self, sign: &str) -> Result<(), String> {
        let Some((start, is_repeated)) = self.last else {
            return Err(format!("there is nothing that {sign} could repeat"));
        };
        if is_repeated {
            self.out.insert_str(start, "(?:");
            self.out.push(')');
        }
        self.out.push_str(sign);
        self.last = Some((start, true));
        Ok(())
    }

    /// A class of letters, of which the bracket has been read.
    fn class<'p>(&mut self, pattern: &'p str) -> Result<&'p str, String> {
        let mut rest = pattern.chars();
        self.out.push('[');
        let mut is_first = true;
        if let Some(behind) = pattern.strip_prefix('^') {
            self.out.push('^');
            rest = behind.chars();
        }
        loop {
            match rest.next() {
                None => return Err("a [ has no ]".to_owned()),
                Some(']') if !is_first => break,
                Some('-') if !is_first && !rest.as_str().starts_with(']') => self.out.push('-'),
                Some('\\') => match rest.next() {
                    Some(letter @ ('d' | 's' | 'w')) => {
                        self.out.push_str(class_of(letter).unwrap_or_default().1);
                    }
                    Some(letter) => push_of_class(letter, &mut self.out),
                    None => return Err("a [ has no ]".to_owned()),
                },
                Some(letter) => push_of_class(letter, &mut self.out),
            }
            is_first = false;
        }
        self.out.push(']');
        Ok(rest.as_str())
    }
}

/// What a letter behind a backslash stands for: a class, and whether it is turned around.
fn class_of(letter: char) -> Option<(&'static str, &'static str)> {
    Some(match letter {
        'd' => ("", "0-9"),
        'D' => ("^", "0-9"),
        's' => ("", " \\t\\n\\r\\x0b\\x0c"),
        'S' => ("^", " \\t\\n\\r\\x0b\\x0c"),
        'w' => ("", "0-9A-Za-z_"),
        'W' => ("^", "0-9A-Za-z_"),
        _ => return None,
    })
}

/// A letter of a class, in which more signs have a meaning than outside.
fn push_of_class(letter: char, out: &mut String) {
    if letter.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(letter);
}

/// How often something is repeated: `3`, `3,` or `3,5`.
fn bounds(within: &str) -> Result<String, String> {
    let wrong = || "expected a number of repetitions, as {3} or {1,3}".to_owned();
    let (least, most) = within.split_once(',').map_or((within, None), |(l, m)| (l, Some(m)));
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
    let least = number(least)?;
    Ok(match most {
        None => format!("{{{least}}}"),
        Some("") => format!("{{{least},}}"),
        Some(most) => format!("{{{least},{}}}", number(most)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(matcher: Result<Matcher, String>, yes: &[&str], no: &[&str]) {
        let matcher = matcher.expect("a pattern");
        for text in yes {
            assert!(matcher.matches(text.as_bytes()), "{matcher:?} and {text:?}");
        }
        for text in no {
            assert!(!matcher.matches(text.as_bytes()), "{matcher:?} and {text:?}");
        }
    }

    #[test]
    fn wildcards_stand_for_anything_and_all_else_for_itself() {
        check(Matcher::wildcards("python*"), &["python", "python3\n"], &["xpython", "Python"]);
        check(Matcher::wildcards("/dev/shm/*"), &["/dev/shm/", "/dev/shm/a/b"], &["/dev/shm"]);
        check(Matcher::wildcards("./"), &["./"], &["a/", "./a"]);
        check(Matcher::wildcards("a?c"), &["abc", "aéc"], &["ac", "abbc"]);
        check(Matcher::wildcards(r"\*\?\\"), &[r"*?\"], &["ab"]);
        check(Matcher::wildcards(""), &[""], &["a"]);
        assert!(Matcher::wildcards(r"a\b").is_err());
    }

    #[test]
    fn regular_expressions_match_the_whole_and_are_lucenes() {
        check(Matcher::regular("/tmp/[^/]+"), &["/tmp/x"], &["/tmp/", "/tmp/x/y", "a/tmp/x"]);
        check(Matcher::regular(".*[0-9]{1,3}(\\.[0-9]{1,3}){3}.*"), &["a 10.0.0.1 b"], &["1.2.3"]);
        check(Matcher::regular("a|bc"), &["a", "bc"], &["ac", "abc"]);
        check(Matcher::regular("^a$"), &["^a$"], &["a"]);
        check(Matcher::regular("a+?"), &["", "a", "aa"], &["b"]);
        check(Matcher::regular("(ab)*{2}"), &["", "ab", "ababab"], &["a"]);
        check(Matcher::regular("[a-c.&&\\]-]+"), &["ab.", "-&]"], &["d"]);
        check(Matcher::regular("\"a.b\"c@"), &["a.bc", "a.bcd"], &["axbc"]);
        check(Matcher::regular("\\d\\D\\w\\W\\s\\S"), &["1aa. x"], &["aaa. x", "1aaa x"]);
    }

    #[test]
    fn what_is_none_is_told() {
        for (pattern, said) in [
            ("a(b", "no )"),
            ("a)b", "too many"),
            ("[a", "no ]"),
            ("*a", "repeat"),
            ("a{x}", "repetitions"),
            ("~a", "Lucene"),
            ("a&b", "Lucene"),
            ("<1-9>", "Lucene"),
            ("a{60000}{60000}", "large"),
        ] {
            let error = Matcher::regular(pattern).expect_err(pattern);
            assert!(error.contains(said), "{pattern}: {error}");
        }
    }

    #[test]
    fn names_that_are_no_text_are_matched_as_they_are_shown() {
        let matcher = Matcher::wildcards("a?").expect("a pattern");
        assert!(matcher.matches(b"a\xff"));
    }
}
