//! One process of one service: started, crashed and started again, with nothing kept but its store.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::Envelope;
use host::{
    Clock, Engine, Fault, Service,
    assembled::{Assembled, Common},
    source::{self, Page, Source},
};
use journal::{Epochs as _, EventRow, Lineage, Store as _};
use law::Law;
use machine::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::{
    Chance, Log, Weather,
    bus::{Hub, SimBus},
    life::Life,
    store::{SimStore, Vault},
};

/// All that a process meets.
pub struct Ground {
    /// Makes the service anew for each start.
    pub service: fn() -> Arc<dyn Service>,
    /// Its name.
    pub name: &'static str,
    /// Its store.
    pub vault: Arc<Vault>,
    /// The stores of the others, for pulling.
    pub vaults: Vec<Arc<Vault>>,
    /// The bus.
    pub hub: Arc<Hub>,
    /// True time; each process has a clock that is off by something.
    pub time: Arc<AtomicI64>,
    /// Dice.
    pub chance: Chance,
    /// Trouble.
    pub weather: Arc<Weather>,
    /// What happened.
    pub log: Log,
}

/// A process, whichever run of it is on.
pub struct Node {
    /// `service/replica`.
    pub name: String,
    ground: Ground,
    skew: i64,
    up: Mutex<Option<Up>>,
    panics: AtomicU64,
}

/// A run that answers calls.
#[derive(Clone)]
pub struct Up {
    /// Its life.
    pub life: Arc<Life>,
    /// Its API.
    pub routes: Routes,
    /// Its engine.
    pub engine: Engine,
    clock: Clock,
    stop: CancellationToken,
}

impl Node {
    /// A process that is not running.
    pub fn new(ground: Ground, replica: usize) -> Arc<Self> {
        let most = ground.weather.skew_ms as i64;
        let skew = (ground.chance.below(2 * most as u64 + 1) as i64 - most) * 1_000;
        Arc::new(Self {
            name: format!("{}/{replica}", ground.name),
            ground,
            skew,
            up: Mutex::default(),
            panics: AtomicU64::new(0),
        })
    }

    /// The service.
    pub fn service(&self) -> &'static str {
        self.ground.name
    }

    fn slot(&self) -> MutexGuard<'_, Option<Up>> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its present run, if it answers calls.
    pub fn up(&self) -> Option<Up> {
        let up = self.slot().clone();
        up.filter(|up| !up.life.is_over() && !up.stop.is_cancelled())
    }

    /// Its clock follows true time, if it runs.
    pub fn tick(&self) {
        if let Some(up) = self.slot().as_ref() {
            up.clock.advance(self.now());
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.ground.time.load(Ordering::Relaxed) + self.skew)
    }

    /// Runs, crashes and runs again, without end.
    pub async fn live(self: Arc<Self>) {
        loop {
            self.run_once().await;
            let pause = 20 + self.ground.chance.below(400);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn run_once(&self) {
        let Ground {
            chance, weather, log, ..
        } = &self.ground;
        let life = Life::new(self.name.clone(), chance.clone(), Arc::clone(weather), log.clone());
        log.note(&self.name, "starts");
        let mut tasks = JoinSet::new();
        let starting = self.start(&life, &mut tasks);
        let started = tokio::select! {
            biased;
            () = life.over() => return,
            started = starting => started,
        };
        match started {
            Ok(up) => {
                let stop = up.stop.clone();
                *self.slot() = Some(up);
                tokio::select! {
                    biased;
                    () = life.over() => {}
                    () = stop.cancelled() => {
                        // Asked to end: it takes no new calls, and may finish what it does.
                        *self.slot() = None;
                        let ending = async { while tasks.join_next().await.is_some() {} };
                        let _ = tokio::time::timeout(Duration::from_secs(2), ending).await;
                    }
                }
                *self.slot() = None;
            }
            // A start that fails is tried again, as whoever runs processes would.
            Err(error) => log.note(&self.name, format_args!("does not start: {error:#}")),
        }
        life.end("its end");
        tasks.abort_all();
        while let Some(ended) = tasks.join_next().await {
            if ended.is_err_and(|error| error.is_panic()) {
                log.note(&self.name, "panicked");
                self.panics.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How often a task of it panicked.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    async fn start(&self, life: &Arc<Life>, tasks: &mut JoinSet<()>) -> anyhow::Result<Up> {
        let ground = &self.ground;
        let clock = Clock::simulated(self.now());
        let common = Common {
            bus: Arc::new(SimBus::new(Arc::clone(&ground.hub), Arc::clone(life))),
            clock: clock.clone(),
            law: Law::embedded(),
        };
        let store = Arc::new(SimStore::new(Arc::clone(&ground.vault), Arc::clone(life)));
        let pull = |producer: &'static str| -> anyhow::Result<Arc<dyn Source>> {
            let vault = ground.vaults.iter().find(|vault| vault.service == producer);
            let vault = vault.ok_or_else(|| anyhow::anyhow!("nobody runs {producer}"))?;
            Ok(Arc::new(Pull {
                producer,
                store: SimStore::new(Arc::clone(vault), Arc::clone(life)),
                chance: ground.chance.clone(),
                weather: Arc::clone(&ground.weather),
            }))
        };
        let assembled = Assembled::new(common, vec![((ground.service)(), store)], pull).await?;
        let mut routes = Routes::builder();
        assembled.routes(None, &mut routes);
        let stop = CancellationToken::new();
        assembled.spawn(tasks, &stop);
        let engine = assembled.engine(ground.name).cloned();
        Ok(Up {
            life: Arc::clone(life),
            routes: routes.routes(),
            engine: engine.ok_or_else(|| anyhow::anyhow!("{} has no engine", ground.name))?,
            clock,
            stop,
        })
    }

    /// Lets it crash within so many calls of ports, or asks it to end.
    pub fn strike(&self, calls: u64, gently: bool) {
        if let Some(up) = self.slot().as_ref() {
            if gently {
                self.ground.log.note(&self.name, "is asked to end");
                up.stop.cancel();
            } else {
                up.life.burn(calls);
            }
        }
    }
}

/// The event log of another service: it may be out of reach.
struct Pull {
    producer: &'static str,
    store: SimStore,
    chance: Chance,
    weather: Arc<Weather>,
}

impl Pull {
    fn reach(&self) -> Result<(), Fault> {
        if self.weather.strikes(&self.chance, self.weather.calls_lost) {
            return Err(Fault::Exhausted("SOURCE_UNAVAILABLE"));
        }
        Ok(())
    }

    fn envelopes(&self, lineage: &Lineage, rows: Vec<EventRow>) -> Vec<Envelope> {
        let envelope = |row| source::envelope(self.producer, lineage, row);
        rows.into_iter().map(envelope).collect()
    }
}

#[async_trait]
impl Source for Pull {
    async fn after(&self, position: i64, limit: u32) -> Result<Page, Fault> {
        self.reach()?;
        let head = self.store.head().await?;
        let rows = self.store.events(position, limit).await?;
        let lineage = self.store.lineage().await?;
        Ok(Page {
            events: self.envelopes(&lineage, rows),
            head,
            epochs: lineage.epochs,
        })
    }

    async fn of(&self, aggregate: &str, after_seq: u64, limit: u32) -> Result<Vec<Envelope>, Fault> {
        self.reach()?;
        let rows = self.store.events_of(&source::key(aggregate), after_seq, limit).await?;
        let lineage = self.store.lineage().await?;
        Ok(self.envelopes(&lineage, rows))
    }
}
