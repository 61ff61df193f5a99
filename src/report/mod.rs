//! A report: everything that was found and what it was found in, as one HTML file that needs
//! nothing else.
//!
//! What was read, judged and counted comes in as plain values ([`Report`]); a document goes out.
//! It has no script and loads nothing, and says so to the browser; nothing of a log can be anything
//! but text in it ([`page`]). The same report is the same bytes: no clock has a part in it.
//!
//! A report stays a document that can be read and printed, however much there is to tell: each part
//! has an end, and says what it leaves out, with the numbers. Nothing here reads a file or a log,
//! decides what is unusual, or knows where the document goes.

use std::sync::Arc;

mod alerts;
mod aside;
mod destinations;
mod front;
pub mod page;
mod processes;
mod read;
mod style;
mod table;
mod timeline;
mod traffic;
mod values;
mod words;

pub use traffic::Traffic;

use crate::alert::{Alert, Summary};
use crate::engine::Ledger;
use crate::output::alerts::Places;
use crate::rules::Rule;
use page::Page;

/// Everything that a report tells of.
pub struct Report<'r> {
    /// What was read, in its order.
    pub readings: Vec<Reading>,
    /// What earlier runs have learnt, if that was used.
    pub state: Option<File>,
    /// What each rule says, in the order of the rules.
    pub judged: Vec<Judged<'r>>,
    /// What was counted while reading; none where there was nothing to read but a state.
    pub traffic: Option<&'r Traffic>,
    /// Whose addresses are, if that is known.
    pub places: Option<&'r dyn Places>,
    /// What follows `oddsock explain` and an alert's id to show it with its records, if it can.
    pub explain: Option<String>,
    /// Only what was from when to when was judged, if not everything, in milliseconds since 1970.
    pub period: Option<(u64, u64)>,
    /// When the report was made, where that is to be in it.
    pub made: Option<String>,
}

/// Some logs that were read together.
pub struct Reading {
    /// Whether they were only learnt from.
    pub is_only_learnt: bool,
    /// The files, in the order in which they were read.
    pub files: Vec<File>,
    /// What became of their lines: numbers with what they count.
    pub counts: Vec<(&'static str, u64)>,
    /// What was wrong with them, with the first place of each kind.
    pub doubts: Vec<String>,
}

/// A file.
pub struct File {
    /// What it is called, spelled out.
    pub name: String,
    /// The host that its records are from where they name none.
    pub host: String,
    /// How many bytes it has, if that is known.
    pub bytes: Option<u64>,
    /// The SHA-256 of its bytes in hex, or why there is none.
    pub hash: Result<String, String>,
}

/// What a rule says.
pub struct Judged<'r> {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The facts it knows.
    pub ledger: &'r Ledger,
    /// All its alerts, also those that nobody is told unasked.
    pub alerts: Vec<Alert>,
    /// How many of each kind there are.
    pub summary: Summary,
    /// How many buckets are known and needed, as long as they are too few.
    pub learning: Option<(u32, u32)>,
}

/// What was counted, of logs or else of facts.
struct Counted<'c> {
    traffic: &'c Traffic,
    is_of_facts: bool,
}

impl Report<'_> {
    /// The document.
    pub fn html(&self) -> String {
        let known;
        let counted = match self.traffic {
            Some(traffic) => Counted { traffic, is_of_facts: false },
            None => {
                let ledgers: Vec<&Ledger> = self.judged.iter().map(|one| one.ledger).collect();
                known = Traffic::of_facts(&ledgers);
                Counted { traffic: &known, is_of_facts: true }
            }
        };
        let mut page = Page::default();
        page.element("html", &[("lang", "en")], |page| {
            page.element("head", &[], |page| self.head(page));
            page.element("body", &[], |page| {
                page.element("p", &[("class", "skip")], |page| {
                    page.link("content", "Skip to the content");
                });
                front::write(self, &counted, page);
                page.element("main", &[("id", "content"), ("tabindex", "-1")], |page| {
                    read::write(self, &counted, page);
                    alerts::write(self, page);
                    timeline::write(self, &counted, page);
                    values::write(self, page);
                    destinations::write(self, &counted, page);
                    processes::write(&counted, page);
                    aside::write(self, page);
                });
                front::end(self, page);
            });
        });
        page.document()
    }

    fn head(&self, page: &mut Page) {
        page.element("meta", &[("charset", "utf-8")], |_| {});
        let policy = [("http-equiv", "Content-Security-Policy"), ("content", &*style::policy())];
        page.element("meta", &policy, |_| {});
        let window = [("name", "viewport"), ("content", "width=device-width, initial-scale=1")];
        page.element("meta", &window, |_| {});
        page.element("meta", &[("name", "referrer"), ("content", "no-referrer")], |_| {});
        page.element("meta", &[("name", "color-scheme"), ("content", "light dark")], |_| {});
        page.line("title", "", &format!("Unusual connections: {}", front::hosts(self)));
        page.style(style::SHEET);
    }

    /// The alerts that somebody is to be told of, the highest scores first.
    fn shown(&self) -> Vec<&Alert> {
        let all = self.judged.iter().flat_map(|judged| &judged.alerts);
        let mut shown: Vec<&Alert> = all.filter(|alert| alert.is_shown()).collect();
        shown.sort_by(|a, b| {
            let by_score = b.finding.score.total_cmp(&a.finding.score);
            by_score
                .then_with(|| a.bucket_start_ms.cmp(&b.bucket_start_ms))
                .then_with(|| a.rule.name.cmp(&b.rule.name))
                .then_with(|| a.id.cmp(&b.id))
        });
        shown
    }

    /// All rules' summaries together.
    fn summary(&self) -> Summary {
        let mut sum = Summary::default();
        self.judged.iter().for_each(|judged| sum.add(judged.summary));
        sum
    }
}

/// A part of the document, with its heading.
fn section(page: &mut Page, id: &str, heading: &str, within: impl FnOnce(&mut Page)) {
    let label = format!("{id}-heading");
    page.element("section", &[("id", id), ("aria-labelledby", &*label)], |page| {
        page.element("h2", &[("id", &*label)], |page| page.text(heading));
        within(page);
    });
}
