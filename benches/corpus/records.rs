//! How each record is written: its fields, their order, and what auditd adds to it.
//!
//! What a record tells comes in, its line goes out, into the event of the scene. Why it is written
//! is not known here.

use std::fmt::Write as _;

use crate::event::SystemCall;
use crate::fleet::Process;
use crate::made_up::{PROGRAMS, Program, USERS};
use crate::scene::Scene;

impl Scene<'_, '_> {
    pub fn syscall(
        &mut self,
        call: SystemCall,
        exit: i64,
        arguments: [u32; 4],
        items: u32,
        key: &str,
    ) {
        let (name, number) = call;
        let Process { pid, ppid, program, session } = self.process();
        let Program { comm, exe, user, .. } = PROGRAMS[program];
        let (uid, user) = USERS[user];
        let (auid, login) = if session.is_some() { (1000, "deploy") } else { (u32::MAX, "unset") };
        let ses = session.unwrap_or(u32::MAX);
        let tty = if session.is_some_and(|ses| ses % 2 == 0) { "pts0" } else { "(none)" };
        let success = if exit < 0 { "no" } else { "yes" };
        let [a0, a1, a2, a3] = arguments;
        self.event.pid = pid;
        self.event.success = exit >= 0;
        let mut body = String::with_capacity(512);
        let _ = write!(
            body,
            "arch=c000003e syscall={number} success={success} exit={exit} a0={a0:x} a1={a1:x} \
             a2={a2:x} a3={a3:x} items={items} ppid={ppid} pid={pid} auid={auid} uid={uid} \
             gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} fsgid={uid} \
             tty={tty} ses={ses} comm="
        );
        push_untrusted(&mut body, comm.as_bytes());
        let _ = write!(body, " exe=\"{exe}\" subj=unconfined key=");
        if key.is_empty() {
            body.push_str("(null)");
        } else {
            let _ = write!(body, "\"{key}\"");
        }
        let mut spoken = String::with_capacity(256);
        let _ = write!(
            spoken,
            "ARCH=x86_64 SYSCALL={name} AUID=\"{login}\" UID=\"{user}\" GID=\"{user}\" \
             EUID=\"{user}\" SUID=\"{user}\" FSUID=\"{user}\" EGID=\"{user}\" SGID=\"{user}\" \
             FSGID=\"{user}\""
        );
        self.record("SYSCALL", &body, &spoken);
    }

    pub fn path(&mut self, item: u32, name: &str, nametype: &str, mode: u32) {
        let mut body = String::with_capacity(256);
        let _ = write!(body, "item={item} name=\"{name}\" ");
        let found = nametype != "UNKNOWN";
        if found {
            let inode = 131_072 + 37 * name.len();
            let _ =
                write!(body, "inode={inode} dev=fe:01 mode={mode:07o} ouid=0 ogid=0 rdev=00:00 ");
        }
        let _ =
            write!(body, "nametype={nametype} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0");
        self.record("PATH", &body, if found { "OUID=\"root\" OGID=\"root\"" } else { "" });
    }

    pub fn proctitle(&mut self) {
        let mut title = PROGRAMS[self.process().program].arguments.join("\0");
        title.truncate(128); // As the kernel does.
        let mut body = String::from("proctitle=");
        push_untrusted(&mut body, title.as_bytes());
        self.record("PROCTITLE", &body, "");
    }

    /// `spoken` is what auditd adds in the enriched format, after the separator 0x1D.
    pub fn record(&mut self, kind: &str, body: &str, spoken: &str) {
        let text = &mut self.event.text;
        text.push_str(&self.fleet.hosts[self.host].prefix);
        text.push_str("type=");
        text.push_str(kind);
        text.push_str(&self.fleet.stamp);
        text.push_str(body);
        if self.fleet.wishes.enriched && !spoken.is_empty() {
            text.push('\x1d');
            text.push_str(spoken);
        }
        text.push('\n');
        self.event.ends.push(text.len());
    }
}

/// Text that a user may have chosen: quoted, or in hex where quotes would not hold it.
pub fn push_untrusted(out: &mut String, bytes: &[u8]) {
    let holds = |&byte: &u8| byte != b'"' && (0x21..0x7f).contains(&byte);
    if bytes.iter().all(holds) {
        out.push('"');
        out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
        out.push('"');
    } else {
        push_hex(out, bytes);
    }
}

pub fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
}
