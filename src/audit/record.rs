//! Adds a record to the draft of its event: what of it matters, what is kept, what is wrong with it.
//!
//! The call decides. Before its SYSCALL record was seen, every record that could matter is kept;
//! after it, only those that do.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use memchr::memmem;

use super::call_head::{self, CallHead};
use super::complaint::Complaint;
use super::cut;
use super::details::Details;
use super::draft::Draft;
use super::gathering::Keep;
use super::kind::Kind;
use super::seen::Seen;
use super::syscalls::Call;

/// A record about to be added to the draft of its event.
#[derive(Debug)]
pub struct Record<'a> {
    kind: Kind,
    text: &'a [u8],
    body: &'a [u8],
    body_at: usize,
    keep: Keep,
    spare: &'a mut Spare,
}

impl<'a> Record<'a> {
    /// A record whose body is part of its line; what is behind the body is not kept.
    #[inline]
    pub fn of(
        text: &'a [u8],
        kind: Kind,
        body: &'a [u8],
        keep: Keep,
        spare: &'a mut Spare,
    ) -> Record<'a> {
        let body_at = body.as_ptr() as usize - text.as_ptr() as usize;
        Record { kind, text: &text[..body_at + body.len()], body, body_at, keep, spare }
    }

    /// Adds the record to its event, and says what is wrong with it.
    #[inline]
    pub fn add_to(mut self, draft: &mut Draft) -> Option<Complaint> {
        if !self.kind.is_daemon() {
            draft.seen.add(Seen::KERNEL);
        }
        match self.kind {
            Kind::SYSCALL => self.add_call(draft),
            Kind::PATH => {
                let is_new = draft.note_path(self.body);
                draft.duplicates += u32::from(!is_new);
                self.keep_if(draft, self.keep.all_records)
            }
            Kind::SOCKADDR => self.add_once(draft, Seen::SOCKADDR),
            Kind::PROCTITLE => self.add_once(draft, Seen::PROCTITLE),
            Kind::CWD => self.add_once(draft, Seen::CWD),
            Kind::SOCKETCALL => self.add_once(draft, Seen::SOCKETCALL),
            Kind::EXECVE => self.add_arguments(draft),
            Kind::URINGOP => self.add_uring(draft),
            Kind::EOE => {
                let again = draft.seen.has(Seen::EOE);
                draft.duplicates += u32::from(again);
                draft.seen.add(Seen::EOE);
                None
            }
            _ => self.add_other(draft),
        }
    }

    /// A SYSCALL record: what the event is about, and whether its other records matter.
    #[inline]
    fn add_call(&mut self, draft: &mut Draft) -> Option<Complaint> {
        if draft.seen.has(Seen::SYSCALL) {
            draft.duplicates += 1;
            return None;
        }
        draft.seen.add(Seen::SYSCALL);
        let call = match call_head::arch_and_number(self.body) {
            Some((arch, number, _)) => Call::of(arch, number),
            None => {
                let head = CallHead::from_fields(self.body);
                head.arch.map_or(Call::Other, |arch| Call::of(arch, head.number))
            }
        };
        let is_wanted = matters(call) && !(self.keep.only_addresses && is_exec(call));
        if !is_wanted && !draft.seen.has(Seen::URINGOP) {
            draft.seen.add(Seen::DULL);
            draft.details = None;
            return None;
        }
        self.add_call_that_matters(draft, call)
    }

    #[inline]
    fn add_call_that_matters(&mut self, draft: &mut Draft, call: Call) -> Option<Complaint> {
        let head = CallHead::parse(self.body);
        let call = match call {
            Call::SocketCall => Call::from_socketcall(head.arguments[0]),
            call => call,
        };
        let failed = head.success == Some(false);
        let changes_nothing = (is_exec(call) || call == Call::Socket) && failed;
        if (!matters(call) || changes_nothing) && !draft.seen.has(Seen::URINGOP) {
            draft.seen.add(Seen::DULL);
            draft.details = None;
            return None;
        }
        let details = details_of(&mut draft.details, self.spare);
        // Behind a request to io_uring stands the io_uring_enter that handed it in.
        if !draft.seen.has(Seen::URINGOP) {
            details.call = call;
            details.head = head;
        }
        if call == Call::Socket && head.pid.is_some() {
            // Family, type and result are all in the head: nothing else of the event matters.
            draft.seen.add(Seen::DULL);
        } else if !self.keep.only_addresses {
            details.keep(Kind::SYSCALL, self.text, self.body_at);
        }
        if head.pid.is_none() || cut::ends_in_quotes(self.body) {
            draft.seen.add(Seen::CUT);
            return Some(Complaint::CutShort);
        }
        None
    }

    /// A record of which an event has one.
    #[inline]
    fn add_once(&mut self, draft: &mut Draft, flag: Seen) -> Option<Complaint> {
        if draft.seen.has(flag) {
            draft.duplicates += 1;
            return None;
        }
        draft.seen.add(flag);
        self.keep_if(draft, true)
    }

    /// A record of which an event may have several: kept where the details are wanted.
    #[inline]
    fn keep_if(&mut self, draft: &mut Draft, wanted: bool) -> Option<Complaint> {
        if !wanted || draft.seen.has(Seen::DULL) {
            return None;
        }
        let details = details_of(&mut draft.details, self.spare);
        let is_exec = is_exec(details.call);
        if is_exec && !matches!(self.kind, Kind::EXECVE | Kind::CWD | Kind::SYSCALL) {
            return None;
        }
        let is_needed =
            !self.keep.only_addresses || matches!(self.kind, Kind::SOCKADDR | Kind::SOCKETCALL);
        let room = !is_needed || details.keep(self.kind, self.text, self.body_at);
        let broken = match self.kind {
            Kind::SOCKADDR => broken_address(self.body),
            Kind::PROCTITLE | Kind::CWD if !is_exec => cut_value(self.body),
            _ => None,
        };
        if broken.is_some() || !room {
            draft.seen.add(Seen::CUT);
        }
        broken
    }

    /// EXECVE: one record for up to some 7,500 bytes of arguments.
    fn add_arguments(&mut self, draft: &mut Draft) -> Option<Complaint> {
        let again = draft.seen.has(Seen::EXECVE)
            && draft.details.as_ref().is_some_and(|d| d.has_body(Kind::EXECVE, self.body));
        draft.seen.add(Seen::EXECVE);
        if again {
            draft.duplicates += 1;
            return None;
        }
        self.keep_if(draft, true);
        let cut = cut_value(self.body);
        if cut.is_some() {
            draft.seen.add(Seen::CUT);
        }
        cut
    }

    /// URINGOP stands in for SYSCALL, or beside the SYSCALL of io_uring_enter, once for each
    /// request; the one on the network is the one that counts.
    fn add_uring(&mut self, draft: &mut Draft) -> Option<Complaint> {
        let head = CallHead::from_fields(self.body);
        let call = Call::from_uring(u64::from(head.number));
        draft.seen.add(Seen::URINGOP);
        let details = details_of(&mut draft.details, self.spare);
        if details.has_body(Kind::URINGOP, self.body) {
            draft.duplicates += 1;
            return None;
        }
        if matters(call) && matches!(details.call, Call::Other | Call::IoUringEnter) {
            details.call = call;
            details.head = head;
        }
        details.keep(Kind::URINGOP, self.text, self.body_at);
        None
    }

    #[inline(never)]
    fn add_other(&mut self, draft: &mut Draft) -> Option<Complaint> {
        let hash = FixedState::default().hash_one((self.kind.0, self.body)) as u32;
        let is_new = draft.note_other(hash);
        draft.duplicates += u32::from(!is_new);
        let tells_a_peer = matches!(self.kind, Kind::AVC | Kind::LANDLOCK_ACCESS)
            && memmem::find(self.body, b"dest=").or(memmem::find(self.body, b"src=")).is_some();
        self.keep_if(draft, tells_a_peer || self.keep.all_records)
    }
}

