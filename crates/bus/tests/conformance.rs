//! What every bus promises, each rule a test on each bus.

#[path = "conformance/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::time::Duration;

use bus::{BusError, Envelope};
use world::{Kind, event, events, ids};

/// Each case on the in-process bus and on NATS.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod local {
            $(#[tokio::test] async fn $case() { super::$case(super::Kind::Local).await })*
        }
        mod nats {
            $(#[tokio::test] async fn $case() { super::$case(super::Kind::Nats).await })*
        }
    };
}

on_both!(
    what_is_published_arrives_in_order,
    every_field_survives_the_way,
    what_was_published_before_the_first_subscription_arrives_too,
    a_feed_gets_its_own_producer_only,
    an_empty_batch_is_published_without_a_stream,
    at_most_max_deliveries_at_once,
    nothing_to_deliver_is_an_empty_answer_after_the_wait,
    a_waiting_feed_is_woken_by_a_publish,
    a_wait_that_is_dropped_loses_nothing,
    an_acked_delivery_never_comes_again,
    a_naked_delivery_comes_again_after_the_delay,
    an_unsettled_delivery_comes_again_after_the_ack_wait,
    a_terminated_delivery_never_comes_again,
    a_new_subscription_goes_on_where_the_consumer_was,
    each_consumer_gets_everything,
    subscribers_of_one_consumer_share_its_feed,
    the_same_id_is_delivered_once_within_the_window,
    unsettled_deliveries_hold_back_new_ones_at_the_limit,
    the_identity_stays_and_its_last_number_grows,
    a_lost_stream_changes_its_identity_and_takes_events_again,
    publishing_without_a_stream_says_what_to_do,
    after_a_loss_a_new_subscription_gets_what_is_new,
    while_the_bus_is_down_everything_is_unavailable_and_afterwards_all_goes_on,
    a_closed_feed_answers_with_an_error,
);

async fn what_is_published_arrives_in_order(kind: Kind) {
    let world = kind.start().await;
    world.bus().identity("intake").await.unwrap();
    let mut feed = world.subscribe("council", "intake").await;
    let sent = events(1..=600);
    world.bus().publish(&sent[..400]).await.unwrap();
    world.bus().publish(&sent[400..]).await.unwrap();
    assert_eq!(ids(&feed.acked(600).await), ids(&sent));
}

async fn every_field_survives_the_way(kind: Kind) {
    let world = kind.start().await;
    world.bus().identity("intake").await.unwrap();
    let mut feed = world.subscribe("council", "intake").await;
    let sent = [
        Envelope {
            id: "0199a3c4-7a51-7f00-8000-0242ac120002".into(),
            producer: "intake".into(),
            event_type: "dossier.submitted".into(),
            agency: "ubnd-hue".into(),
            aggregate: "dossier/0199a3c4".into(),
            seq: 7,
            position: 123_456,
            epoch: "6b1f".into(),
            at: 1_760_000_000_123_456,
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
            body: (0..=255).collect(),
        },
        Envelope {
            id: "2 %\r\nce-id: forged".into(),
            agency: String::new(),
            aggregate: "a b/\"%20\"".into(),
            seq: u64::MAX,
            position: i64::MIN,
            epoch: String::new(),
            at: -1,
            traceparent: String::new(),
            body: Vec::new(),
            ..event(2)
        },
    ];
    world.bus().publish(&sent).await.unwrap();
    assert_eq!(feed.acked(2).await, sent);
}

async fn what_was_published_before_the_first_subscription_arrives_too(kind: Kind) {
    let world = kind.start().await;
    world.bus().identity("intake").await.unwrap();
    world.bus().publish(&events(1..=3)).await.unwrap();
    let mut feed = world.subscribe("council", "intake").await;
    assert_eq!(ids(&feed.acked(3).await), ids(&events(1..=3)));
}

async fn a_feed_gets_its_own_producer_only(kind: Kind) {
    let world = kind.start().await;
    let mut intake = world.subscribe("notification", "intake").await;
    let mut council = world.subscribe("notification", "council").await;
    let voted = Envelope {
        producer: "council".into(),
        ..event(1)
    };
    world.bus().publish(&[voted.clone(), event(2)]).await.unwrap();
    assert_eq!(council.acked(1).await, [voted]);
    assert_eq!(intake.acked(1).await, [event(2)]);
    intake.silent().await;
    council.silent().await;
}

async fn an_empty_batch_is_published_without_a_stream(kind: Kind) {
    kind.start().await.bus().publish(&[]).await.unwrap();
}

async fn at_most_max_deliveries_at_once(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=5)).await.unwrap();
    let mut got = 0;
    while got < 5 {
        let batch = feed.next(2, Duration::from_secs(5)).await.unwrap();
        assert!((1..=2).contains(&batch.len()), "{}", batch.len());
        got += batch.len();
    }
    feed.silent().await;
}

