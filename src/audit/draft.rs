//! An event in the making: the records of one id, as far as they have been seen.
//!
//! Most events have nothing to do with the network, and of those only the id and a few flags are
//! kept. Of the others the records that matter are copied as they stand; what they say is read when
//! somebody asks.

use super::call_head::CallHead;
use super::errno;
use super::kind::Kind;
use super::stamp::Stamp;
use super::syscalls::Call;

/// What has been seen of an event, as flags.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Seen(u16);

#[allow(missing_docs)]
impl Seen {
    pub const SYSCALL: Seen = Seen(1);
    pub const SOCKADDR: Seen = Seen(1 << 1);
    pub const PROCTITLE: Seen = Seen(1 << 2);
    pub const CWD: Seen = Seen(1 << 3);
    pub const EXECVE: Seen = Seen(1 << 4);
    pub const SOCKETCALL: Seen = Seen(1 << 5);
    pub const URINGOP: Seen = Seen(1 << 6);
    pub const EOE: Seen = Seen(1 << 7);
    /// A record of the kernel's, or of a program that used the kernel's serials.
    pub const KERNEL: Seen = Seen(1 << 8);
    /// A record that could not be read to its end.
    pub const CUT: Seen = Seen(1 << 9);
    /// The call is known and none of the other records matter.
    pub const DULL: Seen = Seen(1 << 10);

    /// The records of which an event has one.
    pub const ONCE: [Seen; 6] =
        [Seen::SYSCALL, Seen::SOCKADDR, Seen::PROCTITLE, Seen::CWD, Seen::SOCKETCALL, Seen::EOE];

    #[inline]
    pub fn has(self, other: Seen) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    pub fn add(&mut self, other: Seen) {
        self.0 |= other.0;
    }

    /// Whether there were records that only ever stand beside a call's.
    pub fn is_part_of_call(self) -> bool {
        const BESIDE: u16 = Seen::SOCKADDR.0
            | Seen::PROCTITLE.0
            | Seen::CWD.0
            | Seen::EXECVE.0
            | Seen::SOCKETCALL.0
            | Seen::EOE.0;
        self.0 & BESIDE != 0
    }
}

/// An event in the making.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub stamp: Stamp,
    /// Its node: a number in the names of its piece, or of the whole reading.
    pub node: u32,
    /// The place of its first record among all records.
    pub first: u64,
    /// The place of its last record so far.
    pub last: u64,
    /// What has been seen.
    pub seen: Seen,
    /// Which run of the kernel's serials it belongs to; each boot begins a new one.
    pub run: u32,
    /// How many records there were.
    pub records: u32,
    /// How many of them came a second time.
    pub duplicates: u32,
    /// The `item=` numbers of PATH records seen, for duplicates.
    paths: u32,
    /// Hashes of other records seen, for duplicates.
    others: [u32; 2],
    /// The records that matter, if any do.
    pub details: Option<Box<Details>>,
}

impl Draft {
    /// A draft of which a first record is about to be seen.
    pub fn new(stamp: Stamp, node: u32, place: u64) -> Draft {
        Draft {
            stamp,
            node,
            first: place,
            last: place,
            seen: Seen::default(),
            run: 0,
            records: 0,
            duplicates: 0,
            paths: 0,
            others: [0; 2],
            details: None,
        }
    }

    /// Notes a PATH record by its item number; false if it was there before.
    #[inline]
    pub fn note_path(&mut self, body: &[u8]) -> bool {
        let digits = body.strip_prefix(b"item=").unwrap_or(b"");
        let item = digits.iter().map_while(|b| b.is_ascii_digit().then(|| u32::from(b - b'0')));
        let item = item.take(4).reduce(|number, digit| number * 10 + digit);
        let Some(bit) = item.and_then(|item| 1u32.checked_shl(item)) else { return true };
        let is_new = self.paths & bit == 0;
        self.paths |= bit;
        is_new
    }

    /// Notes any other record by its text; false if one of the last two had the same.
    pub fn note_other(&mut self, hash: u32) -> bool {
        let hash = hash | 1;
        if self.others.contains(&hash) {
            return false;
        }
        self.others = [hash, self.others[0]];
        true
    }

    /// Adds what a later piece of the input has seen of the same event.
    pub fn join(&mut self, later: Draft) {
        self.last = later.last;
        self.records += later.records;
        self.duplicates += later.duplicates;
        for flag in Seen::ONCE {
            self.duplicates += u32::from(self.seen.has(flag) && later.seen.has(flag));
        }
        self.duplicates += (self.paths & later.paths).count_ones();
        self.paths |= later.paths;
        for hash in later.others.into_iter().rev().filter(|hash| *hash != 0) {
            self.duplicates += u32::from(!self.note_other(hash));
        }
        let (was_dull, is_dull) = (self.seen.has(Seen::DULL), later.seen.has(Seen::DULL));
        self.seen.add(later.seen);
        match (&mut self.details, later.details) {
            (Some(mine), Some(theirs)) => self.duplicates += mine.join(*theirs),
            (mine @ None, theirs) if !was_dull => *mine = theirs,
            _ => {}
        }
        if is_dull && self.details.as_ref().is_some_and(|details| details.call == Call::Other) {
            self.details = None;
        }
    }

