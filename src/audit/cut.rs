//! Whether a record stops before its end.
//!
//! Two sorts of records do: those that outgrew the kernel's or auditd's buffer, in the middle of a
//! log, and the last line of a file that is still being written.

use super::kind::Kind;

/// Whether a body ends inside a quoted value, which no whole record does.
///
/// The kernel quotes no text with blanks in it, so the last quote tells: one behind `=` opens a
/// value, unless the value that it closes ends in `=` itself.
#[inline]
pub fn ends_in_quotes(body: &[u8]) -> bool {
    match memchr::memrchr(b'"', body) {
        Some(quote) if quote > 0 && body[quote - 1] == b'=' => opens_a_value(body, quote),
        _ => false,
    }
}

#[cold]
fn opens_a_value(body: &[u8], quote: usize) -> bool {
    let word = memchr::memrchr(b' ', &body[..quote]).map_or(0, |blank| blank + 1);
    memchr::memchr(b'"', &body[word..quote]).is_none()
}

/// Whether the last line of a file, which has no line end, stops before its record does.
///
/// Whole records end in a value, so a line that ends in `=` or inside quotes is cut; so is a call
/// without its key, which the kernel writes last, and an address with half a byte.
pub fn stops_early(kind: Kind, body: &[u8]) -> bool {
    let last = body.rsplit(|b| *b == b' ').next().unwrap_or(b"");
    match kind {
        Kind::EOE => false,
        Kind::SYSCALL | Kind::URINGOP => {
            let key = memchr::memmem::rfind(body, b" key=");
            key.is_none_or(|at| body.len() == at + 5) || ends_in_quotes(body)
        }
        Kind::SOCKADDR => {
            let digits = last.strip_prefix(b"saddr=").unwrap_or(b"");
            last.starts_with(b"saddr=") && (digits.len() < 16 || !digits.len().is_multiple_of(2))
                || last.is_empty()
                || memchr::memmem::find(body, b"saddr=").is_none_or(|at| at + 6 >= body.len())
        }
        _ => {
            body.is_empty() || last.ends_with(b"=") || !last.contains(&b'=') || ends_in_quotes(body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_stop_early_are_known_by_their_ends() {
        for body in ["saddr=", "saddr=020001BB5D", "saddr=020001BB5DB8D822F", "sad"] {
            assert!(stops_early(Kind::SOCKADDR, body.as_bytes()), "{body}");
        }
        assert!(!stops_early(Kind::SOCKADDR, b"saddr=020001BB5DB8D8220000000000000000"));
        for body in ["proctitle=", "proctitle=\"cu", "procti", ""] {
            assert!(stops_early(Kind::PROCTITLE, body.as_bytes()), "{body}");
        }
        assert!(!stops_early(Kind::PROCTITLE, b"proctitle=\"curl\""));
        let call = "arch=c000003e syscall=42 pid=1 comm=\"a\" exe=\"/a\" key=";
        assert!(stops_early(Kind::SYSCALL, call.as_bytes()));
        assert!(stops_early(Kind::SYSCALL, format!("{call}\"ne").as_bytes()));
        assert!(!stops_early(Kind::SYSCALL, format!("{call}(null)").as_bytes()));
    }

    #[test]
    fn an_apostrophe_in_a_name_opens_no_quote() {
        assert!(!ends_in_quotes(b"comm=\"it's\" exe=\"/a\""));
        assert!(ends_in_quotes(b"argc=2 a0=\"it's\" a1=\"/usr/sh"));
        assert!(ends_in_quotes(b"argc=2 a0=\"a\" a1=\""));
        assert!(!ends_in_quotes(b"argc=2 a0=\"a\" a1=\"--x=\""));
    }
}
