//! A transaction that a dropped future cannot leave open.

use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};

/// An open transaction. Unless it is ended in order, its connection is closed, not returned to the pool: whoever
/// borrowed it next would work inside it. (The driver's own transaction leaves that gap while it begins.)
pub(super) struct Transaction {
    connection: PoolConnection<Postgres>,
    ended: bool,
}

impl Transaction {
    pub(super) async fn begin(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let mut tx = Self {
            connection: pool.acquire().await?,
            ended: false,
        };
        sqlx::raw_sql("BEGIN").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// An `Err` means that nobody knows whether it was committed.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("COMMIT").execute(&mut *self).await?;
        self.ended = true;
        Ok(())
    }

    /// Gives the connection back clean, or closes it if that fails.
    pub(super) async fn roll_back(mut self) {
        self.ended = sqlx::raw_sql("ROLLBACK").execute(&mut *self).await.is_ok();
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.ended {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
