//! The fields of a record's body: `name=value` pairs, as they stand, one after the other.
//!
//! Bodies come from the kernel, from auditd and from any program that may write to the audit
//! system, so little is sure: values in double quotes, in single quotes with quotes inside, in
//! braces, words without a value, blanks doubled, the enriched part behind 0x1D or behind whatever
//! a transport made of 0x1D. Nothing here fails: what cannot be a field is passed over. Values stay
//! as they are written; [`super::value`] says what they mean.

use memchr::{memchr, memmem, memrchr};

/// The byte that auditd puts between a record and its enriched part.
pub const SEPARATOR: u8 = 0x1d;

/// A field as it stands in the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field<'a> {
    /// The text before `=`.
    pub name: &'a [u8],
    /// The text behind it, with its quotes.
    pub raw: &'a [u8],
}

/// An iterator over the fields of a body.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `body`, those of its enriched part included.
    ///
    /// ```
    /// use oddsock::audit::Fields;
    /// let body = b"avc:  denied  { read } for  pid=7 comm=\"a b\" subj==/sbin/ntpd (enforce) \
    ///     key=(null)";
    /// let fields: Vec<_> = Fields::of(body).map(|f| (f.name, f.raw)).collect();
    /// assert_eq!(fields, [
    ///     (&b"pid"[..], &b"7"[..]),
    ///     (b"comm", b"\"a b\""),
    ///     (b"subj", b"=/sbin/ntpd (enforce)"),
    ///     (b"key", b"(null)"),
    /// ]);
    /// ```
    pub fn of(body: &'a [u8]) -> Fields<'a> {
        Fields { rest: body }
    }

    /// The value of the first field with this name, as it stands. The outermost comes first, and
    /// where the kernel wrote a name twice the first is the one it meant.
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.clone().find(|field| field.name == name).map(|field| field.raw)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        while !self.rest.is_empty() {
            match named(self.rest) {
                Some((name, rest)) => {
                    let (rest, raw) = value(name, rest);
                    self.rest = rest;
                    return Some(Field { name, raw });
                }
                None => self.rest = behind_word(self.rest),
            }
        }
        None
    }
}

/// `name=`, with whatever may stand in front of a name: blanks, separators, a bracket, a comma.
#[inline]
fn named(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = input.iter().position(|b| !is_between(*b))?;
    let length = input[start..].iter().position(|b| CLASS[usize::from(*b)] & NAMES == 0)?;
    let (name, rest) = input[start..].split_at(length);
    if name.is_empty() { None } else { Some((name, rest.strip_prefix(b"=")?)) }
}

#[inline]
fn is_between(byte: u8) -> bool {
    CLASS[usize::from(byte)] & BETWEEN != 0
}

/// Stands in front of a name.
const BETWEEN: u8 = 1;
/// Stands in a name.
const NAMES: u8 = 1 << 1;
/// Ends a bare value.
const ENDS: u8 = 1 << 2;
/// Stands in what may be glued to a bare value.
const GLUES: u8 = 1 << 3;

/// What each byte may be: one look for each, whatever it is, because the processor cannot guess it.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            class[byte] = NAMES;
        }
        byte += 1;
    }
    let kinds: [(&[u8], u8); 4] = [
        (&[b' ', SEPARATOR, b'(', b')', b',', b'\t', b'\r'], BETWEEN),
        (b"_-[]./", NAMES),
        (&[b' ', SEPARATOR, b','], ENDS),
        (b"^#\\\xef=", GLUES),
    ];
    let mut kind = 0;
    while kind < kinds.len() {
        let (mut bytes, flag) = kinds[kind];
        while let [first, rest @ ..] = bytes {
            class[*first as usize] |= flag;
            bytes = rest;
        }
        kind += 1;
    }
    class
};

/// Past a word that is no field: to the next blank or separator, but at least one byte on.
fn behind_word(input: &[u8]) -> &[u8] {
    let start = input.iter().position(|b| !is_between(*b)).unwrap_or(input.len());
    // A transport may have turned 0x1D into something glued to a name: `^]ARCH=`, `#035UID=`.
    if let Some(rest) = mangled(&input[start..]) {
        return rest;
    }
    match input[start..].iter().position(|b| matches!(b, b' ' | &SEPARATOR)) {
        Some(end) => &input[start + end..],
        None => &[],
    }
}

/// A value and what follows it.
fn value<'a>(name: &[u8], input: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let end = match input.first() {
        Some(b'"') => quoted(input),
        Some(b'\'') => message(input),
        Some(b'{') => memchr(b'}', input).map_or(input.len(), |end| end + 1),
        Some(b'(') if input.starts_with(b"(null)") => 6,
        Some(b'(') if input.starts_with(b"(none)") => 6,
        _ => bare(name, input),
    };
    (&input[end..], &input[..end])
}

