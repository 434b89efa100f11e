//! The bus of the embedded default: in process, in memory, nothing to install.
//!
//! It keeps the contract of [`crate::nats`], its bounds included, so that a service cannot tell which one it runs on.
//! Memory is bounded: a producer's newest envelopes are kept, for late and slow consumers alike, and the oldest fall
//! out; a consumer that missed some sees the gap in `seq` and pulls them from the producer.

mod stream;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::Instant;

use self::stream::Stream;
use crate::{Bus, BusError, Delivery, Envelope, Identity, Subscription};

/// What an in-process bus promises; the default is what it does in production.
#[derive(Clone, Debug)]
pub struct LocalConfig {
    /// A delivery that is not settled within this time is delivered again. Default 30 s.
    pub ack_wait: Duration,
    /// An event id is taken once within this time (and within the newest `kept_max` ids). Default 2 minutes.
    pub duplicate_window: Duration,
    /// How many envelopes of one producer are kept, more than `unsettled_max`; a feed that is further behind pulls from the
    /// log. Default 2,000.
    pub kept_max: usize,
    /// How many bytes of bodies of one producer are kept; the newest envelope always is. Default 2 MiB.
    pub kept_bytes_max: usize,
    /// How many deliveries of one consumer may be unsettled before it gets no new ones. Default 1,000.
    pub unsettled_max: usize,
    /// What [`Identity::created`] starts with. It differs at every start by default, for what an earlier process held
    /// in memory is lost; a simulation sets it.
    pub boot: String,
}

impl Default for LocalConfig {
    fn default() -> Self {
        Self {
            ack_wait: Duration::from_secs(30),
            duplicate_window: Duration::from_mins(2),
            kept_max: 2_000,
            kept_bytes_max: 2 << 20,
            unsettled_max: 1_000,
            // The standard library's hasher keys are random for every process: all that is needed here.
            boot: format!("{:016x}", RandomState::new().hash_one("vinhdanh")),
        }
    }
}

/// A bus within one process. Clones are the same bus.
#[derive(Clone)]
pub struct LocalBus {
    config: Arc<LocalConfig>,
    state: Arc<Mutex<State>>,
    /// Something changed that a waiting feed may be interested in.
    changed: Arc<Notify>,
}

