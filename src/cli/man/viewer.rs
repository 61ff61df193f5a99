//! Shows a page of the manual on the terminal, with what this machine has for it.
//!
//! Whatever is there is used as it is set up: man knows the user's pager, colours and width. What
//! comes in is the page's source; whether anything has shown it goes out.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

/// What shows a page that it is given on its standard input, best first.
const VIEWERS: [(&str, &[&str]); 2] = [("man", &["-l", "-"]), ("mandoc", &["-a"])];

/// What makes text of a page, which then needs a pager. Letters are struck over, which pagers turn
/// into bold ones; escapes they do not all let through.
const FORMATTER: (&str, &[&str]) = ("groff", &["-man", "-Tutf8", "-P-c"]);

/// Shows a page; says whether anything did.
pub fn show(source: &str) -> bool {
    let is_shown = |(program, arguments): &(&str, &[&str])| {
        let mut command = Command::new(program);
        given(command.args(*arguments).stderr(Stdio::null()), source.as_bytes()).is_some()
    };
    VIEWERS.iter().any(is_shown) || formatted(source).is_some_and(|text| paged(&text))
}

fn formatted(source: &str) -> Option<Vec<u8>> {
    let mut command = Command::new(FORMATTER.0);
    command.args(FORMATTER.1).stdout(Stdio::piped()).stderr(Stdio::null());
    given(&mut command, source.as_bytes()).filter(|text| !text.is_empty())
}

/// Hands a text to the user's pager.
fn paged(text: &[u8]) -> bool {
    let set = ["MANPAGER", "PAGER"].into_iter().filter_map(env::var_os);
    let mut set = set.filter(|pager| !pager.is_empty());
    let pager = set.next().unwrap_or_else(|| "less".into());
    // As man does: a pager may be set with options.
    given(Command::new("sh").arg("-c").arg(pager), text).is_some()
}

/// What a program prints that is given a text, or nothing if it fails.
fn given(command: &mut Command, text: &[u8]) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
    // Whoever leaves a pager before its end closes the pipe, and that is no failure. A page is
    // smaller than a pipe, so this does not wait for a formatter that waits for its own output.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(text);
    }
    let output = child.wait_with_output().ok()?;
    output.status.success().then_some(output.stdout)
}
