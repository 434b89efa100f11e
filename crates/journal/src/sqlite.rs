//! SQLite: the embedded default. One file for a service, in WAL mode with `synchronous=FULL`: a commit is on disk when
//! it returns. One connection writes; a few others only read.

use std::{collections::BTreeMap, path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::{
    SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Commit, Conflict, Key, Migration, Position, Row, Sql, StoreError, migration,
    tables::{Engine, database},
    value::{Arg, Cells, args},
};

mod commit;
mod rows;
mod script;

use rows::{rows, run};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "journal",
    sql: include_str!("../../../migrations/sqlite/journal/0001_journal.sql"),
}];

/// Readers beside the one writer; more would only wait for the same disk.
const READERS: u32 = 4;

/// How long a connection waits for another process that writes (a command line beside the running service).
const BUSY: Duration = Duration::from_secs(5);

/// Between two attempts to open a file that is busy.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a call waits for a free connection before the store counts as overloaded.
const ACQUIRE: Duration = Duration::from_secs(10);

/// A store in one SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    /// Opens or makes the file, with its directory, and brings its schema up to date: the journal's tables first, then
    /// `migrations` (numbered from 100). Refuses a file system without write-ahead logging.
    pub async fn open(path: &Path, migrations: &'static [Migration]) -> Result<Self, StoreError> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)
                .map_err(|error| database("make the data directory")(sqlx::Error::Io(error)))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(BUSY)
            .synchronous(SqliteSynchronous::Full)
            // What is destroyed in a sealed box does not stay in free pages.
            .pragma("secure_delete", "ON");
        let writer = open_writer(&options).await.map_err(database("open the SQLite file"))?;
        let mut connection = writer.acquire().await.map_err(database("open the SQLite file"))?;
        must_be_safe(&mut connection, path).await?;
        migrate(&mut connection, migrations).await?;
        drop(connection);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE)
            .connect_with(options.read_only(true))
            .await
            .map_err(database("open the SQLite file for reading"))?;
        Ok(Self { writer, readers })
    }
}

/// Opens the one connection that writes. While another process that starts at the same moment turns on write-ahead
/// logging, SQLite answers "busy" at once, whatever the time-out.
async fn open_writer(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let options = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut waits = BUSY.as_millis() / PAUSE.as_millis();
    loop {
        let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE);
        match pool.connect_with(options.clone()).await {
            Err(sqlx::Error::Database(error)) if waits > 0 && error.code().is_some_and(|code| is_busy(&code)) => {
                waits -= 1;
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// SQLITE_BUSY and its extended codes.
fn is_busy(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| code & 0xff == 5)
}

async fn must_be_safe(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let row = rows(connection, "PRAGMA journal_mode", &[])
        .await
        .map_err(database("read the journal mode"))?;
    let mode = Cells::new("pragma", row.into_iter().next().unwrap_or_default()).text("journal_mode")?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::Unsafe(format!(
        "{}: journal mode is {mode}, not wal: put the data directory on a local disk",
        path.display()
    )))
}

async fn migrate(connection: &mut SqliteConnection, service: &'static [Migration]) -> Result<(), StoreError> {
    let context = "migrate the SQLite schema";
    let mut tx = sqlx::Connection::begin_with(connection, "BEGIN IMMEDIATE")
        .await
        .map_err(database(context))?;
    run(&mut tx, migration::TABLE, &[]).await.map_err(database(context))?;
    let mut applied = BTreeMap::new();
    for row in rows(&mut tx, migration::APPLIED, &[])
        .await
        .map_err(database(context))?
    {
        let mut cells = Cells::new("migration", row);
        applied.insert(cells.int("version")?, cells.text("digest")?);
    }
    for migration in migration::pending(MIGRATIONS, service, &applied)? {
        let Migration { version, name, sql } = migration;
        sqlx::raw_sql(*sql).execute(&mut *tx).await.map_err(database(context))?;
        let digest = migration.digest();
        run(&mut tx, migration::RECORD, args![*version, *name, &digest])
            .await
            .map_err(database(context))?;
        tracing::info!(version, name, "migration applied");
    }
    tx.commit().await.map_err(database(context))
}

#[async_trait]
impl Engine for Sqlite {
    async fn rows(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(database(context))?;
        rows(&mut connection, sql, args).await.map_err(database(context))
    }

    async fn run(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let mut connection = self.writer.acquire().await.map_err(database(context))?;
        run(&mut connection, sql, args).await.map_err(database(context))
    }

    async fn load_rows(&self, keys: &[Key]) -> Result<Vec<Row>, StoreError> {
        // One statement, so that all rows are of one moment.
        let sql = "SELECT a.kind, a.id, a.version, a.machine_version, a.seq, a.snapshot, a.head \
            FROM json_each($1) AS k CROSS JOIN aggregate AS a \
            ON a.kind = k.value ->> 0 AND a.id = k.value ->> 1";
        let keys: Vec<_> = keys.iter().map(|Key { kind, id }| [kind, id]).collect();
        let keys = serde_json::json!(keys).to_string();
        Engine::rows(self, "load aggregates", sql, args![&keys]).await
    }

    async fn commit_batch(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        commit::commit(&self.writer, batch).await
    }

    async fn check(&self, sql: Sql) -> Result<(), StoreError> {
        use sqlx::{Executor, SqlSafeStr};
        let mut connection = self.readers.acquire().await.map_err(database("prepare a statement"))?;
        connection
            .prepare(sql.into_sql_str())
            .await
            .map_err(database("prepare a statement"))?;
        Ok(())
    }

    async fn shut(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
