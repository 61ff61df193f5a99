//! Where a command that runs for long tells of alerts, besides standard output: its options, and
//! what they open.
//!
//! A command flattens [`Destinations`] into its arguments and calls [`Destinations::open`] before
//! it gives up what it does not need and before it starts threads. Secrets come from files and the
//! environment, since arguments are for every user of a machine to see.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::deliver::{self, Destination, Office, Post, Trust};
use crate::hindrance::Hindrance;
use crate::service::{Allowed, Exposition, Place};

/// Where the daemons of this machine listen.
const SYSLOG: &str = "/dev/log";
const JOURNAL: &str = "/run/systemd/journal/socket";

/// What is too secret for an argument.
const POST: &str = "ODDSOCK_POST";
const HEADERS: &str = "ODDSOCK_POST_HEADERS";

/// Who is told of alerts.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Telling others")]
pub struct Destinations {
    /// Append alerts to this file as NDJSON, each once; SIGHUP opens it anew
    #[arg(long, value_name = "PATH")]
    to_file: Option<PathBuf>,

    /// Send alerts to the local syslog
    #[arg(long)]
    syslog: bool,

    /// Send alerts to the systemd journal, with fields
    #[arg(long)]
    journal: bool,

    /// Send alerts to this HTTP endpoint as NDJSON; to Elasticsearch if it ends with /_bulk
    #[arg(long, value_name = "URL")]
    post: Option<String>,

    /// Add the headers in this file, like "Authorization: Bearer ...", to what is posted
    #[arg(long, value_name = "FILE")]
    post_header_file: Option<PathBuf>,

    /// Post only to servers whose certificate one of those in this file has signed
    #[arg(long, value_name = "FILE")]
    post_ca: Option<PathBuf>,

    /// Show figures for Prometheus in this file, or at this port of this machine
    #[arg(long, value_name = "FILE|ADDR:PORT", value_parser = Place::parse)]
    metrics: Option<Place>,
}

/// What the options have opened. No thread has begun yet.
pub struct Opened {
    /// Who takes alerts where they go.
    pub office: Office,
    /// Where figures are shown.
    pub metrics: Option<Exposition>,
    /// What all of it needs when the process locks itself in.
    pub allowed: Allowed,
}

impl Destinations {
    /// Opens everything that is wanted.
    ///
    /// # Errors
    ///
    /// If something cannot be used, in a sentence that names the option.
    pub fn open(&self) -> Result<Opened, Hindrance> {
        let mut destinations: Vec<Destination> = Vec::new();
        if let Some(path) = &self.to_file {
            destinations.push(deliver::file(path)?);
        }
        if self.syslog {
            destinations.push(deliver::syslog(Path::new(SYSLOG)));
        }
        if self.journal {
            destinations.push(deliver::journal(Path::new(JOURNAL)));
        }
        match self.url()? {
            Some(url) => destinations.push(deliver::post(&self.post(url)?)?),
            None if self.post_header_file.is_some() || self.post_ca.is_some() => {
                return Err("--post-header-file and --post-ca need a --post.".to_owned().into());
            }
            None => {}
        }
        let mut allowed = Allowed::default();
        for needs in destinations.iter().map(|destination| &destination.needs) {
            allowed.write.extend(needs.folder.clone());
            allowed.ports.extend(needs.port);
        }
        let metrics = self.metrics.as_ref().map(Exposition::open).transpose()?;
        allowed.write.extend(metrics.as_ref().and_then(Exposition::folder).map(Path::to_owned));
        Ok(Opened { office: Office::new(destinations), metrics, allowed })
    }

    /// The files that are written to, each with its option.
    pub fn files(&self) -> Vec<(&'static str, PathBuf)> {
        let metrics = self.metrics.as_ref().and_then(Place::files);
        let names = ["--metrics", "the .new file of --metrics"];
        let metrics = metrics.into_iter().flat_map(|files| names.into_iter().zip(files));
        self.to_file.iter().map(|path| ("--to-file", path.clone())).chain(metrics).collect()
    }

    /// The files that are read, each with its option.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let header = self.post_header_file.iter().map(|path| ("--post-header-file", path.clone()));
        header.chain(self.post_ca.iter().map(|path| ("--post-ca", path.clone())))
    }

    /// Where to post: a URL may be as secret as a password, as those of chat systems are.
    fn url(&self) -> Result<Option<String>, String> {
        match (&self.post, variable(POST)?) {
            (Some(_), Some(_)) => Err(format!("--post and {POST} are both there; give one.")),
            (given, from_environment) => Ok(given.clone().or(from_environment)),
        }
    }

    fn post(&self, url: String) -> Result<Post, String> {
        Ok(Post {
            url,
            header_file: self.post_header_file.clone(),
            headers: variable(HEADERS)?,
            trust: self.post_ca.clone().map_or(Trust::System, Trust::File),
            patience: None,
        })
    }
}

/// A variable of the environment, if there is something in it.
fn variable(name: &str) -> Result<Option<String>, String> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    value.into_string().map(Some).map_err(|_| format!("{name} is not text."))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        destinations: Destinations,
    }

    fn open(arguments: &[&str]) -> Result<Opened, String> {
        let arguments = ["oddsock"].iter().chain(arguments);
        let command = Command::try_parse_from(arguments).map_err(|error| error.to_string())?;
        command.destinations.open().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_named_is_opened_and_its_needs_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let path = |name: &str| real.join(name).to_str().unwrap().to_owned();
        let (file, prom) = (path("alerts"), path("x.prom"));
        let opened = open(&[
            "--to-file",
            &file,
            "--syslog",
            "--journal",
            "--post",
            "http://localhost:9/_bulk",
            "--metrics",
            &prom,
        ]);
        let opened = opened.unwrap();
        let keys = opened.office.keys();
        assert_eq!(keys.len(), 4);
        assert_eq!(keys[..3], [format!("file {file}"), "syslog".into(), "journal".into()]);
        assert!(keys[3].starts_with("post http://localhost:9 "), "{keys:?}");
        let write = vec![real.clone(), real];
        assert_eq!(opened.allowed, Allowed { read: vec![], write, ports: vec![9] });
    }

    #[test]
    fn without_post_no_network_is_needed_and_without_options_nothing_is() {
        let opened = open(&["--metrics", ":0", "--journal"]).unwrap();
        assert_eq!(opened.allowed, Allowed::default());
        assert!(open(&[]).unwrap().office.keys().is_empty());
    }

    #[test]
    fn what_cannot_be_used_names_its_option() {
        let told = |arguments: &[&str]| open(arguments).err().unwrap();
        assert_eq!(told(&["--post-ca", "x"]), "--post-header-file and --post-ca need a --post.");
        assert!(told(&["--post", "x"]).starts_with("--post: "));
        assert!(told(&["--to-file", "/not/there"]).contains("/not/there"));
        assert!(told(&["--metrics", "99999"]).contains("--metrics <FILE|ADDR:PORT>"));
        assert!(told(&["--metrics", "192.0.2.1:1"]).starts_with("--metrics: cannot listen"));
    }
}
