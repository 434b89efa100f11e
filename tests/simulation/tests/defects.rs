//! Planted defects are found. A simulation that cannot find these proves nothing.

use std::collections::BTreeSet;

use simulation::{
    Defect, Options,
    sweep::{invariant, sweep},
};

/// Each defect shows within so many seeds.
const WITHIN: u64 = 100;

/// The invariants that are broken, up to the first seed that breaks one of these.
fn found(defect: Defect, expected: &[&str]) -> BTreeSet<String> {
    let options = Options {
        // With all levels and councils.
        dossiers: Some(1),
        defect: Some(defect),
        ..Options::default()
    };
    let mut broken = BTreeSet::new();
    sweep(1, WITHIN, 2, options, |outcome| {
        broken.extend(outcome.broken.iter().map(|finding| invariant(finding).to_owned()));
        !expected.iter().any(|one| broken.contains(*one))
    });
    broken
}

macro_rules! found {
    ($($name:ident: $defect:ident as $($invariant:literal)|+;)+) => {$(
        #[test]
        fn $name() {
            let expected = [$($invariant),+];
            let broken = found(Defect::$defect, &expected);
            assert!(
                expected.iter().any(|one| broken.contains(*one)),
                "{:?} broke {broken:?} in {WITHIN} seeds, and should break one of {expected:?}",
                Defect::$defect
            );
        }
    )+};
}

found! {
    an_inbox_that_is_not_looked_at_is_found: InboxOff as "I12" | "I4" | "I3";
    a_version_that_is_not_checked_is_found: VersionOff as "I1" | "I2" | "I14";
    a_request_id_that_is_ignored_is_found: RequestsIgnored as "I13" | "I2" | "I1";
    an_outbox_outside_its_transaction_is_found: OutboxApart as "I2" | "I3";
    an_answer_before_its_commit_is_found: AckBeforeCommit as "I1";
    a_sequence_taken_for_commit_order_is_found: SequenceForOrder as "I2" | "I3";
    a_timer_that_is_not_looked_at_is_found: TimersUnchecked as "I11";
    a_hash_chain_that_skips_is_found: ChainSkipped as "I2";
    a_cursor_kept_too_far_ahead_is_found: CursorAhead as "I3";
    a_ballot_box_that_leaks_is_found: BoxLeaks as "I9" | "LIVENESS";
}

#[test]
fn every_defect_has_its_test() {
    let source = include_str!("defects.rs");
    for defect in Defect::ALL {
        assert!(
            source.contains(&format!(": {defect:?} as")),
            "{defect:?} is not looked for"
        );
    }
}
