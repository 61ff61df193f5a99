//! The fields of a call's record behind its head: who called, with which program, by which rule.
//!
//! A record's body comes in, and the raw values go out that a connection is made of; what they mean
//! is read when somebody asks. Nearly all records have them in the order in which the kernel and
//! auditd write them, and are read in that order without looking for names; one surprise, and
//! the record is read as [`Fields`] are, in any order. Where a name comes twice the first counts,
//! as everywhere.

use memchr::memchr;

use super::fields::{Fields, SEPARATOR};

/// Raw values, as they stand; none where the record has no such field.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CallFields<'e> {
    /// `auid=`
    pub audit_user: Option<&'e [u8]>,
    /// `uid=`
    pub user: Option<&'e [u8]>,
    /// `gid=`
    pub group: Option<&'e [u8]>,
    /// `euid=`
    pub effective_user: Option<&'e [u8]>,
    /// `ses=`
    pub session: Option<&'e [u8]>,
    /// `comm=`
    pub name: Option<&'e [u8]>,
    /// `exe=`
    pub executable: Option<&'e [u8]>,
    /// `key=`
    pub key: Option<&'e [u8]>,
    /// `AUID=` of the enriched part
    pub audit_user_name: Option<&'e [u8]>,
    /// `UID=`
    pub user_name: Option<&'e [u8]>,
    /// `EUID=`
    pub effective_user_name: Option<&'e [u8]>,
}

impl<'e> CallFields<'e> {
    /// Reads what stands behind the head.
    #[inline]
    pub fn of(rest: &'e [u8]) -> CallFields<'e> {
        CallFields::in_order(rest).unwrap_or_else(|| CallFields::in_any_order(rest))
    }

    /// The fields of two records of one event: those of the first count.
    pub fn or(self, other: CallFields<'e>) -> CallFields<'e> {
        CallFields {
            audit_user: self.audit_user.or(other.audit_user),
            user: self.user.or(other.user),
            group: self.group.or(other.group),
            effective_user: self.effective_user.or(other.effective_user),
            session: self.session.or(other.session),
            name: self.name.or(other.name),
            executable: self.executable.or(other.executable),
            key: self.key.or(other.key),
            audit_user_name: self.audit_user_name.or(other.audit_user_name),
            user_name: self.user_name.or(other.user_name),
            effective_user_name: self.effective_user_name.or(other.effective_user_name),
        }
    }

    fn in_any_order(rest: &'e [u8]) -> CallFields<'e> {
        let mut read = CallFields::default();
        for field in Fields::of(rest) {
            let slot = match field.name {
                b"auid" => &mut read.audit_user,
                b"uid" => &mut read.user,
                b"gid" => &mut read.group,
                b"euid" => &mut read.effective_user,
                b"ses" => &mut read.session,
                b"comm" => &mut read.name,
                b"exe" => &mut read.executable,
                b"key" => &mut read.key,
                b"AUID" => &mut read.audit_user_name,
                b"UID" => &mut read.user_name,
                b"EUID" => &mut read.effective_user_name,
                _ => continue,
            };
            slot.get_or_insert(field.raw);
        }
        read
    }

    fn in_order(rest: &'e [u8]) -> Option<CallFields<'e>> {
        let mut at = Cursor(rest);
        let mut read = CallFields {
            audit_user: Some(at.number(b" auid=")?),
            user: Some(at.number(b" uid=")?),
            group: Some(at.number(b" gid=")?),
            effective_user: Some(at.number(b" euid=")?),
            ..CallFields::default()
        };
        for name in [&b" suid="[..], b" fsuid=", b" egid=", b" sgid=", b" fsgid="] {
            at.number(name)?;
        }
        at.word(b" tty=")?;
        read.session = Some(at.number(b" ses=")?);
        read.name = Some(at.quoted(b" comm=")?);
        read.executable = Some(at.quoted(b" exe=")?);
        if at.0.starts_with(b" subj=") {
            at.word(b" subj=")?;
        }
        read.key = Some(match at.0.strip_prefix(b" key=(null)") {
            Some(behind) => {
                let (key, _) = at.0[b" key=".len()..].split_at(b"(null)".len());
                at.0 = behind;
                key
            }
            None => at.quoted(b" key=")?,
        });
        match at.0 {
            [] => return Some(read),
            [SEPARATOR, behind @ ..] => at.0 = behind,
            _ => return None,
        }
        at.word(b"ARCH=")?;
        at.word(b" SYSCALL=")?;
        read.audit_user_name = Some(at.quoted(b" AUID=")?);
        read.user_name = Some(at.quoted(b" UID=")?);
        at.quoted(b" GID=")?;
        read.effective_user_name = Some(at.quoted(b" EUID=")?);
        Some(read)
    }
}

/// What stands in bare values: one look for each byte.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b',');
        byte += 1;
    }
    plain
};

/// What is left of a record that is read in order.
struct Cursor<'e>(&'e [u8]);

impl<'e> Cursor<'e> {
    /// A value of digits alone.
    #[inline]
    fn number(&mut self, name: &[u8]) -> Option<&'e [u8]> {
        self.value(name, |value| value.iter().position(|byte| !byte.is_ascii_digit()))
    }

