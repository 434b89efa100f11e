//! Timers: once, however many processes look, however late.

use host::entropy;
use journal::Location;
use machine::Timestamp;

use crate::{
    toy::FileInput,
    world::{Fixtures, START, World, until},
};

const FILES: usize = 30;

fn name(file: usize) -> String {
    format!("f{file}")
}

async fn remind(world: &World, due: i64) {
    for file in 0..FILES {
        let call = World::call(&entropy::fresh_id(), "");
        let remind = FileInput::Remind { due: Timestamp(due) };
        world.step(&call, &name(file), &remind).await.expect("an open file");
    }
}

/// Returns once no timer is set, and looks how often each rang.
async fn rang(world: &World, times: u32) {
    let store = world.engine("desk").journal().store();
    until("all timers have fired", async || {
        store.next_due().await.expect("a store").is_none()
    })
    .await;
    for file in 0..FILES {
        assert_eq!(world.file(&name(file)).await.rings, times, "{}", name(file));
    }
}

#[tokio::test]
async fn a_timer_fires_once_when_it_is_due_and_not_before() {
    let world = World::new().await;
    let due = START + 1_000_000;
    remind(&world, due).await;
    world.fixtures.clock.advance(Timestamp(due - 1));
    let store = world.engine("desk").journal().store();
    assert!(store.due(due - 1, 10).await.expect("a store").is_empty());
    assert_eq!(world.file("f0").await.rings, 0);
    world.fixtures.clock.advance(Timestamp(due));
    rang(&world, 1).await;
    let (problems, rows) = {
        let verified = journal::verify(store.as_ref(), |_| {}).await.expect("a store");
        (verified.problems.len(), verified.rows)
    };
    assert_eq!(
        (problems, rows as usize),
        (0, 2 * FILES),
        "one row for setting, one for ringing"
    );
}

#[tokio::test]
async fn a_timer_that_came_due_while_nobody_ran_fires_at_the_next_start() {
    let world = World::new().await;
    remind(&world, START + 1_000_000).await;
    let World { process, fixtures, .. } = world;
    process.crash().await;
    fixtures.clock.advance(Timestamp(START + 9_000_000));
    let world = World::on(Fixtures {
        wire: crate::wire::Wire::new(),
        ..fixtures
    })
    .await;
    rang(&world, 1).await;
}

#[tokio::test]
async fn a_timer_of_a_file_that_no_longer_takes_it_is_forgotten() {
    let world = World::new().await;
    remind(&world, START + 1_000_000).await;
    for file in 0..FILES {
        let call = World::call(&entropy::fresh_id(), "");
        let closed = world.step(&call, &name(file), &FileInput::Close).await;
        closed.expect("an open file");
    }
    world.fixtures.clock.advance(Timestamp(START + 1_000_000));
    rang(&world, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_on_one_database_one_fires() {
    let url = tokio::task::spawn_blocking(|| testkit::Postgres::shared().fresh_database())
        .await
        .expect("a database");
    let fixtures = Fixtures {
        location: Location::Postgres(url),
        ..Fixtures::new()
    };
    let one = World::on(fixtures.clone()).await;
    remind(&one, START + 1_000_000).await;
    // Started after the timers were set, it knows of them; so both wake at the same instant.
    let other = World::on(fixtures.clone()).await;
    fixtures.clock.advance(Timestamp(START + 1_000_000));
    rang(&one, 1).await;
    rang(&other, 1).await;
    remind(&other, START + 2_000_000).await;
    fixtures.clock.advance(Timestamp(START + 2_000_000));
    rang(&one, 2).await;
    one.process.stop().await;
    other.process.stop().await;
}
