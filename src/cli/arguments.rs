//! ausearch's way of writing options, turned into one that clap understands.
//!
//! `-ts yesterday 10:00` is a one-dash option of two letters with two values; it becomes `--start`
//! and one value.

use std::ffi::{OsStr, OsString};

/// ausearch's options of several letters and their long forms here.
const SPELLINGS: [(&str, &str); 4] =
    [("-ts", "--start"), ("-te", "--end"), ("-ui", "--user"), ("-ul", "--auid")];

/// The arguments with ausearch's spellings replaced.
pub fn as_clap_likes(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter().peekable();
    let mut replaced = Vec::new();
    let mut only_files = false;
    while let Some(argument) = arguments.next() {
        only_files |= argument == "--";
        let long = SPELLINGS.iter().find(|(short, _)| argument == *short && !only_files);
        let long = long.map(|(_, long)| OsStr::new(long));
        let argument = long.map_or(argument, OsStr::to_os_string);
        let takes_time = !only_files && (argument == "--start" || argument == "--end");
        replaced.push(argument);
        if takes_time && let Some(mut value) = arguments.next() {
            if let Some(time) = arguments.next_if(|next| is_clock(next)) {
                value.push(" ");
                value.push(time);
            }
            replaced.push(value);
        }
    }
    replaced
}

/// `14:30` or `14:30:05`.
fn is_clock(text: &OsStr) -> bool {
    let text = text.as_encoded_bytes();
    matches!(text.len(), 4..=8)
        && text.contains(&b':')
        && text.iter().all(|b| b.is_ascii_digit() || *b == b':')
        && text.first().is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expected: &[&str]) {
        let replaced = as_clap_likes(given.split(' ').map(OsString::from));
        assert_eq!(replaced, expected, "{given}");
    }

    #[test]
    fn ausearchs_times_become_one_value() {
        check("o c -ts today f", &["o", "c", "--start", "today", "f"]);
        check("o c -ts yesterday 10:00 f", &["o", "c", "--start", "yesterday 10:00", "f"]);
        check("o c --end 2024-08-16 9:00:01", &["o", "c", "--end", "2024-08-16 9:00:01"]);
    }

    #[test]
    fn what_is_no_clock_is_a_file() {
        check("o c -ts today 1000 f:1", &["o", "c", "--start", "today", "1000", "f:1"]);
        check("o c -- -ts today 10:00", &["o", "c", "--", "-ts", "today", "10:00"]);
    }
}
