//! Commands: the words of a query come in, what it consists of goes out, or the first word that
//! does not belong there, with its place and what was expected instead.
//!
//! Which names and functions there are, and what types have to do with each other, is not known
//! here. Expressions are read in `expression.rs`.

use std::ops::Range;

use super::syntax::{
    Command, CommandKind, Kind, Label, Measure, Named, Node, Order, Pattern, Query,
};
use super::token::{Token, Word, tokens};
use crate::rules::fault::{Fault, Read};
use crate::rules::words::{meant, quoted};

/// The commands there are. To add one, add it here, in [`Parser::command`] and in `check.rs`.
const COMMANDS: [&str; 8] = ["where", "eval", "stats", "keep", "drop", "rename", "sort", "limit"];

/// Reads a query.
pub(super) fn parse(query: &str) -> Read<Query> {
    let tokens = tokens(query)?;
    let mut parser = Parser { query, tokens, at: 0, depth: 0 };
    let (indices, metadata) = (parser.source()?, parser.metadata()?);
    let mut commands = Vec::new();
    while parser.takes("|") {
        commands.push(parser.command()?);
    }
    match parser.peek() {
        None => Ok(Query { indices, metadata, commands }),
        Some(_) => parser.unexpected("| and the next command, or the end"),
    }
}

/// The indices that a query begins with, whatever comes behind them.
pub(super) fn indices(query: &str) -> Read<Vec<(String, Range<usize>)>> {
    let tokens = tokens(query.split('|').next().unwrap_or_default())?;
    Parser { query, tokens, at: 0, depth: 0 }.source()
}

