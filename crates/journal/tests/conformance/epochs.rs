use journal::{Commit, Conflict, Difference, End, Entry, Inbox, Lineage, offline};

use crate::world::*;

async fn lineage(world: &World) -> Lineage {
    world.store.lineage().await.unwrap()
}

pub async fn a_history_begins_once_and_keeps_its_secret(world: &World) {
    assert_eq!(lineage(world).await, Lineage::default());
    world.store.begin_history("first", "secret", 5).await.unwrap();
    let (again, replica) = (world.store.begin_history("other", "guess", 6), world.replica().await);
    again.await.unwrap();
    let begun = replica.lineage().await.unwrap();
    assert_eq!(begun.key, "secret");
    let [epoch] = begun.epochs.as_slice() else {
        panic!("{begun:?}")
    };
    assert_eq!(
        (epoch.number, epoch.id.as_str(), epoch.position, epoch.at),
        (1, "first", 0, 5)
    );
}

pub async fn a_new_epoch_begins_after_the_newest_position(world: &World) {
    world.store.begin_history("first", "secret", 5).await.unwrap();
    world.commit(commit(published("a", 0))).await.unwrap();
    world.commit(commit(published("a", 1))).await.unwrap();
    world.store.advance_epoch("second", 7, "disk lost").await.unwrap();
    let lineage = lineage(world).await;
    let newest = lineage.current().unwrap();
    assert_eq!(
        (newest.number, newest.position, newest.reason.as_str()),
        (2, 2, "disk lost")
    );
    let born: Vec<_> = (1..=3).map(|position| lineage.born(position)).collect();
    assert_eq!(born, ["first", "first", "second"]);
    assert_eq!(lineage.key, "secret");
    // The same id cannot begin twice, and no epoch is edited.
    world.store.advance_epoch("second", 8, "again").await.unwrap_err();
    world.sql("UPDATE epoch SET position = 0").await.unwrap_err();
    world.sql("DELETE FROM epoch").await.unwrap_err();
}

pub async fn a_consumer_knows_what_it_applied_and_what_came_of_it(world: &World) {
    let consuming = |seq: u64| {
        let mut commit = commit(step("d", seq - 1));
        commit.steps[0].entries[0] = Entry {
            cause: format!("event approval-{seq}"),
            ..entry(&format!("state {seq}"))
        };
        commit.inbox = Some(inbox(seq));
        commit
    };
    for seq in 1..=3 {
        world.commit(consuming(seq)).await.unwrap();
    }
    let consumed = async |consumer: &str, position: i64, id: &str| {
        let found = world.store.consumed(consumer, "approval", (position, id)).await;
        found.unwrap()
    };
    assert!(consumed("intake", 12, "approval-2").await);
    assert!(!consumed("intake", 14, "approval-4").await);
    assert!(!consumed("council", 12, "approval-2").await);
    // At another position it is not known, until somebody has looked for it everywhere.
    assert!(!consumed("intake", 20, "approval-2").await);
    let anywhere = async |producer: &str, id: &str| {
        let found = world.store.consumed_anywhere("intake", producer, id).await;
        found.unwrap()
    };
    assert!(anywhere("approval", "approval-2").await);
    assert!(!anywhere("council", "approval-2").await && !anywhere("approval", "approval-4").await);
    world.store.displace("intake", "approval-2").await.unwrap();
    assert!(consumed("intake", 20, "approval-2").await);
    let positions = async |after, to| {
        let rows = world.store.inbox("intake", "approval", after, to).await.unwrap();
        rows.into_iter().map(|row| (row.seq, row.position)).collect::<Vec<_>>()
    };
    assert_eq!(positions(0, i64::MAX).await, [(1, 11), (2, 12), (3, 13)]);
    assert_eq!(positions(11, 12).await, [(2, 12)]);
    let caused = world.store.caused("intake", "approval", 11).await.unwrap();
    let caused: Vec<_> = caused
        .iter()
        .map(|one| (one.event_id.as_str(), one.version, one.state.as_str()))
        .collect();
    assert_eq!(caused, [("approval-2", 2, "state 2"), ("approval-3", 3, "state 3")]);
}

