//! Two versions in one store, on both stores.

use access::Role;
use host::Fault;
use proto::admin::v1::{MigrateAggregatesRequest, aggregate_migration::Outcome};
use tests::refused;

use crate::{
    permit::Input,
    world::{Ground, Told, World, to},
};

/// The permits that the first program leaves behind.
async fn begin(world: &World) {
    world.file::<1>("filed", &[]).await;
    world.file::<1>("granted", &[Input::Grant]).await;
    world.file::<1>("noted", &[Input::Note]).await;
    world.file::<1>("sealed", &[Input::Seal]).await;
    world.file::<1>("shelved", &[Input::Shelve]).await;
}

fn told(id: &str, version: u32, state: &str, outcome: Outcome, rest: &str) -> Told {
    (id.to_owned(), version, state.to_owned(), outcome, rest.to_owned())
}

fn expected() -> Vec<Told> {
    vec![
        told("filed", 1, "filed", Outcome::Moved, "filed"),
        told("granted", 1, "granted", Outcome::Ended, ""),
        told("new", 2, "filed", Outcome::Already, ""),
        told("noted", 1, "noted", Outcome::Moved, "reviewed"),
        told("sealed", 1, "sealed", Outcome::Refused, "NO_PLACE_THERE"),
        told("shelved", 1, "shelved", Outcome::Refused, "NO_END_THERE"),
    ]
}

async fn old_and_new_stand_side_by_side(ground: Ground) {
    let first = ground.first().await;
    begin(&first).await;
    first.file::<1>("waiting", &[]).await;
    first.stop().await;

    let second = ground.second().await;
    second.file::<2>("new", &[]).await;
    let refusal = second
        .step::<2>("new", Input::Grant)
        .await
        .expect_err("version 2 reviews first");
    assert_eq!(refusal.reason(), "NOT_APPRAISED");
    // Version 1 knows no review, and needs none.
    let refusal = second
        .step::<2>("waiting", Input::Review)
        .await
        .expect_err("version 1 has no review");
    assert_eq!(refusal.reason(), "NOT_ALLOWED_NOW");
    assert_eq!(
        second.step::<2>("waiting", Input::Grant).await.expect("by version 1"),
        "granted"
    );
    let versions: Vec<u32> = second
        .history("waiting")
        .await
        .iter()
        .map(|row| row.machine_version)
        .collect();
    assert_eq!(versions, [1, 1]);
    assert_eq!(second.history("new").await[0].machine_version, 2);
    second.all_is_well().await;
    second.stop().await;

    // The first program again, as in a rollout that is not over: what is of version 2 is for others to decide.
    let first = ground.first().await;
    let fault = first
        .step::<1>("new", Input::Grant)
        .await
        .expect_err("it does not know version 2");
    assert!(matches!(fault, Fault::Store(_)) && fault.is_transient(), "{fault}");
    assert_eq!(first.step::<1>("filed", Input::Note).await.expect("its own"), "noted");
    first.stop().await;
}

