//! What the evidence of an alert says, for people: who, what ran, where from, where to.
//!
//! Documents come in; short texts go out, each spelled so that nothing in it can act or feign.

use std::net::IpAddr;

use super::document::Document;
use super::places::{Places, reach};
use crate::output::escape;

/// `alice (uid 1000), logged in as bob`; none if the documents do not say.
pub(crate) fn user(document: &Document) -> Option<String> {
    let said = |field: &str| document.first(&format!("user.{field}"));
    let mut text = who(said("name"), said("id"))?;
    let (effective, audit) = (said("effective.id"), said("audit.id"));
    if effective.is_some() && effective != said("id") {
        text += &format!(", acting as {}", who(said("effective.name"), effective)?);
    }
    if audit.is_some() && audit != said("id") {
        text += &format!(", logged in as {}", who(said("audit.name"), audit)?);
    }
    Some(text)
}

fn who(name: Option<Vec<u8>>, id: Option<Vec<u8>>) -> Option<String> {
    match (name, id) {
        (Some(name), Some(id)) => Some(format!("{} (uid {})", word(&name), word(&id))),
        (Some(name), None) => Some(word(&name)),
        (None, id) => id.map(|id| format!("uid {}", word(&id))),
    }
}

/// The command line, or else the title that the process has, or else its file or name.
pub(crate) fn command(document: &Document) -> Option<String> {
    let whole = ["process.command_line", "process.title"].iter().find_map(|f| document.first(f));
    let named = || document.first("process.executable").or_else(|| document.first("process.name"));
    whole.or_else(named).map(|command| text(&command))
}

/// `/usr/bin/nc[812] in /tmp, from bash[811]`
pub(crate) fn process(document: &Document) -> Option<String> {
    let mut parts = Vec::new();
    let executable = document.first("process.executable");
    if let Some(executable) = executable {
        let pid = document.first("process.pid").map(|pid| format!("[{}]", word(&pid)));
        parts.push(format!("{}{}", word(&executable), pid.unwrap_or_default()));
    }
    if let Some(directory) = document.first("process.working_directory") {
        parts.push(format!("in {}", word(&directory)));
    }
    let parent = ["process.parent.name", "process.parent.executable"];
    let parent = parent.iter().find_map(|field| document.first(field));
    let pid = document.first("process.parent.pid").map(|pid| word(&pid));
    match (parent, pid) {
        (Some(name), Some(pid)) => parts.push(format!("from {}[{pid}]", word(&name))),
        (Some(name), None) => parts.push(format!("from {}", word(&name))),
        (None, Some(pid)) => parts.push(format!("from process {pid}")),
        (None, None) => {}
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `198.41.0.4:443 tcp (external, US, AS64500 Example), failed: ECONNREFUSED`, or from where.
pub(crate) fn peer(document: &Document, places: Option<&dyn Places>) -> Option<String> {
    let end = End::of(document)?;
    let mut text = if end.is_out { end.text } else { format!("from {}", end.text) };
    let transport = document.first("network.transport");
    text += &transport.map(|transport| format!(" {}", word(&transport))).unwrap_or_default();
    if let Some(address) = end.address {
        text += &format!(" ({})", whereabouts(address, places));
    }
    if document.first("event.outcome").is_some_and(|outcome| outcome == b"failure") {
        let error = document.first("error.code").map(|error| format!(": {}", word(&error)));
        text += &format!(", failed{}", error.unwrap_or_default());
    }
    Some(text)
}

/// `to 198.41.0.4:443 (external)`, in a sentence.
pub(crate) fn end(document: &Document) -> Option<String> {
    let end = End::of(document)?;
    let reach = end.address.map(|address| format!(" ({})", reach(address)));
    let way = if end.is_out { "to" } else { "from" };
    Some(format!("{way} {}{}", end.text, reach.unwrap_or_default()))
}

/// The other end of a connection.
struct End {
    is_out: bool,
    address: Option<IpAddr>,
    /// The address and the port, `?` where the address is not known.
    text: String,
}

impl End {
    fn of(document: &Document) -> Option<End> {
        let of = |side: &str| {
            let said = |field: &str| document.first(&format!("{side}.{field}"));
            Some((said("ip"), said("port"))).filter(|(ip, port)| ip.is_some() || port.is_some())
        };
        let out = of("destination");
        let is_out = out.is_some();
        let (ip, port) = out.or_else(|| of("source"))?;
        let parsed = |ip: &Vec<u8>| std::str::from_utf8(ip).ok()?.parse::<IpAddr>().ok();
        let address = ip.as_ref().and_then(parsed);
        let mut text = match (&ip, address) {
            (_, Some(address)) if port.is_some() && address.is_ipv6() => format!("[{address}]"),
            (_, Some(address)) => address.to_string(),
            (Some(ip), None) => word(ip),
            (None, None) => "?".to_string(),
        };
        text += &port.map(|port| format!(":{}", word(&port))).unwrap_or_default();
        Some(End { is_out, address, text })
    }
}

fn whereabouts(address: IpAddr, places: Option<&dyn Places>) -> String {
    let mut parts = vec![reach(address).to_string()];
    if let Some(place) = places.and_then(|places| places.place(address.to_canonical())) {
        parts.extend(place.country.map(|country| word(country.as_bytes())));
        let network = [place.network, place.organisation];
        let network: Vec<String> =
            network.into_iter().flatten().map(|part| word(part.as_bytes())).collect();
        parts.extend((!network.is_empty()).then(|| network.join(" ")));
    }
    parts.join(", ")
}

/// A name as one word.
pub(crate) fn word(name: &[u8]) -> String {
    spelled(escape::word, name)
}

/// Text that stands alone.
pub(crate) fn text(text: &[u8]) -> String {
    spelled(escape::text, text)
}

fn spelled(spell: fn(&[u8], &mut Vec<u8>), bytes: &[u8]) -> String {
    let mut out = Vec::new();
    spell(bytes, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
