//! `power_loss`: many power cuts, see the library.

use std::process::ExitCode;

use clap::Parser;
use disk::{
    power::{self, Durability, Order, Past},
    trouble::Trouble,
    world::Store,
};

/// Drives dossiers through services on a watched disk, cuts the power, and looks for what was acknowledged.
#[derive(Parser)]
struct Args {
    /// Where history is kept.
    #[arg(long, value_enum)]
    store: Store,
    /// Runs, each on what the last cut of the one before left.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Power cuts in each run.
    #[arg(long, default_value_t = 6)]
    cuts: u32,
    /// Dossiers in each run.
    #[arg(long, default_value_t = 60)]
    dossiers: u32,
    /// Of all chance but the scheduler's.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// With anything but `kept` a loss is to be found.
    #[arg(long, value_enum, default_value = "kept")]
    durability: Durability,
    /// What goes wrong with the disk while officials work.
    #[arg(long, value_enum, default_value = "none")]
    trouble: Trouble,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let folder = tempfile::tempdir()?;
    std::os::unix::fs::chown(folder.path(), disk::server::owner(), None)?;
    let mut past = Past::default();
    let (mut cuts, mut losses, mut looked_for) = (0, 0, 0);
    for round in 0..args.rounds {
        let order = Order {
            store: args.store,
            durability: args.durability,
            trouble: args.trouble,
            seed: args.seed.wrapping_mul(1_000).wrapping_add(round),
            dossiers: args.dossiers,
            cuts: args.cuts,
        };
        let outcome = power::run(order, folder.path(), &mut past).await?;
        println!("round {} seed {}: {outcome}", round + 1, order.seed);
        for cut in outcome.losses() {
            println!("  at {} ({:?}): {} …", cut.position, cut.fate, cut.wrong[0]);
        }
        cuts += outcome.cuts.len();
        losses += outcome.losses().count();
        looked_for += outcome.cuts.iter().map(|cut| cut.acknowledged).sum::<usize>();
        // What is lost is lost; the next round begins on a new disk.
        if outcome.losses().next().is_some() {
            past = Past {
                rounds: past.rounds,
                calls: Vec::new(),
            };
            std::fs::remove_dir_all(folder.path().join("disk"))?;
        }
    }
    println!(
        "{:?}, durability {:?}, trouble {:?}: {} rounds, {cuts} power cuts, {looked_for} acknowledged calls looked for, {losses} cuts with a loss",
        args.store, args.durability, args.trouble, args.rounds
    );
    Ok(if losses == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