/// The words of a query, and how many of them have been read.
pub(super) struct Parser<'q> {
    pub(super) query: &'q str,
    tokens: Vec<Token>,
    at: usize,
    /// How deep the expression is that is being read.
    pub(super) depth: usize,
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<&Word> {
        self.tokens.get(self.at).map(|token| &token.word)
    }

    /// The word after the next.
    pub(super) fn peek_beyond(&self) -> Option<&Word> {
        self.tokens.get(self.at + 1).map(|token| &token.word)
    }

    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// The place of the next word, or of the end.
    pub(super) fn place(&self) -> Range<usize> {
        let end = self.query.len();
        self.tokens.get(self.at).map_or(end..end, |token| token.span.clone())
    }

    /// Where the last word that was read ends.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    pub(super) fn takes(&mut self, wanted: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Word::Sign(sign)) if *sign == wanted);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn is_word(&self, wanted: &str) -> bool {
        is_name(self.peek(), wanted)
    }

    pub(super) fn takes_word(&mut self, wanted: &str) -> bool {
        let is_there = self.is_word(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn needs(&mut self, wanted: &str) -> Read<()> {
        if self.takes(wanted) { Ok(()) } else { self.unexpected(wanted) }
    }

    /// The next word is none of those that may stand here.
    pub(super) fn unexpected<T>(&self, expected: &str) -> Read<T> {
        let span = self.place();
        let found = match self.tokens.get(self.at) {
            None => "found the end of the query".to_owned(),
            Some(_) => format!("found {}", quoted(&self.query[span.clone()])),
        };
        Err(Fault { span, message: format!("expected {expected}, {found}") })
    }

    fn source(&mut self) -> Read<Vec<(String, Range<usize>)>> {
        if !self.takes_word("from") {
            return self.unexpected("from and the names of indices, with which a query begins");
        }
        let mut indices = Vec::new();
        loop {
            match self.peek() {
                Some(Word::Index(name) | Word::Text(name)) => {
                    // Quotes may stand around all of a list.
                    let names = name.split(',').map(|name| name.trim().to_owned());
                    let span = self.place();
                    indices.extend(names.map(|name| (name, span.clone())));
                }
                _ => return self.unexpected("the name of an index, as logs-*"),
            }
            self.step();
            if !self.takes(",") {
                break;
            }
        }
        Ok(indices)
    }

    /// Fields about the documents themselves, which no row here has: they may be asked for.
    fn metadata(&mut self) -> Read<Vec<String>> {
        let is_bracketed = self.takes("[");
        let begins = |word: Option<&Word>| {
            matches!(word, Some(Word::Index(name))
            if name.eq_ignore_ascii_case("metadata"))
        };
        let mut names = Vec::new();
        if begins(self.peek()) || is_bracketed {
            self.step();
            names = self.list(Parser::label)?.into_iter().map(|label| label.name).collect();
            if is_bracketed {
                self.needs("]")?;
            }
        }
        Ok(names)
    }

    fn command(&mut self) -> Read<Command> {
        let start = self.place();
        let Some(Word::Name(name)) = self.peek() else {
            return self.unexpected(&format!("one of {}", COMMANDS.join(", ")));
        };
        let name = name.to_ascii_lowercase();
        self.step();
        let kind = match name.as_str() {
            "where" => CommandKind::Where(self.expression()?),
            "eval" => CommandKind::Eval(self.list(Parser::named)?),
            "stats" => self.stats()?,
            "keep" => CommandKind::Keep(self.list(Parser::pattern)?),
            "drop" => CommandKind::Drop(self.list(Parser::pattern)?),
            "rename" => CommandKind::Rename(self.list(Parser::renaming)?),
            "sort" => CommandKind::Sort(self.list(Parser::order)?),
            "limit" => CommandKind::Limit(self.limit()?),
            _ => {
                let meant = meant(&name, COMMANDS.into_iter());
                let message = format!("there is no command {} here{meant}", quoted(&name));
                let message = format!("{message}; expected one of {}", COMMANDS.join(", "));
                return Err(Fault { span: start, message });
            }
        };
        Ok(Command { span: start.start..self.end(), kind })
    }

    fn list<T>(&mut self, read: fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut all = vec![read(self)?];
        while self.takes(",") {
            all.push(read(self)?);
        }
        Ok(all)
    }

    /// `name = expression`, or an expression that is called as it is written.
    fn named(&mut self) -> Read<Named> {
        let start = self.at;
        if matches!(self.peek(), Some(Word::Name(_) | Word::Quoted(_))) {
            let label = self.label()?;
            if self.takes("=") {
                return Ok(Named { name: label.name, node: self.expression()? });
            }
            self.at = start;
        }
        let node = self.expression()?;
        let name = match &node.kind {
            Kind::Name(name) => name.clone(),
            _ => self.query[node.span.clone()].to_owned(),
        };
        Ok(Named { name, node })
    }

    fn stats(&mut self) -> Read<CommandKind> {
        let mut of = Vec::new();
        if !self.is_word("by") {
            of = self.list(|parser| {
                let named = parser.named()?;
                let filter = parser.takes_word("where").then(|| parser.expression()).transpose()?;
                Ok(Measure { named, filter })
            })?;
        }
        let by = if self.takes_word("by") { self.list(Parser::named)? } else { vec![] };
        Ok(CommandKind::Stats { of, by })
    }

    /// A name with its dots.
    pub(super) fn label(&mut self) -> Read<Label> {
        let start = self.place().start;
        let mut name = String::new();
        loop {
            match self.peek() {
                Some(Word::Name(part) | Word::Quoted(part)) => name.push_str(part),
                _ => return self.unexpected("a name, as process.name"),
            }
            self.step();
            if !self.takes(".") {
                return Ok(Label { name, span: start..self.end() });
            }
            name.push('.');
        }
    }

    /// A name in which stars may stand; blanks end it.
    fn pattern(&mut self) -> Read<Pattern> {
        let start = self.place().start;
        let mut parts = vec![String::new()];
        let mut end = start;
        while self.place().start == end || end == start {
            let last = parts.len() - 1;
            match self.peek() {
                Some(Word::Name(part) | Word::Quoted(part)) => parts[last].push_str(part),
                Some(Word::Sign(".")) => parts[last].push('.'),
                Some(Word::Sign("*")) => parts.push(String::new()),
                _ => break,
            }
            end = self.place().end;
            self.step();
        }
        match end == start {
            true => self.unexpected("a name, as process.name or process.*"),
            false => Ok(Pattern { parts, span: start..end }),
        }
    }

    /// `old as new`, or `new = old`.
    fn renaming(&mut self) -> Read<(Label, Label)> {
        let first = self.label()?;
        if self.takes("=") {
            return Ok((self.label()?, first));
        }
        if !self.takes_word("as") {
            return self.unexpected("as and the new name");
        }
        Ok((first, self.label()?))
    }

    fn order(&mut self) -> Read<Order> {
        let node = self.expression()?;
        let descends = self.takes_word("desc");
        if !descends {
            self.takes_word("asc");
        }
        let mut nulls_first = descends;
        if self.takes_word("nulls") {
            nulls_first = self.takes_word("first");
            if !nulls_first && !self.takes_word("last") {
                return self.unexpected("first or last");
            }
        }
        Ok(Order { node, descends, nulls_first })
    }

    fn limit(&mut self) -> Read<u64> {
        let number = match self.peek() {
            Some(Word::Whole(number)) => number.parse().ok(),
            _ => None,
        };
        match number {
            Some(number) => {
                self.step();
                Ok(number)
            }
            None => self.unexpected("a number of rows, as 100"),
        }
    }
}

/// Whether a word is this keyword, in whatever case.
pub(super) fn is_name(word: Option<&Word>, wanted: &str) -> bool {
    matches!(word, Some(Word::Name(name)) if name.eq_ignore_ascii_case(wanted))
}

/// Whether an expression is nested deeper than may be.
pub(super) fn depth_of(children: &[&Node]) -> usize {
    children.iter().map(|child| child.depth).max().unwrap_or(0) + 1
}
