//! `oddsock tail`: follows a log while it is written, and tells what is unusual when it happens.

mod apart;
mod bookmarks;
mod clock;
pub mod counters;
mod ears;
mod frontier;
mod judging;
mod marks;
mod outlet;
mod outputs;
mod reach;
mod reloading;
mod saving;
mod service;
mod signals;
mod source;
mod telling;
mod told;
mod waiting;
mod watch;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::again::Again;
use super::destinations::Destinations;
use super::exceptions::files;
use super::judged::Showing;
use super::logs::Input;
use super::places::Databases;
use super::remembering::Remembering;
use super::screen::Colours;
use super::{Ending, catalogue, config, say, saying, verdicts};
use crate::access::{self, Wanted};
use crate::hindrance::Hindrance;
use crate::input::follow::{Follower, Start, Wake};
use crate::input::{self, AUDITD_CONF};
use crate::output::alerts::Format;
use crate::store::Store;
use apart::Named;
use service::Service;
use source::{Source, Stream};
use watch::Watch;

/// Where the state is unless somebody says otherwise.
const FOLDER: &str = "/var/lib/oddsock";

/// Follow the audit log, and show what is unusual when it happens
///
/// Follows the log that auditd writes, through rotation and restarts, puts connections together as
/// they come, and asks the rules' questions whenever a quarter of an hour is over. What was learnt
/// and how far the log was read are kept in a state file: a later run goes on where this one
/// stopped. The first run learns from the rotated files that are there.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The log to follow, or - for what audispd writes to standard input; without it, the log that
    /// auditd writes
    #[arg(value_name = "FILE", conflicts_with = "socket")]
    file: Option<PathBuf>,

    /// Read from this socket of auditd's af_unix plugin instead of a log
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,

    /// How to show alerts: text, which is the default, or ndjson
    #[arg(short = 'f', long, value_name = "FORMAT", value_parser = format)]
    #[arg(default_value = "text", hide_default_value = true)]
    format: Format,

    /// Write the connections to this file too, as NDJSON
    #[arg(long, value_name = "FILE")]
    connections: Option<PathBuf>,

    /// Show alerts as soon as something is seen, marked provisional, and again when its quarter of
    /// an hour is over
    #[arg(long)]
    early: bool,

    #[command(flatten)]
    showing: Showing,

    #[command(flatten)]
    rules: catalogue::Choice,

    #[command(flatten)]
    remembering: Remembering,

    /// Keep what is learnt, and how far the log was read, in this file; if not given, in "state" in
    /// $STATE_DIRECTORY or /var/lib/oddsock
    #[arg(long, value_name = "FILE", help_heading = "Knowing")]
    state: Option<PathBuf>,

    /// Do not learn from the rotated files when a log is followed first
    #[arg(long, help_heading = "Knowing")]
    no_backfill: bool,

    #[command(flatten)]
    verdicts: verdicts::Known,

    #[command(flatten)]
    destinations: Destinations,

    #[command(flatten)]
    places: Databases,

    #[command(flatten)]
    colours: Colours,

    /// The host of records that name none
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    host: Option<String>,
}

const EXAMPLES: &str = "Examples:
  oddsock tail                                      the log of this machine
  oddsock tail --early                              do not wait for the quarter of an hour
  oddsock tail --format ndjson | jq                 one JSON document an alert
  oddsock tail --connections /var/log/oddsock.json  every connection as well
  oddsock status                                    how far it has come

Signals: TERM and INT save and end, HUP reads rules and exceptions again and opens output files
anew, USR1 says how things stand.

Exit status: 0 ended by a signal or by the end of standard input, 2 wrong usage, or the log, the
state or an output cannot be used, 75 nor can they now, and another start may go well.";

/// The formats there are: a table has an end, and a log that is followed has none.
pub const FORMATS: [&str; 2] = ["text", "ndjson"];

fn format(name: &str) -> Result<Format, String> {
    let known = Format::ALL.into_iter().find(|format| format.name() == name);
    known
        .filter(|_| FORMATS.contains(&name))
        .ok_or_else(|| format!("not a format; give {}", FORMATS.join(" or ")))
}

/// Where the state is.
pub fn state(given: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = given {
        return Ok(path.to_path_buf());
    }
    // systemd names several folders if a unit has several; the first is ours.
    let named = std::env::var_os("STATE_DIRECTORY").unwrap_or_default();
    let named = named.to_string_lossy().split(':').next().unwrap_or_default().to_string();
    let folder = if named.is_empty() { FOLDER.to_string() } else { named };
    Ok(Path::new(&folder).join("state"))
}

/// Makes the folder of a state that nobody has named.
fn make_folder(path: &Path) -> Result<(), Hindrance> {
    use std::os::unix::fs::DirBuilderExt;
    let Some(folder) = path.parent() else { return Ok(()) };
    let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(folder);
    made.map_err(|error| {
        let said = format!(
            "cannot make the folder {} for the state: {} Or name a file with --state.",
            crate::quoted::Quoted(folder),
            access::told(&error, folder, Wanted::Write)
        );
        Hindrance::of(&error, said)
    })
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    saying::never_wait();
    let signals = signals::Signals::new().map_err(|error| format!("cannot hear: {error}"))?;
    match begin(arguments) {
        Ok(mut watch) => watch.run(&signals).map(|()| Ending::Found),
        Err(Hindrance::Lasting(error)) => Err(error),
        Err(Hindrance::Passing(error)) => {
            say(&error);
            Ok(Ending::TryLater)
        }
    }
}

