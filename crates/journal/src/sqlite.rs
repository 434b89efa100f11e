//! SQLite: the embedded default. One file for a service, in WAL mode with `synchronous=FULL`: a commit is on disk when
//! it returns. One connection writes; a few others only read.
//!
//! Its calls are made where they are asked for, and not on a thread of their own: a look by key takes less time than the
//! way to another thread and back. What may take longer tells the runtime ([`at_length`]). A thread for each writer was
//! measured too: a tenth less work done, and longer waits.

use std::{collections::BTreeMap, path::Path, time::Duration};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use crate::{
    Commit, Conflict, Key, Migration, Position, Row, Sql, StoreError, migration,
    tables::{Engine, database},
    value::{Arg, Cells, args},
};

mod commit;
mod readers;
mod rows;

use readers::Readers;
use rows::{rows, run};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "journal",
        sql: include_str!("../../../migrations/sqlite/journal/0001_journal.sql"),
    },
    Migration {
        version: 2,
        name: "epoch",
        sql: include_str!("../../../migrations/sqlite/journal/0002_epoch.sql"),
    },
];

/// How long a connection waits for another process that writes (a command line beside the running service).
const BUSY: Duration = Duration::from_secs(5);

/// How long the log is waited for when a file is opened.
const SETTLING: Duration = Duration::from_millis(200);

/// Between two attempts to open a file that is busy.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a call waits for a free connection before the store counts as overloaded.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Statements that a connection keeps prepared: more than a service has.
const PREPARED: usize = 200;
/// Pages that the writer keeps, in KiB: half of what SQLite would. What is worked at lies together; the rest is a read from
/// the system's memory away.
const WRITER_CACHE_KIB: i64 = 1_024;

/// A store in one SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    /// `None` once it is closed.
    writer: Mutex<Option<Connection>>,
    readers: Readers,
}

impl Sqlite {
    /// Opens or makes the file, with its directory, and brings its schema up to date: the journal's tables first, then
    /// `migrations` (numbered from 100). Refuses a file system without write-ahead logging.
    pub async fn open(path: &Path, migrations: &'static [Migration]) -> Result<Self, StoreError> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(database("make the data directory"))?;
        }
        let writer = open_writer(path, migrations).await?;
        Ok(Self {
            writer: Mutex::new(Some(writer)),
            readers: Readers::new(path)?,
        })
    }

    async fn writer(&self) -> Result<MutexGuard<'_, Option<Connection>>, StoreError> {
        tokio::time::timeout(ACQUIRE, self.writer.lock())
            .await
            .map_err(database("wait for the writer of the SQLite file"))
    }
}

/// Does what may take milliseconds where it is asked for: the runtime gives what waits here to another thread.
fn at_length<R>(act: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(act),
        _ => act(),
    }
}

/// What a call finds once the store was closed.
fn closed() -> StoreError {
    database("the SQLite file is closed")(rusqlite::Error::InvalidQuery)
}

