//! All scenarios, one after the other, and the table of what came of them.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Parser;
use mishap::Point;
use serde_json::json;

use crate::{
    play::{Played, play},
    scenario::{self, Scenario},
};

/// Rounds of `--full`.
const ROUNDS: u64 = 10;

/// Officials work while everything under them fails; then the checker judges. Exit status: 0 all is clean, every point
/// at which a process may die was hit, and every rule that was broken on purpose was found broken; 1 not so; 2 the rig
/// itself failed.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask faults")]
struct Args {
    /// Many seeds instead of one.
    #[arg(long)]
    full: bool,
    /// Repeats the schedule of a run; by default another one each time.
    #[arg(long)]
    seed: Option<u64>,
    /// Only the scenario of this name, or those whose name contains it.
    #[arg(long)]
    only: Option<String>,
    /// Prints the table as a JSON object.
    #[arg(long)]
    json: bool,
    /// Keeps the folders of clean runs too.
    #[arg(long)]
    keep: bool,
    /// Names all scenarios and ends.
    #[arg(long)]
    list: bool,
}

/// Runs what the arguments say.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(rig(&args)));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("faults: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn rig(args: &Args) -> anyhow::Result<bool> {
    let mut scenarios: Vec<Scenario> = scenario::all().into_iter().chain(scenario::defects()).collect();
    if let Some(part) = &args.only {
        let is_named = scenarios.iter().any(|scenario| scenario.name == part);
        scenarios.retain(|scenario| scenario.name == part || !is_named && scenario.name.contains(part.as_str()));
    }
    if scenarios.is_empty() {
        bail!("no scenario has this name; --list names all");
    }
    if args.list {
        for scenario in scenarios {
            println!("{}", scenario.name);
        }
        return Ok(true);
    }
    let first = args
        .seed
        .unwrap_or_else(|| host::Clock::System.now().0 as u64 % 1_000_000);
    let rounds = if args.full { ROUNDS } else { 1 };
    let base = std::env::temp_dir().join(format!("vinhdanh-faults-{}", std::process::id()));
    let mut played = Vec::new();
    for seed in first..first + rounds {
        for scenario in &scenarios {
            let folder = base.join(format!("{seed}-{}", scenario.name));
            let run = play(scenario.clone(), seed, &folder).await;
            tell(&run);
            if run.is_as_it_should_be() && !args.keep {
                // What cannot be removed stays.
                _ = std::fs::remove_dir_all(&run.folder);
            }
            played.push(run);
        }
    }
    _ = std::fs::remove_dir(&base);
    let table = Table::new(&played, args.only.is_none());
    if args.json {
        println!("{:#}", table.json());
    } else {
        table.print();
    }
    Ok(table.is_good())
}

/// One line when a scenario is over; more if it is not as it should be.
fn tell(run: &Played) {
    let Played { scenario, seed, .. } = run;
    let verdict = match (run.is_as_it_should_be(), scenario.defect) {
        (true, None) => "clean".to_owned(),
        (true, Some(_)) => format!("the broken rule was found by {}", run.broken().join(" ")),
        (false, Some(_)) => "the broken rule was NOT found".to_owned(),
        (false, None) => format!("NOT clean {}", run.broken().join(" ")),
    };
    eprintln!("{} --seed {seed}: {verdict} · {} s", scenario.name, run.took.as_secs());
    for note in &run.notes {
        eprintln!("  {note}");
    }
    if run.is_as_it_should_be() {
        return;
    }
    for problem in &run.problems {
        eprintln!("  {problem}");
    }
    if let Some(report) = &run.report {
        eprintln!("{}", report.text());
    }
    eprintln!("  left behind in {}", run.folder.display());
    eprintln!("  again: cargo xtask faults --only {} --seed {seed}", scenario.name);
}

/// What came of one scenario over all seeds.
#[derive(Default)]
struct Row {
    defect: bool,
    runs: usize,
    good: usize,
    work: [usize; 4],
    hits: BTreeMap<String, usize>,
    broken: BTreeMap<String, usize>,
    failed: Vec<(u64, PathBuf)>,
}

