//! A disk that is slow, full or failing while officials work: a call is refused with a code that says "again", no other;
//! once the disk is well all of them are acknowledged; and a power cut at any moment of it takes nothing that was.

use disk::{
    power::{self, Durability, Order, Past},
    server,
    trouble::Trouble,
    world::Store,
};

/// What a call may be refused with: the store is away, or another service has not yet heard what allows it.
const ALLOWED: [&str; 5] = [
    "UNAVAILABLE",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "FAILED_PRECONDITION",
    "PERMISSION_DENIED",
];
/// What a call comes to whose process dies meanwhile: on its way, or while it still waited for its turn on the connection.
const CUT_OFF: [&str; 2] = ["UNKNOWN", "CANCELLED"];

async fn is_survived(store: Store, trouble: Trouble) {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::chown(folder.path(), server::owner(), None).expect("the server's folder");
    let order = Order {
        store,
        durability: Durability::Kept,
        trouble,
        seed: 5,
        dossiers: 8,
        cuts: 2,
    };
    let outcome = power::run(order, folder.path(), &mut Past::default())
        .await
        .expect("a run");
    println!("{store:?} {trouble:?}: {outcome}");
    assert!(
        trouble == Trouble::Slow || outcome.injected > 0,
        "the disk was well: {outcome}"
    );
    let dies = trouble == Trouble::FlushErrorsAndCrash;
    let is_strange = |code: &&&str| !(ALLOWED.contains(code) || dies && CUT_OFF.contains(code));
    let strange: Vec<_> = outcome.refusals.keys().filter(is_strange).collect();
    assert!(strange.is_empty(), "refused with {strange:?}: {outcome}");
    assert_eq!(outcome.acknowledged, outcome.calls, "the disk is well again: {outcome}");
    let wrong: Vec<_> = outcome.losses().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_slow_disk() {
    is_survived(Store::Sqlite, Trouble::Slow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_full_disk() {
    is_survived(Store::Sqlite, Trouble::Full).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_disk_that_fails_to_flush() {
    is_survived(Store::Sqlite, Trouble::FlushErrors).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_started_again_after_a_disk_failed_to_flush() {
    is_survived(Store::Sqlite, Trouble::FlushErrorsAndCrash).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_disk_that_fails_to_write() {
    is_survived(Store::Sqlite, Trouble::WriteErrors).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_on_a_full_disk() {
    is_survived(Store::Postgres, Trouble::Full).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_on_a_disk_that_fails_to_flush() {
    is_survived(Store::Postgres, Trouble::FlushErrors).await;
}
