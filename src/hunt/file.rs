//! Hunt files: the text of one comes in, a hunt or what is wrong with it goes out.
//!
//! The shape is that of the public hunt files: a table `[hunt]` with `query`, one text or several.
//! Public files also hold queries that have nothing to do with the network, or are in another
//! language. Those are left out, with a reason each, as long as there is one to run.

use std::ops::Range;

use super::check;
use super::names::stands_for_connections;
use super::parser;
use super::plan::Plan;
use crate::rules::fault::{Fault, Read, RuleError, fault};
use crate::rules::table::{Placed, Table, document};

/// What is wrong with a hunt file or a query, and where. It shows with the line and a mark below.
pub type HuntError = RuleError;

/// How large a hunt file may be, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;

/// A hunt: queries, and what people are told about them.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// Its short name, that of its file.
    pub name: String,
    /// Its name as people say it.
    pub title: String,
    /// Its id; empty where the file gives none.
    pub id: String,
    /// Who wrote it; empty where the file does not say.
    pub author: String,
    /// What it looks for, and why.
    pub description: String,
    /// What to know about its result.
    pub notes: Vec<String>,
    /// The ids of the techniques of attackers that it looks for.
    pub techniques: Vec<String>,
    /// The licence of its texts; empty where the file gives none.
    pub license: String,
    /// What it comes from: `oddsock`, or the name of the file.
    pub ruleset: String,
    /// The queries that are run, each with its number in the file, counted from 1.
    pub queries: Vec<(usize, Plan)>,
    /// Why the others are not, a sentence each.
    pub left_out: Vec<String>,
    /// The file it was read from.
    pub text: String,
}

impl Hunt {
    /// Reads a hunt file; errors name it as `file`.
    ///
    /// ```
    /// use oddsock::hunt::Hunt;
    ///
    /// let text = r#"
    /// [hunt]
    /// name = "Who listens"
    /// query = "from auditbeat-* | where event.acton == \"socket_listening\""
    /// "#;
    /// let error = Hunt::read("who_listens.toml", text).unwrap_err();
    /// assert!(error.message.contains("did you mean \"event.action\"?"), "{error}");
    /// let hunt = Hunt::read("who_listens.toml", &text.replace("acton", "action")).unwrap();
    /// assert_eq!((&hunt.name[..], hunt.queries.len()), ("who_listens", 1));
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Hunt, HuntError> {
        let hunt = if text.len() > LARGEST_FILE {
            let size = text.len();
            fault(0..0, format!("the file has {size} bytes; expected at most {LARGEST_FILE}"))
        } else {
            document(text).and_then(|root| read(file, text, &Table::new("the file", &root)))
        };
        hunt.map_err(|fault| RuleError::new(file, text, fault))
    }
}

/// A query that stands alone; errors name it as `name`.
///
/// ```
/// let error = oddsock::hunt::file::query("query", "from logs-* | wher a").unwrap_err();
/// assert_eq!((error.line, error.column), (1, 15));
/// ```
pub fn query(name: &str, text: &str) -> Result<Plan, HuntError> {
    check::plan(text).map_err(|fault| RuleError::new(name, text, fault))
}

fn read(file: &str, text: &str, root: &Table<'_>) -> Read<Hunt> {
    let Some(hunt) = root.table("hunt", "[hunt]")? else {
        let message = match root.has("rule") {
            true => "this is a rule, and no hunt; see oddsock replay --rules",
            false => "the file has no [hunt]; expected a table [hunt] with query = \"…\"",
        };
        return fault(0..0, message);
    };
    let (mut queries, mut left_out) = (Vec::new(), Vec::new());
    let texts = hunt.texts("query")?;
    for (number, query) in (1..).zip(&texts) {
        let (start, esql) = without_label(query.value);
        match reason_to_leave_out(esql) {
            Some(reason) => left_out.push(format!("query {number} {reason}")),
            None => {
                let plan = check::plan(esql);
                queries.push((number, plan.map_err(|fault| placed(fault, text, query, start))?));
            }
        }
    }
    if queries.is_empty() {
        let span = texts.first().map_or(hunt.span.clone(), |query| query.span.clone());
        let message = match left_out.first() {
            None => "the hunt has no query; expected query = \"from …\"".to_owned(),
            Some(reason) => format!("no query of this hunt can be run: {reason}"),
        };
        return fault(span, message);
    }
    Ok(Hunt {
        name: stem(file),
        title: hunt.needed("name", "Low Volume External Network Connections")?.value.to_owned(),
        id: hunt.owned("uuid")?,
        author: hunt.owned("author")?,
        description: hunt.owned("description")?,
        notes: hunt.owned_list("notes")?,
        techniques: hunt.owned_list("mitre")?,
        license: hunt.owned("license")?,
        ruleset: file.to_owned(),
        queries,
        left_out,
        text: text.to_owned(),
    })
}

