//! Tells which call a system call number means.
//!
//! An architecture and a number come in (`arch=c000003e syscall=42`); a [`Call`] goes out. Only
//! calls that make, use or name a connection are told apart, and those that start a program; all
//! others are [`Call::Other`]. What a call does to a connection is not known here.
//!
//! There is one table per set of numbers, and an architecture is added by a line in `elsewhere`
//! and, if it shares nobody's numbers, a table. The numbers were taken from the headers of Linux
//! 6.1 (`asm/unistd*.h`) and compared with those of `ausyscall`.

use super::arch::Arch;

macro_rules! calls {
    ($($(#[$doc:meta])* $call:ident = $name:literal;)*) => {
        /// A system call, as far as connections are concerned.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Call {
            $($(#[$doc])* $call,)*
            /// Any other call, and any number that is not in the tables.
            Other,
        }

        impl Call {
            /// The name of the call as programs know it; "other" for [`Call::Other`].
            pub fn name(self) -> &'static str {
                match self {
                    $(Call::$call => $name,)*
                    Call::Other => "other",
                }
            }

            /// Finds the call of a name, which is what interpreted logs give
            /// (`syscall=connect`).
            pub fn from_name(name: &[u8]) -> Call {
                $(if name == $name.as_bytes() {
                    return Call::$call;
                })*
                match name {
                    // The same call with a 64-bit time on a 32-bit machine.
                    b"recvmmsg_time64" => Call::RecvMmsg,
                    _ => Call::Other,
                }
            }
        }
    };
}

calls! {
    /// Makes a socket; its descriptor is the result.
    Socket = "socket";
    /// Connects a socket to an address, or for UDP only remembers the address.
    Connect = "connect";
    /// Takes a connection from a listening socket.
    Accept = "accept";
    /// [`Call::Accept`] with flags.
    Accept4 = "accept4";
    /// Gives a socket its local address.
    Bind = "bind";
    /// Opens a socket for connections.
    Listen = "listen";
    /// Sends on a connected socket. A call of its own only on some architectures.
    Send = "send";
    /// Sends, to an address if one is given.
    SendTo = "sendto";
    /// Sends a message, which may hold an address.
    SendMsg = "sendmsg";
    /// Sends several messages at once.
    SendMmsg = "sendmmsg";
    /// Receives without asking for the sender. A call of its own only on some architectures.
    Recv = "recv";
    /// Receives, and tells the sender's address.
    RecvFrom = "recvfrom";
    /// Receives a message, and tells the sender's address.
    RecvMsg = "recvmsg";
    /// Receives several messages at once.
    RecvMmsg = "recvmmsg";
    /// Asks for the local address of a socket.
    GetSockName = "getsockname";
    /// Asks for the remote address of a socket.
    GetPeerName = "getpeername";
    /// Makes two sockets that are connected to each other.
    SocketPair = "socketpair";
    /// One number for all socket calls; `a0` says which: see [`Call::from_socketcall`].
    SocketCall = "socketcall";
    /// Starts a program in this process.
    Execve = "execve";
    /// [`Call::Execve`] with a directory to start from.
    Execveat = "execveat";
    /// Hands over requests that the kernel works on by itself: see [`Call::from_uring`].
    IoUringEnter = "io_uring_enter";
}

/// Marks the numbers of x32, which shares its architecture with x86_64.
const X32: u32 = 0x4000_0000;

impl Call {
    /// The call that a number means under an architecture.
    ///
    /// ```
    /// use oddsock::audit::arch::Arch;
    /// use oddsock::audit::syscalls::Call;
    ///
    /// assert_eq!(Call::of(Arch::X86_64, 42), Call::Connect);
    /// assert_eq!(Call::of(Arch::AARCH64, 203), Call::Connect);
    /// assert_eq!(Call::of(Arch::AARCH64, 42), Call::Other);
    /// ```
    #[inline]
    pub fn of(arch: Arch, number: u32) -> Call {
        // Nearly every record of nearly every log; the rest need not be inlined.
        if arch == Arch::X86_64 && number & X32 == 0 {
            x86_64(number)
        } else {
            elsewhere(arch, number)
        }
    }

    /// The call behind a `socketcall`, whose first argument (`a0` of the SYSCALL record) says it.
    pub fn from_socketcall(subcall: u64) -> Call {
        match subcall {
            1 => Call::Socket,
            2 => Call::Bind,
            3 => Call::Connect,
            4 => Call::Listen,
            5 => Call::Accept,
            6 => Call::GetSockName,
            7 => Call::GetPeerName,
            8 => Call::SocketPair,
            9 => Call::Send,
            10 => Call::Recv,
            11 => Call::SendTo,
            12 => Call::RecvFrom,
            // 13 to 15: shutdown, setsockopt, getsockopt.
            16 => Call::SendMsg,
            17 => Call::RecvMsg,
            18 => Call::Accept4,
            19 => Call::RecvMmsg,
            20 => Call::SendMmsg,
            _ => Call::Other,
        }
    }

    /// The call that a request to io_uring (`uring_op=`) stands for.
    ///
    /// Its send may carry an address, so it is a `sendto`; its receive never tells one.
    pub fn from_uring(op: u64) -> Call {
        match op {
            9 => Call::SendMsg,
            10 => Call::RecvMsg,
            // It takes flags as accept4 does, but goes by this name in io_uring.
            13 => Call::Accept,
            16 => Call::Connect,
            26 => Call::SendTo,
            27 => Call::Recv,
            45 => Call::Socket,
            // The zero-copy forms of sending.
            47 => Call::SendTo,
            48 => Call::SendMsg,
            56 => Call::Bind,
            57 => Call::Listen,
            // The zero-copy form of receiving.
            58 => Call::Recv,
            _ => Call::Other,
        }
    }
}

/// Every architecture but x86_64 itself.
#[inline(never)]
fn elsewhere(arch: Arch, number: u32) -> Call {
    match arch {
        Arch::X86_64 => x32(number & !X32),
        Arch::I386 => i386(number),
        Arch::AARCH64 | Arch::RISCV64 | Arch::RISCV32 | Arch::LOONGARCH64 | Arch::LOONGARCH32 => {
            generic(number)
        }
        Arch::ARCOMPACT | Arch::ARCV2 | Arch::CSKY | Arch::HEXAGON => generic(number),
        Arch::NIOS2 | Arch::OPENRISC => generic(number),
        Arch::ARM | Arch::ARMEB => arm(number),
        Arch::PPC64LE | Arch::PPC64 | Arch::PPC => ppc(number),
        Arch::S390X | Arch::S390 => s390(number),
        Arch::MIPS | Arch::MIPSEL => mips_o32(number),
        Arch::MIPS64 | Arch::MIPSEL64 => mips_n64(number),
        Arch::MIPS64N32 | Arch::MIPSEL64N32 => mips_n32(number),
        Arch::SPARC | Arch::SPARC64 => sparc(number),
        Arch::PARISC | Arch::PARISC64 => parisc(number),
        Arch::ALPHA => alpha(number),
        Arch::M68K => m68k(number),
        Arch::SH | Arch::SHEL => sh(number),
        _ => Call::Other,
    }
}

macro_rules! table {
    ($table:ident: $($number:literal $call:ident,)*) => {
        #[inline]
        fn $table(number: u32) -> Call {
            match number {
                $($number => Call::$call,)*
                _ => Call::Other,
            }
        }
    };
}

// Tables for 32 and 64 bits are one where the numbers agree. Then 417, recvmmsg with a 64-bit
// time, is in it for the 32-bit half; the 64-bit half has no call of that number.

table! {
    x86_64:
    41 Socket, 42 Connect, 43 Accept, 44 SendTo, 45 RecvFrom, 46 SendMsg, 47 RecvMsg, 49 Bind,
    50 Listen, 51 GetSockName, 52 GetPeerName, 53 SocketPair, 59 Execve, 288 Accept4, 299 RecvMmsg,
    307 SendMmsg, 322 Execveat, 426 IoUringEnter,
}

table! {
    // Numbers without the marker bit. Calls whose arguments hold pointers got numbers of their own.
    x32:
    41 Socket, 42 Connect, 43 Accept, 44 SendTo, 49 Bind, 50 Listen, 51 GetSockName, 52 GetPeerName,
    53 SocketPair, 288 Accept4, 426 IoUringEnter, 517 RecvFrom, 518 SendMsg, 519 RecvMsg,
    520 Execve, 537 RecvMmsg, 538 SendMmsg, 545 Execveat,
}

table! {
    // Direct socket calls exist since Linux 4.3; `accept` was left out, C libraries use `accept4`.
    i386:
    11 Execve, 102 SocketCall, 337 RecvMmsg, 345 SendMmsg, 358 Execveat, 359 Socket, 360 SocketPair,
    361 Bind, 362 Connect, 363 Listen, 364 Accept4, 367 GetSockName, 368 GetPeerName, 369 SendTo,
    370 SendMsg, 371 RecvFrom, 372 RecvMsg, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    // asm-generic/unistd.h, which all but the old architectures share.
    generic:
    198 Socket, 199 SocketPair, 200 Bind, 201 Listen, 202 Accept, 203 Connect, 204 GetSockName,
    205 GetPeerName, 206 SendTo, 207 RecvFrom, 211 SendMsg, 212 RecvMsg, 221 Execve, 242 Accept4,
    243 RecvMmsg, 269 SendMmsg, 281 Execveat, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    // EABI, both byte orders. A kernel that also speaks the older ABI has no system call audit.
    arm:
    11 Execve, 281 Socket, 282 Bind, 283 Connect, 284 Listen, 285 Accept, 286 GetSockName,
    287 GetPeerName, 288 SocketPair, 289 Send, 290 SendTo, 291 Recv, 292 RecvFrom, 296 SendMsg,
    297 RecvMsg, 365 RecvMmsg, 366 Accept4, 374 SendMmsg, 387 Execveat, 417 RecvMmsg,
    426 IoUringEnter,
}

table! {
    // All of POWER, 32 and 64 bits.
    ppc:
    11 Execve, 102 SocketCall, 326 Socket, 327 Bind, 328 Connect, 329 Listen, 330 Accept,
    331 GetSockName, 332 GetPeerName, 333 SocketPair, 334 Send, 335 SendTo, 336 Recv, 337 RecvFrom,
    341 SendMsg, 342 RecvMsg, 343 RecvMmsg, 344 Accept4, 349 SendMmsg, 362 Execveat, 417 RecvMmsg,
    426 IoUringEnter,
}

table! {
    // 31 and 64 bits. No `accept`, as on i386.
    s390:
    11 Execve, 102 SocketCall, 354 Execveat, 357 RecvMmsg, 358 SendMmsg, 359 Socket, 360 SocketPair,
    361 Bind, 362 Connect, 363 Listen, 364 Accept4, 367 GetSockName, 368 GetPeerName, 369 SendTo,
    370 SendMsg, 371 RecvFrom, 372 RecvMsg, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    // 32 bits.
    mips_o32:
    4011 Execve, 4102 SocketCall, 4168 Accept, 4169 Bind, 4170 Connect, 4171 GetPeerName,
    4172 GetSockName, 4174 Listen, 4175 Recv, 4176 RecvFrom, 4177 RecvMsg, 4178 Send, 4179 SendMsg,
    4180 SendTo, 4183 Socket, 4184 SocketPair, 4334 Accept4, 4335 RecvMmsg, 4343 SendMmsg,
    4356 Execveat, 4417 RecvMmsg, 4426 IoUringEnter,
}

table! {
    mips_n64:
    5040 Socket, 5041 Connect, 5042 Accept, 5043 SendTo, 5044 RecvFrom, 5045 SendMsg, 5046 RecvMsg,
    5048 Bind, 5049 Listen, 5050 GetSockName, 5051 GetPeerName, 5052 SocketPair, 5057 Execve,
    5293 Accept4, 5294 RecvMmsg, 5302 SendMmsg, 5316 Execveat, 5426 IoUringEnter,
}

table! {
    // 64-bit machine, 32-bit pointers.
    mips_n32:
    6040 Socket, 6041 Connect, 6042 Accept, 6043 SendTo, 6044 RecvFrom, 6045 SendMsg, 6046 RecvMsg,
    6048 Bind, 6049 Listen, 6050 GetSockName, 6051 GetPeerName, 6052 SocketPair, 6057 Execve,
    6297 Accept4, 6298 RecvMmsg, 6307 SendMmsg, 6320 Execveat, 6417 RecvMmsg, 6426 IoUringEnter,
}

table! {
    sparc:
    59 Execve, 97 Socket, 98 Connect, 99 Accept, 113 RecvMsg, 114 SendMsg, 125 RecvFrom, 133 SendTo,
    135 SocketPair, 141 GetPeerName, 150 GetSockName, 206 SocketCall, 323 Accept4, 328 RecvMmsg,
    336 SendMmsg, 350 Execveat, 353 Bind, 354 Listen, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    parisc:
    11 Execve, 17 Socket, 22 Bind, 31 Connect, 32 Listen, 35 Accept, 44 GetSockName, 53 GetPeerName,
    56 SocketPair, 58 Send, 82 SendTo, 98 Recv, 123 RecvFrom, 183 SendMsg, 184 RecvMsg,
    319 RecvMmsg, 320 Accept4, 329 SendMmsg, 342 Execveat, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    alpha:
    59 Execve, 97 Socket, 98 Connect, 99 Accept, 101 Send, 102 Recv, 104 Bind, 106 Listen,
    113 RecvMsg, 114 SendMsg, 125 RecvFrom, 133 SendTo, 135 SocketPair, 141 GetPeerName,
    150 GetSockName, 479 RecvMmsg, 502 Accept4, 503 SendMmsg, 513 Execveat, 536 IoUringEnter,
}

table! {
    m68k:
    11 Execve, 102 SocketCall, 355 Execveat, 356 Socket, 357 SocketPair, 358 Bind, 359 Connect,
    360 Listen, 361 Accept4, 364 GetSockName, 365 GetPeerName, 366 SendTo, 367 SendMsg,
    368 RecvFrom, 369 RecvMsg, 371 RecvMmsg, 372 SendMmsg, 417 RecvMmsg, 426 IoUringEnter,
}

table! {
    sh:
    11 Execve, 102 SocketCall, 340 Socket, 341 Bind, 342 Connect, 343 Listen, 344 Accept,
    345 GetSockName, 346 GetPeerName, 347 SocketPair, 348 Send, 349 SendTo, 350 Recv, 351 RecvFrom,
    355 SendMsg, 356 RecvMsg, 357 RecvMmsg, 358 Accept4, 363 SendMmsg, 376 Execveat, 417 RecvMmsg,
    426 IoUringEnter,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line per architecture: the calls and then the numbers that they have there.
    #[test]
    fn every_architecture_numbers_the_calls_in_its_own_way() {
        use Call::*;
        let calls = [Socket, Connect, Bind, Accept4, SendTo, SendMmsg, RecvMsg, Execve, Execveat];
        let known = [
            (Arch::X86_64, [41, 42, 49, 288, 44, 307, 47, 59, 322]),
            (Arch::I386, [359, 362, 361, 364, 369, 345, 372, 11, 358]),
            (Arch::AARCH64, [198, 203, 200, 242, 206, 269, 212, 221, 281]),
            (Arch::RISCV64, [198, 203, 200, 242, 206, 269, 212, 221, 281]),
            (Arch::LOONGARCH64, [198, 203, 200, 242, 206, 269, 212, 221, 281]),
            (Arch::ARM, [281, 283, 282, 366, 290, 374, 297, 11, 387]),
            (Arch::PPC64, [326, 328, 327, 344, 335, 349, 342, 11, 362]),
            (Arch::PPC64LE, [326, 328, 327, 344, 335, 349, 342, 11, 362]),
            (Arch::S390X, [359, 362, 361, 364, 369, 358, 372, 11, 354]),
            (Arch::MIPS, [4183, 4170, 4169, 4334, 4180, 4343, 4177, 4011, 4356]),
            (Arch::MIPSEL64, [5040, 5041, 5048, 5293, 5043, 5302, 5046, 5057, 5316]),
            (Arch::SPARC64, [97, 98, 353, 323, 133, 336, 113, 59, 350]),
        ];
        for (arch, numbers) in known {
            for (call, number) in calls.into_iter().zip(numbers) {
                assert_eq!(Call::of(arch, number), call, "{arch} {number}");
            }
        }
    }

    #[test]
    fn x32_shares_some_numbers_with_x86_64_and_changes_others() {
        let x32 = |number| Call::of(Arch::X86_64, X32 | number);
        assert_eq!(x32(42), Call::Connect);
        assert_eq!(x32(426), Call::IoUringEnter);
        assert_eq!(x32(517), Call::RecvFrom);
        assert_eq!(x32(518), Call::SendMsg);
        assert_eq!(x32(520), Call::Execve);
        // The numbers of x86_64 for the same calls mean nothing here, and the other way round.
        assert_eq!(x32(45), Call::Other);
        assert_eq!(x32(59), Call::Other);
        assert_eq!(Call::of(Arch::X86_64, 520), Call::Other);
    }

    #[test]
    fn a_neighbouring_number_or_architecture_is_another_call() {
        assert_eq!(Call::of(Arch::X86_64, 48), Call::Other); // shutdown
        assert_eq!(Call::of(Arch::X86_64, 54), Call::Other); // setsockopt
        assert_eq!(Call::of(Arch::I386, 42), Call::Other); // pipe
        assert_eq!(Call::of(Arch::S390X, 102), Call::SocketCall);
        assert_eq!(Call::of(Arch::X86_64, 102), Call::Other); // getuid
        assert_eq!(Call::of(Arch(0), 42), Call::Other);
        assert_eq!(Call::of(Arch::IA64, 1192), Call::Other);
        assert_eq!(Call::of(Arch::X86_64, u32::MAX), Call::Other);
    }

    #[test]
    fn io_uring_has_one_number_on_all_but_the_odd_architectures() {
        for arch in [Arch::X86_64, Arch::I386, Arch::AARCH64, Arch::ARM, Arch::PPC64, Arch::S390X] {
            assert_eq!(Call::of(arch, 426), Call::IoUringEnter, "{arch}");
        }
        assert_eq!(Call::of(Arch::MIPS64, 5426), Call::IoUringEnter);
        assert_eq!(Call::of(Arch::ALPHA, 536), Call::IoUringEnter);
        assert_eq!(Call::of(Arch::ALPHA, 426), Call::Other);
    }

    #[test]
    fn the_first_argument_of_socketcall_says_which_call_it_is() {
        assert_eq!(Call::from_socketcall(1), Call::Socket);
        assert_eq!(Call::from_socketcall(3), Call::Connect);
        assert_eq!(Call::from_socketcall(5), Call::Accept);
        assert_eq!(Call::from_socketcall(18), Call::Accept4);
        assert_eq!(Call::from_socketcall(20), Call::SendMmsg);
        for subcall in [0, 13, 14, 15, 21, u64::MAX] {
            assert_eq!(Call::from_socketcall(subcall), Call::Other, "{subcall}");
        }
    }

    #[test]
    fn requests_to_io_uring_are_calls_under_other_numbers() {
        assert_eq!(Call::from_uring(16), Call::Connect);
        assert_eq!(Call::from_uring(13), Call::Accept);
        assert_eq!(Call::from_uring(26), Call::SendTo);
        assert_eq!(Call::from_uring(48), Call::SendMsg);
        assert_eq!(Call::from_uring(57), Call::Listen);
        for op in [0, 18, 34, 46, 59, u64::MAX] {
            assert_eq!(Call::from_uring(op), Call::Other, "{op}");
        }
    }

    #[test]
    fn names_lead_back_to_their_calls() {
        for call in [Call::Accept, Call::Accept4, Call::RecvMmsg, Call::IoUringEnter] {
            assert_eq!(Call::from_name(call.name().as_bytes()), call);
        }
        assert_eq!(Call::from_name(b"recvmmsg_time64"), Call::RecvMmsg);
        for name in ["", "Connect", "connec", "shutdown", "accept5", "other"] {
            assert_eq!(Call::from_name(name.as_bytes()), Call::Other, "{name}");
        }
    }
}
