use journal::{Migration, StoreError};

use crate::world::*;

pub async fn reopening_keeps_everything(world: &World) {
    world.commit(commit(claiming(published("a", 0), "n"))).await.unwrap();
    world.store.set_cursor("relay", 1, false).await.unwrap();
    let before = world.store.load(&[key("a")]).await.unwrap();
    world.store.close().await;
    world.store.head().await.unwrap_err();

    let again = world.replica().await;
    assert_eq!(again.load(&[key("a")]).await.unwrap(), before);
    assert_eq!(again.head().await.unwrap(), 1);
    assert_eq!(again.cursor("relay").await.unwrap(), 1);
    assert_eq!(one(&*again, commit(published("a", 1))).await, Ok(2));
    assert!(one(&*again, commit(claiming(step("b", 0), "n"))).await.is_err());
}

async fn refused(world: &World, migrations: &'static [Migration]) -> String {
    match world.open_with(migrations).await.err().unwrap() {
        StoreError::Unsafe(why) => why,
        other => panic!("{other:?}"),
    }
}

pub async fn a_changed_migration_is_refused(world: &World) {
    const CHANGED: &[Migration] = &[Migration {
        sql: "CREATE TABLE worklist (dossier TEXT PRIMARY KEY)",
        ..VIEWS[0]
    }];
    const NEXT: &[Migration] = &[
        VIEWS[0],
        Migration {
            version: 101,
            name: "more",
            sql: "CREATE TABLE more (a BIGINT); CREATE INDEX more_a ON more (a)",
        },
    ];
    assert!(
        refused(world, CHANGED)
            .await
            .contains("migration 100 worklist was changed")
    );
    world
        .open_with(NEXT)
        .await
        .unwrap()
        .prepare("SELECT a FROM more")
        .await
        .unwrap();
    // The release before, during a rolling update.
    world.open_with(VIEWS).await.unwrap();
}

pub async fn a_migration_outside_its_numbers_is_refused(world: &World) {
    const LOW: &[Migration] = &[Migration { version: 1, ..VIEWS[0] }];
    const TWICE: &[Migration] = &[VIEWS[0], VIEWS[0]];
    assert!(refused(world, LOW).await.contains("from 100 on"));
    assert!(refused(world, TWICE).await.contains("two migrations"));
}

pub async fn replicas_may_open_an_empty_store_together(world: &World) {
    for service in ["council", "approval", "directory", "notification"] {
        let opened = (0..4).map(|_| {
            let location = world.location.clone();
            tokio::spawn(async move { journal::open(&location, service, VIEWS).await })
        });
        for store in opened.collect::<Vec<_>>() {
            assert_eq!(store.await.unwrap().unwrap().head().await.unwrap(), 0);
        }
    }
}
