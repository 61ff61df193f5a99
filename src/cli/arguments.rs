//! ausearch's way of writing options, turned into one that clap understands.
//!
//! `-ts yesterday 10:00` is a one-dash option of two letters with two values; it becomes `--start`
//! and one value.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// ausearch's options of several letters and their long forms here; then our own other names for
/// those with a time.
const SPELLINGS: [(&str, &str); 8] = [
    ("-ts", "--start"),
    ("-te", "--end"),
    ("-ui", "--user"),
    ("-ul", "--auid"),
    ("--ts", "--start"),
    ("--te", "--end"),
    ("--start", "--start"),
    ("--end", "--end"),
];

/// ausearch's options that are not here, some of which would be taken for others (`-ua` for the
/// user "a"), and what to do instead.
const NOT_HERE: [(&str, &str); 14] = [
    ("-ua", "give --user or --auid"),
    ("-ue", "give --user, the real user, who is mostly the same"),
    ("-hn", "give --address or --node"),
    ("-pp", "give --format ndjson and choose by process.parent.pid"),
    ("-sv", "give --outcome success or --outcome failure"),
    ("-sc", "give --action"),
    ("-if", "name the files without an option"),
    ("-i", "numbers are interpreted already, in every --format but raw"),
    ("-r", "give --format raw"),
    ("--raw", "give --format raw"),
    ("-m", "a connection is made of records of several types; --action chooses among them"),
    ("-gi", "give --format ndjson and choose by group.id; groups have no option"),
    ("-ga", "give --format ndjson and choose by group.id; groups have no option"),
    ("-ge", "give --format ndjson and choose by group.id; groups have no option"),
];

/// A sentence for the first of the arguments that is an option of ausearch's and not here.
pub fn not_here(arguments: &[OsString]) -> Option<String> {
    let options = arguments.iter().take_while(|argument| *argument != "--");
    let found = options.filter_map(|argument| named(argument, &NOT_HERE)).next();
    found.map(|(name, way_out, _)| format!("ausearch's option {name} is not here: {way_out}."))
}

/// The arguments with ausearch's spellings replaced.
pub fn as_clap_likes(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments = arguments.into_iter().peekable();
    let mut replaced = Vec::new();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            replaced.push(argument);
            replaced.extend(arguments);
            break;
        }
        let Some((option, value)) = spelled(&argument) else {
            replaced.push(argument);
            continue;
        };
        let is_option = |next: &OsString| spelled(next).is_some() || next == "--";
        let Some(mut value) = value.or_else(|| arguments.next_if(|next| !is_option(next))) else {
            replaced.push(option.into());
            continue;
        };
        let takes_time = matches!(option, "--start" | "--end");
        if takes_time && let Some(time) = arguments.next_if(|next| is_clock(next)) {
            value.push(" ");
            value.push(time);
        }
        // As one argument, so that a value may begin with a dash.
        let mut whole = OsString::from(option);
        whole.push("=");
        whole.push(value);
        replaced.push(whole);
    }
    replaced
}

/// The option that this argument is, in its long form, and the value after its equals sign.
fn spelled(argument: &OsStr) -> Option<(&'static str, Option<OsString>)> {
    named(argument, &SPELLINGS).map(|(_, long, value)| (long, value))
}

/// An option, what a table says of it, and the value after its equals sign.
type Named = (&'static str, &'static str, Option<OsString>);

/// The option of this table that the argument is.
fn named(argument: &OsStr, table: &[(&'static str, &'static str)]) -> Option<Named> {
    table.iter().find_map(|(name, entry)| {
        let rest = argument.as_bytes().strip_prefix(name.as_bytes())?;
        match rest.strip_prefix(b"=") {
            Some(value) => Some((*name, *entry, Some(OsStr::from_bytes(value).to_os_string()))),
            None => rest.is_empty().then_some((*name, *entry, None)),
        }
    })
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
        check("o c -ts today f", &["o", "c", "--start=today", "f"]);
        check("o c -ts yesterday 10:00 f", &["o", "c", "--start=yesterday 10:00", "f"]);
        check("o c -ts=yesterday 10:00 f", &["o", "c", "--start=yesterday 10:00", "f"]);
        check("o c --end 2024-08-16 9:00:01", &["o", "c", "--end=2024-08-16 9:00:01"]);
        check("o c -te -2h -ul -1", &["o", "c", "--end=-2h", "--auid=-1"]);
    }

    #[test]
    fn what_is_no_clock_is_a_file() {
        check("o c -ts today 1000 f:1", &["o", "c", "--start=today", "1000", "f:1"]);
        check("o c -ui 10:00 9:00", &["o", "c", "--user=10:00", "9:00"]);
        check("o c -- -ts today 10:00", &["o", "c", "--", "-ts", "today", "10:00"]);
    }

    #[test]
    fn a_value_that_is_missing_is_clap_s_to_complain_of() {
        check("o c f -ts", &["o", "c", "f", "--start"]);
        check("o c -ts -te now", &["o", "c", "--start", "--end=now"]);
        check("o c -tsx --start-up", &["o", "c", "-tsx", "--start-up"]);
    }
}
