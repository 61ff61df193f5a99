//! The progress bar: on a terminal's standard error only, and only when reading takes a while.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

/// A bar with MB/s and the time left.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for this many bytes, or for no one knows how many.
    pub fn of(bytes: Option<u64>) -> Progress {
        let bar = if stderr().is_terminal() {
            ProgressBar::with_draw_target(bytes, ProgressDrawTarget::stderr_with_hz(5))
        } else {
            ProgressBar::hidden()
        };
        let columns = terminal_size_of(stderr()).map_or(80, |(Width(columns), _)| columns);
        if let Ok(style) = ProgressStyle::with_template(template(columns, bytes.is_some())) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress { bar }
    }

    /// This many more bytes were read of this source.
    pub fn add(&self, source: &str, bytes: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_message(short_name(source).to_owned());
            self.bar.inc(bytes);
        }
    }

    /// Takes the bar away while something is written to the terminal.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.bar.is_hidden() { write() } else { self.bar.suspend(write) }
    }

    /// Takes the bar away for good.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// What fits into a line of the terminal: a bar that wraps leaves its pieces behind. `wide_msg` is
/// the name of the file, cut to whatever room is left.
fn template(columns: u16, is_size_known: bool) -> &'static str {
    match (columns, is_size_known) {
        (80.., true) => "{bar:16} {bytes}/{total_bytes} {bytes_per_sec} {eta} left {wide_msg}",
        (30.., true) => "{percent}% {bytes_per_sec} {wide_msg}",
        (_, true) => "{percent}%",
        (40.., false) => "{spinner} {bytes} {bytes_per_sec} {wide_msg}",
        (_, false) => "{bytes}",
    }
}

/// The last part of a source's name, which is spelled out already.
fn short_name(source: &str) -> &str {
    let inside = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let name = inside.unwrap_or(source);
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_the_last_part_of_its_name() {
        assert_eq!(short_name("\"/var/log/audit/audit.log\""), "audit.log");
        assert_eq!(short_name("\"audit.log\""), "audit.log");
        assert_eq!(short_name("standard input"), "standard input");
    }
}
