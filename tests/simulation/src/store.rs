//! The simulated store: the contract of `journal::Store` in memory, on the simulation's clock, with its weather.

mod badly;
mod rows;
mod table;
mod vault;
mod views;

use std::sync::{Arc, MutexGuard};

use async_trait::async_trait;
use journal::{
    Accepted, Commit, Conflict, DeadLetter, Epoch, Epochs, EventRow, HistoryRow, Key, Lineage, Loaded, Micros,
    Position, Request, Row, Sql, Store, StoreError, Timer, Value,
};
use sha2::{Digest as _, Sha256};

pub use self::{
    rows::Rows,
    vault::{Image, Vault},
    views::Views,
};
use crate::{Defect, life::Life};

fn away(context: &'static str) -> StoreError {
    StoreError::Database {
        context,
        source: "the simulated store is away".into(),
    }
}

/// A process' connection to a vault.
pub struct SimStore {
    vault: Arc<Vault>,
    life: Arc<Life>,
}

impl SimStore {
    /// A connection of this run of a process.
    pub fn new(vault: Arc<Vault>, life: Arc<Life>) -> Self {
        Self { vault, life }
    }

    fn strikes(&self) -> bool {
        self.vault
            .weather
            .strikes(&self.vault.chance, self.vault.weather.store_errors)
    }

    /// A call on its way to the rows.
    async fn rows(&self, at: &'static str) -> Result<MutexGuard<'_, Rows>, StoreError> {
        self.life.pass(at).await;
        if self.strikes() {
            return Err(away(at));
        }
        Ok(self.vault.rows())
    }
}

fn some<T: Clone>(rows: impl Iterator<Item = Arc<T>>, limit: u32) -> Vec<T> {
    rows.take(limit as usize).map(|row| T::clone(&row)).collect()
}

#[async_trait]
impl Store for SimStore {
    async fn load(&self, keys: &[Key]) -> Result<Vec<Option<Loaded>>, StoreError> {
        let rows = self.rows("load").await?;
        let loaded = |key| rows.aggregates.get(key).map(|loaded| Loaded::clone(loaded));
        Ok(keys.iter().map(loaded).collect())
    }

    async fn commit(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        self.life.pass("a commit before it is durable").await;
        if self.strikes() {
            return Err(away("commit"));
        }
        let outcomes = self.commit_badly(batch).await?;
        self.life.pass("a commit that is durable and not answered").await;
        if self.strikes() {
            return Err(away("the answer to a commit"));
        }
        Ok(outcomes)
    }

    async fn request(&self, principal: &str, request_id: &str) -> Result<Option<Request>, StoreError> {
        let rows = self.rows("request").await?;
        if self.vault.defect == Some(Defect::RequestsIgnored) {
            return Ok(None);
        }
        let name = (principal.to_owned(), request_id.to_owned());
        Ok(rows.requests.get(&name).map(|request| Request::clone(request)))
    }

    async fn history(&self, key: &Key, after: u64, limit: u32) -> Result<Vec<HistoryRow>, StoreError> {
        let rows = self.rows("history").await?;
        Ok(some(rows.history_of(key, after).cloned(), limit))
    }

    async fn keys(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Key>, StoreError> {
        let rows = self.rows("keys").await?;
        let all = rows.aggregates.rows().keys();
        let later = all.filter(|key| after.is_none_or(|after| *key > after));
        Ok(later.take(limit as usize).cloned().collect())
    }

    async fn numbered(&self, after: i64, limit: u32) -> Result<Vec<(i64, Loaded)>, StoreError> {
        let rows = self.rows("numbered").await?;
        let later = rows.numbered().filter(|(number, _)| *number > after);
        let later = later.map(|(number, loaded)| (number, Loaded::clone(loaded)));
        Ok(later.take(limit as usize).collect())
    }

    async fn accepted(&self, after: (i64, u64), to: i64, limit: u32) -> Result<Vec<Accepted>, StoreError> {
        let rows = self.rows("accepted").await?;
        let of = rows.numbered().filter(|(number, _)| (after.0..=to).contains(number));
        let all = of.flat_map(|(number, loaded)| {
            let later = if number == after.0 { after.1 } else { 0 };
            rows.history_of(&loaded.key, later).map(move |row| Accepted {
                number,
                version: row.version,
                machine_version: row.machine_version,
                actor: row.entry.actor.clone(),
                input: row.entry.input.clone(),
                at: row.entry.at,
                state: row.entry.state.clone(),
                outcome: row.entry.outcome,
            })
        });
        Ok(all.take(limit as usize).collect())
    }

    async fn orphans(&self, limit: u32) -> Result<Vec<Key>, StoreError> {
        let rows = self.rows("orphans").await?;
        let of = rows
            .history
            .rows()
            .keys()
            .chain(rows.event_of.rows().keys())
            .map(|(key, _)| key);
        let mut orphans: Vec<Key> = of.filter(|key| rows.aggregates.get(*key).is_none()).cloned().collect();
        orphans.sort();
        orphans.dedup();
        orphans.truncate(limit as usize);
        Ok(orphans)
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let rows = self.rows("events").await?;
        Ok(some(
            rows.events.rows().range(after + 1..).map(|(_, row)| Arc::clone(row)),
            limit,
        ))
    }

    async fn events_of(&self, key: &Key, after_seq: u64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let rows = self.rows("events of one").await?;
        Ok(some(rows.events_of(key, after_seq).cloned(), limit))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.rows("head").await?.head())
    }

    async fn cursor(&self, name: &str) -> Result<i64, StoreError> {
        Ok(self.rows("cursor").await?.cursors.get(name).copied().unwrap_or(0))
    }

