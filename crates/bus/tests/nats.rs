//! What only a real server can show: versions, settings, what others put into our streams.

use std::time::Duration;

use async_nats::jetstream::{self, consumer, stream};
use bus::nats::{NatsBus, NatsConfig};
use bus::{Bus, BusError, Envelope, Subscription};
use testkit::Nats;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn config() -> NatsConfig {
    NatsConfig {
        prefix: testkit::unique("t"),
        answer_max: Duration::from_secs(2),
        ..NatsConfig::new(Nats::shared().url())
    }
}

async fn raw() -> jetstream::Context {
    jetstream::new(async_nats::connect(Nats::shared().url()).await.unwrap())
}

fn name(config: &NatsConfig) -> String {
    format!("{}_VINHDANH_INTAKE", config.prefix)
}

fn event(id: &str) -> Envelope {
    Envelope {
        id: id.into(),
        producer: "intake".into(),
        event_type: "dossier.submitted".into(),
        agency: "bnv".into(),
        aggregate: "dossier/1".into(),
        seq: 1,
        position: 1,
        epoch: String::new(),
        at: 0,
        traceparent: String::new(),
        body: b"body".to_vec(),
    }
}

async fn first_id(feed: &mut Box<dyn Subscription>) -> String {
    for _ in 0..20 {
        if let Some(delivery) = feed.next(1, Duration::from_secs(1)).await.unwrap().pop() {
            let id = delivery.envelope().id.clone();
            delivery.ack().await;
            return id;
        }
    }
    panic!("nothing came");
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_with_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let info = r#"{"server_id":"a","server_name":"old","version":"2.9.10","max_payload":1048576,"proto":1,"headers":true}"#;
        socket.write_all(format!("INFO {info}\r\n").as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        while let Ok(1..) = socket.read(&mut buffer).await {
            socket.write_all(b"PONG\r\n").await.unwrap();
        }
    });
    let refused = NatsBus::connect(NatsConfig::new(url)).await.err().unwrap();
    assert!(matches!(refused, BusError::Unfit(_)));
    let text = refused.to_string();
    assert!(
        text.contains("2.9.10") && text.contains("2.10") && text.contains("upgrade"),
        "{text}"
    );
    server.abort();
}

