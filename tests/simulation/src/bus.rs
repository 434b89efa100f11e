//! The simulated bus: at least once, any order, any loss, on the simulation's clock and with its weather.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bus::{Bus, BusError, Delivery, Envelope, Identity, Subscription};
use tokio::{sync::Notify, time::Instant};

use crate::{Chance, Log, Weather, life::Life};

/// A delivery that is not settled within this time comes again.
const ACK_WAIT: Duration = Duration::from_secs(4);

/// The bus itself: what outlives every process.
pub struct Hub {
    streams: Mutex<BTreeMap<String, Stream>>,
    changed: Notify,
    chance: Chance,
    weather: Arc<Weather>,
    log: Log,
}

#[derive(Default)]
struct Stream {
    /// How often it was made.
    made: u64,
    log: Vec<Arc<Envelope>>,
    consumers: BTreeMap<String, Place>,
}

/// How far a consumer is.
#[derive(Default)]
struct Place {
    /// How many messages of the log were looked at.
    seen: usize,
    /// On their way or out: when they come (again).
    pending: BTreeMap<u64, (Instant, Arc<Envelope>)>,
    next: u64,
}

impl Hub {
    /// A bus without streams.
    pub fn new(chance: Chance, weather: Arc<Weather>, log: Log) -> Arc<Self> {
        Arc::new(Self {
            streams: Mutex::default(),
            changed: Notify::new(),
            chance,
            weather,
            log,
        })
    }

    fn streams(&self) -> MutexGuard<'_, BTreeMap<String, Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream is deleted, with all that its consumers knew.
    pub fn lose(&self, producer: &str) {
        if let Some(stream) = self.streams().get_mut(producer) {
            stream.log.clear();
            stream.consumers.clear();
            stream.made += 1;
        }
        self.log.note("bus", format_args!("loses the stream of {producer}"));
        self.changed.notify_waiters();
    }

    /// A stream's tail is gone, as after the restore of an old backup.
    pub fn roll_back(&self, producer: &str) {
        if let Some(stream) = self.streams().get_mut(producer) {
            let keep = self.chance.below(stream.log.len() as u64 + 1) as usize;
            stream.log.truncate(keep);
            for place in stream.consumers.values_mut() {
                place.seen = place.seen.min(keep);
            }
        }
        self.log.note("bus", format_args!("loses the tail of {producer}"));
    }

    /// All consumers of a stream begin anew with its oldest message.
    pub fn reset(&self, producer: &str) {
        if let Some(stream) = self.streams().get_mut(producer) {
            stream
                .consumers
                .values_mut()
                .for_each(|place| *place = Place::default());
        }
        self.log.note("bus", format_args!("resets the consumers of {producer}"));
        self.changed.notify_waiters();
    }

    /// Takes up what is new for a consumer, each message with a fate of its own.
    fn due(&self, consumer: &str, producer: &str, max: usize) -> Option<Vec<(u64, Arc<Envelope>)>> {
        let (now, chance, weather) = (Instant::now(), &self.chance, &self.weather);
        let mut streams = self.streams();
        let stream = streams.get_mut(producer)?;
        let place = stream.consumers.get_mut(consumer)?;
        for envelope in stream.log.iter().skip(place.seen) {
            place.seen += 1;
            if weather.strikes(chance, weather.lost) {
                continue;
            }
            let copies = 1 + u32::from(weather.strikes(chance, weather.doubled));
            for _ in 0..copies {
                let late = if weather.strikes(chance, weather.late) {
                    800
                } else {
                    weather.slow_ms
                };
                let at = now + Duration::from_millis(chance.below(late + 1));
                place.next += 1;
                place.pending.insert(place.next, (at, Arc::clone(envelope)));
            }
        }
        let mut due = Vec::new();
        for (number, (at, envelope)) in &mut place.pending {
            if *at <= now && due.len() < max {
                *at = now + ACK_WAIT;
                due.push((*number, Arc::clone(envelope)));
            }
        }
        Some(due)
    }

    fn next_due(&self, consumer: &str, producer: &str) -> Option<Instant> {
        let streams = self.streams();
        let place = streams.get(producer)?.consumers.get(consumer)?;
        place.pending.values().map(|(at, _)| *at).min()
    }

    fn settle(&self, consumer: &str, producer: &str, number: u64, again: Option<Instant>) {
        let mut streams = self.streams();
        let place = streams
            .get_mut(producer)
            .and_then(|stream| stream.consumers.get_mut(consumer));
        let Some(place) = place else { return };
        match again {
            None => _ = place.pending.remove(&number),
            Some(again) => {
                if let Some(pending) = place.pending.get_mut(&number) {
                    pending.0 = again;
                }
            }
        }
    }
}

fn away(what: &str) -> BusError {
    BusError::Unavailable(what.to_owned())
}

