//! The one clock of a run: simulated, so that days of publication fit in seconds. It runs by itself and takes steps.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// 2025-08-04T08:00:00+07:00, a Monday under the rules since 2025-07-01; microseconds.
pub const START: i64 = 1_754_269_200_000_000;
/// A second, in microseconds.
pub const SECOND: i64 = 1_000_000;
/// A day.
pub const DAY: i64 = 86_400 * SECOND;

/// Shared by all who look at it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl Clock {
    /// Now, in microseconds.
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }

    /// Moves it forward; the new time.
    pub fn step(&self, by: i64) -> i64 {
        self.0.fetch_add(by, Ordering::AcqRel) + by
    }
}
