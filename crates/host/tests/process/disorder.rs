//! The bus repeats, reorders, drops and forgets; every event takes effect once, in the order of its file.

use bus::{Bus as _, Envelope};
use host::engine::Reacted;
use journal::Inbox;

use crate::{
    wire::Wire,
    world::{Fixtures, World, until},
};

/// Publishes the held events at these positions, in this order, each alone.
pub async fn publish(world: &World, positions: &[i64]) {
    let wire = &world.fixtures.wire;
    let newest = *positions.iter().max().expect("some");
    until("the relay has them", async || {
        wire.held().iter().any(|e| e.position >= newest)
    })
    .await;
    let held = wire.held();
    for position in positions {
        let found: Vec<Envelope> = held
            .iter()
            .filter(|e| e.position == *position)
            .take(1)
            .cloned()
            .collect();
        assert_eq!(found.len(), 1, "position {position} was held");
        wire.bus.publish(&found).await.expect("a bus");
    }
}

#[tokio::test]
async fn duplicates_take_effect_once() {
    let world = World::new().await;
    world.settled().await;
    world.fixtures.wire.hold();
    world.add("a", &[1, 2, 3]).await;
    publish(&world, &[1, 1, 2, 1, 2, 2, 3, 3, 1]).await;
    world.tallied("a", &[1, 2, 3]).await;
    publish(&world, &[3, 2, 1, 1, 2, 3]).await;
    world.add("b", &[1]).await;
    publish(&world, &[4]).await;
    world.tallied("b", &[1]).await;
    assert_eq!(world.tally("a").await, [1, 2, 3]);
    assert!(world.dead_letters().await.is_empty(), "a duplicate is no bad event");
}

#[tokio::test]
async fn an_event_that_is_refused_before_its_turn_waits_for_its_turn() {
    let world = World::new().await;
    world.settled().await;
    world.refuse(3);
    world.fixtures.wire.hold();
    world.add("a", &[1, 2, 3]).await;
    publish(&world, &[3]).await;
    world.tallied("a", &[1, 2]).await;
    world.settled().await;
    let letters = world.dead_letters().await;
    assert_eq!((letters.len(), letters[0].seq), (1, 3), "{letters:?}");
}

#[tokio::test]
async fn reordered_events_take_effect_in_their_order() {
    let world = World::new().await;
    world.settled().await;
    world.fixtures.wire.hold();
    world.add("a", &[1, 2, 3]).await;
    world.add("b", &[1, 2]).await;
    publish(&world, &[5, 3, 2, 4, 1]).await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1, 2, 3]);
    assert_eq!(world.tally("b").await, [1, 2]);
}

#[tokio::test]
async fn a_dropped_event_is_pulled_when_the_next_one_shows_the_gap() {
    let world = World::new().await;
    world.settled().await;
    world.fixtures.wire.hold();
    world.add("a", &[1, 2]).await;
    publish(&world, &[2]).await;
    world.tallied("a", &[1, 2]).await;
    world.settled().await;
}

#[tokio::test]
async fn a_bus_that_brings_nothing_at_all_only_costs_time() {
    let world = World::new().await;
    world.fixtures.wire.hold();
    world.add("a", &[1, 2]).await;
    world.tallied("a", &[1, 2]).await;
    world.fixtures.wire.bus.down();
    world.add("a", &[3]).await;
    world.tallied("a", &[1, 2, 3]).await;
}

#[tokio::test]
async fn a_lost_bus_is_filled_again_and_nothing_is_missed_or_done_twice() {
    let world = World::new().await;
    world.add("a", &[1, 2, 3]).await;
    world.settled().await;
    let bus = &world.fixtures.wire.bus;
    let before = bus.identity("desk").await.expect("a bus").created;

    bus.lose();
    world.add("a", &[4]).await;
    world.add("b", &[1]).await;
    world.tallied("a", &[1, 2, 3, 4]).await;
    world.tallied("b", &[1]).await;
    until("the stream is filled again", async || {
        let now = bus.identity("desk").await.expect("a bus");
        now.created != before && now.last >= 5
    })
    .await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1, 2, 3, 4]);

    let mut late = bus.subscribe("late", "desk").await.expect("a feed");
    let mut seqs = Vec::new();
    while seqs.len() < 5 {
        let taken = late.next(10, std::time::Duration::from_secs(5)).await.expect("a feed");
        assert!(!taken.is_empty(), "a consumer that comes late misses some: {seqs:?}");
        seqs.extend(taken.iter().map(|d| (d.envelope().aggregate.clone(), d.envelope().seq)));
        for delivery in taken {
            delivery.ack().await;
        }
    }
    seqs.sort();
    seqs.dedup();
    let whole: Vec<_> = [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)]
        .map(|(file, seq)| (format!("desk.file/{file}"), seq))
        .into();
    assert_eq!(seqs, whole);
}

#[tokio::test]
async fn a_consumer_that_is_reset_applies_nothing_twice() {
    let world = World::new().await;
    world.add("a", &[1, 2, 3]).await;
    world.add("b", &[1]).await;
    world.settled().await;
    let store = world.engine("board").journal().store();
    store.set_cursor("consumer.desk", 0, true).await.expect("a store");
    let World { process, fixtures, .. } = world;
    process.stop().await;

    let world = World::on(Fixtures {
        wire: Wire::new(),
        ..fixtures
    })
    .await;
    world.settled().await;
    assert_eq!(world.tally("a").await, [1, 2, 3]);
    world.add("a", &[4]).await;
    world.tallied("a", &[1, 2, 3, 4]).await;
    assert_eq!(world.tally("b").await, [1]);
}

#[tokio::test]
async fn the_engine_tells_a_duplicate_and_a_gap_from_the_next_event() {
    let world = World::new().await;
    let event = |seq: u64| Inbox {
        consumer: "board".to_owned(),
        producer: "elsewhere".to_owned(),
        aggregate: "toy/a".to_owned(),
        seq,
        event_id: format!("event-{seq}"),
        position: seq as i64,
        at: 0,
    };
    let react = async |seq| {
        let reacted = world
            .engine("board")
            .react(event(seq), String::new(), Vec::new(), |_| Ok(()))
            .await;
        reacted.expect("a store")
    };
    assert_eq!(react(1).await, Reacted::Applied);
    assert_eq!(react(1).await, Reacted::Duplicate);
    assert_eq!(react(3).await, Reacted::Gap(1));
    assert_eq!(react(2).await, Reacted::Applied);
    assert_eq!(react(3).await, Reacted::Applied);
    assert_eq!(react(1).await, Reacted::Duplicate);
}
