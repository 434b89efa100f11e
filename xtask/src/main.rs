//! The project's own chores: `cargo xtask help` lists them. Std only, so that it compiles in a second.

mod faults;
mod install;
mod lint;
mod run;
mod simulate;

use std::process::ExitCode;

use run::{Outcome, cargo, run};

const HELP: &str = "\
The project's own chores.

  cargo xtask test [ARG…]   install what the tests need, then run them all; ARGs go to `cargo test` instead
  cargo xtask lint          formatting, clippy without warnings, and no second copy of a core dependency
  cargo xtask gen [ARG…]    rewrite the law book and the reviewed snapshots after a deliberate change; read the diff, then commit it
  cargo xtask freeze        keep this release's histories, to be replayed by every later one
  cargo xtask faults [ARG…] break everything under working officials, and prove that nothing is lost
  cargo xtask simulate      ten thousand seeds of the deterministic simulation
  cargo xtask install       install the servers that the tests need, and print where they are
  cargo xtask help [CMD]    this, or more about one of them
";

const TEST_HELP: &str = "\
cargo xtask test [ARG…]

Installs the pinned test servers if they are missing, then runs every test of the workspace. With ARGs it runs
`cargo test ARG…` instead, for example `cargo xtask test -p journal` or `cargo xtask test a_vote_after`.
The last line is the summary of the last test program.
";

const LINT_HELP: &str = "\
cargo xtask lint

`cargo fmt --check`, `cargo clippy` for all targets with warnings as errors, and a look at the dependency tree: one
version each of the crates whose types cross borders, and nothing that brings a second TLS library.
";

const GEN_HELP: &str = "\
cargo xtask gen [ARG…]

Writes the law book, docs/law, from the data in crates/law/data. Then runs `cargo test ARG…` (all tests without ARGs) and
rewrites each snapshot that differs. A changed line in a machine's table or in the law book is a changed rule: read
`git diff` before you commit.
";

const FREEZE_HELP: &str = "\
cargo xtask freeze

Plays all rehearsals and keeps what they recorded in tests/histories/v<version of the workspace>, for ever: from then on
the tests replay it through the machines of the day. Part of every release, and refused where that release is there: what
was released is never written again.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Outcome {
    match *args {
        [command, "--help" | "-h"] | ["help", command] => help(command),
        [] | ["help" | "--help" | "-h"] => help(""),
        ["install"] => install::install().map(|folder| println!("{}", folder.display())),
        ["lint"] => lint::lint(),
        ["faults", ref args @ ..] => faults::faults(args),
        ["simulate", ref args @ ..] => simulate::simulate(args),
        ["freeze"] => {
            run(cargo().args(["build"]))?;
            let test = [
                "test",
                "-p",
                "tests",
                "--test",
                "histories",
                "--",
                "--ignored",
                "this_release",
            ];
            run(cargo().args(test))
        }
        ["test", ref args @ ..] => install::install().and_then(|_| test(args)),
        ["gen", ref args @ ..] => {
            install::install()?;
            // First: a test compares the committed book with the data.
            run(cargo().args(["run", "--quiet", "-p", "law", "--example", "book", "--", "docs/law"]))?;
            run(cargo()
                .arg("test")
                .args(args)
                .env("INSTA_UPDATE", "always")
                .env("INSTA_FORCE_PASS", "1"))
        }
        _ => Err(format!("unknown: {}\n\n{HELP}", args.join(" "))),
    }
}

fn help(command: &str) -> Outcome {
    let text = match command {
        "" => HELP,
        "test" => TEST_HELP,
        "lint" => LINT_HELP,
        "gen" => GEN_HELP,
        "freeze" => FREEZE_HELP,
        "faults" => faults::HELP,
        "install" => install::HELP,
        "simulate" => simulate::HELP,
        unknown => return Err(format!("unknown: {unknown}\n\n{HELP}")),
    };
    print!("{text}");
    Ok(())
}

/// Nothing is printed after the tests: the last line of a run is a test summary.
fn test(args: &[&str]) -> Outcome {
    if args.is_empty() {
        // The default members, as `cargo run` has them, so that both share one build. Examples in documents first:
        // most crates have none, and the last summary should be one of real tests.
        // Whole-system tests start the binary itself.
        run(cargo().args(["build"]))?;
        run(cargo().args(["test", "--quiet", "--doc"]))?;
        // Not among the default members: a second program there would leave `cargo run` in doubt.
        run(cargo().args(["test", "--quiet", "-p", "simulation", "-p", "disk"]))?;
        run(cargo().args(["test", "--tests", "--no-fail-fast"]))
    } else {
        run(cargo().arg("test").args(args))
    }
}
