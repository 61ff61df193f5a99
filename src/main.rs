//! The program `oddsock`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    oddsock::cli::run(std::env::args_os())
}