    /// A bare value in which nothing is glued to anything, and to which no other word belongs.
    #[inline]
    fn word(&mut self, name: &[u8]) -> Option<&'e [u8]> {
        if let Some(behind) = self.0.strip_prefix(name).and_then(|v| v.strip_prefix(b"(none)")) {
            self.0 = behind;
            return behind.starts_with(b" ").then_some(b"(none)");
        }
        self.value(name, |value| value.iter().position(|byte| !PLAIN[usize::from(*byte)]))
            .filter(|_| !self.0.starts_with(b" ("))
    }

    #[inline]
    fn value(&mut self, name: &[u8], end: impl Fn(&[u8]) -> Option<usize>) -> Option<&'e [u8]> {
        let value = self.0.strip_prefix(name)?;
        let (value, behind) = value.split_at(end(value)?);
        self.0 = behind;
        (!value.is_empty() && behind.first() == Some(&b' ')).then_some(value)
    }

    /// A value in quotes, with them. An empty one may be the start of quotes that were doubled.
    #[inline]
    fn quoted(&mut self, name: &[u8]) -> Option<&'e [u8]> {
        let value = self.0.strip_prefix(name)?;
        let end = memchr(b'"', value.strip_prefix(b"\"")?).filter(|end| *end > 0)?;
        let (value, behind) = value.split_at(end + 2);
        self.0 = behind;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: &str = " auid=1000 uid=0 gid=5 euid=33 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 \
                         tty=pts0 ses=3 comm=\"curl\" exe=\"/usr/bin/curl\" subj=unconfined \
                         key=\"net\"\u{1d}ARCH=x86_64 SYSCALL=connect AUID=\"ann\" UID=\"root\" \
                         GID=\"tty\" EUID=\"www-data\" SUID=\"root\"";

    #[test]
    fn what_the_kernel_writes_is_read_in_its_order() {
        let read = CallFields::in_order(USUAL.as_bytes()).expect("the usual order");
        let named = [read.user, read.name, read.key, read.user_name, read.effective_user_name];
        let wanted = [&b"0"[..], b"\"curl\"", b"\"net\"", b"\"root\"", b"\"www-data\""];
        assert_eq!(named.map(Option::unwrap), wanted);
        for rest in ["key=(null)", "key=\"a b\"", "subj=a:b:c:s0:c1,c2 key=(null)"] {
            let start = USUAL.find("subj=").expect("there");
            let raw = format!("{}{rest}", &USUAL[..start]);
            assert!(CallFields::in_order(raw.as_bytes()).is_some(), "{raw}");
        }
    }

    #[test]
    fn a_surprise_is_left_to_whoever_reads_any_order() {
        for (usual, odd) in [
            ("comm=\"curl\"", "comm=6375726C"),
            ("comm=\"curl\"", "comm=\"\"curl\"\""),
            ("subj=unconfined", "subj==unconfined"),
            ("subj=unconfined", "subj=/sbin/ntpd (enforce)"),
            ("key=\"net\"", "key=6E6574016F6E65"),
            ("\u{1d}ARCH", "^]ARCH"),
            ("tty=pts0", "tty=pts0^"),
            (" uid=0", " uid="),
            (" gid=5", " gid=5 gid=6"),
        ] {
            let odd = USUAL.replacen(usual, odd, 1);
            assert_eq!(CallFields::in_order(odd.as_bytes()), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_read_the_same(
            at in 0..USUAL.len(),
            length in 0_usize..12,
            by in "[ =\"'(){}a-dA-D0-9,^#\u{1d}]{0,6}|( uid=7)|( comm=\"x\")|( AUID=\"x\")",
        ) {
            let mut body = USUAL.as_bytes().to_vec();
            body.splice(at..(at + length).min(body.len()), by.bytes());
            if let Some(read) = CallFields::in_order(&body) {
                prop_assert_eq!(read, CallFields::in_any_order(&body));
            }
        }
    }
}
