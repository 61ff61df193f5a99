//! Adds a record to the draft of its event: what matters, what is kept, what is wrong with it.
//!
//! The call decides. Before its SYSCALL record was seen, every record that could matter is kept;
//! after it, only those that do.

use memchr::memmem;

use super::call_head::{self, CallHead};
use super::complaint::Complaint;
use super::cut;
use super::details::Details;
use super::draft::Draft;
use super::gathering::Keep;
use super::kind::Kind;
use super::prints::{Print, Printing};
use super::seen::Seen;
use super::syscalls::Call;

/// A record about to be added to the draft of its event.
#[derive(Debug)]
pub struct Record<'a> {
    kind: Kind,
    text: &'a [u8],
    body: &'a [u8],
    body_at: usize,
}

/// Adds records to drafts.
#[derive(Debug)]
pub struct Adding {
    /// What is wanted of the events.
    pub keep: Keep,
    /// Memory to use again.
    pub spare: Spare,
    /// What tells records that say the same from others.
    pub printing: Printing,
    /// Whether nothing of the event can have come in an earlier piece, so that a call which does
    /// not matter settles that nothing of it will.
    pub is_from_its_beginning: bool,
}

impl<'a> Record<'a> {
    /// A record whose body begins there and goes on to the end of the text.
    #[inline]
    pub fn of(text: &'a [u8], kind: Kind, body_at: usize) -> Record<'a> {
        Record { kind, text, body: &text[body_at..], body_at }
    }

    /// How many bytes it has.
    #[inline]
    pub fn length(&self) -> usize {
        self.text.len()
    }
}

impl Adding {
    /// Adds the record to its event, and says what is wrong with it.
    ///
    /// What is wrong is judged by the record alone, whatever becomes of it, so that the account is
    /// the same however the input was cut.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>, draft: &mut Draft) -> Option<Complaint> {
        if !record.kind.is_daemon() {
            draft.seen.add(Seen::KERNEL);
        }
        // Questions one after the other, in the order of `Kind::leading`: by then the processor has
        // guessed the answers already, which it cannot do for the one leap of a `match`.
        let complaint = if record.kind == Kind::PATH {
            let is_new = draft.note_path(record.body);
            draft.duplicates += u32::from(!is_new);
            if self.keep.all_records {
                self.keep_path(record, draft);
            }
            None
        } else if record.kind == Kind::SYSCALL {
            return self.add_call(record, draft);
        } else if record.kind == Kind::PROCTITLE {
            self.add_title(record, draft);
            cut_field(b"proctitle=\"", record.body)
        } else if record.kind == Kind::SOCKADDR {
            self.add_once(Seen::SOCKADDR, true, record, draft);
            broken_address(record.body)
        } else if record.kind == Kind::CWD {
            self.add_once(Seen::CWD, true, record, draft);
            cut_field(b"cwd=\"", record.body)
        } else {
            self.add_rarer(record, draft)
        };
        if complaint.is_some() {
            draft.seen.add(Seen::CUT);
        }
        complaint
    }

    #[inline(never)]
    fn add_rarer(&mut self, record: &Record<'_>, draft: &mut Draft) -> Option<Complaint> {
        match record.kind {
            Kind::SOCKETCALL => self.add_once(Seen::SOCKETCALL, true, record, draft),
            Kind::EXECVE => {
                self.add_arguments(record, draft);
                let is_cut = cut::arguments_stop_early(record.body);
                return is_cut.then_some(Complaint::CutShort);
            }
            Kind::URINGOP => self.add_uring(record, draft),
            Kind::EOE => {
                draft.repeats += u32::from(draft.seen.has(Seen::EOE));
                draft.seen.add(Seen::EOE);
            }
            _ => self.add_other(record, draft),
        }
        None
    }

    /// A SYSCALL record: what the event is about, and whether its other records matter.
    #[inline]
    fn add_call(&mut self, record: &Record<'_>, draft: &mut Draft) -> Option<Complaint> {
        let call = match call_head::arch_and_number(record.body) {
            Some((arch, number, _)) => Call::of(arch, number),
            None => {
                let head = CallHead::from_fields(record.body);
                head.arch.map_or(Call::Other, |arch| Call::of(arch, head.number))
            }
        };
        if matters(call) {
            self.add_call_that_matters(call, record, draft)
        } else {
            self.add_dull_call(false, record, draft);
            None
        }
    }

