//! From what the user names to pieces of bytes that workers parse.
//!
//! In come file names, directories and `-`; out come [`Piece`]s, in order, each a run of whole
//! lines with the source it is from. On the way files are found ([`find`]), put in the order in
//! which they were written, given the name of the host they are from, decompressed, and cut at line
//! ends, so that any number of workers can share them.
//!
//! Input does not know what a record is. It looks at bytes for three things only: what a file is
//! packed with ([`Compression`]), whether it is the journal's, as an export ([`JournalExport`]) or
//! as text ([`JournalText`], which alone knows in what order the records of an event come), and
//! which audit stamp comes first in it ([`FirstStamp`]), which tells old files from new ones.
//!
//! ```
//! use oddsock::input::{Pieces, find, for_each_block};
//! # let directory = std::env::temp_dir().join(format!("oddsock-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory).unwrap();
//! # let log = directory.join("audit.log");
//! # std::fs::write(&log, "type=EOE msg=audit(1723819442.001:7): \n").unwrap();
//! let found = find(&[log], Some("web1")).unwrap();
//! let mut pieces = Pieces::new(found.sources, oddsock::input::PIECE_SIZE);
//! let mut buffer = Vec::new();
//! let mut lines = 0;
//! while let Some(piece) = pieces.next(None) {
//!     for_each_block(&piece.kind, &mut buffer, |block, _last| {
//!         lines += block.iter().filter(|byte| **byte == b'\n').count();
//!     });
//! }
//! assert_eq!(lines, 1);
//! # std::fs::remove_dir_all(&directory).unwrap();
//! ```

mod auditd_conf;
mod block;
mod compression;
mod copies;
mod directory;
mod error;
mod export;
pub mod follow;
mod found;
mod host;
mod journal_events;
mod journal_line;
mod journal_text;
mod opened;
mod pieces;
mod rotation;
mod source;
mod stamp;
mod stream;

pub use auditd_conf::{AUDITD_CONF, DEFAULT_LOG, log_file, setting};
pub use block::{Delivered, MAX_LINE, cut_long_lines, for_each_block};
pub use compression::{Compression, decoded, open};
pub use directory::is_of_log;
pub use error::InputError;
pub use export::JournalExport;
pub use found::{Found, Place, Skipped, Unreadable, find, find_at};
pub use host::{host_of, this_machine};
pub use journal_line::Clock;
pub use journal_text::JournalText;
pub use pieces::{PIECE_SIZE, Piece, PieceKind, Pieces, piece_size};
pub use source::{Nature, Source};
pub use stamp::FirstStamp;
