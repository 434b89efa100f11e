//! One side's news for the other: what was published, and how far it has been applied.

use std::collections::BTreeSet;

/// A published event.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Of which dossier.
    pub dossier: usize,
    /// Its number among those of the dossier.
    pub seq: u16,
    /// When it became durable.
    pub at_us: u64,
}

/// From a node to the centre, or back.
#[derive(Debug, Default)]
pub struct Channel {
    /// The producer's log; a position is an index.
    pub log: Vec<Told>,
    /// All before this position is applied.
    cursor: usize,
    /// Applied beyond the cursor.
    beyond: BTreeSet<usize>,
    /// The first position that was not yet heard of.
    pub heard: usize,
    /// When the consumer last asked.
    pub asked_us: Option<u64>,
    /// How many of a page are still to be applied.
    pub page: usize,
    /// Whether that page was full.
    pub full: bool,
    /// Since when the line is back, how far the log went then, until that is applied.
    catching_up: Option<(u64, usize)>,
}

impl Channel {
    /// All before this position is applied.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// How much is not applied.
    pub fn backlog(&self) -> usize {
        self.log.len() - self.cursor - self.beyond.len()
    }

    /// The line is back; how much is to be caught up with.
    pub fn back(&mut self, now_us: u64) -> usize {
        let backlog = self.backlog();
        if backlog > 0 {
            self.catching_up = Some((now_us, self.log.len()));
        }
        backlog
    }

    /// An event's effects are durable; how long it took to catch up, if that is over now.
    pub fn applied(&mut self, now_us: u64, position: usize) -> Option<u64> {
        self.beyond.insert(position);
        while self.beyond.remove(&self.cursor) {
            self.cursor += 1;
        }
        let (since_us, _) = self.catching_up.take_if(|(_, until)| self.cursor >= *until)?;
        Some(now_us - since_us)
    }
}