/// The length of a value in double quotes. Doubled quotes at its start are one quote mangled by a
/// transport, unless nothing stands between them.
fn quoted(input: &[u8]) -> usize {
    let doubled = input.starts_with(b"\"\"")
        && input.get(2).is_some_and(|b| !matches!(b, b' ' | b'\'' | &SEPARATOR | b')' | b','))
        && !input[2..].starts_with(b"^]")
        && memmem::find(&input[2..], b"\"\"").is_some();
    if doubled {
        return memmem::find(&input[2..], b"\"\"").map_or(input.len(), |end| end + 4);
    }
    memchr(b'"', &input[1..]).map_or(input.len(), |end| end + 2)
}

/// The length of a message in single quotes: to the last quote before the enriched part, as the
/// text inside may hold quotes of its own.
fn message(input: &[u8]) -> usize {
    let raw = &input[..memchr(SEPARATOR, input).unwrap_or(input.len())];
    match memrchr(b'\'', raw) {
        Some(end) if end > 0 => end + 1,
        _ => raw.len(),
    }
}

/// The length of a bare value: to the next blank, with the words that belong to it.
///
/// Nothing behind its end is looked at, or a word of a million fields would be read a million
/// times.
fn bare(name: &[u8], input: &[u8]) -> usize {
    let stops = |byte: &u8| CLASS[usize::from(*byte)] & (ENDS | GLUES) != 0;
    let stop = input.iter().position(stops).unwrap_or(input.len());
    let end = match input.get(stop) {
        Some(byte) if CLASS[usize::from(*byte)] & GLUES != 0 => match word(input, stop) {
            Word::Whole(end) => end,
            Word::Glued(end) => return end,
        },
        _ => stop,
    };
    // AppArmor's `subj=/usr/sbin/ntpd (enforce)`, and `op=display aging info id=0`.
    if name == b"op" || input[end..].starts_with(b" (") {
        return with_words_that_belong(name, input, end);
    }
    end
}

/// Where a word ends.
enum Word {
    /// At a blank, or where nothing follows.
    Whole(usize),
    /// Where the enriched part's separator, or its first name, is glued to it.
    Glued(usize),
}

/// The end of a word, of which so much has nothing glued to it.
#[cold]
fn word(input: &[u8], from: usize) -> Word {
    let mut has_equals = false;
    for (at, byte) in input.iter().enumerate().skip(from) {
        match *byte {
            byte if CLASS[usize::from(byte)] & ENDS != 0 => return Word::Whole(at),
            // `key=(null)` and hex digits may be glued to a name when the separator was lost.
            b'=' if !has_equals => {
                has_equals = true;
                let glued = ENRICHED.iter().find(|name| input[..at].ends_with(name));
                if let Some(name) = glued.filter(|name| name.len() < at) {
                    return Word::Glued(at - name.len());
                }
            }
            byte if CLASS[usize::from(byte)] & GLUES != 0 && mangled(&input[at..]).is_some() => {
                return Word::Glued(at);
            }
            _ => {}
        }
    }
    Word::Whole(input.len())
}

/// What follows a separator that a transport has turned into something visible.
fn mangled(input: &[u8]) -> Option<&[u8]> {
    let separators = [&b"^]"[..], b"#035", b"\\x1d", b"\\u001d", "\u{fffd}".as_bytes()];
    separators.iter().find_map(|separator| input.strip_prefix(*separator))
}

/// Where a value ends that goes on with words which are no fields of their own.
#[cold]
fn with_words_that_belong(name: &[u8], input: &[u8], mut end: usize) -> usize {
    if matches!(name, b"acct" | b"exe") {
        return end;
    }
    while let Some(next) = input.get(end..).and_then(|rest| rest.strip_prefix(b" ")) {
        let length = next.iter().position(|b| matches!(b, b' ' | &SEPARATOR));
        let next = &next[..length.unwrap_or(next.len())];
        let belongs = next.starts_with(b"(") && next.ends_with(b")")
            || name == b"op" && !next.is_empty() && next.iter().all(u8::is_ascii_alphabetic);
        if !belongs {
            break;
        }
        end += 1;
        match word(next, 0) {
            Word::Glued(at) => return end + at,
            Word::Whole(_) => end += next.len(),
        }
    }
    end
}

