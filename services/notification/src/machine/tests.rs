use std::collections::BTreeMap;

use host::Reason;
use machine::{Actor, Explored, Machine, Snapshot, Stimulus, Timestamp, explore, step};

use super::{
    Channel, Owner,
    delivery::{Delivery, Input as On, LEASE_S, Notice, PARK_S, RETRY_S, State as Is},
    roll::{Input as Counted, Roll},
    subscription::{Input as Asked, Subscription},
};

fn at<I>(seconds: i64, input: I) -> Stimulus<I> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(seconds * 1_000_000),
    }
}

fn owner() -> Owner {
    Owner {
        agency: "so-noi-vu-hung-yen".to_owned(),
        subject: "officer.so-noi-vu-hung-yen".to_owned(),
    }
}

fn wanted(channel: Channel, endpoint: &str) -> Subscription {
    Subscription {
        owner: owner(),
        filter: BTreeMap::new(),
        channel,
        endpoint: endpoint.to_owned(),
    }
}

fn create(channel: Channel) -> On {
    let notice = Notice {
        fact: "dossier.awarded".to_owned(),
        ..Notice::default()
    };
    On::Create {
        id: "s.e".to_owned(),
        subscription: "s".to_owned(),
        owner: owner(),
        channel,
        notice,
        position: 7,
    }
}

fn failed(attempt: u32, retry_after_s: u32) -> On {
    On::Failed {
        attempt,
        result: "HTTP 500".to_owned(),
        retry_after_s,
    }
}

fn refused(attempt: u32) -> On {
    On::Refused {
        attempt,
        result: "SMTP 550 at RCPT".to_owned(),
    }
}

fn ok() -> On {
    On::Succeeded {
        result: "HTTP 200".to_owned(),
    }
}

fn after<M: Machine>(inputs: impl IntoIterator<Item = Stimulus<M::Input>>) -> Snapshot<M> {
    inputs.into_iter().fold(Snapshot::default(), |at, on| {
        step(&at, &on).expect("it is accepted").next
    })
}

fn deliveries() -> Explored {
    explore::<Delivery>(&samples_of_a_delivery(), 10_000)
}

/// With a retry by hand there is no end to the attempts: as far as the table needs it.
fn deliveries_and_retries() -> Explored {
    let samples: Vec<_> = samples_of_a_delivery().into_iter().chain([at(0, On::Retry)]).collect();
    explore::<Delivery>(&samples, 1_000)
}

fn samples_of_a_delivery() -> Vec<Stimulus<On>> {
    let fails = (1..=RETRY_S.len() as u32 + 1).map(|attempt| at(0, failed(attempt, 0)));
    let because = "the subscription ended".to_owned();
    let others = [
        at(0, create(Channel::Webhook)),
        at(0, create(Channel::Stream)),
        at(0, create(Channel::Email)),
        at(0, On::Attempt),
        at(0, ok()),
        at(0, refused(1)),
        at(0, On::Acknowledge),
        at(0, On::Suppress { because }),
        at(i64::from(PARK_S), On::Due),
    ];
    others.into_iter().chain(fails).collect()
}

fn subscriptions() -> Explored {
    let filter = BTreeMap::from([("colour".to_owned(), "red".to_owned())]);
    let samples = [
        at(0, Asked::Create(wanted(Channel::Stream, ""))),
        at(0, Asked::Create(wanted(Channel::Stream, "https://example.vn/hook"))),
        at(0, Asked::Create(wanted(Channel::Webhook, "https://example.vn/hook"))),
        at(0, Asked::Create(wanted(Channel::Webhook, ""))),
        at(0, Asked::Create(wanted(Channel::Email, "officer@example.vn"))),
        at(0, Asked::Create(wanted(Channel::Email, ""))),
        at(
            0,
            Asked::Create(Subscription {
                filter,
                ..wanted(Channel::Stream, "")
            }),
        ),
        at(0, Asked::Delete),
        at(0, Asked::EndpointGone),
    ];
    explore::<Subscription>(&samples, 100)
}

fn rolls() -> Explored {
    explore::<Roll>(&[at(0, Counted::Joined), at(0, Counted::Left)], 4)
}

#[test]
fn the_tables_are_as_reviewed() {
    insta::assert_snapshot!("delivery_table", deliveries_and_retries().text());
    insta::assert_snapshot!("delivery_diagram", deliveries_and_retries().mermaid());
    insta::assert_snapshot!("subscription_table", subscriptions().text());
    insta::assert_snapshot!("subscription_diagram", subscriptions().mermaid());
    insta::assert_snapshot!("roll_table", rolls().text());
    insta::assert_snapshot!("roll_diagram", rolls().mermaid());
}

