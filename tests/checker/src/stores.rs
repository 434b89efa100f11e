//! Reads the five stores whole, table by table.

mod cells;

use std::{collections::BTreeMap, path::PathBuf};

use host::Service as _;
use journal::{Key, Location, Micros, Sql, Store, Value, Verified, chain};
use machine::{Actor, Timestamp};

use self::cells::{Cells, Reader};
use crate::folder::Unreadable;

// Each takes the last key that was read, and begins with the key's columns.
const AGGREGATES: Sql = "SELECT kind, id, version, seq, snapshot FROM aggregate \
    WHERE (kind, id) > ($1, $2) ORDER BY kind, id LIMIT 1000";
const HISTORY: Sql = "SELECT a.kind, a.id, h.version, h.machine_version, h.content, h.at, h.request_id, h.cause, \
    h.state, h.outcome FROM aggregate a JOIN history h ON h.number = a.number \
    WHERE (a.kind, a.id, h.version) > ($1, $2, $3) ORDER BY a.kind, a.id, h.version LIMIT 1000";
const EVENTS: Sql = "SELECT e.position, e.event_id, coalesce(a.kind, ''), coalesce(a.id, ''), e.seq, e.version, e.type, \
    e.agency, e.body, e.at FROM event e LEFT JOIN aggregate a ON a.number = e.number \
    WHERE e.position > $1 ORDER BY e.position LIMIT 1000";
const REQUESTS: Sql = "SELECT request_id, scope, digest, answer, at FROM request \
    WHERE (request_id, scope) > ($1, $2) ORDER BY request_id, scope LIMIT 1000";
/// What came on no feed that is known is nobody's, and so nobody has applied it.
const INBOX: Sql = "SELECT i.position, i.number, i.event_id, f.consumer, f.producer, f.aggregate, i.seq, i.at \
    FROM inbox i JOIN applied f ON f.number = i.number \
    WHERE (i.position, i.number, i.event_id) > ($1, $2, $3) \
    ORDER BY i.position, i.number, i.event_id LIMIT 1000";
const APPLIED: Sql = "SELECT consumer, producer, aggregate, seq FROM applied \
    WHERE (consumer, producer, aggregate) > ($1, $2, $3) ORDER BY consumer, producer, aggregate LIMIT 1000";
const TIMERS: Sql = "SELECT kind, id, name, due FROM timer \
    WHERE (kind, id, name) > ($1, $2, $3) ORDER BY kind, id, name LIMIT 1000";
const CLAIMS: Sql = "SELECT claim, kind, id FROM claim WHERE claim > $1 ORDER BY claim LIMIT 1000";
/// Which slots a box has; what is in them is nobody's business here either.
const SEALED: Sql = "SELECT kind, id, name FROM sealed \
    WHERE (kind, id, name) > ($1, $2, $3) ORDER BY kind, id, name LIMIT 1000";
const DEAD_LETTERS: Sql = "SELECT consumer, event_id, producer, aggregate, seq, error, resolution FROM dead_letter \
    WHERE (consumer, event_id) > ($1, $2) ORDER BY consumer, event_id LIMIT 1000";

/// Every statement, for the test that prepares each on both stores.
#[cfg(test)]
pub(crate) const STATEMENTS: [Sql; 10] = [
    AGGREGATES,
    HISTORY,
    EVENTS,
    REQUESTS,
    INBOX,
    APPLIED,
    TIMERS,
    CLAIMS,
    SEALED,
    DEAD_LETTERS,
];

/// What stands for a principal.
pub(crate) type Scope = [u8; 16];

/// One store.
pub(crate) struct Books {
    pub(crate) service: &'static str,
    pub(crate) producers: Vec<&'static str>,
    pub(crate) aggregates: BTreeMap<Key, Aggregate>,
    /// In the order of positions.
    pub(crate) events: Vec<Event>,
    /// By (scope, request id).
    pub(crate) requests: BTreeMap<(Scope, String), Request>,
    pub(crate) inbox: Vec<Mark>,
    /// By (producer, aggregate): the last one applied.
    pub(crate) applied: BTreeMap<(String, String), u64>,
    pub(crate) timers: BTreeMap<(Key, String), Micros>,
    pub(crate) claims: BTreeMap<String, Key>,
    pub(crate) sealed: BTreeMap<Key, usize>,
    pub(crate) dead_letters: Vec<Letter>,
    pub(crate) verified: Verified,
}

