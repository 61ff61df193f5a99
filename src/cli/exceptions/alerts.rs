//! Alert documents as they come in: one, or any number of them, as JSON.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Deserializer, Map, Value};

use super::files;
use crate::cli::say;

/// How long one document may be: eight connections of the longest command line there is.
const LONGEST: u64 = 32 << 20;

/// What became of reading.
#[derive(Clone, Copy, Default, Debug)]
pub struct Report {
    /// How many alerts were read.
    pub alerts: u64,
    /// Whether something could not be read.
    pub is_partial: bool,
}

/// Reads alerts from a file, or from standard input if it is called `-`.
pub fn read(path: &Path, alert: &mut dyn FnMut(&Map<String, Value>)) -> io::Result<Report> {
    let input: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let left = Rc::new(Cell::new(LONGEST));
    let input = Limited { input: BufReader::new(input), left: left.clone() };
    let mut report = Report::default();
    for (at, document) in Deserializer::from_reader(input).into_iter::<Value>().enumerate() {
        left.set(LONGEST);
        let refuse = |why: &str| say(&format!("{}: document {}: {why}", files::name(path), at + 1));
        match document {
            Ok(Value::Object(document)) => {
                let kind = document.get("event.kind").and_then(Value::as_str);
                if kind.is_some_and(|kind| kind != "alert") {
                    refuse("this is no alert: its event.kind is not \"alert\"");
                    report.is_partial = true;
                    continue;
                }
                alert(&document);
                report.alerts += 1;
            }
            Ok(_) => {
                refuse("this is no alert, which would be a JSON object");
                report.is_partial = true;
            }
            // What follows cannot be told apart any more.
            Err(error) => {
                refuse(&format!("this is no JSON: {error}"));
                report.is_partial = true;
                break;
            }
        }
    }
    Ok(report)
}

/// Input of which only so much may be read until more is allowed.
struct Limited {
    input: BufReader<Box<dyn Read>>,
    left: Rc<Cell<u64>>,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other("the document is longer than 32 MiB"));
        }
        let read = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}
