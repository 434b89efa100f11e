//! A call is one trace on both sides. One test in this file: a subscriber is for a whole process.

use std::net::Ipv4Addr;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest as Asked;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse as Answered;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient as Client;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use telemetry::receiver::SpanRecord;
use telemetry::{ClientLayer, Receiver, ServerLayer, Telemetry, TelemetryConfig, command_span};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Response, Status};
use tower::ServiceBuilder;
use tracing::Instrument as _;

const METHOD: &str = "opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// Any generated service would do; this one needs no proto of its own. It refuses the call that says so.
struct Sample;

#[tonic::async_trait]
impl TraceService for Sample {
    async fn export(&self, request: Request<Asked>) -> Result<Response<Answered>, Status> {
        drop(command_span("receive"));
        match request
            .metadata()
            .get("fail")
            .map(|code| Code::from_bytes(code.as_bytes()))
        {
            Some(code) => Err(Status::new(code, "a person's name")),
            None => Ok(Response::new(Answered::default())),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_one_trace_on_both_sides() {
    let receiver = Receiver::start().expect("a free port");
    let config = TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        filter: "warn".into(),
        ..TelemetryConfig::new("vinhdanh-test", "0.1.0")
    };
    let telemetry = Telemetry::init(&config).expect("installed");

    let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    let uri = format!("http://{}", incoming.local_addr().expect("an address"));
    let server = Server::builder()
        .layer(ServerLayer::new())
        .add_service(TraceServiceServer::new(Sample));
    tokio::spawn(server.serve_with_incoming(incoming));

    let channel = Channel::from_shared(uri)
        .expect("an address")
        .connect()
        .await
        .expect("the server is up");
    let mut client = Client::new(ServiceBuilder::new().layer(ClientLayer::new()).service(channel.clone()));
    let call = |fail: Option<Code>| {
        let mut request = Request::new(Asked::default());
        if let Some(code) = fail {
            request
                .metadata_mut()
                .insert("fail", i32::from(code).to_string().parse().expect("a number"));
        }
        request
    };
    let work = tracing::info_span!("work");
    client.export(call(None)).instrument(work).await.expect("served");
    client
        .export(call(Some(Code::FailedPrecondition)))
        .await
        .expect_err("refused");
    client.export(call(Some(Code::Internal))).await.expect_err("failed");
    // Who brings no layer sends the context with an interceptor; no span of its own then lies between.
    let mut bare = Client::with_interceptor(channel, telemetry::layers::interceptor);
    bare.export(call(None))
        .instrument(tracing::info_span!("bare"))
        .await
        .expect("served");

    telemetry.flush().await.expect("the receiver is up");
    let all = |receiver: &Receiver| receiver.spans().len() >= 13;
    assert!(
        receiver.wait_until(Duration::from_secs(20), all).await,
        "{}",
        receiver.trees()
    );
    let spans = receiver.spans();
    let children = |of: &SpanRecord| -> Vec<SpanRecord> {
        spans
            .iter()
            .filter(|span| span.parent == of.span_id && span.trace_id == of.trace_id)
            .cloned()
            .collect()
    };
    let only = |of: &SpanRecord| -> SpanRecord {
        let [child] = &children(of)[..] else {
            panic!("one child of {}\n{}", of.name, receiver.trees())
        };
        child.clone()
    };
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect(name).clone();

    let (client, server) = (only(&named("work")), only(&only(&named("work"))));
    assert_eq!((client.name.as_str(), client.kind), (METHOD, "client"));
    assert_eq!((server.name.as_str(), server.kind), (METHOD, "server"));
    assert_eq!(only(&server).name, "command receive");
    for side in [&client, &server] {
        assert_eq!(side.attributes["rpc.system.name"], "grpc");
        assert_eq!(side.attributes["rpc.method"], METHOD);
        assert_eq!(side.attributes["rpc.response.status_code"], "OK");
        assert!(!side.failed);
        assert_eq!(side.attributes.len(), 3, "nothing else is told: {:?}", side.attributes);
    }
    assert_eq!(only(&named("bare")).kind, "server");

    let of = |code: &str, kind: &str| -> SpanRecord {
        let mut found = spans.iter().filter(|span| {
            span.kind == kind
                && span
                    .attributes
                    .get("rpc.response.status_code")
                    .is_some_and(|it| it == code)
        });
        found.next().expect(code).clone()
    };
    assert!(
        !of("FAILED_PRECONDITION", "server").failed,
        "a refusal is a good answer"
    );
    assert!(of("FAILED_PRECONDITION", "client").failed);
    assert!(of("INTERNAL", "server").failed);
    assert!(!format!("{spans:?}").contains("a person's name"));

    for metric in ["rpc.server.call.duration", "rpc.client.call.duration"] {
        assert_eq!(receiver.metrics().get(metric).map(String::as_str), Some("s"));
    }
}
