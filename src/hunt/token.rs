//! The words of a query: text comes in, tokens with their places go out, comments left out.
//!
//! What the words mean together is not known here. Only behind `from` words are read in another
//! way, since the names of indices have stars, dashes and dots in them.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::character::complete::{char, digit0, digit1, one_of};
use nom::combinator::{opt, recognize, value, verify};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use crate::rules::fault::{Fault, Read};

/// How long a query may be, in bytes.
pub const LONGEST_QUERY: usize = 256 << 10;

/// A word of a query, and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token {
    pub(super) span: Range<usize>,
    pub(super) word: Word,
}

/// What a word is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Word {
    /// A name without its dots, or a keyword in whatever case.
    Name(String),
    /// A name between backquotes, which is never a keyword.
    Quoted(String),
    /// What stands between quotes.
    Text(String),
    /// A whole number.
    Whole(String),
    /// A number with a point or an exponent.
    Double(String),
    /// The name of an index, or a pattern of them.
    Index(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// All signs, the longer ones before those they begin with.
const SIGNS: [&str; 27] = [
    "==", "!=", "<=", ">=", "=~", "::", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", "|",
    "+", "-", "*", "/", "%", ":", "?", "!", ";",
];

/// Reads the words of a query.
pub(super) fn tokens(query: &str) -> Read<Vec<Token>> {
    if query.len() > LONGEST_QUERY {
        let size = query.len();
        let message = format!("the query has {size} bytes; expected at most {LONGEST_QUERY}");
        return Err(Fault { span: 0..0, message });
    }
    let mut tokens: Vec<Token> = Vec::new();
    let mut in_source = false;
    let mut rest = query;
    loop {
        rest = behind_blanks(rest, query)?;
        if rest.is_empty() {
            return Ok(tokens);
        }
        let start = query.len() - rest.len();
        let read = if in_source { index(rest) } else { word(rest) };
        let Ok((behind, word)) = read else { return Err(wrong(rest, start)) };
        let span = start..query.len() - behind.len();
        in_source = match &word {
            Word::Name(name) => tokens.is_empty() && name.eq_ignore_ascii_case("from"),
            Word::Index(name) => !name.eq_ignore_ascii_case("metadata"),
            Word::Text(_) => in_source,
            Word::Sign(sign) => in_source && *sign == ",",
            _ => false,
        };
        tokens.push(Token { span, word });
        rest = behind;
    }
}

/// What is wrong with text that is no word.
fn wrong(rest: &str, start: usize) -> Fault {
    let first = rest.chars().next().unwrap_or(' ');
    if let ('"', Some(at)) = (first, odd_escape(rest)) {
        let message = "expected \\\\, \\\", \\n, \\r or \\t behind a backslash; a backslash is \
                       written \\\\, or between three quotes as it is";
        let end = at + 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8);
        return Fault { span: start + at..start + end, message: message.to_owned() };
    }
    let (length, message) = match first {
        '"' => {
            let end = rest.find('\n').unwrap_or(rest.len());
            (end, "this text has no end; expected a \" before the end of the line".to_owned())
        }
        '`' => (1, "this name has no end; expected another `".to_owned()),
        '\'' => (1, "text stands between double quotes, as in \"curl\"".to_owned()),
        '&' => (1, "expected and in place of &".to_owned()),
        _ => (first.len_utf8(), "this sign has no meaning in ES|QL".to_owned()),
    };
    Fault { span: start..start + length, message }
}

/// Where in a text that ends is a backslash before something that it does not stand before.
fn odd_escape(rest: &str) -> Option<usize> {
    let line = rest.split(['\n', '\r']).next()?;
    let mut signs = line.char_indices().skip(1);
    let mut odd = None;
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return odd,
            '\\' => {
                let (_, next) = signs.next()?;
                if !"\"\\nrt".contains(next) {
                    odd = odd.or(Some(at));
                }
            }
            _ => {}
        }
    }
    None
}

/// Passes over blanks and comments, also such with comments in them.
fn behind_blanks<'q>(mut rest: &'q str, query: &str) -> Read<&'q str> {
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if rest.starts_with("/*") {
            let start = query.len() - rest.len();
            let Some(behind) = behind_comment(rest) else {
                let message = "this comment has no end; expected */".to_owned();
                return Err(Fault { span: start..start + 2, message });
            };
            rest = behind;
        } else {
            return Ok(rest);
        }
    }
}

fn behind_comment(mut rest: &str) -> Option<&str> {
    let mut depth = 0_usize;
    loop {
        let at = rest.find(['/', '*'])?;
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("/*") {
            (depth, rest) = (depth + 1, behind);
        } else if let Some(behind) = rest.strip_prefix("*/") {
            (depth, rest) = (depth.saturating_sub(1), behind);
        } else {
            rest = &rest[1..];
        }
        if depth == 0 {
            return Some(rest);
        }
    }
}

fn word(rest: &str) -> IResult<&str, Word> {
    alt((raw_text, text, number, quoted_name, name, sign)).parse(rest)
}

/// A word behind `from`: an index, or what parts it from the next.
fn index(rest: &str) -> IResult<&str, Word> {
    let is_of_name = |c: char| !c.is_whitespace() && !",|[]=\"`".contains(c);
    let pattern = take_while1(is_of_name).map(|name: &str| Word::Index(name.to_owned()));
    alt((raw_text, text, pattern, sign)).parse(rest)
}

