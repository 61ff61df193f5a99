//! The simplest thing that a log can be: files with numbered lines. Random things happen to it, and
//! a follower is asked now and then; what it may miss is worked out without looking at how it
//! works.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use oddsock::input::follow::{Follower, Position, Purpose, Start};

use crate::scenario::dice::Dice;

/// A log, those who write and rotate it, and one who follows it.
pub struct World {
    seed: u64,
    dice: Dice,
    folder: tempfile::TempDir,
    most_files: u64,
    next_line: u32,
    /// The rest of a line that was begun.
    rest: Option<String>,
    follower: Follower,
    /// The numbers of the lines that came, in their order.
    seen: Vec<u32>,
    /// What was saved: where the follower was, and what had come.
    saved: (Option<Position>, Vec<u32>),
    /// The file that the follower has open, as far as it is sure to.
    held: Option<u64>,
    /// The lines that it may miss.
    may_miss: BTreeSet<u32>,
    story: Vec<String>,
}

fn line(number: u32) -> String {
    format!(
        "type=X msg=audit(1700{number:06}.000:{number}): {} {number:06}\n",
        "x".repeat(number as usize % 90)
    )
}

/// The numbers of the whole lines in a text.
fn numbers(text: &str) -> Vec<u32> {
    let number = |text: &str| {
        let number: u32 = text.rsplit(' ').next()?.parse().ok()?;
        (format!("{text}\n") == line(number)).then_some(number)
    };
    text.split('\n').filter_map(number).collect()
}

