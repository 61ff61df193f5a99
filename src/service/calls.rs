//! Which system calls the process gives up, for good and for all its threads.
//!
//! This is a list of what is denied, and not of what is allowed: which calls SQLite, the resolver
//! and the C library make changes with their versions, and a service that dies of an update is one
//! that gets switched off. The list has what would lead out of the process (other programs, other
//! processes, the kernel's own inside), ways around such a list (io_uring, the x32 numbers), and
//! networks that nothing needs. A denied call fails with EPERM, which every caller can handle and
//! tell of; a call of another architecture, which only an intruder makes, kills.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// What is denied whatever its arguments.
const DENIED: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_acct,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_quotactl,
    libc::SYS_personality,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
];

/// x86_64 takes the same calls once more with this bit, and some under numbers of their own:
/// execve, ptrace, process_vm_readv, process_vm_writev and execveat.
#[cfg(target_arch = "x86_64")]
const X32: (i64, &[i64]) = (0x4000_0000, &[520, 521, 539, 540, 545]);
#[cfg(not(target_arch = "x86_64"))]
const X32: (i64, &[i64]) = (0, &[]);

/// What the filter is made for.
const ARCH: Option<TargetArch> = if cfg!(target_arch = "x86_64") {
    Some(TargetArch::x86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(TargetArch::aarch64)
} else {
    None
};

/// Gives them up. `is_networking` leaves what it takes to resolve a name and connect.
pub fn give_up(is_networking: bool) -> Result<(), String> {
    let program = program(is_networking)?;
    seccompiler::apply_filter_all_threads(&program).map_err(|error| error.to_string())
}

fn program(is_networking: bool) -> Result<BpfProgram, String> {
    let arch = ARCH.ok_or("there is no filter for this architecture")?;
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let (x32, own) = X32;
    for number in DENIED.iter().flat_map(|number| [*number, *number | x32]) {
        rules.insert(number, Vec::new());
    }
    rules.extend(own.iter().map(|number| (*number | x32, Vec::new())));
    for number in [libc::SYS_socket, libc::SYS_socket | x32] {
        rules.insert(number, vec![foreign_families(is_networking)?]);
    }
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, arch);
    let filter = filter.map_err(|error| error.to_string())?;
    filter.try_into().map_err(|error: seccompiler::BackendError| error.to_string())
}

/// A socket that is of none of the families that are needed.
fn foreign_families(is_networking: bool) -> Result<SeccompRule, String> {
    // The resolver asks the kernel by netlink which families the machine has addresses of.
    let network = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let network = if is_networking { &network[..] } else { &[] };
    let conditions = [libc::AF_UNIX].iter().chain(network).map(|family| {
        let family = u64::from(family.cast_unsigned());
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    });
    let conditions = conditions.collect::<Result<Vec<_>, _>>();
    conditions.and_then(SeccompRule::new).map_err(|error| error.to_string())
}
