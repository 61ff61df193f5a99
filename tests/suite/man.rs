//! `oddsock man`: the manual without an installation.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran};
use crate::shared::project;

fn man(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oddsock"));
    command.arg("man").args(arguments).current_dir(place.folder.path()).stdin(Stdio::null());
    Ran::of(&command.output().expect("it runs"))
}

/// The files of the manual.
fn files() -> Vec<String> {
    let entries = fs::read_dir(project().join("man")).expect("a folder");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("a name");
    let mut files: Vec<String> = entries.map(|entry| name(entry.expect("a page"))).collect();
    files.sort();
    files
}

#[test]
fn every_page_is_in_the_program_and_is_plain_text_where_there_is_no_terminal() {
    let place = Place::new();
    for file in files() {
        let ran = man(&place, &[&file]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{file}");
        for line in ran.out.lines() {
            assert!(!line.starts_with('.') && !line.contains("\\f"), "{file}: {line}");
            assert!(!line.contains(|c: char| c.is_control()), "{file}: {line:?}");
        }
        for part in ["NAME\n       oddsock", "\nSEE ALSO\n", "\nEXAMPLES\n"] {
            assert!(ran.out.contains(part), "{file}: {part}");
        }
    }
}

#[test]
fn installed_pages_are_those_of_the_source_each_below_its_section() {
    let place = Place::new();
    let ran = man(&place, &["--install", "to/man"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for file in files() {
        let (_, section) = file.rsplit_once('.').expect("a section");
        let installed = place.folder.path().join(format!("to/man/man{section}/{file}"));
        let source = project().join("man").join(&file);
        assert_eq!(fs::read(installed).expect(&file), fs::read(source).expect(&file), "{file}");
    }
    place.write("a-file", b"");
    let ran = man(&place, &["--install", "a-file"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("\"a-file/man1\""), "{}", ran.err);
}

#[test]
fn the_list_has_every_page_with_what_it_is_about() {
    let ran = man(&Place::new(), &["--list"]);
    let listed: Vec<&str> = ran.out.lines().filter_map(|line| line.split(' ').next()).collect();
    let expected: Vec<String> = files()
        .iter()
        .map(|file| file.rsplit_once('.').expect("a section"))
        .map(|(name, section)| format!("{name}({section})"))
        .collect();
    assert_eq!(listed, expected);
    assert!(ran.out.lines().all(|line| line.split("  ").count() > 1), "{}", ran.out);
}

#[test]
fn plain_text_says_what_groff_says() {
    let groff = Command::new("groff").arg("--version").output();
    if !groff.is_ok_and(|groff| groff.status.success()) {
        println!("left out: there is no groff");
        return;
    }
    // The words alone, without those that lines are broken in, and blanks of the layout.
    let words = |text: &str| {
        let text = text.replace("‐\n", "").replace(['‐', ' ', '\n', '-'], "");
        text.replace('⟨', "<").replace('⟩', ">")
    };
    for file in files() {
        let arguments = ["-man", "-Tutf8", "-P-cbou", "-rHY=0", "-dAD=l", "-rcR=1"];
        let path = project().join("man").join(&file);
        let formatted = Command::new("groff").args(arguments).arg(path).output().expect("groff");
        let formatted = String::from_utf8(formatted.stdout).expect("UTF-8");
        let ours = man(&Place::new(), &[&file]).out;
        // Head and foot lines are not alike.
        let body = |text: &str| {
            let from = text.find("\nNAME\n").expect("a name section");
            let end = text.rfind("oddsock 0.").filter(|end| *end > from && text.len() - end < 200);
            words(&text[from..end.unwrap_or(text.len())])
        };
        let (ours, theirs) = (body(&ours), body(&formatted));
        let at = ours.chars().zip(theirs.chars()).take_while(|(a, b)| a == b).count();
        let around = |text: &str| text.chars().skip(at.saturating_sub(60)).take(120).collect();
        let (left, right): (String, String) = (around(&ours), around(&theirs));
        assert!(ours == theirs, "{file}:\nours   {left}\ngroff's {right}");
    }
}

#[test]
fn a_terminal_without_any_viewer_shows_plain_text() {
    if !Path::new("/usr/bin/script").exists() {
        println!("left out: there is no script(1)");
        return;
    }
    let command = format!("env PATH=/nowhere {} man rules.1", env!("CARGO_BIN_EXE_oddsock"));
    let ran =
        Command::new("script").args(["-qec", &command, "/dev/null"]).output().expect("script");
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(shown.contains("show the rules there are, and what they say"), "{shown}");
}
