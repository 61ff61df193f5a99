//! How many alerts there were, and how many of what is not shown unasked.

use super::Alert;
use super::words::number;

/// How many alerts of each kind; each is counted once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// Those to be shown.
    pub alerts: u64,
    /// Those that came when they were due.
    pub expected: u64,
    /// Those made before enough was known.
    pub provisional: u64,
    /// Those under an exception.
    pub excepted: u64,
    /// Those beyond what an execution may show.
    pub beyond: u64,
}

impl Summary {
    /// The summary of a rule's alerts after those beyond the limit have left.
    pub fn of(alerts: &[Alert], beyond: u64) -> Summary {
        let mut summary = Summary { beyond, ..Summary::default() };
        for alert in alerts {
            *summary.kind(alert) += 1;
        }
        summary
    }

    /// Counts those that are shown on request among the alerts.
    pub fn shown(&mut self, alerts: &[Alert]) {
        for alert in alerts.iter().filter(|alert| !alert.is_shown()) {
            *self.kind(alert) -= 1;
            self.alerts += 1;
        }
    }

    /// Adds that of another rule.
    pub fn add(&mut self, other: Summary) {
        self.alerts += other.alerts;
        self.expected += other.expected;
        self.provisional += other.provisional;
        self.excepted += other.excepted;
        self.beyond += other.beyond;
    }

    /// All of it: `2 alerts; not shown: 7 expected, 1 under an exception`.
    pub fn sentence(&self) -> String {
        let kinds = [
            (self.expected, "expected"),
            (self.provisional, "provisional, while still learning"),
            (self.excepted, "under an exception"),
            (self.beyond, "beyond the limit of an execution"),
        ];
        let hidden: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", number(*count)))
            .collect();
        let shown = match self.alerts {
            0 => "no alerts".to_string(),
            1 => "1 alert".to_string(),
            more => format!("{} alerts", number(more)),
        };
        match hidden.is_empty() {
            true => shown,
            false => format!("{shown}; not shown: {}", hidden.join(", ")),
        }
    }

    fn kind(&mut self, alert: &Alert) -> &mut u64 {
        match alert {
            Alert { excepted: Some(_), .. } => &mut self.excepted,
            Alert { is_expected: true, .. } => &mut self.expected,
            Alert { is_provisional: true, .. } => &mut self.provisional,
            _ => &mut self.alerts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_told_by_its_reason() {
        let summary = Summary { alerts: 2, expected: 1344, excepted: 1, ..Summary::default() };
        assert_eq!(summary.sentence(), "2 alerts; not shown: 1,344 expected, 1 under an exception");
        assert_eq!(Summary { alerts: 1, ..Summary::default() }.sentence(), "1 alert");
        let beyond = Summary { beyond: 3, provisional: 4, ..Summary::default() };
        assert_eq!(
            beyond.sentence(),
            "no alerts; not shown: 4 provisional, while still learning, \
             3 beyond the limit of an execution"
        );
    }
}
