//! The port in statements that both stores take. What they cannot share is behind [`Engine`].

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::{
    Accepted, Commit, Conflict, DeadLetter, EventRow, HistoryRow, Key, Loaded, Micros, Position, Request, Row, Source,
    Sql, Store, StoreError, Timer, Value, chain, compact,
    packed::pack,
    records::{accepted, dead_letter, event_row, history_row, key, loaded, request, timer},
    value::{Arg, Cells, args},
};

/// Blobs are stored in rows of this many bytes, so that none is too large to be held or sent at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// What differs between the stores.
#[async_trait]
pub(crate) trait Engine: Send + Sync + 'static {
    /// Runs a query.
    async fn rows(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError>;
    /// Looks up a few rows by their key.
    async fn look(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        self.rows(context, sql, args).await
    }
    /// Runs one statement in a transaction of its own; answers how many rows it changed.
    async fn run(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<u64, StoreError>;
    /// The rows of these aggregates, in any order, as [`loaded`] reads them.
    async fn load_rows(&self, keys: &[Key]) -> Result<Vec<Row>, StoreError>;
    async fn commit_batch(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError>;
    async fn check(&self, sql: Sql) -> Result<(), StoreError>;
    async fn shut(&self);
}

/// Puts a driver's error into context.
pub(crate) fn database<E: Into<Source>>(context: &'static str) -> impl FnOnce(E) -> StoreError {
    move |source| StoreError::Database {
        context,
        source: source.into(),
    }
}

fn each<T>(rows: Vec<Row>, read: impl Fn(Row) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(read).collect()
}

fn first<T>(rows: Vec<Row>, read: impl Fn(Row) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    rows.into_iter().next().map(read).transpose()
}

#[async_trait]
impl<E: Engine> Store for E {
    async fn load(&self, keys: &[Key]) -> Result<Vec<Option<Loaded>>, StoreError> {
        let mut found = std::collections::HashMap::new();
        if !keys.is_empty() {
            for row in self.load_rows(keys).await? {
                let aggregate = loaded(row)?;
                found.insert(aggregate.key.clone(), aggregate);
            }
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        if batch.is_empty() {
            Ok(Vec::new())
        } else {
            self.commit_batch(batch).await
        }
    }

    async fn request(&self, principal: &str, request_id: &str) -> Result<Option<Request>, StoreError> {
        let (id, scope) = (compact::id(request_id), chain::scope(principal));
        let rows = self.look("read a request", REQUEST, args![&id, &scope]).await?;
        first(rows, |row| request((principal, request_id), row))
    }

    async fn history(&self, key: &Key, after: u64, limit: u32) -> Result<Vec<HistoryRow>, StoreError> {
        let sql = "SELECT a.kind, a.id, h.version, h.machine_version, h.content, h.at, h.request_id, h.cause, \
            h.traceparent, h.state, h.outcome, a.salt, h.commitment, h.hash \
            FROM aggregate a JOIN history h ON h.number = a.number \
            WHERE a.kind = $1 AND a.id = $2 AND h.version > $3 ORDER BY h.version LIMIT $4";
        each(
            self.rows("read history", sql, args![&key.kind, &key.id, after, limit])
                .await?,
            history_row,
        )
    }

    async fn keys(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Key>, StoreError> {
        let sql = "SELECT kind, id FROM aggregate WHERE (kind, id) > ($1, $2) ORDER BY kind, id LIMIT $3";
        let (kind, id) = after.map_or(("", ""), |key| (&key.kind, &key.id));
        each(self.rows("list aggregates", sql, args![kind, id, limit]).await?, key)
    }

    async fn numbered(&self, after: i64, limit: u32) -> Result<Vec<(i64, Loaded)>, StoreError> {
        let sql = "SELECT kind, id, version, machine_version, seq, snapshot, head, number FROM aggregate \
            WHERE number > $1 ORDER BY number LIMIT $2";
        let rows = self.rows("list aggregates", sql, args![after, limit]).await?;
        each(rows, |mut row| {
            let number = Cells::new("aggregate", row.split_off(7)).int("number")?;
            Ok((number, loaded(row)?))
        })
    }

    async fn accepted(&self, after: (i64, u64), to: i64, limit: u32) -> Result<Vec<Accepted>, StoreError> {
        let sql = "SELECT number, version, machine_version, content, at, state, outcome FROM history \
            WHERE (number, version) > ($1, $2) AND number <= $3 ORDER BY number, version LIMIT $4";
        let args = args![after.0, after.1, to, limit];
        each(self.rows("read histories", sql, args).await?, accepted)
    }

    async fn orphans(&self, limit: u32) -> Result<Vec<Key>, StoreError> {
        let sql = "SELECT '', CAST(h.number AS TEXT) FROM history h WHERE NOT EXISTS \
                (SELECT 1 FROM aggregate a WHERE a.number = h.number) \
            UNION SELECT '', CAST(e.number AS TEXT) FROM event e WHERE NOT EXISTS \
                (SELECT 1 FROM aggregate a WHERE a.number = e.number) \
            ORDER BY 2 LIMIT $1";
        each(
            self.rows("list rows without an aggregate", sql, args![limit]).await?,
            key,
        )
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        // Left: an event whose aggregate is gone keeps its position, and is shown to have no key.
        let sql = "SELECT e.position, coalesce(a.kind, ''), coalesce(a.id, ''), e.seq, e.version, e.event_id, e.type, \
            e.agency, e.body, e.at, e.traceparent FROM event e LEFT JOIN aggregate a ON a.number = e.number \
            WHERE e.position > $1 ORDER BY e.position LIMIT $2";
        each(self.look("read events", sql, args![after, limit]).await?, event_row)
    }

    async fn events_of(&self, key: &Key, after_seq: u64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT e.position, a.kind, a.id, e.seq, e.version, e.event_id, e.type, e.agency, e.body, e.at, \
            e.traceparent FROM aggregate a JOIN event e ON e.number = a.number \
            WHERE a.kind = $1 AND a.id = $2 AND e.seq > $3 ORDER BY e.seq LIMIT $4";
        each(
            self.rows("read events", sql, args![&key.kind, &key.id, after_seq, limit])
                .await?,
            event_row,
        )
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let row = self
            .look("read the head", HEAD, &[])
            .await?
            .into_iter()
            .next()
            .unwrap_or_default();
        Cells::new("head", row).int("position")
    }

    async fn cursor(&self, name: &str) -> Result<i64, StoreError> {
        let rows = self
            .look(
                "read a cursor",
                "SELECT position FROM cursor WHERE name = $1",
                args![name],
            )
            .await?;
        Ok(first(rows, |row| Cells::new("cursor", row).int("position"))?.unwrap_or(0))
    }

    async fn set_cursor(&self, name: &str, position: i64, reset: bool) -> Result<(), StoreError> {
        let sql = "INSERT INTO cursor (name, position) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
            SET position = excluded.position WHERE cursor.position < excluded.position OR $3 = 1";
        self.run("move a cursor", sql, args![name, position, i64::from(reset)])
            .await?;
        Ok(())
    }

    async fn applied(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<u64, StoreError> {
        let sql = "SELECT seq FROM applied WHERE consumer = $1 AND producer = $2 AND aggregate = $3";
        let rows = self
            .look(
                "read what was applied",
                sql,
                args![consumer, producer, &compact::id(aggregate)],
            )
            .await?;
        Ok(first(rows, |row| Cells::new("applied", row).count("seq"))?.unwrap_or(0))
    }

    async fn due(&self, now: Micros, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let sql = "SELECT kind, id, name, due FROM timer WHERE due <= $1 ORDER BY due, kind, id, name LIMIT $2";
        each(self.look("read due timers", sql, args![now, limit]).await?, timer)
    }

    async fn next_due(&self) -> Result<Option<Micros>, StoreError> {
        let rows = self
            .look("read the next timer", "SELECT due FROM timer ORDER BY due LIMIT 1", &[])
            .await?;
        first(rows, |row| Cells::new("timer", row).int("due"))
    }

    async fn sealed(&self, key: &Key) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let sql = "SELECT name, value FROM sealed WHERE kind = $1 AND id = $2 ORDER BY name";
        each(
            self.look("open a sealed box", sql, args![&key.kind, &key.id]).await?,
            |row| {
                let mut cells = Cells::new("sealed", row);
                Ok((cells.text("name")?, cells.bytes("value")?))
            },
        )
    }

    async fn query(&self, sql: Sql, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.rows("query a view", sql, &args.iter().map(Arg::from).collect::<Vec<_>>())
            .await
    }

    async fn prepare(&self, sql: Sql) -> Result<(), StoreError> {
        self.check(sql).await
    }

    async fn bury(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let sql = "INSERT INTO dead_letter \
            (consumer, event_id, producer, aggregate, seq, position, error, at, resolution) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (consumer, event_id) DO UPDATE \
            SET error = excluded.error, at = excluded.at, resolution = excluded.resolution";
        let DeadLetter {
            consumer,
            event_id,
            producer,
            aggregate,
            error,
            resolution,
            ..
        } = letter;
        let (seq, position, at) = (letter.seq, letter.position, letter.at);
        let args = args![
            consumer, event_id, producer, aggregate, seq, position, error, at, resolution
        ];
        self.run("write a dead letter", sql, args).await?;
        Ok(())
    }

    async fn dead_letters(&self, consumer: &str, after: &str, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = "SELECT consumer, event_id, producer, aggregate, seq, position, error, at, resolution \
            FROM dead_letter WHERE ($1 = '' OR consumer = $1) AND event_id > $2 AND resolution = '' \
            ORDER BY event_id, consumer LIMIT $3";
        each(
            self.rows("list dead letters", sql, args![consumer, after, limit])
                .await?,
            dead_letter,
        )
    }

    async fn parked(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM dead_letter WHERE consumer = $1 AND producer = $2 AND aggregate = $3 \
            AND resolution = '' LIMIT 1";
        Ok(!self
            .look("look for a dead letter", sql, args![consumer, producer, aggregate])
            .await?
            .is_empty())
    }

    async fn resolve(&self, consumer: &str, event_id: &str, resolution: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE dead_letter SET resolution = $3 WHERE consumer = $1 AND event_id = $2 AND resolution = ''";
        Ok(self
            .run("resolve a dead letter", sql, args![consumer, event_id, resolution])
            .await?
            > 0)
    }

    async fn put_blob(&self, sha256: &str, content: &[u8], at: Micros) -> Result<(), StoreError> {
        let found = hex::encode(Sha256::digest(content));
        if found != sha256 {
            return Err(wrong_blob(sha256, format!("the content's SHA-256 is {found}")));
        }
        if self.blob_size(sha256).await?.is_some() {
            return Ok(());
        }
        // Chunks first, one by one, so that a large blob holds up no commit; the last row makes them a blob. A crash
        // in between leaves chunks that the next attempt completes: under one digest they are always the same.
        let chunk =
            "INSERT INTO blob_chunk (sha256, n, content) VALUES ($1, $2, $3) ON CONFLICT (sha256, n) DO NOTHING";
        for (n, bytes) in content.chunks(CHUNK_BYTES).enumerate() {
            let packed = pack(bytes);
            self.run("write a blob", chunk, args![sha256, n as u64, &packed])
                .await?;
        }
        let blob = "INSERT INTO blob (sha256, size, at) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING";
        self.run("write a blob", blob, args![sha256, content.len() as u64, at])
            .await?;
        Ok(())
    }

    async fn blob(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(size) = self.blob_size(sha256).await? else {
            return Ok(None);
        };
        let sql = "SELECT content FROM blob_chunk WHERE sha256 = $1 ORDER BY n";
        let mut content = Vec::with_capacity(size as usize);
        for row in self.rows("read a blob", sql, args![sha256]).await? {
            content.extend(Cells::new("blob_chunk", row).packed("content")?);
        }
        let found = hex::encode(Sha256::digest(&content));
        if found != sha256 {
            return Err(wrong_blob(
                sha256,
                format!("{} of {size} bytes with SHA-256 {found}", content.len()),
            ));
        }
        Ok(Some(content))
    }

    async fn blob_size(&self, sha256: &str) -> Result<Option<u64>, StoreError> {
        let rows = self
            .rows("read a blob", "SELECT size FROM blob WHERE sha256 = $1", args![sha256])
            .await?;
        first(rows, |row| Cells::new("blob", row).count("size"))
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self
            .look(
                "read a setting",
                "SELECT value FROM setting WHERE name = $1",
                args![name],
            )
            .await?;
        first(rows, |row| Cells::new("setting", row).text("value"))
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
            SET value = excluded.value";
        self.run("write a setting", sql, args![name, value]).await?;
        Ok(())
    }

    async fn close(&self) {
        self.shut().await;
    }
}

/// What was asked under an id by somebody.
pub(crate) const REQUEST: Sql = "SELECT digest, answer, at FROM request WHERE request_id = $1 AND scope = $2";

/// The newest position.
pub(crate) const HEAD: Sql = "SELECT position FROM head";

fn wrong_blob(sha256: &str, detail: String) -> StoreError {
    StoreError::Corrupt {
        table: "blob",
        column: "sha256",
        row: sha256.to_owned(),
        detail,
    }
}