    /// A call that nobody wants to know of here, unless it handed in a request to io_uring.
    #[inline]
    fn add_dull_call(&mut self, matters: bool, record: &Record<'_>, draft: &mut Draft) {
        if draft.seen.has(Seen::SYSCALL) {
            return self.add_second_call(matters, record, draft);
        }
        draft.seen.add(Seen::SYSCALL);
        if !draft.seen.has(Seen::URINGOP) {
            draft.seen.add(Seen::DULL);
            if !matters {
                draft.seen.add(Seen::ORDINARY);
            }
            if self.is_from_its_beginning {
                let print = if matters { self.print_call(true, record) } else { Print::DULL_CALL };
                draft.prints.note_once(Seen::SYSCALL, print);
                draft.details = None;
                return;
            }
        }
        draft.prints.note_once(Seen::SYSCALL, self.print_call(matters, record));
        self.keep_first(!self.keep.only_addresses, record, draft);
    }

    /// A call of an event that has one already: the first counts.
    #[cold]
    fn add_second_call(&mut self, matters: bool, record: &Record<'_>, draft: &mut Draft) {
        draft.repeats += 1;
        if draft.prints.note_once(Seen::SYSCALL, self.print_call(matters, record)) {
            self.keep_one_more(true, record, draft);
        }
    }

    #[inline]
    fn print_call(&self, matters: bool, record: &Record<'_>) -> Print {
        self.printing.print(record.body).of_call(matters)
    }

    #[inline]
    fn add_call_that_matters(
        &mut self,
        call: Call,
        record: &Record<'_>,
        draft: &mut Draft,
    ) -> Option<Complaint> {
        let before_cut = cut::before_cut(record.body);
        let head = CallHead::parse(before_cut.unwrap_or(record.body));
        let is_direct = call != Call::SocketCall;
        let call = if is_direct { call } else { Call::from_socketcall(head.arguments[0]) };
        let is_cut = before_cut.is_some() || head.pid.is_none() || cut::ends_in_quotes(record.body);
        if is_cut {
            draft.seen.add(Seen::CUT);
        }
        let is_exec = matches!(call, Call::Execve | Call::Execveat);
        let changes_nothing = (is_exec || call == Call::Socket) && head.success == Some(false);
        let is_unwanted = self.keep.only_addresses && is_exec;
        if !matters(call) || changes_nothing || is_unwanted {
            self.add_dull_call(matters(call) && !changes_nothing, record, draft);
        } else if draft.seen.has(Seen::SYSCALL) {
            self.add_second_call(true, record, draft);
        } else {
            draft.seen.add(Seen::SYSCALL);
            draft.prints.note_once(Seen::SYSCALL, self.print_call(true, record));
            let details = details_of(&mut draft.details, &mut self.spare);
            // Behind a request to io_uring stands the io_uring_enter that handed it in.
            if !draft.seen.has(Seen::URINGOP) {
                details.call = call;
                details.head = head;
            }
            let is_request = draft.seen.has(Seen::URINGOP);
            // Of a socket, family, type and result are all in the head: nothing else matters.
            let is_told = call == Call::Socket && is_direct && !is_cut && !is_request;
            if is_told {
                draft.seen.add(Seen::DULL);
                draft.seen.add(Seen::ORDINARY);
            }
            if !(is_told && self.is_from_its_beginning || self.keep.only_addresses) {
                details.keep(Kind::SYSCALL, record.text, record.body_at);
            }
        }
        is_cut.then_some(Complaint::CutShort)
    }

    /// The title matters for a connection; an exec has its arguments.
    #[inline]
    fn add_title(&mut self, record: &Record<'_>, draft: &mut Draft) {
        let call = draft.details.as_ref().map(|details| details.call);
        let is_exec = matches!(call, Some(Call::Execve | Call::Execveat));
        self.add_once(Seen::PROCTITLE, !is_exec, record, draft);
    }

    /// A record of which an event has one.
    #[inline]
    fn add_once(&mut self, flag: Seen, is_wanted: bool, record: &Record<'_>, draft: &mut Draft) {
        if draft.seen.has(flag) {
            return self.add_second(flag, record, draft);
        }
        draft.seen.add(flag);
        if draft.seen.has(Seen::ORDINARY) && self.is_from_its_beginning {
            return;
        }
        draft.prints.note_once(flag, self.printing.print(record.body));
        let tells_family = matches!(record.kind, Kind::SOCKADDR | Kind::SOCKETCALL);
        self.keep_first(is_wanted && (tells_family || !self.keep.only_addresses), record, draft);
    }

