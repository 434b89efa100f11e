//! An OTLP receiver in this process: keeps what arrives, so that a test or a person can look at it without any
//! collector installed.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::sync::watch;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// How many spans and how many log records are kept; the oldest go first.
pub const RECORDS_MAX: usize = 100_000;

/// Attributes by name, their values as text.
pub type Attributes = BTreeMap<String, String>;

/// A span that arrived. Ids are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SpanRecord {
    /// The trace that it belongs to.
    pub trace_id: String,
    /// Its own id.
    pub span_id: String,
    /// The id of its parent; empty for the root of a trace.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: &'static str,
    /// What caused it without being its parent: (trace id, span id).
    pub links: Vec<(String, String)>,
    /// What it says about itself.
    pub attributes: Attributes,
    /// Whether it ended in an error.
    pub failed: bool,
    /// When it began, in nanoseconds since 1970 UTC.
    pub start_ns: u64,
    /// When it ended, in nanoseconds since 1970 UTC.
    pub end_ns: u64,
    /// `service.name` of the process that sent it.
    pub service: String,
}

/// A log record that arrived.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LogRecord {
    /// The trace in which it was written, or empty.
    pub trace_id: String,
    /// The span in which it was written, or empty.
    pub span_id: String,
    /// `INFO`, `WARN` …
    pub severity: String,
    /// Its text.
    pub body: String,
    /// What it says beside its text.
    pub attributes: Attributes,
    /// When it was written, in nanoseconds since 1970 UTC.
    pub time_ns: u64,
    /// `service.name` of the process that sent it.
    pub service: String,
}

