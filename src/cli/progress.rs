//! The progress bar: on a terminal's standard error only, and only when reading takes a while.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar with MB/s and the time left.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for this many bytes, or for no one knows how many.
    pub fn of(bytes: Option<u64>) -> Progress {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(bytes, ProgressDrawTarget::stderr_with_hz(5))
        } else {
            ProgressBar::hidden()
        };
        let template = match bytes {
            Some(_) => "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
            None => "{msg} {spinner} {bytes} {bytes_per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Progress { bar }
    }

    /// This many more bytes were read of this source.
    pub fn add(&self, source: &str, bytes: u64) {
        if !self.bar.is_hidden() {
            let name = source.rsplit('/').next().unwrap_or(source);
            self.bar.set_message(name.chars().filter(|c| !c.is_control()).collect::<String>());
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
