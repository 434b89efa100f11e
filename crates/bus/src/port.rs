//! The port: what a bus promises. At least once, any order, any loss: consumers are made for that.

use std::time::Duration;

use async_trait::async_trait;

/// One event on its way: `CloudEvents` 1.0 in binary mode on NATS (`ce-` headers, protobuf body).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Event id (`ce-id`).
    pub id: String,
    /// The producing service (`ce-source`).
    pub producer: String,
    /// The event's type (`ce-type`), e.g. `dossier.submitted`.
    pub event_type: String,
    /// The agency whose subject it goes out on.
    pub agency: String,
    /// The producer's aggregate, `kind/id` (`ce-subject`).
    pub aggregate: String,
    /// Its place among that aggregate's events, from 1 (`ce-sequence`).
    pub seq: u64,
    /// Its position at the producer (`ce-position`).
    pub position: i64,
    /// The epoch of the producer's history that it was born in (`ce-epoch`), or empty: which branch its position is of.
    pub epoch: String,
    /// When it happened, microseconds since 1970 (`ce-time`).
    pub at: i64,
    /// W3C trace context of the transition (`traceparent`), or empty.
    pub traceparent: String,
    /// The protobuf body.
    pub body: Vec<u8>,
}

impl Envelope {
    /// What the bus knows a message by (`Nats-Msg-Id`). A restored producer may come to the same fact again: it is told
    /// again, since what was told of the lost history is not taken any more.
    pub fn message_id(&self) -> String {
        match self.epoch.as_str() {
            "" => self.id.clone(),
            epoch => format!("{epoch}.{}", self.id),
        }
    }

    /// `vinhdanh.v1.<agency>.<service>.<event>`: no names, no user text. A character that a subject cannot hold
    /// becomes `_`, and so does a missing word.
    pub fn subject(&self) -> String {
        format!(
            "vinhdanh.v1.{}.{}.{}",
            token(&self.agency),
            token(&self.producer),
            token(&self.event_type)
        )
    }
}

/// One word of a subject, or of a stream's or consumer's name.
pub(crate) fn token(text: &str) -> String {
    if text.is_empty() {
        return "_".to_owned();
    }
    text.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// A delivered event, to be settled once. One that is dropped unsettled is delivered again after the ack-wait, and so
/// is one whose settling does not reach the bus.
#[async_trait]
pub trait Delivery: Send {
    /// What was delivered.
    fn envelope(&self) -> &Envelope;
    /// Its effects are durable here: never deliver it again.
    async fn ack(self: Box<Self>);
    /// Not now: deliver it again after `delay`.
    async fn nak(self: Box<Self>, delay: Duration);
    /// Never again: it stands in a dead-letter row.
    async fn term(self: Box<Self>);
}

/// A durable consumer's feed.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for at least one delivery and takes at most `max`; an empty answer after about `wait` without any.
    /// An error means that the feed is broken: subscribe again. It may be dropped while it waits: nothing is lost, what
    /// was on its way comes with the next call or is delivered again.
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Box<dyn Delivery>>, BusError>;
}

/// What the bus is, for the relay to see whether it has forgotten everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Changes when the producer's stream was made anew.
    pub created: String,
    /// The newest message's number in that stream; going back means that the stream lost messages.
    pub last: u64,
}

/// A bus.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Publishes in order and returns when the bus has all of them. May deliver twice; never half a message. Fails if
    /// a producer's stream is not there: [`Bus::identity`] makes it, and tells the relay that it has to be filled.
    async fn publish(&self, batch: &[Envelope]) -> Result<(), BusError>;
    /// The durable feed of `consumer` on everything that `producer` publishes; a new consumer starts with the oldest
    /// event that the stream still has. Makes the stream if it is not there.
    async fn subscribe(&self, consumer: &str, producer: &str) -> Result<Box<dyn Subscription>, BusError>;
    /// Makes the producer's stream if it is not there, checks its effective settings, and says which one it is.
    async fn identity(&self, producer: &str) -> Result<Identity, BusError>;
    /// Ends all feeds, within a bound; for a bus with a connection, that too.
    async fn close(&self);
}

/// What goes wrong on the bus. Always transient for callers: the journal keeps what was not published.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The server cannot be reached or did not answer.
    #[error("bus unavailable: {0}")]
    Unavailable(String),
    /// The server is too old, or a stream's effective settings are not those asked for.
    #[error("{0}")]
    Unfit(String),
}
