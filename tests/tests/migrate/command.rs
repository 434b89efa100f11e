//! `vinhdanh admin migrate`, the binary.

use std::process::{Command, Output};

use access::Role;
use serde_json::Value;
use tests::program;

use crate::{
    permit::Input,
    world::{Ground, PERMIT, World},
};

/// Runs it as an operator.
async fn run(world: &World, more: &[&str]) -> (i32, Value, String) {
    let mut command = Command::new(program());
    command.args(["admin", "migrate", "--machine", PERMIT, "--to", "2", "--json"]);
    command
        .args(["--server", &world.url(), "--token", &world.token(Role::Operator)])
        .args(more);
    let run = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = run.await.expect("no panic").expect("the program runs");
    let told = serde_json::from_slice(&stdout).unwrap_or_default();
    (
        status.code().expect("it ends by itself"),
        told,
        String::from_utf8_lossy(&stderr).into_owned(),
    )
}

/// id → outcome.
fn outcomes(told: &Value) -> Vec<(&str, &str)> {
    let all = told.as_array().expect("a list").iter();
    all.map(|one| {
        (
            one["id"].as_str().expect("an id"),
            one["outcome"].as_str().expect("a word"),
        )
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_comes_first_and_what_is_in_the_way_stops_the_act() {
    let ground = Ground::sqlite();
    let first = ground.first().await;
    for id in ["a", "b"] {
        first.file::<1>(id, &[]).await;
    }
    first.file::<1>("c", &[Input::Seal]).await;
    first.stop().await;
    let world = ground.second().await;

    let (code, told, notes) = run(&world, &["--dry-run"]).await;
    assert_eq!(code, 1, "{notes}");
    assert_eq!(outcomes(&told), [("a", "moved"), ("b", "moved"), ("c", "refused")]);
    assert!(notes.contains("2  v1 filed: moved filed"), "{notes}");
    assert!(notes.contains("1  v1 sealed: refused NO_PLACE_THERE"), "{notes}");

    let (code, _, notes) = run(&world, &["--reason", "new rules"]).await;
    assert_eq!(code, 1, "{notes}");
    assert!(notes.contains("nothing is moved"), "{notes}");
    assert_eq!(world.history("a").await.len(), 1);

    let (code, told, notes) = run(&world, &["--only", "a", "--reason", "new rules"]).await;
    assert_eq!((code, outcomes(&told)), (0, vec![("a", "moved")]), "{notes}");
    assert_eq!(world.history("a").await[1].machine_version, 2);

    // As after a pause: what was done is told, the rest is done.
    let (code, told, notes) = run(&world, &["--partial", "--reason", "new rules"]).await;
    assert_eq!(code, 1, "one stays: {notes}");
    assert_eq!(outcomes(&told), [("a", "already"), ("b", "moved"), ("c", "refused")]);
    assert_eq!(world.history("b").await[1].machine_version, 2);
    world.all_is_well().await;
}
