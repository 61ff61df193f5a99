//! What is asked of a stream of observations: which values of a field are rare, and among what.

use super::bucket::Span;

/// A question: `rare by FIELD`, over everything or within each value of another field.
///
/// The names of fields are data. The engine looks none of them up; whoever makes observations does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What it is called; facts of questions that are called differently are never mixed.
    pub name: String,
    /// The field whose values may be rare.
    pub by: String,
    /// The field within each of whose values they may be, if not over everything.
    pub partition: Option<String>,
    /// The fields that may explain a finding.
    pub influencers: Vec<String>,
    /// How long a bucket is.
    pub span: Span,
    /// Which values count.
    pub novelty: Novelty,
}

/// Which rare values a question is about.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Novelty {
    /// All that are rare.
    #[default]
    Any,
    /// Those that a partition shows for the first time while others have known them for long.
    KnownElsewhere,
}
