//! What makes a watch a service: others that are told of alerts, figures, the service manager, and
//! a process that locks itself in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::clock::goes_on;
use super::watch::{Watch, clock};
use crate::alert::Alert;
use crate::audit::Complaint;
use crate::cli::destinations::{Destinations, Opened};
use crate::cli::figures::Figures;
use crate::cli::say;
use crate::deliver::{self, Now, Office};
use crate::service::{self, Allowed, Exposition, Kernel, Notify};
use crate::store::{Letter, StoredAlert};

/// How often figures are shown, in milliseconds.
const SHOWN_EVERY: u64 = 5_000;

/// For how long destinations are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What rules and exceptions of a machine are below.
const SETTINGS: &str = "/etc/oddsock";

/// Everybody who hears of a watch besides standard output and standard error.
pub struct Service {
    pub(super) office: Office,
    /// What could not be put into the outbox yet.
    pub(super) letters: Vec<Letter>,
    metrics: Option<Exposition>,
    notify: Notify,
    kernel: Option<Kernel>,
    /// What the kernel had lost when this began, and has lost since.
    lost_before: u64,
    pub(super) kernel_lost: u64,
    allowed: Allowed,
    started: u64,
    next_shown: u64,
    /// What went wrong last, so that it is said once.
    trouble: String,
}

impl Service {
    /// Opens what the options name. No thread has begun yet, and nothing is locked.
    pub fn open(destinations: &Destinations) -> Result<Service, String> {
        let Opened { office, metrics, allowed } = destinations.open()?;
        let mut kernel = Kernel::open();
        Ok(Service {
            lost_before: kernel.as_mut().and_then(Kernel::lost).unwrap_or(0),
            kernel_lost: 0,
            kernel,
            office,
            letters: Vec::new(),
            metrics,
            notify: Notify::new(|name| std::env::var_os(name))?,
            allowed,
            started: clock(),
            next_shown: 0,
            trouble: String::new(),
        })
    }

    /// Locks the process in, except for these, and lets everybody begin.
    pub fn begin(&mut self, read: Vec<PathBuf>, write: Vec<PathBuf>) -> Result<(), String> {
        self.allowed.read.extend(read.iter().map(|path| there(path)));
        self.allowed.read.push(PathBuf::from(SETTINGS));
        self.allowed.write.extend(write.iter().map(|path| there(path)));
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

    /// Notes what the kernel has lost since this began. Somebody may set the number back.
    fn ask_kernel(&mut self) {
        let Some(lost) = self.kernel.as_mut().and_then(Kernel::lost) else { return };
        let more = lost.checked_sub(self.lost_before);
        self.kernel_lost = self.kernel_lost.max(more.unwrap_or(lost));
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

/// A folder, or the nearest above it that there is: a log's need not be there yet.
fn there(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let there = whole.ancestors().find(|path| path.exists());
    there.unwrap_or(Path::new("/")).to_path_buf()
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
        let (account, (lines, bytes)) = (self.live.account(), self.live.read());
        let complaints = self.live.complaints();
        let last_record = self.frontier.newest();
        let behind_bytes = self.source.behind();
        let is_behind = behind_bytes > 0 && last_record > 0;
        Figures {
            started: self.service.started,
            lines,
            bytes,
            events: account.events,
            connections: self.count,
            complaints: Complaint::ALL
                .into_iter()
                .map(|complaint| (complaint.words().to_owned(), complaints.count(complaint)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            alerts: self.alerts_of.iter().map(|(rule, n)| (rule.clone(), *n)).collect(),
            late_events: self.judging.late,
            missing_serials: account.lost,
            kernel_lost: self.service.kernel.as_ref().map(|_| self.service.kernel_lost),
            rotations: self.turns,
            clock_steps: self.frontier.steps + self.clock.steps,
            saves: self.saves.0,
            failed_saves: self.saves.1,
            last_save: self.saved_at,
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