async fn nothing_to_deliver_is_an_empty_answer_after_the_wait(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    let wait = Duration::from_millis(300);
    let start = tokio::time::Instant::now();
    assert!(feed.next(10, wait).await.unwrap().is_empty());
    let took = start.elapsed();
    assert!(took > wait * 9 / 10 && took < wait * 10, "{took:?}");
    assert!(feed.next(10, Duration::ZERO).await.unwrap().is_empty());
}

async fn a_waiting_feed_is_woken_by_a_publish(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    let start = tokio::time::Instant::now();
    let publish = async {
        // One turn of the waiting feed against another connection's work: the order does not matter to the result.
        tokio::task::yield_now().await;
        world.bus().publish(&[event(1)]).await.unwrap();
    };
    let (batch, ()) = tokio::join!(feed.next(10, Duration::from_secs(20)), publish);
    assert_eq!(batch.unwrap().len(), 1);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

async fn a_wait_that_is_dropped_loses_nothing(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    for n in 1..=3 {
        let next = feed.next(10, Duration::from_secs(20));
        let dropped = tokio::time::timeout(Duration::from_millis(50), next).await;
        assert!(dropped.is_err());
        world.bus().publish(&[event(n)]).await.unwrap();
        assert_eq!(feed.acked(1).await, [event(n)]);
    }
}

async fn an_acked_delivery_never_comes_again(kind: Kind) {
    let world = kind.start_with_ack_wait(Duration::from_millis(300)).await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=2)).await.unwrap();
    let mut first = feed.take(2).await.into_iter();
    first.next().unwrap().ack().await;
    drop(first);
    // The other one comes again, and with it the proof that the acked one would have by now.
    assert_eq!(ids(&feed.acked(1).await), ["event-2"]);
    feed.silent().await;
}

async fn a_naked_delivery_comes_again_after_the_delay(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&[event(1)]).await.unwrap();
    let start = tokio::time::Instant::now();
    let delay = Duration::from_millis(500);
    feed.take(1).await.remove(0).nak(delay).await;
    assert_eq!(feed.acked(1).await, [event(1)]);
    assert!(start.elapsed() > delay * 9 / 10, "{:?}", start.elapsed());
    feed.silent().await;
}

async fn an_unsettled_delivery_comes_again_after_the_ack_wait(kind: Kind) {
    let ack_wait = Duration::from_millis(400);
    let world = kind.start_with_ack_wait(ack_wait).await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&[event(1)]).await.unwrap();
    for _ in 0..3 {
        let start = tokio::time::Instant::now();
        drop(feed.take(1).await);
        drop(feed.take(1).await);
        assert!(start.elapsed() > ack_wait / 2, "{:?}", start.elapsed());
    }
}

async fn a_terminated_delivery_never_comes_again(kind: Kind) {
    let world = kind.start_with_ack_wait(Duration::from_millis(300)).await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=2)).await.unwrap();
    let mut first = feed.take(2).await.into_iter();
    first.next().unwrap().term().await;
    drop(first);
    assert_eq!(ids(&feed.acked(1).await), ["event-2"]);
    feed.silent().await;
}

async fn a_new_subscription_goes_on_where_the_consumer_was(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=2)).await.unwrap();
    assert_eq!(feed.acked(2).await.len(), 2);
    drop(feed);
    world.bus().publish(&events(3..=4)).await.unwrap();
    let mut feed = world.subscribe("council", "intake").await;
    assert_eq!(ids(&feed.acked(2).await), ["event-3", "event-4"]);
}

async fn each_consumer_gets_everything(kind: Kind) {
    let world = kind.start().await;
    let mut council = world.subscribe("council", "intake").await;
    let mut notification = world.subscribe("notification", "intake").await;
    world.bus().publish(&events(1..=20)).await.unwrap();
    assert_eq!(ids(&council.acked(20).await), ids(&events(1..=20)));
    assert_eq!(ids(&notification.acked(20).await), ids(&events(1..=20)));
}

async fn subscribers_of_one_consumer_share_its_feed(kind: Kind) {
    let world = kind.start().await;
    let mut one = world.subscribe("council", "intake").await;
    let mut other = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=4)).await.unwrap();
    let mut seen = Vec::new();
    for turn in 0..4 {
        let feed = if turn % 2 == 0 { &mut one } else { &mut other };
        let batch = feed.next(1, Duration::from_secs(5)).await.unwrap();
        assert_eq!(
            batch.len(),
            1,
            "a busy subscriber must not hold back what another one could take"
        );
        for delivery in batch {
            seen.push(delivery.envelope().clone());
            delivery.ack().await;
        }
    }
    assert_eq!(seen, events(1..=4));
    one.silent().await;
    other.silent().await;
}

