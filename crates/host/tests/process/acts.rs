//! Acts: each once, whoever else acts, whatever becomes of the caller.

use std::collections::BTreeSet;

use futures::future::join_all;
use host::{Fault, Unit, entropy};
use journal::Key;
use machine::Machine as _;

use crate::{
    toy::{File, FileInput},
    world::{World, until},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_acts_at_once_on_one_file_all_succeed_once_each() {
    let world = World::new().await;
    let acts = (1..=50).map(|number| {
        let world = &world;
        async move { world.add("a", &[number]).await }
    });
    let versions: BTreeSet<u64> = join_all(acts).await.into_iter().collect();
    assert_eq!(versions, (1..=50).collect(), "each act has its own place in history");
    let mut numbers = world.file("a").await.numbers;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_whatever_happened_since() {
    let world = World::new().await;
    let add = FileInput::Add { numbers: vec![1] };
    let call = World::call(&entropy::fresh_id(), "add 1");
    assert_eq!(world.step(&call, "a", &add).await.expect("the first"), 1);
    assert_eq!(world.step(&call, "a", &add).await.expect("a repeat"), 1);

    world.add("a", &[2]).await;
    let repeat = world.step(&call, "a", &add).await;
    assert_eq!(repeat.expect("a repeat after another act"), 1);

    let close = World::call(&entropy::fresh_id(), "close");
    world.step(&close, "a", &FileInput::Close).await.expect("it is open");
    let repeat = world.step(&call, "a", &add).await;
    assert_eq!(repeat.expect("a repeat after the machine would refuse it"), 1);
    assert_eq!(world.file("a").await.numbers, [1, 2], "it took effect once");
}

#[tokio::test]
async fn a_request_id_with_other_content_is_refused() {
    let world = World::new().await;
    let id = entropy::fresh_id();
    let add = FileInput::Add { numbers: vec![1] };
    let first = world.step(&World::call(&id, "add 1"), "a", &add).await;
    first.expect("the first");
    let other = FileInput::Add { numbers: vec![2] };
    let reused = world.step(&World::call(&id, "add 2"), "a", &other).await;
    assert_eq!(reused.expect_err("other content").reason(), "REQUEST_ID_REUSED");

    let close = World::call(&entropy::fresh_id(), "close");
    world.step(&close, "a", &FileInput::Close).await.expect("it is open");
    let reused = world.step(&World::call(&id, "add 2"), "a", &other).await;
    let fault = reused.expect_err("also where the machine would refuse");
    assert!(matches!(fault, Fault::Reused), "{fault}");
    assert_eq!(world.file("a").await.numbers, [1]);
}

#[tokio::test]
async fn repeats_that_overlap_are_one_act() {
    let world = World::new().await;
    let add = FileInput::Add { numbers: vec![1] };
    let call = World::call(&entropy::fresh_id(), "add 1");
    let answers = join_all((0..20).map(|_| world.step(&call, "a", &add))).await;
    for answer in answers {
        assert_eq!(answer.expect("an answer"), 1);
    }
    assert_eq!(world.file("a").await.numbers, [1]);
}

#[tokio::test]
async fn a_refused_act_leaves_its_request_id_free() {
    let world = World::new().await;
    let call = World::call(&entropy::fresh_id(), "add 1");
    let refused = world
        .engine("desk")
        .act::<u64>(&call, Vec::new(), |_| Err(Fault::refused("NOT_ALLOWED_NOW", "")))
        .await;
    assert_eq!(refused.expect_err("refused").reason(), "NOT_ALLOWED_NOW");
    let add = FileInput::Add { numbers: vec![1] };
    assert_eq!(world.step(&call, "a", &add).await.expect("now it may"), 1);
}

#[tokio::test]
async fn a_call_whose_future_is_dropped_still_commits_and_its_repeat_is_answered() {
    let world = World::new().await;
    let call = World::call(&entropy::fresh_id(), "add 1");
    let decided = tokio::sync::Notify::new();
    let body = |unit: &mut Unit| {
        unit.step::<File>("a", FileInput::Add { numbers: vec![1] })?;
        decided.notify_one();
        unit.version::<File>("a")
    };
    let hint = vec![Key::new(File::NAME, "a")];
    tokio::select! {
        biased;
        answer = world.engine("desk").act(&call, hint.clone(), body) => panic!("too fast to be dropped: {answer:?}"),
        () = decided.notified() => {}
    }
    until("it is committed all the same", async || {
        world.file("a").await.numbers == [1]
    })
    .await;
    let again = world.engine("desk").act(&call, hint, body).await;
    assert_eq!(again.expect("the first answer"), 1);
    assert_eq!(world.file("a").await.numbers, [1]);
}
