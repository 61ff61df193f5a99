//! What standard output shows things on: how wide it is, and whether in colours.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};

/// Whether there are colours, for the commands that have any.
#[derive(Args, Debug)]
pub struct Colours {
    /// When to use colours
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true
    )]
    color: When,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum When {
    /// On a terminal that can show them, unless `NO_COLOR` says otherwise.
    Auto,
    Always,
    Never,
}

impl Colours {
    /// Whether standard output is to be coloured.
    pub fn are_wanted(&self) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
                    && io::stdout().is_terminal()
            }
        }
    }
}

/// The width of the terminal that standard output goes to, if it goes to one.
pub fn width() -> Option<usize> {
    io::stdout()
        .is_terminal()
        .then(|| terminal_size::terminal_size().map_or(100, |(width, _)| width.0.into()))
}
