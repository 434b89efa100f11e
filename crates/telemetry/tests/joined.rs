//! What is recorded arrives, and arrives joined. One test in this file: a subscriber is for a whole process.

use std::time::Duration;

use telemetry::receiver::SpanRecord;
use telemetry::{Receiver, Telemetry, TelemetryConfig, command_span, consume_span, send_span, store_span, traceparent};

const LIMIT: Duration = Duration::from_secs(20);

/// Everything that a span of ours may say. An addition is reviewed here: no name, token, text or number of a person.
const ATTRIBUTES: &[&str] = &[
    "db.operation.name",
    "db.system.name",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
    "vinhdanh.act",
    "vinhdanh.aggregate",
    "vinhdanh.event",
];

#[tokio::test(flavor = "multi_thread")]
async fn spans_links_logs_and_metrics_arrive_joined() {
    let receiver = Receiver::start().expect("a free port");
    let config = TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        filter: "warn,joined=info".into(),
        ..TelemetryConfig::new("vinhdanh-test", "0.1.0")
    };
    let telemetry = Telemetry::init(&config).expect("installed");
    assert!(telemetry.is_sending());
    let again = Telemetry::init(&TelemetryConfig::new("another", "0")).expect("the one that is there");
    assert!(again.is_sending(), "the second call got what the first installed");

    let command = command_span("submit");
    command.record("vinhdanh.aggregate", "dossier/d-1");
    let caused = command.in_scope(|| {
        store_span("commit").in_scope(|| tracing::info!(position = 7, "committed"));
        traceparent()
    });
    drop(command);
    assert!(caused.starts_with("00-") && caused.ends_with("-01"), "{caused}");
    // What came with the event is a link, even while another span is entered.
    tracing::info_span!("unrelated").in_scope(|| {
        let consumed = consume_span("approval-intake", "intake", "dossier.submitted", &caused);
        consumed.record("messaging.message.id", "e-1");
        consumed.in_scope(|| tracing::info!("applied"));
    });
    drop(send_span("intake", "dossier.submitted", &caused));
    telemetry::meter()
        .u64_counter("vinhdanh.transitions")
        .with_unit("{transition}")
        .build()
        .add(1, &[]);

    telemetry.flush().await.expect("the receiver is up");
    let all = |receiver: &Receiver| {
        receiver.spans().len() >= 5 && receiver.logs().len() >= 2 && !receiver.metrics().is_empty()
    };
    assert!(receiver.wait_until(LIMIT, all).await, "{:#?}", receiver.spans());

    let spans = receiver.spans();
    let named = |name: &str| -> &SpanRecord { spans.iter().find(|span| span.name == name).expect(name) };
    let command = named("command submit");
    assert_eq!((command.parent.as_str(), command.kind), ("", "internal"));
    assert_eq!(command.service, "vinhdanh-test");
    assert_eq!(command.attributes["vinhdanh.act"], "submit");
    assert_eq!(command.attributes["vinhdanh.aggregate"], "dossier/d-1");
    assert_eq!(caused, format!("00-{}-{}-01", command.trace_id, command.span_id));

    let store = named("store commit");
    assert_eq!(
        (&store.trace_id, &store.parent, store.kind),
        (&command.trace_id, &command.span_id, "client")
    );

    let cause = vec![(command.trace_id.clone(), command.span_id.clone())];
    for (name, kind) in [
        ("process dossier.submitted", "consumer"),
        ("send dossier.submitted", "producer"),
    ] {
        let linked = named(name);
        assert_eq!(
            (linked.kind, linked.parent.as_str(), &linked.links),
            (kind, "", &cause),
            "{name}"
        );
        assert_ne!(linked.trace_id, command.trace_id, "{name} is a trace of its own");
        assert_eq!(linked.attributes["vinhdanh.event"], "dossier.submitted");
    }

    let logs = receiver.logs();
    let committed = logs.iter().find(|log| log.body == "committed").expect("the log");
    assert_eq!(
        (&committed.trace_id, &committed.span_id),
        (&store.trace_id, &store.span_id)
    );
    assert_eq!(committed.attributes["position"], "7");
    assert_eq!(
        (committed.severity.as_str(), committed.service.as_str()),
        ("INFO", "vinhdanh-test")
    );
    assert!(committed.time_ns > 0, "not 1970");
    assert_eq!(receiver.metrics()["vinhdanh.transitions"], "{transition}");

    for span in &spans {
        for attribute in span.attributes.keys() {
            assert!(
                ATTRIBUTES.contains(&attribute.as_str()),
                "{} has the unreviewed `{attribute}`",
                span.name
            );
        }
    }
    let tree = receiver.trees();
    assert!(
        tree.contains("  command submit [vinhdanh-test]") && tree.contains("    store commit"),
        "{tree}"
    );

    telemetry.shutdown().await.expect("everything was sent");
}
