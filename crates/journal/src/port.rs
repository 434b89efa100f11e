//! The port: what a store promises, in types that no store can leak through.

use async_trait::async_trait;

use crate::{Epochs, chain};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// An aggregate: `kind` is the machine's name (`approval.course`), `id` is unique within it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The machine's name.
    pub kind: String,
    /// The aggregate's own id.
    pub id: String,
}

impl Key {
    /// A key of these two parts.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

/// The newest snapshot of an aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Which aggregate.
    pub key: Key,
    /// How many inputs it has accepted; the number of its newest history row.
    pub version: u64,
    /// The machine version that it is pinned to.
    pub machine_version: u32,
    /// How many events it has published.
    pub seq: u64,
    /// The snapshot, as the machine encodes it.
    pub snapshot: Vec<u8>,
    /// The hash of its newest history row.
    pub head_hash: [u8; 32],
}

/// Everything of one acknowledged act: all of it or nothing of it. A commit of several steps is one act on several
/// aggregates of one service (a letter and the dossiers that it carries).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// The aggregates that it moves.
    pub steps: Vec<Step>,
    /// Aggregates that it only read and whose version must still be this one.
    pub guards: Vec<Guard>,
    /// The request that it answers, for repeats.
    pub request: Option<Request>,
    /// The bus event that it consumes.
    pub inbox: Option<Inbox>,
    /// The timer that it fires: removed (before the steps' timer operations) if it is still set for this very instant,
    /// else [`Conflict::Applied`], so that of many replicas one fires it.
    pub fired: Option<Timer>,
    /// Writes of the read model.
    pub views: Vec<Write>,
    /// Writes of the sealed box: values that never enter history, digests or the chain (secret ballots).
    pub sealed: Vec<Seal>,
}

/// One aggregate's move: one or more accepted inputs and what they led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which aggregate.
    pub key: Key,
    /// The version that was decided on; 0 for an aggregate that must not exist yet.
    pub expected: u64,
    /// How many events it had published until then.
    pub seq: u64,
    /// The machine version it is pinned to.
    pub machine_version: u32,
    /// The accepted inputs, in order; the first becomes version `expected + 1`. Never empty.
    pub entries: Vec<Entry>,
    /// The snapshot after the last of them.
    pub snapshot: Vec<u8>,
    /// The events that they publish, in order.
    pub events: Vec<NewEvent>,
    /// Timers that they set or clear.
    pub timers: Vec<TimerOp>,
    /// Unique keys that they claim or release.
    pub claims: Vec<ClaimOp>,
}

/// One accepted input: a row of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The input as the machine encodes it.
    pub input: Vec<u8>,
    /// Who acted, encoded; personal data is covered by the salted commitment, never by a bare hash.
    pub actor: String,
    /// When, by the service's clock.
    pub at: Micros,
    /// The client's request id, or empty.
    pub request_id: String,
    /// What caused it: an event id, a timer's name, or empty for a person's act.
    pub cause: String,
    /// W3C trace context of the transition, or empty.
    pub traceparent: String,
    /// The state's name after the input.
    pub state: String,
    /// A digest of what the machine made of the input: the snapshot after it, and its effects.
    pub outcome: [u8; 16],
}

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Unique for ever; the bus message's id.
    pub event_id: String,
    /// Its type, e.g. `dossier.submitted`.
    pub event_type: String,
    /// The agency whose subject it goes out on.
    pub agency: String,
    /// The protobuf body.
    pub body: Vec<u8>,
    /// When it happened.
    pub at: Micros,
    /// W3C trace context of the transition that published it.
    pub traceparent: String,
}

/// An aggregate that a decision read but does not move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Which aggregate.
    pub key: Key,
    /// The version that was read; 0 if it did not exist.
    pub expected: u64,
}

/// A request and the answer that every repeat of it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asked: the scope of the id.
    pub principal: String,
    /// The client's id.
    pub request_id: String,
    /// The method called.
    pub method: String,
    /// SHA-256 of the canonical request, without anything secret.
    pub digest: [u8; 16],
    /// The encoded reply.
    pub reply: Vec<u8>,
    /// When.
    pub at: Micros,
}

/// A consumed event: makes its effects happen once, and in the order of its aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// The consuming service.
    pub consumer: String,
    /// The producing service.
    pub producer: String,
    /// The producer's aggregate, `kind/id`.
    pub aggregate: String,
    /// The event's place among that aggregate's events; must be the last applied one plus 1.
    pub seq: u64,
    /// The event's id.
    pub event_id: String,
    /// The event's position at its producer.
    pub position: i64,
    /// When it was applied.
    pub at: Micros,
}

/// A timer set or cleared. A timer is known by its aggregate and name; setting replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerOp {
    /// Fire `name` at `due`.
    Set {
        /// The timer's name within its aggregate.
        name: String,
        /// When it is due.
        due: Micros,
    },
    /// Forget `name`.
    Clear {
        /// The timer's name within its aggregate.
        name: String,
    },
}