/// Opens everything, and locks the process in.
fn begin(arguments: &Arguments) -> Result<Watch<'_>, Hindrance> {
    let path = state(arguments.state.as_deref())?;
    let (name, log) = followed(arguments);
    arguments.check_apart(log.as_deref(), &path)?;
    if arguments.state.is_none() {
        make_folder(&path)?;
    }
    let store = Store::open(&path)?;
    // A link may lead to it, and SQLite's other files are where it is.
    let kept = store.path().to_path_buf();
    let mark = store.bookmark(&name)?;
    let (source, host) = match (&arguments.socket, log.clone()) {
        (Some(socket), _) => (Source::Socket(socket.clone(), None, 0), input::this_machine()),
        (None, None) => {
            let stream = Stream::new("standard input".to_string());
            (Source::Input(stream), input::this_machine())
        }
        (None, Some(log)) => {
            // Before the first save nothing is known but the files that are written to.
            let start = match mark.as_ref().filter(|mark| mark.saved > 0) {
                Some(mark) => Start::Behind(bookmarks::position(mark)),
                None => Start::Afresh { learn: !arguments.no_backfill },
            };
            let mut follower = Follower::new(&log, start);
            follower.begin()?;
            let host = match arguments.file {
                Some(_) => input::host_of(&log),
                None => input::this_machine(),
            };
            let wake = Wake::of(&log);
            (Source::Log(Box::new(follower), wake), host)
        }
    };
    let host = arguments.host.clone().unwrap_or(host);
    let service = Service::open(&arguments.destinations)?;
    let mut watch = Watch::new(arguments, store, source, &host, (name, mark), service)?;
    let read = arguments.read_again(log.as_deref());
    let write = [Some(&kept), arguments.connections.as_ref()].into_iter().flatten();
    watch.service.begin(read, write.flat_map(|path| reach::of_file(path)).collect())?;
    Ok(watch)
}

impl Arguments {
    /// What finds an alert again: the state knows it, wherever its log has gone.
    fn again<'a>(&'a self, state: &'a Path) -> Again<'a> {
        Again {
            state: Some(state),
            rules: &self.rules,
            remembering: &self.remembering,
            host: None,
            input: Input::Audit,
            logs: Vec::new(),
        }
    }

    /// Makes sure that nothing is written to what is read, and nothing by two.
    fn check_apart(&self, log: Option<&Path>, state: &Path) -> Result<(), String> {
        let mut written = apart::streams();
        written.extend(apart::of_state(state));
        written.extend(self.connections.iter().map(|path| ("--connections", path.clone())));
        written.extend(self.destinations.files());
        let mut read: Vec<Named> = self.destinations.read().chain(self.places.files()).collect();
        if log.is_none() && self.socket.is_none() {
            read.push(apart::stdin());
        }
        let own = self.rules.places().iter().cloned().chain(self.verdicts.places());
        let of_the_machine = [catalogue::RULES, files::SYSTEM].map(PathBuf::from);
        read.extend(
            own.chain(of_the_machine).map(|place| ("a file of rules or exceptions", place)),
        );
        read.extend(config::files().into_iter().map(|file| ("a file of settings", file)));
        read.push(("auditd.conf", PathBuf::from(AUDITD_CONF)));
        apart::check(&written, &apart::Kept { log, read: &read })
    }

    /// What is opened again and again while a log is followed: rotated files beside it, and rules
    /// and exceptions when a signal asks for it.
    fn read_again(&self, log: Option<&Path>) -> Vec<PathBuf> {
        let mut reach = log.map(reach::of_log).unwrap_or_default();
        let exceptions: Vec<PathBuf> = self.verdicts.places().collect();
        for place in self.rules.places().iter().chain(&exceptions) {
            reach.extend(reach::of_settings(place));
        }
        reach
    }
}

/// What the state calls that which is followed, and its path if it is a log.
fn followed(arguments: &Arguments) -> (Vec<u8>, Option<PathBuf>) {
    use std::os::unix::ffi::OsStringExt;
    if let Some(socket) = &arguments.socket {
        return (socket.clone().into_os_string().into_vec(), None);
    }
    let log = match &arguments.file {
        Some(file) if file == Path::new("-") => return (b"-".to_vec(), None),
        Some(file) => file.clone(),
        None => input::log_file(&fs::read_to_string(AUDITD_CONF).unwrap_or_default()),
    };
    // The same log is the same whatever folder this runs in; it need not be there yet.
    let whole = std::path::absolute(&log).unwrap_or_else(|_| log.clone());
    (OsString::from(whole).into_vec(), Some(log))
}
