//! The processes' own clocks: told the time of the run again and again, and set back for a while.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use futures::future::join_all;
use proto::{
    admin::v1::{GetProgressRequest, ServiceProgress},
    rehearsal::v1::AdvanceTimeRequest,
};
use vinhdanh::client::Client;

use crate::clock::{self, Clock};

/// The clock runs by itself this much faster than the real one.
const CLOCK_RATE: i64 = 60;
const TICK: Duration = Duration::from_millis(250);
/// A process that is halted must not halt the clock of the others.
const TELL_MAX: Duration = Duration::from_millis(300);

/// One process' clock.
#[derive(Clone)]
struct Watch {
    client: Client,
    /// By how much it is wrong, in microseconds.
    behind: i64,
}

/// All of them.
#[derive(Clone)]
pub struct Watches {
    clock: Clock,
    all: Arc<Mutex<BTreeMap<String, Watch>>>,
}

impl Watches {
    /// None yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            all: Arc::default(),
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Watch>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more process, which an operator asks through this client.
    pub fn add(&self, name: &str, client: Client) {
        self.all().insert(name.to_owned(), Watch { client, behind: 0 });
    }

    /// From now on a process lags by so many microseconds.
    pub async fn set_back(&self, name: &str, by: i64) {
        if let Some(watch) = self.all().get_mut(name) {
            watch.behind = by;
        }
        self.tell().await;
    }

    /// All are right again.
    pub async fn set_right(&self) {
        for watch in self.all().values_mut() {
            watch.behind = 0;
        }
        self.tell().await;
    }

    /// Tells all processes what time it is.
    pub async fn tell(&self) {
        let (now, all) = (self.clock.now(), self.all().clone());
        let told = all.into_iter().map(|(name, Watch { client, behind })| async move {
            let mut rehearsal = client.rehearsal(service_of(&name));
            // Nobody's token holds before the beginning.
            let to = clock::START.max(now - behind);
            let telling = rehearsal.advance_time(AdvanceTimeRequest { to });
            // One that is away hears it later.
            _ = tokio::time::timeout(TELL_MAX, telling).await;
        });
        join_all(told).await;
    }

    /// Lets the clock run. Ends with the task.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            self.clock.step(TICK.as_micros() as i64 * CLOCK_RATE);
            self.tell().await;
        }
    }

    /// Days pass, one after the other.
    pub async fn pass(&self, days: u32) {
        for _ in 0..days {
            self.clock.step(clock::DAY);
            self.tell().await;
        }
    }

    /// How far every process is.
    pub async fn progress(&self) -> anyhow::Result<Vec<ServiceProgress>> {
        let (watches, mut progress) = (self.all().clone(), Vec::new());
        for (name, watch) in watches {
            let mut admin = watch.client.admin(service_of(&name));
            let answer = admin.get_progress(GetProgressRequest {}).await;
            let answer = answer.with_context(|| format!("{name} does not answer"))?;
            progress.extend(answer.into_inner().services);
        }
        Ok(progress)
    }
}

/// A name begins with the service, or is that of a process that runs all.
fn service_of(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}
