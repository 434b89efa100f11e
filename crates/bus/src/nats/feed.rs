//! A durable pull consumer, read by requests of our own making.
//!
//! The client's ready-made ways do not fit: its endless stream fetches ahead of a caller that is busy, so that another
//! subscriber of the same consumer starves; its single batch can sleep over a message that follows a heartbeat.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::jetstream::consumer::{IntoConsumerConfig, PullConsumer};
use async_nats::jetstream::message::Acker;
use async_nats::jetstream::stream::ConsumerErrorKind;
use async_nats::jetstream::{self, AckKind};
use async_nats::{Client, Message, StatusCode, Subscriber};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Line, NatsBus, headers, refused, settings};
use crate::{BusError, Delivery, Envelope, Subscription};

/// The server's clock and ours end a wait at about the same time; for less than this no request is sent.
const WORTH_WAITING: Duration = Duration::from_millis(20);

/// What a consumer has not seen of a stream.
pub(super) struct Feed {
    consumer: PullConsumer,
    client: Client,
    jetstream: jetstream::Context,
    /// Answers to our requests come to `<inbox>.<number of the request>`.
    inbox: String,
    asked: u64,
    answers: Subscriber,
    line: watch::Receiver<Line>,
    answer_max: Duration,
    /// For messages: consumer and stream.
    name: String,
}

/// What an answer to a pull request means.
enum Answer {
    Event(Box<dyn Delivery>),
    /// A message that is no event of ours: it was ended.
    Poison,
    /// The request still stands.
    Alive,
    /// The request is over: nothing came within its time, or nothing may come since too much is unsettled.
    Over,
}

