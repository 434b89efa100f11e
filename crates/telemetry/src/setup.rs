//! What is installed once per process, and how it is flushed at the end.

use std::io::IsTerminal as _;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::logs::LogRecord as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue, global};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{BatchLogProcessor, LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Sampler, SdkTracerProvider};
use serde::{Deserialize, Serialize};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, fmt};

/// How log lines look on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// One compact line, for people at a terminal.
    #[default]
    Human,
    /// One JSON object a line, in UTC, with trace and span id, for collectors.
    Json,
}

impl FromStr for LogFormat {
    type Err = TelemetryError;

    fn from_str(word: &str) -> Result<Self, TelemetryError> {
        match word {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            other => Err(TelemetryError::Format(other.to_owned())),
        }
    }
}

/// What to install. The configuration room fills it; nothing here reads the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TelemetryConfig {
    /// `service.name` of everything that is sent, such as `vinhdanh` or `vinhdanh-approval`.
    pub service: String,
    /// `service.version`.
    pub version: String,
    /// OTLP collector over gRPC, such as `http://127.0.0.1:4317`. Without one, nothing leaves the process.
    pub otlp_endpoint: Option<String>,
    /// How log lines look.
    pub log: LogFormat,
    /// Which log lines are written and sent, such as `info` or `warn,approval=debug`.
    pub filter: String,
    /// Share of new traces that are kept, from 0 to 1. A trace that the caller has begun is kept or dropped whole.
    pub sampling: f64,
}

impl TelemetryConfig {
    /// Logs at `info` for people, and nothing sent.
    pub fn new(service: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            version: version.into(),
            otlp_endpoint: None,
            log: LogFormat::Human,
            filter: "info".to_owned(),
            sampling: 1.0,
        }
    }
}

/// Why telemetry could not be installed or flushed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("log filter `{filter}` is not understood: write it like `info` or `warn,approval=debug`")]
    Filter {
        /// What was given.
        filter: String,
        /// Where it broke.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The word names no log format.
    #[error("log format `{0}` is unknown: use human or json")]
    Format(String),
    /// The share of traces is none.
    #[error("trace sampling {0} is out of range: use a share from 0 to 1")]
    Sampling(f64),
    /// The endpoint cannot be used.
    #[error("telemetry endpoint `{endpoint}` cannot be used: write it like `http://127.0.0.1:4317`")]
    Endpoint {
        /// What was given.
        endpoint: String,
        /// What the exporter said.
        #[source]
        source: ExporterBuildError,
    },
    /// Exporters live on the runtime's sockets.
    #[error("telemetry with an endpoint must be set up inside a tokio runtime: call it from async main")]
    NoRuntime,
    /// Somebody else was first.
    #[error("another subscriber was installed in this process before telemetry: remove it")]
    Taken,
    /// What was recorded did not all reach the collector in time.
    #[error("telemetry was not fully sent within {0:?}: is the collector up?")]
    Unsent(Duration),
}

/// Bounds, with their reasons. Nothing here may slow a command or grow while the collector is away.
mod bounds {
    use std::time::Duration;

    /// A collector on the same network answers in milliseconds; a dead one must not hold up a batch for long.
    pub(super) const EXPORT: Duration = Duration::from_secs(3);
    /// One export under way and one still to go, for the slowest of the three signals.
    pub(super) const FLUSH: Duration = Duration::from_secs(8);
    /// Short enough to follow a demo live.
    pub(super) const DELAY: Duration = Duration::from_secs(1);
    /// What waits at most, in spans or log records of some 500 bytes: 2 MB. The rest is dropped and counted.
    pub(super) const QUEUE: usize = 4096;
    /// Stays below a collector's usual message limit of 4 MB.
    pub(super) const BATCH: usize = 512;
    /// Metrics are sums: they lose nothing by waiting.
    pub(super) const METRICS: Duration = Duration::from_secs(10);
}

