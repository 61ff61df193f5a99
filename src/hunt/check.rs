//! Checks a query: what it consists of comes in, a [`Plan`] goes out, or the first thing in it that
//! makes no sense, before a line of any log is read.

use std::cell::RefCell;
use std::ops::Range;

use super::aggregates::AGGREGATES;
use super::expr::Expr;
use super::matching::Room;
use super::names::{Source, stands_for_connections};
use super::parser::parse;
use super::plan::{Column, Condition, Key, Plan, Step, USUAL_LIMIT};
use super::scope::{Scope, of_events};
use super::syntax::{self, CommandKind, Kind, Named, Node, Order, Query};
use super::typing::{common, mentioned};
use super::value::Type;
use crate::rules::fault::{Read, fault};

/// Reads and checks a query.
pub(super) fn plan(text: &str) -> Read<Plan> {
    let query = parse(text)?;
    let indices = indices(&query)?;
    let mut sources = Vec::new();
    let scope = of_events(&mentioned(&query), &query.metadata, &mut sources);
    let room = RefCell::default();
    let mut checker = Checker {
        text,
        room: &room,
        scope,
        first: Vec::new(),
        then: None,
        notes: Vec::new(),
        has_own_columns: false,
        is_limited: false,
    };
    let mut commands = Vec::new();
    for command in sorted_before_limited(query.commands, &mut checker.notes) {
        checker.command(&command.kind)?;
        commands.push(text[command.span].to_owned());
    }
    let is_limit_usual = !checker.is_limited;
    if is_limit_usual {
        checker.limit(USUAL_LIMIT);
        checker
            .notes
            .push(format!("The query has no limit, so there are at most {USUAL_LIMIT} rows."));
    }
    let plan = checker.finish(indices, sources, is_limit_usual)?;
    Ok(Plan { commands, ..plan })
}

fn indices(query: &Query) -> Read<Vec<(String, bool)>> {
    let is_network = |name: &str| !name.starts_with('-') && stands_for_connections(name);
    if !query.indices.iter().any(|(name, _)| is_network(name)) {
        let span = query.indices.first().map_or(0..0, |(_, span)| span.clone());
        let message = "no network events are in there, and there are no others here; expected an \
                       index such as logs-endpoint.events.network-*, auditbeat-* or logs-*";
        return fault(span, message);
    }
    Ok(query.indices.iter().map(|(name, _)| (name.clone(), is_network(name))).collect())
}

/// Moves a limit behind the sort that follows it: whoever writes both wants the first of all rows,
/// not some rows in order. What stands between them must not depend on which rows there are.
fn sorted_before_limited(
    mut commands: Vec<syntax::Command>,
    notes: &mut Vec<String>,
) -> Vec<syntax::Command> {
    let mut at = 0;
    while at < commands.len() {
        let is_each = |kind: &CommandKind| {
            use CommandKind::{Drop, Eval, Keep, Rename};
            matches!(kind, Eval(_) | Keep(_) | Drop(_) | Rename(_))
        };
        if let CommandKind::Limit(limit) = commands[at].kind {
            let between = commands[at + 1..].iter().take_while(|command| is_each(&command.kind));
            let sort = at + 1 + between.count();
            if matches!(commands.get(sort).map(|c| &c.kind), Some(CommandKind::Sort(_))) {
                let moved = commands.remove(at);
                commands.insert(sort, moved);
                notes.push(format!(
                    "limit {limit} stands before sort: rows are sorted first, so these are the \
                     first {limit} of all."
                ));
            }
        }
        at += 1;
    }
    commands
}

/// What is known of a query up to some place.
pub(super) struct Checker<'q> {
    pub(super) text: &'q str,
    pub(super) room: &'q RefCell<Room>,
    pub(super) scope: Scope,
    pub(super) first: Vec<Step>,
    /// What comes behind the first step that needs all rows.
    pub(super) then: Option<Vec<Step>>,
    pub(super) notes: Vec<String>,
    pub(super) has_own_columns: bool,
    pub(super) is_limited: bool,
}

