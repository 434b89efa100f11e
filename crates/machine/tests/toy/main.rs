//! What the machine crate promises, shown on a toy machine.

mod explores;
mod paper;
mod refuses;
mod replays;
mod versions;