/// A value in quotes that never closes: the kernel's buffer was full, or the line was cut.
fn cut_value(body: &[u8]) -> Option<Complaint> {
    cut::ends_in_quotes(body).then_some(Complaint::CutShort)
}

/// Memory of events that were let go.
#[allow(clippy::vec_box, reason = "the boxes are what is used again")]
pub type Spare = Vec<Box<Details>>;

#[inline]
fn details_of<'d>(place: &'d mut Option<Box<Details>>, spare: &mut Spare) -> &'d mut Details {
    place.get_or_insert_with(|| match spare.pop() {
        Some(mut details) => {
            details.clear();
            details
        }
        None => Box::default(),
    })
}

/// Whether anything later depends on such a call.
#[inline]
fn matters(call: Call) -> bool {
    !matches!(
        call,
        Call::Other
            | Call::GetSockName
            | Call::GetPeerName
            | Call::SocketPair
            | Call::Send
            | Call::Recv
    )
}

#[inline]
fn is_exec(call: Call) -> bool {
    matches!(call, Call::Execve | Call::Execveat)
}

/// An address is pairs of hex digits to its end or to its enriched part.
#[inline]
fn broken_address(body: &[u8]) -> Option<Complaint> {
    let digits = body.strip_prefix(b"saddr=")?;
    let end = memchr::memchr(super::fields::SEPARATOR, digits).unwrap_or(digits.len());
    // Without a branch for each digit, so that they are looked at many at a time.
    let all_are_hex = digits[..end].iter().fold(true, |all, b| all & b.is_ascii_hexdigit());
    if all_are_hex && end.is_multiple_of(2) {
        return None;
    }
    let length = digits.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(digits.len());
    let ends = matches!(digits.get(length), None | Some(b' ' | b'^' | b'#' | b'\\' | 0xef | b'S'));
    (!ends || !length.is_multiple_of(2)).then_some(Complaint::BrokenAddress)
}
