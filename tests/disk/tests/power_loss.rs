//! Power cuts: what was acknowledged is there; and where durability is switched off the same search finds a loss.

use disk::{
    power::{self, Durability, Order, Outcome, Past},
    server,
    trouble::Trouble,
    world::{self, Store},
};

const CUTS: u32 = 2;

async fn cut(store: Store, durability: Durability, seed: u64) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::chown(folder.path(), server::owner(), None).expect("the server's folder");
    let order = Order {
        store,
        durability,
        trouble: Trouble::None,
        seed,
        dossiers: 10,
        cuts: CUTS,
    };
    let outcome = power::run(order, folder.path(), &mut Past::default())
        .await
        .expect("a run");
    println!("{store:?} {durability:?} seed {seed}: {outcome}");
    assert_eq!(outcome.acknowledged, outcome.calls, "a healthy disk");
    outcome
}

async fn is_kept(store: Store, seed: u64) {
    let outcome = cut(store, Durability::Kept, seed).await;
    let wrong: Vec<_> = outcome.losses().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let promised: usize = outcome.cuts.iter().map(|cut| cut.acknowledged).sum();
    assert!(promised > 20, "little was promised: {promised}");
}

/// The proof of the proof.
async fn is_lost(store: Store, durability: Durability) {
    let outcome = cut(store, durability, 1).await;
    let lost = |cut: &&power::Cut| cut.wrong.iter().any(|wrong| wrong.starts_with("lost: "));
    assert!(
        outcome.losses().any(|cut| lost(&cut)),
        "durability is off, and nothing was lost: {outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_was_acknowledged() {
    is_kept(Store::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_was_acknowledged() {
    is_kept(Store::Postgres, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_disk_that_does_not_flush_loses() {
    is_lost(Store::Sqlite, Durability::LyingDisk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_without_fsync_loses() {
    is_lost(Store::Postgres, Durability::FsyncOff).await;
}

/// Had it been off at start, no service would have come up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_without_fsync_is_refused_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::chown(folder.path(), server::owner(), None).expect("the server's folder");
    let disk = folder.path().join("disk");
    server::initialize(&disk).expect("the server's files");
    for setting in ["fsync=off", "synchronous_commit=off"] {
        let server = server::Server::start(&disk, None, &[setting]).expect("a server");
        let started = world::here(folder.path().join("services"), Some(server.url())).await;
        let Err(refusal) = started else {
            panic!("services start on {setting}")
        };
        let (name, refusal) = (setting.trim_end_matches("=off"), format!("{refusal:#}"));
        assert!(refusal.contains(name), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_without_synchronous_commit_loses() {
    is_lost(Store::Postgres, Durability::CommitOff).await;
}
