//! Alerts as comma-separated values, for spreadsheets: a row each, in cells that no spreadsheet
//! runs ([`crate::output::csv`]).
//!
//! Several values, hosts, users or addresses are one cell, parted by `;`, and a semicolon within
//! one is written `\x3b`. What is not known is an empty cell. The JSON format has everything.

use super::document::Document;
use super::{RowAlert, Writer};
use crate::alert::{Alert, factors};
use crate::output::csv::Sheet;

const COLUMNS: &str = "time,score,rule,function,by_field,value,partition,host,connections,process,\
    command_line,user,destination_ip,destination_port,first_seen,last_seen,buckets_seen,\
    buckets_total,cadence,probability,severity,risk_score,provisional,expected,exception,why,\
    alert_id\n";

/// Writes alerts as comma-separated values.
#[derive(Default, Debug)]
pub struct Csv(Sheet);

impl Csv {
    /// A writer.
    pub fn new() -> Csv {
        Csv::default()
    }
}

impl Writer for Csv {
    fn head(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(COLUMNS.as_bytes());
    }

    fn alert(&mut self, alert: &Alert, out: &mut Vec<u8>) {
        let documents = Document::all(&alert.evidence);
        let (rule, finding, history) = (&alert.rule, &alert.finding, &alert.history);
        let first_seen = self.0.time(history.first_seen_ms);
        let last_seen = history.last_seen_ms.map(|millis| self.0.time(millis));
        out.extend_from_slice(self.0.time(alert.bucket_start_ms).as_bytes());
        let mut row = self.0.row(out);
        row.name(Some(&format!("{:.1}", finding.score)));
        row.text(Some(rule.name.as_bytes()));
        row.name(Some(finding.function.name()));
        row.text(Some(rule.question.by.as_bytes()));
        row.list(&finding.values.iter().map(|value| value.to_vec()).collect::<Vec<_>>());
        row.text(finding.partition.as_deref());
        row.list(&alert.hosts);
        row.number(Some(alert.connections.number).filter(|number| *number > 0));
        let fields = ["process.name", "process.command_line", "user.name"];
        for field in fields.iter().chain(&["destination.ip", "destination.port"]) {
            row.list(&distinct(&documents, field));
        }
        row.name(Some(&first_seen));
        row.name(last_seen.as_deref());
        row.number(Some(history.buckets_seen));
        row.number(Some(history.buckets_total));
        row.name(Some(history.cadence.as_ref().map_or("none", |cadence| cadence.period.name())));
        row.name(Some(&factors::probability(finding.probability)));
        row.name(Some(rule.severity.name()));
        row.number(Some(rule.risk_score));
        row.name(Some(if alert.is_provisional { "true" } else { "false" }));
        row.name(Some(if alert.is_expected { "true" } else { "false" }));
        row.text(alert.excepted.as_ref().map(String::as_bytes));
        row.text(Some(alert.why.as_bytes()));
        row.name(Some(&alert.id));
        out.push(b'\n');
    }

    fn row(&mut self, alert: &RowAlert, out: &mut Vec<u8>) {
        alert.csv(&mut self.0, out);
    }
}

/// The different values that documents have in a field, in the order of the documents.
pub(super) fn distinct(documents: &[Document], field: &str) -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = Vec::new();
    for value in documents.iter().filter_map(|document| document.first(field)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
