use journal::{Commit, Conflict, DeadLetter};

use crate::world::*;

fn consuming(seq: u64, id: &str, expected: u64) -> Commit {
    Commit {
        inbox: Some(inbox(seq)),
        ..commit(step(id, expected))
    }
}

pub async fn an_event_is_applied_once_and_in_order(world: &World) {
    let applied = async || {
        world
            .store
            .applied("intake", "approval", "approval.course/a")
            .await
            .unwrap()
    };
    assert_eq!(applied().await, 0);
    assert_eq!(
        world.commit(consuming(2, "a", 0)).await,
        Err(Conflict::Gap { applied: 0 })
    );
    let batch = [
        consuming(1, "a", 0),
        consuming(1, "a", 1),
        consuming(2, "a", 1),
        consuming(4, "a", 2),
    ];
    let outcomes = world.store.commit(&batch).await.unwrap();
    assert_eq!(
        outcomes,
        [Ok(0), Err(Conflict::Applied), Ok(0), Err(Conflict::Gap { applied: 2 })]
    );
    assert_eq!(applied().await, 2);
    assert_eq!(world.commit(consuming(1, "a", 9)).await, Err(Conflict::Applied));
    assert_eq!(world.version(&key("a")).await, 2);
    // A fallen commit marks nothing.
    world.commit(consuming(3, "a", 9)).await.unwrap_err();
    assert_eq!(applied().await, 2);
}

pub async fn an_event_that_matters_to_nobody_is_marked(world: &World) {
    let mark = |seq| Commit {
        inbox: Some(inbox(seq)),
        ..Commit::default()
    };
    assert_eq!(world.commit(mark(1)).await, Ok(0));
    assert_eq!(world.commit(mark(1)).await, Err(Conflict::Applied));
    assert_eq!(world.commit(mark(2)).await, Ok(0));
}

pub async fn concurrent_consumers_apply_an_event_once(world: &World) {
    let (first, second) = (world.store.clone(), world.replica().await);
    for seq in 1..=10 {
        let both = (
            one(&*first, consuming(seq, &format!("l{seq}"), 0)),
            one(&*second, consuming(seq, &format!("r{seq}"), 0)),
        );
        let outcomes = futures::future::join(both.0, both.1).await;
        let applied = [&outcomes.0, &outcomes.1]
            .iter()
            .filter(|o| matches!(o, Err(Conflict::Applied)))
            .count();
        assert_eq!(applied, 1, "{outcomes:?}");
    }
}

pub async fn a_cursor_never_goes_back_unless_reset(world: &World) {
    let cursor = async || world.store.cursor("relay").await.unwrap();
    assert_eq!(cursor().await, 0);
    for (position, reset, expected) in [(5, false, 5), (3, false, 5), (9, false, 9), (2, true, 2), (0, true, 0)] {
        world.store.set_cursor("relay", position, reset).await.unwrap();
        assert_eq!(cursor().await, expected);
    }
    assert_eq!(world.store.cursor("other").await.unwrap(), 0);
}

pub async fn a_dead_letter_parks_its_aggregate(world: &World) {
    let letter = |consumer: &str, event_id: &str, aggregate: &str| DeadLetter {
        consumer: consumer.into(),
        producer: "approval".into(),
        aggregate: aggregate.into(),
        seq: 3,
        event_id: event_id.into(),
        position: 30,
        error: "unreadable: field 4".into(),
        at: 5,
        resolution: String::new(),
    };
    let parked = async |aggregate: &str| world.store.parked("intake", "approval", aggregate).await.unwrap();
    let open = async |consumer: &str, after: &str| {
        let letters = world.store.dead_letters(consumer, after, 10).await.unwrap();
        letters.into_iter().map(|letter| letter.event_id).collect::<Vec<_>>()
    };
    assert!(!parked("course/a").await);
    world.store.bury(&letter("intake", "e2", "course/a")).await.unwrap();
    world.store.bury(&letter("intake", "e2", "course/a")).await.unwrap();
    world.store.bury(&letter("intake", "e1", "course/b")).await.unwrap();
    world.store.bury(&letter("council", "e3", "course/b")).await.unwrap();
    assert!(parked("course/a").await);
    assert_eq!(open("", "").await, ["e1", "e2", "e3"]);
    assert_eq!(open("intake", "e1").await, ["e2"]);
    assert_eq!(
        world.store.dead_letters("council", "", 1).await.unwrap(),
        [letter("council", "e3", "course/b")]
    );

    assert!(world.store.resolve("intake", "e2", "skipped: test data").await.unwrap());
    assert!(!world.store.resolve("intake", "e2", "again").await.unwrap());
    assert!(!parked("course/a").await && parked("course/b").await);
    // It fails again after it was requeued.
    world.store.bury(&letter("intake", "e2", "course/a")).await.unwrap();
    assert!(parked("course/a").await);
}