    async fn set_cursor(&self, name: &str, position: i64, reset: bool) -> Result<(), StoreError> {
        let mut rows = self.rows("set a cursor").await?;
        let ahead = if self.vault.defect == Some(Defect::CursorAhead) && name.starts_with("consumer.") {
            2
        } else {
            0
        };
        let cursor = rows.cursors.entry(name.to_owned()).or_insert(position);
        if reset || *cursor <= position {
            *cursor = position + ahead;
        }
        Ok(())
    }

    async fn applied(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<u64, StoreError> {
        let rows = self.rows("applied").await?;
        let feed = (consumer.to_owned(), producer.to_owned(), aggregate.to_owned());
        Ok(rows.applied.get(&feed).copied().unwrap_or(0))
    }

    async fn due(&self, now: Micros, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let rows = self.rows("due timers").await?;
        let mut due: Vec<Timer> = timers(&rows).filter(|timer| timer.due <= now).collect();
        due.sort_by(|a, b| (a.due, &a.key, &a.name).cmp(&(b.due, &b.key, &b.name)));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn next_due(&self) -> Result<Option<Micros>, StoreError> {
        let rows = self.rows("next timer").await?;
        Ok(rows.timers.rows().values().min().copied())
    }

    async fn sealed(&self, key: &Key) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        Ok(self.rows("sealed").await?.sealed(key))
    }

    async fn query(&self, sql: Sql, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        drop(self.rows("query").await?);
        self.vault.with_views(|views| views.query(sql, args))
    }

    async fn prepare(&self, sql: Sql) -> Result<(), StoreError> {
        self.vault.with_views(|views| views.prepare(sql))
    }

    async fn bury(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        let mut rows = self.rows("bury").await?;
        let about = format_args!("{} parks {} {}", letter.consumer, letter.producer, letter.aggregate);
        self.vault
            .log
            .note(about, format_args!("event {}: {}", letter.seq, letter.error));
        let name = (letter.event_id.clone(), letter.consumer.clone());
        rows.dead_letters.insert(name, letter.clone());
        Ok(())
    }

    async fn dead_letters(&self, consumer: &str, after: &str, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let rows = self.rows("dead letters").await?;
        let open = rows.dead_letters.values().filter(|letter| letter.resolution.is_empty());
        let of = open
            .filter(|letter| (consumer.is_empty() || letter.consumer == consumer) && letter.event_id.as_str() > after);
        Ok(of.take(limit as usize).cloned().collect())
    }

    async fn parked(&self, consumer: &str, producer: &str, aggregate: &str) -> Result<bool, StoreError> {
        let rows = self.rows("parked").await?;
        Ok(rows.dead_letters.values().any(|letter| {
            letter.resolution.is_empty()
                && letter.consumer == consumer
                && letter.producer == producer
                && letter.aggregate == aggregate
        }))
    }

    async fn resolve(&self, consumer: &str, event_id: &str, resolution: &str) -> Result<bool, StoreError> {
        let mut rows = self.rows("resolve").await?;
        let letter = rows.dead_letters.get_mut(&(event_id.to_owned(), consumer.to_owned()));
        let open = letter.filter(|letter| letter.resolution.is_empty());
        Ok(open.is_some_and(|letter| {
            resolution.clone_into(&mut letter.resolution);
            true
        }))
    }

    async fn put_blob(&self, sha256: &str, content: &[u8], _at: Micros) -> Result<(), StoreError> {
        if self.rows("look for a blob").await?.blobs.contains_key(sha256) {
            return Ok(());
        }
        let found = hex::encode(Sha256::digest(content));
        if found != sha256 {
            return Err(StoreError::Corrupt {
                table: "blob",
                column: "sha256",
                row: sha256.to_owned(),
                detail: format!("the content's SHA-256 is {found}"),
            });
        }
        let mut rows = self.rows("put a blob").await?;
        rows.blobs.entry(found).or_insert_with(|| content.to_vec());
        Ok(())
    }

    async fn blob(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows("blob").await?.blobs.get(sha256).cloned())
    }

    async fn blob_size(&self, sha256: &str) -> Result<Option<u64>, StoreError> {
        let rows = self.rows("blob").await?;
        Ok(rows.blobs.get(sha256).map(|blob| blob.len() as u64))
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.rows("setting").await?.settings.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut rows = self.rows("set a setting").await?;
        rows.settings.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn close(&self) {}
}

/// Nothing is ever restored here: there is one epoch.
#[async_trait]
impl Epochs for SimStore {
    async fn lineage(&self) -> Result<Lineage, StoreError> {
        Ok(self.rows("lineage").await?.lineage.clone())
    }

    async fn begin_history(&self, id: &str, key: &str, at: Micros) -> Result<(), StoreError> {
        let mut rows = self.rows("begin a history").await?;
        if rows.lineage.epochs.is_empty() {
            rows.lineage = Lineage {
                epochs: vec![Epoch {
                    number: 1,
                    id: id.to_owned(),
                    position: 0,
                    at,
                    reason: String::new(),
                }],
                key: key.to_owned(),
            };
        }
        Ok(())
    }

    async fn consumed(
        &self,
        consumer: &str,
        _producer: &str,
        (_, event_id): (Position, &str),
    ) -> Result<bool, StoreError> {
        let rows = self.rows("consumed").await?;
        Ok(rows.inbox.get(&(consumer.to_owned(), event_id.to_owned())).is_some())
    }

    async fn consumed_anywhere(&self, consumer: &str, producer: &str, event_id: &str) -> Result<bool, StoreError> {
        self.consumed(consumer, producer, (0, event_id)).await
    }
}

fn timers(rows: &Rows) -> impl Iterator<Item = Timer> {
    rows.timers.rows().iter().map(|((key, name), due)| Timer {
        key: key.clone(),
        name: name.clone(),
        due: *due,
    })
}