#[tokio::test]
async fn no_server_is_unavailable_and_the_message_keeps_the_password() {
    let url = format!("nats://user:secret@127.0.0.1:{}", testkit::free_port());
    let error = NatsBus::connect(NatsConfig::new(url)).await.err().unwrap();
    assert!(matches!(error, BusError::Unavailable(_)));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_prefix_that_is_no_word_is_refused() {
    let error = NatsBus::connect(NatsConfig {
        prefix: "a.b".into(),
        ..config()
    })
    .await
    .err()
    .unwrap();
    assert!(matches!(error, BusError::Unfit(_)), "{error}");
}

#[tokio::test]
async fn the_stream_is_made_as_it_is_configured() {
    let config = NatsConfig {
        max_bytes: Some(1 << 20),
        ..config()
    };
    NatsBus::connect(config.clone())
        .await
        .unwrap()
        .identity("intake")
        .await
        .unwrap();
    let made = raw()
        .await
        .get_stream(name(&config))
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    assert_eq!(made.subjects, [format!("{}.vinhdanh.v1.*.intake.>", config.prefix)]);
    assert_eq!(made.storage, stream::StorageType::File);
    assert_eq!(made.retention, stream::RetentionPolicy::Limits);
    assert_eq!(made.discard, stream::DiscardPolicy::Old);
    assert_eq!(made.max_age, Duration::from_hours(7 * 24));
    assert_eq!(made.duplicate_window, Duration::from_mins(2));
    assert_eq!(
        (made.max_bytes, made.deny_delete, made.deny_purge),
        (1 << 20, true, true)
    );
}

#[tokio::test]
async fn settings_that_can_be_changed_are_put_right_and_the_events_stay() {
    let config = config();
    let subjects = vec![format!("{}.vinhdanh.v1.*.intake.>", config.prefix)];
    let other = stream::Config {
        name: name(&config),
        subjects,
        max_age: Duration::from_hours(1),
        max_messages: 10,
        description: Some("the operator's".into()),
        ..Default::default()
    };
    let raw = raw().await;
    raw.create_stream(other).await.unwrap();
    let bus = NatsBus::connect(config.clone()).await.unwrap();
    bus.publish(&[event("early")]).await.unwrap();
    let identity = bus.identity("intake").await.unwrap();
    assert_eq!(identity.last, 1);
    let info = raw.get_stream(name(&config)).await.unwrap().cached_info().clone();
    assert_eq!(info.config.max_age, config.max_age);
    assert_eq!((info.config.max_messages, info.config.deny_purge), (-1, true));
    assert_eq!(info.config.description.as_deref(), Some("the operator's"));
    assert_eq!(info.created.unix_timestamp_nanos().to_string(), identity.created);
}

#[tokio::test]
async fn settings_that_cannot_be_changed_are_refused_by_name() {
    let config = config();
    let subjects = vec![format!("{}.vinhdanh.v1.*.intake.>", config.prefix)];
    let storage = stream::StorageType::Memory;
    let other = stream::Config {
        name: name(&config),
        subjects,
        storage,
        ..Default::default()
    };
    raw().await.create_stream(other).await.unwrap();
    let bus = NatsBus::connect(config.clone()).await.unwrap();
    for error in [
        bus.identity("intake").await.err(),
        bus.subscribe("council", "intake").await.err(),
    ] {
        let error = error.unwrap();
        assert!(matches!(error, BusError::Unfit(_)));
        let text = error.to_string();
        assert!(
            text.contains("storage is Memory, not File") && text.contains(&name(&config)),
            "{text}"
        );
    }
}

#[tokio::test]
async fn more_replicas_than_servers_are_refused() {
    let bus = NatsBus::connect(NatsConfig {
        replicas: 3,
        ..config()
    })
    .await
    .unwrap();
    let error = bus.identity("intake").await.unwrap_err();
    assert!(
        matches!(error, BusError::Unfit(_)) && error.to_string().contains("replicas"),
        "{error}"
    );
}

#[tokio::test]
async fn a_stranger_on_our_subjects_is_refused() {
    let config = config();
    let subjects = vec![format!("{}.vinhdanh.>", config.prefix)];
    let stranger = stream::Config {
        name: testkit::unique("stranger"),
        subjects,
        ..Default::default()
    };
    raw().await.create_stream(stranger).await.unwrap();
    let bus = NatsBus::connect(config).await.unwrap();
    let error = bus.identity("intake").await.unwrap_err();
    assert!(
        matches!(error, BusError::Unfit(_)) && error.to_string().contains("overlap"),
        "{error}"
    );
}

#[tokio::test]
async fn a_consumer_with_another_ack_wait_is_put_right_and_one_with_another_start_is_refused() {
    let config = config();
    let bus = NatsBus::connect(config.clone()).await.unwrap();
    bus.identity("intake").await.unwrap();
    let raw = raw().await;
    let other = consumer::pull::Config {
        durable_name: Some("council".into()),
        ack_wait: Duration::from_secs(1),
        max_deliver: 3,
        ..Default::default()
    };
    raw.create_consumer_on_stream(other, name(&config)).await.unwrap();
    bus.subscribe("council", "intake").await.unwrap();
    let found: consumer::PullConsumer = raw.get_consumer_from_stream("council", name(&config)).await.unwrap();
    assert_eq!(
        (
            found.cached_info().config.ack_wait,
            found.cached_info().config.max_deliver
        ),
        (config.ack_wait, -1)
    );

    let deliver_policy = consumer::DeliverPolicy::New;
    let other = consumer::pull::Config {
        durable_name: Some("late".into()),
        deliver_policy,
        ..Default::default()
    };
    raw.create_consumer_on_stream(other, name(&config)).await.unwrap();
    let error = bus.subscribe("late", "intake").await.err().unwrap();
    assert!(matches!(error, BusError::Unfit(_)), "{error}");
}

#[tokio::test]
async fn a_message_that_is_no_event_is_ended_and_the_feed_goes_on() {
    let config = NatsConfig {
        ack_wait: Duration::from_millis(300),
        ..config()
    };
    let bus = NatsBus::connect(config.clone()).await.unwrap();
    let mut feed = bus.subscribe("council", "intake").await.unwrap();
    let raw = raw().await;
    let subject = format!("{}.vinhdanh.v1.bnv.intake.x", config.prefix);
    raw.publish(subject.clone(), "no headers".into())
        .await
        .unwrap()
        .await
        .unwrap();
    bus.publish(&[event("good")]).await.unwrap();
    assert_eq!(first_id(&mut feed).await, "good");
    // Alone, too, and it ends the wait of nobody.
    raw.publish(subject, "no headers".into()).await.unwrap().await.unwrap();
    let (id, ()) = tokio::join!(first_id(&mut feed), async {
        bus.publish(&[event("next")]).await.unwrap();
    });
    assert_eq!(id, "next");
    assert!(feed.next(1, Duration::from_millis(600)).await.unwrap().is_empty());
    let mut council: consumer::PullConsumer = raw.get_consumer_from_stream("council", name(&config)).await.unwrap();
    assert_eq!(council.info().await.unwrap().num_ack_pending, 0);
}

#[tokio::test]
async fn a_body_that_the_server_does_not_take_is_refused_by_id() {
    let bus = NatsBus::connect(config()).await.unwrap();
    bus.identity("intake").await.unwrap();
    let error = bus
        .publish(&[Envelope {
            body: vec![0; 2 << 20],
            ..event("huge")
        }])
        .await
        .unwrap_err();
    assert!(
        matches!(error, BusError::Unfit(_)) && error.to_string().contains("huge"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_within_the_bound() {
    let server = Nats::start();
    let answer_max = Duration::from_millis(500);
    let bus = NatsBus::connect(NatsConfig {
        answer_max,
        ..NatsConfig::new(server.url())
    })
    .await
    .unwrap();
    let mut feed = bus.subscribe("council", "intake").await.unwrap();
    server.pause();
    let start = tokio::time::Instant::now();
    assert!(matches!(
        bus.publish(&[event("a")]).await,
        Err(BusError::Unavailable(_))
    ));
    assert!(matches!(
        feed.next(1, Duration::from_millis(200)).await,
        Err(BusError::Unavailable(_))
    ));
    bus.close().await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    server.resume();
}

#[tokio::test]
async fn what_was_acked_before_closing_is_acked() {
    let config = config();
    let bus = NatsBus::connect(config.clone()).await.unwrap();
    let mut feed = bus.subscribe("council", "intake").await.unwrap();
    bus.publish(&[event("a")]).await.unwrap();
    assert_eq!(first_id(&mut feed).await, "a");
    bus.close().await;
    assert!(matches!(
        bus.publish(&[event("b")]).await,
        Err(BusError::Unavailable(_))
    ));
    let mut council: consumer::PullConsumer = raw()
        .await
        .get_consumer_from_stream("council", name(&config))
        .await
        .unwrap();
    assert_eq!(council.info().await.unwrap().num_ack_pending, 0);
}

#[tokio::test]
async fn a_server_that_comes_back_empty_has_another_identity_and_serves_again() {
    let server = Nats::start();
    let bus = NatsBus::connect(NatsConfig::new(server.url())).await.unwrap();
    let mut feed = bus.subscribe("council", "intake").await.unwrap();
    bus.publish(&[event("a")]).await.unwrap();
    assert_eq!(first_id(&mut feed).await, "a");
    let before = bus.identity("intake").await.unwrap();
    server.restart_empty();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let after = loop {
        match bus.identity("intake").await {
            Ok(identity) => break identity,
            Err(error) => assert!(tokio::time::Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_ne!(after.created, before.created);
    assert_eq!(after.last, 0);
    // Pulls that were under way are gone with the old server, and the feed says so rather than wait for ever.
    assert!(matches!(
        feed.next(1, Duration::from_secs(20)).await,
        Err(BusError::Unavailable(_))
    ));
    let mut feed = bus.subscribe("council", "intake").await.unwrap();
    bus.publish(&[event("a")]).await.unwrap();
    assert_eq!(first_id(&mut feed).await, "a");
}
