//! The log of a scene: a record for each line, with the fields that the line leaves out.

use std::collections::HashMap;
use std::net::SocketAddr;

/// Midnight of the day on which all scenes play, 16 August 2024.
const MIDNIGHT: u64 = 1_723_766_400_000;

/// Writes the log of a scene.
pub fn log(scene: &str) -> Vec<u8> {
    let mut times: HashMap<(String, String), String> = HashMap::new();
    let mut log = Vec::new();
    for line in scene.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(line) = line.strip_prefix("> ") {
            log.extend_from_slice(line.as_bytes());
            log.push(b'\n');
            continue;
        }
        let (node, rest) = match line.strip_prefix('@') {
            Some(rest) => rest.split_once(' ').expect("@NODE RECORD"),
            None => ("", line),
        };
        let (id, rest) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        let (time, serial) = id.split_once('#').expect("TIME#SERIAL");
        let (kind, rest) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
        let key = (node.to_string(), serial.to_string());
        if !time.is_empty() {
            times.insert(key.clone(), time.to_string());
        }
        let time = times.get(&key).map_or("09:00:00.000", String::as_str);
        if !node.is_empty() {
            log.extend_from_slice(format!("node={node} ").as_bytes());
        }
        let stamp = stamp(time, serial);
        let body = body(kind, rest.trim());
        log.extend_from_slice(format!("type={kind} msg=audit({stamp}): {body}\n").as_bytes());
    }
    log
}

/// `HH:MM:SS.mmm` on the day of all scenes, as audit writes it.
pub fn stamp(time: &str, serial: &str) -> String {
    let (clock, millis) = time.split_once('.').expect("HH:MM:SS.mmm");
    let clock = clock.split(':').map(|part| part.parse::<u64>().expect("a number"));
    let seconds = MIDNIGHT / 1000 + clock.fold(0, |sum, part| sum * 60 + part);
    format!("{seconds}.{millis}:{serial}")
}

fn body(kind: &str, rest: &str) -> String {
    let words = || rest.split(' ').filter(|word| !word.is_empty());
    match kind {
        "SYSCALL" => call(rest),
        "SOCKADDR" => format!("saddr={}", saddr(rest)),
        "PROCTITLE" => {
            format!("proctitle={}", hex(words().collect::<Vec<_>>().join("\0").as_bytes()))
        }
        "EXECVE" => {
            let count = words().count();
            let arguments = words().enumerate().map(|(at, word)| format!(" a{at}=\"{word}\""));
            format!("argc={count}{}", arguments.collect::<String>())
        }
        "CWD" => format!("cwd=\"{rest}\""),
        _ => rest.to_string(),
    }
}

/// The body of a SYSCALL record: `CALL EXECUTABLE FIELD=VALUE…`.
fn call(rest: &str) -> String {
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let number = match words.next().expect("a call") {
        "read" => "0",
        "socket" => "41",
        "connect" => "42",
        "accept" => "43",
        "sendto" => "44",
        "recvfrom" => "45",
        "sendmsg" => "46",
        "bind" => "49",
        "listen" => "50",
        "execve" => "59",
        "accept4" => "288",
        number => number,
    };
    let exe = words.next().expect("an executable");
    let given: Vec<(&str, &str)> =
        words.map(|word| word.split_once('=').expect("FIELD=VALUE")).collect();
    let more = given.clone();
    let given =
        |name: &str| given.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let exit = given("exit").unwrap_or("0");
    let success = if exit.starts_with('-') { "no" } else { "yes" };
    let (comm, exe) =
        (format!("\"{}\"", exe.rsplit('/').next().unwrap_or(exe)), format!("\"{exe}\""));
    let usual = [
        ("arch", "c000003e"),
        ("syscall", number),
        ("success", success),
        ("exit", "0"),
        ("a0", "3"),
        ("a1", "7ffc0a10"),
        ("a2", "10"),
        ("a3", "0"),
        ("items", "0"),
        ("ppid", "1"),
        ("pid", "812"),
        ("auid", "1000"),
        ("uid", "1000"),
        ("gid", "1000"),
        ("euid", "1000"),
        ("suid", "1000"),
        ("fsuid", "1000"),
        ("egid", "1000"),
        ("sgid", "1000"),
        ("fsgid", "1000"),
        ("tty", "pts0"),
        ("ses", "2"),
        ("comm", &comm),
        ("exe", &exe),
        ("key", "\"net\""),
    ];
    let mut fields: Vec<String> = usual
        .iter()
        .map(|(name, value)| format!("{name}={}", given(name).unwrap_or(value)))
        .collect();
    let more = more.iter().filter(|(name, _)| usual.iter().all(|(known, _)| known != name));
    fields.extend(more.map(|(name, value)| format!("{name}={value}")));
    fields.join(" ")
}

/// The digits of an address: as the kernel of a little-endian machine dumps it.
fn saddr(address: &str) -> String {
    if let Ok(address) = address.parse::<SocketAddr>() {
        let port = hex(&address.port().to_be_bytes());
        return match address {
            SocketAddr::V4(v4) => format!("0200{port}{}{}", hex(&v4.ip().octets()), "00".repeat(8)),
            SocketAddr::V6(v6) => {
                let scope = hex(&v6.scope_id().to_le_bytes());
                format!("0A00{port}00000000{}{scope}", hex(&v6.ip().octets()))
            }
        };
    }
    match address.as_bytes() {
        [b'/', ..] => format!("0100{}00", hex(address.as_bytes())),
        [b'@', name @ ..] => format!("010000{}", hex(name)),
        _ => address.to_string(),
    }
}

/// Bytes as the kernel writes them: upper-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
