//! `simulation nodes`: the figures of docs/scaling.md.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use simulation::nodes::{
    Engine, Latency,
    scenarios::{Common, Limit, Row, line},
};

/// A model of many nodes and their centre, with the measured cost of a transition put in: exit code 1 if something was
/// lost, applied twice or out of order.
#[derive(Args)]
pub struct Country {
    /// Decides everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Nodes beside the centre.
    #[arg(long, default_value_t = 100)]
    nodes: usize,
    /// How many of them are provinces; the others are ministries and central bodies.
    #[arg(long, default_value_t = 34)]
    provinces: usize,
    /// Cores of each node.
    #[arg(long, default_value_t = 2)]
    cores: usize,
    /// Cores of the centre.
    #[arg(long, default_value_t = 2)]
    centre_cores: usize,
    /// One way between a node and the centre.
    #[arg(long, default_value_t = 20)]
    latency_ms: u64,
    /// So much more or less.
    #[arg(long, default_value_t = 5)]
    spread_ms: u64,
    /// How often who hears nothing asks.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u64).range(1..))]
    reask_ms: u64,
    /// Asking ends only with an empty page; without this it ends with one that is not full, as the services do it.
    #[arg(long)]
    until_empty: bool,
    /// How long load comes.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(20..))]
    minutes: u64,
    /// CPU of a transition, instead of what was measured on each engine.
    #[arg(long)]
    act_us: Option<u64>,
    /// CPU of an event from elsewhere, likewise.
    #[arg(long)]
    hear_us: Option<u64>,
    /// A flush, likewise.
    #[arg(long)]
    flush_us: Option<u64>,
    /// Does not look for the limits.
    #[arg(long)]
    no_limits: bool,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Country {
    /// Plays all scenarios.
    pub fn run(&self) -> ExitCode {
        match self.figures() {
            Ok(()) => ExitCode::SUCCESS,
            Err(broken) => {
                eprintln!("broken: {broken:#}");
                ExitCode::FAILURE
            }
        }
    }

    fn figures(&self) -> anyhow::Result<()> {
        let common = Common {
            seed: self.seed,
            nodes: self.nodes,
            provinces: self.provinces,
            cores: self.cores,
            centre_cores: self.centre_cores,
            latency: Latency {
                mean_us: self.latency_ms * 1_000,
                spread_us: self.spread_ms * 1_000,
            },
            reask_us: self.reask_ms * 1_000,
            until_empty: self.until_empty,
            window_us: self.minutes * 60_000_000,
            engines: [Engine::EMBEDDED, Engine::POSTGRES].map(|engine| Engine {
                act_us: self.act_us.unwrap_or(engine.act_us),
                hear_us: self.hear_us.unwrap_or(engine.hear_us),
                flush_us: self.flush_us.unwrap_or(engine.flush_us),
                ..engine
            }),
        };
        let print = |cells: &[String]| {
            if !self.json {
                println!("{}", line(cells));
            }
        };
        self.heading(&Row::HEADING);
        let rows = common.rows(|row| print(&row.cells()))?;
        let limits = if self.no_limits {
            Vec::new()
        } else {
            self.heading(&Limit::HEADING);
            common.limits(|limit| print(&limit.cells()))?
        };
        if self.json {
            let rows: Vec<_> = rows.iter().map(Row::json).collect();
            let limits: Vec<_> = limits.iter().map(Limit::json).collect();
            println!(
                "{}",
                json!({"seed": self.seed, "nodes": self.nodes, "rows": rows, "limits": limits})
            );
        }
        Ok(())
    }

    fn heading(&self, heading: &[&str]) {
        if !self.json {
            println!("\n{}\n{}", line(heading), line(&vec!["---"; heading.len()]));
        }
    }
}
