//! Nothing, at no cost.

use crate::{Defect, Point};

/// Dies here if it is told to.
#[inline]
pub const fn at(_point: Point) {}

/// Whether it is to die at this point.
#[inline]
pub const fn is_set(_point: Point) -> bool {
    false
}

/// Whether this rule is to be broken.
#[inline]
pub const fn planted(_defect: Defect) -> bool {
    false
}

/// What of a batch goes to the bus, and in which order.
#[inline]
pub fn bus<T>(batch: Vec<T>) -> Vec<T> {
    batch
}

/// How often a delivery is applied.
#[inline]
pub const fn times() -> u32 {
    1
}

/// Whether a simulated clock may be set back.
#[inline]
pub const fn clocks_go_back() -> bool {
    false
}

/// Waits for the bus' acknowledgement.
#[inline]
pub fn sent<F: Future>(publishing: F) -> F {
    publishing
}
