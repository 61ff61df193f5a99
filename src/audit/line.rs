//! The frame of a line: which event it belongs to, what kind of record it is, and its body.
//!
//! A line comes in as auditd writes it, `node=web-01 type=SYSCALL msg=audit(1723819442.001:9001):
//! arch=…`, or as `wrapped` has unwrapped it. Only the frame is read here: for most lines
//! that is all anybody needs to know.

use memchr::{memchr, memmem};
use nom::bytes::complete::take_while;
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::kind::Kind;
use super::stamp::Stamp;

/// The frame that nearly all lines begin with that are the first of their event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsualFrame {
    /// The kind of the record.
    pub kind: Kind,
    /// The event that it belongs to.
    pub stamp: Stamp,
    /// Where `msg=audit(` begins.
    pub start: usize,
    /// Where what follows its `)` does.
    pub end: usize,
    /// Where the body does.
    pub body: usize,
}

impl UsualFrame {
    /// Reads the frame of the line that some text begins with, if it is such a one: what
    /// [`Line::parse`] would read, without knowing yet where the line ends. `rest` is what follows
    /// the kind, which is known.
    #[inline]
    pub fn of(text: &[u8], kind: Kind, rest: &[u8]) -> Option<UsualFrame> {
        let (behind, stamp) = Stamp::parse_usual(rest.strip_prefix(b"msg=audit(")?)?;
        let body = behind.strip_prefix(b"):")?;
        let blanks = body.iter().take_while(|b| **b == b' ').count();
        let place = |rest: &[u8]| text.len() - rest.len();
        let body = place(body) + blanks;
        Some(UsualFrame { kind, stamp, start: place(rest), end: place(behind) + 1, body })
    }
}

/// A line's frame and body, borrowed from the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    /// The name behind `node=`.
    pub node: Option<&'a [u8]>,
    /// The text behind `type=`.
    pub kind_text: &'a [u8],
    /// What it means.
    pub kind: Kind,
    /// The event that the record belongs to.
    pub stamp: Stamp,
    /// Everything behind the frame.
    pub body: &'a [u8],
}

/// The longest name of a node that is believed: a host name has 253 bytes at most.
pub(super) const LONGEST_NODE: usize = 255;

/// The longest name of a kind, and the blank behind it.
pub(super) const LONGEST_KIND: usize = 64;

impl<'a> Line<'a> {
    /// Reads the frame of a line without its line end.
    ///
    /// ```
    /// use oddsock::audit::{Kind, Line};
    /// let line = Line::parse(b"node=CentOS 7.7 type=EOE msg=audit(1617274500.755:14):").unwrap();
    /// assert_eq!(line.node, Some(&b"CentOS 7.7"[..]));
    /// assert_eq!(line.kind, Kind::EOE);
    /// assert_eq!(line.stamp.to_string(), "1617274500.755:14");
    /// assert_eq!(line.body, b"");
    /// ```
    #[inline]
    pub fn parse(line: &'a [u8]) -> Option<Line<'a>> {
        let (rest, node) = opt(node).parse(line).ok()?;
        let (body, (kind_text, stamp)) = frame(rest).ok()?;
        Some(Line { node, kind_text, kind: Kind::named(kind_text)?, stamp, body })
    }
}

/// `node=NAME ` up to the `type=` behind it; the name may hold blanks.
#[inline]
fn node(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (input, _) = literal(b"node=", input)?;
    match memmem::find(&input[..input.len().min(LONGEST_NODE + 6)], b" type=") {
        Some(end) if end > 0 && !input[..end].iter().any(u8::is_ascii_control) => {
            Ok((&input[end + 1..], &input[..end]))
        }
        _ => Err(nom::Err::Error(nom::error::make_error(input, nom::error::ErrorKind::TakeUntil))),
    }
}

/// nom's `tag`, as one comparison: `tag` goes byte by byte, which is a tenth of the whole here.
#[inline]
fn literal<'a, const N: usize>(text: &[u8; N], input: &'a [u8]) -> IResult<&'a [u8], ()> {
    match input.strip_prefix(text) {
        Some(rest) => Ok((rest, ())),
        None => Err(nom::Err::Error(nom::error::make_error(input, nom::error::ErrorKind::Tag))),
    }
}

