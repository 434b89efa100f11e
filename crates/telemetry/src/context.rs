//! The W3C trace context, in and out of headers and history rows.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The name of the W3C header, in gRPC metadata as in bus messages.
pub const TRACEPARENT: &str = "traceparent";

/// The current span's context as W3C `traceparent`, to be kept with a transition and sent with its events. Empty when
/// there is nothing to link to: telemetry is off, no span is entered, or this trace was not sampled. Costs one look at
/// a thread-local.
pub fn traceparent() -> String {
    Context::map_current(|current| {
        let span = current.span();
        let context = span.span_context();
        if context.is_valid() && context.is_sampled() {
            format!(
                "00-{}-{}-{:02x}",
                context.trace_id(),
                context.span_id(),
                context.trace_flags()
            )
        } else {
            String::new()
        }
    })
}

/// Links `span` to the span that `traceparent` names: caused by it, but not a part of it. Anything that is no
/// traceparent links nothing, since a broken header must not break the work.
pub fn link(span: &Span, traceparent: &str) {
    if let Some(cause) = parse(traceparent) {
        span.add_link(cause);
    }
}

fn parse(traceparent: &str) -> Option<SpanContext> {
    struct One<'a>(&'a str);
    impl Extractor for One<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            (key == TRACEPARENT).then_some(self.0)
        }
        fn keys(&self) -> Vec<&str> {
            vec![TRACEPARENT]
        }
    }
    if traceparent.is_empty() {
        return None;
    }
    let found = TraceContextPropagator::new().extract_with_context(&Context::new(), &One(traceparent));
    let context = found.span().span_context().clone();
    context.is_valid().then_some(context)
}

/// Makes the caller's span the parent of `span`. To be called before `span` is entered.
pub fn set_parent(span: &Span, headers: &HeaderMap) {
    if !headers.contains_key(TRACEPARENT) {
        return;
    }
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &Headers(headers))
    });
    // Fails when telemetry is off, and then there is nothing to have a parent.
    let _ = span.set_parent(parent);
}

/// Writes the context of `span` into a call's headers; writes nothing while telemetry is off.
pub fn inject(span: &Span, headers: &mut HeaderMap) {
    let context = span.context();
    if context.span().span_context().is_valid() {
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut HeadersMut(headers));
        });
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_while_telemetry_is_off() {
        let span = tracing::info_span!("work");
        let mut headers = HeaderMap::new();
        inject(&span, &mut headers);
        set_parent(&span, &headers);
        link(&span, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert!(headers.is_empty());
        assert_eq!(span.in_scope(traceparent), "");
    }

    #[test]
    fn what_is_no_traceparent_links_nothing() {
        assert!(parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").is_some());
        for broken in [
            "",
            "00",
            "garbage",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "🦀-🦀-🦀-🦀",
        ] {
            assert!(parse(broken).is_none(), "{broken}");
        }
    }
}
