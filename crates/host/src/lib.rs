//! One service process: engine, relay, consumers, timers, gRPC server, health, shutdown.
//!
//! A service brings a [`Service`]: its machines' replayers, its gRPC routes, its reactions. The host brings everything
//! else. The path of every act is the same: authenticate → load → decide on a copy ([`Unit`]) → commit → answer, and
//! again from the load if another decision was first.

pub mod access_layer;
pub mod admin;
pub mod admission;
pub mod assembled;
pub mod clock;
pub mod config;
mod consumer;
mod doors;
pub mod engine;
pub mod entropy;
pub mod fault;
mod fold;
pub mod grants;
mod hot;
pub mod limits;
mod lineage;
pub mod paging;
pub mod process;
mod reasons;
mod relay;
pub mod replica;
mod request;
pub mod service;
pub mod source;
mod timers;
pub mod unit;

pub use access_layer::principal;
pub use clock::Clock;
pub use engine::{Call, Engine};
pub use fault::Fault;
pub use fold::{fold, is_clean};
pub use process::{Process, ProcessConfig};
pub use reasons::{REASONS, Reason};
pub use service::{Aggregate, Kind, Published, Service};
pub use unit::Unit;
