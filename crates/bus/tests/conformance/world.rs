//! A bus for one test, and feeds that are read with bounds.

use std::ops::RangeInclusive;
use std::time::Duration;

use bus::local::{LocalBus, LocalConfig};
use bus::nats::{NatsBus, NatsConfig};
use bus::{Bus, BusError, Delivery, Envelope, Subscription};
use testkit::Nats;
use tokio::time::{Instant, timeout_at};

/// No event takes longer on any bus, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing must come to count as silence.
pub const SILENCE: Duration = Duration::from_millis(400);

/// Unsettled deliveries that a consumer of these tests may have.
pub const UNSETTLED_MAX: u64 = 1_000;

/// Which bus.
#[derive(Clone, Copy)]
pub enum Kind {
    Local,
    Nats,
}

/// A bus of its own for one test.
pub struct World {
    made: Made,
}

enum Made {
    Local(LocalBus),
    Nats {
        bus: NatsBus,
        config: NatsConfig,
        server: Server,
    },
}

enum Server {
    Shared,
    Own(Nats),
}

impl Kind {
    pub async fn start(self) -> World {
        self.start_with_ack_wait(Duration::from_secs(30)).await
    }

    pub async fn start_with_ack_wait(self, ack_wait: Duration) -> World {
        self.make(ack_wait, Server::Shared).await
    }

    /// On a server that can be taken down without hurting other tests.
    pub async fn start_alone(self) -> World {
        let server = match self {
            Self::Local => Server::Shared,
            Self::Nats => Server::Own(Nats::start()),
        };
        self.make(Duration::from_secs(30), server).await
    }

    async fn make(self, ack_wait: Duration, server: Server) -> World {
        let made = match self {
            Self::Local => {
                let unsettled_max = usize::try_from(UNSETTLED_MAX).unwrap();
                Made::Local(LocalBus::with(LocalConfig {
                    ack_wait,
                    unsettled_max,
                    ..LocalConfig::default()
                }))
            }
            Self::Nats => {
                let url = match &server {
                    Server::Shared => Nats::shared().url(),
                    Server::Own(nats) => nats.url(),
                };
                let config = NatsConfig {
                    prefix: testkit::unique("t"),
                    ack_wait,
                    unsettled_max: i64::try_from(UNSETTLED_MAX).unwrap(),
                    deny_removal: false,
                    ..NatsConfig::new(url)
                };
                Made::Nats {
                    bus: NatsBus::connect(config.clone()).await.unwrap(),
                    config,
                    server,
                }
            }
        };
        World { made }
    }
}

impl World {
    pub fn bus(&self) -> &dyn Bus {
        match &self.made {
            Made::Local(bus) => bus,
            Made::Nats { bus, .. } => bus,
        }
    }

    pub async fn subscribe(&self, consumer: &str, producer: &str) -> Feed {
        Feed(self.bus().subscribe(consumer, producer).await.unwrap())
    }

    /// The producer's stream is gone, as if an operator had deleted it.
    pub async fn lose(&self, producer: &str) {
        match &self.made {
            Made::Local(bus) => bus.lose(),
            Made::Nats { config, .. } => {
                let client = async_nats::connect(&config.url).await.unwrap();
                let stream = format!("{}_VINHDANH_{}", config.prefix, producer.to_uppercase());
                async_nats::jetstream::new(client).delete_stream(stream).await.unwrap();
            }
        }
    }

    pub fn down(&self) {
        match &self.made {
            Made::Local(bus) => bus.down(),
            Made::Nats {
                server: Server::Own(server),
                ..
            } => server.kill(),
            Made::Nats {
                server: Server::Shared, ..
            } => panic!("the shared server serves other tests: start_alone"),
        }
    }

    pub fn up(&self) {
        match &self.made {
            Made::Local(bus) => bus.up(),
            Made::Nats {
                server: Server::Own(server),
                ..
            } => server.restart(),
            Made::Nats {
                server: Server::Shared, ..
            } => panic!("the shared server serves other tests: start_alone"),
        }
    }

    /// Publishes as the relay does: again and again until the bus has taken it.
    pub async fn until_published(&self, batch: &[Envelope]) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.bus().publish(batch).await {
            assert!(Instant::now() < deadline, "still not published: {error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A subscription that is read with bounds.
pub struct Feed(Box<dyn Subscription>);

impl Feed {
    pub async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Box<dyn Delivery>>, BusError> {
        self.0.next(max, wait).await
    }

    /// Exactly so many deliveries, however they are batched.
    pub async fn take(&mut self, count: usize) -> Vec<Box<dyn Delivery>> {
        let mut taken = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while taken.len() < count {
            let next = self.0.next(count - taken.len(), Duration::from_secs(1));
            let Ok(batch) = timeout_at(deadline, next).await else {
                panic!("{} of {count} deliveries came", taken.len());
            };
            taken.extend(batch.unwrap());
        }
        taken
    }

    /// The envelopes of exactly so many deliveries, acked.
    pub async fn acked(&mut self, count: usize) -> Vec<Envelope> {
        let mut envelopes = Vec::new();
        for delivery in self.take(count).await {
            envelopes.push(delivery.envelope().clone());
            delivery.ack().await;
        }
        envelopes
    }

    /// The envelopes of all deliveries until that of an event, acked.
    pub async fn acked_until(&mut self, id: &str) -> Vec<Envelope> {
        let mut envelopes: Vec<Envelope> = Vec::new();
        while envelopes.last().is_none_or(|last| last.id != id) {
            envelopes.extend(self.acked(1).await);
        }
        envelopes
    }

    /// Nothing comes.
    pub async fn silent(&mut self) {
        let batch = self.0.next(10, SILENCE).await.unwrap();
        let ids: Vec<_> = batch.iter().map(|delivery| delivery.envelope().id.clone()).collect();
        assert!(ids.is_empty(), "{ids:?} came");
    }

    /// The feed says, in good time, that it has to be subscribed again.
    pub async fn broken(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Ok(next) = timeout_at(deadline, self.0.next(10, Duration::from_millis(200))).await else {
                panic!("the feed does not notice");
            };
            match next {
                Err(BusError::Unavailable(_)) => return,
                Err(error) => panic!("{error}"),
                Ok(_) => {}
            }
        }
    }
}

/// `event-<n>` of intake.
pub fn event(n: u64) -> Envelope {
    Envelope {
        id: format!("event-{n}"),
        producer: "intake".into(),
        event_type: "dossier.submitted".into(),
        agency: "bnv".into(),
        aggregate: "dossier/1".into(),
        seq: n,
        position: i64::try_from(n).unwrap(),
        epoch: String::new(),
        at: 1_760_000_000_000_000,
        traceparent: String::new(),
        body: n.to_be_bytes().to_vec(),
    }
}

pub fn events(range: RangeInclusive<u64>) -> Vec<Envelope> {
    range.map(event).collect()
}

pub fn ids(envelopes: &[Envelope]) -> Vec<String> {
    envelopes.iter().map(|envelope| envelope.id.clone()).collect()
}