/// An aggregate and its history.
#[derive(Default)]
pub(crate) struct Aggregate {
    /// 0 if there is history, but no row for the aggregate.
    pub(crate) version: u64,
    pub(crate) seq: u64,
    pub(crate) snapshot: Vec<u8>,
    pub(crate) rows: Vec<Accepted>,
}

/// A row of history.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) version: u64,
    pub(crate) machine_version: u32,
    pub(crate) input: Vec<u8>,
    pub(crate) by: Actor,
    pub(crate) at: Timestamp,
    pub(crate) request_id: String,
    pub(crate) cause: String,
    pub(crate) state: String,
    pub(crate) outcome: Vec<u8>,
}

impl Accepted {
    /// As the journal scopes request ids.
    pub(crate) fn scope(&self) -> Scope {
        chain::scope(&format!("{}/{}@{}", self.by.id, self.by.role, self.by.agency))
    }

    /// The event that caused it.
    pub(crate) fn event(&self) -> Option<&str> {
        self.cause.strip_prefix("event ")
    }

    /// The timer that caused it.
    pub(crate) fn timer(&self) -> Option<&str> {
        self.cause.strip_prefix("timer ")
    }

    /// The input as JSON; null if it is not readable.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.input).unwrap_or_default()
    }
}

/// A published event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) position: i64,
    pub(crate) id: String,
    pub(crate) key: Key,
    pub(crate) seq: u64,
    pub(crate) version: u64,
    /// E.g. `dossier.submitted`.
    pub(crate) what: String,
    pub(crate) agency: String,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Micros,
}

/// An answered request.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) reply: Vec<u8>,
    pub(crate) at: Micros,
}

/// A consumed event.
pub(crate) struct Mark {
    pub(crate) consumer: String,
    pub(crate) event_id: String,
    pub(crate) producer: String,
    pub(crate) aggregate: String,
    pub(crate) seq: u64,
    pub(crate) position: i64,
    pub(crate) at: Micros,
}

/// A dead letter.
pub(crate) struct Letter {
    pub(crate) event_id: String,
    pub(crate) producer: String,
    pub(crate) aggregate: String,
    pub(crate) seq: u64,
    pub(crate) error: String,
    pub(crate) resolution: String,
}

fn nothing() -> Value {
    Value::Text(String::new())
}

fn no_bytes() -> Value {
    Value::Bytes(Vec::new())
}

/// The services of the house and whose events each consumes.
fn house() -> Vec<(&'static str, Vec<&'static str>)> {
    let notification = notification::Notification::new(notification::NotificationConfig::default());
    let intake = intake::Intake {
        attachment_bytes_max: 0,
    };
    let services: [&dyn host::Service; 5] = [
        &directory::Directory,
        &intake,
        &approval::Approval,
        &council::Council,
        &notification,
    ];
    let consumed = |service: &dyn host::Service| {
        // As the host has it: everyone but the directory keeps a replica of the directory.
        let own = (service.name() != directory::Directory.name()).then_some(directory::Directory.name());
        own.into_iter().chain(service.producers().iter().copied()).collect()
    };
    services.into_iter().map(|one| (one.name(), consumed(one))).collect()
}

/// Reads all stores.
pub(crate) async fn read(location: &Location) -> Result<Vec<Books>, Unreadable> {
    let mut all = Vec::new();
    for (service, producers) in house() {
        if let Location::Directory(folder) = location {
            let file: PathBuf = folder.join(format!("{service}.db"));
            if !file.is_file() {
                return Err(Unreadable::File(file, std::io::ErrorKind::NotFound.into()));
            }
        }
        let store = journal::open(location, service, &[]).await;
        let store = store.map_err(|error| Unreadable::Store(service, error))?;
        let books = one(service, producers, store.as_ref()).await;
        store.close().await;
        all.push(books?);
    }
    Ok(all)
}

async fn one(service: &'static str, producers: Vec<&'static str>, store: &dyn Store) -> Result<Books, Unreadable> {
    let verified = journal::verify(store, |_| {}).await;
    let mut books = Books {
        service,
        producers,
        aggregates: BTreeMap::new(),
        events: Vec::new(),
        requests: BTreeMap::new(),
        inbox: Vec::new(),
        applied: BTreeMap::new(),
        timers: BTreeMap::new(),
        claims: BTreeMap::new(),
        sealed: BTreeMap::new(),
        dead_letters: Vec::new(),
        verified: verified.map_err(|error| Unreadable::Store(service, error))?,
    };
    let reader = Reader { service, store };
    read_histories(&reader, &mut books).await?;
    read_feeds(&reader, &mut books).await?;
    read_sides(&reader, &mut books).await?;
    Ok(books)
}

