//! Numbers for events that have lost their ids.
//!
//! Records come in, in the order of the journal: host, time, process and kind; for each the number
//! of its event goes out, counted from 1 for each host. The records of an event have one time, and
//! the kernel writes them in an order of its own: decisions of SELinux and the like while the call
//! runs, at its end SYSCALL, then what belongs to it, and the title last. So a record that cannot
//! come behind the last one of its time begins another event.
//!
//! What this cannot tell: two processors that write the records of two calls at once, in one
//! second where the form has seconds only, or in one millisecond.

use std::collections::VecDeque;

use indexmap::IndexMap;
use memchr::memmem;

use super::journal_line::JournalLine;

/// How many events are watched for more records: those of the newest times.
const MOST_OPEN: usize = 64;
/// How many hosts are counted apart; a file that names more was made to exhaust memory.
const MOST_HOSTS: usize = 1 << 12;

/// The events of a file so far.
#[derive(Debug, Default)]
pub struct JournalEvents {
    counts: IndexMap<String, u64>,
    open: VecDeque<Open>,
}

/// The last event of a host and time.
#[derive(Debug)]
struct Open {
    host: usize,
    micros: u64,
    number: u64,
    process: Option<String>,
    place: Place,
}

impl JournalEvents {
    /// The number of the event that the next record belongs to.
    pub fn number(&mut self, line: &JournalLine, micros: u64) -> u64 {
        let host = self.host(line.host.unwrap_or_default());
        let (process, place) = (line.process, Place::of(line));
        let of_this_time = |open: &Open| open.host == host && open.micros == micros;
        let last = self.open.iter().rposition(of_this_time);
        if let Some(last) = last
            && let open = &mut self.open[last]
            && open.place.may_precede(place)
            && (place > Place::Call || same_process(open.process.as_deref(), process))
        {
            if place != Place::Anywhere {
                open.place = place;
            }
            open.process = open.process.take().or(process.map(str::to_owned));
            return open.number;
        }
        if let Some(last) = last {
            self.open.remove(last);
        } else if self.open.len() == MOST_OPEN {
            self.open.pop_front();
        }
        let count = &mut self.counts[host];
        *count += 1;
        let (number, process) = (*count, process.map(str::to_owned));
        self.open.push_back(Open { host, micros, number, process, place });
        number
    }

    fn host(&mut self, name: &str) -> usize {
        if let Some(host) = self.counts.get_index_of(name) {
            return host;
        }
        if self.counts.len() == MOST_HOSTS {
            self.counts.clear();
            self.open.clear();
        }
        self.counts.insert_full(name.to_owned(), 0).0
    }
}

