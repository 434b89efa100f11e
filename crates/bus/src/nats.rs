//! The bus of a deployment: NATS JetStream, 2.10 or newer.
//!
//! One stream per producer, one durable pull consumer per consumer on it. The streams may be lost at any time: asking
//! for an identity or subscribing makes them again, and the producer's relay refills them.

mod feed;
pub mod headers;
mod settings;

use std::path::PathBuf;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{PublishErrorKind, RequestErrorKind};
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::Info;
use async_nats::jetstream::{self, Context, ContextBuilder, ErrorCode};
use async_nats::{Client, ConnectOptions, Event};
use async_trait::async_trait;
use tokio::sync::watch;

use self::feed::Feed;
use crate::port::token;
use crate::{Bus, BusError, Envelope, Identity, Subscription};

/// Publishes that wait for their acknowledgement at the same time: enough to hide the way there and back, few enough
/// to be resent.
const IN_FLIGHT_MAX: usize = 256;

/// How long [`Bus::close`] waits for what is on its way out.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// Where the server is, and what its streams and consumers are to be like.
#[derive(Clone, Debug)]
pub struct NatsConfig {
    /// `nats://host:4222` or `tls://…`; several servers of a cluster with commas between.
    pub url: String,
    /// A credentials file (`.creds`) of this service's user.
    pub credentials: Option<PathBuf>,
    /// PEM file with the authority that signed the server's certificate, if the system does not know it.
    pub authority: Option<PathBuf>,
    /// Goes before stream names and subjects, so that tests on one server keep apart; letters, digits, `-` and `_`.
    /// Empty in production.
    pub prefix: String,
    /// Copies of each stream in the cluster: 1, 3 or 5. One copy is not highly available. Default 1.
    pub replicas: usize,
    /// Events older than this leave the stream; consumers pull them from the producer. Default 7 days.
    pub max_age: Duration,
    /// The oldest events leave a stream that is larger, in bytes. Default: no bound but the server's.
    pub max_bytes: Option<i64>,
    /// Streams live in files; in memory only for tests. Default false.
    pub in_memory: bool,
    /// Nobody may delete or purge messages. It can be switched on for an existing stream, never off. Default true.
    pub deny_removal: bool,
    /// An event id is taken once within this time. Default 2 minutes.
    pub duplicate_window: Duration,
    /// A delivery that is not settled within this time is delivered again. Default 30 s.
    pub ack_wait: Duration,
    /// How many deliveries of one consumer may be unsettled before it gets no new ones. Default 1,000.
    pub unsettled_max: i64,
    /// How long the server may take for an answer. Default 5 s.
    pub answer_max: Duration,
}

impl NatsConfig {
    /// The settings of production, for a server at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials: None,
            authority: None,
            prefix: String::new(),
            replicas: 1,
            max_age: Duration::from_hours(7 * 24),
            max_bytes: None,
            in_memory: false,
            deny_removal: true,
            duplicate_window: Duration::from_mins(2),
            ack_wait: Duration::from_secs(30),
            unsettled_max: 1_000,
            answer_max: Duration::from_secs(5),
        }
    }
}

/// A bus on NATS JetStream. Clones share the connection.
#[derive(Clone)]
pub struct NatsBus {
    config: NatsConfig,
    client: Client,
    jetstream: Context,
    line: watch::Receiver<Line>,
}

/// What happened to the connection so far. It comes back by itself; the pull requests and acknowledgements that were
/// under way do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line {
    drops: u64,
    closed: bool,
}

impl NatsBus {
    /// Connects and checks the server's version. From then on a lost connection is sought again without end.
    ///
    /// `Unavailable` if nobody answers, `Unfit` if the configuration is wrong or the server too old.
    pub async fn connect(config: NatsConfig) -> Result<Self, BusError> {
        if !config.prefix.is_empty() && token(&config.prefix) != config.prefix {
            let prefix = &config.prefix;
            return Err(BusError::Unfit(format!(
                "nats prefix {prefix:?}: use letters, digits, - and _ only"
            )));
        }
        let (events, line) = watch::channel(Line::default());
        let mut options = ConnectOptions::new()
            .name("vinhdanh")
            .max_reconnects(None)
            .request_timeout(Some(config.answer_max))
            .connection_timeout(config.answer_max)
            .ping_interval(Duration::from_secs(10))
            .event_callback(move |event| {
                note(&events, &event);
                std::future::ready(())
            });
        if let Some(file) = &config.credentials {
            let unreadable = |e| BusError::Unfit(format!("nats credentials {}: {e}", file.display()));
            options = options.credentials_file(file).await.map_err(unreadable)?;
        }
        if let Some(file) = &config.authority {
            options = options.add_root_certificates(file.clone());
        }
        // The address is not in the message: it may hold a password.
        let servers: Vec<&str> = config.url.split(',').map(str::trim).collect();
        let client = options
            .connect(servers)
            .await
            .map_err(|e| BusError::Unavailable(format!("cannot connect to nats: {e}")))?;
        let jetstream = ContextBuilder::new().timeout(config.answer_max).build(client.clone());
        let bus = Self {
            config,
            client,
            jetstream,
            line,
        };
        bus.reachable()?;
        Ok(bus)
    }