/// A process' connection to the bus.
#[derive(Clone)]
pub struct SimBus {
    hub: Arc<Hub>,
    life: Arc<Life>,
}

impl SimBus {
    /// A connection of this run of a process.
    pub fn new(hub: Arc<Hub>, life: Arc<Life>) -> Self {
        Self { hub, life }
    }

    fn fails(&self) -> bool {
        self.hub
            .weather
            .strikes(&self.hub.chance, self.hub.weather.publish_errors)
    }
}

#[async_trait]
impl Bus for SimBus {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), BusError> {
        self.life.pass("publish").await;
        let hub = &self.hub;
        // One that fails may have been taken in part.
        let fails = self.fails();
        let taken = if fails {
            hub.chance.below(batch.len() as u64 + 1) as usize
        } else {
            batch.len()
        };
        {
            let mut streams = hub.streams();
            for envelope in &batch[..taken] {
                let Some(stream) = streams.get_mut(&envelope.producer) else {
                    return Err(away("no such stream"));
                };
                stream.log.push(Arc::new(envelope.clone()));
            }
        }
        hub.changed.notify_waiters();
        self.life.pass("a publication before its answer").await;
        if fails { Err(away("publish")) } else { Ok(()) }
    }

    async fn subscribe(&self, consumer: &str, producer: &str) -> Result<Box<dyn Subscription>, BusError> {
        self.life.pass("subscribe").await;
        if self.fails() {
            return Err(away("subscribe"));
        }
        let made = {
            let mut streams = self.hub.streams();
            let stream = streams.entry(producer.to_owned()).or_default();
            stream.consumers.entry(consumer.to_owned()).or_default();
            stream.made
        };
        Ok(Box::new(SimFeed {
            bus: self.clone(),
            consumer: consumer.to_owned(),
            producer: producer.to_owned(),
            made,
        }))
    }

    async fn identity(&self, producer: &str) -> Result<Identity, BusError> {
        self.life.pass("identity").await;
        if self.fails() {
            return Err(away("identity"));
        }
        let mut streams = self.hub.streams();
        let stream = streams.entry(producer.to_owned()).or_default();
        Ok(Identity {
            created: format!("{producer}-{}", stream.made),
            last: stream.log.len() as u64,
        })
    }

    async fn close(&self) {}
}

struct SimFeed {
    bus: SimBus,
    consumer: String,
    producer: String,
    made: u64,
}

#[async_trait]
impl Subscription for SimFeed {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Box<dyn Delivery>>, BusError> {
        let hub = Arc::clone(&self.bus.hub);
        let deadline = Instant::now() + wait;
        loop {
            self.bus.life.pass("wait for deliveries").await;
            let changed = hub.changed.notified();
            let made = hub.streams().get(&self.producer).map(|stream| stream.made);
            if made != Some(self.made) || self.bus.fails() {
                return Err(away("the feed is broken"));
            }
            let Some(due) = hub.due(&self.consumer, &self.producer, max.max(1)) else {
                return Err(away("the consumer is gone"));
            };
            if !due.is_empty() {
                let deliver = |(number, envelope): (u64, Arc<Envelope>)| -> Box<dyn Delivery> {
                    let about = format_args!("bus {} {}", envelope.producer, envelope.aggregate);
                    let to = &self.bus.life.name;
                    hub.log
                        .note(about, format_args!("event {} delivered to {to}", envelope.seq));
                    Box::new(SimDelivery {
                        bus: self.bus.clone(),
                        consumer: self.consumer.clone(),
                        number,
                        envelope,
                    })
                };
                return Ok(due.into_iter().map(deliver).collect());
            }
            let again = hub
                .next_due(&self.consumer, &self.producer)
                .map_or(deadline, |due| due.min(deadline));
            let timed_out = tokio::time::timeout_at(again, changed).await.is_err();
            if timed_out && again == deadline {
                return Ok(Vec::new());
            }
        }
    }
}

struct SimDelivery {
    bus: SimBus,
    consumer: String,
    number: u64,
    envelope: Arc<Envelope>,
}

impl SimDelivery {
    /// A word to the bus that may not reach it: then the delivery comes again.
    async fn settle(&self, again: Option<Duration>) {
        self.bus.life.pass("settle a delivery").await;
        if self.bus.fails() {
            return;
        }
        let again = again.map(|delay| Instant::now() + delay);
        let producer = &self.envelope.producer;
        self.bus.hub.settle(&self.consumer, producer, self.number, again);
        if again.is_some() {
            self.bus.hub.changed.notify_waiters();
        }
    }
}

#[async_trait]
impl Delivery for SimDelivery {
    fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    async fn ack(self: Box<Self>) {
        self.settle(None).await;
    }

    async fn nak(self: Box<Self>, delay: Duration) {
        self.settle(Some(delay)).await;
    }

    async fn term(self: Box<Self>) {
        self.settle(None).await;
    }
}
