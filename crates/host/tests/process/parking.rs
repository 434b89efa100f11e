//! One bad dossier parks alone, is seen, and is let go on in order.

use crate::world::{Fixtures, World};

/// A world in which file `a` is parked at its second event, and file `b` is well.
async fn parked() -> (World, String) {
    let world = World::new().await;
    world.refuse(13);
    world.add("a", &[1, 13, 14]).await;
    world.add("b", &[1, 2]).await;
    world.settled().await;
    let letters = world.dead_letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    let event_id = letters[0].event_id.clone();
    (world, event_id)
}

#[tokio::test]
async fn a_refused_event_parks_its_file_and_no_other() {
    let (world, _) = parked().await;
    let letter = &world.dead_letters().await[0];
    let place = (
        letter.consumer.as_str(),
        letter.producer.as_str(),
        letter.aggregate.as_str(),
    );
    assert_eq!(place, ("board", "desk", "desk.file/a"));
    assert_eq!(letter.seq, 2);
    assert_eq!(letter.error, "NOT_ALLOWED_NOW: 13 is not taken");

    world.add("a", &[15]).await;
    world.add("b", &[3]).await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1], "what follows waits");
    assert_eq!(world.tally("b").await, [1, 2, 3], "others go on");
    assert_eq!(world.dead_letters().await.len(), 1, "what waits is no dead letter");
}

#[tokio::test]
async fn a_retry_after_the_cause_is_gone_applies_it_and_what_follows_in_order() {
    let (world, event_id) = parked().await;
    world.add("a", &[15]).await;
    world.settled().await;
    world.refuse(0);
    world
        .resolve(&event_id, false, "13 is a number again")
        .await
        .expect("resolved");
    world.tallied("a", &[1, 13, 14, 15]).await;
    assert!(world.dead_letters().await.is_empty());
    world.add("a", &[16]).await;
    world.tallied("a", &[1, 13, 14, 15, 16]).await;
}

#[tokio::test]
async fn a_retry_while_the_cause_is_still_there_parks_it_again() {
    let (world, event_id) = parked().await;
    world.resolve(&event_id, false, "too early").await.expect("tried");
    let letters = world.dead_letters().await;
    assert_eq!((letters.len(), letters[0].seq), (1, 2), "{letters:?}");
    world.add("a", &[15]).await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1]);
    world.refuse(0);
    world.resolve(&event_id, false, "now").await.expect("resolved");
    world.tallied("a", &[1, 13, 14, 15]).await;
}

#[tokio::test]
async fn a_skip_goes_on_without_it() {
    let (world, event_id) = parked().await;
    world.resolve(&event_id, true, "13 stays out").await.expect("skipped");
    world.tallied("a", &[1, 14]).await;
    assert!(world.dead_letters().await.is_empty());
    world.add("a", &[15]).await;
    world.tallied("a", &[1, 14, 15]).await;
}

#[tokio::test]
async fn resolving_takes_a_reason_and_a_row_that_is_there() {
    let (world, event_id) = parked().await;
    let nameless = world.resolve(&event_id, true, "  ").await.expect_err("no reason");
    assert_eq!(nameless.code(), tonic::Code::InvalidArgument);
    let absent = world.resolve("no-such-event", true, "why not").await;
    absent.expect_err("no such row");
    assert_eq!(world.dead_letters().await.len(), 1);
}

#[tokio::test]
async fn a_restart_does_not_let_a_parked_file_go() {
    let (world, event_id) = parked().await;
    let World { process, fixtures, .. } = world;
    process.stop().await;
    let world = World::on(Fixtures {
        wire: crate::wire::Wire::new(),
        ..fixtures
    })
    .await;
    world.refuse(0);
    world.add("a", &[15]).await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1], "only an operator lets it go");
    world
        .resolve(&event_id, false, "after the restart")
        .await
        .expect("resolved");
    world.tallied("a", &[1, 13, 14, 15]).await;
}

#[tokio::test]
async fn more_than_a_page_that_waited_all_follows() {
    let world = World::new().await;
    world.refuse(13);
    let numbers: Vec<u64> = (13..=13 + 600).collect();
    world.add("a", &numbers).await;
    world.settled().await;
    assert!(world.tally("a").await.is_empty());
    let event_id = world.dead_letters().await[0].event_id.clone();
    world.refuse(0);
    world
        .resolve(&event_id, false, "13 is a number again")
        .await
        .expect("resolved");
    world.tallied("a", &numbers).await;
}

#[tokio::test]
async fn an_event_that_is_pulled_to_fill_a_gap_and_refused_parks_at_its_own_place() {
    let world = World::new().await;
    world.settled().await;
    world.refuse(13);
    world.fixtures.wire.hold();
    world.add("a", &[13, 14]).await;
    crate::disorder::publish(&world, &[2]).await;
    world.settled().await;
    let letters = world.dead_letters().await;
    assert_eq!((letters.len(), letters[0].seq), (1, 1), "{letters:?}");
    assert!(world.tally("a").await.is_empty());
}

#[tokio::test]
async fn a_retry_that_cannot_finish_now_leaves_the_row_open_for_another() {
    let (world, event_id) = parked().await;
    world.refuse(0);
    world.keep_waiting(14);
    let retry = world.resolve(&event_id, false, "13 is a number again").await;
    assert_eq!(retry.expect_err("14 has to wait").code(), tonic::Code::Aborted);
    assert_eq!(world.tally("a").await, [1, 13]);
    assert_eq!(world.dead_letters().await.len(), 1);
    world.keep_waiting(0);
    world.resolve(&event_id, false, "once more").await.expect("resolved");
    world.tallied("a", &[1, 13, 14]).await;
    assert!(world.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_second_bad_event_has_a_row_of_its_own() {
    let (world, event_id) = parked().await;
    world.add("a", &[15]).await;
    world.settled().await;
    world.refuse(14);
    world
        .resolve(&event_id, false, "13 is a number again")
        .await
        .expect("resolved");
    assert_eq!(world.tally("a").await, [1, 13]);
    let letters = world.dead_letters().await;
    assert_eq!((letters.len(), letters[0].seq), (1, 3), "{letters:?}");
    world
        .resolve(&letters[0].event_id, true, "14 stays out")
        .await
        .expect("skipped");
    world.tallied("a", &[1, 13, 15]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_one_process_lets_go_is_not_parked_at_another() {
    let url = tokio::task::spawn_blocking(|| testkit::Postgres::shared().fresh_database())
        .await
        .expect("a database");
    let fixtures = Fixtures {
        location: journal::Location::Postgres(url),
        ..Fixtures::new()
    };
    let one = World::on(fixtures.clone()).await;
    one.refuse(13);
    one.add("a", &[1, 13, 14]).await;
    one.settled().await;
    // It starts with the file parked.
    let other = World::on(fixtures).await;
    one.refuse(0);
    let event_id = one.dead_letters().await[0].event_id.clone();
    one.resolve(&event_id, false, "13 is a number again")
        .await
        .expect("resolved");
    one.process.stop().await;
    other.add("a", &[15]).await;
    other.tallied("a", &[1, 13, 14, 15]).await;
    other.process.stop().await;
}
