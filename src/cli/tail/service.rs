//! What makes a watch a service: others that are told of alerts, figures, the service manager, and
//! a process that locks itself in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::clock::goes_on;
use super::reach;
use super::watch::Watch;
use crate::alert::Alert;
use crate::audit::Complaint;
use crate::cli::clock::now as clock;
use crate::cli::destinations::{Destinations, Opened};
use crate::cli::figures::Figures;
use crate::cli::say;
use crate::deliver::{self, Now, Office};
use crate::hindrance::Hindrance;
use crate::input::follow::Purpose;
use crate::service::{self, Allowed, Exposition, Kernel, Notify};
use crate::store::{Letter, StoredAlert};

/// How often figures are shown, in milliseconds.
const SHOWN_EVERY: u64 = 5_000;

/// For how long destinations are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where rules and exceptions of a machine are.
const SETTINGS: [&str; 3] = ["/etc/oddsock", "/etc/oddsock/rules.d", "/etc/oddsock/exceptions.d"];

/// Everybody who hears of a watch besides standard output and standard error.
pub struct Service {
    pub(super) office: Office,
    /// What could not be put into the outbox yet.
    pub(super) letters: Vec<Letter>,
    metrics: Option<Exposition>,
    notify: Notify,
    kernel: Option<Kernel>,
    losses: Losses,
    allowed: Allowed,
    started: u64,
    next_shown: u64,
    /// What went wrong last, so that it is said once.
    trouble: String,
}

impl Service {
    /// Opens what the options name. No thread has begun yet, and nothing is locked.
    pub fn open(destinations: &Destinations) -> Result<Service, Hindrance> {
        let Opened { office, metrics, allowed } = destinations.open()?;
        let mut service = Service {
            kernel: Kernel::open(),
            losses: Losses::default(),
            office,
            letters: Vec::new(),
            metrics,
            notify: Notify::new(|name| std::env::var_os(name))?,
            allowed,
            started: clock(),
            next_shown: 0,
            trouble: String::new(),
        };
        service.ask_kernel();
        Ok(service)
    }

    /// Locks the process in, except for these, and lets everybody begin.
    pub fn begin(&mut self, read: Vec<PathBuf>, write: Vec<PathBuf>) -> Result<(), String> {
        self.allowed.read.extend(read);
        for place in SETTINGS {
            self.allowed.read.extend(reach::of_settings(Path::new(place)));
        }
        self.allowed.write.extend(write);
        service::confine(&self.allowed).iter().for_each(|unable| say(unable));
        self.office.start()?;
        self.metrics.as_mut().map_or(Ok(()), Exposition::start)
    }

    /// Puts a letter about an alert with what is saved next.
    pub(super) fn post(&mut self, alert: &Alert, stored: &StoredAlert) {
        if !self.office.keys().is_empty() {
            self.letters.push(deliver::letter(alert, &stored.document));
        }
    }

    /// Notes what the kernel has lost since this was asked last.
    fn ask_kernel(&mut self) {
        if let Some(lost) = self.kernel.as_mut().and_then(Kernel::lost) {
            self.losses.note(lost);
        }
    }

    /// How many records the kernel has lost since this began.
    pub(super) fn kernel_lost(&self) -> u64 {
        self.losses.since
    }

    fn tell(&mut self, trouble: String) {
        if self.trouble != trouble {
            say(&trouble);
            self.trouble = trouble;
        }
    }
}

/// Both clocks of this machine.
fn clocks() -> Now {
    Now { clock: clock(), goes_on: goes_on() }
}

/// What the kernel has lost since it was asked first.
#[derive(Default)]
struct Losses {
    last: Option<u64>,
    since: u64,
}

impl Losses {
    /// Notes what it says now. Where that is less than before, somebody has set the number back
    /// (auditctl --reset-lost), and it is all that was lost after that.
    fn note(&mut self, lost: u64) {
        if let Some(last) = self.last.replace(lost) {
            self.since += lost.checked_sub(last).unwrap_or(lost);
        }
    }
}

