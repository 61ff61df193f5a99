//! `oddsock man`: the manual, which is in the program.
//!
//! In come the pages of `man/`, put in when the program was built; out go the page somebody asks
//! for, by whatever shows manuals here or else in plain text, or all of them as files.

mod plain;
mod viewer;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;

use super::page::Page;
use super::screen;
use super::{Ending, say};
use crate::access::{self, Wanted};
use crate::quoted::Quoted;
use crate::rules::words;

/// The source of each page, by its file's name.
const PAGES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// How wide a page is where there is no terminal.
const WIDTH: usize = 80;

/// Show the manual, which needs no installation
///
/// On a terminal the page is shown as man(1) shows it, if that, mandoc or groff is there; elsewhere
/// it is plain text. Without PAGE, the page to begin with.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// The page, with or without "oddsock-" before it; its section may stand before or behind it
    #[arg(value_name = "PAGE", num_args = 0..=2)]
    page: Vec<String>,

    /// List all pages
    #[arg(long, conflicts_with_all = ["page", "install"])]
    list: bool,

    /// Write all pages into this folder, each below that of its section
    #[arg(long, value_name = "DIR", conflicts_with = "page")]
    install: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  oddsock man                                the page to begin with
  oddsock man replay                         oddsock-replay(1)
  oddsock man 5 rules                        oddsock-rules(5), also as rules.5 or \"rules(5)\"
  oddsock man --list                         all pages, with what they are about
  oddsock man --install ~/.local/share/man   so that man finds them

Exit status: 0 shown or written, 2 wrong usage, no such page, or a page could not be written.";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Ending, String> {
    if arguments.list {
        list()?;
    } else if let Some(folder) = &arguments.install {
        install(folder)?;
    } else {
        let (_, source) = find(&arguments.page)?;
        show(source)?;
    }
    Ok(Ending::Found)
}

fn show(source: &str) -> Result<(), String> {
    if io::stdout().is_terminal() && viewer::show(source) {
        return Ok(());
    }
    let width = screen::width().map_or(WIDTH, |width| width.clamp(40, 100));
    let mut page = Page::default();
    page.bytes(plain::page(source, width).as_bytes());
    page.print()
}

/// The names of all pages, without the program's.
pub fn names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(file, _)| short(name_and_section(file).0))
}

/// The page that somebody means.
fn find(words: &[String]) -> Result<(&'static str, &'static str), String> {
    let (section, word) = match words {
        [] => (None, "oddsock"),
        [word] => section_behind(word),
        [section, word, ..] => (Some(section.as_str()), word.as_str()),
    };
    let is_meant = |(file, _): &&(&str, &str)| {
        let (name, its_section) = name_and_section(file);
        let short = short(name);
        [name, short].contains(&word) && section.is_none_or(|section| section == its_section)
    };
    PAGES.iter().find(is_meant).copied().ok_or_else(|| {
        let names = PAGES.iter().map(|(file, _)| name_and_section(file).0);
        let meant = words::meant(word, names.flat_map(|name| [name, short(name)]));
        let asked = words::quoted(&words.join(" "));
        format!("there is no page {asked} in the manual{meant}; oddsock man --list has them all.")
    })
}

/// `rules(5)` and `rules.5`; a name may have a point too, as `oddsock.toml` has.
fn section_behind(word: &str) -> (Option<&str>, &str) {
    let in_brackets = word.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let behind = in_brackets.or_else(|| word.rsplit_once('.'));
    match behind {
        Some((name, section)) if section.len() == 1 => (Some(section), name),
        _ => (None, word),
    }
}

fn name_and_section(file: &str) -> (&str, &str) {
    file.rsplit_once('.').unwrap_or((file, ""))
}

/// A page's name without the program's.
fn short(name: &str) -> &str {
    name.strip_prefix("oddsock-").or_else(|| name.strip_prefix("oddsock.")).unwrap_or(name)
}

fn list() -> Result<(), String> {
    let rows: Vec<Vec<String>> = PAGES
        .iter()
        .map(|(file, source)| {
            let (name, section) = name_and_section(file);
            vec![format!("{name}({section})"), plain::about(source)]
        })
        .collect();
    let mut page = Page::default();
    page.table(&rows, "");
    page.print()
}

fn install(folder: &Path) -> Result<(), String> {
    for (file, source) in PAGES {
        let below = folder.join(format!("man{}", name_and_section(file).1));
        fs::create_dir_all(&below).map_err(|error| cannot("make", &below, &error))?;
        let path = below.join(file);
        fs::write(&path, source).map_err(|error| cannot("write", &path, &error))?;
    }
    let number = PAGES.len();
    say(&format!(
        "wrote {number} pages into {}; if man does not find them, name the folder in MANPATH.",
        Quoted(folder)
    ));
    Ok(())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {}", Quoted(path), access::told(error, path, Wanted::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str) -> String {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        find(&words).map_or_else(|error| error, |(file, _)| file.to_owned())
    }

    #[test]
    fn a_page_has_its_name_with_or_without_the_program_s_and_a_section() {
        assert_eq!(found(""), "oddsock.1");
        assert_eq!(found("oddsock"), "oddsock.1");
        assert_eq!(found("replay"), "oddsock-replay.1");
        assert_eq!(found("oddsock-replay"), "oddsock-replay.1");
        assert_eq!(found("rules"), "oddsock-rules.1");
        for five in ["5 rules", "rules.5", "rules(5)", "oddsock-rules.5"] {
            assert_eq!(found(five), "oddsock-rules.5", "{five}");
        }
    }

    #[test]
    fn a_page_that_is_not_there_is_told_with_the_one_that_may_be_meant() {
        let wrong = found("reply");
        assert!(wrong.contains("no page \"reply\"") && wrong.contains("\"replay\""), "{wrong}");
        let wrong = found("7 rules");
        assert!(wrong.contains("no page \"7 rules\"") && wrong.contains("--list"), "{wrong}");
        assert!(!found("a\u{1b}[2J").contains('\u{1b}'));
    }

    #[test]
    fn every_page_says_what_it_is_about() {
        for (file, source) in PAGES {
            assert!(!plain::about(source).is_empty(), "{file}");
        }
    }
}
