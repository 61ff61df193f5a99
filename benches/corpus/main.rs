//! Writes an audit log of any size for the benchmarks.
//!
//! In come a file name and a few wishes, out go a log that is the same for the same wishes, byte
//! for byte, and one line of JSON on standard output: the truth, what the log holds. Records,
//! fields and their order are those of a 6.x kernel and auditd on x86-64; the hosts, programs and
//! addresses are made up (RFC 5737, RFC 3849 and RFC 1918 addresses).
//!
//! The generator does not know oddsock: it links none of its code, so that a mistake of the reader
//! cannot hide in the log it is measured on.
//!
//! ```text
//! cargo bench --bench corpus -- OUT [--size 256M] [--raw] [--rate EVENTS_PER_SECOND]
//!                                   [--interleave PERCENT] [--nodes N] [--seed N] [--eoe]
//! ```
//!
//! - [`wishes`]: what the log is to look like, as the command line says it
//! - [`fleet`]: the hosts, whose turn it is, and when
//! - [`scene`], [`sockets`]: what happens in one event, and in those of sockets
//! - [`records`]: how each record is written
//! - [`event`]: the records of one event, and what they tell
//! - [`truth`]: what the log holds
//! - [`made_up`], [`dice`]: the tables and the chance that all of it is made from

mod dice;
mod event;
mod fleet;
mod made_up;
mod records;
mod scene;
mod sockets;
mod truth;
mod wishes;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use crate::dice::Dice;
use crate::event::Event;
use crate::fleet::Fleet;
use crate::truth::Truth;
use crate::wishes::{USAGE, Wishes};

fn main() -> ExitCode {
    let wishes = match Wishes::from_arguments(std::env::args().skip(1)) {
        // A bare `cargo bench` runs every bench target; this one has then nothing to do.
        Ok(None) => {
            eprintln!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(Some(wishes)) => wishes,
        Err(complaint) => {
            eprintln!("corpus: {complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match write_corpus(&wishes) {
        Ok(truth) => {
            println!("{}", truth.as_json(&wishes));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("corpus: {}: {error}", wishes.out);
            ExitCode::FAILURE
        }
    }
}

fn write_corpus(wishes: &Wishes) -> io::Result<Truth> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&wishes.out)?);
    let mut fleet = Fleet::new(wishes);
    let mut truth = Truth::default();
    let (mut this, mut next) = (Event::default(), Event::default());
    fleet.next_event(&mut this);
    while truth.bytes < wishes.bytes {
        fleet.next_event(&mut next);
        // A process is in one system call at a time, so two events of the same process never mix.
        let may_mix = this.pid != next.pid && this.ends.len() > 1 && next.ends.len() > 1;
        if may_mix && fleet.dice.percent(wishes.interleave_percent) {
            write_interleaved(&mut out, &this, &next, &mut fleet.dice)?;
            truth.interleaved_pairs += 1;
            truth.count(&this);
            truth.count(&next);
            fleet.next_event(&mut this);
        } else {
            out.write_all(this.text.as_bytes())?;
            truth.count(&this);
            std::mem::swap(&mut this, &mut next);
        }
    }
    out.flush()?;
    Ok(truth)
}

/// Mixes the records of two events, each keeping its own order, the second ending last.
fn write_interleaved(
    out: &mut impl Write,
    a: &Event,
    b: &Event,
    dice: &mut Dice,
) -> io::Result<()> {
    let (mut from_a, mut from_b) = (a.records(), b.records());
    let (mut left_a, mut left_b) = (a.ends.len(), b.ends.len());
    while left_a + left_b > 0 {
        let first_goes_on =
            left_a > 0 && (left_b <= 1 || left_a == a.ends.len() || dice.percent(50));
        let record = if first_goes_on { from_a.next() } else { from_b.next() };
        if first_goes_on {
            left_a -= 1
        } else {
            left_b -= 1
        }
        out.write_all(record.unwrap_or_default().as_bytes())?;
    }
    Ok(())
}
