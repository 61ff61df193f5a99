//! The arguments of an exec, put together from its EXECVE records.
//!
//! `argc=3 a0="ls" a1=2D6C a2="/"` is the simple form. Long arguments come in chunks over several
//! records (`a1_len=16384 a1[0]=… a1[1]=…`), and kernels before 5.9 do not write an empty argument
//! at all: then `argc` counts one that no field names. So it does where a record was cut.

use super::cut;
use super::fields::Fields;
use super::value;

/// How many arguments are kept; `count` tells the true number.
const MOST_ARGUMENTS: usize = 65_536;

/// How many arguments in a row may be empty because the kernel wrote arguments on both sides of
/// them into one record.
const MOST_EMPTY_BETWEEN: usize = 64;

/// How many may be empty at the end, where nothing proves that the log did not lose them.
const MOST_EMPTY_AT_END: u64 = 4;

/// A record with more text than this may have been cut: RFC 5424 has a syslog take 480 bytes and no
/// more, the kernel prints some 1,000, and after some 7,500 it begins another record.
const SHORTEST_CUT: usize = 400;

/// The arguments of a process.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Arguments {
    /// Those that the log holds, in their order, the empty ones among them.
    pub list: Vec<Vec<u8>>,
    /// How many there were.
    pub count: u64,
    /// Where others are missing, in their order.
    pub gaps: Vec<Gap>,
}

/// Arguments that the log does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// How many of the list come before them.
    pub at: usize,
    /// How many are missing. The one before them counts if its end is: what is known of it is in
    /// the list.
    pub missing: u64,
}

impl Arguments {
    /// How many arguments are missing, in whole or in part.
    pub fn missing(&self) -> u64 {
        self.gaps.iter().map(|gap| gap.missing).sum()
    }

    fn lacks(&mut self, missing: u64) {
        if missing > 0 {
            self.gaps.push(Gap { at: self.list.len(), missing });
        }
    }
}

/// Puts the arguments together from the bodies of the EXECVE records, in their order. Of an event
/// that is cut, no argument is taken for empty that is not written.
pub fn arguments<'a>(bodies: impl Iterator<Item = &'a [u8]>, is_cut: bool) -> Option<Arguments> {
    let mut written = Written::default();
    for body in bodies {
        written.read(body);
    }
    written.end_chunks();
    let Written { mut parts, count, may_be_cut, writes_empty, .. } = written;
    // The first of two that claim one place stays.
    parts.sort_by_key(|part| part.index);
    parts.dedup_by_key(|part| part.index);
    let after_last = parts.last().map_or(0, |part| part.index as u64 + 1);
    let count = count.unwrap_or(after_last);
    if count == 0 && parts.is_empty() {
        return None;
    }
    let mut arguments = Arguments { list: Vec::with_capacity(parts.len()), count, gaps: vec![] };
    let mut next = 0;
    for part in parts {
        let between = part.index - next;
        next = part.index + 1;
        if !part.begins_record && !is_cut && !writes_empty && between <= MOST_EMPTY_BETWEEN {
            arguments.list.resize(arguments.list.len() + between, Vec::new());
        } else {
            arguments.lacks(between as u64);
        }
        arguments.list.push(part.text);
        arguments.lacks(u64::from(!part.is_whole));
    }
    let rest = count.saturating_sub(after_last);
    if after_last > 0 && !may_be_cut && !is_cut && !writes_empty && rest <= MOST_EMPTY_AT_END {
        arguments.list.resize(arguments.list.len() + rest as usize, Vec::new());
    } else {
        arguments.lacks(rest);
    }
    Some(arguments)
}

/// An argument as it is written.
struct Part {
    index: usize,
    text: Vec<u8>,
    is_whole: bool,
    /// Nothing came before it in its record, so that what is missing before it may have been in a
    /// record that is lost.
    begins_record: bool,
}

/// What is written in the records so far.
#[derive(Default)]
struct Written {
    parts: Vec<Part>,
    count: Option<u64>,
    chunks: Option<Chunks>,
    /// The last record is as long as one that was cut, or has no end.
    may_be_cut: bool,
    /// This kernel writes empty arguments, as those since 5.9 do: one that is not written is lost.
    writes_empty: bool,
}

/// An argument that comes in chunks.
struct Chunks {
    part: Part,
    next: usize,
    /// How much of the text, as it is written, has not come yet.
    rest: Option<usize>,
}