    /// How many bytes of records the draft holds.
    pub fn size(&self) -> usize {
        self.details.as_ref().map_or(0, |details| details.size())
    }
}

/// The records of an event that matter.
#[derive(Debug)]
pub struct Details {
    /// The call, once its record was seen.
    pub call: Call,
    /// The head of that record.
    pub head: CallHead,
    text: Vec<u8>,
    parts: Parts,
}

/// Where the records are in the text. An event on the network has three or four; more go to the
/// heap.
#[derive(Default, Debug)]
struct Parts {
    few: [Part; 5],
    length: usize,
    more: Vec<Part>,
}

impl Parts {
    #[inline]
    fn push(&mut self, part: Part) {
        match self.few.get_mut(self.length) {
            Some(place) => *place = part,
            None => self.more.push(part),
        }
        self.length += 1;
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &Part> {
        self.few[..self.length.min(self.few.len())].iter().chain(&self.more)
    }

    fn clear(&mut self) {
        self.length = 0;
        self.more.clear();
    }
}

#[derive(Clone, Copy, Default, Debug)]
struct Part {
    kind: Kind,
    start: u32,
    body: u32,
    end: u32,
}

/// How much text of one event is kept: more arguments than that are counted and left out.
const MOST_TEXT: usize = 1 << 20;

impl Details {
    /// No records yet.
    pub fn new() -> Details {
        Details {
            call: Call::Other,
            head: CallHead::default(),
            text: Vec::new(),
            parts: Parts::default(),
        }
    }

    /// Forgets everything but the memory it was in.
    pub fn clear(&mut self) {
        self.call = Call::Other;
        self.head = CallHead::default();
        self.text.clear();
        self.parts.clear();
    }

    /// Whether the memory is worth keeping for another event.
    pub fn is_reusable(&self) -> bool {
        self.text.capacity() <= 4096
    }

    /// Keeps a record: its line, in which the body begins at `body`. False if it was one too many.
    #[inline]
    pub fn keep(&mut self, kind: Kind, line: &[u8], body: usize) -> bool {
        if self.text.len() + line.len() > MOST_TEXT {
            return false;
        }
        let start = self.text.len() as u32;
        self.text.extend_from_slice(line);
        self.parts.push(Part {
            kind,
            start,
            body: start + body as u32,
            end: self.text.len() as u32,
        });
        true
    }

    /// About how much memory the records cost.
    pub fn size(&self) -> usize {
        self.text.len() + size_of::<Details>()
    }

    /// Whether the same body is there already.
    pub fn has_body(&self, kind: Kind, body: &[u8]) -> bool {
        self.bodies(kind).any(|mine| mine == body)
    }

    /// The bodies of the records of this kind.
    pub fn bodies(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        self.parts
            .iter()
            .filter(move |part| part.kind == kind)
            .map(|part| &self.text[part.body as usize..part.end as usize])
    }

    /// The body of the first record of this kind.
    #[inline]
    pub fn body(&self, kind: Kind) -> Option<&[u8]> {
        self.bodies(kind).next()
    }

    /// The lines that were kept.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(|part| &self.text[part.start as usize..part.end as usize])
    }

    /// Whether a call that always names an address came without one, though nothing was wrong
    /// with the call itself. The record was lost, or excluded by a rule.
    pub fn lacks_address(&self) -> bool {
        let no_address_was_read = || {
            let error = self.head.exit.and_then(errno::name);
            matches!(error, Some("EBADF" | "EFAULT" | "EINVAL" | "ENOTSOCK"))
        };
        match self.call {
            Call::Connect | Call::Bind => !no_address_was_read(),
            Call::Accept | Call::Accept4 => {
                // Neither io_uring's records nor `socketcall`'s say whether an address was wanted.
                let is_direct =
                    self.head.arch.is_some_and(|a| Call::of(a, self.head.number) == self.call);
                is_direct && self.head.arguments[1] != 0 && self.head.success == Some(true)
            }
            _ => false,
        }
    }

