//! What counts of connections look like: tables for people, JSON or CSV.
//!
//! A [`Table`] comes in; bytes go out, of its first rows. The formats keep the promises of those
//! for connections ([`super`]): no byte of a log acts on a terminal, in a spreadsheet or on the
//! structure of the output.

mod csv;
mod ndjson;
mod text;

use crate::counts::Columns;
use crate::summary::Table;

/// Over how many columns of time a row is spread.
const COLUMNS: usize = 24;

/// The formats there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: a JSON object for each row.
    Ndjson,
    /// For spreadsheets.
    Csv,
}

impl Format {
    /// All there are.
    pub const ALL: [Format; 3] = [Format::Text, Format::Ndjson, Format::Csv];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }

    /// What it is good for.
    pub fn purpose(self) -> &'static str {
        match self {
            Format::Text => "A table each, for a person",
            Format::Ndjson => "One JSON document a row",
            Format::Csv => "Comma-separated values for a spreadsheet",
        }
    }

    /// Appends the first rows of some tables. `width` is that of the terminal, if the output goes
    /// to one; only text minds.
    pub fn write(self, tables: &[Table], top: usize, width: Option<usize>, out: &mut Vec<u8>) {
        match self {
            Format::Text => tables.iter().for_each(|table| text::table(table, top, width, out)),
            Format::Ndjson => tables.iter().for_each(|table| ndjson::table(table, top, out)),
            Format::Csv => csv::tables(tables, top, out),
        }
    }
}

/// The columns of time that all rows of a table share.
fn columns(table: &Table) -> Option<Columns> {
    table.counts.range().map(|range| range.columns(COLUMNS))
}
