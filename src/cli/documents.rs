//! Reading connections that other shippers tell of, as JSON.

use std::sync::Arc;

use super::course::Readable;
use super::learning::{Learner, Read};
use super::logs::Opened;
use super::say;
use crate::documents::{self, Account, Complaint, Document, Passed};
use crate::input::for_each_block;
use crate::output::document::document;
use crate::output::escape;
use crate::rules::Happening;

/// Shows a learner every document.
pub fn learn(opened: Opened, learner: &mut Learner) -> Result<Read, String> {
    read(opened, &mut |seen, host| see(seen, host, learner))
}

/// Reads all documents, each with the host of those that name none.
pub fn read(mut opened: Opened, out: &mut dyn FnMut(&Document, &[u8])) -> Result<Read, String> {
    let mut account = Account::default();
    let mut failures = Vec::new();
    let (mut buffer, mut lines_of_source) = (Vec::new(), 0);
    let mut examples: Vec<(Complaint, String)> = Vec::new();
    while let Some(piece) = opened.pieces.next(None) {
        let source = &opened.pieces.sources()[piece.source];
        let (name, host) = (source.name(), source.host.clone());
        if piece.first_of_source {
            lines_of_source = 0;
        }
        let course = &mut opened.course;
        let delivered = for_each_block(&piece.kind, &mut buffer, |block, _| {
            let read = documents::read_all(
                block,
                &mut |seen| out(seen, host.as_bytes()),
                &mut |rejected| {
                    let line = lines_of_source + rejected.line;
                    course.reject(&name, line, rejected.complaint.words(), rejected.text);
                },
            );
            for example in read.examples() {
                if !examples.iter().any(|(known, _)| *known == example.complaint) {
                    let mut text = Vec::new();
                    escape::text(example.text.trim_ascii_end(), &mut text);
                    let (reason, line) =
                        (example.complaint.words(), lines_of_source + example.line);
                    let text = String::from_utf8_lossy(&text);
                    examples.push((example.complaint, format!("{name}:{line}: {reason}: {text}")));
                }
            }
            lines_of_source += read.lines;
            account.count_in(&read);
        });
        opened.course.progress.add(&name, piece.read);
        failures.extend(delivered.failure.map(|error| format!("{name}: {error}")));
        failures.extend(piece.failure.map(|error| error.to_string()));
    }
    opened.course.progress.finish();
    opened.course.finish()?;
    failures.iter().for_each(|failure| say(failure));
    examples.iter().for_each(|(_, example)| say(example));
    let mut doubts = opened.left_out;
    doubts.extend(failures.iter().cloned());
    doubts.extend(examples.into_iter().map(|(_, example)| example));
    let lost = Complaint::ALL.into_iter().any(|c| c.loses_something() && account.complaints(c) > 0);
    let is_whole = failures.is_empty() && opened.course.has_all_files() && !lost;
    let readable = match is_whole {
        true => Readable::All,
        false if account.documents == 0 => Readable::Nothing,
        false => Readable::Part,
    };
    Ok(Read {
        account: in_words(&account),
        readable,
        sources: opened.pieces.sources().to_vec(),
        counts: counts(&account).to_vec(),
        doubts,
    })
}

fn see(seen: &Document, host: &[u8], learner: &mut Learner) {
    let host = if seen.host().is_empty() { host } else { seen.host() };
    learner.observe(&Happening {
        fields: seen,
        time_ms: seen.millis(),
        id: seen.id(),
        host,
        evidence: &|| evidence_of(seen),
    });
}

/// A document as it is shown to whoever asks why.
fn evidence_of(seen: &Document) -> Arc<[u8]> {
    let mut text = Vec::with_capacity(2048);
    document(seen, &mut text);
    text.into()
}

/// What became of all lines.
fn in_words(account: &Account) -> String {
    let [_, _, (_, passed), (_, complaints), _] = counts(account);
    let mut words = format!(
        "lines {} = {} of the network + {passed} of other things + {complaints} complained of + {} \
         blank",
        account.lines, account.documents, account.blank
    );
    let reasons = Complaint::ALL.into_iter().filter(|reason| account.complaints(*reason) > 0);
    let reasons: Vec<String> = reasons
        .map(|reason| format!("{} {}", reason.words(), account.complaints(reason)))
        .collect();
    if !reasons.is_empty() {
        words.push_str(&format!(" ({})", reasons.join(", ")));
    }
    words
}

/// The account in numbers.
fn counts(account: &Account) -> [(&'static str, u64); 5] {
    [
        ("lines", account.lines),
        ("of the network", account.documents),
        ("of other things", Passed::ALL.into_iter().map(|reason| account.passed(reason)).sum()),
        ("complaints", Complaint::ALL.into_iter().map(|reason| account.complaints(reason)).sum()),
        ("blank", account.blank),
    ]
}
