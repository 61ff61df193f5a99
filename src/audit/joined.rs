//! Lines on which a transport has joined several records.
//!
//! A record's kind and body come in; where the next record begins goes out, if there is one. The
//! difficulty is text that only looks like a record, because somebody wanted it to.

use memchr::memmem;

use super::header_time::is_time_of_day;
use super::kind::Kind;
use super::line::{LONGEST_KIND, LONGEST_NODE, Line};
use super::sockaddr::{self, SocketAddress, UnixAddress};

/// What follows a record in its body, when a transport has joined several on one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// A record that begins there.
    Record(usize),
    /// What looks like a record and may be the text of whoever caused the first one.
    Doubtful,
}

/// What follows a record of this kind in its body, if anything does.
///
/// The kernel encodes what others gave it, so that no blank of theirs stands in its records: what
/// looks like the frame of another record is one. Records that programs wrote are read as far as
/// the line goes: what looks like a frame in them belongs to their text if one pair of quotes is
/// all there is. Another quote may be anybody's, and a transport that cuts long lines may have
/// taken the last one, so that no quote shows where somebody's text ends.
#[inline]
pub fn next_record(finder: &memmem::Finder<'_>, kind: Kind, body: &[u8]) -> Option<Next> {
    let found = finder.find(body)?;
    second_frame(finder, kind, body, found)
}

#[cold]
fn second_frame(
    finder: &memmem::Finder<'_>,
    kind: Kind,
    body: &[u8],
    first: usize,
) -> Option<Next> {
    let own = if kind == Kind::SOCKADDR { past_path(body) } else { Some(0) };
    let mut quotes = Quotes { open: None, end: own.unwrap_or(0) };
    let mut found = first;
    loop {
        if let Some(start) = frame_before(body, found) {
            if kind.may_hold_foreign_text() {
                return (!is_message(finder, body, start)).then_some(Next::Doubtful);
            }
            let Some(own) = own else { return Some(Next::Doubtful) };
            if start >= own && !quotes.are_open_at(start, body) {
                if holds_header(&body[own..start]) {
                    return Some(Next::Doubtful);
                }
                let node = node_before(&body[own..start]).map(|at| own + at);
                return Some(Next::Record(node.unwrap_or(start)));
            }
        }
        found += 1 + finder.find(&body[found + 1..])?;
    }
}

/// Whether all frames of a body, of which the first begins there, lie in the one message that the
/// kernel has quoted for a program: `msg='…'`, and behind it at most what auditd adds.
fn is_message(finder: &memmem::Finder<'_>, body: &[u8], first: usize) -> bool {
    let mut quotes = memchr::memchr_iter(b'\'', body);
    let (Some(open), Some(close), None) = (quotes.next(), quotes.next(), quotes.next()) else {
        return false;
    };
    body[..open].ends_with(b"msg=")
        && (open..close).contains(&first)
        && are_added_names(&body[close + 1..])
        && !finder.find_iter(&body[close..]).any(|at| frame_before(body, close + at).is_some())
}

/// Whether a text is what auditd adds to a message, ` UID="root" AUID="unset"`, whatever has become
/// of its separator. Where a message was cut and the kernel's records follow on the line, a quote
/// may come from the name of a program, and its lower-case fields and double quotes tell so: the
/// kernel lets nobody write a double quote.
fn are_added_names(text: &[u8]) -> bool {
    let is_name = |word: &[u8]| {
        let value = memmem::find(word, b"=\"").filter(|at| *at > 0);
        value.is_some_and(|at| word[at - 1].is_ascii_uppercase() && word.ends_with(b"\""))
    };
    text.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).all(is_name)
}

/// Where the frame begins that ` msg=audit(` at this place belongs to.
fn frame_before(body: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LONGEST_KIND + b"type=".len());
    let start = from + memmem::rfind(&body[from..at], b"type=")?;
    Line::parse(&body[start..]).map(|_| start)
}

