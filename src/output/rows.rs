//! Rows of a hunt: as a table for the eye, as JSON with an object a row, or as CSV.
//!
//! Columns and their values come in, with the connections behind each row if they were asked for;
//! bytes go out. What is null is absent in JSON, an empty cell in CSV, and `?` in the table.
//! Several values are a list in JSON, parted by `;` in CSV and by commas in the table. Times are
//! UTC, to the millisecond. Text of the log is spelled as everywhere in that format.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::clock::Clock;
use super::columns::{cut, width};
use super::csv::{Row, Sheet};
use super::json::{self, Object, key};
use super::{escape, unseen};
use crate::hunt::{Column, Value};
use crate::rules::{Field, Fields};

/// The rows of one query.
#[derive(Debug)]
pub struct Rows<'r> {
    /// The hunt they are of, and which of its queries, where there is a hunt.
    pub hunt: Option<(&'r str, usize)>,
    /// The columns.
    pub columns: &'r [Column],
    /// The values of each row.
    pub rows: &'r [Vec<Value<'static>>],
    /// The connections behind each row, if they were asked for.
    pub evidence: Option<&'r [Evidence]>,
    /// Whether the columns were chosen; of others those without any value are left out of a table.
    pub is_chosen: bool,
}

/// Connections behind a row.
#[derive(Clone, Default, Debug)]
pub struct Evidence {
    /// How many there are.
    pub number: u64,
    /// Some of them: each its JSON, its id and a line for the eye.
    pub some: Vec<Shown>,
    /// When the newest of all was, in milliseconds since 1970.
    pub newest_ms: u64,
    /// The hosts of some of them, in their order.
    pub hosts: BTreeSet<Vec<u8>>,
}

/// A connection behind a row.
#[derive(Clone, Debug)]
pub struct Shown {
    /// As JSON.
    pub json: Vec<u8>,
    /// The value of `event.id`.
    pub id: Vec<u8>,
    /// In a line.
    pub line: String,
}

/// How many hosts are told of.
const MOST_HOSTS: usize = 64;

impl Evidence {
    /// Takes a connection, which is shown if there are fewer than `most` of them.
    pub fn take(&mut self, millis: u64, host: &[u8], most: usize, show: impl FnOnce() -> Shown) {
        self.number += 1;
        self.newest_ms = self.newest_ms.max(millis);
        if self.hosts.len() < MOST_HOSTS && !self.hosts.contains(host) {
            self.hosts.insert(host.to_vec());
        }
        if self.some.len() < most {
            self.some.push(show());
        }
    }
}

