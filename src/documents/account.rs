//! What became of the lines: documents, lines that are about something else, and complaints.
//!
//! Every line is counted once, so the sums agree: lines are documents, blank lines, lines passed
//! over and lines complained of.

/// Why no document was made of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    Blank,
    Passed(Passed),
    Complaint(Complaint),
}

/// Why a line that is a document was passed over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Passed {
    /// It is not about the network: `event.category` says so, or laurel's call.
    NotNetwork,
    /// It is about events, and none itself: an alert, a metric or a state.
    NotAnEvent,
    /// It is about a socket of another family than IP.
    NotIp,
}

impl Passed {
    /// All there are, in the order in which they are told.
    pub const ALL: [Passed; 3] = [Passed::NotNetwork, Passed::NotAnEvent, Passed::NotIp];

    /// A few words for the account.
    pub fn words(self) -> &'static str {
        match self {
            Passed::NotNetwork => "not about the network",
            Passed::NotAnEvent => "alerts, metrics or states",
            Passed::NotIp => "sockets that are not IP",
        }
    }
}

/// What is wrong with a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Complaint {
    /// It is no JSON object.
    NotJson,
    /// It says no time, or none that can be read.
    NoTime,
    /// It is longer than [`super::LONGEST_LINE`], or the names of its fields are.
    TooLong,
    /// The stump of a line at the end of a source that is still being written.
    Unfinished,
}

impl Complaint {
    /// All there are, in the order in which they are told.
    pub const ALL: [Complaint; 4] =
        [Complaint::NotJson, Complaint::NoTime, Complaint::TooLong, Complaint::Unfinished];

    /// Whether part of the log is missing from the result because of it.
    pub fn loses_something(self) -> bool {
        self != Complaint::Unfinished
    }

    /// A few words for the account.
    pub fn words(self) -> &'static str {
        match self {
            Complaint::NotJson => "not a JSON object",
            Complaint::NoTime => "no time",
            Complaint::TooLong => "line too long",
            Complaint::Unfinished => "unfinished last line",
        }
    }
}

/// The first line of a block that was complained of for some reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// What is wrong with it.
    pub complaint: Complaint,
    /// The number of the line in its block, from one.
    pub line: u64,
    /// The beginning of the line.
    pub text: Vec<u8>,
}

/// A line that is complained of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rejected<'b> {
    /// What is wrong with it.
    pub complaint: Complaint,
    /// Its number in its block, from one.
    pub line: u64,
    /// The line as it is, with its end.
    pub text: &'b [u8],
}

/// How much of a line is kept as an example.
const EXCERPT: usize = 160;

/// What became of the lines of a block.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Account {
    /// All lines.
    pub lines: u64,
    /// Those with nothing on them.
    pub blank: u64,
    /// Those that were made into documents.
    pub documents: u64,
    /// Those of the documents that tell of the start of something.
    pub starts: u64,
    passed: [u64; Passed::ALL.len()],
    complaints: [u64; Complaint::ALL.len()],
    examples: Vec<Example>,
}

impl Account {
    /// How many lines were passed over for this reason.
    pub fn passed(&self, passed: Passed) -> u64 {
        self.passed[passed as usize]
    }

    /// How many lines were complained of for this reason.
    pub fn complaints(&self, complaint: Complaint) -> u64 {
        self.complaints[complaint as usize]
    }

    /// The first line of each complaint, in the order of the block.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Adds the counts of another block. Its examples stay with it, for only the reader of blocks
    /// knows in which source they are and how many lines stand before.
    pub fn count_in(&mut self, other: &Account) {
        self.lines += other.lines;
        self.blank += other.blank;
        self.documents += other.documents;
        self.starts += other.starts;
        for (mine, others) in self.passed.iter_mut().zip(other.passed) {
            *mine += others;
        }
        for (mine, others) in self.complaints.iter_mut().zip(other.complaints) {
            *mine += others;
        }
    }

    pub(super) fn pass(&mut self, passed: Passed) {
        self.passed[passed as usize] += 1;
    }

    pub(super) fn complain(&mut self, complaint: Complaint, line: &[u8]) {
        let count = &mut self.complaints[complaint as usize];
        *count += 1;
        if *count == 1 {
            let text = line[..line.len().min(EXCERPT)].to_vec();
            self.examples.push(Example { complaint, line: self.lines, text });
        }
    }
}
