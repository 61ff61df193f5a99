//! What alerts look like to whoever asked for them: paragraphs for people, JSON or CSV.
//!
//! An [`Alert`] comes in; bytes go out, appended to a buffer that the caller empties. The evidence
//! in an alert is JSON that this program wrote, or another one: it is read here for what it says of
//! the connection, and no log is. What is known of an address ([`Places`]) comes from a file that
//! somebody else has opened; nothing here asks a network.
//!
//! The formats keep the promises of those for connections ([`super`]): no byte of a log acts on a
//! terminal, in a spreadsheet or on the structure of the output.

use crate::alert::Alert;

pub mod csv;
pub(crate) mod document;
pub mod ndjson;
pub(crate) mod particulars;
pub mod places;
pub mod row;
mod rule;
#[cfg(test)]
mod scene;
pub mod text;
pub(crate) mod wrap;

pub use csv::Csv;
pub use ndjson::Ndjson;
pub use places::{Mmdb, Place, Places};
pub use row::RowAlert;
pub use text::Text;

/// Writes alerts in some format.
pub trait Writer {
    /// Appends what stands before the first alert: nothing, in most formats.
    fn head(&mut self, _out: &mut Vec<u8>) {}

    /// Appends an alert.
    fn alert(&mut self, alert: &Alert, out: &mut Vec<u8>);

    /// Appends an alert that is a row of a hunt.
    fn row(&mut self, alert: &RowAlert, out: &mut Vec<u8>);
}

/// The formats there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// For people, [`Text`].
    Text,
    /// For programs: a JSON object for each, [`Ndjson`].
    Ndjson,
    /// For spreadsheets, [`Csv`].
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
            Format::Text => "A paragraph each, for a person",
            Format::Ndjson => "One JSON document a line, with ECS field names",
            Format::Csv => "Comma-separated values for a spreadsheet",
        }
    }

    /// A writer of this format. Only text minds who reads it, and where.
    pub fn writer(self, text: Text) -> Box<dyn Writer> {
        match self {
            Format::Text => Box::new(text),
            Format::Ndjson => Box::new(Ndjson::new()),
            Format::Csv => Box::new(Csv::new()),
        }
    }
}
