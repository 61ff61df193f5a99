//! Any text as a rule file and as a file of exceptions.
//!
//! Reading ends. What can be read can be asked of connections; an error has a place in the text,
//! and shows nothing that acts on a terminal.

#![no_main]

mod all;

use all::All;
use libfuzzer_sys::fuzz_target;
use oddsock::alert::exceptions::Exceptions;
use oddsock::rules::{Happening, Rule, Watch};

fuzz_target!(|text: &str| {
    match Rule::read("fuzz.toml", text) {
        Ok(rule) => {
            let mut watch = Watch::new(rule);
            for time in 0..3 {
                let evidence: &dyn Fn() -> _ = &|| b"{}"[..].into();
                watch.observe(&Happening {
                    fields: &All,
                    time_ms: time,
                    id: time,
                    host: b"web",
                    evidence,
                });
            }
        }
        Err(error) => shows_nothing_that_acts(&error.to_string()),
    }
    if let Err(error) = Exceptions::default().add_file("fuzz.toml", text) {
        shows_nothing_that_acts(&error.to_string());
    }
});

fn shows_nothing_that_acts(shown: &str) {
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}
