//! The one binary: runs any service or all of them, and is the command line. A library too, so that whole-system tests
//! start services and call them as it does.

mod assembly;
mod bench;
pub mod cli;
pub mod client;
mod commands;
mod demo;
mod drive;
pub mod installation;
mod output;
mod rehearse;
mod start;
mod words;

pub use rehearse::scenario::Scenario;

pub use rehearse::quiet::what_is_behind;
