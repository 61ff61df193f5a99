//! Counts as JSON, an object a row: what was counted under its name, and the numbers under
//! `summary.`.

use std::io::Write as _;

use super::columns;
use crate::counts::{Columns, Row, values};
use crate::output::clock::Clock;
use crate::output::json::{self, Object, key};
use crate::summary::Table;
use crate::time::LAST;

pub(super) fn table(table: &Table, top: usize, out: &mut Vec<u8>) {
    let columns = columns(table);
    for row in table.counts.top(top) {
        line(table, &row, columns, out);
    }
}

fn line(table: &Table, row: &Row<'_>, columns: Option<Columns>, out: &mut Vec<u8>) {
    let mut exact = Vec::new();
    out.extend_from_slice(b"{\"summary.by\":[");
    for (at, by) in table.by.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b"," });
        json::string(by.name.as_bytes(), out);
    }
    out.push(b']');
    let mut object = Object { out, exact: &mut exact };
    for (by, value) in table.by.iter().zip(values(row.key)) {
        if let Some(value) = value {
            object.named(&by.name);
            let number = std::str::from_utf8(&value).ok().and_then(|text| text.parse::<i64>().ok());
            match number.filter(|_| by.is_number()) {
                Some(number) => json::decimal(number, object.out),
                None => object.value(&by.name, &value),
            }
        }
    }
    object.number(key!("summary.count"), row.count);
    object.number(key!("summary.connections"), table.connections);
    object.number(key!("summary.different"), table.counts.different());
    object.number(key!("summary.without"), table.without);
    if let missed @ 1.. = table.counts.missed() {
        object.number(key!("summary.missed"), missed);
    }
    let mut clock = Clock::rfc_3339();
    object.key(key!("summary.first"));
    time(&mut clock, row.first, object.out);
    object.key(key!("summary.last"));
    time(&mut clock, row.last, object.out);
    if let Some(columns) = columns {
        object.key(key!("summary.over_time.start"));
        time(&mut clock, columns.start, object.out);
        object.number(key!("summary.over_time.seconds"), columns.width / 1000);
        object.key(key!("summary.over_time.counts"));
        for (at, height) in columns.heights(row.slots()).iter().enumerate() {
            object.out.push(if at == 0 { b'[' } else { b',' });
            let _ = write!(object.out, "{height}");
        }
        object.out.push(b']');
    }
    object.exact_bytes();
    object.out.extend_from_slice(b"}\n");
}

fn time(clock: &mut Clock, millis: u64, out: &mut Vec<u8>) {
    out.push(b'"');
    clock.write(millis.min(LAST), out);
    out.push(b'"');
}
