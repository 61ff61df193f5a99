//! What was wrong with a line that could not be read, or not to its end.
//!
//! Odd input is never an error: it is counted here by kind, the first of each kind are kept with
//! their place, and reading goes on. So the account always adds up: lines in are lines understood
//! and lines complained of.

/// What is wrong with a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Complaint {
    /// Nothing in the line is an audit record.
    NotAudit,
    /// It begins as an audit record and its kind, time or serial cannot be read.
    BrokenFrame,
    /// The frame is whole and a value behind it ends before its end.
    CutShort,
    /// The stump of a line at the end of a source that is still being written.
    Unfinished,
    /// The address of a call is not made of pairs of hex digits.
    BrokenAddress,
    /// Text that `ausearch -i` has interpreted.
    Interpreted,
    /// A journal's text form that names no time, or has records that are there with ids too.
    JournalText,
    /// What looks like another record stands behind one that a program wrote, and may be its text.
    Doubtful,
    /// Longer than any record and any number of joined records may be.
    TooLong,
}

impl Complaint {
    /// All there are, in the order in which they are told.
    pub const ALL: [Complaint; 9] = [
        Complaint::NotAudit,
        Complaint::BrokenFrame,
        Complaint::CutShort,
        Complaint::Unfinished,
        Complaint::BrokenAddress,
        Complaint::Interpreted,
        Complaint::JournalText,
        Complaint::Doubtful,
        Complaint::TooLong,
    ];

    /// Whether part of the log is missing from the result because of it. Lines of other programs
    /// and a last line that is still being written take nothing away.
    pub fn loses_something(self) -> bool {
        !matches!(self, Complaint::NotAudit | Complaint::Unfinished)
    }

    /// A few words, for the account at the end and for the file of rejects.
    pub fn words(self) -> &'static str {
        match self {
            Complaint::NotAudit => "not an audit record",
            Complaint::BrokenFrame => "broken frame",
            Complaint::CutShort => "cut short",
            Complaint::Unfinished => "unfinished last line",
            Complaint::BrokenAddress => "broken address",
            Complaint::Interpreted => "interpreted by ausearch -i",
            Complaint::JournalText => "journal text without event ids",
            Complaint::Doubtful => "doubtful record in a line",
            Complaint::TooLong => "line too long",
        }
    }

    /// A sentence that names the way out, where there is one.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Complaint::Interpreted => Some(
                "this is text interpreted by `ausearch -i`, whose times are local and whose \
                 numbers have become names: give the log itself, or the output of `ausearch --raw`",
            ),
            Complaint::JournalText => Some(
                "this is the journal's text, without the ids of the events, and it has no date \
                 that can be read or stands beside the same records with ids: give the output of \
                 `journalctl _TRANSPORT=audit -o json` (or -o export)",
            ),
            _ => None,
        }
    }
}

/// A line complained of, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// What is wrong with it.
    pub complaint: Complaint,
    /// The number of the line in its source, from one.
    pub line: u64,
    /// The line, or its beginning.
    pub text: Vec<u8>,
    /// How long the line is as far as is known, in bytes.
    pub length: u64,
}

/// How many lines of each kind are kept as examples.
const EXAMPLES: u64 = 3;
/// How much of a line is kept as an example.
const EXCERPT: usize = 160;

/// The complaints about a part of the input.
#[derive(Clone, Default, Debug)]
pub struct Complaints {
    counts: [u64; Complaint::ALL.len()],
    examples: Vec<Example>,
    keep_all: bool,
}

impl Complaints {
    /// Complaints that keep every line whole, for a file of rejects.
    pub fn keeping_all() -> Complaints {
        Complaints { keep_all: true, ..Complaints::default() }
    }

    /// Complains of a line.
    #[cold]
    pub fn add(&mut self, complaint: Complaint, line: u64, text: &[u8]) {
        let count = &mut self.counts[complaint as usize];
        *count += 1;
        if self.keep_all || *count <= EXAMPLES {
            let length = text.len() as u64;
            let text = if self.keep_all { text } else { &text[..text.len().min(EXCERPT)] };
            self.examples.push(Example { complaint, line, text: text.to_vec(), length });
        }
    }

    /// How many lines were complained of, for this reason.
    pub fn count(&self, complaint: Complaint) -> u64 {
        self.counts[complaint as usize]
    }

    /// How many lines were complained of.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The lines that were kept, in the order of the input.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Adds the counts of another part of the input.
    pub fn count_in(&mut self, other: &Complaints) {
        for (mine, others) in self.counts.iter_mut().zip(other.counts) {
            *mine += others;
        }
    }
}
