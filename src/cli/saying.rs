//! What is said on standard error.

use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Mutex, PoisonError};

use super::spout::Spout;
use crate::output::escape;

/// How many messages have found no room in standard error since one did; none where whoever says
/// something waits until it is written.
static UNSAID: Mutex<Option<u64>> = Mutex::new(None);

/// From now on nobody waits for who reads standard error: what has no room there is lost, and how
/// much that was is said when there is.
pub fn never_wait() {
    UNSAID.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(0);
}

/// Says something on standard error. What is said may have several lines; the names in it have
/// none, since they are spelled out.
pub fn say(text: &str) {
    let lines: Vec<String> = text.trim_end().split('\n').map(escape::harmless).collect();
    let text = format!("oddsock: {}\n", lines.join("\n"));
    match &mut *UNSAID.lock().unwrap_or_else(PoisonError::into_inner) {
        None => drop(io::stderr().write_all(text.as_bytes())),
        Some(unsaid) => {
            let before = match *unsaid {
                0 => String::new(),
                // The last of them may have been cut.
                1 => "\noddsock: 1 message could not be told here.\n".to_string(),
                number => format!("\noddsock: {number} messages could not be told here.\n"),
            };
            let text = before + &text;
            let is_file = false;
            let (written, _) = Spout::new(is_file).pour(io::stderr().as_fd(), text.as_bytes(), 0);
            *unsaid = if written == text.len() { 0 } else { *unsaid + 1 };
        }
    }
}