struct Table {
    rows: Vec<(&'static str, Row)>,
    /// Whether every point has to be hit.
    whole: bool,
}

impl Table {
    fn new(played: &[Played], whole: bool) -> Self {
        let mut rows: Vec<(&'static str, Row)> = Vec::new();
        for run in played {
            let name = run.scenario.name;
            let at = rows.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                rows.push((name, Row::default()));
                rows.len() - 1
            });
            let row = &mut rows[at].1;
            row.defect = run.scenario.defect.is_some();
            row.runs += 1;
            row.good += usize::from(run.is_as_it_should_be());
            for (sum, n) in row.work.iter_mut().zip(run.work) {
                *sum += n;
            }
            for hit in &run.hits {
                *row.hits.entry(hit.clone()).or_default() += 1;
            }
            for invariant in run.broken() {
                *row.broken.entry(invariant).or_default() += 1;
            }
            if !run.is_as_it_should_be() {
                row.failed.push((run.seed, run.folder.clone()));
            }
        }
        Self { rows, whole }
    }

    /// How often each point was hit, in runs that had to be clean.
    fn hits(&self) -> BTreeMap<String, usize> {
        let mut all: BTreeMap<String, usize> = Point::ALL.iter().map(|point| (format!("{point:?}"), 0)).collect();
        for (_, row) in self.rows.iter().filter(|(_, row)| !row.defect) {
            for (point, hits) in &row.hits {
                *all.entry(point.clone()).or_default() += hits;
            }
        }
        all
    }

    fn is_good(&self) -> bool {
        let runs_good = self.rows.iter().all(|(_, row)| row.good == row.runs);
        runs_good && (!self.whole || self.hits().values().all(|hits| *hits > 0))
    }

    fn print(&self) {
        let listed = |counts: &BTreeMap<String, usize>| {
            let all: Vec<_> = counts.iter().map(|(name, count)| format!("{name}×{count}")).collect();
            if all.is_empty() {
                "–".to_owned()
            } else {
                all.join(" ")
            }
        };
        println!(
            "{:<20} {:>5} {:>6} {:>9} {:>13} {:>8}  died at / broken",
            "scenario", "runs", "good", "dossiers", "acknowledged", "unknown"
        );
        for (name, row) in &self.rows {
            let [_, done, acknowledged, unknown] = row.work;
            let (died, broken) = (listed(&row.hits), listed(&row.broken));
            println!(
                "{name:<20} {:>5} {:>6} {done:>9} {acknowledged:>13} {unknown:>8}  {died} / {broken}",
                row.runs, row.good
            );
        }
        println!("died at: {}", listed_in_order(&self.hits()));
        let (clean, planted): (Vec<_>, Vec<_>) = self.rows.iter().partition(|(_, row)| !row.defect);
        let sum = |rows: &[&(&str, Row)], of: fn(&Row) -> usize| rows.iter().map(|(_, row)| of(row)).sum::<usize>();
        let runs = sum(&clean, |row| row.runs);
        // Three over n: what n clean runs say of the rate of failure, at 95 %.
        let bound = if runs > 0 { 300.0 / runs as f64 } else { 100.0 };
        println!(
            "{}/{runs} runs clean (a failure rate below {bound:.1} % at 95 %), {}/{} broken rules found, {}",
            sum(&clean, |row| row.good),
            sum(&planted, |row| row.good),
            sum(&planted, |row| row.runs),
            if self.is_good() {
                "all is well"
            } else {
                "NOT all is well"
            }
        );
    }

    fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|(name, row)| {
            let [begun, done, acknowledged, unknown] = row.work;
            let failed = row
                .failed
                .iter()
                .map(|(seed, folder)| json!({"seed": seed, "folder": folder}));
            json!({
                "scenario": name, "defect": row.defect, "runs": row.runs, "good": row.good,
                "dossiers_begun": begun, "dossiers_done": done, "acknowledged": acknowledged, "unknown": unknown,
                "died_at": row.hits, "broken": row.broken, "failed": failed.collect::<Vec<_>>(),
            })
        });
        json!({"rows": rows.collect::<Vec<_>>(), "died_at": self.hits(), "good": self.is_good()})
    }
}

/// C2 before C10.
fn listed_in_order(hits: &BTreeMap<String, usize>) -> String {
    let all = Point::ALL.iter().map(|point| {
        let name = format!("{point:?}");
        let count = hits.get(&name).copied().unwrap_or_default();
        format!("{name}×{count}")
    });
    all.collect::<Vec<_>>().join(" ")
}
