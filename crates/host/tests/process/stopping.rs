//! The end: bounded, whatever clients do.

use std::time::Duration;

use tokio::net::TcpStream;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{
    wire::Wire,
    world::{Fixtures, World},
};

/// Ten seconds are promised; the rest is for a busy machine.
const BOUND: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_client_that_holds_its_connection_does_not_hold_up_the_end() {
    let world = World::new().await;
    let silent = TcpStream::connect(world.process.address()).await.expect("it listens");
    let channel = world.channel().await;
    let watch = HealthClient::new(channel.clone())
        .watch(HealthCheckRequest::default())
        .await;
    let watched = watch.expect("health is open to all");
    world.add("a", &[1]).await;

    let World { process, fixtures, .. } = world;
    let address = process.address();
    tokio::time::timeout(BOUND, process.stop())
        .await
        .expect("an end within its bound");
    TcpStream::connect(address).await.expect_err("nobody listens any more");
    drop((silent, channel, watched));

    let world = World::on(Fixtures {
        wire: Wire::new(),
        ..fixtures
    })
    .await;
    assert_eq!(world.file("a").await.numbers, [1], "what was answered is there");
}

#[tokio::test]
async fn an_idle_process_ends_at_once() {
    let world = World::new().await;
    let ended = tokio::time::timeout(Duration::from_secs(5), world.process.stop()).await;
    ended.expect("nothing holds it up");
}
