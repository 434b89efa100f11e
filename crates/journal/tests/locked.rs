//! A SQLite file that another process holds: waited for, and not for ever.

use std::{thread, time::Duration};

use journal::{Location, StoreError};
use rusqlite::Connection;

const SERVICE: &str = "toy";
/// How long somebody writes.
const HELD: Duration = Duration::from_millis(300);

/// A file with its tables, as a service left it.
async fn left_behind() -> (tempfile::TempDir, Location) {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::Directory(folder.path().to_owned());
    let store = journal::open(&location, SERVICE, &[]).await.expect("a store");
    store.close().await;
    (folder, location)
}

/// Somebody who writes, and does not end it.
fn holder(folder: &tempfile::TempDir) -> Connection {
    let holder = Connection::open(folder.path().join(format!("{SERVICE}.db"))).expect("the file");
    holder.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
    holder
}

#[tokio::test]
async fn a_file_that_stays_locked_is_told() {
    let (folder, location) = left_behind().await;
    let _holder = holder(&folder);
    let error = journal::open(&location, SERVICE, &[]).await.map(drop);
    let error = error.expect_err("somebody else writes");
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    assert!(format!("{error:?}").contains("DatabaseBusy"), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_let_go_is_opened() {
    let (folder, location) = left_behind().await;
    let holder = holder(&folder);
    let holding = thread::spawn(move || {
        thread::sleep(HELD);
        drop(holder);
    });
    journal::open(&location, SERVICE, &[]).await.expect("it was let go");
    holding.join().expect("the holder ends");
}
