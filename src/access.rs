//! Who may read or write a file, told to whoever may not.
//!
//! What the operating system said about a path comes in; out goes a sentence. Of a refusal it names
//! what is in the way (the file, or a folder above it), who is let through, and how to become one
//! of them, or what to run as one. It does not know what is in a file, and it changes nothing.
//!
//! Names of files are anybody's, so no command that is told has one in it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgroups};

use crate::quoted::Quoted;

/// How many symbolic links are looked behind for what is in the way.
const LINKS: usize = 8;

/// What was to be done with a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// To read a log, which auditd can be told to give to a group.
    Log,
    /// To read anything else.
    Read,
    /// To write or make it, perhaps by way of a file beside it.
    Write,
}

/// What the operating system said about a path, in a sentence with its full stop.
pub fn told(error: &io::Error, path: &Path, wanted: Wanted) -> String {
    use io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
    let is_forbidden = error.raw_os_error() == Some(Errno::PERM.raw_os_error());
    match error.kind() {
        PermissionDenied if !is_forbidden => {
            format!("permission denied. {}", way_out(path, wanted))
        }
        NotFound => match path.parent().is_none_or(is_there) {
            true => "there is no such file or folder.".to_owned(),
            false => "there is no such folder.".to_owned(),
        },
        IsADirectory => "it is a folder.".to_owned(),
        _ => format!("{error}."),
    }
}

/// The name of a user, if this machine's list has one.
pub fn user_name(id: u32) -> Option<String> {
    Names::of_this_machine().known_user(id).map(str::to_owned)
}

fn way_out(path: &Path, wanted: Wanted) -> String {
    let me = Me {
        user: geteuid().as_raw(),
        groups: getgroups()
            .unwrap_or_default()
            .into_iter()
            .chain([getegid()])
            .map(|group| group.as_raw())
            .collect(),
    };
    match obstacle(path, wanted, LINKS) {
        Some(obstacle) => sentence(&obstacle, &me, wanted, &Names::of_this_machine()),
        None => "Its owner and mode would allow it, so something else forbids it: SELinux, \
                 AppArmor, or the limits that a service was given."
            .to_owned(),
    }
}

/// What keeps somebody out.
#[derive(Debug)]
struct Obstacle {
    path: PathBuf,
    /// Which of reading (4), writing (2) and entering (1) is wanted of it.
    needed: u32,
    owner: u32,
    group: u32,
    mode: u32,
}

/// Who asks.
struct Me {
    user: u32,
    groups: Vec<u32>,
}

/// The first thing on the way to a path that does not let this process through.
fn obstacle(path: &Path, wanted: Wanted, links: usize) -> Option<Obstacle> {
    let (at, needed) = closed(path, wanted)?;
    let at = or_here(at);
    if let Ok(about) = fs::metadata(at) {
        let (owner, group, mode) = (about.uid(), about.gid(), about.mode() & 0o7777);
        return Some(Obstacle { path: at.to_path_buf(), needed, owner, group, mode });
    }
    // A link whose end cannot be looked at: what is in the way is on the way there.
    let target = at.parent()?.join(fs::read_link(at).ok()?);
    let rest = path.strip_prefix(at).ok()?;
    let target = if rest.as_os_str().is_empty() { target } else { target.join(rest) };
    obstacle(&target, wanted, links.checked_sub(1)?)
}

fn closed(path: &Path, wanted: Wanted) -> Option<(&Path, u32)> {
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    if let Some(folder) = above.iter().rev().find(|folder| is_closed(folder, 1)) {
        return Some((folder, 1));
    }
    let itself = match wanted {
        Wanted::Write => 2,
        _ if path.is_dir() => 5,
        _ => 4,
    };
    if is_closed(path, itself) {
        return Some((path, itself));
    }
    // What is made is made in the nearest folder that is there.
    let folder = above.into_iter().find(|folder| is_there(folder))?;
    (wanted == Wanted::Write && is_closed(folder, 3)).then_some((folder, 3))
}

/// A folder, of which a relative name may have nothing left.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn is_there(folder: &Path) -> bool {
    fs::symlink_metadata(or_here(folder)).is_ok()
}

