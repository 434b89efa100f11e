//! What both stores promise, run against both.

mod blobs;
mod commits;
mod consumers;
mod epochs;
mod journal;
mod reading;
mod schema;
mod server;
mod tampering;
mod world;

/// One test per case and store.
macro_rules! conformance {
    ($($room:ident: $($case:ident)+;)+) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$room::$case(&super::world::World::sqlite().await).await;
                }
            )+)+
        }

        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$room::$case(&super::world::World::postgres().await).await;
                }
            )+)+
        }
    };
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
    epochs:
        a_history_begins_once_and_keeps_its_secret
        a_new_epoch_begins_after_the_newest_position
        a_consumer_knows_what_it_applied_and_what_came_of_it
        what_was_applied_is_set_back_and_other_events_take_its_place
        differences_are_listed_until_they_end
        a_store_in_use_is_known_to_be
    ;
    blobs:
        a_blob_is_kept_under_its_digest
        a_blob_of_another_digest_is_refused
    ;
    reading:
        history_and_events_are_paged
        values_keep_their_types
        nulls_fit_every_column
        a_wrong_statement_is_not_prepared
        settings_are_kept
    ;
    schema:
        reopening_keeps_everything
        a_changed_migration_is_refused
        a_migration_outside_its_numbers_is_refused
        replicas_may_open_an_empty_store_together
    ;
    journal:
        commits_are_gathered_and_answered
        a_dropped_commit_is_written_all_the_same
        a_spoilt_commit_does_not_spoil_its_batch
        subscribers_are_woken
        a_closed_journal_refuses
    ;
    tampering:
        an_honest_store_verifies
        a_changed_input_is_found
        a_missing_row_is_found
        a_changed_hash_is_found
        a_forged_end_is_found
        a_missing_event_is_found
        a_lost_aggregate_is_found
        a_lowered_head_is_found
        history_and_events_cannot_be_edited
    ;
}
