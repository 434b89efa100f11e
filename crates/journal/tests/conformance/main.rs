//! What both stores promise, run against both.

mod batches;
mod blobs;
#[macro_use]
mod cases;
mod commits;
mod consumers;
mod epochs;
mod reading;
mod schema;
mod server;
mod tampering;
mod world;
mod writer;

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

every_store! { conformance
    batches:
        a_claim_goes_from_hand_to_hand_within_one_batch
        a_timer_is_fired_set_and_cleared_within_one_batch
        a_box_is_destroyed_and_filled_within_one_batch
        views_of_a_batch_come_to_what_their_order_says
        a_repeat_that_had_to_wait_gets_the_first_record
        of_two_that_look_at_each_other_one_moves
    ;
    epochs:
        a_history_begins_once_and_keeps_its_secret
        a_new_epoch_begins_after_the_newest_position
        a_consumer_knows_what_it_applied_and_what_came_of_it
        what_was_applied_is_set_back_and_other_events_take_its_place
        a_displaced_event_takes_no_effect_wherever_it_comes_again
        differences_are_listed_until_they_end
        a_store_in_use_is_known_to_be
    ;
    blobs:
        a_blob_is_kept_under_its_digest
        a_blob_of_another_digest_is_refused
    ;
    schema:
        reopening_keeps_everything
        a_changed_migration_is_refused
        a_migration_outside_its_numbers_is_refused
        replicas_may_open_an_empty_store_together
    ;
    reading:
        values_keep_their_types
    ;
    tampering:
        an_honest_store_verifies
        a_changed_input_is_found
        a_changed_input_is_found_beside_the_commitment_to_what_it_was
        an_unreadable_row_is_found_and_hides_no_other_aggregate
        a_missing_row_is_found
        a_changed_hash_is_found
        a_forged_end_is_found
        a_missing_event_is_found
        a_lost_aggregate_is_found
        a_lowered_head_is_found
        history_and_events_cannot_be_edited
    ;
}
