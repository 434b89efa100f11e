//! Proves that nothing is lost: the fault rig, in a binary of its own whose services are armed.

use crate::{
    install,
    run::{Outcome, cargo, run},
};

/// What it does, for `help`.
pub const HELP: &str = "\
cargo xtask faults [--full] [--seed N] [--only NAME] [--keep] [--list] [--json]

Officials work on dossiers while services, PostgreSQL, NATS and the lines between them fail, on both stores; then all is
healed and the checker looks for anything lost, doubled or half done. Ends with a table: runs, deaths by crash point,
broken invariants; last, one rule after the other is broken on purpose, and the checker has to notice. Takes about ten
minutes on two cores; --full takes many seeds. The seed is printed, and --seed repeats its schedule. A run that is not
clean keeps its folder and prints the command that repeats it.
";

/// Builds the rig and runs it.
pub fn faults(args: &[&str]) -> Outcome {
    install::install()?;
    run(cargo()
        .args(["run", "--quiet", "-p", "faults", "--features", "faults", "--"])
        .args(args))
}
