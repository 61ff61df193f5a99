//! The records of one event, and what they tell.
//!
//! A scene fills an event, the truth counts it, and its text goes into the log. How records are
//! spelled is not known here.

/// The records of one event, as text, and what the truth needs to know about them.
#[derive(Default)]
pub struct Event {
    pub text: String,
    /// Where in the text each record ends.
    pub ends: Vec<usize>,
    pub pid: u32,
    pub tells: Tells,
    pub success: bool,
    /// Its call slept in the kernel, so it is logged with an old time.
    pub slept: bool,
}

impl Event {
    pub fn records(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

/// What the truth counts an event as.
#[derive(Clone, Copy, Default)]
pub enum Tells {
    Address(Call, Family),
    Socket,
    Execution,
    #[default]
    Other,
}

/// The calls whose events carry an address, in the order of the truth line.
#[derive(Clone, Copy)]
pub enum Call {
    Connect,
    Accept4,
    SendTo,
    Bind,
}

#[derive(Clone, Copy)]
pub enum Family {
    Inet,
    Inet6,
    Unix,
    Netlink,
}

/// A call's name, and its number on x86-64.
pub type SystemCall = (&'static str, u32);

pub const CONNECT: SystemCall = ("connect", 42);
pub const ACCEPT4: SystemCall = ("accept4", 288);
pub const SENDTO: SystemCall = ("sendto", 44);
pub const BIND: SystemCall = ("bind", 49);
pub const SOCKET: SystemCall = ("socket", 41);
pub const EXECVE: SystemCall = ("execve", 59);
pub const OPENAT: SystemCall = ("openat", 257);
pub const WRITE: SystemCall = ("write", 1);

/// By [`Call`].
pub const CALLS: [SystemCall; 4] = [CONNECT, ACCEPT4, SENDTO, BIND];

/// By [`Family`].
pub const FAMILIES: [&str; 4] = ["inet", "inet6", "unix", "netlink"];
