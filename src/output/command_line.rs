//! The arguments of a process as one would type them.

use crate::audit::execve::Arguments;

/// Appends the arguments, parted by blanks and quoted as a shell wants them: so `sh -c 'a b'` and
/// `sh -c a b` stay two things. Bytes that need no quotes stay as they are, UTF-8 or not.
pub(super) fn command_line(arguments: &Arguments, out: &mut Vec<u8>) {
    for (index, argument) in arguments.list.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        if !argument.is_empty() && argument.iter().all(is_plain) {
            out.extend_from_slice(argument);
            continue;
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
}

fn is_plain(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"_@%+=:,./-".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &[&str], expected: &str) {
        let list: Vec<Vec<u8>> = list.iter().map(|a| a.as_bytes().to_vec()).collect();
        let mut out = Vec::new();
        command_line(&Arguments { count: list.len() as u64, list }, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn only_arguments_that_a_shell_would_take_apart_are_quoted() {
        check(&["curl", "-sS", "https://x.example/a?b"], "curl -sS 'https://x.example/a?b'");
        check(&["sh", "-c", "a b"], "sh -c 'a b'");
        check(&["sh", "-c", "a", "b"], "sh -c a b");
        check(&["echo", "", "it's", "größe"], r"echo '' 'it'\''s' größe");
    }
}
