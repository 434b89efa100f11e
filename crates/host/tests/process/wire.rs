//! A bus that a test can hold back: what the relay publishes meanwhile goes to the test and to nobody else.

use std::sync::{Arc, Mutex};

use bus::{
    Bus, BusError, Envelope, Identity, Subscription,
    local::{LocalBus, LocalConfig},
};

/// The in-process bus with a hand on the wire. Clones are the same.
#[derive(Clone)]
pub struct Wire {
    /// What is behind it; takes an event as often as it is published.
    pub bus: LocalBus,
    held: Arc<Mutex<Option<Vec<Envelope>>>>,
}

impl Wire {
    pub fn new() -> Self {
        let config = LocalConfig {
            duplicate_window: std::time::Duration::ZERO,
            ..LocalConfig::default()
        };
        Self {
            bus: LocalBus::with(config),
            held: Arc::default(),
        }
    }

    /// From now on the desk's events are kept back.
    pub fn hold(&self) {
        *self.held.lock().expect("no test panics with it") = Some(Vec::new());
    }

    /// What was kept back, in the order of positions.
    pub fn held(&self) -> Vec<Envelope> {
        self.held
            .lock()
            .expect("no test panics with it")
            .clone()
            .unwrap_or_default()
    }
}

#[async_trait::async_trait]
impl Bus for Wire {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), BusError> {
        if let Some(held) = self.held.lock().expect("no test panics with it").as_mut() {
            held.extend_from_slice(batch);
            return Ok(());
        }
        self.bus.publish(batch).await
    }

    async fn subscribe(&self, consumer: &str, producer: &str) -> Result<Box<dyn Subscription>, BusError> {
        self.bus.subscribe(consumer, producer).await
    }

    async fn identity(&self, producer: &str) -> Result<Identity, BusError> {
        self.bus.identity(producer).await
    }

    async fn close(&self) {
        self.bus.close().await;
    }
}
