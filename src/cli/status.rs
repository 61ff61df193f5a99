//! `oddsock status`: how far a log has been followed, and what was lost on the way.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::tail::{self, counters};
use super::{Ending, clock, knowledge};
use crate::output::escape;
use crate::quoted::Quoted;
use crate::store::{Backlog, Bookmark, STANDARD_OUTPUT};

/// Show how far a log has been followed, and what was lost on the way
///
/// Reads what `oddsock tail` has saved last, a few seconds ago if it is running: how far it has
/// read, the last event and the last quarter of an hour that was judged, and what was counted.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The state; if not given, "state" in $STATE_DIRECTORY or /var/lib/oddsock
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  oddsock status                     how far the log of this machine has been followed
  oddsock status --state state.db    the same, of another state

Exit status: 0 a log is followed, 1 none ever was, 2 the state cannot be read.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    let path = tail::state(arguments.state.as_deref())?;
    let store = knowledge::opened(&path)?;
    let logs = store.logs().map_err(|error| error.to_string())?;
    let now = clock::now();
    let mut text = String::new();
    for log in &logs {
        let mark = store.bookmark(log).map_err(|error| error.to_string())?;
        if let Some(mark) = mark.filter(|mark| mark.saved > 0) {
            text += &of(&mark, now);
        }
    }
    if !text.is_empty() {
        text += &waiting(&store.backlogs().map_err(|error| error.to_string())?, now);
    }
    if text.is_empty() {
        super::say(&format!("no log was followed with the state {}.", Quoted(&path)));
        return Ok(Ending::NothingFound);
    }
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(Ending::Found),
    }
}

fn of(mark: &Bookmark, now: u64) -> String {
    let log = PathBuf::from(OsString::from_vec(mark.log.clone()));
    let name = match mark.log.as_slice() {
        b"-" => "standard input".to_string(),
        _ => Quoted(&log).to_string(),
    };
    let counted = counters::Counters::of(&mark.counters);
    let mut lines = vec![("log", name), ("saved", when(mark.saved, now))];
    if let Some(file) = mark.files.last() {
        let behind = counted.get("behind");
        lines.push(("position", format!("byte {} of inode {}", file.read_to, file.inode)));
        lines.push(("behind", format!("{behind} bytes when it was saved")));
    }
    lines.push(("last event", when(mark.newest, now)));
    lines.push(("last judged", when(counted.get("last judged"), now)));
    let waiting = mark.unjudged.len();
    lines.push(("to be judged", format!("{waiting} buckets")));
    for (counter, words) in counters::NAMES {
        lines.push((words, counted.get(counter).to_string()));
    }
    lines.iter().map(|(what, is)| line(what, is)).collect()
}

/// What has not been told yet, of all logs: whom it waits for, and since when.
fn waiting(backlogs: &[Backlog], now: u64) -> String {
    let mut all = backlogs.to_vec();
    // Where nothing waits, that is worth a line as well.
    if all.iter().all(|backlog| backlog.destination != STANDARD_OUTPUT) {
        let destination = STANDARD_OUTPUT.to_string();
        all.insert(0, Backlog { destination, ..Backlog::default() });
    }
    let each = all.iter().map(|backlog| {
        let mut is = Vec::new();
        escape::text(backlog.destination.as_bytes(), &mut is);
        let mut is = format!("{}: {} alerts", String::from_utf8_lossy(&is), backlog.letters);
        if backlog.letters > 0 {
            is += &format!(", the oldest of {}", when(backlog.oldest, now));
        }
        if backlog.lost > 0 {
            is += &format!("; {} were lost, as too many waited", backlog.lost);
        }
        line("to be told", &is)
    });
    each.collect()
}

fn line(what: &str, is: &str) -> String {
    format!("{what:<38} {is}\n")
}

/// A time, and how long ago it was; a dash for none.
fn when(millis: u64, now: u64) -> String {
    let time = i64::try_from(millis).ok().and_then(|m| Timestamp::from_millisecond(m).ok());
    match time.filter(|_| millis > 0) {
        None => "-".to_string(),
        Some(time) => {
            let ago = now.saturating_sub(millis) / 1000;
            let ago = match ago {
                0..120 => format!("{ago} s"),
                120..7200 => format!("{} min", ago / 60),
                7200..172_800 => format!("{} h", ago / 3600),
                _ => format!("{} days", ago / 86_400),
            };
            format!("{} ({ago} ago)", time.strftime("%Y-%m-%d %H:%M:%S UTC"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_destination_has_a_line_with_what_waits_for_it_and_since_when() {
        const NOON: u64 = 1_786_708_800_000;
        let backlog = |destination: &str, letters, lost| Backlog {
            destination: destination.to_string(),
            letters,
            lost,
            oldest: NOON - 3 * 3_600_000,
            ..Backlog::default()
        };
        let all = [backlog("file /a\u{202e}b", 0, 7), backlog("syslog", 100_000, 2)];
        let told = waiting(&all, NOON);
        let lines: Vec<&str> = told.lines().map(|line| line[10..].trim_start()).collect();
        assert_eq!(
            lines,
            [
                "standard output: 0 alerts",
                "file /a\\u{202e}b: 0 alerts; 7 were lost, as too many waited",
                "syslog: 100000 alerts, the oldest of 2026-08-14 09:00:00 UTC (3 h ago); 2 were \
                 lost, as too many waited",
            ]
        );
    }
}
