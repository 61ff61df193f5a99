//! Rule files: the text of one comes in, a rule or what is wrong with it goes out.
//!
//! The shape is that of the public rule files, `[metadata]` and `[rule]` with its `[[rule.threat]]`
//! tables, and a table of ours, `[detector]`. A public machine-learning rule has no such table: the
//! id of its job selects a detector that is built in. All else is taken from the file as it is.

use super::builtin;
use super::detector::{Detector, short_name};
use super::duration;
use super::fault::{Read, RuleError, fault};
use super::note::Note;
use super::rule::{Form, Rule, Severity, Subtechnique, Tactic, Technique, Threat};
use super::table::{Placed, Table, document};
use super::words::{meant, quoted};

/// How large a rule file may be, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;

/// The keys of `[rule]` that are read.
const READ: [&str; 20] = [
    "name",
    "description",
    "type",
    "anomaly_threshold",
    "machine_learning_job_id",
    "from",
    "interval",
    "license",
    "max_signals",
    "severity",
    "risk_score",
    "rule_id",
    "version",
    "tags",
    "false_positives",
    "note",
    "references",
    "threat",
    "next_steps",
    "history",
];

/// The keys of `[rule]` that public files have besides. They are about the system that those files
/// are made for, and nothing here depends on them.
const IGNORED: [&str; 36] = [
    "actions",
    "alert_suppression",
    "author",
    "building_block_type",
    "data_view_id",
    "enabled",
    "exceptions_list",
    "filters",
    "immutable",
    "index",
    "investigation_fields",
    "items_per_search",
    "language",
    "meta",
    "namespace",
    "new_terms_fields",
    "outcome",
    "output_index",
    "query",
    "related_integrations",
    "required_fields",
    "response_actions",
    "revision",
    "risk_score_mapping",
    "rule_name_override",
    "rule_source",
    "saved_id",
    "setup",
    "severity_mapping",
    "throttle",
    "timeline_id",
    "timeline_title",
    "timestamp_override",
    "timestamp_override_fallback_disabled",
    "to",
    "transform",
];

impl Rule {
    /// Reads a rule file.
    ///
    /// The name is that of the file: errors name it, and a rule that has no short name of its own
    /// is called after it.
    ///
    /// ```
    /// use oddsock::rules::Rule;
    ///
    /// let text = r#"
    ///     [rule]
    ///     name = "A user whom this host never saw"
    ///     [detector]
    ///     by = "user.name"
    ///     partition = "host.nam"
    /// "#;
    /// let error = Rule::read("rules.d/rare_user.toml", text).unwrap_err();
    /// assert_eq!((error.line, error.column), (6, 17));
    /// assert!(error.message.contains("did you mean \"host.name\"?"));
    /// let rule = Rule::read("rules.d/rare_user.toml", &text.replace("nam\"", "name\"")).unwrap();
    /// assert_eq!((&rule.name[..], rule.threshold), ("rare_user", 50.0));
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Rule, RuleError> {
        let rule = if text.len() > LARGEST_FILE {
            let size = text.len();
            fault(0..0, format!("the file has {size} bytes; expected at most {LARGEST_FILE}"))
        } else {
            document(text).and_then(|root| read(file, text, &Table::new("the file", &root)))
        };
        rule.map_err(|fault| RuleError::new(file, text, fault))
    }
}

fn read(file: &str, text: &str, root: &Table<'_>) -> Read<Rule> {
    if let Some(hunt) = root.table("hunt", "[hunt]")? {
        return fault(hunt.span, "this is a hunt, and no rule; expected a table [rule]");
    }
    root.no_slips(&["rule", "detector"], &["metadata", "transform"])?;
    let Some(rule) = root.table("rule", "[rule]")? else {
        return fault(0..0, "the file has no [rule]; expected a table [rule] with name = \"…\"");
    };
    rule.no_slips(&READ, &IGNORED)?;
    check_type(&rule)?;
    let title = rule.needed("name", "Unusual Linux Network Activity")?.value.trim().to_owned();
    let jobs = rule.texts("machine_learning_job_id")?;
    let detector = root.table("detector", "[detector]")?;
    let Chosen { name, detector } = choose(file, &rule, detector, &jobs)?;
    let note = Note::of(rule.text("note")?.map_or("", |note| note.value));
    let mut false_positives = rule.owned_list("false_positives")?;
    false_positives.extend(note.false_positives);
    let next_steps = match rule.has("next_steps") {
        true => rule.owned_list("next_steps")?,
        false => note.next_steps,
    };
    let id = rule.owned("rule_id")?;
    let span = |key| rule.text(key);
    let look_back = span("from")?.map(|text| duration::ago(&text)).transpose()?.unwrap_or(2700);
    Ok(Rule {
        id: if id.is_empty() { name.clone() } else { id },
        name,
        title,
        version: rule.whole("version", 1..=u32::MAX)?.unwrap_or(1),
        license: rule.owned("license")?,
        references: rule.owned_list("references")?,
        ruleset: file.to_owned(),
        description: paragraphs(rule.text("description")?.map_or("", |text| text.value)),
        next_steps,
        false_positives,
        tags: rule.owned_list("tags")?,
        severity: severity(&rule)?,
        risk_score: rule.whole("risk_score", 0..=100)?.unwrap_or(21),
        threshold: rule.number("anomaly_threshold", 0.0..=100.0)?.unwrap_or(50.0),
        interval: span("interval")?
            .map(|text| duration::seconds(&text))
            .transpose()?
            .unwrap_or(900),
        look_back,
        remembered: detector.remembered.unwrap_or(look_back),
        max_alerts: rule.whole("max_signals", 1..=10_000)?.unwrap_or(100),
        threats: threats(&rule)?,
        jobs: jobs.iter().map(|job| job.value.to_owned()).collect(),
        history: history(&rule)?,
        question: detector.question,
        filter: detector.filter,
        text: text.to_owned(),
    })
}

