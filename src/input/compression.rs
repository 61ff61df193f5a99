//! What a file is packed with, and the reader that unpacks it.
//!
//! Packed or plain bytes come in, plain bytes go out. The packing is told by the first bytes, never
//! by the name: logrotate, scp and people rename files. Members that follow one another in one file
//! (`cat a.gz b.gz`) are all read. What was unpacked before a damage is delivered to the last byte,
//! then the error: the decoders' own readers lose the output of the step that failed, and with
//! rotated logs of a crashed machine that output is what one came for. Memory stays bounded by the
//! window, whatever a file asks for.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::FlushDecompress;
use liblzma::stream::Action;
use zstd::stream::raw::{InBuffer, Operation, OutBuffer};

use super::error::too_large;

/// The largest window a zstd frame may ask for, as a power of two: 128 MiB. `zstd --long` asks for
/// that, and it is what `zstd -d` takes if it is not told otherwise. One source is unpacked at a
/// time, so this is also the most that unpacking takes.
const ZSTD_WINDOW: u32 = 27;

/// What an xz file may ask for, the same. `xz -9` asks for 65 MiB.
const XZ_MEMORY: u64 = 1 << ZSTD_WINDOW;

/// What zstd calls a window that is larger than it may be.
const ZSTD_TOO_LARGE: &str = "Frame requires too much memory for decoding";

/// How much packed input is read at a time.
const STEP: usize = 256 * 1024;

/// What a file is packed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Nothing.
    #[default]
    Plain,
    /// gzip, as logrotate does.
    Gzip,
    /// Zstandard.
    Zstd,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
}

impl Compression {
    /// How many bytes of a file are enough to tell.
    pub const MAGIC: usize = 6;

    /// What a file that begins with `head` is packed with.
    pub fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame, which pzstd and the seekable format write first.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
            _ => Compression::Plain,
        }
    }
}

/// Opens the file at `path` for reading, unpacked if it is packed.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    decoded(File::open(path)?)
}

/// The bytes of `reader`, unpacked if they are packed.
pub fn decoded<R: Read + Send + 'static>(reader: R) -> io::Result<Box<dyn Read + Send>> {
    let (head, reader) = peek(reader, Compression::MAGIC);
    Ok(match Compression::of(&head) {
        Compression::Plain => Box::new(reader),
        packed => Box::new(Decoder {
            input: BufReader::with_capacity(STEP, reader),
            engine: Engine::of(packed)?,
            packed,
            between_members: false,
            failure: None,
        }),
    })
}

/// The first `length` bytes of `reader`, fewer if it ends before, and all its bytes still to read.
///
/// If reading fails before, so will the reader that is returned, after the same bytes.
pub fn peek<R: Read>(mut reader: R, length: usize) -> (Vec<u8>, impl Read) {
    let mut head = Vec::with_capacity(length);
    let failure = reader.by_ref().take(length as u64).read_to_end(&mut head).err();
    let whole = Cursor::new(head.clone()).chain(Failing(failure)).chain(reader);
    (head, whole)
}

/// Fails once, then is at its end.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

struct Decoder<R> {
    input: BufReader<R>,
    engine: Engine,
    packed: Compression,
    between_members: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        if output.is_empty() {
            return Ok(0);
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        loop {
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            if self.between_members {
                if at_end {
                    return Ok(0);
                }
                // Tapes and block devices pad with zeros, and no member begins with one.
                let padding = input.iter().take_while(|byte| **byte == 0).count();
                if padding > 0 {
                    self.input.consume(padding);
                    continue;
                }
                self.engine = Engine::of(self.packed)?;
                self.between_members = false;
            }
            let input = self.input.buffer();
            let step = self.engine.step(input, output);
            self.input.consume(step.consumed);
            match step.outcome {
                Ok(member_ended) => self.between_members = member_ended,
                Err(failure) if step.produced > 0 => self.failure = Some(failure),
                Err(failure) => return Err(failure),
            }
            if step.produced > 0 {
                return Ok(step.produced);
            }
            if !self.between_members && step.consumed == 0 {
                return Err(if at_end { cut_short() } else { damaged("it makes no sense here") });
            }
        }
    }
}

/// The decoder of one member.
enum Engine {
    Gzip(flate2::Decompress),
    Zstd(zstd::stream::raw::Decoder<'static>),
    Xz(liblzma::stream::Stream),
    Bzip2(bzip2::Decompress),
}

struct Step {
    consumed: usize,
    produced: usize,
    /// Whether the member ended with this step.
    outcome: io::Result<bool>,
}

impl Engine {
    fn of(packed: Compression) -> io::Result<Engine> {
        Ok(match packed {
            Compression::Plain => unreachable!("plain bytes are passed on as they are"),
            Compression::Gzip => Engine::Gzip(flate2::Decompress::new_gzip(15)),
            Compression::Zstd => {
                let mut decoder = zstd::stream::raw::Decoder::new()?;
                decoder.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(ZSTD_WINDOW))?;
                Engine::Zstd(decoder)
            }
            Compression::Xz => {
                Engine::Xz(liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0)?)
            }
            Compression::Bzip2 => Engine::Bzip2(bzip2::Decompress::new(false)),
        })
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Engine::Gzip(engine) => {
                let before = (engine.total_in(), engine.total_out());
                let status = engine.decompress(input, output, FlushDecompress::None);
                let outcome = status
                    .map(|status| status == flate2::Status::StreamEnd)
                    .map_err(|error| damaged(error.message().unwrap_or("corrupt gzip data")));
                Step::since(before, (engine.total_in(), engine.total_out()), outcome)
            }
            Engine::Zstd(engine) => {
                let (mut input, mut output) = (InBuffer::around(input), OutBuffer::around(output));
                let outcome = engine.run(&mut input, &mut output).map(|hint| hint == 0);
                let outcome = outcome.map_err(|error| match error.to_string().as_str() {
                    ZSTD_TOO_LARGE => too_large(1 << ZSTD_WINDOW, "zstd -dc --long=31"),
                    how => damaged(how),
                });
                Step { consumed: input.pos(), produced: output.pos(), outcome }
            }
            Engine::Xz(engine) => {
                let before = (engine.total_in(), engine.total_out());
                let status = engine.process(input, output, Action::Run);
                let outcome = match status {
                    Ok(status) => Ok(status == liblzma::stream::Status::StreamEnd),
                    Err(liblzma::stream::Error::MemLimit) => Err(too_large(XZ_MEMORY, "xz -dc")),
                    Err(error) => Err(io::Error::from(error)),
                };
                Step::since(before, (engine.total_in(), engine.total_out()), outcome)
            }
            Engine::Bzip2(engine) => {
                let before = (engine.total_in(), engine.total_out());
                let outcome = engine
                    .decompress(input, output)
                    .map(|status| status == bzip2::Status::StreamEnd)
                    .map_err(|_| damaged("corrupt bzip2 data"));
                Step::since(before, (engine.total_in(), engine.total_out()), outcome)
            }
        }
    }
}

impl Step {
    fn since(before: (u64, u64), after: (u64, u64), outcome: io::Result<bool>) -> Step {
        let [consumed, produced] =
            [after.0 - before.0, after.1 - before.1].map(|count| count as usize);
        Step { consumed, produced, outcome }
    }
}

fn damaged(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the packed data is damaged ({how})"))
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the packed data is cut short")
}

#[cfg(test)]
#[path = "compression_tests.rs"]
pub(super) mod tests;
