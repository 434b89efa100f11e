//! One run of one process: every wait for a store or the bus may be its last.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

use crate::{Chance, Log, Weather};

/// One run of a process, from its start to its crash. What it held in memory ends with it: its tasks wait for ever at
/// their next call of a port, and nothing that they would do reaches a store or the bus any more.
pub struct Life {
    /// `service/replica`.
    pub name: String,
    chance: Chance,
    weather: Arc<Weather>,
    log: Log,
    dead: AtomicBool,
    died: Notify,
    /// How many calls of ports it still makes.
    fuse: Mutex<Option<u64>>,
}

impl Life {
    /// A fresh run.
    pub fn new(name: String, chance: Chance, weather: Arc<Weather>, log: Log) -> Arc<Self> {
        Arc::new(Self {
            name,
            chance,
            weather,
            log,
            dead: AtomicBool::new(false),
            died: Notify::new(),
            fuse: Mutex::new(None),
        })
    }

    /// Lets it crash at the call of a port that is so many away.
    pub fn burn(&self, calls: u64) {
        *self.fuse.lock().unwrap_or_else(PoisonError::into_inner) = Some(calls);
    }

    /// Crashes it now.
    pub fn end(&self, at: &str) {
        if !self.dead.swap(true, Ordering::Relaxed) {
            self.log.note(&self.name, format_args!("crashes at {at}"));
            self.died.notify_waiters();
        }
    }

    /// Whether it has crashed.
    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Returns once it has crashed.
    pub async fn over(&self) {
        let died = self.died.notified();
        if !self.is_over() {
            died.await;
        }
    }

    /// A call of a port on its way: takes a moment, and comes back only to a process that still runs.
    pub async fn pass(&self, at: &str) {
        self.survive(at).await;
        let delay = self.weather.delay(&self.chance);
        if delay.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(delay).await;
        }
        self.survive(at).await;
    }

    async fn survive(&self, at: &str) {
        let burnt = {
            let mut fuse = self.fuse.lock().unwrap_or_else(PoisonError::into_inner);
            match fuse.as_mut() {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
                None => false,
            }
        };
        if burnt && !self.weather.is_healed() {
            self.end(at);
        }
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}
