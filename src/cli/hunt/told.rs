//! What is told of a hunt beside its rows: what was odd, what was cut off, and why there are none.

use super::Asked;
use crate::cli::course::Readable;
use crate::cli::learning::Read;
use crate::cli::{Ending, say};
use crate::hunt::{Outcome, Plan};

/// Tells what there is to know about the result beside its rows.
pub fn tell(asked: &Asked, outcomes: &[Outcome], read: &Read) -> Ending {
    for ((number, plan), outcome) in asked.queries.iter().zip(outcomes) {
        let before = match asked.queries.len() {
            1 => String::new(),
            _ => format!("query {number}: "),
        };
        for sentence in sentences(plan, outcome) {
            say(&format!("{before}{sentence}"));
        }
    }
    say(&read.account);
    let rows: usize = outcomes.iter().map(|outcome| outcome.rows.len()).sum();
    match read.readable {
        Readable::Nothing => {
            say("nothing could be read as what --input says, audit or ecs.");
            Ending::NothingRead
        }
        Readable::Part => Ending::PartlyRead,
        Readable::All if rows > 0 => Ending::Found,
        Readable::All => Ending::NothingFound,
    }
}

fn sentences(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let mut all = Vec::new();
    for (place, odd, count) in &outcome.odd {
        let (line, column) = place_in(plan.query(), *place);
        all.push(format!("line {line}, column {column}: {count} times {odd}."));
    }
    if outcome.cut_off > 0 {
        all.push(format!(
            "{} more rows are not shown, since the query has no limit of its own.",
            outcome.cut_off
        ));
    }
    let absent = plan.absent_fields();
    if !absent.is_empty() {
        let are = if absent.len() == 1 { "is" } else { "are" };
        all.push(format!("{} {are} null: no audit log holds this.", absent.join(", ")));
    }
    if let Some(unmet) = &outcome.unmet {
        let (line, column) = place_in(plan.query(), unmet.place);
        let of = match unmet.asked {
            1 => "the one event that got there".to_owned(),
            asked => format!("the {asked} events that got there"),
        };
        let unknown = match unmet.unknown {
            0 => String::new(),
            unknown if unknown == unmet.asked => "; it is not known of any of them".to_owned(),
            unknown => format!("; of {unknown} it is not known"),
        };
        all.push(format!(
            "no row, since none of {of} met \"{}\" (line {line}, column {column}){unknown}.",
            unmet.text
        ));
    }
    all
}

/// Line and column of a place in a query, counted from 1.
fn place_in(query: &str, place: usize) -> (usize, usize) {
    let before = query.get(..place).unwrap_or(query);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