/// Crates that the exporter itself runs on: their spans and logs would beget further exports, for ever.
const EXPORTERS_OWN: [&str; 6] = ["h2", "hyper", "tonic", "tower", "opentelemetry", "rustls"];

#[derive(Debug)]
struct Providers {
    traces: SdkTracerProvider,
    logs: SdkLoggerProvider,
    metrics: SdkMeterProvider,
}

/// The process's telemetry. Copies are handles to the same one.
#[derive(Debug, Clone)]
pub struct Telemetry {
    providers: Option<Arc<Providers>>,
}

static INSTALLED: Mutex<Option<Telemetry>> = Mutex::new(None);

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

impl Telemetry {
    /// Installs the process's subscriber: log lines on standard error and, if there is an endpoint, traces, logs and
    /// metrics over OTLP. Whoever calls it again gets what the first call installed.
    ///
    /// Waits for no collector: one that is away costs nothing but what was to be sent to it.
    pub fn init(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(telemetry) = &*installed {
            return Ok(telemetry.clone());
        }
        if !(0.0..=1.0).contains(&config.sampling) {
            return Err(TelemetryError::Sampling(config.sampling));
        }
        let mut layers = vec![log_lines(config)?];
        let mut providers = None;
        if let Some(endpoint) = &config.otlp_endpoint {
            let built = providers_for(config, endpoint)?;
            layers.push(span_layer(&built.traces));
            layers.push(log_layer(&built.logs, config)?);
            providers = Some(Arc::new(built));
        }
        tracing_subscriber::registry()
            .with(layers)
            .try_init()
            .map_err(|_| TelemetryError::Taken)?;
        global::set_text_map_propagator(TraceContextPropagator::new());
        if let Some(providers) = &providers {
            global::set_meter_provider(providers.metrics.clone());
        }
        let telemetry = Self { providers };
        *installed = Some(telemetry.clone());
        Ok(telemetry)
    }

    /// Whether anything leaves the process.
    pub fn is_sending(&self) -> bool {
        self.providers.is_some()
    }

    /// Sends what was recorded so far, and waits for it some seconds at most.
    pub async fn flush(&self) -> Result<(), TelemetryError> {
        self.with_all(
            SdkTracerProvider::force_flush,
            SdkLoggerProvider::force_flush,
            SdkMeterProvider::force_flush,
        )
        .await
    }

    /// Sends what was recorded and stops; the last thing that a process does. Waits some seconds at most.
    pub async fn shutdown(&self) -> Result<(), TelemetryError> {
        self.with_all(
            |traces| traces.shutdown_with_timeout(bounds::EXPORT),
            |logs| logs.shutdown_with_timeout(bounds::EXPORT),
            |metrics| metrics.shutdown_with_timeout(bounds::EXPORT),
        )
        .await
    }

    /// The providers wait by blocking, and for sockets that this runtime drives: so they wait on threads of their own.
    async fn with_all(
        &self,
        traces: fn(&SdkTracerProvider) -> OTelSdkResult,
        logs: fn(&SdkLoggerProvider) -> OTelSdkResult,
        metrics: fn(&SdkMeterProvider) -> OTelSdkResult,
    ) -> Result<(), TelemetryError> {
        let Some(providers) = &self.providers else {
            return Ok(());
        };
        let [one, two, three] = [(); 3].map(|()| Arc::clone(providers));
        let all = async {
            tokio::join!(
                tokio::task::spawn_blocking(move || traces(&one.traces)),
                tokio::task::spawn_blocking(move || logs(&two.logs)),
                tokio::task::spawn_blocking(move || metrics(&three.metrics)),
            )
        };
        match tokio::time::timeout(bounds::FLUSH, all).await {
            Ok((Ok(Ok(())), Ok(Ok(())), Ok(Ok(())))) => Ok(()),
            _ => Err(TelemetryError::Unsent(bounds::FLUSH)),
        }
    }
}

fn filter(directives: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(directives).map_err(|source| TelemetryError::Filter {
        filter: directives.to_owned(),
        source,
    })
}

