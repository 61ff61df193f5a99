//! What is shown of names that were made to hide, in each format.

use std::process::Command;

use crate::scene::{hex, log};

/// A terminal draws these as nothing, or as a blank, or as each font has it.
const UNSEEN: &str = "\
    \u{85}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{1680}\u{17b4}\u{17b5}\u{180b}\u{180e}\
    \u{180f}\u{2000}\u{200a}\u{200b}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{202f}\u{205f}\
    \u{2060}\u{206f}\u{2800}\u{3000}\u{3164}\u{fe00}\u{fe0f}\u{feff}\u{ffa0}\u{fff0}\u{fff9}\
    \u{fffb}\u{e000}\u{fdd0}\u{1bca0}\u{1bca3}\u{1d173}\u{1d17a}\u{e0001}\u{e0020}\u{e007f}\
    \u{e0100}\u{e01ef}\u{e0fff}\u{f0000}\u{10fffd}";

/// What the program prints of a connect by a process with this name.
fn shown(name: &str, format: &str) -> String {
    let name = hex(name.as_bytes());
    let log = log(&format!(
        "#6 SYSCALL execve /usr/bin/curl items=2
         > type=EXECVE msg=audit(1723798800.000:6): argc=2 a0=\"curl\" a1={name}
         #7 SYSCALL connect /usr/bin/curl comm={name} key={name}
         #7 SOCKADDR 192.0.2.7:443"
    ));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, log).expect("a file");
    let run = Command::new(env!("CARGO_BIN_EXE_oddsock"))
        .args(["connections", "--format", format])
        .arg(&path)
        .output()
        .expect("a run");
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn no_character_is_there_unseen_in_any_format() {
    for format in ["table", "text", "ndjson", "csv"] {
        let shown = shown(&format!("a{UNSEEN}b"), format);
        assert!(shown.contains("3164"), "{format}: {shown}");
        let left: Vec<char> = shown.chars().filter(|c| UNSEEN.contains(*c)).collect();
        assert!(left.is_empty(), "{format}: {left:?} in {shown}");
    }
}

#[test]
fn what_is_spelled_out_in_json_is_the_same_string() {
    let name = format!("a{UNSEEN}b\u{301}\u{200b}\u{301}");
    let document: serde_json::Value = serde_json::from_str(&shown(&name, "ndjson")).expect("JSON");
    assert_eq!(document["process.name"], name);
    assert_eq!(document["process.args"][1], name);
    assert_eq!(document["tags"][0], name);
}

#[test]
fn a_mark_does_not_fall_on_what_stands_before_a_name() {
    for format in ["table", "text", "ndjson", "csv"] {
        let shown = shown("\u{301}\u{489}e\u{301}", format);
        let marks = shown.matches(['\u{301}', '\u{489}']).count();
        assert_eq!(marks, shown.matches("e\u{301}").count(), "{format}: {shown}");
        assert!(marks > 0, "{format}: {shown}");
    }
}

#[test]
fn writing_that_can_be_seen_is_shown_as_it_is() {
    for name in ["größe", "端末", "नमस्ते", "שָׁלוֹם", "مرحبا", "สวัสดี", "한글", "☺→∑"]
    {
        for format in ["table", "text", "ndjson", "csv"] {
            let shown = shown(name, format);
            assert!(shown.contains(name), "{format}: {shown}");
        }
    }
}
