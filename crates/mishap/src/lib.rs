//! Where a process may be told to die, and which rules it may be told to break: so that a test can prove that nothing
//! is lost when it dies there, and that the test would notice if a rule were broken.
//!
//! Ordinary builds are not `armed`: every call here is empty and costs nothing. The fault rig (`tests/faults`) arms its
//! own binary, which then reads the variable [`VARIABLE`] once:
//!
//! ```text
//! crash=C4:3      dies at the third passing of C4
//! defect=inbox    breaks the rule of this name
//! drop=30         of a hundred events that go to the bus so many are lost for ever
//! shuffle         events go to the bus in any order
//! times=3         every delivery is applied so many times
//! back            a simulated clock may be set back
//! seed=7          what is random follows from it
//! hits=FILE       a line is added for each point at which it died
//! ```

/// The variable that an armed process reads.
pub const VARIABLE: &str = "VINHDANH_FAULTS";

/// The same as a key that the configuration has to leave alone; none in ordinary builds, which refuse it.
pub const KEYS: &[&str] = if cfg!(feature = "armed") { &["faults"] } else { &[] };

/// A moment at which a process may die.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// What a commit depends on is read, and locked where the store locks.
    C1,
    /// All of a commit is written, its transaction is open.
    C2,
    /// It is durable, nobody was told.
    C3,
    /// Its events are read for the bus and not sent.
    C4,
    /// Events are sent to the bus, which has not acknowledged them.
    C5,
    /// The bus has them, the relay's cursor is not moved.
    C6,
    /// The effects of an event are durable, the bus was not told.
    C7,
    /// A webhook was taken, and is not marked as delivered.
    C8,
    /// A mail was taken, and is not marked as delivered.
    C9,
    /// That a member voted is written in the open transaction, the ballot is not in the box.
    C10,
    /// History is written in the open transaction, the rest is not.
    C11,
    /// Between two migrations at start.
    C12,
    /// Timers are read as due, none has fired.
    C13,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::C1,
        Self::C2,
        Self::C3,
        Self::C4,
        Self::C5,
        Self::C6,
        Self::C7,
        Self::C8,
        Self::C9,
        Self::C10,
        Self::C11,
        Self::C12,
        Self::C13,
    ];
}

/// A rule that may be broken, to see whether the checker notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Events are written in a transaction of their own, after the commit.
    Outbox,
    /// No event is known to be applied already.
    Inbox,
    /// What is not yet durable is acknowledged.
    AckFirst,
    /// Decisions stand whatever version they were made on.
    Version,
    /// The highest position seen is taken for the last one applied.
    Order,
    /// A repeat is a new request.
    Requests,
    /// A row's hash does not follow from the row.
    Chain,
}

impl Defect {
    /// All of them, with the names that the variable knows them by.
    pub const ALL: [(&'static str, Self); 7] = [
        ("outbox", Self::Outbox),
        ("inbox", Self::Inbox),
        ("ack-first", Self::AckFirst),
        ("version", Self::Version),
        ("order", Self::Order),
        ("requests", Self::Requests),
        ("chain", Self::Chain),
    ];
}

#[cfg(feature = "armed")]
mod armed;
#[cfg(feature = "armed")]
pub use armed::{at, bus, clocks_go_back, is_set, planted, sent, times};

#[cfg(not(feature = "armed"))]
mod unarmed;
#[cfg(not(feature = "armed"))]
pub use unarmed::{at, bus, clocks_go_back, is_set, planted, sent, times};