impl Written {
    fn read(&mut self, body: &[u8]) {
        let mut begins_record = !body.starts_with(b"argc=");
        let mut length = None;
        let is_long = body.len() > SHORTEST_CUT;
        self.may_be_cut = is_long || cut::arguments_stop_early(body);
        for field in Fields::of(body) {
            match Name::parse(field.name) {
                Some(Name::Count) => {
                    let count = value::decimal(field.raw).and_then(|n| u64::try_from(n).ok());
                    self.count = self.count.or(count);
                }
                Some(Name::Whole(index)) if index < MOST_ARGUMENTS => {
                    self.end_chunks();
                    let is_last = field.raw.as_ptr_range().end == body.as_ptr_range().end;
                    if is_last && field.raw.is_empty() {
                        break;
                    }
                    let raw = whole_pairs(field.raw, is_last && is_long);
                    let is_whole = raw.len() == field.raw.len() && ends(raw);
                    let text = value::text(raw).unwrap_or_default().into_owned();
                    self.writes_empty |= field.raw == b"\"\"";
                    self.parts.push(Part { index, text, is_whole, begins_record });
                    begins_record = false;
                }
                Some(Name::Length(index)) => length = Some(index).zip(number(field.raw)),
                Some(Name::Chunk(index, at)) if index < MOST_ARGUMENTS => {
                    if self.chunks.as_ref().is_none_or(|open| open.part.index != index) {
                        self.end_chunks();
                        let part = Part { index, text: vec![], is_whole: at == 0, begins_record };
                        let rest = length.filter(|(of, _)| *of == index).map(|(_, rest)| rest);
                        self.chunks = Some(Chunks { part, next: 0, rest });
                    }
                    self.read_chunk(at, field.raw);
                    begins_record = false;
                }
                _ => {}
            }
        }
    }

    fn read_chunk(&mut self, at: usize, raw: &[u8]) {
        let Some(open) = &mut self.chunks else { return };
        if at == open.next {
            open.next += 1;
            open.part.text.extend_from_slice(&value::text(raw).unwrap_or_default());
            let quotes = if raw.starts_with(b"\"") { 2 } else { 0 };
            open.rest = open.rest.map(|rest| rest.saturating_sub(raw.len() - quotes));
        } else if at > open.next {
            open.part.is_whole = false;
        }
    }

    fn end_chunks(&mut self) {
        if let Some(Chunks { mut part, rest, .. }) = self.chunks.take() {
            part.is_whole &= rest.unwrap_or(0) == 0;
            self.parts.push(part);
        }
    }
}

/// Whether a value has the quote that ends it, if it has one that begins it.
fn ends(raw: &[u8]) -> bool {
    raw.strip_prefix(b"\"").is_none_or(|rest| rest.ends_with(b"\""))
}

