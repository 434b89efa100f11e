//! A count that goes out with the other metrics.

use opentelemetry::{KeyValue, metrics};

/// Counts, by one label.
#[derive(Debug, Clone)]
pub struct Counter {
    inner: metrics::Counter<u64>,
    label: &'static str,
}

impl Counter {
    /// A counter of this name. To be made after [`crate::Telemetry::init`], or it goes nowhere.
    pub fn new(name: &'static str, label: &'static str) -> Self {
        let inner = crate::meter().u64_counter(name).build();
        Self { inner, label }
    }

    /// One more, of this kind.
    pub fn add(&self, kind: &'static str) {
        self.inner.add(1, &[KeyValue::new(self.label, kind)]);
    }
}
