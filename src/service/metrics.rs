//! Where figures can be had: in a file, or by HTTP from a port of this machine.
//!
//! A page comes in whenever there is a newer one. A file is written whole ([`whole`]), so that
//! node_exporter never reads half of it. The port answers `GET /metrics` and nothing else, one
//! caller after the other, and none can keep it from the next for longer than a few seconds.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Page;
use super::whole::{self, WholeFile};
use crate::access::{self, Wanted};
use crate::folder;
use crate::hindrance::Hindrance;
use crate::quoted::Quoted;

/// How long a caller may be silent, and how often it may send a piece of its question.
const SILENCE: Duration = Duration::from_secs(2);
const PIECES: usize = 8;

/// No question is longer.
const LONGEST: usize = 8 << 10;

/// Where figures are to be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// From a port.
    Port(SocketAddr),
}

impl Place {
    /// What the operator wrote: `9618`, `:9618`, `localhost:9618` and `127.0.0.1:9618` are a port
    /// of this machine that no other can reach; other addresses are as they are; all else names a
    /// file, and what has a slash in it always does.
    ///
    /// # Errors
    ///
    /// If it looks like a port and is none: digits alone, or anything behind a colon.
    pub fn parse(text: &str) -> Result<Place, String> {
        if text.contains('/') {
            return Ok(Place::File(PathBuf::from(text)));
        }
        let here = |port: &str| {
            let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let port = port.parse().ok().filter(|_| is_number)?;
            Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        };
        let port = text.strip_prefix("localhost:").or(text.strip_prefix(':')).unwrap_or(text);
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match here(port).or_else(|| text.parse().ok()) {
            Some(address) => Ok(Place::Port(address)),
            None if is_number => {
                Err(format!("no port is above {}; a file of that name is ./{text}", u16::MAX))
            }
            None if text.contains(':') => Err(format!(
                "not a port of an address, such as 127.0.0.1:9618; a file of that name is ./{text}"
            )),
            None => Ok(Place::File(PathBuf::from(text))),
        }
    }

    /// The file, and the one beside it that it is written to first.
    pub fn files(&self) -> Option<[PathBuf; 2]> {
        match self {
            Place::File(path) => Some([path.clone(), whole::beside(path)]),
            Place::Port(_) => None,
        }
    }
}

/// A place that was opened.
#[derive(Debug)]
pub enum Exposition {
    /// A file, which is written anew each time.
    File(WholeFile),
    /// A port, and the page that is shown there.
    Port {
        /// What a thread is to listen at.
        listener: Option<TcpListener>,
        /// Where it listens.
        address: SocketAddr,
        /// What it shows.
        page: Arc<Mutex<String>>,
    },
}

impl Exposition {
    /// Opens a place. What confines a process to what it needs is to be done after it.
    ///
    /// # Errors
    ///
    /// If the port is taken, or the file cannot be written, in a sentence.
    pub fn open(place: &Place) -> Result<Exposition, Hindrance> {
        match place {
            Place::File(path) => {
                let cannot = |error: io::Error| Hindrance::of(&error, cannot_write(path, &error));
                WholeFile::open(path).map(Exposition::File).map_err(cannot)
            }
            Place::Port(address) => {
                // Another may be about to leave the port, and the address is there later.
                let cannot = |error: io::Error| {
                    let said = format!("--metrics: cannot listen at {address}: {error}.");
                    Hindrance::of(&error, said)
                };
                let listener = TcpListener::bind(address).map_err(cannot)?;
                let address = listener.local_addr().map_err(cannot)?;
                let page = Arc::default();
                Ok(Exposition::Port { listener: Some(listener), address, page })
            }
        }
    }

    /// The folder in which it makes files.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Exposition::File(file) => Some(folder::of(file.path())),
            Exposition::Port { .. } => None,
        }
    }

    /// Starts the thread that listens, if one is needed.
    ///
    /// # Errors
    ///
    /// If there can be no thread.
    pub fn start(&mut self) -> Result<(), String> {
        let Exposition::Port { listener, page, .. } = self else { return Ok(()) };
        let Some(listener) = listener.take() else { return Ok(()) };
        let page = Arc::clone(page);
        let listen = move || {
            for caller in listener.incoming() {
                match caller {
                    Ok(mut caller) => _ = answer(&mut caller, &page),
                    // Too many files are open, or the like: that does not pass at once.
                    Err(_) => thread::sleep(Duration::from_millis(200)),
                }
            }
        };
        let thread = thread::Builder::new().name("metrics".to_owned()).spawn(listen);
        thread.map(drop).map_err(|error| format!("--metrics: there is no thread for it: {error}."))
    }

    /// Shows a newer page.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, in a sentence. The older one stays then.
    pub fn show(&self, page: &Page) -> Result<(), String> {
        match self {
            Exposition::File(file) => {
                file.write(page.text()).map_err(|error| cannot_write(file.path(), &error))
            }
            Exposition::Port { page: shown, .. } => {
                let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                shown.clear();
                shown.push_str(page.text());
                Ok(())
            }
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    // What is in the way is in the way of the other: the file itself is not written to.
    let told = access::told(error, &whole::beside(path), Wanted::Write);
    format!("--metrics: cannot write {}: {told}", Quoted(path))
}

/// Answers a caller.
fn answer(caller: &mut TcpStream, page: &Mutex<String>) -> io::Result<()> {
    caller.set_read_timeout(Some(SILENCE))?;
    caller.set_write_timeout(Some(SILENCE))?;
    let question = question(caller)?;
    let (status, body) = match status(&question) {
        "200 OK" => {
            let page = page.lock().unwrap_or_else(PoisonError::into_inner).clone();
            ("200 OK", page)
        }
        status => (status, format!("{status}\n")),
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {length}\r\nAllow: GET\r\nConnection: close\r\n\r\n{body}"
    );
    caller.write_all(answer.as_bytes())
}

/// What a caller asks, as far as it is of interest: up to the empty line, or until it is too long.
fn question(caller: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut question = Vec::new();
    let mut piece = [0; 1024];
    for _ in 0..PIECES {
        let length = caller.read(&mut piece)?;
        question.extend_from_slice(&piece[..length]);
        let is_whole = question.windows(4).any(|end| end == b"\r\n\r\n");
        if length == 0 || is_whole || question.len() >= LONGEST {
            break;
        }
    }
    Ok(question)
}

fn status(question: &[u8]) -> &'static str {
    if !question.windows(4).any(|end| end == b"\r\n\r\n") {
        return "400 Bad Request";
    }
    let line = question.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    match words[..] {
        [b"GET", path, version] if version.starts_with(b"HTTP/1.") => {
            match path.split(|byte| *byte == b'?').next() {
                Some(b"/metrics") => "200 OK",
                _ => "404 Not Found",
            }
        }
        [_, _, version] if version.starts_with(b"HTTP/1.") => "405 Method Not Allowed",
        _ => "400 Bad Request",
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
