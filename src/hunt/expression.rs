//! Expressions: the words of one come in, a tree of what belongs to what goes out.
//!
//! `not` binds closer than `and`, and that closer than `or`. Below them `in`, `like`, `rlike` and
//! `is null` look at one value each; comparisons come next, then `+` and `-`, then `*`, `/` and
//! `%`, then signs and casts.

use super::parser::{Parser, depth_of, is_name};
use super::syntax::{Arithmetic, Comparison, DEEPEST, Kind, Label, Matching, Node};
use super::token::Word;
use crate::rules::fault::{Read, fault};

/// Words that are no names of columns unless they stand between backquotes.
const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "like", "rlike", "is", "by"];

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Is),
    ("!=", Comparison::IsNot),
    ("<=", Comparison::AtMost),
    ("<", Comparison::Less),
    (">=", Comparison::AtLeast),
    (">", Comparison::More),
];

const SUMS: [(&str, Arithmetic); 2] = [("+", Arithmetic::Plus), ("-", Arithmetic::Minus)];

const PRODUCTS: [(&str, Arithmetic); 3] =
    [("*", Arithmetic::Times), ("/", Arithmetic::By), ("%", Arithmetic::Modulo)];

impl Parser<'_> {
    /// Reads an expression.
    pub(super) fn expression(&mut self) -> Read<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return too_deep(self.place());
        }
        let start = self.place().start;
        let node = self.joined("or", start, |parser, start| {
            parser.joined("and", start, |parser, _| parser.negated())
        });
        self.depth -= 1;
        node
    }

    /// Expressions with `and` or `or` between them.
    fn joined(
        &mut self,
        word: &str,
        start: usize,
        read: fn(&mut Self, usize) -> Read<Node>,
    ) -> Read<Node> {
        let mut all = vec![read(self, start)?];
        while self.takes_word(word) {
            let start = self.place().start;
            all.push(read(self, start)?);
        }
        match all.len() {
            1 => Ok(all.remove(0)),
            _ if word == "and" => self.node(start, Kind::All(all)),
            _ => self.node(start, Kind::Any(all)),
        }
    }

    fn node(&self, start: usize, kind: Kind) -> Read<Node> {
        let mut node = Node { span: start..self.end(), kind, depth: 0 };
        node.depth = depth_of(&node.children());
        if node.depth > DEEPEST { too_deep(node.span) } else { Ok(node) }
    }

    fn negated(&mut self) -> Read<Node> {
        let start = self.place().start;
        let mut nots = 0_usize;
        while self.takes_word("not") {
            nots += 1;
        }
        let mut node = self.predicate()?;
        for _ in 0..nots {
            node = self.node(start, Kind::Not(Box::new(node)))?;
        }
        Ok(node)
    }

    fn predicate(&mut self) -> Read<Node> {
        let start = self.place().start;
        let mut node = self.comparison()?;
        loop {
            let is_negated = is_name(self.peek(), "not")
                && ["in", "like", "rlike"].iter().any(|word| is_name(self.peek_beyond(), word));
            self.takes_word(if is_negated { "not" } else { "" });
            let kind = if self.takes_word("in") {
                Kind::In(Box::new(node), self.parenthesised()?)
            } else if self.takes_word("like") {
                Kind::Like(Box::new(node), Matching::Wildcards, self.texts()?)
            } else if self.takes_word("rlike") {
                Kind::Like(Box::new(node), Matching::Regular, self.texts()?)
            } else if self.takes_word("is") {
                let is_negated = self.takes_word("not");
                if !self.takes_word("null") {
                    return self.unexpected("null or not null");
                }
                node = self.node(start, Kind::IsNull(Box::new(node)))?;
                if is_negated {
                    node = self.node(start, Kind::Not(Box::new(node)))?;
                }
                continue;
            } else {
                return Ok(node);
            };
            node = self.node(start, kind)?;
            if is_negated {
                node = self.node(start, Kind::Not(Box::new(node)))?;
            }
        }
    }

    fn parenthesised(&mut self) -> Read<Vec<Node>> {
        self.needs("(")?;
        let mut all = vec![self.operation()?];
        while self.takes(",") {
            all.push(self.operation()?);
        }
        self.needs(")")?;
        Ok(all)
    }

    /// One pattern, or several in parentheses.
    fn texts(&mut self) -> Read<Vec<Label>> {
        let is_list = self.takes("(");
        let mut all = Vec::new();
        loop {
            let Some(Word::Text(text)) = self.peek() else {
                return self.unexpected("a pattern between quotes, as \"python*\"");
            };
            all.push(Label { name: text.clone(), span: self.place() });
            self.step();
            if !is_list || !self.takes(",") {
                break;
            }
        }
        if is_list {
            self.needs(")")?;
        }
        Ok(all)
    }

    fn comparison(&mut self) -> Read<Node> {
        let start = self.place().start;
        let left = self.operation()?;
        if matches!(self.peek(), Some(Word::Sign("=" | "=~" | ":"))) {
            return self.unexpected("a comparison such as ==");
        }
        match self.one_of(&COMPARISONS) {
            None => Ok(left),
            Some(comparison) => {
                let right = self.operation()?;
                self.node(start, Kind::Compare(comparison, Box::new(left), Box::new(right)))
            }
        }
    }

    fn one_of<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        signs.iter().find(|(sign, _)| self.takes(sign)).map(|(_, meaning)| *meaning)
    }

    fn operation(&mut self) -> Read<Node> {
        self.chain(&SUMS, |parser| parser.chain(&PRODUCTS, Parser::signed))
    }

    fn chain(
        &mut self,
        signs: &[(&str, Arithmetic)],
        read: fn(&mut Self) -> Read<Node>,
    ) -> Read<Node> {
        let start = self.place().start;
        let mut node = read(self)?;
        while let Some(arithmetic) = self.one_of(signs) {
            let right = read(self)?;
            node = self.node(start, Kind::Reckon(arithmetic, Box::new(node), Box::new(right)))?;
        }
        Ok(node)
    }

    fn signed(&mut self) -> Read<Node> {
        let start = self.place().start;
        let mut negations = 0_usize;
        loop {
            match self.peek() {
                Some(Word::Sign("-")) => negations += 1,
                Some(Word::Sign("+")) => {}
                _ => break,
            }
            self.step();
        }
        let mut node = self.cast()?;
        for _ in 0..negations {
            node = self.node(start, Kind::Negative(Box::new(node)))?;
        }
        Ok(node)
    }

    fn cast(&mut self) -> Read<Node> {
        let start = self.place().start;
        let mut node = self.primary()?;
        while self.takes("::") {
            let kind = self.label()?;
            node = self.node(start, Kind::Cast(Box::new(node), kind))?;
        }
        Ok(node)
    }

    fn primary(&mut self) -> Read<Node> {
        let start = self.place().start;
        let Some(word) = self.peek().cloned() else {
            return self.unexpected("a value or a name");
        };
        let kind = match word {
            Word::Text(text) => Kind::Text(text),
            Word::Double(number) => Kind::Double(number.parse().unwrap_or(f64::NAN)),
            Word::Whole(number) => return self.whole(start, number),
            Word::Sign("(") => {
                self.step();
                let mut node = self.expression()?;
                self.needs(")")?;
                node.span = start..self.end();
                return Ok(node);
            }
            Word::Name(name) => return self.word(start, &name),
            Word::Quoted(_) => {
                let name = self.label()?.name;
                return self.node(start, Kind::Name(name));
            }
            Word::Sign("?") => {
                return self.unexpected("a value; parameters are not supported here");
            }
            _ => return self.unexpected("a value or a name"),
        };
        self.step();
        self.node(start, kind)
    }

    /// A whole number, or so many units of time.
    fn whole(&mut self, start: usize, number: String) -> Read<Node> {
        self.step();
        match self.peek() {
            Some(Word::Name(unit)) if super::span::Span::is_unit(unit) => {
                let label = Label { name: unit.clone(), span: self.place() };
                self.step();
                self.node(start, Kind::Span(number, label))
            }
            _ => self.node(start, Kind::Whole(number)),
        }
    }

    /// A name, the name of a function with its arguments, or one of the words for values.
    fn word(&mut self, start: usize, name: &str) -> Read<Node> {
        let lower = name.to_ascii_lowercase();
        let is_alone = !matches!(self.peek_beyond(), Some(Word::Sign("." | "(")));
        let constant = match lower.as_str() {
            "null" => Some(Kind::Null),
            "true" => Some(Kind::Boolean(true)),
            "false" => Some(Kind::Boolean(false)),
            _ => None,
        };
        if let Some(constant) = constant.filter(|_| is_alone) {
            self.step();
            return self.node(start, constant);
        }
        if KEYWORDS.contains(&lower.as_str()) && is_alone {
            return self.unexpected("a value or a name");
        }
        let label = self.label()?;
        if !self.takes("(") {
            return self.node(start, Kind::Name(label.name));
        }
        let mut arguments = Vec::new();
        if !self.takes(")") {
            loop {
                let place = self.place();
                arguments.push(match self.takes("*") {
                    true => Node { span: place, kind: Kind::Star, depth: 1 },
                    false => self.expression()?,
                });
                if !self.takes(",") {
                    break;
                }
            }
            self.needs(")")?;
        }
        self.node(start, Kind::Call(label, arguments))
    }
}

fn too_deep<T>(span: std::ops::Range<usize>) -> Read<T> {
    fault(span, format!("expressions are nested more than {DEEPEST} deep here"))
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
