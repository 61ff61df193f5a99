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

/// How much text most events have behind their first record.
const USUAL_REST: usize = 256;

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
        if self.text.capacity() == 0 {
            // A call and its address, or an exec and its arguments, mostly fit in this.
            self.text.reserve_exact(line.len() + USUAL_REST);
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

    /// Adds the records of a later piece. Where the earlier one has settled what the event is, only
    /// a request to io_uring still counts as the call, in the place of one that does not matter.
    pub(super) fn join(&mut self, later: Details, is_settled: bool) {
        let is_request = later.head.arch.is_none() && later.call != Call::Other;
        let is_open = matches!(self.call, Call::Other | Call::IoUringEnter);
        if !is_settled || is_open && is_request {
            self.call = later.call;
            self.head = later.head;
        }
        for part in later.parts.iter() {
            let body = &later.text[part.body as usize..part.end as usize];
            let starts_arguments = |body: &[u8]| body.starts_with(b"argc=");
            let is_there = match part.kind {
                Kind::EXECVE if starts_arguments(body) => {
                    self.bodies(Kind::EXECVE).any(starts_arguments)
                }
                Kind::PATH => self.bodies(Kind::PATH).any(|mine| item(mine) == item(body)),
                kind if kind.is_single() => self.body(kind).is_some(),
                kind => self.bodies(kind).any(|mine| mine == body),
            };
            if !is_there {
                let line = &later.text[part.start as usize..part.end as usize];
                self.keep(part.kind, line, (part.body - part.start) as usize);
            }
        }
    }
}

/// `item=0`, by which a PATH record is told from the others of its event.
fn item(body: &[u8]) -> &[u8] {
    &body[..memchr::memchr(b' ', body).unwrap_or(body.len())]
}

impl Default for Details {
    fn default() -> Details {
        Details::new()
    }
}
