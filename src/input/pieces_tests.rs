//! The law of cutting: whatever the sizes and the packing, every line is delivered exactly once.

use std::io::{self, Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::input::block::{Range, Sizes, for_each_block};
use crate::input::compression::tests::{PACKED, pack};
use crate::input::{Compression, Nature};

fn source(path: &std::path::Path, compression: Compression) -> Source {
    Source {
        path: path.into(),
        host: "web1".to_owned(),
        nature: Nature::Regular,
        size: 0,
        compression,
        first_stamp: None,
        inode: None,
    }
}

/// The content with long lines cut, said in the plainest way.
fn expected(content: &[u8], max_line: usize) -> Vec<u8> {
    let cut = |line: &[u8]| {
        let end = if line.ends_with(b"\n") { "\n" } else { "" };
        let body = &line[..line.len() - end.len()];
        [&body[..body.len().min(max_line)], end.as_bytes()].concat()
    };
    content.split_inclusive(|byte| *byte == b'\n').flat_map(cut).collect()
}

/// The lengths of the lines that are as long as may be, said in the plainest way.
fn long_lines(content: &[u8], max_line: usize) -> Vec<u64> {
    let lengths = content.split(|byte| *byte == b'\n').map(<[u8]>::len);
    lengths.filter(|length| *length >= max_line).map(|length| length as u64).collect()
}

/// All that the pieces of `content` deliver.
fn delivered(content: &[u8], with: Compression, piece_size: usize, sizes: Sizes) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&pack(content, with)).unwrap();
    let mut pieces = Pieces::new(vec![source(file.path(), with)], piece_size);
    pieces.max_line = sizes.max_line;
    let (mut text, mut buffer, mut recycled) = (Vec::new(), Vec::new(), None);
    let (mut sequence, mut firsts, mut lasts, mut bytes) = (0, 0, 0, 0);
    let (mut long, mut read) = (Vec::new(), 0);
    while let Some(piece) = pieces.next(recycled.take()) {
        assert_eq!(piece.sequence, sequence);
        assert!(piece.failure.is_none(), "{:?}", piece.failure);
        assert_eq!(piece.first_of_source, sequence == 0);
        sequence += 1;
        read += piece.read;
        firsts += usize::from(piece.first_of_source);
        lasts += usize::from(piece.last_of_source);
        let mut last_blocks = 0;
        let mut each = |block: &[u8], last: bool| {
            let at_line_start = text.is_empty() || text.ends_with(b"\n");
            assert!(block.is_empty() || at_line_start, "a line was cut in two");
            assert_eq!(last_blocks, 0, "nothing follows the last block");
            last_blocks += usize::from(last);
            text.extend_from_slice(block);
        };
        match piece.kind {
            PieceKind::Range { file, start, end, .. } => {
                let range = Range { file: &file, start, end, sizes };
                let delivered = range.read(&mut buffer, each);
                assert!(delivered.failure.is_none(), "{:?}", delivered.failure);
                bytes += delivered.bytes;
                long.extend(delivered.long_lines);
            }
            PieceKind::Block { lines, long_lines } => {
                each(&lines, true);
                bytes += lines.len() as u64;
                long.extend(long_lines);
                recycled = Some(lines);
            }
        }
        assert_eq!(last_blocks, 1);
    }
    assert_eq!((firsts, lasts), (1, 1));
    assert_eq!(read, file.as_file().metadata().unwrap().len(), "all of the file, as it lies there");
    assert_eq!(long, long_lines(content, sizes.max_line), "lengths of long lines");
    if with == Compression::Plain {
        assert_eq!(bytes, content.len() as u64, "every byte belongs to one piece");
    }
    text
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        8 => prop::collection::vec(b'a'..=b'e', 0..12),
        1 => prop::collection::vec(b'a'..=b'e', 12..90),
    ];
    (prop::collection::vec(line, 0..40), any::<bool>()).prop_map(|(lines, ended)| {
        let mut content = lines.join(&b'\n');
        content.extend(ended.then_some(b'\n'));
        content
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_line_is_delivered_once_whatever_the_sizes(
        content in content(),
        piece_size in 1..150_usize,
        step in 1..70_usize,
        max_line in prop_oneof![1..40_usize, Just(1000)],
    ) {
        let sizes = Sizes { step, max_line };
        let expected = expected(&content, max_line);
        let plain = delivered(&content, Compression::Plain, piece_size, sizes);
        prop_assert_eq!(String::from_utf8(plain), String::from_utf8(expected.clone()));
        // zstd stands for the packings here; packing with the others takes too long to do often.
        let packed = delivered(&content, Compression::Zstd, piece_size, sizes);
        prop_assert_eq!(String::from_utf8(packed), String::from_utf8(expected));
    }
}

#[test]
fn every_packing_delivers_the_same_as_plain() {
    let line = |n: usize| format!("{n} {}\n", "x".repeat(n * 7 % 400));
    let content: Vec<u8> = (0..5000).flat_map(|n| line(n).into_bytes()).collect();
    let sizes = Sizes { step: 1000, max_line: 350 };
    let expected = expected(&content, sizes.max_line);
    for with in PACKED.into_iter().chain([Compression::Plain]) {
        for piece_size in [977, 64 * 1024, 10 << 20] {
            assert!(delivered(&content, with, piece_size, sizes) == expected, "{with:?}");
        }
    }
}

#[test]
fn a_line_of_many_megabytes_takes_no_more_room_than_the_longest() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"before\n").unwrap();
    file.write_all(&vec![b'x'; 9 << 20]).unwrap();
    file.write_all(b"\nafter\n").unwrap();
    let expected = [b"before\n", vec![b'x'; MAX_LINE].as_slice(), b"\nafter\n"].concat();

    let (mut text, mut buffer) = (Vec::new(), Vec::new());
    let mut pieces = Pieces::new(vec![source(file.path(), Compression::Plain)], 1 << 20);
    while let Some(piece) = pieces.next(None) {
        for_each_block(&piece.kind, &mut buffer, |block, _| text.extend_from_slice(block));
    }
    assert!(text == expected);
    assert!(buffer.len() < 2 * MAX_LINE);
}

