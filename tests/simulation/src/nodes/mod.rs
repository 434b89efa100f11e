//! A model of a hundred nodes and their centre, for figures that one machine cannot measure: a queueing simulation with
//! integer microseconds, one seed one story.
//!
//! Nothing of the house runs here. What a transition costs is put in as measured on one machine (BENCHMARKS.md); what
//! comes out is how cores, shared flushes, lines and outages add up. The rules of news are those of `host`'s consumers:
//! the bus is a doorbell that may be lost, a hole is pulled at once, and who hears nothing asks every so often; lower is
//! a duplicate, next is applied. At its end each run checks itself: what was published is applied once, in the order of
//! its dossier, or the run fails.

mod channel;
mod check;
mod figures;
mod line;
mod load;
mod news;
mod queue;
pub mod scenarios;
mod site;
mod world;

pub use figures::{Figures, Times};
pub use line::Latency;
pub use load::{LEVELS, Level, Load, Way};
pub use world::run;

/// What work costs on an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its name.
    pub name: &'static str,
    /// CPU of a transition, with all that it causes in its node.
    pub act_us: u64,
    /// CPU of an event from elsewhere, also of one that came before, and of a question for events or its answer.
    pub hear_us: u64,
    /// How long a flush takes.
    pub flush_us: u64,
}

impl Engine {
    /// BENCHMARKS.md: 0.56 ms a transition; spread over its calls, rows and events, 0.1 ms each; a lone call takes
    /// 1.16 ms, and what is not CPU is taken for the flush.
    pub const EMBEDDED: Self = Self {
        name: "embedded",
        act_us: 560,
        hear_us: 100,
        flush_us: 600,
    };
    /// The same of PostgreSQL + NATS: 1.26 ms, 0.2 ms, 3.6 ms. The database has cores of its own.
    pub const POSTGRES: Self = Self {
        name: "PostgreSQL + NATS",
        act_us: 1_260,
        hear_us: 200,
        flush_us: 2_340,
    };
}

/// What the centre wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// The dossiers that will climb to it.
    Climbing,
    /// All: a national register.
    Everything,
}

/// Which lines are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// None.
    Never,
    /// Each node's once, each at a time of its own, for so long.
    Each(u64),
    /// All at the same time, for so long.
    Centre(u64),
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Decides everything.
    pub seed: u64,
    /// What work costs.
    pub engine: Engine,
    /// Cores of each node.
    pub cores: usize,
    /// Cores of the centre.
    pub centre_cores: usize,
    /// Of each line.
    pub latency: Latency,
    /// How often who hears nothing asks; `None`: nobody ever asks, and what the bus loses is lost.
    pub reask_us: Option<u64>,
    /// Whether asking ends only with an empty page. In `host` it ends where the producer ended when it was asked.
    pub until_empty: bool,
    /// What the centre hears.
    pub hears: Hears,
    /// What goes wrong.
    pub cut: Cut,
    /// What is handed in; it says how many nodes there are, too.
    pub load: Load,
}
