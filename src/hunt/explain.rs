//! A plan in words: what stands for what, which fields are read, and in which order what is done.

use super::names::Source;
use super::plan::{Plan, Step};
use super::token::tokens;

impl Plan {
    /// The plan as lines that end in `\n`.
    ///
    /// ```
    /// let query = "from logs-*, metrics-* | where user.name == \"x\" | limit 5 | sort host.name";
    /// let plan = oddsock::hunt::file::query("query", query).unwrap();
    /// assert!(plan.explained().contains("metrics-* has no network events, and is left out"));
    /// assert!(plan.explained().contains("rows are sorted first"));
    /// ```
    pub fn explained(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, said: &str| {
            text.push_str(format!("{label:<9}{said}").trim_end());
            text.push('\n');
        };
        for (index, is_network) in &self.indices {
            line(
                "from",
                &match is_network {
                    true => format!("{index} stands for the connections of these logs"),
                    false => format!("{index} has no network events, and is left out"),
                },
            );
        }
        let names: Vec<&str> = self.sources.iter().map(|(source, _)| source.name()).collect();
        line(
            "reads",
            &match names.is_empty() {
                true => "no field of an event".to_owned(),
                false => names.join(", "),
            },
        );
        for (source, _) in self.sources.iter().filter(|(source, _)| !source.is_audited()) {
            line("", &format!("{} is null in events of the audit system", source.name()));
        }
        for command in &self.commands {
            let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
            for (at, part) in rest.trim().lines().enumerate() {
                let label = if at == 0 { name.to_lowercase() } else { String::new() };
                line(&label, part.trim_end());
            }
        }
        for (at, condition) in self.tried().iter().enumerate() {
            line(if at == 0 { "tries" } else { "" }, &format!("{}. {condition}", at + 1));
        }
        for note in &self.notes {
            line("note", note);
        }
        if self.asks_for_now() {
            line("note", "now() is the time of the newest event, unless --now says another.");
        }
        if !self.reads("labels.probe") {
            line("note", "Address probes count; labels.probe is null leaves them out.");
        }
        let columns =
            self.columns.iter().map(|column| format!("{} ({})", column.name, column.kind));
        line("columns", &columns.collect::<Vec<_>>().join(", "));
        text
    }

    /// The conditions on events in the order in which they are tried, which is that of the query
    /// but for those that take longer to know.
    fn tried(&self) -> Vec<String> {
        let conditions = self.first.iter().filter_map(Step::conditions).flatten();
        conditions.map(|condition| in_short(&self.query[condition.span.clone()])).collect()
    }

    /// Whether this much is known: at the later of two times that are taken for the present the
    /// query admits the oldest event, by conditions that all others meet then too.
    pub fn admits_all_since(&self, oldest: u64, present: [i64; 2]) -> bool {
        use super::expr::{Op, World};
        use super::syntax::{Arithmetic, Comparison};
        let is_time = |expr: &super::expr::Expr| match expr.op {
            Op::Source(at) => self.sources[at].0 == Source::Time,
            _ => false,
        };
        let is_before_now = |expr: &super::expr::Expr| match &expr.op {
            Op::Reckon(Arithmetic::Minus, now, span) => {
                matches!(now.op, Op::Now) && matches!(span.op, Op::Constant(_))
            }
            _ => false,
        };
        let has_now = |expr: &super::expr::Expr| expr.has(&|one| matches!(one.op, Op::Now));
        let warnings = super::warning::Warnings::default();
        let nothing: &dyn crate::rules::Fields = &Nothing;
        let event =
            super::Event { millis: oldest, fields: nothing, class: None, may_repeat: false };
        let mut number = 0;
        for step in &self.first {
            let Step::Where(conditions) = step else { continue };
            for condition in conditions.iter().filter(|condition| has_now(&condition.expr)) {
                number += 1;
                let is_bound = match &condition.expr.op {
                    Op::Compare(Comparison::More | Comparison::AtLeast, time, bound) => {
                        is_time(time) && is_before_now(bound)
                    }
                    Op::Compare(Comparison::Less | Comparison::AtMost, bound, time) => {
                        is_time(time) && is_before_now(bound)
                    }
                    _ => false,
                };
                let holds = |now: i64| {
                    let (event, sources) = (Some(event), &self.sources[..]);
                    let world = World { event, sources, slots: &[], now, warnings: &warnings };
                    condition.expr.truth(&world) == Some(true)
                };
                if !is_bound || !present.into_iter().all(holds) {
                    return false;
                }
            }
        }
        // There must be no other place where the time matters.
        number == self.expressions().filter(|expr| has_now(expr)).count()
    }
}

/// Something of which only the time is known.
struct Nothing;

impl crate::rules::Fields for Nothing {
    fn value(&self, _: &crate::rules::Field) -> Option<crate::rules::Value<'_>> {
        None
    }
}

/// How many characters of a condition are shown.
const SHOWN: usize = 100;

/// A part of a query on one line, without comments, and cut if it is long.
pub(super) fn in_short(text: &str) -> String {
    let tokens = tokens(text).unwrap_or_default();
    let mut short = String::new();
    let mut end = 0;
    for token in tokens {
        let is_apart = token.span.start > end && !short.is_empty() && !short.ends_with('(');
        let part = &text[token.span.clone()];
        short.push_str(if is_apart && part != ")" { " " } else { "" });
        short.push_str(part);
        end = token.span.end;
    }
    match short.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", short[..end].trim_end()),
        None => short,
    }
}
