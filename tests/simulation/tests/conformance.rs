//! The simulated store keeps the journal's contract: the same cases as the real ones.

#[path = "../../../crates/journal/tests/conformance/cases.rs"]
#[macro_use]
mod cases;
#[path = "../../../crates/journal/tests/conformance/commits.rs"]
mod commits;
#[path = "../../../crates/journal/tests/conformance/consumers.rs"]
mod consumers;
#[path = "../../../crates/journal/tests/conformance/reading.rs"]
#[expect(
    dead_code,
    reason = "one case looks into the journal's own tables with SQL; here they are none"
)]
mod reading;
#[path = "../../../crates/journal/tests/conformance/world.rs"]
#[expect(dead_code, reason = "what opens the real stores is not needed here")]
mod theirs;
#[path = "../../../crates/journal/tests/conformance/writer.rs"]
mod writer;

/// What the cases know of a store: here a simulated one.
mod world {
    use std::sync::Arc;

    use journal::{Commit, Conflict, Key, Position, Store};
    use simulation::{
        Chance, Log, Weather,
        life::Life,
        store::{SimStore, Vault},
    };

    pub use crate::theirs::{
        SERVICE, VIEWS, ballot, claiming, commit, entry, event, inbox, key, noting, one, published, releasing, request,
        sealing, step, timing,
    };

    pub struct World {
        pub store: Arc<dyn Store>,
        vault: Arc<Vault>,
    }

    impl World {
        pub fn new() -> Self {
            let (weather, log) = (Arc::new(Weather::calm()), Log::new(false, false));
            let vault = Vault::new(SERVICE, VIEWS, None, (Chance::new(1), weather, log), None);
            let vault = Arc::new(vault.expect("SQLite in memory"));
            let store = connect(&vault);
            Self { store, vault }
        }

        #[expect(clippy::unused_async, reason = "the cases await it, as for a real store")]
        pub async fn replica(&self) -> Arc<dyn Store> {
            connect(&self.vault)
        }

        pub async fn commit(&self, commit: Commit) -> Result<Position, Conflict> {
            one(&*self.store, commit).await
        }

        pub async fn version(&self, key: &Key) -> u64 {
            let loaded = self.store.load(std::slice::from_ref(key)).await.expect("loaded");
            loaded[0].as_ref().map_or(0, |loaded| loaded.version)
        }
    }

    fn connect(vault: &Arc<Vault>) -> Arc<dyn Store> {
        let (weather, log) = (Arc::new(Weather::calm()), Log::new(false, false));
        let life = Life::new("intake/1".to_owned(), Chance::new(2), weather, log);
        Arc::new(SimStore::new(Arc::clone(vault), life))
    }
}

macro_rules! conformance {
    ($($room:ident: $($case:ident)+;)+) => {$($(
        #[tokio::test(start_paused = true)]
        async fn $case() {
            $room::$case(&world::World::new()).await;
        }
    )+)+};
}

every_store!(conformance);
