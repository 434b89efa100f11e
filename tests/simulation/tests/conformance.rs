//! The simulated store keeps the journal's contract: the same cases as the real ones.

#[path = "../../../crates/journal/tests/conformance/commits.rs"]
mod commits;
#[path = "../../../crates/journal/tests/conformance/consumers.rs"]
mod consumers;
#[path = "../../../crates/journal/tests/conformance/journal.rs"]
mod journal_cases;
#[path = "../../../crates/journal/tests/conformance/reading.rs"]
#[expect(
    dead_code,
    reason = "one case looks into the journal's own tables with SQL; here they are none"
)]
mod reading;
#[path = "../../../crates/journal/tests/conformance/world.rs"]
#[expect(dead_code, reason = "what opens the real stores is not needed here")]
mod theirs;

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
        SERVICE, VIEWS, claiming, commit, entry, event, inbox, key, noting, one, published, releasing, request, step,
        timing,
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

conformance! {
    commits:
        an_aggregate_is_created_and_moved
        a_step_on_an_old_version_is_stale
        a_guard_on_an_old_version_is_stale
        a_conflict_in_the_middle_leaves_its_neighbours_alone
        two_commits_of_one_batch_may_move_one_aggregate
        one_commit_moves_many_aggregates_or_none
        a_claim_is_taken_once_and_can_be_released
        a_claim_passes_on_within_one_commit
        a_repeated_request_gets_the_first_record
        timers_are_set_replaced_and_cleared
        a_timer_fires_once
        a_sealed_box_is_filled_and_destroyed
        views_are_written_with_their_commit
        positions_of_concurrent_writers_have_no_holes
        concurrent_creation_ends_as_stale
        a_contended_aggregate_moves_once_per_version
        aggregates_moved_crosswise_do_not_fail
    ;
    consumers:
        an_event_is_applied_once_and_in_order
        an_event_that_matters_to_nobody_is_marked
        concurrent_consumers_apply_an_event_once
        a_cursor_never_goes_back_unless_reset
        a_dead_letter_parks_its_aggregate
    ;
    reading:
        history_and_events_are_paged
        nulls_fit_every_column
        a_wrong_statement_is_not_prepared
        settings_are_kept
    ;
    journal_cases:
        commits_are_gathered_and_answered
        a_dropped_commit_is_written_all_the_same
        a_spoilt_commit_does_not_spoil_its_batch
        subscribers_are_woken
        a_closed_journal_refuses
    ;
}
