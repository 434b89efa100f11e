//! How services tell one another: NATS JetStream, or in process; one contract and one conformance suite.
//!
//! The bus is a doorbell, never the truth: whatever is pushed here can also be pulled from its producer's journal.
//!
//! `port.rs` is the contract, [`local`] keeps it within one process, [`nats`] between many; `tests/conformance.rs`
//! runs every rule against both.

pub mod local;
pub mod nats;
mod port;

pub use port::*;
