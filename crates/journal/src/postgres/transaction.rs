//! The connections that commits are made on, and a transaction that a dropped future cannot leave open.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::{RwLock, RwLockReadGuard};

/// Commits look rows up by their keys, however few or many there are. A plan that was made while a table was small, or is
/// made anew for each batch, or is compiled, would cost more than the look-up.
const BY_KEY: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
    SET enable_mergejoin = off; SET jit = off";

/// Takes that back for a transaction that does something else.
pub(super) const BY_ANY_WAY: &str = "SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on; \
    SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on";

/// How long a connection that was kept may take to answer before a new one is made.
const STALE: Duration = Duration::from_secs(5);

/// Connections that stay with the writer. The pool asks each whether it is alive before it lends it and after it comes
/// back, and lends another every time: two round trips more, and plans that each has to make for itself.
#[derive(Debug)]
pub(super) struct Connections {
    pool: PgPool,
    idle: Mutex<Vec<PgConnection>>,
    /// Shared by transactions, so that closing waits for them.
    open: RwLock<()>,
}

impl Connections {
    pub(super) fn of(pool: PgPool) -> Self {
        Self {
            pool,
            idle: Mutex::default(),
            open: RwLock::default(),
        }
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'_>, sqlx::Error> {
        let open = self.open.read().await;
        Ok(Transaction {
            connection: self.begun().await?,
            home: self,
            _open: open,
        })
    }

    async fn begun(&self) -> Result<PgConnection, sqlx::Error> {
        loop {
            let kept = self.idle().pop();
            let Some(connection) = kept else { break };
            // It may have been cut off meanwhile; then it is dropped, and nothing was asked of it yet.
            if let Ok(Ok(connection)) = tokio::time::timeout(STALE, begin_on(connection)).await {
                return Ok(connection);
            }
        }
        let mut connection = self.pool.acquire().await?.detach();
        sqlx::raw_sql(BY_KEY).execute(&mut connection).await?;
        begin_on(connection).await
    }

    /// Waits for open transactions, then closes the pool and all that came from it.
    pub(super) async fn close(&self) {
        // From here on the pool lends none.
        let closing = self.pool.close();
        let _none_open = self.open.write().await;
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            // One that cannot say goodbye is gone.
            let _ = connection.close().await;
        }
        closing.await;
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn begin_on(mut connection: PgConnection) -> Result<PgConnection, sqlx::Error> {
    sqlx::raw_sql("BEGIN").execute(&mut connection).await?;
    Ok(connection)
}

/// An open transaction. Unless it is ended in order, its connection is closed, not kept: whoever took it next would work
/// inside it. (The driver's own transaction leaves that gap while it begins.)
pub(super) struct Transaction<'a> {
    connection: PgConnection,
    home: &'a Connections,
    _open: RwLockReadGuard<'a, ()>,
}

impl Transaction<'_> {
    /// An `Err` means that nobody knows whether it was committed.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        self.end("COMMIT").await
    }

    /// Keeps the connection, or closes it if that fails.
    pub(super) async fn roll_back(self) {
        // Whatever the server did not hear of, it rolls back once the connection is closed.
        let _ = self.end("ROLLBACK").await;
    }

    async fn end(mut self, how: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(how).execute(&mut self.connection).await?;
        self.home.idle().push(self.connection);
        Ok(())
    }
}

impl Deref for Transaction<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
