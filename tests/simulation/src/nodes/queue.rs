//! What will happen, and when: integer microseconds, ties in the order in which they were put in.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Things to come, soonest first.
pub struct Queue<T> {
    heap: BinaryHeap<Reverse<(u64, u64, T)>>,
    put: u64,
}

impl<T: Ord> Default for Queue<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            put: 0,
        }
    }
}

impl<T: Ord> Queue<T> {
    /// It will happen then.
    pub fn put(&mut self, at_us: u64, what: T) {
        self.put += 1;
        self.heap.push(Reverse((at_us, self.put, what)));
    }

    /// The next thing and its moment.
    pub fn take(&mut self) -> Option<(u64, T)> {
        self.heap.pop().map(|Reverse((at_us, _, what))| (at_us, what))
    }
}
