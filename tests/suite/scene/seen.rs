//! A connection as a test sees it: in a short line, and field by field.

use std::collections::HashMap;
use std::fmt::Write as _;

use oddsock::audit::sockaddr::{SocketAddress, UnixAddress};
use oddsock::audit::{Action, Connection, Outcome};

use super::HERE;

/// A connection in one short line.
pub fn shown(connection: &Connection<'_>) -> String {
    let mut line = String::new();
    if connection.host != HERE.as_bytes() {
        let _ = write!(line, "{} ", text(connection.host));
    }
    let _ = write!(line, "#{} ", connection.stamp.serial);
    match &connection.name {
        Some(name) => line += &text(name),
        None => line.push('?'),
    }
    if let Some(pid) = connection.pid {
        let _ = write!(line, "[{pid}]");
    }
    line += match connection.action {
        Action::ConnectionAttempted => " →",
        Action::ConnectionAccepted => " ←",
        Action::DatagramSent => " sent to",
        Action::DatagramReceived => " received from",
        Action::SocketBound => " bound to",
        Action::SocketListening => " listening",
    };
    if connection.action != Action::SocketListening {
        let _ = write!(line, " {}", address(connection));
    }
    if let Some(transport) = connection.transport {
        let _ = write!(line, " {transport}");
    }
    match connection.outcome {
        Outcome::Success => {}
        Outcome::Failure => line = line + " " + connection.error.unwrap_or("failed"),
        Outcome::InProgress => line += " in progress",
        Outcome::Unknown => line += " unknown",
    }
    if let Some(arguments) = connection.arguments {
        let words: Vec<String> = arguments.list.iter().map(|word| text(word)).collect();
        let _ = write!(line, " as {:?}", words.join(" "));
    }
    if let Some(parent) = connection.parent_name {
        let _ = write!(line, " under {}", text(parent));
    }
    for (is_so, word) in [(connection.is_probe, " probe"), (connection.is_partial, " partial")] {
        line += if is_so { word } else { "" };
    }
    line
}

/// The address as people write it, or what is known of it.
fn address(connection: &Connection<'_>) -> String {
    let port = || connection.port.map_or(String::new(), |port| format!(":{port}"));
    match (connection.ip, connection.address) {
        (Some(ip), SocketAddress::Inet6 { scope: 1.., .. }) if ip.is_ipv6() => {
            let SocketAddress::Inet6 { scope, .. } = connection.address else { unreachable!() };
            format!("[{ip}%{scope}]{}", port())
        }
        (Some(ip), _) if ip.is_ipv6() => format!("[{ip}]{}", port()),
        (Some(ip), _) => format!("{ip}{}", port()),
        (None, SocketAddress::Unix(UnixAddress::Path(path))) => text(path),
        (None, SocketAddress::Unix(UnixAddress::Abstract(name))) => format!("@{}", text(name)),
        (None, SocketAddress::Unix(UnixAddress::Unnamed)) => "unnamed".to_string(),
        (None, SocketAddress::Short { family, .. }) => format!("{family}?{}", port()),
        (None, SocketAddress::Invalid) => format!("?{}", port()),
        (None, address) => address.family().expect("a family").to_string(),
    }
}

/// What is known of a connection, by name; what is not known is not there.
pub fn fields(connection: &Connection<'_>) -> HashMap<&'static str, String> {
    let text = |bytes: &[u8]| Some(text(bytes));
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let users = [&connection.user, &connection.effective_user, &connection.audit_user];
    let [user, effective, audit] = users.map(|user| number(user.id));
    let [user_name, effective_name, audit_name] =
        users.map(|user| user.name.as_deref().and_then(text));
    let keys: Vec<String> = connection.keys.iter().filter_map(|key| text(key)).collect();
    let arguments = connection.arguments.map(|arguments| {
        let words: Vec<String> = arguments.list.iter().filter_map(|word| text(word)).collect();
        words.join("|")
    });
    [
        ("name", connection.name.as_deref().and_then(text)),
        ("exe", connection.executable.as_deref().and_then(text)),
        ("title", connection.title.as_deref().and_then(text)),
        ("cwd", connection.directory.as_deref().and_then(text)),
        ("arguments", arguments),
        ("parent", connection.parent_executable.and_then(text)),
        ("ppid", connection.parent_pid.map(|pid| pid.to_string())),
        ("uid", user),
        ("UID", user_name),
        ("euid", effective),
        ("EUID", effective_name),
        ("auid", audit),
        ("AUID", audit_name),
        ("gid", number(connection.group)),
        ("ses", number(connection.session)),
        ("keys", (!keys.is_empty()).then(|| keys.join("|"))),
        ("fd", number(connection.descriptor)),
        ("call", Some(connection.call.name().to_string())),
        ("exit", connection.exit.map(|exit| exit.to_string())),
        ("error", connection.error.map(str::to_string)),
        ("host", text(connection.host)),
        ("address", Some(address(connection))),
        ("missing", connection.arguments.map(|arguments| arguments.missing().to_string())),
        ("family", connection.family.map(|family| family.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Bytes as text, with what could be mistaken escaped.
pub fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.escape_debug().to_string()
}
