//! Defects that are planted on purpose: a simulation that does not find each of them proves nothing.

/// A planted defect of the simulated store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Defect {
    /// A consumed event is not looked up in the inbox: it may be applied twice, and out of its turn.
    InboxOff,
    /// A commit is taken whatever version it was decided on.
    VersionOff,
    /// Request ids are not looked up: a repeat is a new act.
    RequestsIgnored,
    /// Events are written after their commit, on their own: a crash in between loses them.
    OutboxApart,
    /// A commit is acknowledged before it is durable: a crash in between loses it.
    AckBeforeCommit,
    /// Positions are given out before the commit, so that a later one may be seen first.
    SequenceForOrder,
    /// A timer is not looked up when it fires: it may fire twice, or after it was cleared.
    TimersUnchecked,
    /// The hash chain leaves a row out now and then.
    ChainSkipped,
    /// Consumers' cursors are kept too far ahead.
    CursorAhead,
    /// A sealed value is forgotten now and then.
    BoxLeaks,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::InboxOff,
        Self::VersionOff,
        Self::RequestsIgnored,
        Self::OutboxApart,
        Self::AckBeforeCommit,
        Self::SequenceForOrder,
        Self::TimersUnchecked,
        Self::ChainSkipped,
        Self::CursorAhead,
        Self::BoxLeaks,
    ];

    /// Its word on the command line.
    pub fn word(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
