use proto::intake::v1::Status;
use serde_json::json;
use tests::until;

use crate::{hook::Hook, world::*};

/// Approval's database is lost and restored; everybody else is ahead.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_approval_lost_is_listed_for_each_dossier_and_done_again() {
    let mut world = World::new().await;
    let hook = Hook::start().await;
    world.subscribe(format!("http://{}/decisions", hook.address)).await;
    let (decided, received, untouched) = (world.draft(1).await, world.draft(2).await, world.draft(3).await);
    let late = world.draft(4).await;
    for dossier in [&decided, &received, &untouched] {
        world.submit(dossier).await;
    }
    world.receive(&decided).await;
    world.appraise(&decided).await;
    world.quiet().await;
    world.back_up().await;

    // Acknowledged, told to everybody, and lost.
    world.award(&decided, "7/QĐ-UBND").await;
    world.receive(&received).await;
    world.submit(&late).await;
    world.receive(&late).await;
    world.becomes(&decided, Status::Awarded).await;
    world.quiet().await;
    until(20, "the receiver", async || (hook.ids().len() == 1).then_some(())).await;
    world.stop().await;
    world.restore("approval").await;
    world.start().await;
    world.compared().await;

    let differing = world.differences().await;
    let at_intake: Vec<&str> = differing
        .iter()
        .filter(|(consumer, _)| consumer == "intake")
        .map(|(_, aggregate)| aggregate.as_str())
        .collect();
    let course = |dossier: &str| format!("approval.course/{dossier}");
    let mut lost = [course(&decided), course(&received), course(&late)];
    lost.sort();
    assert_eq!(at_intake, lost, "{differing:?}");
    // Nothing is overwritten: intake keeps what it knows, approval what it has.
    assert_eq!(world.status(&decided).await, Status::Awarded);
    world.course(&decided, |course| course.status != "awarded").await;
    let rows = world.admin(&["epoch", "differences", "intake"]).await.expect("rows");
    let row = rows
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["aggregate"] == course(&decided));
    let row = row.expect("the decided one");
    assert_eq!(row["lost"].as_array().map(Vec::len), Some(1), "{row}");
    assert_eq!(
        row["lost"][0]["effects"][0]["aggregate"],
        json!(format!("intake.dossier/{decided}"))
    );
    // A dossier on which all agree goes on at once.
    world.receive(&untouched).await;
    world.appraise(&untouched).await;
    world.award(&untouched, "9/QĐ-UBND").await;
    world.becomes(&untouched, Status::Awarded).await;

    // The lost acts are done again by people: nobody is told twice, and the differences are gone.
    world.award(&decided, "7/QĐ-UBND").await;
    world.receive(&received).await;
    // What was not done again in the same words is decided about.
    let keep = [
        "epoch",
        "resolve",
        &course(&late),
        "--service",
        "intake",
        "--keep",
        "--reason",
        "not yet",
    ];
    let refused = world.admin(&keep).await.expect_err("approval has not come so far");
    assert!(refused.contains("NOT_DONE_AGAIN"), "{refused}");
    let healed = async || (!world.differences().await.iter().any(|(_, of)| *of != course(&late))).then_some(());
    until(20, "the differences to end", healed).await;
    world.accept_all().await;
    world.receive(&late).await;
    for (dossier, number) in [(&received, "10/QĐ-UBND"), (&late, "11/QĐ-UBND")] {
        world.appraise(dossier).await;
        world.award(dossier, number).await;
        world.becomes(dossier, Status::Awarded).await;
    }
    until(20, "every decision told", async || {
        (hook.ids().len() >= 4).then_some(())
    })
    .await;
    world.sound().await;
    let mut ids = hook.ids();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), hook.ids().len()), (4, 4), "one delivery for each decision");
    let all = world.admin(&["epoch", "differences", "--all"]).await.expect("rows");
    let ended = |row: &serde_json::Value| !row["resolution"].as_str().unwrap_or_default().is_empty();
    let all = all.as_array().expect("rows");
    assert!(!all.is_empty() && all.iter().all(ended), "the records stay: {all:?}");
}

/// An older database under a running installation, and nobody has said so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_database_without_a_new_epoch_is_noticed_and_nothing_of_it_applied() {
    let mut world = World::new().await;
    let dossier = world.draft(1).await;
    world.submit(&dossier).await;
    world.quiet().await;
    world.back_up().await;
    world.receive(&dossier).await;
    world.becomes(&dossier, Status::InReview).await;
    world.quiet().await;
    world.stop().await;
    for file in journal::offline::files(&world.data, "approval")
        .iter()
        .filter(|file| file.exists())
    {
        std::fs::remove_file(file).expect("removed");
    }
    std::fs::copy(world.backup.join("approval.db"), world.data.join("approval.db")).expect("copied");
    world.start().await;
    let held = until(30, "the consumers to hold", async || {
        let epochs = world.epochs().await;
        let held: Vec<_> = epochs
            .iter()
            .flat_map(|one| one.follows.iter().filter(|follows| !follows.held.is_empty()))
            .map(|follows| follows.producer.clone())
            .collect();
        (held.len() == 3).then_some(held)
    })
    .await;
    assert_eq!(held, ["approval"; 3], "intake, council and notification");
    let running = world
        .admin(&["epoch", "advance", "approval", "--reason", "older copy"])
        .await;
    assert!(running.expect_err("it runs").contains("running"));
    world.stop().await;
    let begun = world
        .admin(&["epoch", "advance", "approval", "--reason", "older copy"])
        .await;
    assert_eq!(begun.expect("advanced")[0]["epoch"], 2);
    world.start().await;
    world.compared().await;
    let course = format!("approval.course/{dossier}");
    assert!(world.differences().await.contains(&("intake".to_owned(), course)));
    world.receive(&dossier).await;
    until(20, "the difference to end", async || {
        world.differences().await.is_empty().then_some(())
    })
    .await;
    world.sound().await;
}
