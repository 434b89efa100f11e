//! PostgreSQL 14 or newer: many replicas of a service on one database, with a schema for each service.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use sqlx::{
    PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    Commit, Conflict, Key, Migration, Position, Row, Sql, StoreError, migration,
    tables::{Engine, database},
    value::{Arg, Cells, args},
};

mod bulk;
mod commit;
mod facts;
mod rows;
mod safety;
mod transaction;
mod views;

use rows::{rows, run};
use transaction::{BY_ANY_WAY, Connections};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "journal",
        sql: include_str!("../../../migrations/postgres/journal/0001_journal.sql"),
    },
    Migration {
        version: 2,
        name: "epoch",
        sql: include_str!("../../../migrations/postgres/journal/0002_epoch.sql"),
    },
];

/// Connections of one service that read; those that commit are kept apart.
const CONNECTIONS: u32 = 10;

/// How long a call waits for a free connection, or for a server that is down, before it fails.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Bounds of every connection. A transaction takes milliseconds: one that is idle for seconds has lost its owner.
const BOUNDS: [(&str, &str); 5] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("default_transaction_isolation", "read committed"),
    ("timezone", "UTC"),
];

/// A store in one schema of a PostgreSQL database.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    commits: Connections,
}

impl Postgres {
    /// Connects, checks that the server keeps what it acknowledges ([`StoreError::Unsafe`] says what to change if it
    /// does not), and brings the schema up to date: the journal's tables first, then `migrations` (numbered from 100).
    /// The schema is made if it is missing. Its name needs no quotes: lower-case letters, digits, `_`.
    pub async fn open(url: &str, schema: &str, migrations: &'static [Migration]) -> Result<Self, StoreError> {
        if !schema.starts_with(|c: char| c.is_ascii_lowercase())
            || !schema
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(StoreError::Unsafe(format!(
                "{schema:?} is no schema name: use a-z, 0-9 and _"
            )));
        }
        let options = url
            .parse::<PgConnectOptions>()
            .map_err(database("read the PostgreSQL URL"))?
            .application_name(&format!("vinhdanh-{schema}"))
            .options([("search_path", schema)])
            .options(BOUNDS);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .connect_with(options)
            .await
            .map_err(database("connect to PostgreSQL"))?;
        let mut connection = pool.acquire().await.map_err(database("connect to PostgreSQL"))?;
        safety::must_be_safe(&mut connection).await?;
        drop(connection);
        let commits = Connections::of(pool.clone());
        migrate(&commits, schema, migrations).await?;
        Ok(Self { pool, commits })
    }
}

async fn migrate(connections: &Connections, schema: &str, service: &'static [Migration]) -> Result<(), StoreError> {
    let context = "migrate the PostgreSQL schema";
    let mut tx = connections.begin().await.map_err(database(context))?;
    let pending = pending(&mut tx, schema, service).await?;
    for migration in pending {
        let Migration { version, name, sql } = migration;
        sqlx::raw_sql(*sql).execute(&mut *tx).await.map_err(database(context))?;
        let digest = migration.digest();
        run(&mut tx, migration::RECORD, args![*version, *name, &digest])
            .await
            .map_err(database(context))?;
        mishap::at(mishap::Point::C12);
        tracing::info!(schema, version, name, "migration applied");
    }
    tx.commit().await.map_err(database(context))
}

/// What is to be applied, under a lock that makes replicas which start together wait for the first.
async fn pending(
    tx: &mut PgConnection,
    schema: &str,
    service: &'static [Migration],
) -> Result<Vec<&'static Migration>, StoreError> {
    let context = "migrate the PostgreSQL schema";
    for settings in [
        "SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = '600s'",
        BY_ANY_WAY,
    ] {
        sqlx::raw_sql(settings)
            .execute(&mut *tx)
            .await
            .map_err(database(context))?;
    }
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('vinhdanh.migrate.' || $1, 0))";
    run(tx, lock, args![schema]).await.map_err(database(context))?;
    // Asked first, since making a schema takes a right that the service's role need not have.
    let exists = rows(tx, "SELECT 1 FROM pg_namespace WHERE nspname = $1", args![schema]).await;
    if exists.map_err(database(context))?.is_empty() {
        let sql = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        sqlx::raw_sql(sql).execute(&mut *tx).await.map_err(database(context))?;
    }
    run(tx, migration::TABLE, &[]).await.map_err(database(context))?;
    let mut applied = BTreeMap::new();
    for row in rows(tx, migration::APPLIED, &[]).await.map_err(database(context))? {
        let mut cells = Cells::new("migration", row);
        applied.insert(cells.int("version")?, cells.text("digest")?);
    }
    migration::pending(MIGRATIONS, service, &applied)
}

#[async_trait]
impl Engine for Postgres {
    async fn rows(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(database(context))?;
        rows(&mut connection, sql, args).await.map_err(database(context))
    }

    async fn run(&self, context: &'static str, sql: Sql, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(database(context))?;
        run(&mut connection, sql, args).await.map_err(database(context))
    }

    async fn load_rows(&self, keys: &[Key]) -> Result<Vec<Row>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(database("load aggregates"))?;
        bulk::load(&mut connection, keys)
            .await
            .map_err(database("load aggregates"))
    }

    async fn commit_batch(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        commit::commit(&self.commits, batch).await
    }

    async fn check(&self, sql: Sql) -> Result<(), StoreError> {
        use sqlx::{Executor, SqlSafeStr};
        let mut connection = self.pool.acquire().await.map_err(database("prepare a statement"))?;
        connection
            .prepare(sql.into_sql_str())
            .await
            .map_err(database("prepare a statement"))?;
        Ok(())
    }

    async fn shut(&self) {
        self.commits.close().await;
    }
}
