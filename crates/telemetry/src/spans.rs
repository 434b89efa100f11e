//! The names and attributes of our own spans. Names are few and fixed; what differs is an attribute.
//!
//! Attributes that are not known yet are declared empty: `span.record("vinhdanh.aggregate", id)` fills them.

use tracing::{Span, field, info_span};

use crate::context::link;

/// A command on its way through a machine. `act` is the policy's word for it, such as `submit`. To be recorded when
/// known: `vinhdanh.aggregate` (kind and id), `vinhdanh.request` (request id), `vinhdanh.outcome` (`accepted`, `repeated`
/// or a refusal's reason).
pub fn command_span(act: &'static str) -> Span {
    info_span!(
        "command",
        otel.name = format!("command {act}"),
        otel.kind = "internal",
        vinhdanh.act = act,
        vinhdanh.aggregate = field::Empty,
        vinhdanh.request = field::Empty,
        vinhdanh.outcome = field::Empty,
    )
}

/// A consumer at work on one event: a trace of its own, linked to the transition that caused the event. `traceparent`
/// is the one that came with the event, or empty. To be recorded when known: `messaging.message.id` (event id),
/// `vinhdanh.aggregate`, `vinhdanh.outcome`.
pub fn consume_span(consumer: &str, producer: &str, event_type: &str, traceparent: &str) -> Span {
    let span = info_span!(
        parent: None,
        "consume",
        otel.name = format!("process {event_type}"),
        otel.kind = "consumer",
        // The same event comes by NATS, in process or by pull; what it comes from is our own journal.
        messaging.system = "vinhdanh",
        messaging.operation.name = "process",
        messaging.operation.type = "process",
        messaging.destination.name = producer,
        messaging.consumer.group.name = consumer,
        messaging.message.id = field::Empty,
        vinhdanh.event = event_type,
        vinhdanh.aggregate = field::Empty,
        vinhdanh.outcome = field::Empty,
    );
    link(&span, traceparent);
    span
}

/// The relay sending one event: a trace of its own, since the request that caused it is long over, linked to the
/// transition. To be recorded when known: `messaging.message.id`.
pub fn send_span(producer: &str, event_type: &str, traceparent: &str) -> Span {
    let span = info_span!(
        parent: None,
        "send",
        otel.name = format!("send {event_type}"),
        otel.kind = "producer",
        messaging.system = "vinhdanh",
        messaging.operation.name = "send",
        messaging.operation.type = "send",
        messaging.destination.name = producer,
        messaging.message.id = field::Empty,
        vinhdanh.event = event_type,
    );
    link(&span, traceparent);
    span
}

/// One operation on the store, such as `commit`. To be recorded when known: `db.system.name` (`sqlite`, `postgresql`),
/// `db.operation.batch.size`.
pub fn store_span(op: &'static str) -> Span {
    info_span!(
        "store",
        otel.name = format!("store {op}"),
        otel.kind = "client",
        db.system.name = field::Empty,
        db.operation.name = op,
        db.operation.batch.size = field::Empty,
    )
}