#[test]
fn nothing_is_forgotten_and_every_reason_has_a_text() {
    assert!(!deliveries().bounded);
    for probed in [deliveries(), deliveries_and_retries(), subscriptions(), rolls()] {
        assert_eq!(probed.unowned, []);
        assert!(probed.dead_ends.is_empty(), "{:?}", probed.dead_ends);
        for reason in probed.table.values().flat_map(|cell| &cell.refused) {
            assert!(Reason::is_known(reason), "{reason} has no text");
        }
    }
}

#[test]
fn a_webhook_is_tried_ten_times_and_then_dead() {
    let mut delivery = after::<Delivery>([at(0, create(Channel::Webhook))]);
    let mut now = 0;
    for (n, pause_s) in RETRY_S.iter().enumerate() {
        let attempt = n as u32 + 1;
        delivery = step(&delivery, &at(now, On::Attempt)).expect("an attempt").next;
        delivery = step(&delivery, &at(now, failed(attempt, 0))).expect("a failure").next;
        now += i64::from(*pause_s);
        assert_eq!(
            delivery.state,
            Is::Waiting {
                until: Timestamp(now * 1_000_000)
            }
        );
        delivery = step(&delivery, &at(now, On::Due)).expect("the pause is over").next;
    }
    delivery = step(&delivery, &at(now, On::Attempt)).expect("the last attempt").next;
    delivery = step(&delivery, &at(now, failed(10, 0))).expect("its failure").next;
    assert_eq!((delivery.state, delivery.data.attempts), (Is::Dead, 10));
}

#[test]
fn what_is_refused_for_good_is_dead_at_once_and_a_person_may_have_it_tried_anew() {
    let dead = after::<Delivery>([at(0, create(Channel::Email)), at(0, On::Attempt), at(0, refused(1))]);
    assert_eq!(
        (&dead.state, dead.data.last_result.as_str()),
        (&Is::Dead, "SMTP 550 at RCPT")
    );
    let anew = [at(9, On::Retry), at(9, On::Attempt), at(9, failed(2, 0))];
    let waiting = anew
        .into_iter()
        .fold(dead, |at, on| step(&at, &on).expect("it is accepted").next);
    let until = Timestamp((9 + i64::from(RETRY_S[0])) * 1_000_000);
    assert_eq!(
        (waiting.state.clone(), waiting.data.attempts),
        (Is::Waiting { until }, 2)
    );
    let refusal = step(&waiting, &at(10, On::Retry)).expect_err("it is not dead");
    assert_eq!(refusal.reason, "NOT_ALLOWED_NOW");
}

#[test]
fn an_endpoint_may_ask_for_a_longer_pause_and_not_for_a_shorter_one() {
    let begun = [at(0, create(Channel::Webhook)), at(0, On::Attempt)];
    let longer = after::<Delivery>(begun.clone().into_iter().chain([at(0, failed(1, 60))]));
    assert_eq!(
        longer.state,
        Is::Waiting {
            until: Timestamp(60_000_000)
        }
    );
    let shorter = after::<Delivery>(begun.into_iter().chain([at(0, failed(1, 1))]));
    assert_eq!(
        shorter.state,
        Is::Waiting {
            until: Timestamp(5_000_000)
        }
    );
}

#[test]
fn a_sender_that_stopped_halfway_is_a_failed_attempt_and_its_late_word_still_counts() {
    let lease = i64::from(LEASE_S);
    let lost = after::<Delivery>([at(0, create(Channel::Webhook)), at(0, On::Attempt), at(lease, On::Due)]);
    assert_eq!(
        lost.state,
        Is::Waiting {
            until: Timestamp((lease + 5) * 1_000_000)
        }
    );
    let late = step(&lost, &at(lease, failed(1, 0))).expect_err("it is taken for failed already");
    assert_eq!(late.reason, "NOT_ALLOWED_NOW");
    assert_eq!(
        step(&lost, &at(lease, ok())).expect("it has arrived").next.state,
        Is::Delivered
    );
}

#[test]
fn a_stream_is_acknowledged_and_a_second_acknowledgement_changes_nothing() {
    let stream = after::<Delivery>([at(0, create(Channel::Stream)), at(1, On::Acknowledge)]);
    assert_eq!(stream.state, Is::Delivered);
    assert_eq!(step(&stream, &at(2, On::Acknowledge)).expect("again").next, stream);
}
