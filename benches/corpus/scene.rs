//! What happens in one event: who does what, and which records tell it.
//!
//! A lot comes in, the records of an event go out, in the order the kernel gives them. What
//! sockets do is in [`sockets`](crate::sockets), how records are spelled in
//! [`records`](crate::records).

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::event::{EXECVE, Event, Family, OPENAT, Tells, WRITE};
use crate::fleet::{Fleet, Process, SLOTS};
use crate::made_up::{FILES, PROGRAMS, Program, SAYINGS};
use crate::records::push_untrusted;

/// One event in the making: who does it, and where its records go.
pub struct Scene<'f, 'w> {
    pub fleet: &'f mut Fleet<'w>,
    /// An index into the hosts of the fleet.
    pub host: usize,
    /// An index into the processes of the host.
    pub slot: usize,
    pub event: &'f mut Event,
}

impl Scene<'_, '_> {
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.fleet.dice
    }

    pub fn process(&self) -> Process {
        self.fleet.hosts[self.host].processes[self.slot]
    }

    /// Lots go from 0 to 999.
    pub fn happens(&mut self, lot: u64) {
        match lot {
            0..250 => {
                let family = if self.dice().percent(14) { Family::Inet6 } else { Family::Inet };
                if self.dice().percent(25) {
                    self.opens_socket(family);
                } else {
                    self.connects(family, 3);
                }
            }
            250..360 => self.connects(Family::Unix, 4),
            360..390 => self.accepts(),
            390..430 => self.sends(),
            430..450 => self.binds(),
            450..680 => self.executes(),
            680..900 => self.opens_file(),
            900..970 => self.says(),
            _ => self.logs_in(),
        }
    }

    fn executes(&mut self) {
        let parent = self.process();
        let slot = self.dice().below(u64::from(SLOTS)) as usize;
        let program = self.dice().below(PROGRAMS.len() as u64) as usize;
        let host = &mut self.fleet.hosts[self.host];
        host.next_pid = if host.next_pid < 4_000_000 { host.next_pid + 1 } else { 2000 };
        host.processes[slot] =
            Process { pid: host.next_pid, ppid: parent.pid, program, session: parent.session };
        self.slot = slot;
        let Program { exe, arguments, .. } = PROGRAMS[program];
        self.event.tells = Tells::Execution;
        self.syscall(EXECVE, 0, [0x55d0_6a80, 0x55d0_7c90, 0x55d0_2010, 8], 2, "exec");
        let mut list = format!("argc={}", arguments.len());
        for (number, argument) in arguments.iter().enumerate() {
            let _ = write!(list, " a{number}=");
            push_untrusted(&mut list, argument.as_bytes());
        }
        self.record("EXECVE", &list, "");
        self.record("CWD", "cwd=\"/srv/shop/releases/current\"", "");
        self.path(0, exe, "NORMAL", 0o100_755);
        self.path(1, "/lib64/ld-linux-x86-64.so.2", "NORMAL", 0o100_755);
        self.proctitle();
    }

    fn opens_file(&mut self) {
        let name = FILES[self.dice().below(FILES.len() as u64) as usize];
        let creates = self.dice().percent(40);
        let fails = !creates && self.dice().percent(15);
        let (exit, flags) = if fails { (-2, 0x80000) } else { (3, 0x80241) };
        let items = if creates { 2 } else { 1 };
        self.syscall(OPENAT, exit, [0xffff_ff9c, 0x7ffe_0e40, flags, 0x1b6], items, "files");
        self.record("CWD", "cwd=\"/srv/shop/releases/current\"", "");
        if creates {
            let parent = &name[..=name.rfind('/').unwrap_or(0)];
            self.path(0, parent, "PARENT", 0o040_755);
        }
        let nametype =
            ["NORMAL", "CREATE", "UNKNOWN"][usize::from(creates) + 2 * usize::from(fails)];
        self.path(u32::from(creates), name, nametype, 0o100_644);
        self.proctitle();
    }

    fn says(&mut self) {
        let (kind, words) = SAYINGS[self.dice().below(SAYINGS.len() as u64) as usize];
        let pid = self.process().pid;
        let unset = u32::MAX;
        let body =
            format!("pid={pid} uid=0 auid={unset} ses={unset} subj=unconfined msg='{words}'");
        self.record(kind, &body, "UID=\"root\" AUID=\"unset\"");
    }

    fn logs_in(&mut self) {
        let host = &mut self.fleet.hosts[self.host];
        host.next_session += 1;
        let session = host.next_session;
        host.processes[self.slot].session = Some(session);
        let pid = self.process().pid;
        let unset = u32::MAX;
        let body = format!(
            "pid={pid} uid=0 subj=unconfined old-auid={unset} auid=1000 tty=(none) old-ses={unset} \
             ses={session} res=1"
        );
        self.record("LOGIN", &body, "UID=\"root\" OLD-AUID=\"unset\" AUID=\"deploy\"");
        self.syscall(WRITE, 4, [8, 0x7ffd_9a20, 4, 0], 0, "");
        self.proctitle();
    }
}
