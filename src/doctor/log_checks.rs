//! The checks of a log: what is in it says what the rules recorded that made it.
//!
//! Connections come in, and what was counted of everything else; findings go out. A log can show
//! that something is recorded; that something is lost it can only make likely, and that is said.

use super::finding::{Finding, Level};
use super::rules::is_64_bit;
use crate::audit::assembly::Account;
use crate::audit::family::Family;
use crate::audit::{Action, Connection, Outcome};

/// Fewer connects than this say nothing about those that are not there.
const ENOUGH: u64 = 100;

/// What was seen in a log.
#[derive(Clone, Default, Debug)]
pub struct Tally {
    connects: u64,
    of_unix: u64,
    of_ipv4: u64,
    of_ipv6: u64,
    without_address: u64,
    open: u64,
    failed: u64,
    of_narrow: u64,
    with_arguments: u64,
    with_transport: u64,
    with_names: u64,
    without_key: u64,
    first: Option<u64>,
    last: u64,
}

impl Tally {
    /// Takes the next connection.
    pub fn see(&mut self, seen: &Connection<'_>) {
        if seen.action != Action::ConnectionAttempted {
            return;
        }
        self.first.get_or_insert(seen.stamp.millis);
        self.last = self.last.max(seen.stamp.millis);
        self.connects += 1;
        match seen.family {
            Some(Family::UNIX) => {
                self.of_unix += 1;
                return;
            }
            Some(Family::INET) => self.of_ipv4 += 1,
            Some(Family::INET6) => self.of_ipv6 += 1,
            Some(_) => return,
            None => {
                self.without_address += 1;
                return;
            }
        }
        self.open += u64::from(seen.outcome == Outcome::InProgress);
        self.failed += u64::from(seen.outcome == Outcome::Failure);
        self.of_narrow += u64::from(seen.arch.is_some_and(|arch| !is_64_bit(arch)));
        self.with_arguments += u64::from(seen.arguments.is_some());
        self.with_transport += u64::from(seen.transport.is_some());
        self.with_names += u64::from(seen.user.name.is_some() || seen.user.id.is_none());
        self.without_key += u64::from(seen.keys.is_empty());
    }

    /// When the first connect was, in milliseconds, and when the last.
    pub fn span(&self) -> Option<(u64, u64)> {
        self.first.map(|first| (first.min(self.last), self.last))
    }

    /// What is wrong with the log. `is_recorded` says whether the rules that are known to be loaded
    /// record connects, which this log need not have seen yet.
    pub fn findings(&self, account: &Account, is_recorded: bool) -> Vec<Finding> {
        let ip = self.of_ipv4 + self.of_ipv6;
        if self.connects == 0 {
            let (level, why) = match is_recorded {
                false => (Level::Bad, "the rules record none, or nobody made one"),
                true => (Level::Unknown, "nobody has made one since the rules were loaded"),
            };
            let events = counted(account.events, "event");
            let reason = format!("there is no connect among {events}: {why}");
            return vec![Finding::new("connects", level, reason)];
        }
        let mut findings = vec![self.connects(ip)];
        if self.without_address * 2 > self.connects {
            let reason = format!(
                "{} of {} connects have no address: records of type SOCKADDR are excluded or lost",
                self.without_address, self.connects
            );
            findings.push(Finding::new("records", Level::Bad, reason));
        }
        if self.of_unix > ENOUGH && self.of_unix > ip {
            let reason = format!(
                "{} of connects are to Unix sockets: they fill the log; see -F saddr_fam!=1 in \
                 oddsock-audit-rules(7)",
                share(self.of_unix, self.connects)
            );
            findings.push(Finding::new("flood", Level::Warn, reason));
        }
        if ip > 0 {
            findings.push(self.outcomes(ip));
            findings.push(of_part(
                "execs",
                self.with_arguments,
                ip,
                [
                    "the arguments of whoever connects are known",
                    "the starts of programs are not recorded, so nobody's arguments are known",
                ],
            ));
            findings.push(of_part(
                "sockets",
                self.with_transport,
                ip,
                [
                    "TCP is told from UDP",
                    "the making of sockets is not recorded, so TCP is not told from UDP",
                ],
            ));
            findings.push(of_part(
                "format",
                self.with_names,
                ip,
                ["users have names (ENRICHED)", "users have numbers only: the log is RAW"],
            ));
            findings.push(of_part(
                "keys",
                ip - self.without_key,
                ip,
                [
                    "connects have the keys of their rules",
                    "no connect has the key of a rule, so they cannot be told by --key",
                ],
            ));
            findings.extend(self.absent(ip));
        }
        findings.push(gaps(account));
        findings
    }

