//! The line between a node and the centre: what is sent keeps its order, as on one connection; while it is cut, what is
//! on its way is lost for ever.

use std::ops::Range;

use crate::Chance;

/// How long a message takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// One way.
    pub mean_us: u64,
    /// So much more or less.
    pub spread_us: u64,
}

/// One node's line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// When it is cut.
    pub cuts: Vec<Range<u64>>,
    /// When the last message arrives, by direction.
    last_us: [u64; 2],
}

impl Line {
    /// A line with these cuts.
    pub fn new(cuts: Vec<Range<u64>>) -> Self {
        Self { cuts, last_us: [0; 2] }
    }

    /// When a message that is sent now arrives; `None`: never.
    pub fn carry(&mut self, now_us: u64, up: bool, latency: Latency, chance: &Chance) -> Option<u64> {
        let Latency { mean_us, spread_us } = latency;
        let takes_us = mean_us.saturating_sub(spread_us) + chance.below(2 * spread_us + 1);
        let last_us = &mut self.last_us[usize::from(up)];
        let at_us = (now_us + takes_us).max(*last_us);
        if self.cuts.iter().any(|cut| cut.start <= at_us && now_us < cut.end) {
            return None;
        }
        *last_us = at_us;
        Some(at_us)
    }
}
