//! The records of an event that matter, as they stand in the log.
//!
//! Text in one piece of memory, with the places of the records in it, so that an event costs one
//! allocation at most and its memory can serve the next.

use super::call_head::CallHead;
use super::errno;
use super::kind::Kind;
use super::syscalls::Call;

/// The records of an event that matter.
#[derive(Debug)]
pub struct Details {
    /// The call, once its record was seen.
    pub call: Call,
    /// The head of that record.
    pub head: CallHead,
    text: Vec<u8>,
    parts: Parts,
    /// How much of the text is of records of which there may be any number.
    of_many: usize,
    is_full: bool,
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
    fn iter(&self) -> impl Iterator<Item = &Part> + Clone {
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
    /// It contradicts the first of its kind: to be printed again, and for nothing else.
    is_unlike: bool,
    start: u32,
    body: u32,
    end: u32,
}

/// How much text most events have behind their first record.
const USUAL_REST: usize = 256;

/// How much unused memory is worth giving back.
const LONG_REST: usize = 4096;

/// How much text is kept of those records of which an event may have any number: more arguments
/// than that are counted and left out.
const MOST_TEXT: usize = 1 << 20;

impl Details {
    /// No records yet.
    pub fn new() -> Details {
        Details {
            call: Call::Other,
            head: CallHead::default(),
            text: Vec::new(),
            parts: Parts::default(),
            of_many: 0,
            is_full: false,
        }
    }

    /// Forgets everything but the memory it was in.
    pub fn clear(&mut self) {
        self.call = Call::Other;
        self.head = CallHead::default();
        self.text.clear();
        self.parts.clear();
        self.of_many = 0;
        self.is_full = false;
    }

    /// How much memory it has.
    pub fn memory(&self) -> usize {
        self.text.capacity() + size_of::<Details>()
    }

    /// Gives back the memory that long records left unused, before it is kept for long.
    pub fn shrink(&mut self) {
        if self.text.capacity() > self.text.len() + LONG_REST {
            self.text.shrink_to_fit();
        }
    }

    /// Keeps a record of which there may be any number. False if it was one too many; then none
    /// that comes later is kept either.
    pub fn keep_one_more(&mut self, kind: Kind, line: &[u8], body: usize, is_unlike: bool) -> bool {
        self.is_full |= self.of_many + line.len() > MOST_TEXT;
        if !self.is_full {
            self.of_many += line.len();
            self.keep_as(kind, line, body, is_unlike);
        }
        !self.is_full
    }

    /// Keeps a record of which there is one: its line, in which the body begins at `body`.
    #[inline]
    pub fn keep(&mut self, kind: Kind, line: &[u8], body: usize) {
        self.keep_as(kind, line, body, false);
    }

    #[inline]
    fn keep_as(&mut self, kind: Kind, line: &[u8], body: usize, is_unlike: bool) {
        if self.text.capacity() == 0 {
            // A call and its address, or an exec and its arguments, mostly fit in this.
            self.text.reserve_exact(line.len() + USUAL_REST);
        }
        let start = self.text.len() as u32;
        self.text.extend_from_slice(line);
        self.parts.push(Part {
            kind,
            is_unlike,
            start,
            body: start + body as u32,
            end: self.text.len() as u32,
        });
    }

    /// About how much memory the records cost.
    pub fn size(&self) -> usize {
        self.text.len() + size_of::<Details>()
    }

    /// The bodies of the records of this kind, but for those that contradict the first.
    pub fn bodies(&self, kind: Kind) -> impl Iterator<Item = &[u8]> + Clone {
        self.parts
            .iter()
            .filter(move |part| part.kind == kind && !part.is_unlike)
            .map(|part| &self.text[part.body as usize..part.end as usize])
    }

    /// The body of the first record of this kind.
    #[inline]
    pub fn body(&self, kind: Kind) -> Option<&[u8]> {
        self.bodies(kind).next()
    }

    /// The lines that were kept.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(|part| self.line(part))
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

    /// Whether the call is a request to io_uring.
    fn is_request(&self) -> bool {
        self.head.arch.is_none() && self.call != Call::Other
    }

    /// Takes a request to io_uring for the call, unless another call or a likelier request is there
    /// already. False if another connection than the one that counts is left out.
    ///
    /// All requests of one io_uring_enter share the one address that the kernel writes at the end:
    /// that of the last request that had one.
    pub fn take_request(&mut self, call: Call, head: CallHead) -> bool {
        let is_second = self.is_request();
        let is_alone = !is_second
            || self.head == head
            || address_rank(self.call).min(address_rank(call)) < address_rank(Call::Listen);
        let is_open = matches!(self.call, Call::Other | Call::IoUringEnter);
        if is_open || is_second && address_rank(call) >= address_rank(self.call) {
            self.call = call;
            self.head = head;
        }
        is_alone
    }

    /// Adds the records of a later piece. Where the earlier one has settled what the event is, only
    /// a request to io_uring still counts as the call, in the place of one that does not matter.
    /// False if there was no room for all of them.
    pub(super) fn join(&mut self, later: Details, is_settled: bool) -> bool {
        let mut has_room = !later.is_full;
        if !is_settled {
            self.call = later.call;
            self.head = later.head;
        } else if later.is_request() {
            has_room &= self.take_request(later.call, later.head);
        }
        for part in later.parts.iter() {
            let (line, at) = (later.line(part), (part.body - part.start) as usize);
            let body = &line[at..];
            let is_single = part.kind.is_single() || part.kind == Kind::EXECVE && is_first(body);
            if self.has(part.kind, body) {
                continue;
            }
            let is_second = match part.kind {
                Kind::EXECVE => self.bodies(Kind::EXECVE).any(is_first),
                kind => self.body(kind).is_some(),
            };
            if is_single && !is_second {
                self.keep(part.kind, line, at);
            } else {
                has_room &= self.keep_one_more(part.kind, line, at, is_single);
            }
        }
        has_room
    }

    /// Whether this very record was kept.
    pub fn has(&self, kind: Kind, body: &[u8]) -> bool {
        let body_of = |part: &Part| &self.text[part.body as usize..part.end as usize];
        self.parts.iter().any(|part| part.kind == kind && body_of(part) == body)
    }

    fn line(&self, part: &Part) -> &[u8] {
        &self.text[part.start as usize..part.end as usize]
    }
}

/// How likely the address of an event is that of such a request. A socket that is made is no
/// connection, and data sent is none without an address, which the simple form hardly ever has.
fn address_rank(request: Call) -> u8 {
    match request {
        Call::Socket => 0,
        Call::SendTo => 1,
        Call::Listen => 2,
        _ => 3,
    }
}

/// Whether an EXECVE record is the first of its event.
fn is_first(body: &[u8]) -> bool {
    body.starts_with(b"argc=")
}

impl Default for Details {
    fn default() -> Details {
        Details::new()
    }
}