    fn connects(&self, ip: u64) -> Finding {
        let others = self.connects - ip - self.of_unix - self.without_address;
        let reason = format!(
            "{}: IPv4 {}, IPv6 {}, Unix sockets {}, others {others}, without address {}",
            counted(self.connects, "connect"),
            self.of_ipv4,
            self.of_ipv6,
            self.of_unix,
            self.without_address
        );
        Finding::new("connects", Level::Ok, reason)
    }

    fn outcomes(&self, ip: u64) -> Finding {
        let told = |level, reason: String| Finding::new("outcomes", level, reason);
        let open = share(self.open, ip);
        match (self.open, self.failed) {
            (0, 0) if ip >= ENOUGH => told(
                Level::Warn,
                format!(
                    "not one of {ip} connects failed or was left open: the rules most likely have \
                     -F success=1 or -F exit=0, and lose those that do not block"
                ),
            ),
            (0, _) => told(
                Level::Unknown,
                format!("none of {} is one that does not block", counted(ip, "connect")),
            ),
            _ => told(Level::Ok, format!("{open} of connects are ones that do not block")),
        }
    }

    /// What is not there, without anybody knowing why.
    fn absent(&self, ip: u64) -> Option<Finding> {
        let mut absent = Vec::new();
        for (count, what) in [
            (self.of_ipv4, "none is by IPv4"),
            (self.of_ipv6, "none is by IPv6"),
            (self.of_narrow, "none is of a 32-bit program"),
        ] {
            if count == 0 {
                absent.push(what);
            }
        }
        (!absent.is_empty()).then(|| {
            let reason = format!(
                "of {}, {}: there were none, or the rules lose them; --rules tells",
                counted(ip, "connect"),
                absent.join(", ")
            );
            Finding::new("absent", Level::Unknown, reason)
        })
    }
}

fn of_part(check: &'static str, part: u64, all: u64, [good, none]: [&str; 2]) -> Finding {
    match part {
        0 => Finding::new(check, Level::Warn, none),
        _ => Finding::new(check, Level::Ok, format!("{good}: {} of connects", share(part, all))),
    }
}

fn gaps(account: &Account) -> Finding {
    if account.gaps == 0 {
        return Finding::new("gaps", Level::Ok, "no number of an event is missing");
    }
    let reason = format!(
        "{} are missing in {}: the kernel lost them, a rule excludes them, or a file is missing",
        counted(account.lost, "event"),
        counted(account.gaps, "place")
    );
    Finding::new("gaps", Level::Warn, reason)
}

fn counted(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// A share in percent, which is never 0 or 100 where there are some and not all.
fn share(part: u64, all: u64) -> String {
    let percent = u128::from(part) * 100 / u128::from(all.max(1));
    match percent {
        0 if part > 0 => "less than 1 %".to_owned(),
        _ => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_without_connects_is_bad_unless_good_rules_were_just_loaded() {
        let account = Account { events: 41, ..Account::default() };
        let level = |is_recorded| Tally::default().findings(&account, is_recorded)[0].level;
        assert_eq!(level(false), Level::Bad);
        assert_eq!(level(true), Level::Unknown);
        assert!(!level(true).wants_mending());
    }
}
