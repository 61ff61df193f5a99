//! Any text as a query, and as a hunt file.
//!
//! Reading ends. A query that makes sense can be explained and run; an error has a place in the
//! text, and shows nothing that acts on a terminal.

#![no_main]

mod all;

use all::All;
use libfuzzer_sys::fuzz_target;
use oddsock::hunt::{Event, Hunt, HuntError, MOST_MEMORY, Run, file};

fuzz_target!(|text: &str| {
    match file::query("query", text) {
        Err(error) => has_a_place(&error, text),
        Ok(plan) => {
            assert!(plan.explained().ends_with('\n'));
            let mut run = Run::new(&plan, 0, MOST_MEMORY);
            for millis in 0..3 {
                let event = Event { millis, fields: &All, class: Some(0), may_repeat: false };
                run.take(&event).expect("three events need little");
            }
            let Ok(outcome) = run.finish() else { return };
            for row in &outcome.rows {
                assert_eq!(row.len(), plan.columns().len());
            }
        }
    }
    if let Err(error) = Hunt::read("fuzz.toml", text) {
        has_a_place(&error, text);
    }
});

fn has_a_place(error: &HuntError, text: &str) {
    assert!(error.line <= text.matches('\n').count() + 1, "{error}");
    assert!(error.column >= 1);
    let shown = error.to_string();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}