    /// Adds the records of a later piece; tells how many were there already of those that an event
    /// may have several of.
    fn join(&mut self, later: Details) -> u32 {
        let mut duplicates = 0;
        if matches!(self.call, Call::Other | Call::IoUringEnter) && later.call != Call::Other {
            self.call = later.call;
            self.head = later.head;
        }
        for part in later.parts.iter() {
            let body = &later.text[part.body as usize..part.end as usize];
            let is_many = matches!(part.kind, Kind::EXECVE | Kind::URINGOP);
            if self.has_body(part.kind, body) {
                duplicates += u32::from(is_many);
                continue;
            }
            if self.body(part.kind).is_some() && part.kind.is_single() {
                continue;
            }
            let line = &later.text[part.start as usize..part.end as usize];
            self.keep(part.kind, line, (part.body - part.start) as usize);
        }
        duplicates
    }
}

impl Default for Details {
    fn default() -> Details {
        Details::new()
    }
}

/// Whether a body ends inside a quoted value, which no whole record does.
///
/// The kernel quotes no text with blanks in it, so the last quote tells: one behind `=` opens a
/// value, unless the value that it closes ends in `=` itself.
#[inline]
pub fn ends_in_quotes(body: &[u8]) -> bool {
    match memchr::memrchr(b'"', body) {
        Some(quote) if quote > 0 && body[quote - 1] == b'=' => opens_a_value(body, quote),
        _ => false,
    }
}

#[cold]
fn opens_a_value(body: &[u8], quote: usize) -> bool {
    let word = memchr::memrchr(b' ', &body[..quote]).map_or(0, |blank| blank + 1);
    memchr::memchr(b'"', &body[word..quote]).is_none()
}

/// Whether the last line of a file, which has no line end, stops before its record does.
///
/// Whole records end in a value, so a line that ends in `=` or inside quotes is cut; so is a call
/// without its key, which the kernel writes last, and an address with half a byte.
pub fn stops_early(kind: Kind, body: &[u8]) -> bool {
    let last = body.rsplit(|b| *b == b' ').next().unwrap_or(b"");
    match kind {
        Kind::EOE => false,
        Kind::SYSCALL | Kind::URINGOP => {
            let key = memchr::memmem::rfind(body, b" key=");
            key.is_none_or(|at| body.len() == at + 5) || ends_in_quotes(body)
        }
        Kind::SOCKADDR => {
            let digits = last.strip_prefix(b"saddr=").unwrap_or(b"");
            last.starts_with(b"saddr=") && (digits.len() < 16 || !digits.len().is_multiple_of(2))
                || last.is_empty()
                || !memchr::memmem::find(body, b"saddr=").is_some_and(|at| at + 6 < body.len())
        }
        _ => {
            body.is_empty() || last.ends_with(b"=") || !last.contains(&b'=') || ends_in_quotes(body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_once_and_another_item_is_another_path() {
        let mut draft = Draft::new(Stamp { millis: 1, serial: 1 }, 0, 0);
        assert!(draft.note_path(b"item=0 name=\"/a\""));
        assert!(draft.note_path(b"item=1 name=\"/a\""));
        assert!(!draft.note_path(b"item=0 name=\"/a\""));
        assert!(draft.note_path(b"item=40 name=\"/a\""));
        assert!(draft.note_path(b"name=\"/a\""));
    }

    #[test]
    fn records_that_stop_early_are_known_by_their_ends() {
        for body in ["saddr=", "saddr=020001BB5D", "saddr=020001BB5DB8D822F", "sad"] {
            assert!(stops_early(Kind::SOCKADDR, body.as_bytes()), "{body}");
        }
        assert!(!stops_early(Kind::SOCKADDR, b"saddr=020001BB5DB8D8220000000000000000"));
        for body in ["proctitle=", "proctitle=\"cu", "procti", ""] {
            assert!(stops_early(Kind::PROCTITLE, body.as_bytes()), "{body}");
        }
        assert!(!stops_early(Kind::PROCTITLE, b"proctitle=\"curl\""));
        let call = "arch=c000003e syscall=42 pid=1 comm=\"a\" exe=\"/a\" key=";
        assert!(stops_early(Kind::SYSCALL, call.as_bytes()));
        assert!(stops_early(Kind::SYSCALL, format!("{call}\"ne").as_bytes()));
        assert!(!stops_early(Kind::SYSCALL, format!("{call}(null)").as_bytes()));
    }

    #[test]
    fn an_apostrophe_in_a_name_opens_no_quote() {
        assert!(!ends_in_quotes(b"comm=\"it's\" exe=\"/a\""));
        assert!(ends_in_quotes(b"argc=2 a0=\"it's\" a1=\"/usr/sh"));
        assert!(ends_in_quotes(b"argc=2 a0=\"a\" a1=\""));
        assert!(!ends_in_quotes(b"argc=2 a0=\"a\" a1=\"--x=\""));
    }
}
