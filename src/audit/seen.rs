//! Which records of an event have been seen, as flags.

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
    /// The call is known and none of the other records matter to what is wanted.
    pub const DULL: Seen = Seen(1 << 10);
    /// An EXECVE record that goes on with the arguments of another.
    pub const MORE_ARGUMENTS: Seen = Seen(1 << 11);
    /// The call is known and none of the other records matter, whatever is wanted.
    pub const ORDINARY: Seen = Seen(1 << 12);
    /// A record that contradicts another of its kind.
    pub const UNLIKE: Seen = Seen(1 << 13);
    /// Records that there was no room for, or a second connection.
    pub const LEFT_OUT: Seen = Seen(1 << 14);
    /// An event that was there before.
    pub const AGAIN: Seen = Seen(1 << 15);

    /// The records of which an event has one.
    pub const ONCE: [Seen; 7] = [
        Seen::SYSCALL,
        Seen::SOCKADDR,
        Seen::PROCTITLE,
        Seen::CWD,
        Seen::EXECVE,
        Seen::SOCKETCALL,
        Seen::EOE,
    ];

    /// How many of these have contents; the end of an event has none.
    pub const SINGLE: usize = 6;

    /// The place of a flag among the flags.
    #[inline]
    pub fn place(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// The flag at a place.
    pub fn at(place: usize) -> Seen {
        Seen(1 << place)
    }

    /// Whether the event lacks a record that it should have, or holds one that cannot be true.
    pub fn is_doubtful(self) -> bool {
        self.has(Seen(Seen::CUT.0 | Seen::UNLIKE.0 | Seen::LEFT_OUT.0))
    }

    #[inline]
    pub fn has(self, other: Seen) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    pub fn add(&mut self, other: Seen) {
        self.0 |= other.0;
    }

    /// Adds or takes away.
    pub fn set(&mut self, other: Seen, is_seen: bool) {
        self.0 = if is_seen { self.0 | other.0 } else { self.0 & !other.0 };
    }

    /// Whether there were records that only ever stand beside a call's.
    pub fn is_part_of_call(self) -> bool {
        const BESIDE: u16 = Seen::SOCKADDR.0
            | Seen::PROCTITLE.0
            | Seen::CWD.0
            | Seen::EXECVE.0
            | Seen::MORE_ARGUMENTS.0
            | Seen::SOCKETCALL.0
            | Seen::EOE.0;
        self.0 & BESIDE != 0
    }
}
