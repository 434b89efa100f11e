//! The cases that every store keeps to, the simulated one too; each is run by the macro that is named, with what comes
//! after its name.

macro_rules! every_store {
    ($run:ident $($more:tt)*) => {
        $run! {
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
            writer:
                commits_are_gathered_and_answered
                a_dropped_commit_is_written_all_the_same
                a_spoilt_commit_does_not_spoil_its_batch
                fresh_events_are_those_of_the_store
                subscribers_are_woken
                a_closed_journal_refuses
            ;
            $($more)*
        }
    };
}
