//! Traces, metrics and logs, across gRPC and the bus. Off unless an OTLP endpoint is configured; then still never in
//! the way: what cannot be sent is dropped, not waited for.
//!
//! - [`setup`]: what is installed once per process, and how it is flushed at the end.
//! - [`context`]: the W3C trace context, in and out of headers and history rows.
//! - [`layers`]: a span and a duration for every gRPC call, on both sides.
//! - [`spans`]: the names and attributes of our own spans.
//! - [`receiver`]: an OTLP receiver in this process, to see and to test what was sent.
//!
//! A dossier lives for weeks, so no trace follows one: each command and each processed event is a trace of its own,
//! *linked* to its cause. Ids are attributes, so "all traces of this dossier" is a query. No name, token, text or
//! number of a person enters a span.

pub mod context;
mod counter;
mod json;
pub mod layers;
pub mod receiver;
pub mod setup;
pub mod spans;

pub use context::{inject, link, set_parent, traceparent};
pub use counter::Counter;
pub use layers::{ClientLayer, ServerLayer};
pub use opentelemetry::metrics::Meter;
pub use receiver::Receiver;
pub use setup::{LogFormat, Telemetry, TelemetryConfig, TelemetryError};
pub use spans::{command_span, consume_span, send_span, store_span};

/// Where instruments come from: counters, gauges and histograms that go out over OTLP, or nowhere while telemetry is
/// off. Ask for it after [`Telemetry::init`]. No label may hold a dossier, a person or a text.
pub fn meter() -> Meter {
    opentelemetry::global::meter("vinhdanh")
}