/// Aggregates, their histories and their events.
async fn read_histories(reader: &Reader<'_>, books: &mut Books) -> Result<(), Unreadable> {
    let take = |mut row: Cells| {
        let key = row.key()?;
        let aggregate = Aggregate {
            version: row.int()? as u64,
            seq: row.int()? as u64,
            snapshot: row.packed()?,
            rows: Vec::new(),
        };
        books.aggregates.insert(key, aggregate);
        Ok(())
    };
    reader.all(AGGREGATES, vec![nothing(), nothing()], take).await?;
    let take = |mut row: Cells| {
        let key = row.key()?;
        let (version, machine_version) = (row.int()? as u64, row.int()? as u32);
        let (actor, input) = row.packed_pair()?;
        let accepted = Accepted {
            version,
            machine_version,
            input,
            // One that was tampered with is nobody: the chain says what happened.
            by: serde_json::from_str(&actor).unwrap_or_default(),
            at: Timestamp(row.int()?),
            request_id: row.id()?,
            cause: row.id()?,
            state: row.text()?,
            outcome: row.bytes()?,
        };
        books.aggregates.entry(key).or_default().rows.push(accepted);
        Ok(())
    };
    reader
        .all(HISTORY, vec![nothing(), nothing(), Value::Int(0)], take)
        .await?;
    let take = |mut row: Cells| {
        books.events.push(Event {
            position: row.int()?,
            id: row.id()?,
            key: row.key()?,
            seq: row.int()? as u64,
            version: row.int()? as u64,
            what: row.text()?,
            agency: row.text()?,
            body: row.packed()?,
            at: row.int()?,
        });
        Ok(())
    };
    reader.all(EVENTS, vec![Value::Int(0)], take).await
}

/// What was asked, and what was consumed.
async fn read_feeds(reader: &Reader<'_>, books: &mut Books) -> Result<(), Unreadable> {
    let take = |mut row: Cells| {
        let id = row.id()?;
        // One of another length was tampered with, and is nobody's.
        let scope = row.bytes()?.try_into().unwrap_or_default();
        let digest = row.bytes()?;
        let (method, reply) = row.packed_pair()?;
        let request = Request {
            method,
            digest,
            reply,
            at: row.int()?,
        };
        books.requests.insert((scope, id), request);
        Ok(())
    };
    reader.all(REQUESTS, vec![no_bytes(), no_bytes()], take).await?;
    let take = |mut row: Cells| {
        let position = row.int()?;
        row.int()?;
        books.inbox.push(Mark {
            position,
            event_id: row.id()?,
            consumer: row.text()?,
            producer: row.text()?,
            aggregate: row.id()?,
            seq: row.int()? as u64,
            at: row.int()?,
        });
        Ok(())
    };
    let first = vec![Value::Int(0), Value::Int(0), no_bytes()];
    reader.all(INBOX, first, take).await?;
    let take = |mut row: Cells| {
        row.text()?;
        let stream = (row.text()?, row.id()?);
        books.applied.insert(stream, row.int()? as u64);
        Ok(())
    };
    reader
        .all(APPLIED, vec![nothing(), nothing(), no_bytes()], take)
        .await?;
    let take = |mut row: Cells| {
        row.text()?;
        books.dead_letters.push(Letter {
            event_id: row.text()?,
            producer: row.text()?,
            aggregate: row.text()?,
            seq: row.int()? as u64,
            error: row.text()?,
            resolution: row.text()?,
        });
        Ok(())
    };
    reader.all(DEAD_LETTERS, vec![nothing(), nothing()], take).await
}

/// What stands beside histories: timers, claims, boxes.
async fn read_sides(reader: &Reader<'_>, books: &mut Books) -> Result<(), Unreadable> {
    let take = |mut row: Cells| {
        books.timers.insert((row.key()?, row.text()?), row.int()?);
        Ok(())
    };
    reader.all(TIMERS, vec![nothing(), nothing(), nothing()], take).await?;
    let take = |mut row: Cells| {
        books.claims.insert(row.text()?, row.key()?);
        Ok(())
    };
    reader.all(CLAIMS, vec![nothing()], take).await?;
    let take = |mut row: Cells| {
        *books.sealed.entry(row.key()?).or_default() += 1;
        Ok(())
    };
    reader.all(SEALED, vec![nothing(), nothing(), nothing()], take).await
}

#[cfg(test)]
mod tests;
