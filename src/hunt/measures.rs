//! Checks what `stats` works out: what looks at all rows of a group is told from what is made of
//! that afterwards, as in `count(*) * 2`.

use super::aggregates::{Aggregate, Works, aggregate_named};
use super::check::Checker;
use super::expr::{Expr, Op};
use super::plan::{Measure, Stats, Step};
use super::scope::Scope;
use super::syntax::{self, Kind, Named, Node};
use super::value::Type;
use crate::rules::fault::{Fault, Read, fault};

impl Checker<'_> {
    /// Rows become groups.
    pub(super) fn stats(&mut self, of: &[syntax::Measure], by: &[Named]) -> Read<()> {
        if of.is_empty() && by.is_empty() {
            return fault(0..0, "stats says neither what to work out nor by what");
        }
        let mut groups = Scope::default();
        let mut keys = Vec::new();
        for named in by {
            let expr = self.column(&named.node)?;
            let position = keys.len();
            groups.add(named.name.clone(), expr.kind, Op::Slot(position));
            keys.push(expr);
        }
        let mut measures = Vec::new();
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for measure in of {
            let filter = measure.filter.as_ref().map(|node| self.expression(node)).transpose()?;
            let mut part = Parts { checker: self, groups: &groups, filter, measures };
            let expr = part.expression(&measure.named.node)?;
            measures = part.measures;
            columns.retain(|(name, _)| *name != measure.named.name);
            columns.push((measure.named.name.clone(), expr));
        }
        // Groups stand behind the measures in the rows that the columns are made of.
        let count = measures.len();
        let of_groups = groups.all.iter().map(|column| {
            let op = match column.op {
                Op::Slot(at) => Op::Slot(count + at),
                ref other => other.clone(),
            };
            (column.name.clone(), Expr { place: 0, kind: column.kind, op })
        });
        columns.retain(|(name, _)| groups.get(name).is_none());
        for (_, expr) in &mut columns {
            shift_groups(expr, count);
        }
        columns.extend(of_groups);
        let mut scope = Scope::default();
        for (name, expr) in &columns {
            scope.add_slot(name.clone(), expr.kind);
            let is_key = groups.get(name).is_some();
            scope.all.last_mut().into_iter().for_each(|added| added.is_key = is_key);
        }
        let names = by.iter().map(|named| named.name.clone()).collect();
        let columns = columns.into_iter().map(|(_, expr)| expr).collect();
        self.push(Step::Stats(Stats { measures, by: keys, columns, names }));
        if self.then.is_none() {
            self.then = Some(Vec::new());
        }
        self.scope = scope;
        self.has_own_columns = true;
        self.is_limited = false;
        Ok(())
    }
}

/// The groups of a `stats` are numbered from this on, until it is known how many measures it has.
const GROUPS: usize = 1 << 32;

fn shift_groups(expr: &mut Expr, count: usize) {
    expr.each_mut(&mut |one| {
        if let Op::Slot(at) = &mut one.op
            && *at >= GROUPS
        {
            *at = *at - GROUPS + count;
        }
    });
}

/// Takes apart what a `stats` works out: what looks at all rows, and what is made of that.
struct Parts<'c, 'q> {
    checker: &'c Checker<'q>,
    groups: &'c Scope,
    filter: Option<Expr>,
    measures: Vec<Measure>,
}

impl Parts<'_, '_> {
    fn expression(&mut self, node: &Node) -> Read<Expr> {
        let mut scope = Scope::default();
        let node = self.without_aggregates(node, &mut scope)?;
        for column in &self.groups.all {
            let op = match column.op {
                Op::Slot(at) => Op::Slot(GROUPS + at),
                ref other => other.clone(),
            };
            scope.add(column.name.clone(), column.kind, op);
        }
        let checker = Checker {
            text: self.checker.text,
            room: self.checker.room,
            scope,
            first: vec![],
            then: None,
            notes: vec![],
            has_own_columns: false,
            is_limited: false,
        };
        let found = checker.column(&node);
        found.map_err(|error| match self.checker.scope.get(error_name(&node, &error)) {
            Some(column) => Fault {
                message: format!(
                    "{} is one thing in each row, and stats makes one row of many; expected a \
                     function of it, or to find it behind by",
                    column.name
                ),
                ..error
            },
            None => error,
        })
    }

    /// The same expression with a name in place of each aggregate, which becomes a measure.
    fn without_aggregates(&mut self, node: &Node, scope: &mut Scope) -> Read<Node> {
        if let Kind::Call(label, arguments) = &node.kind
            && let Some(aggregate) = aggregate_named(&label.name)
        {
            let (of, kind) = self.argument(aggregate, node, arguments)?;
            let name = format!("\0{}", self.measures.len());
            scope.add(name.clone(), kind, Op::Slot(self.measures.len()));
            self.measures.push(Measure {
                works: aggregate.works,
                of,
                filter: self.filter.clone(),
                kind,
                span: node.span.clone(),
            });
            return Ok(Node { kind: Kind::Name(name), ..node.clone() });
        }
        let mut node = node.clone();
        for child in node.children_mut() {
            *child = self.without_aggregates(child, scope)?;
        }
        Ok(node)
    }

    fn argument(
        &self,
        aggregate: &Aggregate,
        node: &Node,
        arguments: &[Node],
    ) -> Read<(Option<Expr>, Type)> {
        let usage = || format!("expected {}", aggregate.usage);
        let is_count = aggregate.works == Works::Count;
        match arguments {
            [] if is_count => Ok((None, Type::Long)),
            [Node { kind: Kind::Star, .. }] if is_count => Ok((None, Type::Long)),
            // How exact it is to be: it is always exact here.
            [of] | [of, _] if arguments.len() == 1 || aggregate.works == Works::CountDistinct => {
                if let Kind::Star = of.kind {
                    return fault(of.span.clone(), usage());
                }
                let expr = self.checker.column(of)?;
                if !aggregate.takes.admits(expr.kind) {
                    let (takes, found) = (aggregate.takes.words(), expr.kind);
                    let message = format!("expected {takes}, found {found}; {}", usage());
                    return fault(of.span.clone(), message);
                }
                let kind = aggregate.works.gives(expr.kind);
                Ok((Some(expr), kind))
            }
            _ => fault(node.span.clone(), usage()),
        }
    }
}

/// The name at the place of an error.
fn error_name<'n>(node: &'n Node, error: &Fault) -> &'n str {
    if let Kind::Name(name) = &node.kind
        && node.span == error.span
    {
        return name;
    }
    node.children()
        .into_iter()
        .map(|child| error_name(child, error))
        .find(|n| !n.is_empty())
        .unwrap_or_default()
}