#[test]
fn a_damaged_source_delivers_what_it_can_and_the_next_one_is_read() {
    let content = b"one\ntwo\nthree\n".repeat(20_000);
    let packed = pack(&content, Compression::Gzip);
    let mut damaged = tempfile::NamedTempFile::new().unwrap();
    damaged.write_all(&packed[..packed.len() - 30]).unwrap();
    let mut whole = tempfile::NamedTempFile::new().unwrap();
    whole.write_all(b"four\n").unwrap();
    let sources = vec![
        source(damaged.path(), Compression::Gzip),
        source(std::path::Path::new("no/such.log"), Compression::Plain),
        source(whole.path(), Compression::Plain),
    ];
    let mut pieces = Pieces::new(sources, 100_000);
    let (mut failures, mut lengths) = (Vec::new(), [0; 3]);
    while let Some(piece) = pieces.next(None) {
        let each = |block: &[u8], _| lengths[piece.source] += block.len();
        for_each_block(&piece.kind, &mut Vec::new(), each);
        if let Some(failure) = piece.failure {
            assert!(piece.last_of_source);
            failures.push(failure.to_string());
        }
    }
    assert!(lengths[0] > content.len() / 2 && lengths[0] < content.len());
    assert_eq!((lengths[1], lengths[2]), (0, 5));
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert!(failures[0].contains("to its end: the packed data is cut short"), "{failures:?}");
    assert!(failures[1].contains("there is no such file"), "{failures:?}");
}

#[test]
fn a_source_that_shrinks_while_it_is_read_says_so_packed_or_not() {
    let content = b"type=EOE msg=audit(1723819442.001:7): \n".repeat(20_000);
    for with in [Compression::Plain, Compression::Bzip2] {
        // Two members: cut between them, nothing is wrong with what is left.
        let packed = pack(&content, with);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[&packed[..], &packed].concat()).unwrap();
        let source = Source { size: 2 * packed.len() as u64, ..source(file.path(), with) };
        let mut pieces = Pieces::new(vec![source.clone()], 1 << 20);
        file.as_file().set_len(packed.len() as u64).unwrap();
        let mut failures = Vec::new();
        while let Some(piece) = pieces.next(None) {
            let delivered = for_each_block(&piece.kind, &mut Vec::new(), |_, _| {});
            let broken = |error| InputError::broken(&source, error).to_string();
            failures.extend(piece.failure.map(|failure| failure.to_string()));
            failures.extend(delivered.failure.map(broken));
        }
        let place = format!("ended after {} bytes", packed.len());
        assert!(failures.iter().all(|f| f.contains("it became shorter")), "{failures:?}");
        assert!(failures[0].contains(&place), "{with:?}: {failures:?}");
    }
}

#[test]
fn a_journal_export_is_read_as_json_packed_or_not() {
    let export = b"__CURSOR=1\n_TRANSPORT=audit\nMESSAGE=a\n\n__CURSOR=2\nMESSAGE=b\n\n";
    for with in [Compression::Plain, Compression::Gzip] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&pack(export, with)).unwrap();
        let mut pieces = Pieces::new(vec![source(file.path(), with)], 1000);
        let PieceKind::Block { lines, .. } = pieces.next(None).unwrap().kind else {
            panic!("a block")
        };
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 2, "{with:?}");
        assert!(lines.starts_with(b"{"), "{with:?}");
    }
}

#[test]
fn a_journals_text_is_read_as_json_packed_or_not_and_its_year_is_that_of_the_file() {
    let text = b"-- Boot --\nJul 16 14:44:02.459000 web1 audit[812]: SYSCALL arch=c000003e\n";
    let july_2021 = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_627_000_000);
    for with in [Compression::Plain, Compression::Gzip] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&pack(text, with)).unwrap();
        file.as_file().set_modified(july_2021).unwrap();
        let mut pieces = Pieces::new(vec![source(file.path(), with)], 1000);
        let PieceKind::Block { lines, .. } = pieces.next(None).unwrap().kind else {
            panic!("a block")
        };
        let lines = String::from_utf8(lines).unwrap();
        let (first, second) = lines.split_once('\n').unwrap();
        assert_eq!(first, "-- Boot --", "{with:?}");
        // Whatever the zone of this machine: within a day of 2021-07-16 14:44:02 UTC.
        let entry: serde_json::Value = serde_json::from_str(second).unwrap();
        let micros = entry["_SOURCE_REALTIME_TIMESTAMP"].as_str().unwrap().parse::<i64>().unwrap();
        assert!((micros / 1_000_000 - 1_626_446_642).abs() < 86_400, "{with:?}: {micros}");
    }
}

#[test]
fn a_stream_that_fails_says_so_after_its_last_lines() {
    struct Failing(Cursor<&'static [u8]>);
    impl io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                count => Ok(count),
            }
        }
    }
    let mut stream = Stream::new(Box::new(Failing(Cursor::new(b"one\ntw"))), 4096, 100);
    let lines = stream.next(Vec::new());
    assert_eq!(lines.bytes, b"one\ntw");
    assert!(lines.last && lines.failure.is_some());
}