/// Appends rows as a table, for a terminal of this width if there is one.
pub fn table(of: &Rows<'_>, terminal: Option<usize>, out: &mut Vec<u8>) {
    let has_value = |at: usize| of.rows.iter().any(|row| row.get(at).is_some_and(|v| !v.is_null()));
    let columns = (0..of.columns.len()).filter(|at| of.is_chosen || has_value(*at));
    let columns: Vec<usize> = columns.collect();
    let cells: Vec<Vec<String>> =
        of.rows.iter().map(|row| columns.iter().map(|at| cell(&row[*at])).collect()).collect();
    let heads: Vec<String> = columns.iter().map(|at| head(&of.columns[*at].name)).collect();
    let mut widths: Vec<usize> = heads.iter().map(|head| width(head)).collect();
    for row in &cells {
        for (wide, cell) in widths.iter_mut().zip(row) {
            *wide = (*wide).max(width(cell));
        }
    }
    if let Some(terminal) = terminal {
        narrow(&mut widths, terminal);
    }
    let line = |row: &[String], out: &mut Vec<u8>| {
        let mut text = String::new();
        for ((cell, wide), at) in row.iter().zip(&widths).zip(&columns) {
            let mut fitting = String::new();
            cut(cell, *wide, 0, &mut fitting);
            let blanks = " ".repeat(wide.saturating_sub(width(&fitting)));
            text += &match of.columns[*at].kind.is_number() {
                true => format!("{blanks}{fitting}"),
                false => format!("{fitting}{blanks}"),
            };
            text.push_str("  ");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(&heads, out);
    let Some(evidence) = of.evidence else { return cells.iter().for_each(|row| line(row, out)) };
    for (row, evidence) in cells.iter().zip(evidence) {
        line(row, out);
        evidence.some.iter().for_each(|shown| line_of_evidence(&shown.line, out));
        let more = evidence.number.saturating_sub(evidence.some.len() as u64);
        if more > 0 {
            line_of_evidence(&format!("and {more} more"), out);
        }
    }
}

fn line_of_evidence(line: &str, out: &mut Vec<u8>) {
    let _ = writeln!(out, "    {line}");
}

/// The least that a column is cut to, and the blanks between two.
const LEAST: usize = 12;
const GAP: usize = 2;

/// Makes the widest columns narrower until all fit, or none can be made so.
fn narrow(widths: &mut [usize], terminal: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > terminal {
        let widest = widths.iter_mut().max().filter(|widest| **widest > LEAST);
        let Some(widest) = widest else { return };
        *widest -= 1;
    }
}

pub(super) fn head(name: &str) -> String {
    let mut out = Vec::new();
    escape::text(name.as_bytes(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn word(text: &[u8]) -> String {
    let mut out = Vec::new();
    escape::word(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

pub(super) fn cell(value: &Value<'_>) -> String {
    let one = |value: &Value<'_>| match value {
        Value::Text(text) => word(text),
        Value::Date(millis) => time(*millis, &mut Clock::plain()),
        value => value.shown().map_or("?".to_owned(), |text| word(&text)),
    };
    match value.each() {
        [] => "?".to_owned(),
        all => all.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

/// A time; one before 1970 or far away as the number that it is.
fn time(millis: i64, clock: &mut Clock) -> String {
    let mut out = Vec::new();
    match u64::try_from(millis) {
        Ok(millis) if millis <= crate::time::LAST => clock.write(millis, &mut out),
        _ => json::decimal(millis, &mut out),
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A moment, given in milliseconds since 1970, as it stands in a table.
pub fn moment(millis: u64) -> String {
    time(i64::try_from(millis).unwrap_or(i64::MAX), &mut Clock::plain())
}

/// Appends rows as JSON, an object a line.
pub fn ndjson(of: &Rows<'_>, out: &mut Vec<u8>) {
    let mut clock = Clock::rfc_3339();
    for (at, row) in of.rows.iter().enumerate() {
        let start = out.len();
        let mut exact = Vec::new();
        let mut object = Object { out, exact: &mut exact };
        if let Some((hunt, query)) = of.hunt {
            object.text(key!("oddsock.hunt"), hunt.as_bytes());
            object.number(key!("oddsock.query"), query as u64);
        }
        for (column, value) in of.columns.iter().zip(row) {
            if !value.is_null() {
                object.named(&column.name);
                json_value(&column.name, value, &mut clock, &mut object);
            }
        }
        if let Some(evidence) = of.evidence.and_then(|all| all.get(at)) {
            object.number(key!("oddsock.connections"), evidence.number);
            object.key(key!("oddsock.evidence"));
            for (at, shown) in evidence.some.iter().enumerate() {
                object.out.push(if at == 0 { b'[' } else { b',' });
                object.out.extend_from_slice(&shown.json);
            }
            object.out.extend_from_slice(if evidence.some.is_empty() { b"[]" } else { b"]" });
        }
        object.exact_bytes();
        // Every field is written behind a comma, of which the first begins the object.
        match out.get_mut(start) {
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.extend_from_slice(b"}\n");
    }
}

pub(super) fn json_value(
    name: &str,
    value: &Value<'_>,
    clock: &mut Clock,
    object: &mut Object<'_>,
) {
    match value {
        Value::Text(text) => object.value(name, text),
        Value::Whole(number) => json::decimal(*number, object.out),
        Value::Double(number) => {
            let _ = write!(object.out, "{number:?}");
        }
        Value::Boolean(truth) => {
            let _ = write!(object.out, "{truth}");
        }
        Value::Date(millis) => {
            let time = time(*millis, clock);
            json::string(time.as_bytes(), object.out);
        }
        Value::Ip(ip) => {
            let _ = write!(object.out, "\"{ip}\"");
        }
        Value::Many(all) => {
            for (at, one) in all.iter().enumerate() {
                object.out.push(if at == 0 { b'[' } else { b',' });
                json_value(&format!("{name}[{at}]"), one, clock, object);
            }
            object.out.push(b']');
        }
        Value::Null | Value::Span(_) => object.out.extend_from_slice(b"null"),
    }
}

/// Appends rows as comma-separated values, below a row with the names of the columns.
pub fn csv(of: &Rows<'_>, out: &mut Vec<u8>) {
    let (mut sheet, mut clock) = (Sheet::default(), Clock::rfc_3339());
    let mut line = |write: &mut dyn FnMut(&mut Row<'_>)| {
        let mut bytes = Vec::new();
        write(&mut sheet.row(&mut bytes));
        out.extend_from_slice(bytes.strip_prefix(b",").unwrap_or(&bytes));
        out.push(b'\n');
    };
    line(&mut |row| {
        if of.hunt.is_some() {
            row.name(Some("oddsock.query"));
        }
        of.columns.iter().for_each(|column| row.heading(&column.name));
        if of.evidence.is_some() {
            row.name(Some("oddsock.connections"));
            row.name(Some("oddsock.evidence"));
        }
    });
    for (at, values) in of.rows.iter().enumerate() {
        line(&mut |row| {
            if let Some((_, query)) = of.hunt {
                row.number(Some(query as u64));
            }
            for value in values {
                let shown = |value: &Value<'_>| match value {
                    Value::Date(millis) => Some(time(*millis, &mut clock).into_bytes()),
                    value => value.shown().map(std::borrow::Cow::into_owned),
                };
                let shown: Vec<Vec<u8>> = value.each().iter().filter_map(shown).collect();
                match (value, &shown[..]) {
                    (Value::Text(_), [one]) => row.text(Some(one)),
                    (_, [one]) => row.name(std::str::from_utf8(one).ok()),
                    (_, all) => row.list(all),
                }
            }
            if let Some(evidence) = of.evidence.and_then(|all| all.get(at)) {
                row.number(Some(evidence.number));
                let ids: Vec<Vec<u8>> = evidence.some.iter().map(|one| one.id.clone()).collect();
                row.list(&ids);
            }
        });
    }
}

/// A connection in a line: when, where, who, with what, whereto and how it ended.
pub fn line(millis: u64, fields: &dyn Fields) -> String {
    let text = |field: Field| fields.field(&field).map(|text| word(&text));
    let mut out = Vec::new();
    Clock::plain().write(millis.min(crate::time::LAST), &mut out);
    let mut line = String::from_utf8_lossy(&out).into_owned();
    for (field, other) in [
        (Field::HostName, None),
        (Field::UserName, Some(Field::UserId)),
        (Field::ProcessName, Some(Field::ProcessExecutable)),
    ] {
        let said = text(field).or_else(|| text(other?)).unwrap_or("?".to_owned());
        line = format!("{line}  {said}");
    }
    if let Some(pid) = text(Field::ProcessPid) {
        line = format!("{line}[{pid}]");
    }
    let end = |ip: Field, port: Field| {
        let (ip, port) = (text(ip)?, text(port));
        let ip = if ip.contains(':') { format!("[{}]", ip.trim_matches('"')) } else { ip };
        Some(port.map_or(ip.clone(), |port| format!("{ip}:{port}")))
    };
    let action = text(Field::EventAction).unwrap_or("?".to_owned());
    let there = end(Field::DestinationIp, Field::DestinationPort)
        .or_else(|| end(Field::SourceIp, Field::SourcePort))
        .unwrap_or("?".to_owned());
    line = format!("{line}  {action}  {there}");
    for field in [Field::EventOutcome, Field::ErrorCode] {
        if let Some(said) = text(field) {
            line = format!("{line}  {said}");
        }
    }
    if let Some(command) = fields.field(&Field::ProcessCommandLine) {
        let mut shown = Vec::new();
        escape::text(&command, &mut shown);
        line = format!("{line}  {}", String::from_utf8_lossy(&shown));
    }
    debug_assert!(!line.chars().any(unseen::is_unseen), "{line}");
    line
}