/// A unique key claimed or released, e.g. `decision/chu-tich-nuoc/2025/1001/QĐ-CTN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOp {
    /// Take the key; a conflict if another aggregate holds it.
    Claim(String),
    /// Give the key back.
    Release(String),
}

/// A write of the sealed box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Put (or replace) `value` under `name` in the box of an aggregate.
    Put {
        /// Whose box.
        key: Key,
        /// The slot, e.g. the voter's seat.
        name: String,
        /// What is sealed.
        value: Vec<u8>,
    },
    /// Destroy the whole box of an aggregate.
    Destroy {
        /// Whose box.
        key: Key,
    },
}

/// A value that both stores know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// BIGINT; also for booleans (0 and 1) and microseconds.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BLOB or BYTEA.
    Bytes(Vec<u8>),
}

/// A statement of the read model, in the SQL subset of both stores, with `$1`, `$2`, … for its arguments.
pub type Sql = &'static str;

/// One write of the read model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The statement.
    pub sql: Sql,
    /// Its arguments.
    pub args: Vec<Value>,
}

/// A row of a query's answer, in the order of its columns.
pub type Row = Vec<Value>;

/// The position of the newest event when a commit was made durable; a reader that has seen it has seen the commit.
pub type Position = i64;

/// Why a commit changed nothing. Data, not an error: another decision was first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The aggregate has another version than the one decided on.
    Stale {
        /// Which aggregate.
        key: Key,
        /// The version decided on.
        expected: u64,
        /// The version found.
        found: u64,
    },
    /// The unique key is held by another aggregate.
    Taken {
        /// The unique key.
        claim: String,
        /// The aggregate that holds it.
        holder: Key,
    },
    /// The same principal used the request id before; here is that record (same digest: answer it; other: refuse).
    Repeated(Box<Request>),
    /// The event was applied before, or the timer fired, moved or cleared.
    Applied,
    /// The event is not the next one of its aggregate: `applied` is the last one applied.
    Gap {
        /// The last applied `seq`.
        applied: u64,
    },
}

/// A row of history as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// 1 for the first input of the aggregate.
    pub version: u64,
    /// The machine version that accepted it.
    pub machine_version: u32,
    /// The input and its circumstances.
    pub entry: Entry,
    /// The random salt of its aggregate.
    pub salt: chain::Salt,
    /// SHA-256 over salt, version, actor and input: what the chain holds in place of the content.
    pub commitment: [u8; 32],
    /// SHA-256 over the previous row's hash and this row's public part and commitment.
    pub hash: [u8; 32],
}

/// What a replay needs of a row of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The number of the aggregate in its store.
    pub number: i64,
    /// As in [`HistoryRow`].
    pub version: u64,
    /// As in [`HistoryRow`].
    pub machine_version: u32,
    /// As in [`Entry`].
    pub actor: String,
    /// As in [`Entry`].
    pub input: Vec<u8>,
    /// As in [`Entry`].
    pub at: Micros,
    /// As in [`Entry`].
    pub state: String,
    /// As in [`Entry`].
    pub outcome: [u8; 16],
}

/// A published event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Commit order within the service; no holes.
    pub position: i64,
    /// The aggregate that published it.
    pub key: Key,
    /// Its place among that aggregate's events, from 1.
    pub seq: u64,
    /// The version of the aggregate when it was published: that of the last entry of the step.
    pub version: u64,
    /// The event.
    pub event: NewEvent,
}

/// A timer that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Whose timer.
    pub key: Key,
    /// Its name.
    pub name: String,
    /// When it is due.
    pub due: Micros,
}

/// An event that a consumer could not apply. Its aggregate is parked for that consumer until the row is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The consuming service.
    pub consumer: String,
    /// The producing service.
    pub producer: String,
    /// The producer's aggregate, `kind/id`.
    pub aggregate: String,
    /// The event's `seq`.
    pub seq: u64,
    /// The event's id.
    pub event_id: String,
    /// The event's position at its producer.
    pub position: i64,
    /// What went wrong: a stable reason and a text without personal data.
    pub error: String,
    /// When it was written.
    pub at: Micros,
    /// Requeued or skipped by an operator, with the reason; empty while it is open.
    pub resolution: String,
}

/// A driver's error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What goes wrong below the port. Never a refusal: those are data.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database answered with an error, or not at all.
    #[error("{context}")]
    Database {
        /// What was being done.
        context: &'static str,
        /// The driver's error.
        #[source]
        source: Source,
    },
    /// A stored row cannot be: names table, column and row.
    #[error("{table}.{column} of {row} is not readable: {detail}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Which row.
        row: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The server's settings or version would break a promise; start is refused.
    #[error("{0}")]
    Unsafe(String),
}

