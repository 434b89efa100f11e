//! The nightly sweep of the simulation.

use crate::run::{Outcome, cargo, run};

pub const HELP: &str = "\
cargo xtask simulate [ARG…]

Runs seeds of the deterministic simulation: all services on one thread, over a simulated store and bus, with crashes,
lost and doubled messages, and officials who hang up. Without ARGs: 10,000 seeds of six dossiers each, in an optimised
build. ARGs go to the simulation instead, for example `cargo xtask simulate --seeds 100 --from 7 --json`. A seed that
fails is printed with the command that repeats it and the shortest log that shows it.
";

/// Runs seeds.
pub fn simulate(args: &[&str]) -> Outcome {
    let nightly: &[&str] = &["--seeds", "10000", "--dossiers", "6"];
    let args = if args.is_empty() { nightly } else { args };
    run(cargo()
        .args(["run", "--quiet", "--release", "-p", "simulation", "--"])
        .args(args))
}
