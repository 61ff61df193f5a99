//! The whole way from what the user names to sightings: pieces are gathered by as many workers as
//! wanted, and assembled in the order of the input by the caller's thread.
//!
//! [`crate::input::Pieces`] come in; [`Sighting`]s go out, and a [`Report`] of everything that was
//! read. The same input gives the same sightings for any number of workers, because what a worker
//! does to its piece depends on nothing else, and everything that does happens in one place.

pub mod live;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

use crate::audit::assembly::{Account, Assembly};
use crate::audit::complaint::{Complaint, Example};
use crate::audit::gathering::{Batch, Gathering, Keep};
use crate::audit::record::Spare;
use crate::audit::{Complaints, Sighting, Sightings};
use crate::input::{self, InputError, Piece, Pieces};

/// How to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How many workers gather at once.
    pub jobs: usize,
    /// What is kept of events and complaints.
    pub keep: Keep,
}

impl Default for Options {
    fn default() -> Options {
        Options { jobs: 1, keep: Keep::default() }
    }
}

/// What hears about the reading while it goes on.
pub trait Listener {
    /// A connection was seen; breaking off ends the reading.
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()>;

    /// A line of this source was complained of.
    fn complaint(&mut self, _source: &str, _example: &Example) {}

    /// This many more bytes were read of a source, as it lies on disk.
    fn progress(&mut self, _source: &str, _bytes: u64) {}
}

impl<F: FnMut(&Sighting) -> ControlFlow<()>> Listener for F {
    fn sighting(&mut self, sighting: &Sighting) -> ControlFlow<()> {
        self(sighting)
    }
}

/// What was read.
#[derive(Debug, Default)]
pub struct Report {
    /// Lines.
    pub lines: u64,
    /// Bytes, after decompression.
    pub bytes: u64,
    /// Records, events, gaps and doubts.
    pub account: Account,
    /// What was wrong with lines.
    pub complaints: Complaints,
    /// The sources that could not be read to their end.
    pub failures: Vec<InputError>,
}

/// A piece that was gathered.
struct Gathered {
    sequence: u64,
    source: usize,
    first_of_source: bool,
    read: u64,
    batch: Batch,
    /// How long the lines were that are too long.
    long_lines: Vec<u64>,
    failure: Option<InputError>,
}

/// Reads all pieces.
///
/// ```
/// use std::ops::ControlFlow;
/// use oddsock::{input, reading};
///
/// let log = ["samples/connections-raw.log".into()];
/// let found = input::find(&log, None).unwrap();
/// let pieces = input::Pieces::new(found.sources, input::PIECE_SIZE);
/// let mut connected = 0;
/// let mut count = |sighting: &oddsock::audit::Sighting| {
///     connected += u32::from(sighting.is_ip());
///     ControlFlow::Continue(())
/// };
/// let report = reading::read(pieces, reading::Options::default(), &mut count);
/// assert!(connected > 0 && report.complaints.total() == 0);
/// ```
pub fn read(pieces: Pieces, options: Options, listener: &mut impl Listener) -> Report {
    let names = pieces.sources().iter().map(|s| (s.name(), s.host.clone())).collect();
    let only_addresses = options.keep.only_addresses;
    let sightings = if only_addresses { Sightings::counted() } else { Sightings::joined() };
    let mut reader = Reader {
        names,
        assembly: Assembly::default(),
        sightings,
        report: Report::default(),
        lines_of_source: 0,
        source_failed: false,
        listener,
        stopped: false,
    };
    if options.jobs <= 1 {
        read_alone(pieces, options, &mut reader);
    } else {
        read_together(pieces, options, &mut reader);
    }
    reader.finish()
}

fn read_alone(mut pieces: Pieces, options: Options, reader: &mut Reader<'_, impl Listener>) {
    let mut worker = Worker::new(options);
    while !reader.stopped
        && let Some(piece) = pieces.next(worker.block.take())
    {
        let gathered = worker.gather(piece, pieces.sources());
        reader.take(gathered);
        worker.gathering.reuse(&mut reader.sightings.spare());
    }
}

/// The pieces still to be gathered, and how far the assembly has come.
struct Work {
    pieces: Pieces,
    given: u64,
    assembled: u64,
    /// How many may be given and not yet assembled.
    most_ahead: u64,
    spare: Spare,
}

/// How many pieces may be gathered and not yet assembled, beyond one for each worker. It bounds
/// memory when one piece takes long.
const AHEAD: u64 = 1;

/// How many bytes the events of those pieces may cost. Most logs need a small part of that; one
/// made of nothing but calls on the network is read by fewer workers at once.
const MOST_AHEAD_BYTES: usize = 16 << 20;

/// How many events' memory waits to be used again by whoever gathers the next piece.
const MOST_SPARE: usize = 4096;

