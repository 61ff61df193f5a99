//! Whether a record stops before its end.
//!
//! Two sorts of records do: those that outgrew the kernel's or auditd's buffer, in the middle of a
//! log, and the last line of a file that is still being written.

use super::fields::SEPARATOR;
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

/// What of a SYSCALL record's body is surely whole, if the record is cut: a name may end in its
/// quote, but nothing shows where a number ends or a word without quotes.
///
/// The kernel ends each of them with its key, and has done so for longer than it has named
/// sessions: one without a key was cut, unless it has its executable and knows no session.
pub fn before_cut(body: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr(SEPARATOR, body).unwrap_or(body.len());
    let raw = &body[..end];
    // Nearly all end so, and all of them come by here.
    let last = &raw[memchr::memrchr(b' ', raw).map_or(0, |blank| blank + 1)..];
    let key = last.strip_prefix(b"key=").unwrap_or_default();
    if key == b"(null)" || key.len() > 1 && key.starts_with(b"\"") && key.ends_with(b"\"") {
        return None;
    }
    look_for_cut(body, raw)
}

/// The same of one whose end is none of the usual ones; `raw` is the body without what auditd adds.
#[cold]
fn look_for_cut<'b>(body: &[u8], raw: &'b [u8]) -> Option<&'b [u8]> {
    if let Some(key) = memchr::memmem::rfind(raw, b" key=") {
        let is_last = raw.len() == body.len();
        return (is_last && is_stump(&raw[key + b" key=".len()..])).then(|| &raw[..key]);
    }
    let has = |name: &[u8]| memchr::memmem::find(raw, name).is_some();
    if has(b" exe=") && !has(b" ses=") {
        return None;
    }
    let is_named = !raw.ends_with(b"=\"") && (raw.ends_with(b"\"") || ends_in_quotes(raw));
    let whole = if is_named { raw.len() } else { memchr::memrchr(b' ', raw).unwrap_or(0) };
    Some(&raw[..whole])
}

/// Whether a key lacks its end: nothing stands there, or half of what the kernel writes for none,
/// or half a pair of hex digits, or one quote.
fn is_stump(value: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    let half_a_pair = !value.len().is_multiple_of(2) && value.iter().all(is_digit);
    let is_open = value.strip_prefix(b"\"").is_some_and(|text| !text.ends_with(b"\""));
    half_a_pair || is_open || value.len() < b"(null)".len() && b"(null)".starts_with(value)
}

/// Whether an EXECVE record stops before the end of a value, as far as it shows: inside quotes,
/// inside a name or right behind it.
pub fn arguments_stop_early(body: &[u8]) -> bool {
    let last = body.rsplit(|b| *b == b' ').next().unwrap_or(b"");
    let has_value = last.ends_with(b"\"") || last.contains(&b'=') && !last.ends_with(b"=");
    !has_value || ends_in_quotes(body)
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
    fn a_call_without_its_key_is_whole_up_to_its_last_field() {
        let check = |body: &str, whole: Option<&str>| {
            assert_eq!(before_cut(body.as_bytes()), whole.map(str::as_bytes), "{body}");
        };
        check(
            "arch=c000003e syscall=42 pid=1 auid=0 uid=10",
            Some("arch=c000003e syscall=42 pid=1 auid=0"),
        );
        check("arch=c000003e syscall=42 pid=1 ui", Some("arch=c000003e syscall=42 pid=1"));
        check("pid=1 ses=2 comm=\"a\"", Some("pid=1 ses=2 comm=\"a\""));
        check("pid=1 ses=2 comm=\"a\" exe=\"/us", Some("pid=1 ses=2 comm=\"a\" exe=\"/us"));
        check("pid=1 ses=2 comm=\"", Some("pid=1 ses=2"));
        check("pid=1 ses=2 comm=\"a\" exe=2F75", Some("pid=1 ses=2 comm=\"a\""));
        check(
            "pid=1 ses=2 comm=\"a\" exe=\"/a\" subj=x",
            Some("pid=1 ses=2 comm=\"a\" exe=\"/a\""),
        );
        for stump in ["", "\"", "\"ne", "(", "(null", "6E6574016F6E6"] {
            check(&format!("ses=2 exe=\"/a\" key={stump}"), Some("ses=2 exe=\"/a\""));
        }
        for whole in ["(null)", "\"net\"", "6E6574016F6E65", "(null)\u{1d}ARCH=x86_64"] {
            check(&format!("ses=2 exe=\"/a\" key={whole}"), None);
        }
        // Older than sessions.
        check("pid=1 uid=0 tty=pts0 comm=\"a\" exe=\"/a\"", None);
    }

    #[test]
    fn arguments_that_stop_behind_a_value_may_be_all() {
        for whole in ["argc=1 a0=\"ls\"", "argc=2 a0=\"x\" a1=2F", "argc=1 a0=\"\"", "argc=4"] {
            assert!(!arguments_stop_early(whole.as_bytes()), "{whole}");
        }
        for cut in ["", "argc=", "argc=2 a0=\"ls\" a1", "argc=2 a0=\"ls\" a1=", "argc=1 a0=\"l"] {
            assert!(arguments_stop_early(cut.as_bytes()), "{cut}");
        }
    }

    #[test]
    fn an_apostrophe_in_a_name_opens_no_quote() {
        assert!(!ends_in_quotes(b"comm=\"it's\" exe=\"/a\""));
        assert!(ends_in_quotes(b"argc=2 a0=\"it's\" a1=\"/usr/sh"));
        assert!(ends_in_quotes(b"argc=2 a0=\"a\" a1=\""));
        assert!(!ends_in_quotes(b"argc=2 a0=\"a\" a1=\"--x=\""));
    }
}