/// Records of the kernel's own threads name no process.
fn same_process(one: Option<&str>, other: Option<&str>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Where a record stands in its event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Place {
    /// While the call runs.
    Ahead,
    /// A request to io_uring, which is an event of its own or belongs to the call behind it.
    Request,
    /// The call that hands requests in, io_uring_enter.
    Enter,
    Call,
    Arguments,
    Pair,
    Address,
    Target,
    Directory,
    Path,
    Title,
    End,
    /// In any event, at any place.
    Anywhere,
    /// In an event of its own.
    Alone,
}

impl Place {
    fn of(line: &JournalLine) -> Place {
        match line.kind {
            // Its number on all machines but the Alpha.
            "SYSCALL" if memmem::find(line.message, b" syscall=426 ").is_some() => Place::Enter,
            "SYSCALL" => Place::Call,
            "URINGOP" | "AUDIT1336" => Place::Request,
            "SOCKETCALL" | "EXECVE" | "IPC" | "IPC_SET_PERM" | "MMAP" | "BPRM_FCAPS" | "CAPSET"
            | "MQ_OPEN" | "MQ_SENDRECV" | "MQ_NOTIFY" | "MQ_GETSETATTR" | "KERN_MODULE"
            | "TIME_INJOFFSET" | "TIME_ADJNTPVAL" | "OPENAT2" => Place::Arguments,
            "FD_PAIR" => Place::Pair,
            "SOCKADDR" => Place::Address,
            "OBJ_PID" => Place::Target,
            "CWD" => Place::Directory,
            "PATH" => Place::Path,
            "PROCTITLE" => Place::Title,
            "EOE" => Place::End,
            "AVC" | "AVC_PATH" | "SELINUX_ERR" | "SECCOMP" | "BPF" | "NETFILTER_CFG"
            | "FANOTIFY" | "CONFIG_CHANGE" | "LOGIN" | "LANDLOCK_ACCESS" | "LANDLOCK_DOMAIN" => {
                Place::Ahead
            }
            // The labels of several security modules stand behind the records that they belong to.
            "MAC_TASK_CONTEXTS" | "MAC_OBJ_CONTEXTS" => Place::Anywhere,
            kind if kind.starts_with("MAC_") || kind.starts_with("INTEGRITY_") => Place::Ahead,
            // A kind that the journal has no name for: `AUDIT1420`.
            kind if kind.starts_with("AUDIT1") => Place::Anywhere,
            _ => Place::Alone,
        }
    }

    /// Whether an event whose last record stands here may have one of `next` behind it.
    fn may_precede(self, next: Place) -> bool {
        match next {
            _ if self == Place::Alone => false,
            Place::Alone => false,
            Place::Anywhere => true,
            Place::Request | Place::Call => self == Place::Ahead,
            Place::Enter => self <= Place::Request,
            Place::Ahead | Place::Arguments | Place::Target | Place::Path => self <= next,
            _ => self < next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers records given as `HOST@SECONDS RECORD PROCESS`, one on a line.
    fn check(records: &str, expected: &[u64]) {
        let mut events = JournalEvents::default();
        let number = |record: &str| {
            let mut words = record.split_whitespace();
            let (host, seconds) = words.next()?.split_once('@')?;
            let (message, process) = (words.next()?.replace('/', " "), words.next());
            let tag = process.map_or("audit".to_owned(), |process| format!("audit[{process}]"));
            let line = format!("{seconds}.000000 {host} {tag}: {message} ");
            Some(events.number(&JournalLine::parse(line.as_bytes())?, seconds.parse().ok()?))
        };
        let numbers: Option<Vec<u64>> = records.lines().map(number).collect();
        assert_eq!(numbers.as_deref(), Some(expected), "{records}");
    }

    #[test]
    fn the_records_of_an_event_follow_its_call() {
        check(
            "a@1 SYSCALL 7
             a@1 SOCKADDR
             a@1 PROCTITLE
             a@1 SYSCALL 7
             a@1 CWD
             a@1 PATH
             a@1 PATH
             a@1 PROCTITLE
             a@1 USER_AUTH 8
             a@1 PROCTITLE",
            &[1, 1, 1, 2, 2, 2, 2, 2, 3, 4],
        );
    }

    #[test]
    fn a_decision_belongs_to_the_call_of_its_process_that_follows() {
        check(
            "a@1 AVC 7
             a@1 AVC 7
             a@1 AUDIT1420
             a@1 SYSCALL 7
             a@1 PROCTITLE
             a@1 AVC 7
             a@1 SYSCALL 8",
            &[1, 1, 1, 1, 1, 2, 3],
        );
    }

    #[test]
    fn a_request_to_io_uring_belongs_to_the_call_that_hands_it_in_and_to_no_other() {
        check(
            "a@1 URINGOP/uring_op=16 7
             a@1 SYSCALL/syscall=426 7
             a@1 SOCKADDR
             a@1 PROCTITLE
             a@1 URINGOP/uring_op=16 7
             a@1 SYSCALL/syscall=41 7
             a@1 PROCTITLE
             a@1 URINGOP/uring_op=16 7
             a@1 URINGOP/uring_op=16 7",
            &[1, 1, 1, 1, 2, 3, 3, 4, 5],
        );
    }

    #[test]
    fn times_and_hosts_that_alternate_are_kept_apart() {
        check(
            "a@1 SYSCALL 7
             a@2 SYSCALL 8
             b@1 SYSCALL 9
             a@1 SOCKADDR
             b@1 SOCKADDR
             a@2 SOCKADDR",
            &[1, 2, 1, 1, 1, 2],
        );
    }

    #[test]
    fn a_second_address_and_one_behind_the_title_are_of_another_event() {
        check("a@1 SYSCALL 7\na@1 SOCKADDR\na@1 SOCKADDR", &[1, 1, 2]);
        check("a@1 SYSCALL 7\na@1 PROCTITLE\na@1 SOCKADDR", &[1, 1, 2]);
        check("a@1 SYSCALL 7\na@2 SOCKADDR", &[1, 2]);
    }

    #[test]
    fn a_file_of_countless_hosts_and_times_costs_little_memory() {
        let mut events = JournalEvents::default();
        for number in 0..20_000 {
            let line = format!("1.000000 host-{number} audit: SYSCALL arch=c000003e");
            events.number(&JournalLine::parse(line.as_bytes()).unwrap(), number);
        }
        assert!(events.open.len() <= MOST_OPEN && events.counts.len() <= MOST_HOSTS);
    }
}