/// A connection, with what all have in common.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    // A statement keeps its plan whatever is bound; else each new LIMIT has it planned anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// Opens the one connection that writes, its schema up to date. Where processes start at the same moment, SQLite answers
/// "busy" at once in some of these steps, whatever the time-out; each step may be done again.
async fn open_writer(path: &Path, migrations: &'static [Migration]) -> Result<Connection, StoreError> {
    let open = || {
        let mut writer = connect_writer(path).map_err(database("open the SQLite file"))?;
        must_be_safe(&writer, path)?;
        settle(&writer).map_err(database("take the write-ahead log into the SQLite file"))?;
        migrate(&mut writer, migrations)?;
        Ok(writer)
    };
    let began = Instant::now();
    loop {
        match at_length(open) {
            Err(StoreError::Database { source, .. }) if began.elapsed() < BUSY && is_busy(source.as_ref()) => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &(dyn std::error::Error + 'static)) -> bool {
    let code = error.downcast_ref().and_then(rusqlite::Error::sqlite_error_code);
    code == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn connect_writer(path: &Path) -> Result<Connection, rusqlite::Error> {
    let writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    writer.pragma_update(None, "journal_mode", "wal")?;
    writer.pragma_update(None, "synchronous", "full")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    writer.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    // What is destroyed in a sealed box does not stay in free pages.
    writer.pragma_update(None, "secure_delete", true)?;
    Ok(writer)
}

fn must_be_safe(writer: &Connection, path: &Path) -> Result<(), StoreError> {
    let row = rows(writer, "PRAGMA journal_mode", &[]).map_err(database("read the journal mode"))?;
    let mode = Cells::new("pragma", row.into_iter().next().unwrap_or_default()).text("journal_mode")?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::Unsafe(format!(
        "{}: journal mode is {mode}, not wal: put the data directory on a local disk",
        path.display()
    )))
}

/// Takes what the log holds into the file. A flush that failed before the process ended may have left commits in the
/// system's memory that nothing would ever write: here they are written again, before anybody is told that they are kept.
/// Where another process has the file open, its log is in use and stays. So it is not waited for long either: the log's
/// writers wait for whoever waits here, and one of them may be what is waited for.
fn settle(writer: &Connection) -> Result<(), rusqlite::Error> {
    writer.busy_timeout(SETTLING)?;
    let busy = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))?;
    writer.busy_timeout(BUSY)?;
    if busy {
        tracing::debug!("the write-ahead log is in use by another process");
    }
    Ok(())
}

fn migrate(writer: &mut Connection, service: &'static [Migration]) -> Result<(), StoreError> {
    let context = "migrate the SQLite schema";
    let tx = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(database(context))?;
    run(&tx, migration::TABLE, &[]).map_err(database(context))?;
    let mut applied = BTreeMap::new();
    for row in rows(&tx, migration::APPLIED, &[]).map_err(database(context))? {
        let mut cells = Cells::new("migration", row);
        applied.insert(cells.int("version")?, cells.text("digest")?);
    }
    for migration in migration::pending(MIGRATIONS, service, &applied)? {
        let Migration { version, name, sql } = migration;
        tx.execute_batch(sql).map_err(database(context))?;
        let digest = migration.digest();
        run(&tx, migration::RECORD, args![*version, *name, &digest]).map_err(database(context))?;
        mishap::at(mishap::Point::C12);
        tracing::info!(version, name, "migration applied");
    }
    tx.commit().map_err(database(context))
}

#[async_trait]
impl Engine for Sqlite {
    async fn rows(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        let reader = self.readers.one().await?;
        at_length(|| rows(&reader, sql, args)).map_err(database(context))
    }

    async fn look(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        let reader = self.readers.one().await?;
        rows(&reader, sql, args).map_err(database(context))
    }

    async fn run(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let writer = self.writer().await?;
        let writer = writer.as_ref().ok_or_else(closed)?;
        at_length(|| run(writer, sql, args)).map_err(database(context))
    }

    async fn load_rows(&self, keys: &[Key]) -> Result<Vec<Row>, StoreError> {
        let context = "load aggregates";
        let mut reader = self.readers.one().await?;
        // One transaction, so that all rows are of one moment.
        let tx = reader.transaction().map_err(database(context))?;
        let sql = "SELECT kind, id, version, machine_version, seq, snapshot, head FROM aggregate \
            WHERE kind = $1 AND id = $2";
        let mut found = Vec::with_capacity(keys.len());
        for Key { kind, id } in keys {
            found.extend(rows(&tx, sql, args![kind, id]).map_err(database(context))?);
        }
        Ok(found)
    }

    async fn commit_batch(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        let mut writer = self.writer().await?;
        let writer = writer.as_mut().ok_or_else(closed)?;
        at_length(|| commit::commit(writer, batch))
    }

    async fn check(&self, sql: Sql) -> Result<(), StoreError> {
        let reader = self.readers.one().await?;
        reader
            .prepare_cached(sql)
            .map(drop)
            .map_err(database("prepare a statement"))
    }

    async fn shut(&self) {
        self.readers.close().await;
        let writer = self.writer.lock().await.take();
        // The last connection takes the write-ahead log into the file.
        at_length(|| drop(writer));
    }
}
