//! Runs seeds, and shows what broke: exit code 0 if all is well, 1 if a seed failed.

mod country;

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, stderr},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};
use serde_json::json;
use simulation::{
    Defect, Options, Outcome,
    sweep::{smallest, story, sweep},
};

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// All services on one thread, over a simulated store and bus, with everything that can go wrong; by seed.
#[derive(Parser)]
#[command(name = "simulation", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    other: Option<Other>,
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many run side by side.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// How many dossiers each seed has; without it the seed says.
    #[arg(long)]
    dossiers: Option<usize>,
    /// Plants a defect that is to be found.
    #[arg(long, value_enum)]
    defect: Option<Defect>,
    /// Nothing goes wrong.
    #[arg(long)]
    calm: bool,
    /// Prints the whole log of each seed.
    #[arg(long)]
    log: bool,
    /// Goes on after a seed that failed.
    #[arg(long)]
    keep_going: bool,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What is simulated instead.
#[derive(Subcommand)]
enum Other {
    Nodes(country::Country),
}

/// What all seeds came to.
#[derive(Default)]
struct Sum {
    seeds: u64,
    acts: usize,
    rows: usize,
    entries: u64,
    virtual_ms: u64,
    failed: Vec<Outcome>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Other::Nodes(nodes)) = &cli.other {
        return nodes.run();
    }
    let options = Options {
        dossiers: cli.dossiers,
        defect: cli.defect,
        calm: cli.calm,
        keep_log: false,
        show_log: cli.log,
    };
    let (begun, mut told, mut sum) = (now(), now(), Sum::default());
    sweep(cli.from, cli.seeds, cli.threads, options, |outcome| {
        sum.seeds += 1;
        sum.acts += outcome.acts;
        sum.rows += outcome.rows;
        sum.entries += outcome.entries;
        sum.virtual_ms += outcome.took_ms;
        if cli.log {
            println!("seed {}: {} lines, {}", outcome.seed, outcome.entries, outcome.digest);
        }
        if told.elapsed() >= TOLD_EVERY {
            told = now();
            progress(&sum, cli.seeds, begun);
        }
        let fine = outcome.broken.is_empty();
        if !fine {
            sum.failed.push(outcome);
        }
        fine || cli.keep_going
    });
    let took_s = begun.elapsed().as_secs_f64();
    if cli.json {
        println!("{}", summary(&sum, took_s));
    } else {
        let Sum {
            seeds,
            acts,
            rows,
            virtual_ms,
            ..
        } = &sum;
        println!(
            "{seeds} seeds in {took_s:.1} s: {acts} acts acknowledged, {rows} rows of history, {:.0} virtual seconds, {} failed",
            *virtual_ms as f64 / 1_000.0,
            sum.failed.len()
        );
    }
    if let Some(failed) = sum.failed.iter().min_by_key(|failed| failed.seed) {
        show(failed, options);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "only to tell how long it takes")]
fn now() -> Instant {
    Instant::now()
}

fn progress(sum: &Sum, seeds: u64, begun: Instant) {
    let line = format!(
        "{} of {seeds} seeds, {} failed, {:.0} s",
        sum.seeds,
        sum.failed.len(),
        begun.elapsed().as_secs_f64()
    );
    if stderr().is_terminal() {
        eprint!("\r{line} ");
    } else {
        eprintln!("{line}");
    }
}

fn summary(sum: &Sum, took_s: f64) -> serde_json::Value {
    let failed = sum
        .failed
        .iter()
        .map(|failed| json!({"seed": failed.seed, "broken": failed.broken}));
    // Nothing was found in so many runs: with 95 % confidence the failure rate lies below this.
    let bound = if sum.failed.is_empty() {
        json!(3.0 / sum.seeds.max(1) as f64)
    } else {
        json!(null)
    };
    json!({
        "seeds": sum.seeds,
        "acts": sum.acts,
        "history_rows": sum.rows,
        "log_lines": sum.entries,
        "virtual_s": sum.virtual_ms as f64 / 1_000.0,
        "real_s": took_s,
        "failure_rate_below_at_95_percent": bound,
        "failed": failed.collect::<Vec<_>>(),
    })
}

/// The seed that failed, how to repeat it, and the shortest log that shows it.
fn show(failed: &Outcome, options: Options) {
    let (options, small) = smallest(failed, options);
    let mut again = format!("cargo run -p simulation -- --seeds 1 --from {}", failed.seed);
    // Writing to a string cannot fail.
    if let Some(dossiers) = options.dossiers {
        let _ = write!(again, " --dossiers {dossiers}");
    }
    if let Some(defect) = options.defect {
        let _ = write!(again, " --defect {}", defect.word());
    }
    if options.calm {
        again.push_str(" --calm");
    }
    eprintln!("\nseed {} fails:", failed.seed);
    for finding in failed.broken.iter().take(20) {
        eprintln!("  {finding}");
    }
    eprintln!("its smallest run breaks:");
    for finding in small.broken.iter().take(20) {
        eprintln!("  {finding}");
    }
    for line in story(&small) {
        eprintln!("{line}");
    }
    eprintln!("again: {again} --log");
}
