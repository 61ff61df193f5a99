//! The name of a file in a sentence.
//!
//! A path comes in; out goes what everything that is said about files calls it: between quotes, and
//! spelled out as all else that is shown (see [`crate::output::escape`]), so that a name cannot act
//! on a terminal, end its quotes, or be taken for another. It does not know what is said.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::output::escape;

/// A path, as it stands in a sentence.
pub struct Quoted<'p>(pub &'p Path);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut safe = Vec::new();
        escape::quoted(self.0.as_os_str().as_bytes(), &mut safe);
        formatter.write_str(&String::from_utf8_lossy(&safe))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn check(name: &[u8], expected: &str) {
        assert_eq!(Quoted(Path::new(OsStr::from_bytes(name))).to_string(), expected);
    }

    #[test]
    fn a_name_is_told_from_every_other() {
        check(b"/var/log/audit/audit.log", r#""/var/log/audit/audit.log""#);
        check(b"a b", r#""a b""#);
        check(b"a\x1b[2J", r#""a\x1b[2J""#);
        check(br"a\x1b[2J", r#""a\\x1b[2J""#);
        check(b"a\": b", r#""a\": b""#);
        check(b"\xff", r#""\xff""#);
    }
}