    fn stream_name(&self, producer: &str) -> String {
        let prefix = &self.config.prefix;
        let name = format!("VINHDANH_{}", token(producer).to_ascii_uppercase());
        if prefix.is_empty() {
            name
        } else {
            format!("{prefix}_{name}")
        }
    }

    fn with_prefix(&self, subject: &str) -> String {
        let prefix = &self.config.prefix;
        if prefix.is_empty() {
            subject.to_owned()
        } else {
            format!("{prefix}.{subject}")
        }
    }

    /// Fails at once while there is no connection, rather than queue up behind it; and on a server that is too old,
    /// which may be another one than before.
    fn reachable(&self) -> Result<(), BusError> {
        if self.line.borrow().closed {
            return Err(BusError::Unavailable("nats: this connection was closed".into()));
        }
        if self.client.connection_state() != State::Connected {
            return Err(BusError::Unavailable(
                "nats: no connection at the moment, trying again".into(),
            ));
        }
        if !self.client.is_server_compatible(2, 10, 0) {
            let info = self.client.server_info();
            return Err(BusError::Unfit(format!(
                "nats server {} is version {}: vinhdanh needs 2.10 or newer; upgrade it, or leave --nats away to run on the in-process bus",
                info.server_name, info.version
            )));
        }
        Ok(())
    }

    /// Asks the JetStream API about a stream.
    async fn ask<T: serde::Serialize>(&self, verb: &str, stream: &str, body: &T) -> Result<Response<Info>, BusError> {
        let subject = format!("STREAM.{verb}.{stream}");
        self.jetstream.request(subject, body).await.map_err(|e| match e.kind() {
            RequestErrorKind::NoResponders => BusError::Unavailable(format!(
                "nats: nobody answers for stream {stream}: is jetstream enabled, and may this user ask for it?"
            )),
            _ => BusError::Unavailable(format!("nats: stream {stream}: {e}")),
        })
    }

