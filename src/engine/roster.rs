//! Everybody a ledger knows, in an order that does not depend on who came first, and who was there
//! in which bucket.

use super::bucket::Bucket;
use super::ledger::Ledger;
use super::subject::Subject;
use super::track::Track;

/// The subjects of a ledger by partition and value. A subject's place is its rank.
#[derive(Debug)]
pub struct Roster<'l> {
    subjects: Vec<(&'l Subject, &'l Track)>,
    partition_of: Vec<usize>,
    presence: Vec<Presence>,
}

/// In which of sixty-four buckets a subject was.
#[derive(Clone, Copy, Debug)]
struct Presence {
    chunk: u32,
    rank: u32,
    mask: u64,
}

impl<'l> Roster<'l> {
    /// The roster of a ledger.
    pub fn of(ledger: &'l Ledger) -> Roster<'l> {
        let mut subjects: Vec<_> = ledger.tracks().collect();
        subjects.sort_unstable_by_key(|(subject, _)| *subject);
        let mut partition_of = Vec::with_capacity(subjects.len());
        let mut presence = Vec::new();
        for (rank, (subject, track)) in subjects.iter().enumerate() {
            let last = rank.checked_sub(1).map(|last| (subjects[last].0, partition_of[last]));
            partition_of.push(match last {
                None => 0,
                Some((last, at)) if last.partition == subject.partition => at,
                Some((_, at)) => at + 1,
            });
            let rank = u32::try_from(rank).expect("fewer than the most values there may be");
            let chunks = track.buckets.chunks().iter();
            presence.extend(chunks.map(|chunk| Presence {
                chunk: chunk.number,
                rank,
                mask: chunk.mask,
            }));
        }
        presence.sort_unstable_by_key(|presence| (presence.chunk, presence.rank));
        Roster { subjects, partition_of, presence }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// How many partitions they are in.
    pub fn partitions(&self) -> usize {
        self.partition_of.last().map_or(0, |last| last + 1)
    }

    /// Which partition a subject is in.
    pub fn partition(&self, rank: usize) -> usize {
        self.partition_of[rank]
    }

    /// Who that is.
    pub fn subject(&self, rank: usize) -> &'l Subject {
        self.subjects[rank].0
    }

    /// What is known of it.
    pub fn track(&self, rank: usize) -> &'l Track {
        self.subjects[rank].1
    }

    /// Calls for every bucket that has somebody, in the order of time, with their ranks.
    pub fn for_each_bucket(&self, mut bucket: impl FnMut(Bucket, &[usize])) {
        let mut there = Vec::new();
        for chunk in self.presence.chunk_by(|a, b| a.chunk == b.chunk) {
            let anyone = chunk.iter().fold(0, |mask, presence| mask | presence.mask);
            for bit in (0..64).filter(|bit| anyone & (1 << bit) != 0) {
                there.clear();
                let present = chunk.iter().filter(|presence| presence.mask & (1 << bit) != 0);
                there.extend(present.map(|presence| presence.rank as usize));
                bucket(Bucket(chunk[0].chunk * 64 + bit), &there);
            }
        }
    }
}