impl StoreError {
    /// Whether PostgreSQL refused a text for what is in it: NUL, which it cannot hold. Trying again does not help.
    pub fn is_of_a_text(&self) -> bool {
        let Self::Database { source, .. } = self else {
            return false;
        };
        let Some(sqlx::Error::Database(error)) = source.downcast_ref() else {
            return false;
        };
        matches!(error.code().as_deref(), Some("22021" | "22P05"))
    }
}

/// A store of one service. All methods may be called from any task; none holds a lock between calls.
#[async_trait]
pub trait Store: Epochs + Send + Sync + 'static {
    /// The newest snapshots, in the order of the keys; `None` for what does not exist.
    async fn load(&self, keys: &[Key]) -> Result<Vec<Option<Loaded>>, StoreError>;

    /// Makes a batch durable in one transaction. Each commit stands or falls alone, in the order given: a conflict
    /// of one leaves no trace and does not touch the others. An `Err` means that the fate of the batch is unknown.
    async fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError>;

    /// The record of an answered request.
    async fn request(&self, principal: &str, request_id: &str) -> Result<Option<Request>, StoreError>;

    /// History of one aggregate after a version, oldest first.
    async fn history(&self, key: &Key, after: u64, limit: u32) -> Result<Vec<HistoryRow>, StoreError>;

    /// Keys of all aggregates after a key, in key order.
    async fn keys(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Key>, StoreError>;

    /// All aggregates after a number, in the order of their numbers, which is about that in which they were made: for who
    /// reads a whole store, of which the key order would fetch page by page at random. One that is made meanwhile may be
    /// left out.
    async fn numbered(&self, after: i64, limit: u32) -> Result<Vec<(i64, Loaded)>, StoreError>;

    /// What was accepted by aggregates up to a number, after a version of one of them (number and version), in the order of
    /// number and version.
    async fn accepted(&self, after: (i64, u64), to: i64, limit: u32) -> Result<Vec<Accepted>, StoreError>;

    /// Aggregates that have history or events but no snapshot; there are none unless rows were tampered with. Where the
    /// key is gone too, its kind is empty and its id the number that the rows know it by.
    async fn orphans(&self, limit: u32) -> Result<Vec<Key>, StoreError>;

    /// Published events after a position, in position order.
    async fn events(&self, after: i64, limit: u32) -> Result<Vec<EventRow>, StoreError>;

    /// Published events of one aggregate after a `seq`, in order.
    async fn events_of(&self, key: &Key, after_seq: u64, limit: u32) -> Result<Vec<EventRow>, StoreError>;

    /// The newest position; 0 if nothing was published.
    async fn head(&self) -> Result<Position, StoreError>;

    /// A named cursor; 0 if it was never set.
    async fn cursor(&self, name: &str) -> Result<i64, StoreError>;

    /// Moves a named cursor; never back, unless `reset`.
    async fn set_cursor(&self, name: &str, position: i64, reset: bool) -> Result<(), StoreError>;

    /// The last applied `seq` of a producer's aggregate at a consumer; 0 if none.
    async fn applied(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<u64, StoreError>;

    /// Timers due at `now`, earliest first.
    async fn due(&self, now: Micros, limit: u32) -> Result<Vec<Timer>, StoreError>;

    /// When the earliest timer is due.
    async fn next_due(&self) -> Result<Option<Micros>, StoreError>;

    /// The sealed values of an aggregate, in the order of their names.
    async fn sealed(&self, key: &Key) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Runs a query of the read model.
    async fn query(&self, sql: Sql, args: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Checks that the store can prepare a statement (used by the test that prepares every one on both stores).
    async fn prepare(&self, sql: Sql) -> Result<(), StoreError>;

    /// Writes a dead letter (the same event twice is one row; one that was resolved is open again).
    async fn bury(&self, letter: &DeadLetter) -> Result<(), StoreError>;

    /// Open dead letters of a consumer after an event id, in the order of ids; all consumers if it is empty.
    async fn dead_letters(&self, consumer: &str, after: &str, limit: u32) -> Result<Vec<DeadLetter>, StoreError>;

    /// Whether an aggregate is parked at a consumer.
    async fn parked(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<bool, StoreError>;

    /// Resolves a dead letter with a reason; `false` if there is no open one.
    async fn resolve(&self, consumer: &str, event_id: &str, resolution: &str) -> Result<bool, StoreError>;

    /// Stores a blob under its SHA-256 (lowercase hex); storing it again changes nothing. Content that does not match
    /// is refused as [`StoreError::Corrupt`].
    async fn put_blob(&self, sha256: &str, content: &[u8], at: Micros) -> Result<(), StoreError>;

    /// A blob's content.
    async fn blob(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Size in bytes of a blob, without reading it.
    async fn blob_size(&self, sha256: &str) -> Result<Option<u64>, StoreError>;

    /// A setting of the installation (history epoch, bus identity, …).
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Sets a setting.
    async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError>;

    /// Finishes running work and closes all connections.
    async fn close(&self);
}