#[derive(Debug, Default)]
struct Kept {
    spans: VecDeque<SpanRecord>,
    logs: VecDeque<LogRecord>,
    metrics: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Keeper {
    kept: Arc<Mutex<Kept>>,
    arrived: watch::Sender<()>,
}

/// A running receiver; it stops when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    addr: SocketAddr,
    keeper: Keeper,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Starts a receiver on a free port of the loopback interface. Must be called inside a tokio runtime.
    pub fn start() -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Starts a receiver on an address of one's choice; the port of OTLP over gRPC is 4317. It asks nobody who they are:
    /// keep it on the loopback interface.
    pub fn start_on(addr: SocketAddr) -> io::Result<Self> {
        let incoming = TcpIncoming::bind(addr)?;
        let addr = incoming.local_addr()?;
        let keeper = Keeper {
            kept: Arc::default(),
            arrived: watch::Sender::new(()),
        };
        let serving = Server::builder()
            .add_service(TraceServiceServer::new(keeper.clone()))
            .add_service(LogsServiceServer::new(keeper.clone()))
            .add_service(MetricsServiceServer::new(keeper.clone()))
            .serve_with_incoming(incoming);
        let server = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::warn!(%error, "telemetry receiver stopped");
            }
        });
        Ok(Self { addr, keeper, server })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The endpoint to configure.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The spans that arrived, in the order of arrival: children before their parents.
    pub fn spans(&self) -> Vec<SpanRecord> {
        self.keeper.lock().spans.iter().cloned().collect()
    }

    /// The log records that arrived, in the order of arrival.
    pub fn logs(&self) -> Vec<LogRecord> {
        self.keeper.lock().logs.iter().cloned().collect()
    }

    /// The names of the metrics that arrived, with their units.
    pub fn metrics(&self) -> BTreeMap<String, String> {
        self.keeper.lock().metrics.clone()
    }

    /// Waits until what arrived is `enough`, and says whether it was within `limit`.
    pub async fn wait_until(&self, limit: Duration, enough: impl Fn(&Self) -> bool) -> bool {
        let mut arrived = self.keeper.arrived.subscribe();
        let waiting = async {
            while !enough(self) {
                if arrived.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(limit, waiting).await;
        enough(self)
    }

    /// The traces as text, a tree each, for people: name, service, duration and links.
    pub fn trees(&self) -> String {
        let mut spans = self.spans();
        spans.sort_by_key(|span| span.start_ns);
        let mut text = String::new();
        let known: std::collections::HashSet<_> = spans.iter().map(|span| span.span_id.clone()).collect();
        for root in spans.iter().filter(|span| !known.contains(&span.parent)) {
            let _ = writeln!(text, "trace {}", root.trace_id);
            draw(&mut text, &spans, root, 1);
        }
        text
    }
}

fn draw(text: &mut String, spans: &[SpanRecord], span: &SpanRecord, depth: usize) {
    let took_ms = span.end_ns.saturating_sub(span.start_ns) as f64 / 1e6;
    let mark = if span.failed { " ERROR" } else { "" };
    let _ = write!(
        text,
        "{:indent$}{} [{}] {took_ms:.1} ms{mark}",
        "",
        span.name,
        span.service,
        indent = depth * 2
    );
    for (trace, cause) in &span.links {
        let _ = write!(text, " <- {trace}/{cause}");
    }
    text.push('\n');
    for child in spans.iter().filter(|child| child.parent == span.span_id) {
        draw(text, spans, child, depth + 1);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Keeper {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, keep: impl FnOnce(&mut Kept)) {
        let mut kept = self.lock();
        keep(&mut kept);
        let (spans, logs) = (kept.spans.len(), kept.logs.len());
        kept.spans.drain(..spans.saturating_sub(RECORDS_MAX));
        kept.logs.drain(..logs.saturating_sub(RECORDS_MAX));
        drop(kept);
        self.arrived.send_replace(());
    }
}

#[tonic::async_trait]
impl TraceService for Keeper {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.keep(|kept| {
            for resource in request.into_inner().resource_spans {
                let service = service_of(resource.resource);
                for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                    kept.spans.push_back(SpanRecord {
                        trace_id: hex::encode(&span.trace_id),
                        span_id: hex::encode(&span.span_id),
                        parent: hex::encode(&span.parent_span_id),
                        kind: kind(span.kind()),
                        links: span
                            .links
                            .iter()
                            .map(|link| (hex::encode(&link.trace_id), hex::encode(&link.span_id)))
                            .collect(),
                        failed: span.status.as_ref().is_some_and(|status| {
                            status.code() == opentelemetry_proto::tonic::trace::v1::status::StatusCode::Error
                        }),
                        start_ns: span.start_time_unix_nano,
                        end_ns: span.end_time_unix_nano,
                        name: span.name,
                        attributes: attributes(span.attributes),
                        service: service.clone(),
                    });
                }
            }
        });
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Keeper {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.keep(|kept| {
            for resource in request.into_inner().resource_logs {
                let service = service_of(resource.resource);
                for log in resource.scope_logs.into_iter().flat_map(|scope| scope.log_records) {
                    kept.logs.push_back(LogRecord {
                        trace_id: hex::encode(&log.trace_id),
                        span_id: hex::encode(&log.span_id),
                        severity: log.severity_text,
                        body: text(log.body),
                        attributes: attributes(log.attributes),
                        time_ns: log.time_unix_nano,
                        service: service.clone(),
                    });
                }
            }
        });
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Keeper {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.keep(|kept| {
            let scopes = request
                .into_inner()
                .resource_metrics
                .into_iter()
                .flat_map(|resource| resource.scope_metrics);
            for metric in scopes.flat_map(|scope| scope.metrics) {
                kept.metrics.insert(metric.name, metric.unit);
            }
        });
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified | SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn service_of(resource: Option<Resource>) -> String {
    let mut found = attributes(resource.map(|resource| resource.attributes).unwrap_or_default());
    found.remove("service.name").unwrap_or_default()
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, text(pair.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        None => String::new(),
        Some(Value::StringValue(text)) => text,
        Some(Value::BoolValue(yes)) => yes.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BytesValue(bytes)) => hex::encode(bytes),
        Some(other) => format!("{other:?}"),
    }
}
