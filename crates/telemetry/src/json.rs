//! Log lines as JSON, with the ids that join them to their trace.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// One object a line: `time` (UTC), `level`, `target`, `message`, `span`, `trace_id`, `span_id`, and the event's fields.
pub(crate) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Fields(Map::new());
        event.record(&mut line);
        // Ours last: no field of an event can pose as another level or trace.
        line.put("time", time.into());
        line.put("level", event.metadata().level().as_str().into());
        line.put("target", event.metadata().target().into());
        if let Some(span) = context.lookup_current() {
            line.put("span", span.name().into());
        }
        Context::map_current(|current| {
            let span = current.span();
            let ids = span.span_context();
            if ids.is_valid() {
                line.put("trace_id", ids.trace_id().to_string().into());
                line.put("span_id", ids.span_id().to_string().into());
            }
        });
        writeln!(out, "{}", Value::Object(line.0))
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}").into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let json = tracing_subscriber::fmt::layer()
            .event_format(JsonLines)
            .with_writer(move || writer.clone());
        let spans = tracing_opentelemetry::layer().with_tracer(SdkTracerProvider::builder().build().tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(json).with(spans), work);
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).expect("UTF-8");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    #[test]
    fn a_line_is_an_object_that_names_its_trace() {
        let mut traceparent = String::new();
        let lines = lines(|| {
            tracing::info_span!("command").in_scope(|| {
                traceparent = crate::traceparent();
                tracing::warn!(attempt = 3, late = true, "delivery deferred");
            });
            tracing::info!("outside");
        });
        let [inside, outside] = &lines[..] else {
            panic!("two lines, not {lines:?}")
        };
        assert_eq!(inside["message"], "delivery deferred");
        assert_eq!(
            (&inside["level"], &inside["span"]),
            (&Value::from("WARN"), &Value::from("command"))
        );
        assert_eq!(
            (&inside["attempt"], &inside["late"]),
            (&Value::from(3), &Value::from(true))
        );
        let ids = format!(
            "00-{}-{}-01",
            inside["trace_id"].as_str().unwrap(),
            inside["span_id"].as_str().unwrap()
        );
        assert_eq!(ids, traceparent);
        assert!(
            inside["time"].as_str().is_some_and(|time| time.ends_with('Z')),
            "{inside}"
        );
        assert!(outside.get("trace_id").is_none());
    }

    #[test]
    fn no_text_can_start_a_line_or_pose_as_one_of_ours() {
        let lines = lines(|| tracing::info!(level = "ERROR", "one\n{}", r#"{"level":"ERROR"}"#));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["level"], "INFO");
    }
}
