//! Replay: identical, or a divergence that a person can read.

use machine::{Recorded, Replayer, replay};

use crate::paper::{Input, Paper, after};

fn history() -> Vec<Recorded> {
    after(&[
        Input::Write { pages: 1 },
        Input::Write { pages: 1 },
        Input::Send,
        Input::Answer,
    ])
    .1
}

/// What replay says to a history after `change`.
fn told(change: impl FnOnce(&mut Vec<Recorded>)) -> String {
    let mut rows = history();
    change(&mut rows);
    replay::<Paper>(&rows).expect_err("it diverges").to_string()
}

#[test]
fn a_recorded_history_replays_to_the_same_snapshot() {
    let (end, rows) = after(&[Input::Write { pages: 2 }, Input::Send, Input::Cancel]);
    assert_eq!(replay::<Paper>(&rows).expect("identical"), end);
    let replayer = Replayer::of::<Paper>();
    assert_eq!((replayer.machine, replayer.version), ("toy.paper", 7));
    assert_eq!((replayer.run)(&rows).expect("identical"), end.encode());
    assert_eq!(
        replay::<Paper>(&[]).expect("nothing happened"),
        machine::Snapshot::default()
    );
}

#[test]
fn a_changed_outcome_is_named_with_its_step_and_what_the_machine_would_do() {
    assert_eq!(
        told(|rows| rows[3].outcome[15] ^= 1),
        "toy.paper: step 4 diverges: history says state answered, machine version 7 gives state answered with other \
         content or effects: [ClearTimer { name: \"reply\" }]"
    );
}

#[test]
fn a_changed_input_is_found_where_it_was_changed() {
    assert_eq!(
        told(|rows| rows[0].input = br#"{"input":"write","pages":2}"#.to_vec()),
        "toy.paper: step 1 diverges: history says state draft, machine version 7 gives state draft with other \
         content or effects: [Publish(Written { pages: 2 })]"
    );
    assert_eq!(
        told(|rows| rows[1].input = br#"{"input":"write","pages":9}"#.to_vec()),
        "toy.paper: step 2 diverges: history says acceptance into draft, machine version 7 gives \
         a refusal: toy.paper refuses write in state draft: TOO_THICK (10 pages)"
    );
}

#[test]
fn a_changed_instant_is_found_in_the_timer_that_it_set() {
    let text = told(|rows| rows[2].at.0 += 1);
    assert!(
        text.ends_with("effects: [Publish(Sent), SetTimer { name: \"reply\", due: Timestamp(1101) }]"),
        "{text}"
    );
}

#[test]
fn a_missing_row_is_found_at_the_next_one() {
    let text = told(|rows| _ = rows.remove(0));
    assert!(
        text.starts_with("toy.paper: step 2 diverges: history says state draft"),
        "{text}"
    );
}

#[test]
fn a_foreign_machine_version_is_not_judged() {
    assert_eq!(
        told(|rows| rows[0].machine_version = 8),
        "toy.paper: step 1 diverges: history says machine version 8, machine version 8 gives \
         machine version 7, which cannot judge it"
    );
    // Nothing goes back.
    let text = told(|rows| rows[1].machine_version = 6);
    assert!(
        text.contains("step 2 diverges: history says machine version 6"),
        "{text}"
    );
    // The row of a later version than the one before it has to be the move there.
    let text = told(|rows| rows[0].machine_version = 6);
    assert!(
        text.contains("step 2 diverges: history says a readable input"),
        "{text}"
    );
}

#[test]
fn an_unreadable_input_is_a_divergence_and_no_panic() {
    let text = told(|rows| rows[1].input = br#"{"input":"paint"}"#.to_vec());
    let start = "toy.paper: step 2 diverges: history says a readable input, machine version 7 gives \
                 an unreadable one: unknown variant `paint`";
    assert!(text.starts_with(start), "{text}");
    let text = told(|rows| rows[0].input.truncate(4));
    assert!(text.contains("step 1 diverges") && text.contains("EOF"), "{text}");
}