impl Feed {
    /// Makes or finds the durable consumer; `line` has seen what happened before the stream was looked at.
    pub(super) async fn open(
        bus: &NatsBus,
        stream: &str,
        consumer: &str,
        line: watch::Receiver<Line>,
    ) -> Result<Self, BusError> {
        let name = format!("nats consumer {consumer} of {stream}");
        let wanted = settings::consumer(&bus.config, consumer);
        let made = bus.jetstream.create_consumer_on_stream(wanted.clone(), stream).await;
        let consumer: PullConsumer = made.map_err(|e| match e.kind() {
            ConsumerErrorKind::JetStream(error) => refused(&name, &error),
            _ => BusError::Unavailable(format!("{name}: {e}")),
        })?;
        // Made or updated, and then read back: the answer holds what the server keeps.
        let wanted = wanted.into_consumer_config();
        let differences = settings::consumer_differences(&wanted, &consumer.cached_info().config);
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Err(BusError::Unfit(format!(
                "{name}: {differences}: delete the consumer, it is made again"
            )));
        }
        let inbox = bus.client.new_inbox();
        let answers = bus.client.subscribe(format!("{inbox}.*")).await;
        let answers = answers.map_err(|e| BusError::Unavailable(format!("{name}: {e}")))?;
        Ok(Self {
            consumer,
            client: bus.client.clone(),
            jetstream: bus.jetstream.clone(),
            inbox,
            asked: 0,
            answers,
            line,
            answer_max: bus.config.answer_max,
            name,
        })
    }

    fn broken(&self, why: impl std::fmt::Display) -> BusError {
        BusError::Unavailable(format!("{}: {why}: subscribe again", self.name))
    }

    fn inbox_now(&self) -> String {
        format!("{}.{}", self.inbox, self.asked)
    }

    async fn ask(&mut self, batch: usize, wait: Duration, no_wait: bool) -> Result<(), BusError> {
        self.asked += 1;
        let expires = (!wait.is_zero()).then_some(wait);
        let idle_heartbeat = settings::heartbeat(wait);
        let request = BatchConfig {
            batch,
            expires,
            idle_heartbeat,
            no_wait,
            ..Default::default()
        };
        let sent = self.consumer.request_batch(request, self.inbox_now().into()).await;
        sent.map_err(|e| self.broken(e))
    }

    async fn read(&self, message: Message) -> Result<Answer, BusError> {
        let status = message.status.unwrap_or(StatusCode::OK);
        let stale = message.subject.as_str() != self.inbox_now();
        let why = message.description.as_deref().unwrap_or_default();
        match status {
            StatusCode::OK => Ok(self.open_up(message).await),
            // About an earlier request, whose caller did not wait for the end.
            _ if stale => Ok(Answer::Alive),
            StatusCode::IDLE_HEARTBEAT => Ok(Answer::Alive),
            StatusCode::TIMEOUT | StatusCode::NOT_FOUND => Ok(Answer::Over),
            StatusCode::REQUEST_TERMINATED if why.contains("MaxAckPending") => Ok(Answer::Over),
            StatusCode::NO_RESPONDERS => Err(self.broken("the consumer is gone")),
            _ => Err(self.broken(format!("{status} {why}"))),
        }
    }

    async fn open_up(&self, message: Message) -> Answer {
        let message = jetstream::Message {
            message,
            context: self.jetstream.clone(),
        };
        let (message, acker) = message.split();
        let settle = Settle {
            client: self.client.clone(),
            acker,
            answer_max: self.answer_max,
        };
        match headers::decode(message.headers.as_ref(), message.payload.into()) {
            Ok(envelope) => Answer::Event(Box::new(NatsDelivery { envelope, settle })),
            Err(why) => {
                tracing::warn!(feed = self.name, subject = %message.subject, %why, "a message that is no event was ended");
                settle.say(AckKind::Term).await;
                Answer::Poison
            }
        }
    }

    /// What has arrived already.
    async fn collect(&mut self, max: usize, batch: &mut Vec<Box<dyn Delivery>>) {
        while batch.len() < max
            && let Some(Some(message)) = self.answers.next().now_or_never()
        {
            // A broken feed shows again at the next request.
            if let Ok(Answer::Event(event)) = self.read(message).await {
                batch.push(event);
            }
        }
    }
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Box<dyn Delivery>>, BusError> {
        let (max, deadline) = (max.max(1), Instant::now() + wait);
        let mut batch = Vec::new();
        if self.line.has_changed().unwrap_or(true) {
            return Err(self.broken("the connection was lost"));
        }
        self.collect(max, &mut batch).await;
        if !batch.is_empty() {
            return Ok(batch);
        }
        // Both in one: take what is there at once, and only if nothing is, wait. So no request outlives its `next`, and
        // nothing is sent here while another subscriber of the consumer has time for it.
        self.ask(max, wait, true).await?;
        let silence_max = settings::heartbeat(wait) * 2 + self.answer_max;
        loop {
            let answer = tokio::select! {
                answer = self.answers.next() => answer,
                _ = self.line.changed() => return Err(self.broken("the connection was lost")),
                () = sleep(silence_max) => return Err(self.broken("the server fell silent")),
            };
            let Some(message) = answer else {
                return Err(self.broken("the connection was closed"));
            };
            match self.read(message).await? {
                Answer::Event(event) => {
                    batch.push(event);
                    self.collect(max, &mut batch).await;
                    return Ok(batch);
                }
                Answer::Alive => {}
                Answer::Over | Answer::Poison => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left < WORTH_WAITING {
                        return Ok(batch);
                    }
                    // It was over early: too much is unsettled. This request stands until something is settled.
                    self.ask(1, left, false).await?;
                }
            }
        }
    }
}

struct NatsDelivery {
    envelope: Envelope,
    settle: Settle,
}

#[async_trait]
impl Delivery for NatsDelivery {
    fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    async fn ack(self: Box<Self>) {
        self.settle.say(AckKind::Ack).await;
    }

    async fn nak(self: Box<Self>, delay: Duration) {
        self.settle.say(AckKind::Nak(Some(delay))).await;
    }

    async fn term(self: Box<Self>) {
        self.settle.say(AckKind::Term).await;
    }
}

struct Settle {
    client: Client,
    acker: Acker,
    answer_max: Duration,
}

impl Settle {
    /// Sent and not waited for: what does not arrive is delivered again, and the consumer's inbox knows it.
    async fn say(&self, kind: AckKind) {
        // Without a connection it would only fill the client's queue.
        let said = if self.client.connection_state() == State::Connected {
            tokio::time::timeout(self.answer_max, self.acker.ack_with(kind)).await
        } else {
            return tracing::debug!("nats: no connection, the delivery stays unsettled and comes again");
        };
        match said {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "nats: the delivery stays unsettled and comes again"),
            Err(_) => tracing::warn!("nats: the queue is full, the delivery stays unsettled and comes again"),
        }
    }
}
