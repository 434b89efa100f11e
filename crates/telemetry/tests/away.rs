//! A collector that is away costs nothing but what was to be sent. One test in this file: a subscriber is for a whole
//! process.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use telemetry::{Telemetry, TelemetryConfig, TelemetryError, command_span, traceparent};

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "bounds what the work may cost")]
async fn a_collector_that_never_answers_holds_nothing_up() {
    // Takes connections and says nothing: worse than a closed port. On a current-thread runtime: worse than ours.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let config = TelemetryConfig {
        otlp_endpoint: Some(endpoint),
        filter: "off,away=info".into(),
        ..TelemetryConfig::new("vinhdanh-test", "0.1.0")
    };
    let telemetry = Telemetry::init(&config).expect("installed without asking the collector");

    let begun = Instant::now();
    for _ in 0..50_000 {
        let span = command_span("submit");
        span.in_scope(|| assert!(!traceparent().is_empty()));
    }
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?} for 50,000 spans",
        begun.elapsed()
    );

    let begun = Instant::now();
    assert!(matches!(telemetry.shutdown().await, Err(TelemetryError::Unsent(_))));
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?} to give up",
        begun.elapsed()
    );
    drop(command_span("still works"));
    drop(silent);
}
