//! Connections for tests, made the way all are: from the lines of a log.

use super::Writer;
use crate::audit::assembly::Assembly;
use crate::audit::gathering::{Gathering, Keep};
use crate::audit::{Connection, Sighting, Sightings};

/// Names as someone would choose them who knows that they will be printed.
pub(super) const HOSTILE: [&[u8]; 10] = [
    b"\x1b]0;owned\x07\x1b[2J",
    b"two\nlines\r\n\r",
    b"=cmd|' /C calc'!A0",
    b"\"quoted\",'twice', \\and\\",
    b"invalid \xff\xfe\xc3(\xed\xa0\x80",
    "gpj.\u{202e}exe\u{2028}\u{9b}31m\u{feff}".as_bytes(),
    b"x\0y\t,;",
    b"{\"event.action\":\"none\"}",
    b"curl[1]  root  accept  1.2.3.4:5  ok",
    b"",
];

/// An exec, a socket and a call on it. Strings are written as the kernel writes them.
#[derive(Clone)]
pub(super) struct Scene {
    pub host: Vec<u8>,
    pub comm: Vec<u8>,
    pub exe: Vec<u8>,
    pub arguments: Vec<Vec<u8>>,
    /// How many there were besides, which are not in the log.
    pub missing: usize,
    pub directory: Vec<u8>,
    pub parent: Vec<u8>,
    pub key: Vec<u8>,
    pub user: &'static str,
    /// What kind of socket it is, as socket(2) is asked for one.
    pub socket: &'static str,
    /// The number of the call on x86_64: 42 is connect, 43 accept, 49 bind, 50 listen.
    pub call: u32,
    pub exit: i64,
    /// The hex digits of `saddr=`; without them there is no SOCKADDR.
    pub address: String,
}

impl Default for Scene {
    fn default() -> Scene {
        Scene {
            host: b"web-01".to_vec(),
            comm: b"curl".to_vec(),
            exe: b"/usr/bin/curl".to_vec(),
            arguments: ["curl", "-sS", "a b"].map(|a| a.as_bytes().to_vec()).to_vec(),
            missing: 0,
            directory: b"/home/lab".to_vec(),
            parent: b"bash".to_vec(),
            key: b"net".to_vec(),
            user: "uid=1500 gid=1500 euid=1500",
            socket: "a1=1 a2=6",
            call: 42,
            exit: -115,
            address: "020001BB5DB8D8220000000000000000".into(),
        }
    }
}

impl Scene {
    pub(super) fn refused() -> Scene {
        Scene { exit: -111, ..Scene::default() }
    }

    pub(super) fn probe() -> Scene {
        let address = "020000005DB8D8220000000000000000".into();
        Scene { exit: 0, socket: "a1=2 a2=11", address, ..Scene::default() }
    }

    /// With this name wherever there is one.
    pub(super) fn named(name: &[u8]) -> Scene {
        Scene {
            host: name.to_vec(),
            comm: name.to_vec(),
            exe: name.to_vec(),
            arguments: vec![name.to_vec(), b"ok".to_vec(), name.to_vec()],
            directory: name.to_vec(),
            parent: name.to_vec(),
            key: name.to_vec(),
            ..Scene::default()
        }
    }

    fn log(&self) -> Vec<u8> {
        let [comm, exe, directory, parent, key] =
            [&self.comm, &self.exe, &self.directory, &self.parent, &self.key].map(|s| encoded(s));
        let user = self.user;
        let head = |serial: u32, call: u32, exit: i64| {
            let success = if exit < 0 { "no" } else { "yes" };
            format!(
                "type=SYSCALL msg=audit(1723819442.001:{serial}): arch=c000003e syscall={call} \
                success={success} exit={exit}"
            )
        };
        let tail = format!(
            "items=0 ppid=1 pid=812 auid=1500 {user} ses=3 comm={comm} exe={exe} key={key}\x1d\
            AUID=\"lab\" UID=\"lab\" EUID=\"lab\"\n"
        );
        let mut log = format!(
            "{} a0=0 a1=0 a2=0 a3=0 items=2 ppid=0 pid=1 auid=1500 {user} ses=3 comm={parent} \
            exe={parent} key=(null)\n",
            head(8997, 59, 0)
        );
        log += "type=EXECVE msg=audit(1723819442.001:8997): argc=1 a0=\"x\"\n";
        log += &format!("{} a0=0 a1=0 a2=0 a3=0 {tail}", head(8998, 59, 0));
        log += "type=EXECVE msg=audit(1723819442.001:8998):";
        log += &format!(" argc={}", self.arguments.len() + self.missing);
        for (index, argument) in self.arguments.iter().enumerate() {
            log += &format!(" a{index}={}", encoded(argument));
        }
        log += &format!("\ntype=CWD msg=audit(1723819442.001:8998): cwd={directory}\n");
        let family = self.address.get(..2).unwrap_or("02").trim_start_matches('0').to_lowercase();
        log += &format!("{} a0={family} {} a3=0 {tail}", head(9000, 41, 3), self.socket);
        log += &format!("{} a0=3 a1=0 a2=10 a3=0 {tail}", head(9001, self.call, self.exit));
        if !self.address.is_empty() {
            let address = &self.address;
            log += &format!("type=SOCKADDR msg=audit(1723819442.001:9001): saddr={address}\n");
        }
        log.into_bytes()
    }

    /// Shows the call's connection.
    pub(super) fn show(&self, look: &mut dyn FnMut(&Connection<'_>)) {
        let mut count = 0;
        connections(&self.log(), &self.host, &mut |connection| {
            count += 1;
            look(connection);
        });
        assert_eq!(count, 1, "one connection in\n{}", String::from_utf8_lossy(&self.log()));
    }

    /// All that a writer makes of it.
    pub(super) fn written(&self, writer: &mut dyn Writer) -> String {
        let mut out = Vec::new();
        writer.head(&mut out);
        self.show(&mut |connection| writer.connection(connection, &mut out));
        String::from_utf8(out).expect("UTF-8")
    }
}

/// Shows the connections of a log.
pub(super) fn connections(log: &[u8], host: &[u8], look: &mut dyn FnMut(&Connection<'_>)) {
    let mut gathering = Gathering::new(Keep::default());
    gathering.take(log);
    let (mut assembly, mut sightings) = (Assembly::default(), Sightings::joined());
    let mut events = Vec::new();
    assembly.take(gathering.finish(), host, &mut |event| events.push(event));
    assembly.finish(&mut |event| events.push(event));
    let mut look = |sighting: &Sighting| look(&sighting.connection());
    for event in events {
        sightings.take(event, &mut look);
    }
    sightings.finish(&mut look);
}

/// In quotes, or in hex if there is anything in it that quotes do not hold.
fn encoded(bytes: &[u8]) -> String {
    if bytes.iter().all(|b| matches!(b, b'!'..=b'~') && *b != b'"') {
        return format!("\"{}\"", String::from_utf8_lossy(bytes));
    }
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}
