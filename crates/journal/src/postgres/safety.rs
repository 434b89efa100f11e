//! What a server must promise before anything is entrusted to it.

use sqlx::PgConnection;

use super::rows::rows;
use crate::{
    StoreError,
    tables::database,
    value::{Cells, args},
};

/// Older ones lack what the statements use, and are no longer maintained.
const OLDEST: i64 = 14;

/// Settings without which an acknowledged commit can be lost, and what losing them means.
const NEEDED: [(&str, &str); 3] = [
    (
        "fsync",
        "a crash of the machine would lose or damage acknowledged commits",
    ),
    (
        "full_page_writes",
        "a crash of the machine could leave half-written pages",
    ),
    (
        "synchronous_commit",
        "commits would be acknowledged before they are on disk",
    ),
];

pub(super) async fn must_be_safe(connection: &mut PgConnection) -> Result<(), StoreError> {
    let context = "read the server's settings";
    let sql = "SELECT current_setting('server_version_num')::bigint / 10000";
    let row = rows(connection, sql, &[])
        .await
        .map_err(database(context))?
        .pop()
        .unwrap_or_default();
    let version = Cells::new("pg_settings", row).int("server_version_num")?;
    if version < OLDEST {
        return Err(StoreError::Unsafe(format!(
            "PostgreSQL {version} is too old: use {OLDEST} or newer"
        )));
    }
    for (name, danger) in NEEDED {
        let row = rows(connection, "SELECT current_setting($1)", args![name])
            .await
            .map_err(database(context))?;
        if Cells::new("pg_settings", row.into_iter().next().unwrap_or_default()).text(name)? == "off" {
            return Err(StoreError::Unsafe(format!(
                "PostgreSQL runs with {name} = off: {danger}; set {name} = on (server, database and role) and restart"
            )));
        }
    }
    Ok(())
}
