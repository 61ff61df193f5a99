//! What a query consists of, as it is written: commands, and expressions with their places.

use std::ops::Range;

/// A query: where its rows come from, and what is done with them one after the other.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// The patterns of indices.
    pub(super) indices: Vec<(String, Range<usize>)>,
    /// The names of what is asked for of the documents themselves: `_id`, `_index`.
    pub(super) metadata: Vec<String>,
    pub(super) commands: Vec<Command>,
}

/// A command of a query.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) span: Range<usize>,
    pub(super) kind: CommandKind,
}

/// What a command does.
#[derive(Clone, Debug)]
pub(super) enum CommandKind {
    Where(Node),
    Eval(Vec<Named>),
    Stats { of: Vec<Measure>, by: Vec<Named> },
    Keep(Vec<Pattern>),
    Drop(Vec<Pattern>),
    Rename(Vec<(Label, Label)>),
    Sort(Vec<Order>),
    Limit(u64),
}

/// An expression with the name of the column that it becomes.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) node: Node,
}

/// What `stats` works out, of which rows.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    pub(super) named: Named,
    pub(super) filter: Option<Node>,
}

/// The name of a column, and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Label {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// The name of columns, in which a star stands for anything.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// What stands between the stars: one part is a whole name.
    pub(super) parts: Vec<String>,
    pub(super) span: Range<usize>,
}

/// What rows are sorted by.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) node: Node,
    pub(super) descends: bool,
    pub(super) nulls_first: bool,
}

/// How deep expressions may be nested.
pub(super) const DEEPEST: usize = 50;

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    /// How many expressions are within each other here.
    pub(super) depth: usize,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Boolean(bool),
    Whole(String),
    Double(f64),
    Text(String),
    /// A number of units of time: `7 day`.
    Span(String, Label),
    Name(String),
    /// The star of `count(*)`.
    Star,
    Not(Box<Node>),
    Negative(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Reckon(Arithmetic, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Like(Box<Node>, Matching, Vec<Label>),
    IsNull(Box<Node>),
    Call(Label, Vec<Node>),
    Cast(Box<Node>, Label),
}

/// How text is matched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matching {
    Wildcards,
    Regular,
}

/// How two values are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What is reckoned of two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
    By,
    Modulo,
}

impl Arithmetic {
    /// How it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Arithmetic::Plus => "+",
            Arithmetic::Minus => "-",
            Arithmetic::Times => "*",
            Arithmetic::By => "/",
            Arithmetic::Modulo => "%",
        }
    }
}

impl Node {
    /// The expressions in this one.
    pub(super) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Not(one) | Kind::Negative(one) | Kind::IsNull(one) => vec![one],
            Kind::Cast(one, _) | Kind::Like(one, ..) => vec![one],
            Kind::All(all) | Kind::Any(all) | Kind::Call(_, all) => all.iter().collect(),
            Kind::Compare(_, one, other) | Kind::Reckon(_, one, other) => vec![one, other],
            Kind::In(one, all) => std::iter::once(&**one).chain(all).collect(),
            _ => vec![],
        }
    }

    /// The same, to be changed.
    pub(super) fn children_mut(&mut self) -> Vec<&mut Node> {
        match &mut self.kind {
            Kind::Not(one) | Kind::Negative(one) | Kind::IsNull(one) => vec![one],
            Kind::Cast(one, _) | Kind::Like(one, ..) => vec![one],
            Kind::All(all) | Kind::Any(all) | Kind::Call(_, all) => all.iter_mut().collect(),
            Kind::Compare(_, one, other) | Kind::Reckon(_, one, other) => vec![one, other],
            Kind::In(one, all) => std::iter::once(&mut **one).chain(all).collect(),
            _ => vec![],
        }
    }
}