impl Watch<'_> {
    /// Tells the service manager that it goes on, hands out letters and shows figures.
    pub(super) fn serve(&mut self) {
        let now = self.now();
        self.service.notify.progress(now);
        match self.service.office.turn(&mut self.store, clocks()) {
            Ok(said) => said.iter().for_each(|sentence| say(sentence)),
            Err(error) => self.service.tell(format!("the outbox cannot be used: {error}")),
        }
        if now < self.service.next_shown {
            return;
        }
        self.service.next_shown = now + SHOWN_EVERY;
        self.service.ask_kernel();
        let status = self.status();
        self.service.notify.status(&status);
        if self.service.metrics.is_some() {
            self.show_figures();
        }
    }

    fn show_figures(&mut self) {
        let backlogs = self.store.backlogs().unwrap_or_default();
        let page = self.figures().page(&self.service.office, &backlogs);
        let shown = self.service.metrics.as_ref().map_or(Ok(()), |metrics| metrics.show(&page));
        if let Err(error) = shown {
            self.service.tell(error);
        }
    }

    /// What was seen and done in this run.
    fn figures(&self) -> Figures {
        let read = self.read_first();
        let complaints = self.live.complaints();
        let count =
            |complaint| complaints.count(complaint) - self.tally.complaints_again.count(complaint);
        let is_read = self.purpose.is_some_and(|purpose| purpose != Purpose::Known);
        let last_record = self.frontier.newest();
        let behind_bytes = self.source.behind();
        let is_behind = behind_bytes > 0 && last_record > 0;
        Figures {
            started: self.service.started,
            lines: read.get("lines"),
            bytes: read.get("bytes"),
            events: read.get("events"),
            connections: self.tally.connections,
            complaints: Complaint::ALL
                .into_iter()
                .map(|complaint| (complaint.words().to_owned(), count(complaint)))
                .filter(|(_, count)| is_read && *count > 0)
                .collect(),
            alerts: self.tally.alerts.iter().map(|(rule, n)| (rule.clone(), *n)).collect(),
            late_buckets: self.judging.late,
            missing_serials: read.get("lost"),
            kernel_lost: self.service.kernel.as_ref().map(|_| self.service.kernel_lost()),
            rotations: self.tally.turns,
            clock_steps: self.frontier.steps + self.clock.steps,
            saves: self.saving.done,
            failed_saves: self.saving.failed,
            last_save: self.saving.last,
            last_record,
            behind_bytes,
            behind: if is_behind { clock().saturating_sub(last_record) } else { 0 },
        }
    }

    /// The service does what it is for.
    pub(super) fn tell_ready(&mut self) {
        let status = self.status();
        self.service.notify.ready(&status);
    }

    /// Rules and files are about to be read and opened again.
    pub(super) fn tell_reloading(&mut self) {
        self.service.notify.reloading();
        self.service.office.reopen();
    }

    /// Nothing more comes: what waits is delivered, if that takes no longer than patience does.
    pub(super) fn finish_service(&mut self) {
        self.service.notify.stopping("saves, and delivers what waits");
        match self.service.office.finish(&mut self.store, &clocks, PATIENCE) {
            Ok(said) => said.iter().for_each(|sentence| say(sentence)),
            Err(error) => say(&format!("{error} What waits is delivered by the next run.")),
        }
        if self.service.metrics.is_some() {
            self.show_figures();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_loses_adds_up_also_when_its_number_was_set_back() {
        let since = |asked: &[u64]| {
            let mut losses = Losses::default();
            asked.iter().for_each(|lost| losses.note(*lost));
            losses.since
        };
        assert_eq!(since(&[7, 57, 57, 5, 5]), 55);
        assert_eq!(since(&[7, 7, 9]), 2);
        assert_eq!(since(&[50]), 0, "that was before");
    }
}
