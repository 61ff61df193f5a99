//! The names of fields, so that one that was mistyped is told from one that nobody here knows.
//!
//! A rule of one's own may work by any field, so an unknown name is no error by itself. One that
//! is nearly a known one is: it would never match, and nobody would know why.

use std::borrow::Cow;

/// The fields of alerts and connections, as oddsock-events(5) has them.
#[rustfmt::skip]
const FIELDS: [&str; 92] = [
    "@timestamp", "agent.id", "auditd.arch", "auditd.args_missing", "auditd.exit", "auditd.family",
    "auditd.fd", "auditd.flow", "auditd.netlink.groups", "auditd.netlink.port",
    "auditd.packet.hardware", "auditd.packet.interface", "auditd.packet.protocol",
    "auditd.scope_id", "auditd.session", "auditd.syscall", "auditd.vsock.cid", "auditd.vsock.port",
    "destination.ip", "destination.port", "ecs.version", "error.code", "event.action",
    "event.category", "event.dataset", "event.id", "event.kind", "event.module", "event.outcome",
    "event.risk_score", "event.sequence", "event.severity", "event.type", "file.path", "group.id",
    "host.name", "host.os.type", "labels.partial", "labels.probe", "network.direction",
    "network.transport", "network.type", "oddsock.bucket.span", "oddsock.bucket.start",
    "oddsock.by_field", "oddsock.by_value", "oddsock.connections", "oddsock.function",
    "oddsock.history.buckets_seen", "oddsock.history.buckets_total", "oddsock.history.cadence",
    "oddsock.history.first_seen", "oddsock.history.hosts", "oddsock.history.last_seen",
    "oddsock.job", "oddsock.partition", "oddsock.probability", "oddsock.provisional",
    "oddsock.rule", "oddsock.score", "oddsock.threshold", "process.args", "process.args_count",
    "process.command_line", "process.executable", "process.name", "process.parent.executable",
    "process.parent.name", "process.parent.pid", "process.pid", "process.title",
    "process.working_directory", "rule.id", "rule.license", "rule.name", "rule.reference",
    "rule.ruleset", "rule.version", "source.ip", "source.port", "tags", "threat.framework",
    "threat.tactic.id", "threat.tactic.name", "threat.technique.id", "threat.technique.name",
    "user.audit.id", "user.audit.name", "user.effective.id", "user.effective.name", "user.id",
    "user.name",
];

/// Whether a field may be called so; otherwise what was expected instead.
pub(super) fn check(field: &str) -> Result<(), Cow<'static, str>> {
    if FIELDS.contains(&field) {
        return Ok(());
    }
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-@".contains(&b))
    };
    let is_dotted = field.contains('.') && field.split('.').all(is_name);
    if let Some(near) = near_field(field, is_dotted) {
        return Err(format!("\"{near}\"").into());
    }
    if is_dotted {
        return Ok(());
    }
    Err("the name of a field, such as \"process.name\" or \"destination.ip\"".into())
}

/// The field that was probably meant; half a name is enough where it is no name itself.
fn near_field(field: &str, is_dotted: bool) -> Option<&'static str> {
    let end = |known: &str| !is_dotted && known.rsplit('.').next() == Some(field);
    let usual = ["process.name", "destination.ip", "destination.port", "user.name", "host.name"];
    let begin = |known: &str| !is_dotted && known.split('.').next() == Some(field);
    let by_half = usual.into_iter().find(|known| begin(known) || end(known));
    nearest(field, FIELDS).or(by_half).or_else(|| FIELDS.into_iter().find(|known| end(known)))
}

/// The one of some names from which a word differs by at most two letters, if there is one.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_ascii_lowercase();
    if word.len() > 64 {
        return None;
    }
    let most = if word.len() < 5 { 1 } else { 2 };
    let near = names.into_iter().map(|name| (distance(&word, name), name));
    near.filter(|(distance, _)| *distance <= most).min_by_key(|(far, _)| *far).map(|(_, n)| n)
}

/// How many letters are to be put in, taken out or replaced, or neighbours to be swapped, to make
/// one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_field_is_told_with_the_one_that_was_meant() {
        for (typed, meant) in [
            ("proces.name", "process.name"),
            ("process.nmae", "process.name"),
            ("Destination.IP", "destination.ip"),
            ("port", "destination.port"),
            ("user", "user.name"),
            ("executable", "process.executable"),
        ] {
            assert_eq!(check(typed), Err(format!("\"{meant}\"").into()), "{typed}");
        }
        assert!(check("colour").is_err());
        assert_eq!(check("dns.question.name"), Ok(()));
        assert_eq!(check("labels.environment"), Ok(()));
    }
}
