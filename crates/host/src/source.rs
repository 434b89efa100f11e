//! Where a consumer pulls what it missed: the producer's journal in this process, or its API in another one.

use std::sync::Arc;

use async_trait::async_trait;
use bus::Envelope;
use journal::{Epoch, EventRow, Journal, Key, Lineage};
use proto::log::v1::{self as log, Event, ListEventsRequest, event_log_service_client::EventLogServiceClient};
use tonic::{Code, Request, transport::Channel};

use crate::Fault;

/// A page of a producer's events, and where its history stands.
pub struct Page {
    /// In position order.
    pub events: Vec<Envelope>,
    /// The newest position.
    pub head: i64,
    /// The epochs, oldest first.
    pub epochs: Vec<Epoch>,
}

/// A producer's published events.
#[async_trait]
pub trait Source: Send + Sync {
    /// Events after a position.
    async fn after(&self, position: i64, limit: u32) -> Result<Page, Fault>;
    /// Events of one aggregate after a `seq`, in order.
    async fn of(&self, aggregate: &str, after_seq: u64, limit: u32) -> Result<Vec<Envelope>, Fault>;
}

/// An event row as an envelope.
pub fn envelope(producer: &str, lineage: &Lineage, row: EventRow) -> Envelope {
    Envelope {
        id: row.event.event_id,
        producer: producer.to_owned(),
        event_type: row.event.event_type,
        agency: row.event.agency,
        aggregate: row.key.to_string(),
        seq: row.seq,
        position: row.position,
        epoch: lineage.born(row.position).to_owned(),
        at: row.event.at,
        traceparent: row.event.traceparent,
        body: row.event.body,
    }
}

/// `kind/id`, taken apart.
pub fn key(aggregate: &str) -> Key {
    let (kind, id) = aggregate.split_once('/').unwrap_or((aggregate, ""));
    Key::new(kind, id)
}

/// The journal of a service of this process.
pub struct Local {
    /// The producer.
    pub producer: &'static str,
    /// Its journal.
    pub journal: Journal,
}

#[async_trait]
impl Source for Local {
    async fn after(&self, position: i64, limit: u32) -> Result<Page, Fault> {
        let head = self.journal.head().await?;
        let rows = self.journal.events(position, limit).await?;
        let lineage = self.journal.lineage();
        Ok(Page {
            events: rows
                .into_iter()
                .map(|row| envelope(self.producer, lineage, row))
                .collect(),
            head,
            epochs: lineage.epochs.clone(),
        })
    }

    async fn of(&self, aggregate: &str, after_seq: u64, limit: u32) -> Result<Vec<Envelope>, Fault> {
        let rows = self.journal.events_of(&key(aggregate), after_seq, limit).await?;
        let lineage = self.journal.lineage();
        Ok(rows
            .into_iter()
            .map(|row| envelope(self.producer, lineage, row))
            .collect())
    }
}

/// Makes a token for this process to call others with.
pub type TokenSource = Arc<dyn Fn() -> String + Send + Sync>;

/// The event log of another process.
pub struct Remote {
    /// The producer.
    pub producer: String,
    /// The channel to its process.
    pub channel: Channel,
    /// The service's own token.
    pub token: TokenSource,
}

impl Remote {
    async fn list(&self, request: ListEventsRequest) -> Result<Page, Fault> {
        let mut request = Request::new(request);
        let bearer = format!("Bearer {}", (self.token)());
        let bearer = bearer
            .parse()
            .map_err(|_| Fault::Internal("own token is not plain text".to_owned()))?;
        request.metadata_mut().insert("authorization", bearer);
        let reply = EventLogServiceClient::new(self.channel.clone())
            .max_decoding_message_size(64 << 20)
            .list_events(request)
            .await
            .map_err(|status| {
                match status.code() {
                    Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
                        tracing::debug!(producer = self.producer, code = ?status.code(), "event log not reached");
                    }
                    // Nothing will mend this by itself.
                    code => tracing::warn!(producer = self.producer, ?code, "event log refused to be read"),
                }
                Fault::Exhausted("SOURCE_UNAVAILABLE")
            })?
            .into_inner();
        Ok(Page {
            events: reply.events.into_iter().map(from_event).collect(),
            head: reply.head,
            epochs: reply.epochs.into_iter().map(from_epoch).collect(),
        })
    }
}

#[async_trait]
impl Source for Remote {
    async fn after(&self, position: i64, limit: u32) -> Result<Page, Fault> {
        let request = ListEventsRequest {
            producer: self.producer.clone(),
            after_position: position,
            page_size: limit as i32,
            ..ListEventsRequest::default()
        };
        self.list(request).await
    }

    async fn of(&self, aggregate: &str, after_seq: u64, limit: u32) -> Result<Vec<Envelope>, Fault> {
        let request = ListEventsRequest {
            producer: self.producer.clone(),
            page_size: limit as i32,
            aggregate: aggregate.to_owned(),
            after_seq,
            ..ListEventsRequest::default()
        };
        Ok(self.list(request).await?.events)
    }
}

fn from_epoch(epoch: log::Epoch) -> Epoch {
    Epoch {
        number: epoch.number,
        id: epoch.id,
        position: epoch.position,
        at: epoch.at,
        reason: epoch.reason,
    }
}

/// An epoch as the APIs show it.
pub fn to_epoch(epoch: &Epoch) -> log::Epoch {
    log::Epoch {
        number: epoch.number,
        id: epoch.id.clone(),
        position: epoch.position,
        at: epoch.at,
        reason: epoch.reason.clone(),
    }
}

fn from_event(event: Event) -> Envelope {
    Envelope {
        id: event.id,
        producer: event.producer,
        event_type: event.r#type,
        agency: event.agency,
        aggregate: event.aggregate,
        seq: event.seq,
        position: event.position,
        epoch: event.epoch,
        at: event.at,
        traceparent: event.traceparent,
        body: event.body,
    }
}

/// An envelope as the event log's API shows it.
pub fn to_event(envelope: Envelope) -> Event {
    Event {
        id: envelope.id,
        producer: envelope.producer,
        r#type: envelope.event_type,
        agency: envelope.agency,
        aggregate: envelope.aggregate,
        seq: envelope.seq,
        position: envelope.position,
        epoch: envelope.epoch,
        at: envelope.at,
        traceparent: envelope.traceparent,
        body: envelope.body,
    }
}
