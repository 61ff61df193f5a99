//! Connections that other shippers tell of, as JSON with an object a line.
//!
//! Bytes come in: whole lines of what Elastic Defend, Auditbeat and their like leave in
//! Elasticsearch or in a file, of laurel's logs, or of this program's own NDJSON. A [`Document`]
//! goes out for each that tells of the network, with the fields of the Elastic Common Schema under
//! the names of oddsock-events(5), whoever wrote it and in whichever shape; and an [`Account`] of
//! all lines. What a rule wants of a document, and what a connection means, is not known here.
//!
//! What is not there is absent. Nothing is made up of a document's other fields but what they say
//! in other words: the tables of one file have those, `vocabulary.rs`.

mod account;
mod document;
mod ecs;
mod exact;
mod flat;
mod laurel;
mod laurel_call;
mod parse;
mod time;
mod vocabulary;

pub use account::{Account, Complaint, Example, Passed, Rejected};
pub use document::Document;

use account::Reason;
use document::Draft;

/// How long a line may be.
pub const LONGEST_LINE: usize = 1 << 20;

/// Reads a block of whole lines, of which only the last may lack its line end.
///
/// Each document is gone when the next one comes. Lines are read one by one, and nothing of one
/// has a part in another: blocks may be read in any order and by any number of workers.
///
/// ```
/// let log = br#"{"@timestamp":"2024-08-16T14:44:02.001Z","host":{"name":"web01"},
/// "event":{"category":["network"],"type":["connection","start"],"action":"connected-to"},
/// "process.name":"curl","destination":{"ip":"::ffff:192.0.2.7","port":"443"}}"#;
/// let one_line: Vec<u8> = log.iter().copied().filter(|byte| *byte != b'\n').collect();
/// let mut seen = Vec::new();
/// let account = oddsock::documents::read(&one_line, &mut |document| {
///     for name in ["event.action", "process.name", "destination.ip"] {
///         let value = document.first(name).expect("a value");
///         seen.push(String::from_utf8_lossy(value).into_owned());
///     }
/// });
/// assert_eq!(seen, ["connection_attempted", "curl", "192.0.2.7"]);
/// assert_eq!((account.documents, account.starts), (1, 1));
/// ```
pub fn read(block: &[u8], out: &mut impl FnMut(&Document)) -> Account {
    read_all(block, out, &mut |_| {})
}

/// Reads a block of whole lines as [`read`] does, and tells of every line that is complained of.
pub fn read_all(
    block: &[u8],
    out: &mut impl FnMut(&Document),
    reject: &mut impl FnMut(&Rejected<'_>),
) -> Account {
    let mut account = Account::default();
    let mut draft = Draft::default();
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        account.lines += 1;
        match draft.read(line) {
            Ok(document) => {
                account.documents += 1;
                account.starts += u64::from(document.is_start());
                out(document);
            }
            Err(Reason::Blank) => account.blank += 1,
            Err(Reason::Passed(passed)) => account.pass(passed),
            Err(Reason::Complaint(complaint)) => {
                account.complain(complaint, line);
                reject(&Rejected { complaint, line: account.lines, text: line });
            }
        }
    }
    account
}