async fn the_same_id_is_delivered_once_within_the_window(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&[event(1), event(1)]).await.unwrap();
    world.bus().publish(&[event(1), event(2)]).await.unwrap();
    assert_eq!(feed.acked(2).await, [event(1), event(2)]);
    feed.silent().await;
}

async fn unsettled_deliveries_hold_back_new_ones_at_the_limit(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    let limit = world::UNSETTLED_MAX;
    world.bus().publish(&events(1..=limit + 5)).await.unwrap();
    let held = feed.take(usize::try_from(limit).unwrap()).await;
    let start = tokio::time::Instant::now();
    feed.silent().await;
    assert!(
        start.elapsed() > world::SILENCE / 2,
        "a full feed must not make its caller spin: {:?}",
        start.elapsed()
    );
    let settle = async {
        for delivery in held {
            delivery.ack().await;
        }
    };
    let (freed, ()) = tokio::join!(feed.acked(5), settle);
    assert_eq!(freed.len(), 5);
}

async fn the_identity_stays_and_its_last_number_grows(kind: Kind) {
    let world = kind.start().await;
    let before = world.bus().identity("intake").await.unwrap();
    assert_eq!(before.last, 0);
    world.bus().publish(&events(1..=3)).await.unwrap();
    let after = world.bus().identity("intake").await.unwrap();
    assert_eq!((after.created, after.last), (before.created, 3));
}

async fn a_lost_stream_changes_its_identity_and_takes_events_again(kind: Kind) {
    let world = kind.start().await;
    let before = world.bus().identity("intake").await.unwrap();
    world.bus().publish(&events(1..=3)).await.unwrap();
    world.lose("intake").await;
    let error = world.bus().publish(&[event(1)]).await.unwrap_err();
    assert!(matches!(error, BusError::Unavailable(_)), "{error}");
    let after = world.bus().identity("intake").await.unwrap();
    assert_ne!(after.created, before.created);
    assert_eq!(after.last, 0);
    // Ids of the former life count no more: the relay sends all of them again.
    world.bus().publish(&events(1..=3)).await.unwrap();
    assert_eq!(world.bus().identity("intake").await.unwrap().last, 3);
}

async fn publishing_without_a_stream_says_what_to_do(kind: Kind) {
    let world = kind.start().await;
    let error = world.bus().publish(&[event(1)]).await.unwrap_err();
    assert!(error.to_string().contains("identity"), "{error}");
}

async fn after_a_loss_a_new_subscription_gets_what_is_new(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=3)).await.unwrap();
    let held = feed.take(1).await;
    world.lose("intake").await;
    feed.broken().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(4..=6)).await.unwrap();
    // What is settled of the former life must not settle something of this one.
    for delivery in held {
        delivery.ack().await;
    }
    assert_eq!(ids(&feed.acked(3).await), ["event-4", "event-5", "event-6"]);
}

async fn while_the_bus_is_down_everything_is_unavailable_and_afterwards_all_goes_on(kind: Kind) {
    let world = kind.start_alone().await;
    let mut feed = world.subscribe("council", "intake").await;
    world.bus().publish(&events(1..=2)).await.unwrap();
    assert_eq!(feed.acked(2).await.len(), 2);
    let before = world.bus().identity("intake").await.unwrap();

    world.down();
    feed.broken().await;
    let bus = world.bus();
    assert!(matches!(bus.publish(&[event(3)]).await, Err(BusError::Unavailable(_))));
    assert!(matches!(bus.identity("intake").await, Err(BusError::Unavailable(_))));
    assert!(matches!(
        bus.subscribe("council", "intake").await,
        Err(BusError::Unavailable(_))
    ));

    world.up();
    world.until_published(&events(3..=4)).await;
    assert_eq!(world.bus().identity("intake").await.unwrap().created, before.created);
    let mut feed = world.subscribe("council", "intake").await;
    // An acknowledgement may have been lost with the connection; nothing else may come twice, and nothing be missing.
    let seen: BTreeSet<_> = feed.acked_until("event-4").await.into_iter().map(|e| e.id).collect();
    assert!(
        seen.is_superset(&["event-3".to_owned(), "event-4".to_owned()].into()),
        "{seen:?}"
    );
}

async fn a_closed_feed_answers_with_an_error(kind: Kind) {
    let world = kind.start().await;
    let mut feed = world.subscribe("council", "intake").await;
    let (broken, ()) = tokio::join!(feed.next(10, Duration::from_secs(20)), world.bus().close());
    assert!(matches!(broken, Err(BusError::Unavailable(_))));
    feed.broken().await;
}
