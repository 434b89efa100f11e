//! One node's machine: cores that work in the order of arrival, and a store whose commits share a flush.

use std::ops::Range;

/// The cores and the store of a node.
pub struct Site<T> {
    /// When each core is free again.
    free_us: Vec<u64>,
    flush_us: u64,
    flushing: bool,
    batch: Vec<T>,
    waiting: Vec<T>,
    /// When the use of the cores is counted.
    counted: Range<u64>,
    busy_us: u64,
}

impl<T> Site<T> {
    /// A machine that has nothing to do.
    pub fn new(cores: usize, flush_us: u64, counted: Range<u64>) -> Self {
        Self {
            free_us: vec![0; cores.max(1)],
            flush_us,
            flushing: false,
            batch: Vec::new(),
            waiting: Vec::new(),
            counted,
            busy_us: 0,
        }
    }

    /// When work that comes now is done.
    pub fn work(&mut self, now_us: u64, cost_us: u64) -> u64 {
        let mut soonest = 0;
        for core in 1..self.free_us.len() {
            if self.free_us[core] < self.free_us[soonest] {
                soonest = core;
            }
        }
        let begun_us = self.free_us[soonest].max(now_us);
        let done_us = begun_us + cost_us;
        self.free_us[soonest] = done_us;
        let (from, to) = (begun_us.max(self.counted.start), done_us.min(self.counted.end));
        self.busy_us += to.saturating_sub(from);
        done_us
    }

    /// Hands a commit to the store; when the flush that it begins ends, if it begins one.
    pub fn commit(&mut self, now_us: u64, commit: T) -> Option<u64> {
        self.waiting.push(commit);
        self.flush(now_us)
    }

    /// What has just become durable, in its order.
    pub fn flushed(&mut self) -> Vec<T> {
        self.flushing = false;
        std::mem::take(&mut self.batch)
    }

    /// Begins the next flush with all that wait; when it ends.
    pub fn flush(&mut self, now_us: u64) -> Option<u64> {
        if self.flushing || self.waiting.is_empty() {
            return None;
        }
        self.flushing = true;
        std::mem::swap(&mut self.batch, &mut self.waiting);
        Some(now_us + self.flush_us)
    }

    /// Which part of its cores was used.
    pub fn used(&self) -> f64 {
        let span_us = (self.counted.end - self.counted.start) * self.free_us.len() as u64;
        self.busy_us as f64 / span_us.max(1) as f64
    }
}
