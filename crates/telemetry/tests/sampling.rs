//! What is not sampled is not linked to, and the caller's choice holds. One test in this file: a subscriber is for a
//! whole process.

use http::HeaderMap;
use telemetry::{Receiver, Telemetry, TelemetryConfig, command_span, inject, set_parent, traceparent};

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_choice_holds_and_what_is_dropped_is_not_linked_to() {
    let receiver = Receiver::start().expect("a free port");
    let config = TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        sampling: 0.0,
        filter: "off".into(),
        ..TelemetryConfig::new("vinhdanh-test", "0.1.0")
    };
    let telemetry = Telemetry::init(&config).expect("installed");

    let dropped = command_span("submit");
    dropped.in_scope(|| assert_eq!(traceparent(), ""));
    let mut headers = HeaderMap::new();
    inject(&dropped, &mut headers);
    let sent = headers["traceparent"].to_str().expect("text");
    assert!(sent.ends_with("-00"), "the next service is told not to sample: {sent}");

    let kept = command_span("receive");
    let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    headers.insert("traceparent", caller.parse().expect("text"));
    set_parent(&kept, &headers);
    kept.in_scope(|| assert!(traceparent().starts_with("00-0af7651916cd43dd8448eb211c80319c-")));
    drop((dropped, kept));

    telemetry.shutdown().await.expect("the receiver is up");
    let names: Vec<_> = receiver
        .spans()
        .into_iter()
        .map(|span| (span.name, span.parent))
        .collect();
    assert_eq!(names, [("command receive".to_owned(), "b7ad6b7169203331".to_owned())]);
}
