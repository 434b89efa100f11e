//! `cargo xtask faults`: the rig, and the armed services that it starts as processes of its own.

use std::{io::Read as _, process::ExitCode};

fn main() -> ExitCode {
    let serves = std::env::args().nth(1).as_deref() == Some("serve");
    if !serves {
        return faults::run();
    }
    // A service does not outlive the rig, however the rig ends: the pipe between them then breaks.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
    vinhdanh::cli::run()
}
