//! The fault rig: simulated officials work on hundreds of dossiers while everything under them fails. Then all is healed,
//! and the checker judges what is left behind.
//!
//! `scenario` lists what is tried; `world` is the services and all around them, `fleet` their processes, `watches` their
//! clocks, `link` the lines between them, `receivers` the subscribers; `office` is the officials, `script` what they want, `acts` how they ask;
//! `nemesis` is what goes wrong, `bus` its hand on NATS; `play` runs one scenario, `rig` all of them.

use std::path::{Path, PathBuf};

mod acts;
mod bus;
mod clock;
mod dice;
mod fleet;
mod link;
mod nemesis;
mod office;
mod play;
mod receivers;
mod rig;
mod scenario;
mod script;
mod watches;
mod world;

pub use play::Played;
pub use rig::run;

/// Plays `dossiers` on three of every service at once, which all run `program`, an ordinary one: PostgreSQL and NATS.
pub async fn three_of_each(program: PathBuf, dossiers: usize, seed: u64, folder: &Path) -> Played {
    play::play(scenario::three(program, dossiers), seed, folder).await
}
