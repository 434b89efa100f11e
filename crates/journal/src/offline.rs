//! What operators do to stores while nothing runs on them, and the copies that they keep.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use sqlx::{
    Connection as _, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteLockingMode},
};

use crate::{Location, StoreError, tables::database};

/// A copy of a SQLite store, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in lowercase hex.
    pub sha256: String,
    /// Its newest position.
    pub head: i64,
    /// The number of the epoch that it was in; 0 if its history was never begun.
    pub epoch: i64,
}

/// The files of one service in a data directory: the database, and what lies beside it while it is used.
pub fn files(directory: &Path, service: &str) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| directory.join(format!("{service}.db{end}")))
}

/// Copies a SQLite store into a new file, while services go on: the copy is of one moment, whole and without free pages,
/// on disk and checked when this returns.
pub async fn copy(from: &Path, to: &Path) -> Result<Copied, StoreError> {
    let context = "copy the SQLite file";
    let target = to
        .to_str()
        .ok_or_else(|| StoreError::Unsafe(format!("{}: use a folder whose name is plain text", to.display())))?;
    let options = SqliteConnectOptions::new().filename(from).create_if_missing(false);
    let mut source = SqliteConnection::connect_with(&options)
        .await
        .map_err(database("open the SQLite file"))?;
    sqlx::query("VACUUM INTO $1")
        .bind(target)
        .execute(&mut source)
        .await
        .map_err(database(context))?;
    source.close().await.map_err(database(context))?;
    let io = |error| database(context)(sqlx::Error::Io(error));
    File::open(to).and_then(|file| file.sync_all()).map_err(io)?;
    look(to).await
}

/// Checks a copy that is not in use, without changing it.
pub async fn look(file: &Path) -> Result<Copied, StoreError> {
    let context = "check the SQLite file";
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .immutable(true);
    let mut copy = SqliteConnection::connect_with(&options)
        .await
        .map_err(database(context))?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut copy)
        .await
        .map_err(database(context))?;
    if found != "ok" {
        return Err(StoreError::Unsafe(format!("{}: damaged: {found}", file.display())));
    }
    let head = sqlx::query_scalar("SELECT position FROM head")
        .fetch_one(&mut copy)
        .await
        .map_err(database(context))?;
    let begun: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'epoch'")
        .fetch_one(&mut copy)
        .await
        .map_err(database(context))?;
    let epoch = if begun == 0 {
        0
    } else {
        sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM epoch")
            .fetch_one(&mut copy)
            .await
            .map_err(database(context))?
    };
    copy.close().await.map_err(database(context))?;
    let (bytes, sha256) = digest(file).map_err(|error| database(context)(sqlx::Error::Io(error)))?;
    Ok(Copied {
        bytes,
        sha256,
        head,
        epoch,
    })
}

fn digest(file: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(file)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex::encode(hasher.finalize())));
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// Refuses a store that a service is using.
pub async fn must_be_idle(location: &Location, service: &str) -> Result<(), StoreError> {
    let idle = match location {
        Location::Directory(directory) => {
            let [file, ..] = files(directory, service);
            sqlite_is_idle(&file).await?
        }
        Location::Postgres(url) => postgres_is_idle(url, service).await?,
    };
    if idle {
        return Ok(());
    }
    Err(StoreError::Unsafe(format!(
        "{service} is running on this store: stop every process of it first"
    )))
}

/// Whoever has a file in WAL mode open holds a shared lock on it.
async fn sqlite_is_idle(file: &Path) -> Result<bool, StoreError> {
    let context = "look whether the SQLite file is in use";
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .busy_timeout(std::time::Duration::ZERO)
        .locking_mode(SqliteLockingMode::Exclusive);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(database(context))?;
    let locked = sqlx::raw_sql("BEGIN EXCLUSIVE; COMMIT").execute(&mut connection).await;
    let idle = match locked {
        Ok(_) => true,
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "5" || code == "261") => false,
        Err(error) => return Err(database(context)(error)),
    };
    connection.close().await.map_err(database(context))?;
    Ok(idle)
}

async fn postgres_is_idle(url: &str, service: &str) -> Result<bool, StoreError> {
    let context = "look who uses the database";
    let options = url
        .parse::<PgConnectOptions>()
        .map_err(database("read the PostgreSQL URL"))?;
    let mut connection = PgConnection::connect_with(&options).await.map_err(database(context))?;
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1";
    let using: i64 = sqlx::query_scalar(sql)
        .bind(format!("vinhdanh-{service}"))
        .fetch_one(&mut connection)
        .await
        .map_err(database(context))?;
    connection.close().await.map_err(database(context))?;
    Ok(using == 0)
}
