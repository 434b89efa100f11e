//! Connections that only read.

use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{ACQUIRE, connect};
use crate::{StoreError, tables::database};

/// Readers beside the one writer; more would only wait for the same disk.
const READERS: usize = 4;

/// What a reader keeps of the file, in KiB; the system keeps the rest.
const CACHE_KIB: i64 = 512;

/// A few connections, made when they are first needed.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    free: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    /// Makes the first one, to see that the file can be read.
    pub fn new(path: &Path) -> Result<Self, StoreError> {
        let first = open(path)?;
        Ok(Self {
            path: path.to_owned(),
            free: Mutex::new(vec![first]),
            permits: Semaphore::new(READERS),
        })
    }

    /// One that nobody else has, until it is dropped.
    pub async fn one(&self) -> Result<Reader<'_>, StoreError> {
        let context = "wait for a reader of the SQLite file";
        let permit = tokio::time::timeout(ACQUIRE, self.permits.acquire())
            .await
            .map_err(database(context))?
            .map_err(database(context))?;
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = free.map_or_else(|| open(&self.path), Ok)?;
        Ok(Reader {
            readers: self,
            connection: Some(connection),
            _permit: permit,
        })
    }

    /// Waits for those that are in use, and closes all.
    pub async fn close(&self) {
        // An error means that it is closed already.
        let all = self.permits.acquire_many(READERS as u32).await;
        self.permits.close();
        drop(all);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        reader.pragma_update(None, "cache_size", -CACHE_KIB)?;
        Ok::<_, rusqlite::Error>(reader)
    };
    open().map_err(database("open the SQLite file for reading"))
}

/// A connection that goes back when it is dropped.
pub(super) struct Reader<'r> {
    readers: &'r Readers,
    connection: Option<Connection>,
    // After the connection: who is let in next finds it there.
    _permit: SemaphorePermit<'r>,
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is there until it is dropped")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut free = self.readers.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.connection.take());
    }
}