/// A query without the name of a language before it, which some files have from where they were
/// shown; and how long that is.
fn without_label(query: &str) -> (usize, &str) {
    let trimmed = query.trim_start();
    let label = trimmed.split('\n').next().unwrap_or_default();
    let is_label = ["sql", "esql"].iter().any(|word| label.trim().eq_ignore_ascii_case(word));
    match is_label {
        true => {
            let rest = &trimmed[label.len()..];
            (query.len() - rest.len(), rest)
        }
        false => (0, query),
    }
}

/// Why a query has no meaning here, if it is so.
fn reason_to_leave_out(query: &str) -> Option<&'static str> {
    let first = query.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next();
    let first = first.unwrap_or_default().to_ascii_lowercase();
    match first.as_str() {
        "select" | "with" => Some("is SQL, which osquery runs on a live machine: not run."),
        "from" => {
            let indices = parser::indices(query).ok()?;
            let is_network = |(name, _): &(String, Range<usize>)| {
                !name.starts_with('-') && stands_for_connections(name)
            };
            let is_other = !indices.iter().any(is_network);
            is_other.then_some("asks for events other than those of the network: not run.")
        }
        "sequence" | "sample" => Some("is EQL: not run."),
        _ => {
            let is_eql = query.split_whitespace().nth(1) == Some("where");
            is_eql.then_some("is EQL: not run.")
        }
    }
}

/// A fault of a query, where it stands in the file. Text with escapes in it is not as it stands
/// there, so then it is the whole query.
fn placed(fault: Fault, text: &str, query: &Placed<&str>, start: usize) -> Fault {
    let literal = text.get(query.span.clone()).unwrap_or_default();
    let span = match literal.find(query.value).filter(|_| !query.value.is_empty()) {
        Some(at) => {
            let begin = query.span.start + at + start;
            begin + fault.span.start..begin + fault.span.end
        }
        None => query.span.clone(),
    };
    Fault { span, ..fault }
}

/// The name of a file without folders and ending, of characters that can be typed.
fn stem(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".toml").unwrap_or(name);
    let typed = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let name: String = name.chars().take(80).map(typed).collect();
    if name.is_empty() { "hunt".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "from logs-endpoint.events.network-* | limit 1";

    fn hunt(queries: &str) -> Result<Hunt, HuntError> {
        Hunt::read("some/h.toml", &format!("[hunt]\nname = \"H\"\nquery = {queries}\n"))
    }

    #[test]
    fn a_query_may_stand_alone_or_in_a_list_and_have_the_name_of_a_language() {
        for text in [
            format!("'''{QUERY}'''"),
            format!("['''\n{QUERY}\n''']"),
            format!("['''sql\n{QUERY}\n''']"),
            format!("[\"{QUERY}\"]"),
        ] {
            let hunt = hunt(&text).expect(&text);
            assert_eq!((&hunt.name[..], hunt.queries.len()), ("h", 1), "{text}");
        }
    }

    #[test]
    fn queries_of_another_kind_are_left_out_as_long_as_one_can_be_run() {
        let others = "'SELECT * FROM shadow', 'from logs-endpoint.events.file-* | grok a \"b\"'";
        let found = hunt(&format!("[{others}, '{QUERY}']")).expect("a hunt");
        assert_eq!(found.queries[0].0, 3);
        assert!(found.left_out[0].starts_with("query 1 is SQL"), "{:?}", found.left_out);
        assert!(found.left_out[1].starts_with("query 2 asks for events other"));
        let eql = hunt(&format!("['sequence by a [network where b]', 'file where c', '{QUERY}']"));
        assert_eq!(eql.expect("a hunt").left_out.len(), 2);
        let error = hunt(&format!("[{others}]")).expect_err("none");
        assert!(error.message.contains("query 1 is SQL"), "{error}");
    }

    #[test]
    fn an_error_in_a_query_is_shown_where_it_stands_in_the_file() {
        let error = hunt("['''\nfrom logs-*\n| where process.nam == \"x\"\n''']").expect_err("one");
        assert_eq!((error.line, error.column), (5, 9), "{error}");
        let error = hunt("['''sql\nfrom logs-*\n| wher process.name''']").expect_err("one");
        assert_eq!((error.line, error.column), (5, 3), "{error}");
        let error = hunt("\"from logs-*\\n| wher x\"").expect_err("one");
        assert_eq!((error.line, error.column), (3, 9), "{error}");
    }

    #[test]
    fn what_is_no_hunt_is_told() {
        for (text, said) in [
            ("[rule]\nname = \"x\"", "this is a rule"),
            ("", "no [hunt]"),
            ("[hunt]\nname = \"x\"", "no query"),
            ("[hunt]\nquery = 1", "list of strings"),
            ("[hunt]\nquery = 'from logs-*'", "has no name"),
            ("[hunt", "no TOML"),
        ] {
            let error = Hunt::read("x.toml", text).expect_err(text);
            assert!(error.message.contains(said), "{text}: {error}");
        }
    }
}
