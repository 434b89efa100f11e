//! `vinhdanh --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    vinhdanh::cli::run()
}
