use proto::intake::v1::Status;

use crate::{
    server::{Archive, timed},
    world::*,
};

/// All services on one PostgreSQL, which is rolled back to a point in time. The bus is ahead, and so is what a consumer
/// that was down had still to take from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bus_holds_of_the_lost_time_is_not_applied() {
    let archive = Archive::new();
    let command = archive.command();
    let postgres = testkit::Postgres::start_with(&[("archive_mode", "on"), ("archive_command", &command)]);
    let nats = testkit::Nats::start();
    let mut world = World::on(Some((postgres.create_database("vinhdanh"), nats.url()))).await;
    let (kept, lost) = (world.draft(1).await, world.draft(2).await);
    world.submit(&kept).await;
    archive.take(postgres.port());
    world.receive(&kept).await;
    world.becomes(&kept, Status::InReview).await;
    world.quiet().await;
    postgres.execute("vinhdanh", "SELECT pg_create_restore_point('before-the-loss')");

    // Acknowledged, on the bus, and lost: intake has still to take it from there.
    world.submit(&lost).await;
    world.kill("intake").await;
    world.appraise(&kept).await;
    world.award(&kept, "7/QĐ-UBND").await;
    world.relayed("approval").await;
    let file = postgres.execute("vinhdanh", "SELECT pg_walfile_name(pg_switch_wal())");
    tests::until(30, "the archive", async || archive.has(&file).then_some(())).await;
    world.stop().await;
    postgres.kill();

    let took = timed();
    let restored = archive.restore("before-the-loss").await;
    let url = restored.url("vinhdanh");
    let words = [
        "epoch",
        "advance",
        "--database",
        &url,
        "--reason",
        "restored to before the loss",
    ];
    let begun = world.admin(&words).await.expect("advanced");
    assert_eq!(begun.as_array().map(Vec::len), Some(5), "{begun}");
    world.servers = Some((url.clone(), nats.url()));
    world.start().await;
    world.compared().await;
    println!("restored, advanced, started and compared in {:?}", took());
    let running = world.admin(&words).await.expect_err("services run");
    assert!(running.contains("running"), "{running}");

    world.quiet().await;
    assert_eq!(world.differences().await, [], "all were restored to one moment");
    assert_eq!(world.status(&kept).await, Status::InReview);
    assert_eq!(world.status(&lost).await, Status::Drafting);
    world.appraise(&kept).await;
    world.award(&kept, "8/QĐ-UBND").await;
    world.becomes(&kept, Status::Awarded).await;
    world.submit(&lost).await;
    world.receive(&lost).await;
    world.appraise(&lost).await;
    world.award(&lost, "9/QĐ-UBND").await;
    world.becomes(&lost, Status::Awarded).await;
    world.sound().await;
    world.stop().await;
}
