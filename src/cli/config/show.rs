//! `oddsock config show`: what is set.

use std::ffi::OsString;

use clap::{Arg, Args, Command};

use super::layers::{Layers, Set};
use super::settings::{Place, is_list};
use crate::cli::Ending;
use crate::cli::page::Page;
use crate::output::escape;

/// Show what is set, as a file of settings
///
/// What is not set stands there too, behind a #, with what is built in if that is one value.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Say of each value where it comes from
    #[arg(long)]
    origin: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments, program: &Command) -> Result<Ending, String> {
    let page = shown(&super::layers(program)?, program, arguments.origin);
    page.print()?;
    Ok(Ending::Found)
}

/// A line for each setting, those of a command below its name. What holds for a command because it
/// holds for all is not said again.
fn shown(layers: &Layers, program: &Command, with_origins: bool) -> Page {
    let mut page = Page::default();
    let mut rows = Vec::new();
    let mut command = None;
    for place in Place::all(program) {
        let set = layers.at(&place);
        let for_all = Place { command: None, ..place.clone() };
        let is_said = place.command.as_ref().is_some_and(|name| for_all.acts_on(name));
        if is_said && set.is_none() {
            continue;
        }
        if place.command != command {
            page.table(&std::mem::take(&mut rows), "");
            page.plain(&format!("\n[{}]", place.command.as_deref().unwrap_or_default()));
            command.clone_from(&place.command);
        }
        let option = place.definition(program);
        rows.push(row(&place, set, option, with_origins));
    }
    page.table(&rows, "");
    page
}

fn row(place: &Place, set: Option<&Set>, option: Option<&Arg>, with_origin: bool) -> Vec<String> {
    let key = place.setting.key();
    let is_list = option.is_some_and(is_list);
    let line = match set {
        Some(set) => format!("{key} = {}", value(&set.values, is_list)),
        None => {
            let built_in = option.map(Arg::get_default_values).unwrap_or_default();
            let built_in: Vec<OsString> = built_in.iter().map(OsString::from).collect();
            let value = if built_in.is_empty() { String::new() } else { value(&built_in, is_list) };
            format!("# {key} = {value}").trim_end().to_owned()
        }
    };
    let from = if line.ends_with(" =") { "not set" } else { "built in" };
    let origin = set.map_or(from.to_owned(), |set| set.origin.to_string());
    if with_origin { vec![line, format!("# {origin}")] } else { vec![line] }
}

/// A value as TOML has it.
fn value(values: &[OsString], is_list: bool) -> String {
    let one = |value: &OsString| match value.to_string_lossy() {
        number if number.parse::<f64>().is_ok_and(f64::is_finite) => number.into_owned(),
        text => toml::Value::String(text.into_owned()).to_string(),
    };
    let all: Vec<String> = values.iter().map(one).collect();
    // What TOML writes as it is may still play with the terminal.
    let written = escape::harmless(&all.join(", "));
    if is_list { format!("[{written}]") } else { written }
}
