//! `cargo run -p fuzz -- …`: as many inputs as one likes.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use fuzz::{house::House, memory::resident_kib, run::run, seeds, targets};

/// Readers and RPCs, given what nobody would send.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Mutations of all targets' seeds, or of one's.
    Readers {
        /// Only this target.
        #[arg(long)]
        target: Option<String>,
        /// Mutations of each.
        #[arg(long, default_value_t = 100_000)]
        count: usize,
        /// What decides them.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Calls of every RPC of services of its own.
    Calls {
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        count: usize,
        /// What decides them.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// PostgreSQL in place of SQLite.
        #[arg(long)]
        database: Option<String>,
    },
    /// Five times the capacity, while dossiers are decided.
    Overload {
        /// For how long.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Reads files with a target, as they are: what a fuzzer found.
    Read {
        /// The target.
        target: String,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Writes the seeds of all targets, each into a folder of its own, for a fuzzer to start from.
    Seeds {
        /// Where to.
        folder: PathBuf,
    },
}

fn main() -> std::io::Result<()> {
    match Args::parse().command {
        Command::Readers { target, count, seed } => {
            let chosen = |one: &&targets::Target| target.as_deref().is_none_or(|name| name == one.name);
            for target in targets::ALL.iter().filter(chosen) {
                run(*target, count, seed);
                println!(
                    "{}: {count} mutations of seed {seed}, {} KiB resident",
                    target.name,
                    resident_kib()
                );
            }
        }
        Command::Calls { count, seed, database } => {
            let runtime = tokio::runtime::Runtime::new()?;
            let sound = runtime.block_on(calls(count, seed, database));
            if !sound {
                std::process::exit(1);
            }
        }
        Command::Overload { seconds } => {
            let runtime = tokio::runtime::Runtime::new()?;
            let wrong = runtime.block_on(overload(Duration::from_secs(seconds)));
            for finding in &wrong {
                println!("{finding}");
            }
            if !wrong.is_empty() {
                std::process::exit(1);
            }
        }
        Command::Read { target, files } => {
            let target = targets::ALL.iter().find(|one| one.name == target);
            let target = target.ok_or_else(|| std::io::Error::other("no such target"))?;
            for file in files {
                println!("{}", file.display());
                (target.run)(&std::fs::read(&file)?);
            }
        }
        Command::Seeds { folder } => {
            for target in targets::ALL {
                let into = folder.join(target.name);
                std::fs::create_dir_all(&into)?;
                for (n, seed) in seeds::of(target.name).iter().enumerate() {
                    std::fs::write(into.join(format!("seed-{n:04}")), seed)?;
                }
            }
        }
    }
    Ok(())
}

/// What was not as it must be.
async fn overload(load: Duration) -> Vec<String> {
    let data = tempfile::tempdir().expect("a folder");
    let house = House::start(data.path(), None).await;
    let outcome = fuzz::overload::run(&house, load).await;
    println!("{outcome:#?}");
    house.is_quiet().await;
    house.is_sound().await;
    outcome.wrong()
}

/// Whether nothing was found.
async fn calls(count: usize, seed: u64, database: Option<String>) -> bool {
    /// Between two looks at the memory.
    const LEG: usize = 10_000;
    let data = tempfile::tempdir().expect("a folder");
    let house = House::start(data.path(), database).await;
    let mut sound = true;
    for (leg, from) in (0..count).step_by(LEG).enumerate() {
        let storm = if leg % 4 == 0 {
            house.strangers()
        } else {
            house.people()
        };
        let report = storm.blow(&house.url(), LEG.min(count - from), seed + leg as u64).await;
        println!(
            "leg {leg} (seed {}): {:?}, {} KiB resident",
            seed + leg as u64,
            report.codes,
            resident_kib()
        );
        for finding in &report.findings {
            println!("  {finding}");
        }
        sound &= report.findings.is_empty();
    }
    house.a_dossier_passes("900/QĐ-UBND").await;
    house.is_quiet().await;
    house.is_sound().await;
    sound
}
