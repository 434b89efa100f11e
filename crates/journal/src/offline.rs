//! What operators do to stores while nothing runs on them, and the copies that they keep.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

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

/// How long PostgreSQL may show a connection that was closed.
const LEAVING: Duration = Duration::from_secs(2);

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
        .ok_or_else(|| StoreError::Unsafe(format!("{}: use a folder whose name is plain text", to.display())))?
        .to_owned();
    let (from, copy) = (from.to_owned(), to.to_owned());
    apart(move || {
        let source = open(&from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(database("open the SQLite file"))?;
        source.execute("VACUUM INTO ?1", [target]).map_err(database(context))?;
        File::open(copy)
            .and_then(|file| file.sync_all())
            .map_err(database(context))
    })
    .await?;
    look(to).await
}

/// Checks a copy that is not in use, without changing it.
pub async fn look(file: &Path) -> Result<Copied, StoreError> {
    let file = file.to_owned();
    apart(move || {
        let context = "check the SQLite file";
        let (found, head, epoch) = looked(&file).map_err(database(context))?;
        if found != "ok" {
            return Err(StoreError::Unsafe(format!("{}: damaged: {found}", file.display())));
        }
        let (bytes, sha256) = digest(&file).map_err(database(context))?;
        Ok(Copied {
            bytes,
            sha256,
            head,
            epoch,
        })
    })
    .await
}

/// What the file says of itself, its newest position, and its epoch.
fn looked(file: &Path) -> Result<(String, i64, i64), rusqlite::Error> {
    // As a URI, since only there it can be said that nobody else writes.
    let path = file.display().to_string();
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let copy = open(format!("file:{path}?immutable=1"), flags)?;
    let number = |sql| copy.query_row(sql, [], |row| row.get::<_, i64>(0));
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok((found, 0, 0));
    }
    let epoch = match number("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'epoch'")? {
        0 => 0,
        _ => number("SELECT COALESCE(MAX(number), 0) FROM epoch")?,
    };
    Ok((found, number("SELECT position FROM head")?, epoch))
}

fn open(file: impl AsRef<Path>, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// What may take minutes does not hold up who else has something to do.
async fn apart<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(act).await;
    done.map_err(database("work on a SQLite file"))?
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
            sqlite_is_idle(&file)?
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
fn sqlite_is_idle(file: &Path) -> Result<bool, StoreError> {
    let locked = || {
        let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")
    };
    match locked() {
        Ok(()) => Ok(true),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        Err(error) => Err(database("look whether the SQLite file is in use")(error)),
    }
}

async fn postgres_is_idle(url: &str, service: &str) -> Result<bool, StoreError> {
    let context = "look who uses the database";
    let options = url
        .parse::<PgConnectOptions>()
        .map_err(database("read the PostgreSQL URL"))?;
    let mut connection = PgConnection::connect_with(&options).await.map_err(database(context))?;
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1";
    let began = tokio::time::Instant::now();
    let idle = loop {
        let using: i64 = sqlx::query_scalar(sql)
            .bind(format!("vinhdanh-{service}"))
            .fetch_one(&mut connection)
            .await
            .map_err(database(context))?;
        // The server takes a moment to forget who has just left.
        if using == 0 || began.elapsed() >= LEAVING {
            break using == 0;
        }
        tokio::time::sleep(LEAVING / 20).await;
    };
    connection.close().await.map_err(database(context))?;
    Ok(idle)
}