pub async fn what_was_applied_is_set_back_and_other_events_take_its_place(world: &World) {
    let mark = |seq: u64, id: &str| Commit {
        inbox: Some(Inbox {
            event_id: id.into(),
            ..inbox(seq)
        }),
        ..Commit::default()
    };
    for seq in 1..=3 {
        world.commit(mark(seq, &format!("lost-{seq}"))).await.unwrap();
    }
    let rewind = async |seq| {
        let rewound = world.store.rewind("intake", "approval", "approval.course/a", seq).await;
        rewound.unwrap();
        world
            .store
            .applied("intake", "approval", "approval.course/a")
            .await
            .unwrap()
    };
    assert_eq!(rewind(5).await, 3, "never forward");
    assert_eq!(rewind(1).await, 1);
    world.commit(mark(2, "new-2")).await.unwrap();
    assert_eq!(rewind(0).await, 0);
    // What was applied once stays known: the same event again counts, and has no effect.
    world.store.displace("intake", "lost-1").await.unwrap();
    world.commit(mark(1, "lost-1")).await.unwrap_err();
    let recount = async |seq| {
        let counted = world
            .store
            .recount("intake", "approval", "approval.course/a", seq)
            .await;
        counted.unwrap();
        world
            .store
            .applied("intake", "approval", "approval.course/a")
            .await
            .unwrap()
    };
    assert_eq!(recount(2).await, 0, "not the next");
    assert_eq!(recount(1).await, 1);
    assert_eq!(recount(1).await, 1);
    assert_eq!(recount(2).await, 2);
    let at = (inbox(3).position, "lost-3");
    assert!(world.store.consumed("intake", "approval", at).await.unwrap());
}

pub async fn a_displaced_event_takes_no_effect_wherever_it_comes_again(world: &World) {
    let marked = |seq: u64, event_id: &str| Commit {
        inbox: Some(Inbox {
            event_id: event_id.into(),
            ..inbox(seq)
        }),
        ..commit(step("a", seq - 1))
    };
    world.commit(marked(1, "approval-1")).await.unwrap();
    for _ in 0..2 {
        world.store.displace("intake", "approval-1").await.unwrap();
    }
    assert_eq!(world.commit(marked(2, "approval-1")).await, Err(Conflict::Applied));
    assert_eq!(world.commit(marked(2, "approval-2")).await, Ok(0));
}

pub async fn differences_are_listed_until_they_end(world: &World) {
    let difference = |aggregate: &str, epoch: &str| Difference {
        consumer: "intake".into(),
        producer: "approval".into(),
        aggregate: aggregate.into(),
        epoch: epoch.into(),
        common: 2,
        applied: 5,
        owner: 3,
        lost: "[]".into(),
        at: 9,
        end: End::default(),
    };
    let listed = async |after: (&str, &str), all, limit| {
        let rows = world.store.differences(after, all, limit).await.unwrap();
        rows.into_iter().map(|row| row.aggregate).collect::<Vec<_>>()
    };
    for (aggregate, epoch) in [("course/b", "e2"), ("course/a", "e2"), ("course/c", "e2")] {
        world
            .store
            .note_difference(&difference(aggregate, epoch))
            .await
            .unwrap();
    }
    let louder = Difference {
        common: 0,
        ..difference("course/a", "e2")
    };
    world.store.note_difference(&louder).await.unwrap();
    assert_eq!(listed(("", ""), false, 2).await, ["course/a", "course/b"]);
    assert_eq!(listed(("course/b", "e2"), false, 2).await, ["course/c"]);
    assert_eq!(
        world.store.open_differences("course/a").await.unwrap(),
        [difference("course/a", "e2")],
        "the first stays"
    );

    let moved = Difference {
        common: 4,
        owner: 6,
        ..difference("course/a", "e2")
    };
    world.store.move_difference(&moved).await.unwrap();
    let open = world.store.open_differences("course/a").await.unwrap();
    assert_eq!(open.as_slice(), std::slice::from_ref(&moved));

    let end = |reason: &str| End {
        resolution: "accepted".into(),
        reason: reason.into(),
        by: "o/operator@vinhdanh".into(),
        at: 10,
    };
    world.store.end_difference(&moved, &end("disk lost")).await.unwrap();
    world.store.end_difference(&moved, &end("another word")).await.unwrap();
    assert_eq!(world.store.open_differences("course/a").await.unwrap(), []);
    assert_eq!(listed(("", ""), false, 9).await, ["course/b", "course/c"]);
    assert_eq!(listed(("", ""), true, 9).await, ["course/a", "course/b", "course/c"]);
    let kept = world.store.differences(("", ""), true, 1).await.unwrap();
    assert_eq!(kept[0].end, end("disk lost"));
}

pub async fn a_store_in_use_is_known_to_be(world: &World) {
    offline::must_be_idle(&world.location, SERVICE).await.unwrap_err();
    world.store.close().await;
    offline::must_be_idle(&world.location, SERVICE).await.unwrap();
}