/// Whether the header of a syslog stands in this text: a stream whose messages are counted, not
/// ended, is one line, and the next message may be by anybody. Every header has a time, and the
/// kernel writes none.
fn holds_header(text: &[u8]) -> bool {
    let behind = |byte: &u8| matches!(byte, b' ' | b'T');
    let mut starts = text.iter().enumerate().filter(|(_, byte)| behind(byte));
    starts.any(|(at, _)| text[at + 1..].get(..8).is_some_and(is_time_of_day))
}

/// Where the `node=` of the record that follows this text begins. A file may be called `node=x`,
/// but it stands in quotes then, or other fields between it and the record.
fn node_before(text: &[u8]) -> Option<usize> {
    let at = memmem::rfind(text, b"node=")?;
    let name = text[at + b"node=".len()..].strip_suffix(b" ")?;
    let is_name = (1..=LONGEST_NODE).contains(&name.len())
        && !name.iter().any(|b| matches!(b, b'"' | b'\'' | b'='));
    let mut quotes = Quotes { open: None, end: 0 };
    (is_name && !quotes.are_open_at(at, text)).then_some(at)
}

/// Where the path of a socket ends that auditd has added to an address in plain text, and zero if
/// there is none. It holds what its owner wanted, and only its digits tell how long it is: `None`
/// if they tell otherwise.
fn past_path(body: &[u8]) -> Option<usize> {
    const PATHS: [&[u8]; 2] = [b"SADDR={ saddr_fam=local path=", b"SADDR={ fam=local path="];
    let Some(digits) = body.strip_prefix(b"saddr=") else { return Some(0) };
    let count = digits.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let SocketAddress::Unix(address) = sockaddr::decode(&digits[..count], None) else {
        return Some(0);
    };
    let name = match address {
        UnixAddress::Path(path) => path,
        UnixAddress::Abstract(name) => [b"@", &name[..]].concat(),
        UnixAddress::Unnamed => return Some(0),
    };
    // Whatever has become of the separator: `#035` is the longest that was seen.
    let added = &digits[count..];
    let Some(at) = memmem::find(&added[..added.len().min(16)], b"SADDR=") else { return Some(0) };
    let path = PATHS.iter().find_map(|words| added[at..].strip_prefix(*words))?;
    // auditd stops at the first NUL.
    let name = name.split(|b| *b == 0).next().unwrap_or_default();
    path.strip_prefix(name).map(|rest| body.len() - rest.len())
}

/// The text that stands between a record's kind and its stamp, for [`next_record`].
pub fn record_finder() -> memmem::Finder<'static> {
    memmem::Finder::new(b" msg=audit(")
}

/// The quotes that text has opened and not closed, up to some place. A line may hold as many frames
/// as an attacker likes, so what was looked at for one is not looked at again for the next.
struct Quotes {
    open: Option<u8>,
    end: usize,
}

