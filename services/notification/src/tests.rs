//! The rooms together, over a real store: an event comes in, and somebody is told.

mod mail;
mod smtp;

use std::time::Duration;

use access::{Principal, Role};
use bus::Envelope;
use host::{Clock, engine::Reacted, replica::Replica};
use journal::{Inbox, Journal, Location};
use machine::{Machine as _, Timestamp};
use prost::Message as _;
use proto::{
    approval::v1 as approval,
    notification::v1::{self, notification_service_server::NotificationService as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
    task::JoinHandle,
};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status};

use crate::{
    Notification, NotificationConfig,
    api::Api,
    machine::delivery::{self, Delivery},
    views,
};
use host::{Engine, Fault, Service as _};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct World {
    service: Notification,
    engine: Engine,
    clock: Clock,
    stop: CancellationToken,
    worker: Option<JoinHandle<()>>,
    _home: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with(NotificationConfig {
            webhook_private: true,
            mail: None,
        })
        .await
    }

    async fn with(config: NotificationConfig) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let service = Notification::new(config);
        let location = Location::Directory(home.path().to_owned());
        let store = journal::open(&location, "notification", service.migrations(false))
            .await
            .expect("a store");
        let clock = Clock::simulated(Timestamp(1_700_000_000_000_000));
        let journal = Journal::new(store).await.expect("a journal");
        let engine = Engine::new("notification", journal, clock.clone(), Replica::default());
        service.prepare(&engine).await.expect("it is prepared");
        Self {
            service,
            engine,
            clock,
            stop: CancellationToken::new(),
            worker: None,
            _home: home,
        }
    }

    fn api(&self) -> Api {
        Api {
            shared: self.service.shared.clone(),
            engine: self.engine.clone(),
        }
    }

    /// Starts the worker that calls webhooks and hands e-mail over.
    fn work(&mut self) {
        let (service, engine, stop) = (self.service.clone(), self.engine.clone(), self.stop.clone());
        self.worker = Some(tokio::spawn(async move { service.run(engine, stop).await }));
    }

    async fn end(mut self) {
        self.stop.cancel();
        if let Some(worker) = self.worker.take() {
            worker.await.expect("the worker ends");
        }
        self.engine.journal().close().await;
    }

    async fn subscribe(&self, channel: v1::Channel, endpoint: &str, filter: &[(&str, &str)]) -> v1::Subscription {
        let request = create(channel, endpoint, filter);
        self.api()
            .create_subscription(by(&officer(), request))
            .await
            .expect("a subscription")
            .into_inner()
    }

    /// The `n`th event about a dossier.
    async fn happens(&self, n: u64, fact: approval::event::Fact) -> Result<Reacted, Fault> {
        self.happens_to(&self.service, n, fact).await
    }

    async fn happens_to(&self, service: &Notification, n: u64, fact: approval::event::Fact) -> Result<Reacted, Fault> {
        let body = approval::Event {
            dossier: "d-1".to_owned(),
            level: "state".to_owned(),
            fact: Some(fact),
            ..approval::Event::default()
        };
        let event = Envelope {
            id: format!("e-{n}"),
            producer: "approval".to_owned(),
            event_type: "dossier.changed".to_owned(),
            agency: "chu-tich-nuoc".to_owned(),
            aggregate: "approval.course/d-1".to_owned(),
            seq: n,
            position: n as i64,
            epoch: String::new(),
            at: self.clock.now().0,
            traceparent: String::new(),
            body: body.encode_to_vec(),
        };
        let inbox = Inbox {
            consumer: "notification".to_owned(),
            producer: event.producer.clone(),
            aggregate: event.aggregate.clone(),
            seq: event.seq,
            event_id: event.id.clone(),
            position: event.position,
            at: event.at,
        };
        self.engine
            .react(inbox, String::new(), service.touches(&event), |unit| {
                service.react(&event, unit)
            })
            .await
    }

    /// Moves the clock, and fires what is due, as the host does.
    async fn advance(&self, seconds: i64) {
        assert!(self.clock.advance(Timestamp(self.clock.now().0 + seconds * 1_000_000)));
        for timer in self
            .engine
            .journal()
            .store()
            .due(self.clock.now().0, 100)
            .await
            .expect("timers")
        {
            let fire = |unit: &mut host::Unit| self.service.fire(&timer.key, &timer.name, unit);
            self.engine.fire(&timer, fire).await.expect("it is fired");
        }
    }

    async fn deliveries(&self, status: &str) -> Vec<v1::Delivery> {
        let request = v1::ListDeliveriesRequest {
            status: status.to_owned(),
            ..v1::ListDeliveriesRequest::default()
        };
        self.api()
            .list_deliveries(by(&officer(), request))
            .await
            .expect("a list")
            .into_inner()
            .deliveries
    }

    /// Waits until there are so many deliveries of a status: every change of one sets or clears its timer.
    async fn until(&self, status: &str, count: usize) -> Vec<v1::Delivery> {
        let mut changed = self.engine.journal().timers_changed();
        let waiting = async {
            loop {
                changed.mark_unchanged();
                let found = self.deliveries(status).await;
                if found.len() == count {
                    return found;
                }
                changed.changed().await.expect("the journal runs");
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it comes in time")
    }
}

fn officer() -> Principal {
    person("officer.so-noi-vu-hung-yen", Role::Officer, "so-noi-vu-hung-yen")
}

fn person(subject: &str, role: Role, agency: &str) -> Principal {
    Principal {
        subject: subject.to_owned(),
        role,
        agency: agency.to_owned(),
        person: None,
    }
}

fn by<T>(who: &Principal, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(who.clone());
    request
}

#[expect(clippy::disallowed_methods, reason = "a client makes its request ids")]
fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn create(channel: v1::Channel, endpoint: &str, filter: &[(&str, &str)]) -> v1::CreateSubscriptionRequest {
    v1::CreateSubscriptionRequest {
        request_id: request_id(),
        filter: filter
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        channel: channel.into(),
        endpoint: endpoint.to_owned(),
    }
}

fn awarded() -> approval::event::Fact {
    approval::event::Fact::Awarded(approval::Awarded::default())
}

fn received() -> approval::event::Fact {
    approval::event::Fact::Received(approval::Received::default())
}

fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

/// Answers calls with these statuses, one after another; what it was sent.
async fn receiver(answers: &'static [u16]) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (seen, calls) = mpsc::channel(100);
    tokio::spawn(async move {
        for status in answers {
            let (mut stream, _) = listener.accept().await.expect("a call");
            let mut request = Vec::new();
            while !request.ends_with(b"}}") {
                assert_ne!(stream.read_buf(&mut request).await.expect("a request"), 0);
            }
            let answer = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("an answer");
            seen.send(String::from_utf8(request).expect("text"))
                .await
                .expect("the test listens");
        }
    });
    (endpoint, calls)
}

#[tokio::test]
async fn every_statement_is_understood_by_the_store() {
    let world = World::new().await;
    for sql in world.service.statements() {
        world.engine.journal().store().prepare(sql).await.expect(sql);
    }
    world.end().await;
}

#[tokio::test]
async fn an_event_becomes_one_delivery_for_each_subscription_that_it_matches() {
    let world = World::new().await;
    world.subscribe(v1::Channel::Stream, "", &[]).await;
    world
        .subscribe(v1::Channel::Stream, "", &[("fact", "dossier.awarded")])
        .await;
    assert_eq!(world.happens(1, received()).await.expect("applied"), Reacted::Applied);
    assert_eq!(world.happens(2, awarded()).await.expect("applied"), Reacted::Applied);
    assert_eq!(world.happens(2, awarded()).await.expect("known"), Reacted::Duplicate);
    let facts: Vec<String> = world
        .deliveries("")
        .await
        .into_iter()
        .map(|delivery| delivery.fact)
        .collect();
    assert_eq!(facts, ["dossier.received", "dossier.awarded", "dossier.awarded"]);
    world.end().await;
}

#[tokio::test]
async fn a_replica_that_missed_a_subscription_does_not_lose_its_event() {
    let world = World::new().await;
    let replica = Notification::new(NotificationConfig {
        webhook_private: true,
        mail: None,
    });
    replica.prepare(&world.engine).await.expect("it is prepared");
    world.subscribe(v1::Channel::Stream, "", &[]).await;
    let fault = world
        .happens_to(&replica, 1, awarded())
        .await
        .expect_err("its census is outdated");
    assert!(fault.is_transient(), "{fault}");
    replica.shared.reload(&world.engine).await.expect("it is read anew");
    assert_eq!(
        world.happens_to(&replica, 1, awarded()).await.expect("applied"),
        Reacted::Applied
    );
    assert_eq!(world.deliveries("pending").await.len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_webhook_is_called_again_until_it_is_taken_with_the_same_id_and_body() {
    let mut world = World::new().await;
    world.work();
    let (endpoint, mut calls) = receiver(&[500, 200]).await;
    let subscription = world.subscribe(v1::Channel::Webhook, &endpoint, &[]).await;
    assert!(subscription.secret.starts_with("whsec_"), "{subscription:?}");
    world.happens(1, awarded()).await.expect("applied");
    let waiting = world.until("waiting", 1).await.remove(0);
    assert_eq!((waiting.attempts, waiting.last_result.as_str()), (1, "HTTP 500"));
    assert_eq!(waiting.next_attempt_at, world.clock.now().0 + 5_000_000);
    world.advance(5).await;
    let delivered = world.until("delivered", 1).await.remove(0);
    assert_eq!((delivered.attempts, delivered.last_result.as_str()), (2, "HTTP 200"));
    let (first, second) = (
        calls.recv().await.expect("a call"),
        calls.recv().await.expect("another"),
    );
    let body = |call: &str| call.split_once("\r\n\r\n").expect("head and body").1.to_owned();
    assert_eq!(body(&first), body(&second));
    for call in [&first, &second] {
        assert!(call.contains(&format!("webhook-id: {}", delivered.delivery)), "{call}");
    }
    assert!(first.contains("webhook-timestamp: 1700000000") && second.contains("webhook-timestamp: 1700000005"));
    assert_eq!(world.service.under_way(&world.engine).await.expect("a count"), 0);
    world.end().await;
}

#[tokio::test]
async fn what_a_crashed_process_was_sending_is_sent_again() {
    let mut world = World::new().await;
    let (endpoint, mut calls) = receiver(&[200]).await;
    world.subscribe(v1::Channel::Webhook, &endpoint, &[]).await;
    world.happens(1, awarded()).await.expect("applied");
    let id = world.deliveries("pending").await.remove(0).delivery;
    let attempt = |unit: &mut host::Unit| unit.step::<Delivery>(&id, delivery::Input::Attempt).map(|_| ());
    world
        .engine
        .work("webhook", Vec::new(), attempt)
        .await
        .expect("it is claimed, and then the process dies");
    world.service.prepare(&world.engine).await.expect("a new one starts");
    world.until("waiting", 1).await;
    world.work();
    world.advance(5).await;
    assert_eq!(world.until("delivered", 1).await.remove(0).attempts, 2);
    calls.recv().await.expect("it was called");
    world.end().await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_ends_its_subscription_and_what_still_waits() {
    let mut world = World::new().await;
    let (endpoint, _calls) = receiver(&[410]).await;
    let subscription = world.subscribe(v1::Channel::Webhook, &endpoint, &[]).await.subscription;
    for n in 1..=9 {
        world.happens(n, awarded()).await.expect("applied");
    }
    world.work();
    world.until("suppressed", 9).await;
    let get = v1::GetSubscriptionRequest { subscription };
    let ended = world
        .api()
        .get_subscription(by(&officer(), get))
        .await
        .expect("it is there")
        .into_inner();
    assert_eq!(ended.status, "ended");
    world.happens(10, awarded()).await.expect("applied");
    assert_eq!(world.deliveries("").await.len(), 9);
    world.end().await;
}

#[tokio::test]
async fn a_secret_is_shown_once_and_never_enters_history() {
    let world = World::new().await;
    let request = create(v1::Channel::Webhook, "http://127.0.0.1:9/hook", &[]);
    let api = world.api();
    let first = api
        .create_subscription(by(&officer(), request.clone()))
        .await
        .expect("made")
        .into_inner();
    let again = api
        .create_subscription(by(&officer(), request))
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(
        again,
        v1::Subscription {
            secret: String::new(),
            ..first.clone()
        }
    );
    let key = journal::Key::new(crate::machine::subscription::Subscription::NAME, &first.subscription);
    let rows = world
        .engine
        .journal()
        .store()
        .history(&key, 0, 10)
        .await
        .expect("history");
    let secret = first.secret.trim_start_matches("whsec_");
    assert!(
        rows.iter()
            .all(|row| !String::from_utf8_lossy(&row.entry.input).contains(secret))
    );
    world.end().await;
}

#[tokio::test]
async fn a_stream_brings_what_was_not_acknowledged_and_then_what_comes() {
    let world = World::new().await;
    let subscription = world.subscribe(v1::Channel::Stream, "", &[]).await.subscription;
    world.happens(1, received()).await.expect("applied");
    assert_eq!(world.service.under_way(&world.engine).await.expect("a count"), 0);
    let open = || async {
        let request = v1::StreamDeliveriesRequest {
            subscription: subscription.clone(),
        };
        world
            .api()
            .stream_deliveries(by(&officer(), request))
            .await
            .expect("a stream")
            .into_inner()
    };
    let mut stream = open().await;
    let next = |stream: tokio_stream::wrappers::ReceiverStream<Result<v1::Delivery, Status>>| async move {
        let mut stream = stream;
        let next = tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time");
        (stream, next.expect("one more").expect("a delivery"))
    };
    let first;
    (stream, first) = next(stream).await;
    assert_eq!(first.fact, "dossier.received");
    world.happens(2, awarded()).await.expect("applied");
    let second;
    (stream, second) = next(stream).await;
    assert_eq!(second.fact, "dossier.awarded");
    assert_eq!(world.service.under_way(&world.engine).await.expect("a count"), 2);
    let acknowledge = v1::AcknowledgeDeliveryRequest {
        request_id: request_id(),
        delivery: first.delivery,
    };
    let done = world
        .api()
        .acknowledge_delivery(by(&officer(), acknowledge))
        .await
        .expect("taken")
        .into_inner();
    assert_eq!(done.status, "delivered");
    drop(stream);
    let (stream, again) = next(open().await).await;
    assert_eq!(again, second);
    drop(stream);
    world.end().await;
}

#[tokio::test]
async fn what_is_not_ones_own_does_not_exist() {
    let world = World::new().await;
    let subscription = world.subscribe(v1::Channel::Stream, "", &[]).await.subscription;
    world.happens(1, awarded()).await.expect("applied");
    let delivery = world.deliveries("").await.remove(0).delivery;
    let api = world.api();
    for stranger in [
        person("officer.so-noi-vu-nghe-an", Role::Officer, "so-noi-vu-nghe-an"),
        person("nominee.1", Role::Nominee, "so-noi-vu-hung-yen"),
    ] {
        let get = v1::GetSubscriptionRequest {
            subscription: subscription.clone(),
        };
        let delete = v1::DeleteSubscriptionRequest {
            request_id: request_id(),
            subscription: subscription.clone(),
            etag: String::new(),
        };
        let stream = v1::StreamDeliveriesRequest {
            subscription: subscription.clone(),
        };
        let acknowledge = v1::AcknowledgeDeliveryRequest {
            request_id: request_id(),
            delivery: delivery.clone(),
        };
        let refusals = [
            api.get_subscription(by(&stranger, get)).await.expect_err("not theirs"),
            api.delete_subscription(by(&stranger, delete))
                .await
                .expect_err("not theirs"),
            api.stream_deliveries(by(&stranger, stream))
                .await
                .map(|_| ())
                .expect_err("not theirs"),
            api.acknowledge_delivery(by(&stranger, acknowledge))
                .await
                .expect_err("not theirs"),
        ];
        for refusal in refusals {
            assert_eq!(refusal.code(), Code::PermissionDenied);
        }
        let list = v1::ListDeliveriesRequest::default();
        assert_eq!(
            api.list_deliveries(by(&stranger, list))
                .await
                .expect("a list")
                .into_inner()
                .deliveries,
            []
        );
        let list = v1::ListSubscriptionsRequest::default();
        assert_eq!(
            api.list_subscriptions(by(&stranger, list))
                .await
                .expect("a list")
                .into_inner()
                .subscriptions,
            []
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_wrong_filter_or_endpoint_is_refused_by_its_reason() {
    let world = World::new().await;
    let api = world.api();
    for (request, expected) in [
        (create(v1::Channel::Stream, "", &[("colour", "red")]), "UNKNOWN_FILTER"),
        (create(v1::Channel::Webhook, "ftp://example.vn/", &[]), "BAD_ENDPOINT"),
        (create(v1::Channel::Stream, "https://example.vn/", &[]), "BAD_ENDPOINT"),
        (create(v1::Channel::Unspecified, "", &[]), "INVALID_REQUEST"),
    ] {
        let refusal = api
            .create_subscription(by(&officer(), request))
            .await
            .expect_err("refused");
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::InvalidArgument, expected)
        );
    }
    world.end().await;
}

#[tokio::test]
async fn what_waits_is_suppressed_when_its_subscription_is_deleted() {
    let mut world = World::new().await;
    let subscription = world.subscribe(v1::Channel::Stream, "", &[]).await;
    world.happens(1, awarded()).await.expect("applied");
    world.work();
    let delete = v1::DeleteSubscriptionRequest {
        request_id: request_id(),
        subscription: subscription.subscription,
        etag: subscription.etag,
    };
    world
        .api()
        .delete_subscription(by(&officer(), delete))
        .await
        .expect("deleted");
    world.until("suppressed", 1).await;
    let rows = world
        .engine
        .journal()
        .store()
        .query(views::LEFT_OVER, &[journal::Value::Int(10)])
        .await
        .expect("rows");
    assert_eq!(rows, Vec::<journal::Row>::new());
    world.end().await;
}