impl World {
    pub fn new(seed: u64) -> World {
        let mut dice = Dice::new(seed, "a log");
        let folder = tempfile::tempdir().unwrap();
        let mut follower =
            Follower::new(&folder.path().join("audit.log"), Start::Afresh { learn: false });
        // What is there at first is another matter: here nothing is.
        follower.begin().unwrap();
        World {
            seed,
            most_files: 2 + dice.below(5),
            dice,
            folder,
            next_line: 0,
            rest: None,
            follower,
            seen: Vec::new(),
            saved: (None, Vec::new()),
            held: None,
            may_miss: BTreeSet::new(),
            story: Vec::new(),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        let name =
            if number == 0 { "audit.log".to_string() } else { format!("audit.log.{number}") };
        self.folder.path().join(name)
    }

    /// The lines in a file.
    fn lines(&self, number: u64) -> Vec<u32> {
        numbers(&fs::read_to_string(self.path(number)).unwrap_or_default())
    }

    fn inode(&self, number: u64) -> Option<u64> {
        fs::metadata(self.path(number)).ok().map(|about| about.ino())
    }

    pub fn step(&mut self) {
        let what = self.dice.below(100);
        match what {
            0..40 => self.append(),
            40..60 => self.poll(),
            60..66 => self.poll_once(),
            66..76 => self.rotate(),
            76..80 => self.copy_and_empty(),
            80..83 => self.empty(),
            83..86 => self.delete(),
            86..88 => self.replace(),
            88..92 => self.save(),
            92..98 => self.restart(),
            _ => self.step_the_clock(),
        }
        self.tell(what);
    }

    /// What the world looks like, for whoever has to find out why a life went wrong.
    fn tell(&mut self, what: u64) {
        let files: Vec<String> = (0..=self.most_files)
            .filter_map(|number| {
                let (inode, lines) = (self.inode(number)?, self.lines(number));
                Some(format!("{number}#{inode}:{:?}-{:?}", lines.first(), lines.last()))
            })
            .collect();
        let seen = self.seen.last();
        self.story.push(format!("{what}: {} seen {seen:?}\n", files.join(" ")));
    }

    fn append(&mut self) {
        let mut text = self.rest.take().unwrap_or_default();
        for _ in 0..self.dice.below(6) {
            text += &line(self.next_line);
            self.next_line += 1;
        }
        if self.dice.below(4) == 0 {
            let half = line(self.next_line);
            let cut = 1 + self.dice.below(half.len() as u64 - 1) as usize;
            text += &half[..cut];
            self.rest = Some(half[cut..].to_string());
            self.next_line += 1;
        }
        let log = OpenOptions::new().append(true).create(true).open(self.path(0));
        log.unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Nobody writes the rest of a line whose file has gone.
    fn leave_half(&mut self) {
        if self.rest.take().is_some() {
            self.may_miss.insert(self.next_line - 1);
        }
    }

    /// What is in a file will be nowhere else; who holds it can still read it.
    fn is_about_to_go(&mut self, number: u64, is_emptied: bool) {
        let is_held = self.inode(number).is_some() && self.inode(number) == self.held;
        if is_held && !is_emptied {
            return;
        }
        let elsewhere: BTreeSet<u32> = (0..=self.most_files)
            .filter(|other| *other != number)
            .flat_map(|other| self.lines(other))
            .collect();
        let gone = self.lines(number).into_iter().filter(|line| !elsewhere.contains(line));
        self.may_miss.extend(gone);
    }

    /// As auditd does it: the last one goes, and each other is renamed.
    fn rotate(&mut self) {
        self.leave_half();
        self.shift();
        let _ = fs::rename(self.path(0), self.path(1));
        if self.dice.below(2) == 0 {
            File::create(self.path(0)).unwrap();
        }
    }

    fn shift(&mut self) {
        if self.path(self.most_files).exists() {
            self.is_about_to_go(self.most_files, false);
            fs::remove_file(self.path(self.most_files)).unwrap();
        }
        for number in (1..self.most_files).rev() {
            let _ = fs::rename(self.path(number), self.path(number + 1));
        }
    }

    /// As logrotate does it with `copytruncate`.
    fn copy_and_empty(&mut self) {
        self.leave_half();
        if !self.path(0).exists() {
            return;
        }
        self.shift();
        fs::copy(self.path(0), self.path(1)).unwrap();
        if self.dice.below(3) == 0 {
            self.poll();
        }
        File::create(self.path(0)).unwrap();
    }

    fn empty(&mut self) {
        self.leave_half();
        self.is_about_to_go(0, true);
        File::create(self.path(0)).unwrap();
    }

    fn delete(&mut self) {
        self.leave_half();
        self.is_about_to_go(0, false);
        let _ = fs::remove_file(self.path(0));
    }

    /// Another file takes the place, mostly a shorter one.
    fn replace(&mut self) {
        self.leave_half();
        self.is_about_to_go(0, false);
        let new = self.folder.path().join("new");
        fs::write(&new, line(self.next_line)).unwrap();
        self.next_line += 1;
        fs::rename(new, self.path(0)).unwrap();
    }

    fn poll(&mut self) {
        while self.poll_one() {}
        self.held = self.inode(0);
    }

    fn poll_once(&mut self) {
        self.poll_one();
        // How far it came is its own business.
        self.held = None;
    }

    fn poll_one(&mut self) -> bool {
        let Some(portion) = self.follower.poll() else { return false };
        if portion.purpose == Purpose::Fresh {
            self.seen.extend(numbers(std::str::from_utf8(&portion.lines).unwrap()));
        }
        true
    }

    fn save(&mut self) {
        if let Some(position) = self.follower.position() {
            self.saved = (Some(position), self.seen.clone());
        }
    }

    fn restart(&mut self) {
        if self.saved.0.is_none() {
            return;
        }
        let (position, seen) = self.saved.clone();
        let start = position.map_or(Start::Afresh { learn: false }, Start::Behind);
        self.follower = Follower::new(&self.path(0), start);
        self.seen = seen;
        self.held = None;
        let there: BTreeSet<u32> =
            (0..=self.most_files).flat_map(|number| self.lines(number)).collect();
        let gone = (0..self.next_line).filter(|line| !there.contains(line));
        self.may_miss.extend(gone);
    }

    /// The times of files are anybody's.
    fn step_the_clock(&mut self) {
        for number in 0..=self.most_files {
            if let Ok(file) = File::open(self.path(number)) {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.dice.below(1 << 31));
                file.set_modified(time).unwrap();
            }
        }
    }

    /// Looks a last time, and holds what came against what was written.
    pub fn settle(mut self) {
        if let Some(rest) = self.rest.take() {
            let log = OpenOptions::new().append(true).create(true).open(self.path(0));
            log.unwrap().write_all(rest.as_bytes()).unwrap();
        }
        self.poll();
        let told = format!("seed {}\n{}", self.seed, self.story.concat());
        let in_order = self.seen.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(in_order, "{told}: not in order, or twice: {:?}", self.seen);
        let seen: BTreeSet<u32> = self.seen.iter().copied().collect();
        let missed: Vec<u32> = (0..self.next_line)
            .filter(|line| !seen.contains(line) && !self.may_miss.contains(line))
            .collect();
        assert!(missed.is_empty(), "{told}: missed {missed:?}, seen {:?}", self.seen);
    }
}
