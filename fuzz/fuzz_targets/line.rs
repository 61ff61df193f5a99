//! Any bytes as a line: its frame, its fields and their values.
//!
//! What is read of a line lies in the line, in the order in which it stands there; reading ends.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use oddsock::audit::{Fields, Line, execve, fields, joined, value};

fuzz_target!(|text: &[u8]| {
    let Some(line) = Line::parse(text) else {
        return fields_are_in_order(text);
    };
    let kind = place(text, line.kind_text).expect("the kind lies in the line");
    let body = place(text, line.body).expect("the body lies in the line");
    assert!(kind.end < body.start && body.end == text.len());
    if let Some(node) = line.node {
        assert!(place(text, node).is_some_and(|node| !node.is_empty() && node.end < kind.start));
    }
    let stamp = line.stamp.to_string();
    assert_eq!(stamp.parse().ok(), Some(line.stamp), "a stamp is read as it is written");
    fields_are_in_order(line.body);
    let _ = execve::arguments(std::iter::once(line.body), false);
    let next = joined::next_record(&joined::record_finder(), line.kind, line.body);
    if let Some(joined::Next::Record(at)) = next {
        assert!(Line::parse(&line.body[at..]).is_some(), "a second record begins with its frame");
    }
});

fn fields_are_in_order(body: &[u8]) {
    let mut last = 0;
    for field in Fields::of(body) {
        let name = place(body, field.name).expect("a name lies in the body");
        assert!(name.start >= last && !name.is_empty());
        last = name.end;
        if !field.raw.is_empty() {
            let raw = place(body, field.raw).expect("a value lies in the body");
            assert!(raw.start > name.end, "a value stands behind its name");
            last = raw.end;
        }
        values(field.raw);
        for field in fields::inside(field.raw) {
            values(field.raw);
        }
    }
}

/// A value is text or a number or a list of keys, or is not, and never grows.
fn values(raw: &[u8]) {
    assert!(value::text(raw).is_none_or(|text| text.len() <= raw.len()));
    assert!(value::keys(raw).iter().all(|key| !key.is_empty()));
    if let Some(number) = value::decimal(raw) {
        assert!(value::id(raw).is_none_or(|id| i64::try_from(id) == Ok(number)));
    }
    let _ = value::hexadecimal(raw);
}

fn place(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start + part.len();
    (end <= whole.len()).then_some(start..end)
}
