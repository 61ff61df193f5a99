//! The arguments of an exec, put together from its EXECVE records.
//!
//! `argc=3 a0="ls" a1=2D6C a2="/"` is the simple form. Long arguments come in chunks over several
//! records (`a1_len=16384 a1[0]=… a1[1]=…`), and an empty argument may not be written at all: then
//! `argc` counts one that no field names.

use super::fields::Fields;
use super::value;

/// How many arguments are kept; `count` tells the true number.
const MOST_ARGUMENTS: usize = 65_536;

/// The arguments of a process.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Arguments {
    /// Each of them, as far as the log holds them.
    pub list: Vec<Vec<u8>>,
    /// How many there were.
    pub count: u64,
}

/// Puts the arguments together from the bodies of the EXECVE records, in their order.
pub fn arguments<'a>(bodies: impl Iterator<Item = &'a [u8]>) -> Option<Arguments> {
    let mut list: Vec<Vec<u8>> = Vec::new();
    let mut chunks: Option<(usize, usize, Vec<u8>)> = None;
    let mut count = None;
    for body in bodies {
        for field in Fields::of(body) {
            match Name::parse(field.name) {
                Some(Name::Count) => count = count.or(value::decimal(field.raw)),
                Some(Name::Whole(index)) if index < MOST_ARGUMENTS => {
                    put(&mut list, index, value::text(field.raw).unwrap_or_default().into_owned());
                }
                Some(Name::Chunk(index, part)) if index < MOST_ARGUMENTS => {
                    let (open, next, text) = chunks.get_or_insert((index, 0, Vec::new()));
                    if *open != index {
                        put(&mut list, *open, std::mem::take(text));
                        (*open, *next) = (index, 0);
                    }
                    if part == *next {
                        *next += 1;
                        text.extend_from_slice(&value::text(field.raw).unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
    }
    if let Some((index, _, text)) = chunks {
        put(&mut list, index, text);
    }
    let count = count.and_then(|count| u64::try_from(count).ok()).unwrap_or(list.len() as u64);
    if count == 0 && list.is_empty() {
        return None;
    }
    let room = usize::try_from(count).unwrap_or(MOST_ARGUMENTS).min(MOST_ARGUMENTS);
    // Empty arguments are not always written; a count far beyond the last one written is no proof
    // of so many of them, but of a record that was cut.
    if list.len() < room && room - list.len() <= 64 {
        list.resize(room, Vec::new());
    }
    Some(Arguments { list, count })
}

fn put(list: &mut Vec<Vec<u8>>, index: usize, text: Vec<u8>) {
    if list.len() <= index {
        list.resize(index + 1, Vec::new());
    }
    if list[index].is_empty() {
        list[index] = text;
    }
}

enum Name {
    Count,
    Whole(usize),
    Chunk(usize, usize),
}

impl Name {
    /// `argc`, `a3` or `a3[7]`; not `a3_len`, which the chunks themselves tell better.
    fn parse(name: &[u8]) -> Option<Name> {
        if name == b"argc" {
            return Some(Name::Count);
        }
        let number = |digits: &[u8]| value::decimal(digits).and_then(|n| usize::try_from(n).ok());
        let name = name.strip_prefix(b"a")?;
        match memchr::memchr(b'[', name) {
            Some(open) => {
                let part = name[open + 1..].strip_suffix(b"]")?;
                Some(Name::Chunk(number(&name[..open])?, number(part)?))
            }
            None => number(name).map(Name::Whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bodies: &[&str], expected: &[&str]) {
        let arguments = arguments(bodies.iter().map(|body| body.as_bytes())).expect("arguments");
        let list: Vec<_> = arguments.list.iter().map(|a| String::from_utf8_lossy(a)).collect();
        assert_eq!(list, expected, "{bodies:?}");
    }

    #[test]
    fn arguments_come_quoted_or_in_hex() {
        check(&["argc=3 a0=\"ABCD\" a1=41424344 a2=\"12\""], &["ABCD", "ABCD", "12"]);
    }

    #[test]
    fn chunks_become_one_argument() {
        check(
            &["argc=3 a0=\"e\" a1_len=12 a1[0]=6162", " a1[1]=6364", " a1[2]=6566 a2=\"z\""],
            &["e", "abcdef", "z"],
        );
    }

    #[test]
    fn a_chunk_that_came_twice_or_too_early_is_not_taken() {
        check(&["argc=1 a0_len=8 a0[0]=6162", " a0[0]=6162", " a0[1]=6364"], &["abcd"]);
        check(&["argc=1 a0_len=8 a0[0]=6162", " a0[2]=6566"], &["ab"]);
    }

    #[test]
    fn arguments_that_were_not_written_are_empty() {
        check(
            &["argc=4 a0=\"/bin/bash\" a1=\"/x.sh\" a2=\"/y\""],
            &["/bin/bash", "/x.sh", "/y", ""],
        );
        check(&["argc=3 a0=\"/bin/ls\" a2=\"/etc\""], &["/bin/ls", "", "/etc"]);
        check(&["argc=2 a0=\"/bin/echo\""], &["/bin/echo", ""]);
    }

    #[test]
    fn a_count_that_nothing_bears_out_makes_no_arguments() {
        let arguments = arguments([&b"argc=4000000000 a0=\"x\""[..]].into_iter()).expect("some");
        assert_eq!((arguments.list.len(), arguments.count), (1, 4_000_000_000));
        assert_eq!(super::arguments([&b"garbage"[..]].into_iter()), None);
    }
}
