//! What is told of a hunt beside its rows: what was odd, what was cut off, and why there are none.

use super::Asked;
use super::pass::Told;
use crate::cli::course::Readable;
use crate::cli::logs::Input;
use crate::cli::{Ending, say};
use crate::hunt::{Impossible, Outcome, Plan};
use crate::output::rows;

/// Tells what there is to know about the result beside its rows.
pub fn tell(asked: &Asked, told: &Told, input: Input) -> Ending {
    let Told { read, outcomes, newest } = told;
    // One event with an absurd time moves what a query looks back from.
    if let Some(newest) = newest {
        say(&format!("now() is {}, the time of the newest event.", rows::moment(*newest)));
    }
    tell_oddities(asked, outcomes, input);
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

/// Tells what was odd about queries and values, and why there are no rows.
pub fn tell_oddities(asked: &Asked, outcomes: &[Outcome], input: Input) {
    for ((number, plan), outcome) in asked.queries.iter().zip(outcomes) {
        let before = match asked.queries.len() {
            1 => String::new(),
            _ => format!("query {number}: "),
        };
        for sentence in sentences(plan, outcome, input) {
            say(&format!("{before}{sentence}"));
        }
    }
}

fn sentences(plan: &Plan, outcome: &Outcome, input: Input) -> Vec<String> {
    let mut all = Vec::new();
    for (place, odd, count) in &outcome.odd {
        let (line, column) = place_in(plan.query(), *place);
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        all.push(format!("line {line}, column {column}: {times} {odd}."));
    }
    if outcome.cut_off > 0 {
        all.push(format!(
            "{} more rows are not shown, since the query has no limit of its own.",
            outcome.cut_off
        ));
    }
    if input == Input::Audit {
        all.extend(absent(plan));
        if let Some(impossible) = plan.impossible() {
            all.push(told(&impossible, plan));
            return all;
        }
    }
    if let Some(unmet) = &outcome.unmet {
        let (line, column) = place_in(plan.query(), unmet.place);
        let met = match unmet.asked {
            1 => format!("the one {} that got there did not meet", unmet.what),
            asked => format!("none of the {asked} {}s that got there met", unmet.what),
        };
        let unknown = match unmet.unknown {
            0 => String::new(),
            unknown if unknown == unmet.asked => "; it is not known of any of them".to_owned(),
            unknown => format!("; of {unknown} it is not known"),
        };
        all.push(format!(
            "no row, since {met} \"{}\" (line {line}, column {column}){unknown}.",
            unmet.text
        ));
    }
    all
}

/// Which fields of the query no audit log holds.
fn absent(plan: &Plan) -> Option<String> {
    match &plan.absent_fields()[..] {
        [] => None,
        [one] => Some(format!("{one} is null: no audit log holds it.")),
        all => Some(format!("{} are null: no audit log holds them.", all.join(", "))),
    }
}

/// Why no event can meet the conditions.
fn told(impossible: &Impossible, plan: &Plan) -> String {
    let place = |(text, place): &(String, usize)| {
        let (line, column) = place_in(plan.query(), *place);
        format!("\"{text}\" (line {line}, column {column})")
    };
    match impossible {
        Impossible::Absent { condition, field } => {
            format!("no event can meet {}: {field} is null.", place(condition))
        }
        Impossible::BothEnds { first, second } => format!(
            "no event can meet both {} and {}: a call is about the address at one end, and that \
             at the other is unknown to it.",
            place(first),
            place(second)
        ),
    }
}

/// Line and column of a place in a query, counted from 1.
fn place_in(query: &str, place: usize) -> (usize, usize) {
    let before = query.get(..place).unwrap_or(query);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