/// `type=KIND msg=audit(STAMP):` and the blanks behind it. Old auditds leave the colon out.
#[inline]
fn frame(input: &[u8]) -> IResult<&[u8], (&[u8], Stamp)> {
    let (input, _) = literal(b"type=", input)?;
    let end = memchr(b' ', &input[..input.len().min(LONGEST_KIND)]).unwrap_or(0);
    let (kind, input) = input.split_at(end);
    let (input, _) = literal(b" msg=audit(", input)?;
    let (input, stamp) = Stamp::parse(input)?;
    let (input, _) = char(')').parse(input)?;
    let (input, _) = preceded(opt(char(':')), take_while(|b| b == b' ')).parse(input)?;
    Ok((input, (kind, stamp)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_of(line: &str) -> Option<String> {
        let line = Line::parse(line.as_bytes())?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let node = line.node.map_or("-".to_string(), text);
        Some(format!("{node} {} {} [{}]", line.kind, line.stamp, text(line.body)))
    }

    fn check(line: &str, expected: &str) {
        assert_eq!(frame_of(line).as_deref(), Some(expected), "{line}");
    }

    #[test]
    fn a_line_has_a_kind_a_stamp_and_a_body() {
        check("type=CWD msg=audit(1.002:3):  cwd=\"/\"", "- CWD 1.002:3 [cwd=\"/\"]");
        check("type=1306 msg=audit(1.002:3): saddr=01", "- SOCKADDR 1.002:3 [saddr=01]");
        check(
            "type=DAEMON_CONFIG msg=audit(1.002:3) config changed",
            "- DAEMON_CONFIG 1.002:3 [config changed]",
        );
        check("type=NOT_YET msg=audit(1.002:3): a=1", "- UNKNOWN[0] 1.002:3 [a=1]");
    }

    #[test]
    fn a_usual_frame_says_what_the_whole_line_does() {
        let usual = |text: &str| {
            let (kind, rest) = Kind::leading(text.strip_prefix("type=")?.as_bytes())?;
            UsualFrame::of(text.as_bytes(), kind, rest)
        };
        for kind in ["CWD", "SYSCALL", "1306", "NOT_YET", "UNKNOWN[1336]"] {
            for body in ["", "  cwd=\"/\"", " a=1", "a=1"] {
                let line = format!("type={kind} msg=audit(1723819442.001:9001):{body}");
                let whole = Line::parse(line.as_bytes()).expect("a line");
                let text = format!("{line}\ntype=CWD msg=audit(1723819442.001:9001): a=2");
                let usual = usual(&text).expect("a frame");
                assert_eq!((usual.kind, usual.stamp), (whole.kind, whole.stamp), "{line}");
                assert_eq!(&line[usual.start..usual.end], "msg=audit(1723819442.001:9001)");
                assert_eq!(&line.as_bytes()[usual.body..], whole.body, "{line}");
            }
        }
        for other in [
            "type=CWD\nmsg=audit(1723819442.001:9001): a=1",
            "type=C\u{1}WD msg=audit(1723819442.001:9001): a=1",
            "type=CWD msg=audit(1723819442.001:9001) a=1",
            "type=CWD msg=audit(1723819442.001:90010000000): a=1",
        ] {
            assert_eq!(usual(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_node_may_be_an_address_or_hold_blanks() {
        check("node=2001:db8::1 type=EOE msg=audit(1.002:3):", "2001:db8::1 EOE 1.002:3 []");
        check("node=my old box type=EOE msg=audit(1.002:3): ", "my old box EOE 1.002:3 []");
    }

    #[test]
    fn a_frame_that_is_cut_anywhere_is_no_frame() {
        let whole = "node=a type=CWD msg=audit(1.002:3)";
        assert!(frame_of(whole).is_some());
        for end in 0..whole.len() {
            assert_eq!(frame_of(&whole[..end]), None, "{}", &whole[..end]);
        }
    }

    #[test]
    fn a_name_with_control_characters_in_it_is_none() {
        for line in [
            "type=SYS\x1bCALL msg=audit(1.002:3): a=1",
            "type=\x7f msg=audit(1.002:3): a=1",
            "type= msg=audit(1.002:3): a=1",
            "type=A\tB msg=audit(1.002:3): a=1",
            "type=\u{9b}31m msg=audit(1.002:3): a=1",
            "node=a\x1b[2J type=CWD msg=audit(1.002:3): a=1",
        ] {
            assert_eq!(frame_of(line), None, "{line:?}");
        }
        check(
            "node=b\u{fc}ro type=A-b msg=audit(1.002:3): a=1",
            "b\u{fc}ro UNKNOWN[0] 1.002:3 [a=1]",
        );
    }
}