async fn a_move_is_tried_then_done_once_and_recorded(ground: Ground) {
    let first = ground.first().await;
    begin(&first).await;
    first.stop().await;
    let world = ground.second().await;
    world.file::<2>("new", &[]).await;

    assert_eq!(world.migrate(true).await, expected());
    assert_eq!(world.history("filed").await.len(), 1, "a dry run keeps nothing");
    assert_eq!(
        world
            .step::<2>("noted", Input::Review)
            .await
            .expect_err("version 1")
            .reason(),
        "NOT_ALLOWED_NOW"
    );

    assert_eq!(world.migrate(false).await, expected());
    let row = world.history("filed").await.remove(1);
    assert_eq!((row.machine_version, row.entry.state.as_str()), (2, "filed"));
    let input: serde_json::Value = serde_json::from_slice(&row.entry.input).expect("JSON");
    let moved = serde_json::json!({"input": "migrate", "to": 2, "reason": "review before grant"});
    assert_eq!(input, moved);
    assert!(row.entry.actor.contains("operator.toy") && !row.entry.request_id.is_empty());
    for id in ["sealed", "shelved", "granted"] {
        assert_eq!(world.history(id).await.len(), 2, "{id} stays");
    }

    // From now on they are decided by version 2, and what stayed by version 1.
    assert_eq!(
        world
            .step::<2>("filed", Input::Grant)
            .await
            .expect_err("version 2")
            .reason(),
        "NOT_APPRAISED"
    );
    assert_eq!(
        world.step::<2>("noted", Input::Grant).await.expect("reviewed"),
        "granted"
    );
    assert_eq!(
        world.step::<2>("shelved", Input::Grant).await.expect("by version 1"),
        "granted"
    );

    let again = world.migrate(false).await;
    assert!(again.iter().all(|one| one.3 != Outcome::Moved), "{again:?}");
    assert_eq!(world.history("filed").await.len(), 2, "once");
    world.all_is_well().await;
    world.stop().await;
    // Nothing of it lives in the process.
    let world = ground.second().await;
    assert_eq!(
        world.step::<2>("filed", Input::Review).await.expect("version 2"),
        "reviewed"
    );
    world.all_is_well().await;
    world.stop().await;
}

async fn two_operators_at_once_move_each_once(ground: Ground) {
    const PERMITS: usize = 12;
    let first = ground.first().await;
    for n in 0..PERMITS {
        first.file::<1>(&format!("p{n:02}"), &[]).await;
    }
    first.stop().await;
    let world = ground.second().await;
    let (one, other) = tokio::join!(world.migrate(false), world.migrate(false));
    for n in 0..PERMITS {
        assert_eq!(world.history(&format!("p{n:02}")).await.len(), 2, "p{n:02}");
        let outcomes = [one[n].3, other[n].3];
        assert!(outcomes.contains(&Outcome::Moved), "{outcomes:?}");
    }
    let moved = one.iter().chain(&other).filter(|told| told.3 == Outcome::Moved).count();
    assert_eq!(moved, PERMITS, "each by one of them");
    world.all_is_well().await;
    world.stop().await;
}

macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Ground::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Ground::postgres().await).await;
            })*
        }
    };
}

on_both_stores! {
    old_and_new_stand_side_by_side
    a_move_is_tried_then_done_once_and_recorded
    two_operators_at_once_move_each_once
}

#[tokio::test]
async fn only_operators_move_and_only_where_there_is_something() {
    let ground = Ground::sqlite();
    let world = ground.second().await;
    world.file::<2>("a", &[]).await;
    for role in [Role::Auditor, Role::Leader, Role::Service] {
        refused(world.ask(role, to(2)).await, "PERMISSION_DENIED", "PERMISSION_DENIED");
    }
    let asked = async |change: fn(&mut MigrateAggregatesRequest)| {
        let mut request = to(2);
        change(&mut request);
        world.ask(Role::Operator, request).await
    };
    for change in [
        |r: &mut MigrateAggregatesRequest| r.to = 3,
        |r: &mut MigrateAggregatesRequest| r.to = 0,
    ] {
        refused(asked(change).await, "INVALID_ARGUMENT", "VERSION_UNKNOWN");
    }
    refused(
        asked(|r| r.reason = " ".to_owned()).await,
        "INVALID_ARGUMENT",
        "INVALID_REQUEST",
    );
    refused(
        asked(|r| r.request_id.clear()).await,
        "INVALID_ARGUMENT",
        "REQUEST_ID_REQUIRED",
    );
    let nowhere = asked(|r| r.machine = "approval.nothing".to_owned()).await;
    refused(nowhere, "INVALID_ARGUMENT", "INVALID_REQUEST");
    let absent = asked(|r| r.only = vec!["b".to_owned()]).await.expect("an answer");
    assert_eq!(absent.aggregates[0].outcome(), Outcome::Absent);
}
