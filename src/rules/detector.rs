//! The `[detector]` table of a rule file: what is asked, and of which connections.

use super::duration;
use super::fault::{Fault, Read, fault};
use super::field::Field;
use super::filter::{Condition, Filter};
use super::pattern::Pattern;
use super::table::{Placed, Table};
use super::watch::MOST_INFLUENCERS;
use super::words::{meant, nearest, quoted};
use crate::engine::{Novelty, Question, Span};

const KEYS: [&str; 10] = [
    "name",
    "by",
    "partition",
    "influencers",
    "span",
    "bucket_span",
    "novelty",
    "remember",
    "include",
    "exclude",
];

/// The names of the kinds of rarity, and what they are.
const NOVELTIES: [(&str, Novelty); 2] =
    [("any", Novelty::Any), ("known_elsewhere", Novelty::KnownElsewhere)];

/// The span of a detector that names none: that of the published ones.
const USUAL_SPAN: Span = Span::minutes(15);

/// What a file says a detector is.
pub(super) struct Detector {
    /// The rule's short name, if the file gives one.
    pub(super) name: Option<String>,
    /// What is asked. It is named by whoever knows the rule's name.
    pub(super) question: Question,
    pub(super) filter: Filter,
    /// For how long its alerts are remembered, in seconds, if the file says so.
    pub(super) remembered: Option<u32>,
}

impl Detector {
    pub(super) fn read(table: &Table<'_>) -> Read<Detector> {
        table.only(&KEYS)?;
        let name = table.text("name")?.map(|name| short_name(&name)).transpose()?;
        let by = field(&table.needed("by", "process.name")?)?;
        let partition = table.text("partition")?.map(|name| field(&name)).transpose()?;
        let question = Question {
            name: String::new(),
            by: by.name().to_owned(),
            partition: partition.map(|field| field.name().to_owned()),
            influencers: influencers(table)?,
            span: span(table)?,
            novelty: novelty(table)?,
        };
        let filter = Filter {
            include: conditions(table, "include", "[[detector.include]]")?,
            exclude: conditions(table, "exclude", "[[detector.exclude]]")?,
        };
        let remembered =
            table.text("remember")?.map(|text| duration::seconds(&text)).transpose()?;
        Ok(Detector { name, question, filter, remembered })
    }
}

/// A name that can be typed: it stands on command lines and in file names.
pub(super) fn short_name(name: &Placed<&str>) -> Read<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let starts = name.value.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts && name.value.len() <= 80 && name.value.chars().all(fits) {
        return Ok(name.value.to_owned());
    }
    let expected = "expected at most 80 letters, digits, \"_\", \"-\" and \".\", \
                    such as \"rare_user_on_host\"";
    fault(name.span.clone(), format!("{} is no short name; {expected}", quoted(name.value)))
}

fn field(name: &Placed<&str>) -> Read<Field> {
    let field = Field::named(name.value);
    let is_slip = name.value.starts_with("labels.")
        && matches!(field, Field::Other(_))
        && nearest(name.value, Field::NAMES.iter().copied()).is_some();
    if field.is_known() && !is_slip {
        return Ok(field);
    }
    let meant = meant(name.value, Field::known_names());
    let expected = "expected the name of a field of oddsock-events(5), such as \"process.name\"";
    fault(name.span.clone(), format!("there is no field {}{meant}; {expected}", quoted(name.value)))
}

fn influencers(table: &Table<'_>) -> Read<Vec<String>> {
    let names = table.texts("influencers")?;
    let mut fields: Vec<String> = Vec::with_capacity(names.len().min(MOST_INFLUENCERS));
    for name in &names {
        let field = field(name)?.name().to_owned();
        if fields.contains(&field) {
            return fault(name.span.clone(), format!("{field} is an influencer already"));
        }
        if fields.len() == MOST_INFLUENCERS {
            let message = format!("expected at most {MOST_INFLUENCERS} influencers");
            return fault(name.span.clone(), message);
        }
        fields.push(field);
    }
    Ok(fields)
}

/// The length of the buckets. Public job definitions say `bucket_span`, and so may a rule.
fn span(table: &Table<'_>) -> Read<Span> {
    let (short, long) = (table.text("span")?, table.text("bucket_span")?);
    if let (Some(_), Some(long)) = (&short, &long) {
        let message = "span and bucket_span are the same; expected one of them";
        return fault(long.span.clone(), message);
    }
    let Some(written) = short.or(long) else { return Ok(USUAL_SPAN) };
    match Span::of_seconds(duration::seconds(&written)?) {
        Some(span) => Ok(span),
        None => {
            let written_as = quoted(written.value);
            fault(written.span, format!("{written_as} is too long; expected at most \"1w\""))
        }
    }
}

fn novelty(table: &Table<'_>) -> Read<Novelty> {
    let Some(written) = table.text("novelty")? else { return Ok(Novelty::Any) };
    let found = NOVELTIES.iter().find(|(name, _)| *name == written.value);
    match found {
        Some((_, Novelty::KnownElsewhere)) if !table.has("partition") => {
            let expected = "expected partition = \"host.name\" or the like beside it";
            fault(written.span, format!("elsewhere is in other partitions; {expected}"))
        }
        Some((_, novelty)) => Ok(*novelty),
        None => {
            let meant = meant(written.value, NOVELTIES.iter().map(|(name, _)| *name));
            let expected = "expected \"any\" or \"known_elsewhere\"";
            let written_as = quoted(written.value);
            fault(written.span, format!("{written_as} is no novelty{meant}; {expected}"))
        }
    }
}

fn conditions(table: &Table<'_>, key: &str, name: &'static str) -> Read<Vec<Condition>> {
    table.tables(key, name)?.iter().map(condition).collect()
}

fn condition(table: &Table<'_>) -> Read<Condition> {
    table.only(&["field", "values", "reason"])?;
    let field = field(&table.needed("field", "destination.ip")?)?;
    let mut patterns = Vec::new();
    for value in table.values("values")? {
        let pattern = Pattern::new(&field, &value.value);
        let placed = |error: super::PatternError| Fault {
            span: value.span.clone(),
            message: error.to_string(),
        };
        patterns.push(pattern.map_err(placed)?);
    }
    if patterns.is_empty() {
        let message = format!("{} has no values; expected values = [\"…\"]", table.name);
        return fault(table.span.clone(), message);
    }
    Ok(Condition { field, patterns, reason: table.owned("reason")? })
}