/// Whether the kernel would refuse this process, as which it also knows of access control lists.
fn is_closed(path: &Path, needed: u32) -> bool {
    let path = or_here(path);
    let access = Access::from_bits_truncate(needed);
    accessat(CWD, path, access, AtFlags::EACCESS) == Err(Errno::ACCESS)
}

fn sentence(obstacle: &Obstacle, me: &Me, wanted: Wanted, names: &Names) -> String {
    let Obstacle { needed, owner, group, mode, .. } = *obstacle;
    let path = Quoted(&obstacle.path);
    let done = match needed {
        1 => "entered",
        2 | 3 => "written to",
        _ => "read",
    };
    let lets = |shift: u32| (mode >> shift) & needed == needed;
    let (lets_owner, lets_group) = (lets(6), lets(3));
    let (is_mine, is_member) = (owner == me.user, me.groups.contains(&group));
    if me.user == 0 {
        return format!(
            "{path} may not be {done} even by root here: the process lacks a capability \
             (CAP_DAC_OVERRIDE), or the file is on a network that does not trust root."
        );
    }
    if is_mine && !lets_owner {
        let letters: String = [(4, 'r'), (2, 'w'), (1, 'x')]
            .iter()
            .filter(|l| needed & l.0 != 0)
            .map(|l| l.1)
            .collect();
        return format!("{path} is yours, but its mode is {mode:04o}: give it chmod u+{letters}.");
    }
    if is_mine || (is_member && lets_group) {
        return format!("{path} has an access control list that keeps you out: see getfacl.");
    }
    let as_owner = format!("sudo -u {} oddsock COMMAND", names.user(owner));
    if lets_group && group != 0 && !is_member {
        let (name, me) = (names.group(group), names.known_user(me.user).unwrap_or("YOU"));
        let who = format!("{path} may be {done} by the group \"{name}\"");
        if names.is_in(me, group) {
            return format!("{who}, which you have joined since you logged in: log in again.");
        }
        // What root makes beside a service's file, the service could not write to.
        let run = match wanted == Wanted::Write && owner != 0 {
            true => format!("run this as its owner ({as_owner})"),
            false => "run this as root".to_owned(),
        };
        return format!(
            "{who}: {run}, or join the group (usermod -aG {name} {me}) and log in again."
        );
    }
    match (owner, wanted) {
        (0, Wanted::Log) => format!(
            "{path} may be {done} by root alone: run this as root, or have auditd give its log to \
             a group (log_group = adm in /etc/audit/auditd.conf) and join that group; files that \
             were rotated before need chgrp adm /var/log/audit/audit.log.* once."
        ),
        (0, _) => format!(
            "{path} may be {done} by root alone: run this as root, or have root give it to a group \
             that you are in."
        ),
        (owner, _) => {
            let owner = names.user(owner);
            let root = if wanted == Wanted::Write { "" } else { ", or as root" };
            format!(
                "{path} belongs to \"{owner}\", and its mode {mode:04o} keeps you out: run this \
                 as that user ({as_owner}){root}."
            )
        }
    }
}

/// Who is called what.
struct Names {
    users: String,
    groups: String,
}

impl Names {
    fn of_this_machine() -> Names {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        Names { users: text("/etc/passwd"), groups: text("/etc/group") }
    }

    fn known_user(&self, id: u32) -> Option<&str> {
        named(&self.users, id).map(|fields| fields[0])
    }

    /// As sudo takes it.
    fn user(&self, id: u32) -> String {
        self.known_user(id).map_or_else(|| format!("#{id}"), str::to_owned)
    }

    fn group(&self, id: u32) -> String {
        named(&self.groups, id).map_or_else(|| id.to_string(), |fields| fields[0].to_owned())
    }

    /// Whether a user is listed with a group.
    fn is_in(&self, user: &str, group: u32) -> bool {
        let members = named(&self.groups, group).and_then(|fields| fields.get(3).copied());
        members.is_some_and(|members| members.split(',').any(|member| member == user))
    }
}

/// The fields of the line with a number.
fn named(table: &str, id: u32) -> Option<Vec<&str>> {
    let lines = table.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.into_iter().find(|fields| fields.get(2).and_then(|n| n.parse().ok()) == Some(id))
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
