//! How much memory the program takes for logs that were made to exhaust it.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The bound, in KiB, for four workers. They take 40 to 66 MB of such logs, by how far one of them
/// comes ahead of the others while the machine is busy; 64 MiB is promised for logs that nobody
/// made to exhaust it.
const MOST: u64 = 72 << 10;

/// How large the logs are.
const SIZE: usize = 40 << 20;

/// Writes a log to the program, and tells its peak memory in KiB before the log ends.
fn peak(lines: impl Iterator<Item = String>) -> u64 {
    let mut program = Command::new(env!("CARGO_BIN_EXE_oddsock"))
        .args(["connections", "--format", "ndjson", "--jobs", "4", "--host", "h", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut log = program.stdin.take().expect("a pipe");
    let mut written = 0;
    for line in lines {
        log.write_all(line.as_bytes()).expect("written");
        written += line.len();
        if written > SIZE {
            break;
        }
    }
    std::thread::sleep(Duration::from_millis(300));
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id()));
    let status = status.expect("a status");
    drop(log);
    program.wait().expect("an end");
    let of = |name: &str| {
        let size = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
        size.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
    };
    // The program's own pages are no memory that a log takes, and not optimised they are many.
    of("VmHWM:") - of("RssFile:")
}

/// A call of a process of its own.
fn call(serial: u32, number: u32, node: &str, exe: &str) -> String {
    format!(
        "{node}type=SYSCALL msg=audit(1723798800.000:{serial}): arch=c000003e syscall={number} \
         success=yes exit=0 a0=3 a1=7ffc a2=10 a3=0 items=0 ppid=1 pid={} auid=0 uid=0 gid=0 \
         euid=0 tty=pts0 ses=2 comm=\"x\" exe=\"{exe}\" key=(null)\n",
        serial + 1
    )
}

#[test]
fn logs_made_to_exhaust_memory_are_read_in_little() {
    let open = (0..).map(|n| call(n, 42, "", "/usr/bin/x"));
    let nodes = (0..).map(|n| call(n, 42, &format!("node=h{n}{} ", "x".repeat(200)), "/x"));
    let executables = (0..).map(|n| call(n, 42, "", &format!("/{n}{}", "x".repeat(100_000))));
    let execs = (0..).map(|n| call(n, 59, "", &format!("/{n}{}", "x".repeat(100_000))));
    let words: String = (0..60_000).map(|n| format!(" a{n}=\"y\"")).collect();
    let arguments = (0..).map(|n| {
        let stamp = format!("1723798800.000:{}", 2 * n);
        let exec = call(2 * n, 59, "", "/x");
        let connect = call(2 * n + 1, 42, "", "/x");
        let pid = |serial: u32| format!(" pid={} ", serial + 1);
        let connect = connect.replace(&pid(2 * n + 1), &pid(2 * n));
        format!("{exec}type=EXECVE msg=audit({stamp}): argc=60000{words}\n{connect}")
    });
    let path = "2F".repeat(200_000);
    let addresses = (0..).map(|n| {
        let address = format!("type=SOCKADDR msg=audit(1723798800.000:{n}): saddr=0100{path}\n");
        call(n, 42, "", "/x") + &address
    });
    let peaks = [
        ("calls that never end", peak(open)),
        ("hosts", peak(nodes)),
        ("long names of executables", peak(executables)),
        ("execs with long names", peak(execs)),
        ("arguments", peak(arguments)),
        ("long addresses", peak(addresses)),
    ];
    assert!(peaks.iter().all(|(_, peak)| *peak < MOST), "in KiB: {peaks:?}");
}
