use std::time::Duration;

use journal::{Commit, Journal, Step, TimerOp, Write};

use crate::world::*;

pub async fn commits_are_gathered_and_answered(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let ids: Vec<_> = (0..300).map(|n| format!("a{n}")).collect();
    let outcomes = futures::future::join_all(ids.iter().map(|id| journal.commit(commit(published(id, 0))))).await;
    let mut positions: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap().unwrap()).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=300).collect::<Vec<_>>());
    assert!(journal.commit(commit(step("a0", 0))).await.unwrap().is_err());
    assert!(
        journal::verify(&**journal.store(), |_| ())
            .await
            .unwrap()
            .problems
            .is_empty()
    );
}

pub async fn a_dropped_commit_is_written_all_the_same(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let mut head = journal.watch();
    for version in 0..20 {
        let mut waiting = Box::pin(journal.commit(commit(published("a", version))));
        // Polled once, it is in the queue, or even answered if the writer was quick; then its caller hangs up.
        let _ = futures::poll!(&mut waiting);
        drop(waiting);
        tokio::time::timeout(Duration::from_secs(20), head.changed())
            .await
            .expect("it is written")
            .unwrap();
    }
    assert_eq!(world.version(&key("a")).await, 20);
}

pub async fn a_spoilt_commit_does_not_spoil_its_batch(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let spoilt = Commit {
        views: vec![Write {
            sql: "INSERT INTO nowhere (a) VALUES (1)",
            args: vec![],
        }],
        ..commit(published("b", 0))
    };
    let (a, b, c) = futures::future::join3(
        journal.commit(commit(published("a", 0))),
        journal.commit(spoilt),
        journal.commit(commit(published("c", 0))),
    )
    .await;
    assert!(a.unwrap().is_ok());
    b.unwrap_err();
    assert!(c.unwrap().is_ok());
    assert_eq!(world.store.head().await.unwrap(), 2);
}

pub async fn subscribers_are_woken(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let (mut head, mut timers) = (journal.watch(), journal.timers_changed());
    journal.commit(commit(published("a", 0))).await.unwrap().unwrap();
    head.changed().await.unwrap();
    assert_eq!(*head.borrow_and_update(), 1);
    assert!(!timers.has_changed().unwrap());
    let timer = TimerOp::Set {
        name: "review".into(),
        due: 9,
    };
    journal
        .commit(commit(timing(Step { seq: 1, ..step("a", 1) }, timer)))
        .await
        .unwrap()
        .unwrap();
    timers.changed().await.unwrap();
    assert!(!head.has_changed().unwrap());
}

pub async fn a_closed_journal_refuses(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    let commits: Vec<_> = (0..5)
        .map(|version| journal.commit(commit(published("a", version))))
        .collect();
    let (outcomes, ()) = futures::future::join(futures::future::join_all(commits), journal.close()).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap().is_ok()));
    journal.commit(commit(step("b", 0))).await.unwrap_err();
    assert_eq!(world.replica().await.head().await.unwrap(), 5);
}

pub async fn fresh_events_are_those_of_the_store(world: &World) {
    let journal = Journal::new(world.store.clone()).await.unwrap();
    for version in 0..3 {
        for id in ["a", "b"] {
            journal.commit(commit(published(id, version))).await.unwrap().unwrap();
        }
    }
    // One that is wrong about what was published before it is as stale as one that is wrong about the version.
    for (version, seq) in [(1, 1), (3, 2)] {
        let step = Step {
            seq,
            ..published("b", version)
        };
        assert!(journal.commit(commit(step)).await.unwrap().is_err());
    }
    let stored = world.store.events(0, 10).await.unwrap();
    assert_eq!(stored.len(), 6);
    assert_eq!(journal.take_fresh(2), stored[2..]);
    assert_eq!(journal.take_fresh(0), [], "those are forgotten, and have to be read");

    // Another replica's event lies between: what comes after it is not given before it.
    world
        .replica()
        .await
        .commit(&[commit(published("c", 0))])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    journal.commit(commit(published("a", 3))).await.unwrap().unwrap();
    assert_eq!(journal.take_fresh(6), []);
    assert_eq!(journal.take_fresh(7), world.store.events(7, 10).await.unwrap());
}