/// A value without the half of a pair of hex digits at its end, where it may have been cut.
fn whole_pairs(raw: &[u8], may_be_cut: bool) -> &[u8] {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    match raw.split_last() {
        Some((_, pairs)) if may_be_cut && raw.len() % 2 == 1 && raw.iter().all(is_digit) => pairs,
        _ => raw,
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    value::decimal(digits).and_then(|number| usize::try_from(number).ok())
}

enum Name {
    Count,
    Whole(usize),
    Length(usize),
    Chunk(usize, usize),
}

impl Name {
    /// `argc`, `a3`, `a3_len` or `a3[7]`.
    fn parse(name: &[u8]) -> Option<Name> {
        if name == b"argc" {
            return Some(Name::Count);
        }
        let name = name.strip_prefix(b"a")?;
        if let Some(name) = name.strip_suffix(b"_len") {
            return number(name).map(Name::Length);
        }
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
        let arguments =
            arguments(bodies.iter().map(|body| body.as_bytes()), false).expect("arguments");
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

    /// Shows the arguments with what is missing between them: `a b [3 missing] c`.
    fn shown(bodies: &[&str], is_cut: bool) -> String {
        let bodies = bodies.iter().map(|body| body.as_bytes());
        let arguments = arguments(bodies, is_cut).expect("arguments");
        let mut shown = Vec::new();
        for at in 0..=arguments.list.len() {
            let gaps = arguments.gaps.iter().filter(|gap| gap.at == at);
            shown.extend(gaps.map(|gap| format!("[{} missing]", gap.missing)));
            let argument =
                arguments.list.get(at).map(|a| format!("{:?}", a.escape_ascii().to_string()));
            shown.extend(argument);
        }
        shown.join(" ")
    }

    #[test]
    fn arguments_that_the_log_lost_are_not_empty() {
        // A record in the middle.
        let ends = ["argc=9 a0=\"x\" a1=\"y\"", " a7=\"z\" a8=\"\""];
        assert_eq!(shown(&ends, false), r#""x" "y" [5 missing] "z" """#);
        // The first record, and with it the count.
        assert_eq!(shown(&[" a2=\"z\""], false), r#"[2 missing] "z""#);
        // The last record, behind one that was full.
        let long = "y".repeat(7_000);
        let full = shown(&[&format!("argc=4 a0=\"x\" a1=\"{long}\" a2=\"\"")], false);
        assert!(full.ends_with(r#"" "" [1 missing]"#), "{full}");
        // The rest of a record that a syslog or the kernel's own log has cut.
        assert_eq!(shown(&["argc=4"], false), "[4 missing]");
        assert_eq!(shown(&["argc=4 a0=\"x\" a1"], false), r#""x" [3 missing]"#);
        assert_eq!(shown(&["argc=3 a0=\"x\" a1="], false), r#""x" [2 missing]"#);
        let long = "y".repeat(390);
        let cut = shown(&[&format!("argc=3 a0=\"x\" a1=\"{long}\"")], false);
        assert!(cut.ends_with(r#"y" [1 missing]"#), "{cut}");
        // More than anybody leaves empty.
        assert_eq!(shown(&["argc=40 a0=\"x\""], false), r#""x" [39 missing]"#);
        // The rest of a record that is cut.
        assert_eq!(shown(&["argc=3 a0=\"x\" a1=\"y\""], true), r#""x" "y" [1 missing]"#);
    }

    #[test]
    fn a_kernel_that_writes_one_empty_argument_writes_all_of_them() {
        assert_eq!(
            shown(&["argc=4 a0=\"x\" a1=\"\" a2=\"y\""], false),
            r#""x" "" "y" [1 missing]"#
        );
        assert_eq!(shown(&["argc=4 a0=\"x\" a2=\"y\""], false), r#""x" "" "y" """#);
    }

    #[test]
    fn an_argument_that_lacks_a_chunk_counts_as_missing() {
        let whole = ["argc=2 a0_len=8 a0[0]=6162", " a0[1]=6364 a1=\"z\""];
        assert_eq!(shown(&whole, false), r#""abcd" "z""#);
        let end_is_lost = ["argc=2 a0_len=12 a0[0]=6162", " a0[1]=6364 a1=\"z\""];
        assert_eq!(shown(&end_is_lost, false), r#""abcd" [1 missing] "z""#);
        let middle_is_lost = ["argc=2 a0_len=12 a0[0]=6162", " a0[2]=6364 a1=\"z\""];
        assert_eq!(shown(&middle_is_lost, false), r#""ab" [1 missing] "z""#);
    }

    #[test]
    fn an_argument_that_is_cut_itself_counts_as_missing() {
        assert_eq!(shown(&["argc=2 a0=\"x\" a1=\"y"], true), r#""x" "y" [1 missing]"#);
        assert_eq!(shown(&["argc=3 a0=\"x\" a1=\"y"], true), r#""x" "y" [1 missing] [1 missing]"#);
        assert_eq!(shown(&["argc=2 a0=\"x\" a1=\"y\""], true), r#""x" "y""#);
        assert_eq!(shown(&["argc=2 a0=\"x\" a1=\""], true), r#""x" "" [1 missing]"#);
        let digits = "41".repeat(4_000);
        let cut = shown(&[&format!("argc=2 a0=\"x\" a1={digits}4")], false);
        assert!(cut.ends_with("AAAA\" [1 missing]"), "{cut}");
        let whole = shown(&[&format!("argc=2 a0=\"x\" a1={digits}")], false);
        assert!(whole.ends_with("AAAA\""), "{whole}");
        // Digits that no kernel wrote.
        assert_eq!(shown(&["argc=2 a0=\"x\" a1=123"], false), r#""x" "123""#);
    }

    #[test]
    fn a_count_that_nothing_bears_out_makes_no_arguments() {
        let arguments = arguments([&b"argc=4000000000 a0=\"x\""[..]].into_iter(), false);
        let arguments = arguments.expect("some");
        assert_eq!((arguments.list.len(), arguments.count), (1, 4_000_000_000));
        assert_eq!(arguments.missing(), 3_999_999_999);
        assert_eq!(super::arguments([&b"garbage"[..]].into_iter(), false), None);
    }
}
