//! How a deterministic machine is written, stepped, recorded, replayed and drawn.
//!
//! A machine is pure: snapshot and stimulus in; new snapshot and effects out, or a refusal. It never reads a clock, a
//! random number, a file or a socket; all that it needs arrives in the stimulus.
//!
//! To write one: a struct for the data that all states share, an enum for the states (serde-tagged, so that stored
//! snapshots outlive every build), handlers under statig's `state_machine` macro with `state(custom)`, and an
//! implementation of [`Machine`] whose [`Machine::dispatch`] is one line: a call of [`drive`].

mod digest;
mod explore;
mod migrate;
mod replay;
mod step;

pub use digest::{Digest, Outcome, digest, outcome, outcome_of};
pub use explore::{Cell, Explored, Unowned, explore, explore_by, explore_under};
pub use migrate::{Migrate, Obstacle, Prospect, migrate, prospect};
pub use replay::{Divergence, Recorded, Replayer, Try, Untaken, replay, retake};
pub use step::{
    Actor, Cx, Effect, Machine, OnBehalf, Refusal, Snapshot, Stepped, Stimulus, Timestamp, Waiting, advance,
    advance_under, drive, step, step_under, variant_name,
};
