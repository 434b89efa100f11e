//! Deterministic simulation: the real machines, engines, consumers, relays, timers and APIs of all services, on one
//! thread, over a simulated store and a simulated bus, with one clock. A seed decides how long everything takes, in
//! which order it happens, and what goes wrong; the same seed gives the same log. Once all trouble is over the stores
//! and what the officials were told must agree (I1–I5, I9, I11–I14).
//!
//! The seed decides through [`Chance`] alone. What the house draws itself (ids, jitter) follows from
//! `host::entropy::seed_thread`; its loops choose in a fixed order; virtual time moves when nobody has anything to do.

mod act;
mod bus;
mod chance;
mod checker;
mod crew;
mod defect;
pub mod life;
mod line;
pub mod log;
mod node;
pub mod nodes;
mod script;
pub mod store;
pub mod sweep;
mod weather;
mod world;

pub use chance::Chance;
pub use defect::Defect;
pub use log::Log;
pub use weather::Weather;
pub use world::{Options, Outcome, run};