/// Text without the line breaks that only kept its lines short.
fn paragraphs(text: &str) -> String {
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all: Vec<String> = text.split("\n\n").map(joined).filter(|text| !text.is_empty()).collect();
    all.join("\n\n")
}

fn check_type(rule: &Table<'_>) -> Read<()> {
    match rule.text("type")? {
        Some(kind) if kind.value != "machine_learning" => {
            let message = "expected \"machine_learning\", the one type of rule that is run here";
            fault(kind.span, format!("type is {}; {message}", quoted(kind.value)))
        }
        _ => Ok(()),
    }
}

struct Chosen {
    name: String,
    detector: Detector,
}

/// The detector of the file, or else the one that its jobs select.
fn choose(
    file: &str,
    rule: &Table<'_>,
    detector: Option<Table<'_>>,
    jobs: &[Placed<&str>],
) -> Read<Chosen> {
    if let Some(table) = detector {
        let mut detector = Detector::read(&table)?;
        let name = detector.name.clone().unwrap_or_else(|| stem(file));
        let job = jobs.first().map(short_name).transpose()?;
        detector.question.name = job.unwrap_or_else(|| name.clone());
        return Ok(Chosen { name, detector });
    }
    let mut chosen: Option<&Rule> = None;
    for job in jobs {
        let Some(found) = builtin::of_job(job.value) else { return unknown_job(job) };
        if let Some(other) = chosen.filter(|other| other.name != found.name) {
            let message = format!(
                "this job selects another detector, {}, than the first, {}",
                found.name, other.name
            );
            return fault(job.span.clone(), format!("{message}; expected jobs of one detector"));
        }
        chosen = Some(found);
    }
    let Some(found) = chosen else {
        let message = "[rule] does not say what to look for; expected a table [detector] with \
                       by = \"…\", or machine_learning_job_id = \"…\"";
        return fault(rule.span.clone(), message);
    };
    let (question, filter) = (found.question.clone(), found.filter.clone());
    Ok(Chosen {
        name: found.name.clone(),
        detector: Detector { name: None, question, filter, remembered: None },
    })
}

fn unknown_job<T>(job: &Placed<&str>) -> Read<T> {
    let meant = meant(job.value, builtin::jobs());
    let known = builtin::jobs().collect::<Vec<_>>().join(", ");
    let message = format!("no detector is known for the job {}{meant}", quoted(job.value));
    let expected = format!("expected one of {known}, or a table [detector] that says what it does");
    fault(job.span.clone(), format!("{message}; {expected}"))
}

/// The name of a file without folders and ending, of characters that can be typed.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_suffix(".toml").unwrap_or(name);
    let typed = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let name: String = name.chars().take(80).map(typed).collect();
    if name.is_empty() { "rule".to_owned() } else { name }
}

fn severity(rule: &Table<'_>) -> Read<Severity> {
    let Some(written) = rule.text("severity")? else { return Ok(Severity::Low) };
    let found = Severity::ALL.into_iter().find(|severity| severity.name() == written.value);
    match found {
        Some(severity) => Ok(severity),
        None => {
            let names = Severity::ALL.map(Severity::name);
            let meant = meant(written.value, names.into_iter());
            let expected = format!("expected one of {}", names.join(", "));
            let written_as = quoted(written.value);
            fault(written.span, format!("{written_as} is no severity{meant}; {expected}"))
        }
    }
}

fn threats(rule: &Table<'_>) -> Read<Vec<Threat>> {
    let threats = rule.tables("threat", "[[rule.threat]]")?;
    threats.iter().map(threat).collect()
}

fn threat(table: &Table<'_>) -> Read<Threat> {
    let Some(tactic) = table.table("tactic", "[rule.threat.tactic]")? else {
        let message = "[[rule.threat]] has no tactic; expected a table [rule.threat.tactic]";
        return fault(table.span.clone(), message);
    };
    let tactic = Tactic {
        id: tactic.needed("id", "TA0011")?.value.to_owned(),
        name: tactic.owned("name")?,
        reference: tactic.owned("reference")?,
    };
    let techniques = table.tables("technique", "[[rule.threat.technique]]")?;
    let techniques = techniques.iter().map(technique).collect::<Read<_>>()?;
    Ok(Threat { framework: table.owned("framework")?, tactic, techniques })
}

fn technique(table: &Table<'_>) -> Read<Technique> {
    let below = table.tables("subtechnique", "[[rule.threat.technique.subtechnique]]")?;
    let subtechnique = |table: &Table<'_>| {
        Ok(Subtechnique {
            id: table.needed("id", "T1205.001")?.value.to_owned(),
            name: table.owned("name")?,
            reference: table.owned("reference")?,
        })
    };
    Ok(Technique {
        id: table.needed("id", "T1071")?.value.to_owned(),
        name: table.owned("name")?,
        reference: table.owned("reference")?,
        subtechniques: below.iter().map(subtechnique).collect::<Read<_>>()?,
    })
}

fn history(rule: &Table<'_>) -> Read<Vec<Form>> {
    let form = |table: &Table<'_>| {
        table.only(&["published", "version", "license", "jobs"])?;
        Ok(Form {
            published: table.needed("published", "2020/03")?.value.to_owned(),
            version: table.whole("version", 1..=u32::MAX)?,
            license: table.owned("license")?,
            jobs: table.owned_list("jobs")?,
        })
    };
    rule.tables("history", "[[rule.history]]")?.iter().map(form).collect()
}

#[cfg(test)]
#[path = "rule_file_tests.rs"]
mod tests;