fn log_lines(config: &TelemetryConfig) -> Result<BoxedLayer, TelemetryError> {
    let filter = filter(&config.filter)?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    Ok(match config.log {
        // Without spans: their attributes are for machines, and would make every line three lines long.
        LogFormat::Human => lines
            .compact()
            .with_ansi(std::io::stderr().is_terminal())
            .with_filter(filter.and(FilterFn::new(is_line)))
            .boxed(),
        LogFormat::Json => lines
            .with_ansi(false)
            .event_format(crate::json::JsonLines)
            .with_filter(filter)
            .boxed(),
    })
}

fn is_line(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
}

fn span_layer(traces: &SdkTracerProvider) -> BoxedLayer {
    // Spans alone, whatever the log filter says. Events go out as logs that carry the trace's id, so that a span holds
    // the attributes that we gave it and no texts.
    let ours = FilterFn::new(|metadata| {
        metadata.is_span()
            && *metadata.level() <= Level::INFO
            && !EXPORTERS_OWN.iter().any(|theirs| metadata.target().starts_with(theirs))
    })
    .with_max_level_hint(LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(traces.tracer("vinhdanh"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(ours)
        .boxed()
}

fn log_layer(logs: &SdkLoggerProvider, config: &TelemetryConfig) -> Result<BoxedLayer, TelemetryError> {
    let off = EXPORTERS_OWN.map(|theirs| format!("{theirs}=off")).join(",");
    let filter = filter(&format!("{},{off}", config.filter))?;
    Ok(OpenTelemetryTracingBridge::new(logs).with_filter(filter).boxed())
}

fn providers_for(config: &TelemetryConfig, endpoint: &str) -> Result<Providers, TelemetryError> {
    use opentelemetry_sdk::{logs, trace};

    if tokio::runtime::Handle::try_current().is_err() {
        return Err(TelemetryError::NoRuntime);
    }
    let unusable = |source| TelemetryError::Endpoint {
        endpoint: endpoint.to_owned(),
        source,
    };
    let resource = Resource::builder_empty()
        .with_service_name(config.service.clone())
        .with_attribute(KeyValue::new("service.version", config.version.clone()))
        .build();

    let spans = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(bounds::EXPORT)
        .build();
    let batches = trace::BatchConfigBuilder::default()
        .with_max_queue_size(bounds::QUEUE)
        .with_max_export_batch_size(bounds::BATCH)
        .with_scheduled_delay(bounds::DELAY)
        .build();
    let spans = BatchSpanProcessor::builder(spans.map_err(unusable)?)
        .with_batch_config(batches)
        .build();

    let records = LogExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(bounds::EXPORT)
        .build();
    let batches = logs::BatchConfigBuilder::default()
        .with_max_queue_size(bounds::QUEUE)
        .with_max_export_batch_size(bounds::BATCH)
        .with_scheduled_delay(bounds::DELAY)
        .build();
    let records = BatchLogProcessor::builder(records.map_err(unusable)?)
        .with_batch_config(batches)
        .build();

    let sums = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(bounds::EXPORT)
        .build();
    let sums = PeriodicReader::builder(sums.map_err(unusable)?)
        .with_interval(bounds::METRICS)
        .build();

    Ok(Providers {
        traces: SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                config.sampling,
            ))))
            .with_span_processor(spans)
            .build(),
        logs: SdkLoggerProvider::builder()
            .with_resource(resource.clone())
            .with_log_processor(DatedLogs)
            .with_log_processor(records)
            .build(),
        metrics: SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(sums)
            .build(),
    })
}

/// The bridge sets only when a record was observed, and viewers that show its own time say 1970.
#[derive(Debug)]
struct DatedLogs;

impl LogProcessor for DatedLogs {
    fn emit(&self, record: &mut SdkLogRecord, _scope: &InstrumentationScope) {
        if let (None, Some(observed)) = (record.timestamp(), record.observed_timestamp()) {
            record.set_timestamp(observed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
