//! `oddsock config check`: whether what is set can be used.

use std::env;
use std::path::PathBuf;

use clap::{Args, Command};

use super::layers::{self, Layers, Looked};
use super::settings::Place;
use crate::cli::page::{Page, counted};
use crate::cli::{Ending, say};
use crate::quoted::Quoted;
use crate::rules::words::{meant, quoted};

/// Check files of settings, and say everything that is wrong with them
///
/// Without FILE, all files that oddsock would read, and the environment.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Files to check instead, wherever they are
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, program: &Command) -> Result<Ending, String> {
    let is_named = !arguments.files.is_empty();
    let files = if is_named { arguments.files.clone() } else { layers::files() };
    let mut layers = Layers::default();
    let mut page = Page::default();
    let mut wrong = Vec::new();
    for path in files {
        // A file that is named need not be where it will be, nor belong to whom it will.
        let is_root = !is_named && super::is_root();
        let found = match layers::look(&path, is_root) {
            Ok(Looked::Found(found)) => found,
            Ok(Looked::Refused(why)) => {
                wrong.push(why);
                continue;
            }
            Ok(Looked::Absent) if is_named => {
                wrong.push(format!("cannot read {}: there is no such file.", Quoted(&path)));
                continue;
            }
            Ok(Looked::Absent) => {
                page.plain(&format!("{}: not there", Quoted(&path)));
                continue;
            }
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        match layers.add_file(&found, program) {
            Ok(number) => {
                let settings = counted(number as u64, true, "setting");
                page.plain(&format!("{}: {settings}, nothing wrong", Quoted(&path)));
            }
            Err(errors) => wrong.push(errors),
        }
    }
    if !is_named {
        wrong.extend(layers.add_environment(|name| env::var_os(name), program).err());
        wrong.extend(unknown_variables(program));
    }
    page.print()?;
    wrong.iter().for_each(|wrong| say(wrong));
    Ok(if wrong.is_empty() { Ending::Found } else { Ending::NothingRead })
}

/// A sentence for each variable that looks like a setting and is none.
fn unknown_variables(program: &Command) -> Vec<String> {
    let known: Vec<String> = Place::all(program).iter().map(Place::variable).collect();
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut strange: Vec<String> = names
        .filter(|name| name.starts_with("ODDSOCK_") && !known.contains(name))
        .map(|name| {
            let meant = meant(&name, known.iter().map(String::as_str));
            format!("the environment has {}, which is no setting{meant}", quoted(&name))
        })
        .collect();
    strange.sort();
    strange
}
