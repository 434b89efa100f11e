//! What a run came to.

use serde_json::{Value, json};

/// Durations, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(Vec<u64>);

impl Times {
    /// One more.
    pub fn add(&mut self, us: u64) {
        self.0.push(us);
    }

    /// The one that so many in a hundred do not exceed, in milliseconds; 0 of none.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let mut times = self.0.clone();
        if times.is_empty() {
            return 0.0;
        }
        let at = (times.len() * percent).div_ceil(100).clamp(1, times.len()) - 1;
        *times.select_nth_unstable(at).1 as f64 / 1e3
    }

    /// The longest, in milliseconds; 0 of none.
    pub fn longest_ms(&self) -> f64 {
        self.0.iter().max().map_or(0.0, |us| *us as f64 / 1e3)
    }

    /// Their mean, in milliseconds; 0 of none.
    pub fn mean_ms(&self) -> f64 {
        self.0.iter().sum::<u64>() as f64 / self.0.len().max(1) as f64 / 1e3
    }

    fn json(&self) -> Value {
        json!({"p50": self.percentile_ms(50), "p99": self.percentile_ms(99), "longest": self.longest_ms()})
    }
}

/// What a run came to. Nothing was lost and nothing applied twice, or there would be none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Dossiers that went their way to the end.
    pub dossiers: usize,
    /// Acknowledged transitions, all over the country.
    pub acts: u64,
    /// Those of the part of the window that is counted, a second.
    pub acts_per_s: f64,
    /// Use of the cores of the node that uses most.
    pub busiest_node: f64,
    /// Use of the centre's cores.
    pub centre: f64,
    /// From a command's arrival at a node to its acknowledgement.
    pub command: Times,
    /// The same at the centre.
    pub command_centre: Times,
    /// From a node's acknowledged act until its effects at the centre are durable.
    pub seen: Times,
    /// From the centre's acknowledged act until its effects at the node are.
    pub back: Times,
    /// Events that one side published for the other: each was applied once.
    pub published: u64,
    /// Events that came again, and were known.
    pub duplicates: u64,
    /// Rings that a cut line swallowed.
    pub lost_rings: u64,
    /// The most that one line's two sides had to catch up with when it was back.
    pub backlog_line: usize,
    /// What all lines' sides had to catch up with, each when it was back.
    pub backlog_all: usize,
    /// How long that took, by direction of each line.
    pub drain: Times,
}

impl Figures {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "dossiers": self.dossiers,
            "transitions": self.acts,
            "transitions_per_s": self.acts_per_s,
            "busiest_node_used": self.busiest_node,
            "centre_used": self.centre,
            "command_at_node_ms": self.command.json(),
            "command_at_centre_ms": self.command_centre.json(),
            "seen_at_centre_ms": self.seen.json(),
            "back_at_node_ms": self.back.json(),
            "published": self.published,
            "duplicates_known": self.duplicates,
            "lost_rings": self.lost_rings,
            "backlog_of_a_line_max": self.backlog_line,
            "backlog_of_all_lines": self.backlog_all,
            "drain_ms": self.drain.json(),
        })
    }
}