impl Quotes {
    /// Whether a place no nearer than the last one lies within quotes.
    fn are_open_at(&mut self, place: usize, text: &[u8]) -> bool {
        for byte in &text[self.end..place] {
            match (self.open, byte) {
                (None, b'"' | b'\'') => self.open = Some(*byte),
                (Some(quote), byte) if quote == *byte => self.open = None,
                _ => {}
            }
        }
        self.end = place;
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_joined_on_one_line_are_found_but_not_inside_a_message() {
        let finder = record_finder();
        let next = |body: &str| match next_record(&finder, Kind::SYSCALL, body.as_bytes()) {
            Some(Next::Record(at)) => Some(body[at..].to_string()),
            _ => None,
        };
        let second = "type=CWD msg=audit(1.002:3): cwd=\"/\"";
        assert_eq!(next(&format!("key=(null) {second}")).as_deref(), Some(second));
        assert_eq!(next(&format!("key=(null){second}")).as_deref(), Some(second));
        let noded = format!("node=a b {second}");
        assert_eq!(next(&format!("key=(null) {noded}")), Some(noded));
        assert_eq!(next(&format!("uid=0 msg='{second}'")), None);
        assert_eq!(next("msg='op=x' and msg=audit(1.2:3"), None);
    }

    #[test]
    fn a_file_called_like_a_node_is_none() {
        let second = "type=CWD msg=audit(1.002:3): cwd=\"/\"";
        for file in ["exe=\"/tmp/node=x\" key=(null) ", "a1=\"node=x\" ", "exe=\"/node= \" "] {
            let body = format!("{file}{second}");
            let next = next_record(&record_finder(), Kind::SYSCALL, body.as_bytes());
            assert_eq!(next, Some(Next::Record(file.len())), "{file}");
        }
    }

    #[test]
    fn in_what_programs_wrote_there_is_no_other_record() {
        let second = "type=CWD msg=audit(1.002:3): cwd=\"/\"";
        let next = |kind: &[u8], body: &str| {
            next_record(&record_finder(), Kind::from_text(kind), body.as_bytes())
        };
        for kind in ["USER", "USER_CMD", "1112", "UNKNOWN[2999]", "DAEMON_END", "NOT_YET"] {
            let next = |body: &str| next(kind.as_bytes(), body);
            for added in ["", "\u{1d}UID=\"root\" AUID=\"unset\"", "^]UID=\"root\"", " UID=\"a\""] {
                let message = format!("uid=0 msg='a {second} res=failed'{added}");
                assert_eq!(next(&message), None, "{kind}: {message}");
            }
            for message in [
                format!("msg='a' {second}"),
                format!("msg='a' {second} res=failed'"),
                format!("msg='a' {second} res='failed'"),
                format!("msg='a {second} res=success' type=EOE msg=audit(1.002:3):"),
                // The end of the message is missing, and a record behind it has quotes.
                format!("msg='a {second} comm=\"it's\" key=(null)"),
                format!("msg='a {second} type=PROCTITLE msg=audit(1.002:3): proctitle=\"'A=b\""),
                format!("msg='a {second} type=USER msg=audit(1.002:4): msg='b'"),
            ] {
                assert_eq!(next(&message), Some(Next::Doubtful), "{kind}: {message}");
            }
            assert_eq!(next("msg='a' UID=\"root\" msg=audit(1.2:3"), None, "{kind}");
        }
        // Whoever may have a network of his own names tables in it, and the kernel writes the
        // names as they are.
        let table = format!("table=a {second} family=2 entries=1 op=nft_register_table");
        assert_eq!(next(b"NETFILTER_CFG", &table), Some(Next::Doubtful));
    }

    #[test]
    fn the_path_of_a_socket_is_as_long_as_its_digits_say() {
        let second = "type=CWD msg=audit(1.002:3): cwd=\"/\"";
        let next = |body: &str| match next_record(&record_finder(), Kind::SOCKADDR, body.as_bytes())
        {
            Some(Next::Record(at)) => Some(body[at..].to_string()),
            Some(Next::Doubtful) => Some("doubtful".into()),
            None => None,
        };
        let path = format!("/tmp/' {second}");
        let digits: String = path.bytes().map(|byte| format!("{byte:02X}")).collect();
        let enriched = format!("saddr=0100{digits}00\x1dSADDR={{ saddr_fam=local path={path} }}");
        assert_eq!(next(&enriched), None);
        assert_eq!(next(&format!("{enriched} {second}")).as_deref(), Some(second));
        let otherwise = enriched.replacen("2F", "2E", 1);
        assert_eq!(next(&otherwise).as_deref(), Some("doubtful"));
        let named = format!("saddr=010000{digits}#035SADDR={{ saddr_fam=local path=@{path} }}");
        assert_eq!(next(&format!("{named} {second}")).as_deref(), Some(second));
        let raw = format!("saddr=0100{digits}00 {second}");
        assert_eq!(next(&raw).as_deref(), Some(second));
        let inet = "saddr=020001BBC0000207\x1dSADDR={ saddr_fam=inet laddr=192.0.2.7 lport=443 }";
        assert_eq!(next(&format!("{inet} {second}")).as_deref(), Some(second));
    }
}
