//! A span and a duration for every gRPC call, on both sides.
//!
//! ```no_run
//! # fn with(channel: tonic::transport::Channel) {
//! use telemetry::{ClientLayer, ServerLayer};
//!
//! let server = tonic::transport::Server::builder().layer(ServerLayer::new());
//! let channel = tower::ServiceBuilder::new().layer(ClientLayer::new()).service(channel);
//! # }
//! ```
//!
//! Health checks and reflection (`grpc.*`) come every few seconds and tell nothing: they get neither.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{HeaderMap, Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, field, info_span};

use crate::context::{TRACEPARENT, inject, set_parent, traceparent};

/// Upper bounds of the durations' buckets in seconds, as the conventions for RPC metrics fix them.
const BUCKETS_S: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The longest path that may become a span's name, in bytes: names come from outside.
const METHOD_BYTES_MAX: usize = 160;

/// Puts a span around each call that a server takes. The caller's span, if its header names one, is the parent.
#[derive(Debug, Clone)]
pub struct ServerLayer(Side);

/// Puts a span around each call that a client makes, and sends its context along.
#[derive(Debug, Clone)]
pub struct ClientLayer(Side);

impl ServerLayer {
    /// A layer for a server. To be made after [`crate::Telemetry::init`], or its durations go nowhere.
    pub fn new() -> Self {
        Self(Side {
            kind: "server",
            durations: durations("rpc.server.call.duration"),
        })
    }
}

impl ClientLayer {
    /// A layer for a channel. To be made after [`crate::Telemetry::init`], or its durations go nowhere.
    pub fn new() -> Self {
        Self(Side {
            kind: "client",
            durations: durations("rpc.client.call.duration"),
        })
    }
}

impl Default for ServerLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for ClientLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ServerLayer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced {
            inner,
            side: self.0.clone(),
        }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced {
            inner,
            side: self.0.clone(),
        }
    }
}

/// An interceptor for clients that cannot take a layer: sends the current span's context along, and makes no span.
pub fn interceptor(mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
    if let Ok(value) = traceparent().parse::<tonic::metadata::AsciiMetadataValue>()
        && !value.is_empty()
    {
        request.metadata_mut().insert(TRACEPARENT, value);
    }
    Ok(request)
}

#[derive(Debug, Clone)]
struct Side {
    kind: &'static str,
    durations: Histogram<f64>,
}

fn durations(name: &'static str) -> Histogram<f64> {
    crate::meter()
        .f64_histogram(name)
        .with_unit("s")
        .with_boundaries(BUCKETS_S.to_vec())
        .build()
}

impl Side {
    fn is_server(&self) -> bool {
        self.kind == "server"
    }

    fn span(&self, method: &str) -> Span {
        info_span!(
            "rpc",
            otel.name = method,
            otel.kind = self.kind,
            otel.status_code = field::Empty,
            rpc.system.name = "grpc",
            rpc.method = method,
            rpc.response.status_code = field::Empty,
        )
    }

    fn close(&self, span: &Span, method: String, code: Code, took_s: f64) {
        let name = code_name(code);
        span.record("rpc.response.status_code", name);
        // A server's refusal is a good answer; the caller, who wanted something else, counts it as an error.
        if if self.is_server() {
            is_servers_fault(code)
        } else {
            code != Code::Ok
        } {
            span.record("otel.status_code", "ERROR");
        }
        // Callers may ask for methods that do not exist, and each would be a time series of its own.
        let method = if code == Code::Unimplemented {
            "_OTHER".to_owned()
        } else {
            method
        };
        let labels = [
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", method),
            KeyValue::new("rpc.response.status_code", name),
        ];
        self.durations.record(took_s, &labels);
    }
}

/// A service with spans around its calls.
#[derive(Debug, Clone)]
pub struct Traced<S> {
    inner: S,
    side: Side,
}

impl<S, B, R> Service<Request<B>> for Traced<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Some(method) = method(request.uri().path()) else {
            return Box::pin(self.inner.call(request));
        };
        let side = self.side.clone();
        let span = side.span(&method);
        if side.is_server() {
            set_parent(&span, request.headers());
        } else {
            inject(&span, request.headers_mut());
        }
        let begun = now();
        let answer = span.in_scope(|| self.inner.call(request)).instrument(span.clone());
        Box::pin(async move {
            let answer = answer.await;
            let code = answer
                .as_ref()
                .map_or(Code::Unavailable, |answer| code(answer.headers()));
            side.close(&span, method, code, begun.elapsed().as_secs_f64());
            answer
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "measures a duration that decides nothing")]
fn now() -> Instant {
    Instant::now()
}

/// `package.Service/Method`, `_OTHER` for what cannot be one, `None` for what is not traced.
fn method(path: &str) -> Option<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.starts_with("grpc.") {
        return None;
    }
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
    };
    let is_method = path.len() <= METHOD_BYTES_MAX
        && path
            .split_once('/')
            .is_some_and(|(service, method)| is_word(service) && is_word(method));
    Some(if is_method {
        path.to_owned()
    } else {
        "_OTHER".to_owned()
    })
}

/// The answer's code, as far as headers tell it: tonic sends a refusal there. One that ends a stream comes in trailers,
/// after this span.
fn code(headers: &HeaderMap) -> Code {
    headers
        .get("grpc-status")
        .map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()))
}

const fn is_servers_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_is_a_method_or_other() {
        let submit = "vinhdanh.intake.v1.IntakeService/SubmitDossiers";
        assert_eq!(method(&format!("/{submit}")).as_deref(), Some(submit));
        for odd in [
            "/",
            "",
            "/a",
            "/a/b/c",
            "/a//b",
            "/nguyễn/văn",
            "/a/b?c",
            &format!("/a/{}", "b".repeat(200)),
        ] {
            assert_eq!(method(odd).as_deref(), Some("_OTHER"), "{odd}");
        }
        assert_eq!(method("/grpc.health.v1.Health/Check"), None);
    }

    #[test]
    fn a_refusal_is_no_fault_of_the_server() {
        assert!(!is_servers_fault(Code::PermissionDenied) && !is_servers_fault(Code::FailedPrecondition));
        assert!(is_servers_fault(Code::Internal));
    }
}
