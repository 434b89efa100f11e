//! Without an endpoint nothing leaves the process and nothing costs. One test in this file: a subscriber is for a whole
//! process.

use telemetry::{LogFormat, Telemetry, TelemetryConfig, TelemetryError, command_span, consume_span, traceparent};

fn config() -> TelemetryConfig {
    TelemetryConfig::new("vinhdanh-test", "0.1.0")
}

#[test]
fn off_is_the_default_and_bad_settings_say_what_to_do() {
    let refused = |config: TelemetryConfig| Telemetry::init(&config).expect_err("refused").to_string();
    assert!(
        refused(TelemetryConfig {
            filter: "a=b=c".into(),
            ..config()
        })
        .starts_with("log filter `a=b=c` is not")
    );
    assert!(
        refused(TelemetryConfig {
            sampling: 1.5,
            ..config()
        })
        .contains("from 0 to 1")
    );
    assert!(
        refused(TelemetryConfig {
            sampling: f64::NAN,
            ..config()
        })
        .contains("from 0 to 1")
    );
    let endpoint = TelemetryConfig {
        otlp_endpoint: Some("http://127.0.0.1:4317".into()),
        ..config()
    };
    assert!(matches!(Telemetry::init(&endpoint), Err(TelemetryError::NoRuntime)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let endpoint = TelemetryConfig {
            otlp_endpoint: Some("not an address".into()),
            ..config()
        };
        assert!(refused(endpoint).starts_with("telemetry endpoint `not an address` cannot be used"));
    });
    assert!("xml".parse::<LogFormat>().is_err());
    assert_eq!("json".parse::<LogFormat>().ok(), Some(LogFormat::Json));

    let telemetry = Telemetry::init(&TelemetryConfig {
        log: LogFormat::Json,
        ..config()
    })
    .expect("installed");
    assert!(!telemetry.is_sending());
    command_span("submit").in_scope(|| {
        assert_eq!(traceparent(), "");
        consume_span("c", "p", "e", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").in_scope(|| {
            assert_eq!(traceparent(), "");
        });
    });
    runtime.block_on(async {
        telemetry.flush().await.expect("nothing to do");
        telemetry.shutdown().await.expect("nothing to do");
    });
}