/// Reads with as many threads as workers: the caller's own thread assembles whatever comes next in
/// the order of the input, and gathers as the others do while nothing does. One thread more than
/// there are cores would wait for its turn while the others wait for it.
fn read_together(pieces: Pieces, options: Options, reader: &mut Reader<'_, impl Listener>) {
    let sources = pieces.sources().to_vec();
    let most_ahead = options.jobs as u64 + AHEAD;
    let spare = Spare::new();
    // Until the first piece tells how heavy they are, and from then on as the last one told.
    let mut ahead = options.jobs as u64;
    let work = Mutex::new(Work { pieces, given: 0, assembled: 0, most_ahead: ahead, spare });
    let moved = Condvar::new();
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 1..options.jobs {
            let send = send.clone();
            let (work, moved, sources) = (&work, &moved, &sources);
            scope.spawn(move || {
                let mut worker = Worker::new(options);
                while let Some(piece) = next_piece(work, moved, &mut worker) {
                    if send.send(worker.gather(piece, sources)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut worker = Worker::new(options);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        loop {
            waiting.extend(receive.try_iter().map(|gathered| (gathered.sequence, gathered)));
            while !reader.stopped
                && let Some(gathered) = waiting.remove(&next)
            {
                let as_heavy = MOST_AHEAD_BYTES / gathered.batch.weight().max(1);
                ahead = most_ahead.min(as_heavy as u64).max(1);
                reader.take(gathered);
                next += 1;
            }
            let mut shared = locked(&work);
            shared.assembled = if reader.stopped { u64::MAX } else { next };
            shared.most_ahead = ahead;
            shared.spare.extend(reader.sightings.spare());
            shared.spare.truncate(MOST_SPARE);
            moved.notify_all();
            if reader.stopped {
                break;
            }
            let is_far_ahead = shared.given >= next + shared.most_ahead;
            let piece = if is_far_ahead { None } else { shared.next_piece(&mut worker) };
            drop(shared);
            let gathered = match piece {
                Some(piece) => worker.gather(piece, &sources),
                // What comes next is in another's hands, or nothing does.
                None => match receive.recv() {
                    Ok(gathered) => gathered,
                    Err(_) if waiting.contains_key(&next) => continue,
                    Err(_) => break,
                },
            };
            waiting.insert(gathered.sequence, gathered);
        }
        drop(receive);
    });
}

impl Work {
    fn next_piece(&mut self, worker: &mut Worker) -> Option<Piece> {
        worker.gathering.reuse(&mut self.spare);
        let piece = self.pieces.next(worker.block.take())?;
        self.given += 1;
        Some(piece)
    }
}

fn next_piece(work: &Mutex<Work>, moved: &Condvar, worker: &mut Worker) -> Option<Piece> {
    let mut work = locked(work);
    while work.given >= work.assembled.saturating_add(work.most_ahead) {
        work = moved.wait(work).unwrap_or_else(PoisonError::into_inner);
    }
    if work.assembled == u64::MAX { None } else { work.next_piece(worker) }
}

/// The lock, also after a worker has panicked: what it guards is whole between two pieces.
fn locked(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gathers pieces, with buffers of its own.
struct Worker {
    gathering: Gathering,
    buffer: Vec<u8>,
    block: Option<Vec<u8>>,
}

impl Worker {
    fn new(options: Options) -> Worker {
        let gathering = Gathering::new(options.keep);
        Worker { gathering, buffer: Vec::new(), block: None }
    }

    fn gather(&mut self, piece: Piece, sources: &[input::Source]) -> Gathered {
        let delivered = input::for_each_block(&piece.kind, &mut self.buffer, |block, _| {
            self.gathering.take(block);
        });
        let broken = |error| InputError::broken(&sources[piece.source], error);
        let failure = piece.failure.or(delivered.failure.map(broken));
        if let input::PieceKind::Block { lines, .. } = piece.kind {
            self.block = Some(lines);
        }
        Gathered {
            sequence: piece.sequence,
            source: piece.source,
            first_of_source: piece.first_of_source,
            read: piece.read,
            batch: self.gathering.finish(),
            long_lines: delivered.long_lines,
            failure,
        }
    }
}

/// Assembles what was gathered.
struct Reader<'l, L> {
    names: Vec<(String, String)>,
    assembly: Assembly,
    sightings: Sightings,
    report: Report,
    lines_of_source: u64,
    source_failed: bool,
    listener: &'l mut L,
    stopped: bool,
}

impl<L: Listener> Reader<'_, L> {
    fn take(&mut self, gathered: Gathered) {
        let (name, host) = &self.names[gathered.source];
        if gathered.first_of_source {
            self.lines_of_source = 0;
            self.source_failed = false;
        }
        let batch = gathered.batch;
        let mut long_lines = gathered.long_lines.into_iter();
        for example in batch.complaints.examples() {
            let line = example.line + self.lines_of_source;
            let mut place = Example { line, ..example.clone() };
            if place.complaint == Complaint::TooLong {
                place.length = long_lines.next().unwrap_or(place.length);
            }
            self.listener.complaint(name, &place);
        }
        self.lines_of_source += batch.lines;
        self.report.lines += batch.lines;
        self.report.bytes += batch.bytes;
        self.report.complaints.count_in(&batch.complaints);
        // Every piece behind the place where a file ends too early fails; the first one says where.
        if let Some(failure) = gathered.failure
            && !std::mem::replace(&mut self.source_failed, true)
        {
            self.report.failures.push(failure);
        }
        self.listener.progress(name, gathered.read);
        let (listener, stopped) = (&mut *self.listener, &mut self.stopped);
        let sightings = &mut self.sightings;
        self.assembly.take(batch, host.as_bytes(), &mut |event| {
            sightings.take(event, &mut |sighting| tell(listener, stopped, sighting));
        });
    }

    fn finish(mut self) -> Report {
        let (listener, stopped) = (self.listener, &mut self.stopped);
        let sightings = &mut self.sightings;
        self.report.account = self.assembly.finish(&mut |event| {
            sightings.take(event, &mut |sighting| tell(listener, stopped, sighting));
        });
        sightings.finish(&mut |sighting| tell(listener, stopped, sighting));
        self.report
    }
}

fn tell(listener: &mut impl Listener, stopped: &mut bool, sighting: &Sighting) {
    if !*stopped {
        *stopped = listener.sighting(sighting).is_break();
    }
}