    /// The producer's stream: made if it is missing, put right if it is otherwise than we want it, refused if that
    /// cannot be.
    async fn ensure(&self, producer: &str) -> Result<Info, BusError> {
        self.reachable()?;
        let name = self.stream_name(producer);
        let subjects = self.with_prefix(&format!("vinhdanh.v1.*.{}.>", token(producer)));
        let wanted = settings::stream(&self.config, name.clone(), subjects);
        let found = match self.ask("INFO", &name, &()).await? {
            Response::Ok(found) => found,
            Response::Err { error } if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                tracing::info!(stream = name, "making the stream");
                self.ask("CREATE", &name, &wanted).await?.made(&name)?
            }
            Response::Err { error } => return Err(refused(&format!("nats stream {name}"), &error)),
        };
        if settings::differences(&wanted, &found.config).is_empty() {
            return Ok(found);
        }
        let differences = settings::differences(&wanted, &found.config);
        tracing::warn!(
            stream = name,
            differences = differences.join("; "),
            "putting the stream's settings right"
        );
        let put_right = settings::put_right(&wanted, found.config.clone());
        let refusal = match self.ask("UPDATE", &name, &put_right).await? {
            Response::Ok(_) => "the server did not take them".to_owned(),
            Response::Err { error } => error.to_string(),
        };
        // Read back: an older server drops what it does not know without a word.
        let found = self.ask("INFO", &name, &()).await?.made(&name)?;
        let differences = settings::differences(&wanted, &found.config);
        if differences.is_empty() {
            return Ok(found);
        }
        Err(BusError::Unfit(format!(
            "nats stream {name}: {}; these settings cannot be changed ({refusal}): delete the stream, it is made and filled again",
            differences.join("; ")
        )))
    }

    async fn send(&self, batch: &[Envelope]) -> Result<(), BusError> {
        for part in batch.chunks(IN_FLIGHT_MAX) {
            let mut acks = Vec::with_capacity(part.len());
            for envelope in part {
                let headers = headers::encode(envelope)?;
                let subject = self.with_prefix(&envelope.subject());
                let sent = self
                    .jetstream
                    .publish_with_headers(subject, headers, envelope.body.clone().into())
                    .await;
                acks.push((envelope, sent.map_err(|e| self.not_published(envelope, &e))?));
            }
            for (envelope, ack) in acks {
                ack.await.map_err(|e| self.not_published(envelope, &e))?;
            }
        }
        Ok(())
    }

    fn not_published(&self, envelope: &Envelope, error: &jetstream::context::PublishError) -> BusError {
        let Envelope { id, producer, body, .. } = envelope;
        match error.kind() {
            PublishErrorKind::StreamNotFound => BusError::Unavailable(format!(
                "nats: no stream {}: ask for the identity of {producer}, which makes it",
                self.stream_name(producer)
            )),
            PublishErrorKind::MaxPayloadExceeded => BusError::Unfit(format!(
                "event {id} has {} bytes, and the nats server takes {}: raise its max_payload",
                body.len(),
                self.client.max_payload()
            )),
            _ => BusError::Unavailable(format!("nats did not confirm event {id}: {error}")),
        }
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), BusError> {
        let mut line = self.line.clone();
        let before = *line.borrow_and_update();
        self.reachable()?;
        tokio::select! {
            sent = self.send(batch) => sent,
            // Confirmations that were under way never come; what got through is known by its id when it is sent again.
            _ = line.wait_for(|now| *now != before) => Err(BusError::Unavailable("nats: connection lost while publishing".into())),
        }
    }

    async fn subscribe(&self, consumer: &str, producer: &str) -> Result<Box<dyn Subscription>, BusError> {
        let mut line = self.line.clone();
        line.mark_unchanged();
        let stream = self.ensure(producer).await?.config.name;
        Ok(Box::new(Feed::open(self, &stream, &token(consumer), line).await?))
    }

    async fn identity(&self, producer: &str) -> Result<Identity, BusError> {
        let info = self.ensure(producer).await?;
        Ok(Identity {
            created: info.created.unix_timestamp_nanos().to_string(),
            last: info.state.last_sequence,
        })
    }

    /// Sends out what is still queued, acknowledgements above all, and ends the connection of all clones, within 5 s.
    async fn close(&self) {
        let mut line = self.line.clone();
        let drain = async {
            let flushed = self.client.flush().await.is_ok();
            let drained = self.client.drain().await.is_ok();
            flushed && drained && line.wait_for(|line| line.closed).await.is_ok()
        };
        if !tokio::time::timeout(CLOSE_MAX, drain).await.unwrap_or(false) {
            tracing::warn!("nats: closed before everything was sent; unsettled events come again");
        }
    }
}

/// Keeps and logs what happens to the connection.
fn note(line: &watch::Sender<Line>, event: &Event) {
    match event {
        Event::Connected => tracing::info!("nats: connected"),
        Event::Disconnected => {
            line.send_modify(|line| line.drops += 1);
            tracing::warn!("nats: connection lost, trying again");
        }
        Event::Closed => {
            line.send_modify(|line| line.closed = true);
            tracing::info!("nats: closed");
        }
        Event::LameDuckMode | Event::Draining => tracing::info!(%event, "nats: the connection is being ended"),
        Event::SlowConsumer(_) | Event::ServerError(_) | Event::ClientError(_) => {
            tracing::warn!(%event, "nats: trouble");
        }
    }
}

/// The answer to a request that must not be refused.
trait Made {
    fn made(self, stream: &str) -> Result<Info, BusError>;
}

impl Made for Response<Info> {
    fn made(self, stream: &str) -> Result<Info, BusError> {
        match self {
            Response::Ok(info) => Ok(info),
            Response::Err { error } => Err(refused(&format!("nats stream {stream}"), &error)),
        }
    }
}

/// A refusal of the JetStream API about a stream or consumer: the server's trouble passes, a bad request stays one.
fn refused(what: &str, error: &jetstream::Error) -> BusError {
    match error.error_code() {
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => BusError::Unfit(format!(
            "{what}: {error}: enable jetstream in the server's configuration, and for this account"
        )),
        // Many a plain mistake has code 500 here; a server that has trouble of its own says 503.
        _ if [404, 408, 503].contains(&error.code()) => BusError::Unavailable(format!("{what}: {error}")),
        _ => BusError::Unfit(format!("{what} is refused: {error}")),
    }
}
