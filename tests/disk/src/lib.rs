//! Power cuts and bad disks.
//!
//! A small library (`layer/`, compiled by this crate's build script) is loaded under whoever writes: the embedded
//! services, or PostgreSQL. It writes down every write, name and flush of one folder, in order. From that log
//! [`model::Disk`] works out what a disk holds if the power goes at any moment ([`model`] says by which rules), and
//! [`check`] starts services on it: every call that had been acknowledged by then must be there. One run gives as many
//! cuts as wished, each repeatable from the log; nothing depends on when a signal arrives.
//!
//! The same layer makes the disk slow, full or failing, while services run ([`rig::Rig`]).
//!
//! More rounds than the tests have, each on what the last cut of the one before left:
//!
//! ```sh
//! cargo run -p disk --bin power_loss -- --store sqlite --rounds 20 --seed 1
//! cargo run -p disk --bin power_loss -- --store postgres --durability fsync-off   # must find a loss, and exits 1
//! ```
//!
//! The last line is the summary. It exits 0 if nothing was lost.

pub mod check;
pub mod dice;
pub mod log;
pub mod model;
pub mod power;
pub mod replay;
pub mod rig;
pub mod server;
pub mod trouble;
pub mod work;
pub mod world;
