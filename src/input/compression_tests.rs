//! Claims about unpacking, and the packers that other tests use.

use std::io::Write;

use super::*;

pub const PACKED: [Compression; 4] =
    [Compression::Gzip, Compression::Zstd, Compression::Xz, Compression::Bzip2];

/// `bytes`, packed as one member.
pub fn pack(bytes: &[u8], with: Compression) -> Vec<u8> {
    match with {
        Compression::Plain => bytes.to_vec(),
        Compression::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        Compression::Zstd => zstd::encode_all(bytes, 3).unwrap(),
        Compression::Xz => {
            let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 1);
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        Compression::Bzip2 => {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), Default::default());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
    }
}

/// What comes out of `packed` before the end or the error, and the error.
fn unpack(packed: Vec<u8>) -> (Vec<u8>, Option<io::Error>) {
    let mut reader = decoded(Cursor::new(packed)).unwrap();
    let mut plain = Vec::new();
    let error = reader.read_to_end(&mut plain).err();
    (plain, error)
}

fn lines(count: usize) -> Vec<u8> {
    let line = |n: usize| format!("type=EOE msg=audit({n}.{:03}:{n}): x{}\n", n % 997, n * n * n);
    (0..count).flat_map(|n| line(n).into_bytes()).collect()
}

#[test]
fn members_that_follow_one_another_are_all_read() {
    for with in PACKED {
        let packed = [pack(b"one\n", with), pack(b"", with), pack(b"two\n", with)].concat();
        let (plain, error) = unpack(packed);
        assert!(error.is_none(), "{with:?}: {error:?}");
        assert_eq!(plain, b"one\ntwo\n", "{with:?}");
    }
}

#[test]
fn zeros_after_a_member_are_padding_and_other_bytes_are_damage() {
    for with in PACKED {
        let (plain, error) = unpack([pack(b"one\n", with), vec![0; 512]].concat());
        assert!(error.is_none(), "{with:?}: {error:?}");
        assert_eq!(plain, b"one\n");

        let (plain, error) = unpack([pack(b"one\n", with), b"not packed data".to_vec()].concat());
        assert!(error.is_some(), "{with:?}");
        assert_eq!(plain, b"one\n");
    }
}

#[test]
fn what_stands_before_the_cut_is_delivered() {
    let content = lines(60_000);
    for with in PACKED {
        let packed = pack(&content, with);
        let (plain, error) = unpack(packed[..packed.len() * 9 / 10].to_vec());
        assert_eq!(error.map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof), "{with:?}");
        assert!(content.starts_with(&plain), "{with:?}");
        // bzip2 packs 900 000 bytes at a time, and a block cut short is lost as a whole.
        assert!(plain.len() > content.len() / 2, "{with:?}: {} of {}", plain.len(), content.len());
    }
}

#[test]
fn what_stands_before_a_damage_is_delivered() {
    let content = lines(60_000);
    for with in PACKED {
        let mut packed = pack(&content, with);
        let middle = packed.len() * 3 / 4;
        packed[middle..middle + 64].fill(0xff);
        let (plain, error) = unpack(packed);
        assert!(error.is_some(), "{with:?}");
        let same = plain.iter().zip(&content).take_while(|(one, other)| one == other).count();
        assert!(same > content.len() / 3, "{with:?}: {same} of {}", content.len());
    }
}

#[test]
fn a_file_is_told_by_its_first_bytes_and_never_by_less() {
    assert_eq!(Compression::of(b"type=SYSCALL"), Compression::Plain);
    assert_eq!(Compression::of(b""), Compression::Plain);
    assert_eq!(Compression::of(b"BZh0 is not bzip2"), Compression::Plain);
    assert_eq!(Compression::of(&[0x52, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]), Compression::Zstd);
    for with in PACKED {
        assert_eq!(Compression::of(&pack(b"x", with)), with);
        assert_eq!(Compression::of(&pack(b"x", with)[..1]), Compression::Plain);
    }
}

#[test]
fn a_skippable_frame_before_the_data_is_skipped() {
    let mut packed = vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    packed.extend(pack(b"one\n", Compression::Zstd));
    assert_eq!(unpack(packed).0, b"one\n");
}

/// A zstd frame with a window of this many bytes, as a power of two.
fn zstd_with_window(log: u8, bytes: &[u8]) -> Vec<u8> {
    let header = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
    let last_raw_block = (u32::try_from(bytes.len()).unwrap() << 3 | 1).to_le_bytes();
    [&header[..], &last_raw_block[..3], bytes].concat()
}

/// An xz file whose block header asks for a dictionary of this size, in the format's own notation.
fn xz_with_dictionary(size: u8, bytes: &[u8]) -> Vec<u8> {
    let mut packed = pack(bytes, Compression::Xz);
    let header = &mut packed[12..24];
    assert_eq!(header[..4], [2, 0, 0x21, 1], "a header of twelve bytes with one LZMA2 filter");
    header[4] = size;
    let mut crc = flate2::Crc::new();
    crc.update(&header[..8]);
    header[8..].copy_from_slice(&crc.sum().to_le_bytes());
    packed
}

#[test]
fn what_asks_for_more_than_128_mib_is_refused_with_the_command_that_reads_it() {
    use crate::input::{InputError, Nature, Source};
    let source = Source {
        path: "audit.log.1".into(),
        host: String::new(),
        nature: Nature::Regular,
        size: 0,
        compression: Compression::Plain,
        first_stamp: None,
        inode: None,
    };
    for (fits, too_large, command) in [
        (zstd_with_window(27, b"small\n"), zstd_with_window(28, b"small\n"), "zstd -dc --long=31 "),
        // The dictionary of `xz -9`, and one of 128 MiB, with which the rest is too much.
        (xz_with_dictionary(28, b"small\n"), xz_with_dictionary(30, b"small\n"), " xz -dc "),
    ] {
        let (plain, error) = unpack(fits);
        assert!(error.is_none(), "{command}: {error:?}");
        assert_eq!(plain, b"small\n", "{command}");
        let (plain, error) = unpack(too_large);
        assert!(plain.is_empty());
        let sentence = InputError::broken(&source, error.unwrap()).to_string();
        assert!(sentence.contains("128 MiB") && sentence.contains(command), "{sentence}");
        assert!(!sentence.contains("another copy"), "{sentence}");
    }
}

#[test]
fn a_stream_that_comes_byte_by_byte_is_unpacked_all_the_same() {
    struct Trickle(Cursor<Vec<u8>>);
    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }
    let content = lines(200);
    for with in PACKED {
        let mut plain = Vec::new();
        let mut reader = decoded(Trickle(Cursor::new(pack(&content, with)))).unwrap();
        reader.read_to_end(&mut plain).unwrap();
        assert_eq!(plain, content, "{with:?}");
    }
}
