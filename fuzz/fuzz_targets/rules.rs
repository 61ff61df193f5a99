//! Any text as a rule file and as a file of exceptions.
//!
//! Reading ends. What can be read can be asked of connections; an error has a place in the text,
//! and shows nothing that acts on a terminal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oddsock::alert::exceptions::Exceptions;
use oddsock::rules::{Field, Fields, Rule, Value, Watch};

/// Something that has a value in every field.
struct All;

impl Fields for All {
    fn value(&self, field: &Field) -> Option<Value<'_>> {
        let name = field.name();
        Some(match name {
            _ if name.ends_with(".ip") => Value::Ip([192, 0, 2, 7].into()),
            _ if name.ends_with("port") || name.ends_with("pid") => Value::Number(443),
            _ => Value::text("a"),
        })
    }
}

fuzz_target!(|text: &str| {
    match Rule::read("fuzz.toml", text) {
        Ok(rule) => {
            let mut watch = Watch::new(rule);
            for time in 0..3 {
                watch.observe(&All, time, time, b"web", &|| b"{}"[..].into());
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