/// The names that can stand first in an enriched part, the longest first.
const ENRICHED: [&[u8]; 14] = [
    b"OLD-AUID",
    b"SYSCALL",
    b"SADDR",
    b"SAUID",
    b"OAUID",
    b"ARCH",
    b"AUID",
    b"EUID",
    b"SUID",
    b"OUID",
    b"OGID",
    b"IUID",
    b"UID",
    b"GID",
];

/// The fields inside a message's quotes: of `msg='op=login acct="root"'`, those after the quote.
pub fn inside(raw: &[u8]) -> Fields<'_> {
    let inner = raw.strip_prefix(b"'").unwrap_or(raw);
    Fields::of(inner.strip_suffix(b"'").unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        let shown: Vec<String> = Fields::of(body.as_bytes())
            .map(|f| {
                format!("{}→{}", String::from_utf8_lossy(f.name), String::from_utf8_lossy(f.raw))
            })
            .collect();
        assert_eq!(shown.join(" | "), expected, "{body}");
    }

    #[test]
    fn blanks_may_be_doubled_and_words_may_stand_alone() {
        check("auditd start, ver=2.4.1  format=raw", "ver→2.4.1 | format→raw");
        check(
            "op=terminate auid=0 subj= res=success",
            "op→terminate | auid→0 | subj→ | res→success",
        );
        check("netlabel: auid=0 ses=0", "auid→0 | ses→0");
    }

    #[test]
    fn the_enriched_part_is_found_behind_whatever_became_of_its_separator() {
        for separator in ["\u{1d}", " ", "^]", "#035", "\u{fffd}", "\\x1d", ""] {
            check(
                &format!("tty=pts1 key=(null){separator}ARCH=x86_64 UID=\"root\""),
                "tty→pts1 | key→(null) | ARCH→x86_64 | UID→\"root\"",
            );
            check(
                &format!("saddr=0200ABCD{separator}SADDR={{ saddr_fam=inet laddr=1.2.3.4 }}"),
                "saddr→0200ABCD | SADDR→{ saddr_fam=inet laddr=1.2.3.4 }",
            );
            check(&format!("key=\"net\"{separator}ARCH=x86_64"), "key→\"net\" | ARCH→x86_64");
        }
    }

    #[test]
    fn a_message_ends_at_its_last_quote_and_not_at_one_inside() {
        check(
            "uid=0 msg='op=a acct=\"f('x')/>\" res=failed'\u{1d}UID=\"root\"",
            "uid→0 | msg→'op=a acct=\"f('x')/>\" res=failed' | UID→\"root\"",
        );
        let fields = inside(b"'op=a acct=\"f('x')/>\" res=failed'");
        assert_eq!(fields.get(b"acct"), Some(&b"\"f('x')/>\""[..]));
        assert_eq!(fields.get(b"res"), Some(&b"failed"[..]));
    }

    #[test]
    fn old_messages_keep_their_fields_in_brackets() {
        let fields =
            inside(b"'PAM: accounting acct=root : exe=\"/c\" (hostname=?, addr=?, res=success)'");
        assert_eq!(fields.get(b"acct"), Some(&b"root"[..]));
        assert_eq!(fields.get(b"hostname"), Some(&b"?"[..]));
        assert_eq!(fields.get(b"addr"), Some(&b"?"[..]));
    }

    #[test]
    fn the_first_of_a_repeated_name_counts() {
        let fields =
            Fields::of(b"uid=0 auid=1000 msg='x uid=1003 res=1'\x1dUID=\"root\" UID=\"test\"");
        assert_eq!(fields.get(b"uid"), Some(&b"0"[..]));
        assert_eq!(fields.get(b"UID"), Some(&b"\"root\""[..]));
        assert_eq!(inside(fields.get(b"msg").unwrap()).get(b"uid"), Some(&b"1003"[..]));
    }

    #[test]
    fn quotes_doubled_by_a_transport_are_one_value_and_empty_ones_stay_empty() {
        check("comm=\"\"systemd\"\" exe=\"\"/a\"\"", "comm→\"\"systemd\"\" | exe→\"\"/a\"\"");
        check("acct=\"\" exe=\"/usr/bin/chage\"", "acct→\"\" | exe→\"/usr/bin/chage\"");
    }

    /// A quarter of a second for a mebibyte; read to its end for each field it would be an hour.
    #[test]
    fn a_word_of_a_million_fields_is_read_in_time() {
        let few = ["x=a^]", "x=a#035", "op=a^] (b)", "subj=a (b^]c) ", "xUID=a", "x='", "x={"];
        for piece in few {
            let body = piece.repeat((1 << 20) / piece.len());
            let begin = std::time::Instant::now();
            let fields = Fields::of(body.as_bytes()).count();
            assert!(begin.elapsed().as_secs() < 10, "{piece}: {fields} fields");
        }
    }
}
