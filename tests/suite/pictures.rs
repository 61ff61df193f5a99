//! The pictures of the README: they show what the program prints today, and can be read by who
//! cannot see them.

use std::fs;
use std::process::Command;

use crate::shared::project;

const REMAKE: &str = "make it again with: cargo build --release && pictures/make";

fn picture() -> String {
    fs::read_to_string(project().join("pictures/replay.svg")).expect("a picture")
}

/// What stands between two marks, each time.
fn between<'t>(text: &'t str, begin: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(begin).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default())
}

/// Every letter of the picture with the name of its colour. Blanks are left out: they are where
/// lines are broken, and that depends on the width.
fn drawn(svg: &str) -> Vec<(char, String)> {
    let pieces = between(svg, "<text ", "</text>").map(|text| text.split_once('>').expect("text"));
    let letters = pieces.flat_map(|(attributes, text)| {
        let class = between(attributes, "class=\"", "\"").next().unwrap_or_default().to_owned();
        let plain =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
        let text = plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        text.chars().map(|letter| (letter, class.clone())).collect::<Vec<_>>()
    });
    letters.filter(|(letter, _)| *letter != ' ').collect()
}

/// The same of what was printed.
fn printed(text: &str) -> Vec<(char, String)> {
    let mut letters = Vec::new();
    let mut styles: Vec<&str> = Vec::new();
    for (at, part) in text.split("\x1b[").enumerate() {
        let (codes, said) =
            if at == 0 { ("0", part) } else { part.split_once('m').expect("a style") };
        for code in codes.split(';') {
            match code {
                "0" => styles.clear(),
                "1" => styles.push("bold"),
                "2" => styles.push("dim"),
                "31" => styles.push("red"),
                "33" => styles.push("yellow"),
                other => panic!("{other} is a style that pictures/make and this test do not know"),
            }
        }
        styles.sort();
        let class = styles.join(" ");
        let seen = said.chars().filter(|letter| !letter.is_whitespace());
        letters.extend(seen.map(|letter| (letter, class.clone())));
    }
    letters
}

/// What the program says to the command of a picture: its first line.
fn run(command: &str) -> String {
    let mut run = Command::new(env!("CARGO_BIN_EXE_oddsock"));
    run.args(command.split(' ').skip(1)).args(["--color", "always"]).current_dir(project());
    run.env("TZ", "UTC").env("XDG_CONFIG_HOME", "/nonexistent").env_remove("NO_COLOR");
    let ran = run.output().expect("it runs");
    String::from_utf8([ran.stdout, ran.stderr].concat()).expect("text")
}

fn command(svg: &str) -> String {
    let lines: Vec<&str> = between(svg, "<text ", "</text>").take(2).collect();
    lines[1].split_once('>').expect("a command").1.to_owned()
}

#[test]
fn the_terminal_picture_shows_what_the_program_prints_today_and_in_which_colours() {
    let svg = picture();
    let command = command(&svg);
    let mut shown = drawn(&svg);
    shown.drain(..1 + command.replace(' ', "").len());
    let said = printed(&run(&command));
    let at = shown.iter().zip(&said).take_while(|(one, other)| one == other).count();
    let around = |letters: &[(char, String)]| -> String {
        letters[at.saturating_sub(40)..].iter().take(80).map(|(letter, _)| letter).collect()
    };
    assert!(
        shown == said,
        "pictures/replay.svg is old: {:?}, but it is {:?}; {REMAKE}",
        around(&shown),
        around(&said)
    );
}

#[test]
fn the_terminal_picture_is_text_alone_and_what_is_not_text_is_escaped() {
    let svg = picture();
    assert!(svg.len() < 30_000, "{} bytes", svg.len());
    for forbidden in ["<script", "<image", "<foreignObject", "href", "@font-face", "url(", "\x1b"] {
        assert!(!svg.contains(forbidden), "{forbidden}");
    }
    let known = ["svg", "!--", "title", "style", "rect", "text"];
    for element in svg.split('<').skip(1) {
        let name = element.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
        assert!(known.contains(&name), "{name}");
    }
    for entity in svg.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;", "#x27;"].iter().any(|e| entity.starts_with(e)));
    }
}

#[test]
fn the_readme_shows_both_pictures_and_says_what_is_on_them() {
    let readme = fs::read_to_string(project().join("README.md")).expect("a text");
    let mut shown = Vec::new();
    for image in between(&readme, "![", ")") {
        let (said, file) = image.split_once("](").expect("a picture");
        assert!(said.split_whitespace().count() >= 10, "{file}: {said}");
        shown.push(file);
    }
    assert_eq!(shown, ["pictures/replay.svg", "pictures/report.png"]);
    // A package of the source is without it, because it is large.
    if let Ok(report) = fs::read(project().join("pictures/report.png")) {
        assert!(report.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert!(report.len() < 300_000, "{} bytes", report.len());
    }
}
