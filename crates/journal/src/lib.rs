//! Where history is kept.
//!
//! One narrow port, [`Store`], two stores ([`sqlite`], the embedded default, and [`postgres`]) and one conformance
//! suite. The heart is [`Store::commit`]: all that one transition changes stands or falls together (history, snapshot,
//! published events, timers, unique claims, read model, inbox mark, the request's idempotency record), and it is on
//! disk when the call returns. A service commits through [`Journal`], whose one writer task gathers what arrives
//! together into one transaction and which no dropped future can interrupt.
//!
//! **The history is the outbox**: published events are rows with a *position*, given out under one short lock, so that
//! position order is commit order and has no holes. They are never deleted.
//!
//! Rooms: `needs` is what decides about a batch and `batch` judges its commits in memory, the same for both stores;
//! `tables` holds the statements that both take and `records` reads their rows, of which the long columns are [`packed`];
//! `chain` and `verify` are the hash chain;
//! `sqlite` and `postgres` hold what differs: locking and batching.

use std::{path::PathBuf, sync::Arc};

mod batch;
pub mod chain;
pub mod compact;
mod epoch;
mod migration;
mod needs;
pub mod offline;
pub mod packed;
mod port;
pub mod postgres;
mod records;
pub mod sqlite;
mod tables;
mod value;
mod verify;
mod writer;

pub use epoch::{Caused, Difference, End, Epoch, Epochs, Lineage, born};
pub use migration::Migration;
pub use port::*;
pub use verify::{Tampering, Verified, verify};
pub use writer::Journal;

/// Where the stores of an installation are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// One SQLite file for each service, `<directory>/<service>.db`; the directory is made if it is missing.
    Directory(PathBuf),
    /// A PostgreSQL database, by URL, with a schema for each service.
    Postgres(String),
}

/// Opens the store of one service, with the journal's tables and the service's own (`migrations`, numbered from 100).
pub async fn open(
    location: &Location,
    service: &str,
    migrations: &'static [Migration],
) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match location {
        Location::Directory(directory) => {
            let path = directory.join(format!("{service}.db"));
            Arc::new(sqlite::Sqlite::open(&path, migrations).await?)
        }
        Location::Postgres(url) => Arc::new(postgres::Postgres::open(url, service, migrations).await?),
    })
}