impl Checker<'_> {
    pub(super) fn push(&mut self, step: Step) {
        self.then.as_mut().unwrap_or(&mut self.first).push(step);
    }

    /// From here on rows are whole: they have what they need of their events.
    fn gather(&mut self) {
        if self.then.is_none() {
            self.first.push(Step::Project(self.scope.expressions()));
            self.scope = self.scope.in_slots();
            self.then = Some(Vec::new());
        }
    }

    fn command(&mut self, kind: &CommandKind) -> Read<()> {
        match kind {
            CommandKind::Where(node) => self.filter(node)?,
            CommandKind::Eval(all) => all.iter().try_for_each(|named| self.eval(named))?,
            CommandKind::Stats { of, by } => self.stats(of, by)?,
            CommandKind::Keep(patterns) => {
                self.scope.all = self.scope.chosen(patterns)?;
                self.has_own_columns = true;
            }
            CommandKind::Drop(patterns) => {
                let dropped = self.scope.chosen(patterns)?;
                self.scope.all.retain(|column| dropped.iter().all(|d| d.name != column.name));
            }
            CommandKind::Rename(pairs) => {
                for (from, to) in pairs {
                    self.scope.needed(&from.name, from.span.clone())?;
                    if from.name != to.name {
                        self.scope.all.retain(|column| column.name != to.name);
                    }
                    let column = self.scope.all.iter_mut().find(|c| c.name == from.name);
                    column.into_iter().for_each(|column| column.name.clone_from(&to.name));
                }
            }
            CommandKind::Sort(orders) => {
                self.gather();
                let keys = orders.iter().map(|order| self.key(order)).collect::<Read<_>>()?;
                self.push(Step::Sort(keys));
            }
            CommandKind::Limit(limit) => {
                self.limit(*limit);
                self.is_limited = true;
            }
        }
        Ok(())
    }

    fn limit(&mut self, limit: u64) {
        self.gather();
        self.push(Step::Limit(limit));
    }

    /// Conditions one by one, so that one that fails spares the others.
    fn filter(&mut self, node: &Node) -> Read<()> {
        let mut all = Vec::new();
        self.conditions(node, &mut all)?;
        let steps = self.then.as_mut().unwrap_or(&mut self.first);
        match steps.last_mut() {
            Some(Step::Where(known)) => known.extend(all),
            _ => steps.push(Step::Where(all)),
        }
        Ok(())
    }

    fn conditions(&self, node: &Node, all: &mut Vec<Condition>) -> Read<()> {
        if let Kind::All(nodes) = &node.kind {
            return nodes.iter().try_for_each(|node| self.conditions(node, all));
        }
        let expr = self.expression(node)?;
        if common(expr.kind, Type::Boolean) != Some(Type::Boolean) {
            let message = format!("expected a condition, found a value of type {}", expr.kind);
            return fault(node.span.clone(), message);
        }
        all.push(Condition { expr, span: node.span.clone(), is_of_class: false });
        Ok(())
    }

    fn eval(&mut self, named: &Named) -> Read<()> {
        let expr = self.column(&named.node)?;
        let kind = expr.kind;
        let steps = self.then.as_mut().unwrap_or(&mut self.first);
        match steps.last_mut() {
            Some(Step::Eval(all)) => all.push(expr),
            _ => steps.push(Step::Eval(vec![expr])),
        }
        self.scope.add_slot(named.name.clone(), kind);
        Ok(())
    }

    /// An expression that a column can be of.
    pub(super) fn column(&self, node: &Node) -> Read<Expr> {
        let expr = self.expression(node)?;
        match expr.kind {
            Type::Span => fault(node.span.clone(), "a span of time alone can be no column"),
            _ => Ok(expr),
        }
    }

    fn key(&self, order: &Order) -> Read<Key> {
        let expr = self.column(&order.node)?;
        let (descends, nulls_first) = (order.descends, order.nulls_first);
        Ok(Key { expr, descends, nulls_first })
    }

    fn finish(
        mut self,
        indices: Vec<(String, bool)>,
        sources: Vec<(Source, Type)>,
        is_limit_usual: bool,
    ) -> Read<Plan> {
        self.gather();
        self.push(Step::Project(self.scope.expressions()));
        let column = |c: &super::scope::Visible| {
            let (name, kind, is_key) = (c.name.clone(), c.kind, c.is_key);
            Column { name, kind, is_key }
        };
        let columns: Vec<Column> = self.scope.all.iter().map(column).collect();
        if columns.is_empty() {
            let end = self.text.len();
            return fault(end..end, "the query drops all columns, so there is nothing to show");
        }
        let mut plan = Plan {
            query: self.text.to_owned(),
            indices,
            sources,
            first: self.first,
            then: self.then.unwrap_or_default(),
            columns,
            commands: Vec::new(),
            notes: self.notes,
            has_own_columns: self.has_own_columns,
            is_limit_usual,
        };
        plan.spare();
        Ok(plan)
    }
}

/// An aggregate where there are no groups.
pub(super) fn misplaced_aggregate<T>(name: &str, span: Range<usize>) -> Read<T> {
    let all: Vec<&str> = AGGREGATES.iter().map(|aggregate| aggregate.name).collect();
    let message = format!("{name} looks at many rows, and can stand only behind stats");
    fault(span, format!("{message}, as all of {}", all.join(", ")))
}
