//! The process locks itself in: from then on it can do what it is for, and nothing else.
//!
//! Folders and ports come in; what the kernel could not do goes out, as sentences for the operator.
//! Landlock confines which files are reached and which ports connected to; a list of denied calls
//! does the rest (`calls.rs`). Logs are rotated, so folders are allowed and not files: a log that
//! comes into being tomorrow can be read.
//!
//! Landlock holds for the thread that asks for it and for those it starts: confine first, and start
//! threads then.

use std::fs::File;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath,
    PathFd, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope,
};

use super::calls;

/// What the process may still do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Allowed {
    /// Files and folders that it reads, with all that is or will be below.
    pub read: Vec<PathBuf>,
    /// Folders that it makes, changes and removes files in.
    pub write: Vec<PathBuf>,
    /// TCP ports that it connects to. If there are none, it makes no network sockets at all.
    pub ports: Vec<u16>,
}

/// What everybody may know, and which is looked at again and again: the local time.
const TIME: [&str; 3] = ["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"];

/// What it takes to find the address of a name.
const NAMES: [&str; 16] = [
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ld.so.cache",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/run/NetworkManager",
    "/run/nscd",
    "/run/resolvconf",
    "/run/systemd/resolve",
    "/var/run/nscd",
];

/// What only those may read who are above the rights of files.
const SECRET: &str = "/etc/shadow";

/// DNS, where an answer does not fit a datagram.
const DNS: u16 = 53;

/// The newest kernel interface whose rules are all known here; an older kernel gets what it can.
const KNOWN: ABI = ABI::V6;

/// Locks the process in; what the kernel could not do, in sentences.
pub fn confine(allowed: &Allowed) -> Vec<String> {
    let mut unable = Vec::new();
    match confine_files(allowed).map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => {}
        Ok(RulesetStatus::PartiallyEnforced) => unable.push(
            "this kernel confines the process in part only: its Landlock is older than 6.12's."
                .to_owned(),
        ),
        Ok(RulesetStatus::NotEnforced) => unable.push(
            "this kernel cannot confine which files the process reaches: it has no Landlock."
                .to_owned(),
        ),
        Err(error) => {
            unable.push(format!("the process is not confined in which files it reaches: {error}."))
        }
    }
    if let Err(error) = calls::give_up(!allowed.ports.is_empty()) {
        unable.push(format!("the process is not confined in which calls it makes: {error}."));
    }
    unable
}

fn confine_files(allowed: &Allowed) -> Result<RestrictionStatus, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write =
        read | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::Signal)?
        .create()?;
    for path in &allowed.write {
        rules = allow(rules, path, write)?;
    }
    for path in allowed.read.iter().map(PathBuf::as_path).chain(TIME.iter().map(Path::new)) {
        rules = allow(rules, path, read)?;
    }
    if !allowed.ports.is_empty() {
        for path in NAMES.iter().map(Path::new) {
            rules = allow(rules, path, read)?;
        }
        // Files of the resolver are replaced by others of the same name, which only their folder
        // covers. That would open secrets too to those who are above the rights of files.
        if File::open(SECRET).is_err() {
            rules = allow(rules, Path::new("/etc"), read)?;
        }
    }
    for port in allowed.ports.iter().chain((!allowed.ports.is_empty()).then_some(&DNS)) {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    rules.restrict_self()
}

/// Allows what is there; what is not cannot be allowed, nor reached.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(KNOWN) };
    rules.add_rule(PathBeneath::new(opened, access))
}

#[cfg(test)]
#[path = "confine_tests.rs"]
mod tests;
