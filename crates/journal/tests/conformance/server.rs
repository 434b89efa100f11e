//! What only a server can do to us.

use std::{sync::Arc, time::Duration};

use journal::{Commit, Journal, StoreError, postgres::Postgres};

use crate::world::*;

async fn refused(url: &str) -> String {
    match Postgres::open(url, SERVICE, VIEWS).await.unwrap_err() {
        StoreError::Unsafe(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_forgets_is_refused() {
    let lax = testkit::Postgres::start_with(&[("fsync", "off")]);
    assert!(refused(&lax.fresh_database()).await.contains("set fsync = on"));
    let lax = testkit::Postgres::start_with(&[("full_page_writes", "off")]);
    assert!(
        refused(&lax.fresh_database())
            .await
            .contains("set full_page_writes = on")
    );
    let url = testkit::Postgres::shared().fresh_database();
    let (_, name) = url.rsplit_once('/').unwrap();
    testkit::Postgres::shared().execute(name, &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    assert!(refused(&url).await.contains("set synchronous_commit = on"));
}

#[tokio::test]
async fn a_schema_name_that_needs_quotes_is_refused() {
    let url = testkit::Postgres::shared().fresh_database();
    for name in ["", "Intake", "in take", "a;b", "1a"] {
        assert!(matches!(
            Postgres::open(&url, name, VIEWS).await,
            Err(StoreError::Unsafe(_))
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_are_survived() {
    let world = World::postgres().await;
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE application_name = 'vinhdanh-intake' AND datname = current_database()";
    // While they idle.
    journal.commit(commit(published("a", 0))).await.unwrap().unwrap();
    world.sql(kill).await.unwrap();
    journal.commit(commit(published("a", 1))).await.unwrap().unwrap();

    // While they work: what was acknowledged is there, and an error is only ever an unknown fate.
    let writer = tokio::spawn({
        let (journal, store) = (journal.clone(), world.store.clone());
        async move {
            let (mut acknowledged, mut unknown) = (2, 0);
            while acknowledged < 30 {
                match journal.commit(commit(published("a", acknowledged))).await {
                    Ok(Ok(_)) => acknowledged += 1,
                    Ok(Err(conflict)) => panic!("{conflict:?}"),
                    Err(_) => {
                        unknown += 1;
                        // Read back, as whoever meets an unknown fate does.
                        while let Err(error) = store.load(&[key("a")]).await.map(|loaded| {
                            let version = loaded[0].as_ref().unwrap().version;
                            assert!(version == acknowledged || version == acknowledged + 1);
                            acknowledged = version;
                        }) {
                            assert!(matches!(error, StoreError::Database { .. }));
                        }
                    }
                }
            }
            unknown
        }
    });
    while !writer.is_finished() {
        world.sql(kill).await.unwrap();
    }
    writer.await.unwrap();
    assert_eq!(world.version(&key("a")).await, 30);
    assert!(
        journal::verify(&*world.store, |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_is_survived() {
    let server = testkit::Postgres::start();
    let store = Postgres::open(&server.fresh_database(), SERVICE, VIEWS).await.unwrap();
    let journal = Journal::new(Arc::new(store)).await.unwrap();
    journal.commit(commit(published("a", 0))).await.unwrap().unwrap();
    server.kill();
    journal.commit(commit(published("a", 1))).await.unwrap_err();
    server.restart();
    journal.commit(commit(published("a", 1))).await.unwrap().unwrap();
    assert_eq!(journal.head().await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_dropped_anywhere_leave_no_open_transaction() {
    let world = World::postgres().await;
    let mut done = 0;
    for turn in 0..200_u64 {
        let version = world.version(&key("a")).await;
        let batch = [Commit {
            views: vec![noting("a", Some(1), None)],
            ..commit(published("a", version))
        }];
        // Not a wait: the point is to be cut off after any number of steps.
        let cut = tokio::time::timeout(Duration::from_micros(turn * 30), world.store.commit(&batch)).await;
        if let Ok(outcome) = cut {
            // The one before may have been cut off after it was sent, and be done only now.
            done += u64::from(outcome.unwrap()[0].is_ok());
        }
    }
    let version = world.version(&key("a")).await;
    assert!(version >= done);
    assert!(
        journal::verify(&*world.store, |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
    // Connections that were cut off are closed by and by.
    let idle = "DO $$ BEGIN ASSERT (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND state LIKE 'idle in transaction%') = 0; END $$";
    let mut tries = 0;
    while world.sql(idle).await.is_err() {
        tries += 1;
        assert!(tries < 200, "transactions stay open");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_waits_for_what_is_being_committed() {
    for _ in 0..10 {
        let world = World::postgres().await;
        let commit = [commit(published("a", 0))];
        let (outcome, ()) = futures::future::join(world.store.commit(&commit), world.store.close()).await;
        assert_eq!(outcome.unwrap(), [Ok(1)]);
        world.store.commit(&commit).await.unwrap_err();
        assert_eq!(world.replica().await.head().await.unwrap(), 1);
    }
}
