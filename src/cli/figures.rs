//! What a command that runs for long has seen and done, in figures, and the page that Prometheus
//! reads of them.
//!
//! A command fills in [`Figures`] and calls [`Figures::page`]; names, help and kinds stand here and
//! nowhere else. Times are in seconds, as Prometheus has them, and everything counts from the start
//! of the process.

use crate::deliver::Office;
use crate::service::Page;
use crate::store::Backlog;

/// What a command has seen and done since it began.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Figures {
    /// When it began, in milliseconds since 1970.
    pub started: u64,
    /// Lines that were read.
    pub lines: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Events that were put together.
    pub events: u64,
    /// Connections that were seen.
    pub connections: u64,
    /// What was odd about the input, by the name of the complaint.
    pub complaints: Vec<(String, u64)>,
    /// Alerts, by the name of the rule.
    pub alerts: Vec<(String, u64)>,
    /// Buckets that had to be judged again, because events came late.
    pub late_buckets: u64,
    /// Numbers of events that are missing from the log.
    pub missing_serials: u64,
    /// Records that the kernel says it has lost meanwhile, where it could be asked.
    pub kernel_lost: Option<u64>,
    /// How often the log was rotated, truncated or replaced.
    pub rotations: u64,
    /// How often the clock was set by more than a little.
    pub clock_steps: u64,
    /// How often the state was saved, and how often that went wrong.
    pub saves: u64,
    /// Saves that went wrong.
    pub failed_saves: u64,
    /// When the state was saved last, in milliseconds since 1970; 0 if never.
    pub last_save: u64,
    /// The time of the last record, in milliseconds since 1970; 0 if there was none.
    pub last_record: u64,
    /// How much of the log is there and has not been read, in bytes.
    pub behind_bytes: u64,
    /// How long ago the last record that was read was made, while there are more; in milliseconds.
    pub behind: u64,
}

impl Figures {
    /// The page that shows them, together with what waits for destinations.
    pub fn page(&self, office: &Office, backlogs: &[Backlog]) -> Page {
        let mut page = Page::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        page.gauges("oddsock_info", "Which oddsock this is.", [(version, 1.0)]);
        let started = seconds(self.started);
        page.gauge("oddsock_start_time_seconds", "When the process began.", started);
        self.reading(&mut page);
        self.judging(&mut page);
        delivering(office, backlogs, &mut page);
        page
    }

    fn reading(&self, page: &mut Page) {
        page.counter("oddsock_lines_total", "Lines that were read.", self.lines);
        page.counter("oddsock_bytes_total", "Bytes that were read.", self.bytes);
        page.counter("oddsock_events_total", "Audit events that were put together.", self.events);
        page.counter("oddsock_connections_total", "Connections in them.", self.connections);
        let kinds = self.complaints.iter().map(|(kind, n)| ([("kind", &**kind)], *n));
        page.counters("oddsock_complaints_total", "What was odd about the input.", kinds);
        let help = "Numbers of events that are missing from the log.";
        page.counter("oddsock_missing_serials_total", help, self.missing_serials);
        if let Some(lost) = self.kernel_lost {
            let help = "Records that the kernel says it has lost.";
            page.counter("oddsock_kernel_lost_total", help, lost);
        }
        let help = "How often the log was rotated, truncated or replaced.";
        page.counter("oddsock_rotations_total", help, self.rotations);
        let help = "How much of the log is there and has not been read.";
        page.gauge("oddsock_behind_bytes", help, self.behind_bytes as f64);
        let help = "The age of the last record that was read, while there are more.";
        page.gauge("oddsock_behind_seconds", help, seconds(self.behind));
        let help = "The time of the last record that was read.";
        page.gauge("oddsock_last_record_time_seconds", help, seconds(self.last_record));
    }

    fn judging(&self, page: &mut Page) {
        let rules = self.alerts.iter().map(|(rule, n)| ([("rule", &**rule)], *n));
        page.counters("oddsock_alerts_total", "Alerts that were made.", rules);
        let help = "Buckets that had to be judged again, because events came late.";
        page.counter("oddsock_late_buckets_total", help, self.late_buckets);
        let help = "How often the clock was set by more than a little.";
        page.counter("oddsock_clock_steps_total", help, self.clock_steps);
        page.counter("oddsock_saves_total", "How often the state was saved.", self.saves);
        let help = "How often the state could not be saved.";
        page.counter("oddsock_failed_saves_total", help, self.failed_saves);
        let last = seconds(self.last_save);
        page.gauge("oddsock_last_save_time_seconds", "When the state was saved last.", last);
    }
}

fn delivering(office: &Office, backlogs: &[Backlog], page: &mut Page) {
    let each = |figure: fn(&crate::deliver::Counts) -> u64| {
        office.counts().map(move |counts| ([("destination", &*counts.key)], figure(counts)))
    };
    let help = "Alerts that a destination has taken.";
    page.counters("oddsock_delivered_total", help, each(|counts| counts.taken));
    let help = "How often a destination refused an alert.";
    page.counters("oddsock_refused_total", help, each(|counts| counts.refused));
    let help = "How often a destination could not be reached, or took nothing.";
    page.counters("oddsock_delivery_failures_total", help, each(|counts| counts.failures));
    let up = office.counts().map(|counts| {
        ([("destination", &*counts.key)], if counts.is_in_trouble { 0.0 } else { 1.0 })
    });
    page.gauges("oddsock_destination_up", "Whether the last try went well.", up);
    let each = |figure: fn(&Backlog) -> u64| {
        backlogs
            .iter()
            .map(move |backlog| ([("destination", &*backlog.destination)], figure(backlog)))
    };
    let waiting = |figure| each(figure).map(|(labels, n)| (labels, n as f64));
    let help = "Alerts that a destination has not taken yet.";
    page.gauges("oddsock_outbox_alerts", help, waiting(|backlog| backlog.letters));
    let help = "What they take of the room there is.";
    page.gauges("oddsock_outbox_bytes", help, waiting(|backlog| backlog.bytes));
    let help = "Alerts that had to leave before a destination took them, in all runs.";
    page.counters("oddsock_outbox_lost_total", help, each(|backlog| backlog.lost));
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_on_the_page_under_a_name_of_its_kind() {
        let figures = Figures {
            started: 1_786_700_700_250,
            lines: 778,
            kernel_lost: Some(3),
            complaints: vec![("cut short".to_owned(), 2)],
            alerts: vec![("my \"rule\"".to_owned(), 1)],
            ..Figures::default()
        };
        let backlog =
            Backlog { destination: "syslog".to_owned(), letters: 4, bytes: 9, lost: 1, oldest: 7 };
        let office = Office::new(vec![crate::deliver::syslog(std::path::Path::new("/x"))]);
        let page = figures.page(&office, &[backlog]);
        let text = page.text();
        for line in [
            "oddsock_start_time_seconds 1786700700.25",
            "oddsock_lines_total 778",
            "oddsock_kernel_lost_total 3",
            "oddsock_complaints_total{kind=\"cut short\"} 2",
            "oddsock_alerts_total{rule=\"my \\\"rule\\\"\"} 1",
            "oddsock_destination_up{destination=\"syslog\"} 1",
            "oddsock_outbox_alerts{destination=\"syslog\"} 4",
            "oddsock_outbox_lost_total{destination=\"syslog\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in:\n{text}");
        }
        for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let (name, kind) = line.split_once(' ').unwrap();
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert_eq!(text.matches(&format!("# TYPE {name} ")).count(), 1, "{line}");
        }
    }
}
