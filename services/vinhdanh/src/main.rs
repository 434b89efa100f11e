//! The one binary: runs any service or all of them, and is the command line.

use std::process::ExitCode;

mod cli;
mod client;
mod commands;
mod output;
mod words;

fn main() -> ExitCode {
    cli::run()
}
