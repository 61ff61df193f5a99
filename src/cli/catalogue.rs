//! Which rules are asked: the built-in ones, those of this machine, and those of given files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::access::{self, Wanted};
use crate::quoted::Quoted;
use crate::rules::{Catalogue, LARGEST_FILE, Rule};

/// Where a machine's own rules are.
pub const RULES: &str = "/etc/oddsock/rules.d";

/// Which rules are asked.
#[derive(Args, Debug)]
pub struct Choice {
    /// Only this rule, by its name, title, id or job; may be given more than once
    #[arg(long, value_name = "NAME", help_heading = "Rules")]
    rule: Vec<String>,

    #[command(flatten)]
    own: Own,
}

/// Which rules there are besides the built-in ones.
#[derive(Args, Default, Debug)]
pub struct Own {
    /// Rules of this file, or of the .toml files in this folder, in place of those of the same name
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,
}

impl Own {
    /// All rules there are.
    pub fn catalogue(&self) -> Result<Catalogue, String> {
        let mut catalogue = Catalogue::builtin();
        let mut places = vec![toml_files_if_any(Path::new(RULES))?];
        for place in &self.rules {
            places.push(toml_files(place)?);
        }
        for files in places {
            let mut rules = Vec::new();
            for path in files {
                let text = text_of(&path, LARGEST_FILE)?;
                let name = path.to_string_lossy();
                rules.push(Rule::read(&name, &text).map_err(|error| error.to_string())?);
            }
            catalogue.add(rules).map_err(|error| error.to_string())?;
        }
        Ok(catalogue)
    }
}

impl Choice {
    /// All rules there are.
    pub fn catalogue(&self) -> Result<Catalogue, String> {
        self.own.catalogue()
    }

    /// Which rules are named; none if all are meant.
    pub fn words(&self) -> &[String] {
        &self.rule
    }

    /// The files and folders of rules that were given.
    pub fn places(&self) -> &[PathBuf] {
        &self.own.rules
    }

    /// The rules that are asked.
    pub fn rules(&self) -> Result<Vec<Arc<Rule>>, String> {
        let catalogue = self.catalogue()?;
        let mut chosen: Vec<Rule> = Vec::new();
        if self.rule.is_empty() {
            chosen.extend(catalogue.rules().iter().cloned());
        }
        for word in &self.rule {
            let rule = catalogue.find(word).map_err(|error| error.to_string())?;
            if !chosen.iter().any(|known| known.name == rule.name) {
                chosen.push(rule.clone());
            }
        }
        Ok(chosen.into_iter().map(Arc::new).collect())
    }
}

/// The `.toml` files in a folder that need not be there. One that cannot be looked at is an error:
/// nobody should believe that what is in it holds.
pub fn toml_files_if_any(folder: &Path) -> Result<Vec<PathBuf>, String> {
    match folder.try_exists() {
        Ok(true) => toml_files(folder),
        Ok(false) => Ok(Vec::new()),
        Err(error) => Err(unreadable(folder, &error)),
    }
}

/// A file, or the `.toml` files in a folder, by their names.
fn toml_files(place: &Path) -> Result<Vec<PathBuf>, String> {
    if !place.is_dir() {
        return Ok(vec![place.to_path_buf()]);
    }
    let unreadable = |error: io::Error| unreadable(place, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(place).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("cannot read {}: {}", Quoted(path), access::told(error, path, Wanted::Read))
}

/// The text of a file that is no larger than it may be.
pub fn text_of(path: &Path, most: usize) -> Result<String, String> {
    use std::io::Read as _;
    let unreadable = |error: io::Error| unreadable(path, &error);
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > most {
        return Err(format!("{} is larger than {} KiB.", Quoted(path), most >> 10));
    }
    utf8(path, bytes)
}

/// The text that a file has in it, or where it ceases to be one.
pub fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let (bytes, good) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let before = String::from_utf8_lossy(&bytes[..good]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let found = if is_utf16 { "this is UTF-16" } else { "this byte is not of UTF-8 text" };
        let path = path.to_string_lossy();
        format!("{path}:{line}:{column}: {found}; save the file as UTF-8")
    })
}