fn sign(rest: &str) -> IResult<&str, Word> {
    let found = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
    match found {
        Some(sign) => Ok((&rest[sign.len()..], Word::Sign(sign))),
        None => Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::OneOf))),
    }
}

fn name(rest: &str) -> IResult<&str, Word> {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = verify(nom::character::complete::anychar, |c: &char| {
        c.is_ascii_alphabetic() || matches!(c, '_' | '@')
    });
    let name = recognize((first, take_while(is_inner)));
    name.map(|name: &str| Word::Name(name.to_owned())).parse(rest)
}

/// A name between backquotes, in which two of them stand for one.
fn quoted_name(rest: &str) -> IResult<&str, Word> {
    let (mut rest, _) = char('`').parse(rest)?;
    let mut name = String::new();
    loop {
        let (behind, part) = take_until("`").parse(rest)?;
        name.push_str(part);
        rest = &behind[1..];
        match rest.strip_prefix('`') {
            Some(behind) => {
                name.push('`');
                rest = behind;
            }
            None => return Ok((rest, Word::Quoted(name))),
        }
    }
}

fn number(rest: &str) -> IResult<&str, Word> {
    let exponent = || recognize((one_of("eE"), opt(one_of("+-")), digit1));
    let pointed = recognize((digit1, char('.'), digit0, opt(exponent())));
    let bare_point = recognize((char('.'), digit1, opt(exponent())));
    let scaled = recognize((digit1, exponent()));
    let double = alt((pointed, bare_point, scaled));
    alt((
        double.map(|number: &str| Word::Double(number.to_owned())),
        digit1.map(|number: &str| Word::Whole(number.to_owned())),
    ))
    .parse(rest)
}

/// Text between three quotes, in which everything stands for itself.
fn raw_text(rest: &str) -> IResult<&str, Word> {
    let (rest, text) = delimited(tag("\"\"\""), take_until("\"\"\""), tag("\"\"\"")).parse(rest)?;
    // One or two quotes more belong to the text.
    let more = rest.bytes().take(2).take_while(|b| *b == b'"').count();
    Ok((&rest[more..], Word::Text(format!("{text}{}", &rest[..more]))))
}

fn text(rest: &str) -> IResult<&str, Word> {
    let escape = alt((
        value('"', char('"')),
        value('\\', char('\\')),
        value('\n', char('n')),
        value('\r', char('r')),
        value('\t', char('t')),
    ));
    let mut escaped = preceded(char('\\'), escape);
    let (mut rest, _) = char('"').parse(rest)?;
    let mut text = String::new();
    loop {
        let mut plain = take_while(|c: char| !"\"\\\r\n".contains(c));
        let (behind, part): (&str, &str) = plain.parse(rest)?;
        text.push_str(part);
        if let Some(behind) = behind.strip_prefix('"') {
            return Ok((behind, Word::Text(text)));
        }
        let (behind, c) = escaped.parse(behind)?;
        text.push(c);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let words = tokens(query).expect(query).into_iter().map(|token| match token.word {
            Word::Name(name) => name,
            Word::Quoted(name) => format!("`{name}`"),
            Word::Text(text) => format!("{text:?}"),
            Word::Whole(number) => number,
            Word::Double(number) => format!("{number}d"),
            Word::Index(name) => format!("<{name}>"),
            Word::Sign(sign) => sign.to_owned(),
        });
        assert_eq!(words.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn comments_and_blanks_part_words_and_are_none() {
        check("a /* b /* c */ d */ e // f\n g", "a e g");
        check("a/b", "a / b");
    }

    #[test]
    fn names_of_indices_are_words_only_behind_from() {
        check(
            "FROM logs-*, auditbeat-8.17 metadata _id | where a-b * 2 == .5",
            "FROM <logs-*> , <auditbeat-8.17> <metadata> _id | where a - b * 2 == .5d",
        );
        check("x | eval from = 1 - a", "x | eval from = 1 - a");
    }

    #[test]
    fn text_is_read_as_it_is_meant() {
        check(r#""a\"b\\\n" """c:\d"e""" """""""#, r#""a\"b\\\n" "c:\\d\"e" """#);
        check("`a``b`.c", "`a`b` . c");
        check("1.5e3 7day 2. 1e2", "1.5e3d 7 day 2.d 1e2d");
    }

    #[test]
    fn what_has_no_end_or_meaning_is_told_with_its_place() {
        for (query, start, said) in [
            ("a == \"b", 5, "no end"),
            ("a == \"b\\q\"", 7, "a backslash is written"),
            ("a == \"b\\q", 5, "no end"),
            ("a == \"\\\\b\\\"", 5, "no end"),
            ("a `b", 2, "no end"),
            ("a /* b", 2, "*/"),
            ("a == 'b'", 5, "double quotes"),
            ("a && b", 2, "and"),
            ("a § b", 2, "no meaning"),
        ] {
            let fault = tokens(query).expect_err(query);
            assert_eq!(fault.span.start, start, "{query}");
            assert!(fault.message.contains(said), "{query}: {}", fault.message);
        }
    }
}
