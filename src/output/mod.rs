//! What connections look like to whoever asked for them: a table, sentences, JSON or CSV.
//!
//! A [`Connection`] comes in; bytes go out, appended to a buffer that the caller empties when and
//! where it likes. Nothing here reads a log, keeps anything of one connection for the next but how
//! wide its columns were, or knows whether the bytes end on a terminal, unless it is told so.
//!
//! What a log holds was written by whoever was being watched. So every format makes sure that no
//! byte of it can act: on a terminal ([`escape`]), in a spreadsheet ([`csv`]) or on the structure
//! of the output itself.

use crate::audit::Connection;

mod address;
pub mod alerts;
mod clock;
pub(crate) mod columns;
pub mod csv;
pub mod document;
pub mod escape;
mod json;
pub mod ndjson;
pub mod rows;
#[cfg(test)]
mod scene;
pub mod summary;
pub mod table;
pub mod text;
mod unseen;

pub use csv::Csv;
pub use ndjson::Ndjson;
pub use table::Table;
pub use text::Text;

/// Writes connections in some format.
///
/// Every connection is one line, however the log was made, and ends in `\n`.
///
/// ```
/// use oddsock::output::{Csv, Writer};
///
/// let mut out = Vec::new();
/// Csv::new().head(&mut out);
/// assert!(out.starts_with(b"time,host,action,"));
/// ```
pub trait Writer {
    /// Appends what stands before the first connection: nothing, in most formats.
    fn head(&mut self, _out: &mut Vec<u8>) {}

    /// Appends a connection.
    fn connection(&mut self, connection: &Connection<'_>, out: &mut Vec<u8>);
}

/// The formats there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// For the eye: a row for each, [`Table`].
    Table,
    /// For reading: a sentence for each, [`Text`].
    Text,
    /// For programs: a JSON object for each, [`Ndjson`].
    Ndjson,
    /// For spreadsheets, [`Csv`].
    Csv,
    /// The records themselves, as [`crate::audit::Sighting::lines`] has them.
    Raw,
}

impl Format {
    /// All there are.
    pub const ALL: [Format; 5] =
        [Format::Table, Format::Text, Format::Ndjson, Format::Csv, Format::Raw];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Text => "text",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Raw => "raw",
        }
    }

    /// What it is good for.
    pub fn purpose(self) -> &'static str {
        match self {
            Format::Table => "Columns for a person",
            Format::Text => "A sentence each",
            Format::Ndjson => "One JSON document a line, with ECS field names",
            Format::Csv => "Comma-separated values for a spreadsheet",
            Format::Raw => "The records themselves, for ausearch",
        }
    }

    /// A writer of this format; none for [`Format::Raw`], which is not made of connections.
    ///
    /// `width` is that of the terminal, if the output goes to one, and `colour` whether it is to be
    /// coloured; only the table minds either.
    pub fn writer(self, width: Option<usize>, colour: bool) -> Option<Box<dyn Writer>> {
        Some(match self {
            Format::Table => Box::new(Table::new(width, colour)),
            Format::Text => Box::new(Text::new()),
            Format::Ndjson => Box::new(Ndjson::new()),
            Format::Csv => Box::new(Csv::new()),
            Format::Raw => return None,
        })
    }
}
