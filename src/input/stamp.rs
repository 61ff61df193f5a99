//! The first stamp of a file.
//!
//! The first bytes of a file come in, decompressed; the first audit stamp in them goes out. It is
//! looked for as bytes, wherever it stands in a line, so that syslog-wrapped and journal lines have
//! one too. Nothing here knows what a record is.

use memchr::memmem;

/// How much of a file (decompressed) is looked at.
pub const HEAD: usize = 64 * 1024;

/// The stamp that comes first in a file: `audit(SECONDS.MILLIS:SERIAL)`.
///
/// Stamps order as the events did: by time, then by serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstStamp {
    /// Milliseconds since 1970.
    pub milliseconds: u64,
    /// The serial number of the event, which the kernel counts up from boot.
    pub serial: u64,
}

impl FirstStamp {
    /// The first stamp in `head`, if there is a whole one.
    pub fn in_head(head: &[u8]) -> Option<FirstStamp> {
        memmem::find_iter(head, b"audit(").find_map(|at| stamp(&head[at + b"audit(".len()..]))
    }
}

fn stamp(text: &[u8]) -> Option<FirstStamp> {
    let (seconds, text) = number(text)?;
    let (milliseconds, text) = number(text.strip_prefix(b".")?)?;
    let (serial, text) = number(text.strip_prefix(b":")?)?;
    text.strip_prefix(b")")?;
    let milliseconds = seconds.checked_mul(1000)?.checked_add(milliseconds.min(999))?;
    Some(FirstStamp { milliseconds, serial })
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    Some((number, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_whole_stamp_counts() {
        let head = b"audit(broken\nnode=a type=EOE msg=audit(1723819442.001:7): \nmsg=audit(1.0:1)";
        let first = FirstStamp { milliseconds: 1_723_819_442_001, serial: 7 };
        assert_eq!(FirstStamp::in_head(head), Some(first));
    }

    #[test]
    fn a_stamp_cut_short_is_none() {
        assert_eq!(FirstStamp::in_head(b"msg=audit(1723819442.001:7"), None);
        assert_eq!(FirstStamp::in_head(b"msg=audit(99999999999999999999.001:7)"), None);
        assert_eq!(FirstStamp::in_head(b""), None);
    }
}