#[derive(Default)]
struct State {
    down: bool,
    /// How often everything was forgotten; feeds and deliveries of an earlier life are void.
    life: u64,
    /// How often the feeds were ended; earlier ones answer with an error.
    ended: u64,
    streams: HashMap<String, Stream>,
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalBus {
    /// An empty bus with the settings of production.
    pub fn new() -> Self {
        Self::with(LocalConfig::default())
    }

    /// An empty bus with other settings.
    pub fn with(config: LocalConfig) -> Self {
        Self {
            config: Arc::new(config),
            state: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// Forgets all streams, feeds and deliveries, as if the server's disk had been replaced: identities change, and
    /// publishing fails until [`Bus::identity`] or [`Bus::subscribe`] has made the stream again. For rehearsals and tests.
    pub fn lose(&self) {
        let mut state = self.lock();
        state.life += 1;
        state.streams.clear();
        drop(state);
        self.changed.notify_waiters();
    }

    /// Nobody reaches the bus any more: every call answers [`BusError::Unavailable`], and what is settled meanwhile is
    /// not heard. For rehearsals and tests.
    pub fn down(&self) {
        self.lock().down = true;
        self.changed.notify_waiters();
    }

    /// The bus can be reached again and still has everything that it had.
    pub fn up(&self) {
        self.lock().down = false;
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under this lock in a way that leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self) -> Result<MutexGuard<'_, State>, BusError> {
        let state = self.lock();
        if state.down {
            Err(BusError::Unavailable("the in-process bus is down".into()))
        } else {
            Ok(state)
        }
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), BusError> {
        let now = Instant::now();
        let mut state = self.reach()?;
        // All or nothing, as the caller sees it: no envelope is taken before every stream is known to be there.
        if let Some(lost) = batch.iter().find(|e| !state.streams.contains_key(&e.producer)) {
            let producer = &lost.producer;
            return Err(BusError::Unavailable(format!(
                "no stream of {producer}: ask for its identity, which makes it"
            )));
        }
        for envelope in batch {
            if let Some(stream) = state.streams.get_mut(&envelope.producer) {
                stream.take(envelope, now, &self.config);
            }
        }
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    async fn subscribe(&self, consumer: &str, producer: &str) -> Result<Box<dyn Subscription>, BusError> {
        let mut state = self.reach()?;
        state.streams.entry(producer.to_owned()).or_default().join(consumer);
        let (life, ended) = (state.life, state.ended);
        drop(state);
        let feed = Feed {
            bus: self.clone(),
            consumer: consumer.into(),
            producer: producer.into(),
            life,
        };
        Ok(Box::new(LocalSubscription { feed, ended }))
    }

    async fn identity(&self, producer: &str) -> Result<Identity, BusError> {
        let mut state = self.reach()?;
        let last = state.streams.entry(producer.to_owned()).or_default().last();
        Ok(Identity {
            created: format!("{}-{}", self.config.boot, state.life),
            last,
        })
    }

    /// Ends the feeds that are open now, of all clones. Whoever subscribes again goes on where they were: the services
    /// of one process share the bus, and one that stops must not silence the others.
    async fn close(&self) {
        self.lock().ended += 1;
        self.changed.notify_waiters();
    }
}

/// Which feed, of which life of the bus.
#[derive(Clone)]
struct Feed {
    bus: LocalBus,
    consumer: Arc<str>,
    producer: Arc<str>,
    life: u64,
}

struct LocalSubscription {
    feed: Feed,
    ended: u64,
}

impl LocalSubscription {
    /// What is due now, or else when something unsettled will be.
    fn take_due(&self, max: usize) -> Result<Taken, BusError> {
        let Feed {
            bus,
            consumer,
            producer,
            life,
        } = &self.feed;
        let broken =
            |why: &str| BusError::Unavailable(format!("feed of {consumer} on {producer} {why}: subscribe again"));
        let mut state = bus.reach()?;
        if state.ended != self.ended {
            return Err(broken("was closed"));
        }
        if state.life != *life {
            return Err(broken("was lost"));
        }
        let stream = state.streams.get_mut(&**producer).ok_or_else(|| broken("was lost"))?;
        let due = stream.due(consumer, max.max(1), Instant::now(), &bus.config);
        Ok(if due.is_empty() {
            Taken::NothingUntil(stream.next_due(consumer))
        } else {
            Taken::Due(due)
        })
    }
}

enum Taken {
    Due(Vec<(u64, Arc<Envelope>)>),
    NothingUntil(Option<Instant>),
}

#[async_trait]
impl Subscription for LocalSubscription {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Box<dyn Delivery>>, BusError> {
        let bus = self.feed.bus.clone();
        let deadline = Instant::now() + wait;
        loop {
            // Before looking, so that a change between the look and the wait is not missed.
            let changed = bus.changed.notified();
            let again = match self.take_due(max)? {
                Taken::Due(due) => {
                    let deliver = |(number, envelope)| -> Box<dyn Delivery> {
                        Box::new(LocalDelivery {
                            feed: self.feed.clone(),
                            number,
                            envelope,
                        })
                    };
                    return Ok(due.into_iter().map(deliver).collect());
                }
                Taken::NothingUntil(due) => due.map_or(deadline, |due| due.min(deadline)),
            };
            let timed_out = tokio::time::timeout_at(again, changed).await.is_err();
            if timed_out && again == deadline {
                return Ok(Vec::new());
            }
        }
    }
}

struct LocalDelivery {
    feed: Feed,
    number: u64,
    envelope: Arc<Envelope>,
}

impl LocalDelivery {
    /// Unsettled it comes again after the ack-wait, just as on NATS; so a dropped delivery needs no care.
    fn settle(&self, again: Option<Instant>) {
        let Feed {
            bus,
            consumer,
            producer,
            life,
        } = &self.feed;
        let mut state = bus.lock();
        if state.down || state.life != *life {
            return;
        }
        if let Some(stream) = state.streams.get_mut(&**producer) {
            stream.settle(consumer, self.number, again);
        }
        drop(state);
        bus.changed.notify_waiters();
    }
}

#[async_trait]
impl Delivery for LocalDelivery {
    fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    async fn ack(self: Box<Self>) {
        self.settle(None);
    }

    async fn nak(self: Box<Self>, delay: Duration) {
        self.settle(Some(Instant::now() + delay));
    }

    async fn term(self: Box<Self>) {
        self.settle(None);
    }
}