    /// A record of which an event has one, and had one already: the first counts.
    #[cold]
    fn add_second(&mut self, flag: Seen, record: &Record<'_>, draft: &mut Draft) {
        draft.repeats += 1;
        let is_over = draft.seen.has(Seen::ORDINARY) && self.is_from_its_beginning;
        if !is_over && draft.prints.note_once(flag, self.printing.print(record.body)) {
            self.keep_one_more(true, record, draft);
        }
    }

    /// Keeps a record of which an event has one.
    #[inline]
    fn keep_first(&mut self, is_wanted: bool, record: &Record<'_>, draft: &mut Draft) {
        if is_wanted && !self.is_over(draft) {
            let details = details_of(&mut draft.details, &mut self.spare);
            details.keep(record.kind, record.text, record.body_at);
        }
    }

    /// Keeps a record of which an event may have several, or one that contradicts another.
    #[inline(never)]
    fn keep_one_more(&mut self, is_unlike: bool, record: &Record<'_>, draft: &mut Draft) {
        if self.keep.only_addresses || self.is_over(draft) {
            return;
        }
        let details = details_of(&mut draft.details, &mut self.spare);
        if !details.keep_one_more(record.kind, record.text, record.body_at, is_unlike) {
            draft.seen.add(Seen::LEFT_OUT);
        }
    }

    /// Whether nothing that comes can matter to the event.
    #[inline]
    fn is_over(&self, draft: &Draft) -> bool {
        draft.seen.has(Seen::DULL) && self.is_from_its_beginning
    }

    /// A PATH record, to be printed again unless it was the same: its item number counts it, and
    /// may be that of another.
    fn keep_path(&mut self, record: &Record<'_>, draft: &mut Draft) {
        let was_kept = |details: &Details| details.has(record.kind, record.body);
        if !draft.details.as_deref().is_some_and(was_kept) {
            self.keep_one_more(false, record, draft);
        }
    }

    /// EXECVE: one record for up to some 7,500 bytes of arguments, the first of which has `argc=`.
    fn add_arguments(&mut self, record: &Record<'_>, draft: &mut Draft) {
        if !record.body.starts_with(b"argc=") {
            draft.seen.add(Seen::MORE_ARGUMENTS);
            return self.add_new(true, record, draft);
        }
        self.add_once(Seen::EXECVE, true, record, draft);
    }

    /// A record that is kept unless the same was there before.
    fn add_new(&mut self, is_wanted: bool, record: &Record<'_>, draft: &mut Draft) {
        if !draft.prints.note_other(self.printing.print_other(record.kind, record.body)) {
            draft.duplicates += 1;
        } else if is_wanted {
            self.keep_one_more(false, record, draft);
        }
    }

    /// URINGOP stands in for SYSCALL, or beside the SYSCALL of io_uring_enter, once for each
    /// request; of those on the network one counts.
    fn add_uring(&mut self, record: &Record<'_>, draft: &mut Draft) {
        if self.is_over(draft) {
            return self.add_new(true, record, draft);
        }
        draft.seen.add(Seen::URINGOP);
        let mut head = CallHead::from_fields(record.body);
        head.arch = None;
        let call = Call::from_uring(u64::from(head.number));
        let details = details_of(&mut draft.details, &mut self.spare);
        if matters(call) && !details.take_request(call, head) {
            draft.seen.add(Seen::LEFT_OUT);
        }
        self.add_new(true, record, draft);
    }

    #[inline(never)]
    fn add_other(&mut self, record: &Record<'_>, draft: &mut Draft) {
        let tells_a_peer = matches!(record.kind, Kind::AVC | Kind::LANDLOCK_ACCESS)
            && memmem::find(record.body, b"dest=").or(memmem::find(record.body, b"src=")).is_some();
        self.add_new(tells_a_peer || self.keep.all_records, record, draft);
    }
}

/// A record with one field, whose quotes open and do not close.
#[inline]
fn cut_field(opening: &[u8], body: &[u8]) -> Option<Complaint> {
    let is_cut = body.strip_prefix(opening).is_some_and(|text| !text.contains(&b'"'));
    is_cut.then_some(Complaint::CutShort)
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
