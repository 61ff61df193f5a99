//! The arguments of a process as one would type them.

use std::io::Write;

use super::execve::Arguments;

/// Appends the arguments, parted by blanks and quoted as a shell wants them: so `sh -c 'a b'` and
/// `sh -c a b` stay two things. Bytes that need no quotes stay as they are, UTF-8 or not.
///
/// Where arguments are missing, or the end of the one before is, stands `…(+2 arguments missing)`.
/// No argument can feign that, for one with a bracket in it is quoted.
pub fn command_line(arguments: &Arguments, out: &mut Vec<u8>) {
    let mut separator: &[u8] = b"";
    let mut gaps = arguments.gaps.iter().peekable();
    for index in 0..=arguments.list.len() {
        // The end of an argument and those after it are two gaps in one place.
        let here = std::iter::from_fn(|| gaps.next_if(|gap| gap.at == index));
        let missing: u64 = here.map(|gap| gap.missing).sum();
        if missing > 0 {
            out.extend_from_slice(separator);
            let plural = if missing == 1 { "" } else { "s" };
            let _ = write!(out, "…(+{missing} argument{plural} missing)");
            separator = b" ";
        }
        if let Some(argument) = arguments.list.get(index) {
            out.extend_from_slice(separator);
            quoted(argument, out);
            separator = b" ";
        }
    }
}

fn quoted(argument: &[u8], out: &mut Vec<u8>) {
    if !argument.is_empty() && argument.iter().all(|byte| NEEDS_NO_QUOTES[usize::from(*byte)]) {
        return out.extend_from_slice(argument);
    }
    out.push(b'\'');
    for (index, part) in argument.split(|b| *b == b'\'').enumerate() {
        if index > 0 {
            out.extend_from_slice(br"'\''");
        }
        out.extend_from_slice(part);
    }
    out.push(b'\'');
}

/// Whether a shell takes a byte for nothing but itself.
const NEEDS_NO_QUOTES: [bool; 256] = {
    let mut needs_none = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        needs_none[byte] = byte >= 0x80 || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut plain: &[u8] = b"_@%+=:,./-";
    while let [first, rest @ ..] = plain {
        needs_none[*first as usize] = true;
        plain = rest;
    }
    needs_none
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::execve::Gap;

    fn check(list: &[&str], gaps: &[(usize, u64)], expected: &str) {
        let list: Vec<Vec<u8>> = list.iter().map(|a| a.as_bytes().to_vec()).collect();
        let gaps = gaps.iter().map(|&(at, missing)| Gap { at, missing }).collect();
        let mut out = Vec::new();
        command_line(&Arguments { count: list.len() as u64, list, gaps }, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn only_arguments_that_a_shell_would_take_apart_are_quoted() {
        check(&["curl", "-sS", "https://x.example/a?b"], &[], "curl -sS 'https://x.example/a?b'");
        check(&["sh", "-c", "a b"], &[], "sh -c 'a b'");
        check(&["sh", "-c", "a", "b"], &[], "sh -c a b");
        check(&["echo", "", "it's", "größe"], &[], r"echo '' 'it'\''s' größe");
    }

    #[test]
    fn arguments_that_are_missing_are_marked_in_their_place() {
        check(&["a", "b"], &[(1, 3)], "a …(+3 arguments missing) b");
        check(&["a", "b"], &[(2, 1)], "a b …(+1 argument missing)");
        check(&["b"], &[(0, 2)], "…(+2 arguments missing) b");
        check(&["a", "cut"], &[(2, 1), (2, 4)], "a cut …(+5 arguments missing)");
        check(&[], &[(0, 2)], "…(+2 arguments missing)");
    }

    #[test]
    fn an_argument_that_looks_like_the_mark_is_quoted() {
        check(&["a", "…(+3 arguments missing)"], &[], "a '…(+3 arguments missing)'");
        check(&["a", "", "b"], &[], "a '' b");
    }
}
