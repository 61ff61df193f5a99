//! Any text as a query, and as a hunt file.
//!
//! Reading ends. A query that makes sense can be explained and run; an error has a place in the
//! text, and shows nothing that acts on a terminal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oddsock::hunt::{Event, Hunt, HuntError, MOST_MEMORY, Run, file};
use oddsock::rules::{Field, Fields, Value};

/// Something that has a value of its type in every field.
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
