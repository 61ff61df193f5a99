//! What `like` and `rlike` match: their patterns come in, matchers that take time in proportion to
//! the text go out.
//!
//! Both match a text as a whole. In a pattern of `like` only `*` and `?` are special, and a
//! backslash takes that away. The regular expressions of `rlike` are Lucene's, in which `^` and `$`
//! stand for themselves; what those have beyond others (`~`, `&`, `<1-9>`, `#`) is refused.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// How large a pattern may become, in bytes, and all patterns of a plan together.
const LARGEST: usize = 1 << 20;
const ALL: usize = 16 << 20;

/// The least that is reckoned for a pattern.
const SMALLEST: usize = 4 << 10;

/// How many times its size a pattern may take besides while it is matched.
const AT_WORK: usize = 8;

/// How much room is left for the patterns of a plan. They are there as long as the plan is,
/// whatever it is run on, so their number and sizes are bounded before anything is read.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Default for Room {
    fn default() -> Room {
        Room(ALL)
    }
}

/// Something that texts are held against. Its clones share what it needs for that.
#[derive(Clone, Debug)]
pub(super) struct Matcher(Arc<Regex>);

impl Matcher {
    /// That of a pattern of `like`.
    pub(super) fn wildcards(pattern: &str, room: &mut Room) -> Result<Matcher, String> {
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
        Matcher::of(&regex, room)
    }

    /// That of a pattern of `rlike`.
    pub(super) fn regular(pattern: &str, room: &mut Room) -> Result<Matcher, String> {
        let mut translation = Translation::default();
        translation.read(pattern)?;
        Matcher::of(&translation.out, room)
    }

    /// A pattern in no more room than it needs, which is found by doubling: how large one has
    /// become is not told.
    fn of(regex: &str, room: &mut Room) -> Result<Matcher, String> {
        let mut builder = RegexBuilder::new(&format!("^(?:{regex})$"));
        builder.dot_matches_new_line(true).nest_limit(50);
        let mut size = SMALLEST;
        while size <= LARGEST {
            if size > room.0 {
                let all = ALL >> 20;
                return Err(format!(
                    "with this one the patterns of the query would be too large: together they \
                     may take {all} MiB"
                ));
            }
            match builder.size_limit(size).dfa_size_limit(AT_WORK * size).build() {
                Ok(regex) => {
                    room.0 -= size;
                    return Ok(Matcher(Arc::new(regex)));
                }
                Err(regex::Error::CompiledTooBig(_)) => size *= 2,
                Err(_) => return Err("this is no regular expression".to_owned()),
            }
        }
        Err("the pattern would be too large".to_owned())
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

    fn wildcards(pattern: &str) -> Result<Matcher, String> {
        Matcher::wildcards(pattern, &mut Room::default())
    }

    fn regular(pattern: &str) -> Result<Matcher, String> {
        Matcher::regular(pattern, &mut Room::default())
    }

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
        check(wildcards("python*"), &["python", "python3\n"], &["xpython", "Python"]);
        check(wildcards("/dev/shm/*"), &["/dev/shm/", "/dev/shm/a/b"], &["/dev/shm"]);
        check(wildcards("./"), &["./"], &["a/", "./a"]);
        check(wildcards("a?c"), &["abc", "aéc"], &["ac", "abbc"]);
        check(wildcards(r"\*\?\\"), &[r"*?\"], &["ab"]);
        check(wildcards(""), &[""], &["a"]);
        assert!(wildcards(r"a\b").is_err());
    }

    #[test]
    fn regular_expressions_match_the_whole_and_are_lucenes() {
        check(regular("/tmp/[^/]+"), &["/tmp/x"], &["/tmp/", "/tmp/x/y", "a/tmp/x"]);
        check(regular(".*[0-9]{1,3}(\\.[0-9]{1,3}){3}.*"), &["a 10.0.0.1 b"], &["1.2.3"]);
        check(regular("a|bc"), &["a", "bc"], &["ac", "abc"]);
        check(regular("^a$"), &["^a$"], &["a"]);
        check(regular("a+?"), &["", "a", "aa"], &["b"]);
        check(regular("(ab)*{2}"), &["", "ab", "ababab"], &["a"]);
        check(regular("[a-c.&&\\]-]+"), &["ab.", "-&]"], &["d"]);
        check(regular("\"a.b\"c@"), &["a.bc", "a.bcd"], &["axbc"]);
        check(regular("\\d\\D\\w\\W\\s\\S"), &["1aa. x"], &["aaa. x", "1aaa x"]);
    }

    #[test]
    fn all_patterns_of_a_plan_share_their_room() {
        let mut room = Room::default();
        let large = |room: &mut Room| Matcher::regular(".{800}", room);
        let number = (0..240).take_while(|_| large(&mut room).is_ok()).count();
        assert!((16..240).contains(&number), "{number}");
        assert!(large(&mut room).expect_err("no room").contains("16 MiB"));
        // The nearest neighbours: many that are small, and the same in a plan of its own.
        let mut room = Room::default();
        for at in 0..1000 {
            Matcher::wildcards(&format!("*/{at}/*.sh"), &mut room).expect("a pattern");
        }
        assert!(large(&mut Room::default()).is_ok());
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
            let error = regular(pattern).expect_err(pattern);
            assert!(error.contains(said), "{pattern}: {error}");
        }
    }

    #[test]
    fn names_that_are_no_text_are_matched_as_they_are_shown() {
        let matcher = wildcards("a?").expect("a pattern");
        assert!(matcher.matches(b"a\xff"));
    }
}
