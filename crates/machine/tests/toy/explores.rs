//! Exploring: the table and the diagram, and what must not be found in any machine.

use machine::{Explored, Stimulus, explore};

use crate::paper::{Input, Paper, given};

fn found(more: &[Input]) -> Explored {
    let usual = [
        Input::Write { pages: 1 },
        Input::Write { pages: 2 },
        Input::Send,
        Input::Answer,
        Input::Cancel,
    ];
    let samples: Vec<Stimulus<Input>> = usual.iter().chain(more).cloned().map(given).collect();
    explore::<Paper>(&samples, 1_000)
}

#[test]
fn the_table_is_what_the_machine_does() {
    insta::assert_snapshot!(found(&[]).text());
}

#[test]
fn the_diagram_shows_every_way() {
    insta::assert_snapshot!(found(&[]).mermaid());
}

#[test]
fn a_sound_machine_forgets_nobody_and_always_ends() {
    let sound = found(&[]);
    assert_eq!(sound.unowned, []);
    assert!(sound.dead_ends.is_empty(), "{:?}", sound.dead_ends);
    assert!(!sound.bounded);
}

#[test]
fn a_planted_unowned_state_is_found_with_the_way_to_it() {
    let unowned = found(&[Input::Lose]).unowned;
    assert!(unowned.iter().all(|one| one.state == "lost"), "{unowned:?}");
    assert_eq!(unowned[0].path, ["write", "lose"], "the shortest way");
}

#[test]
fn a_state_whose_timer_one_way_forgets_to_set_is_found_though_another_way_sets_it() {
    let unowned = found(&[Input::Post]).unowned;
    assert!(unowned.iter().all(|one| one.state == "sent"), "{unowned:?}");
    assert_eq!(unowned[0].path, ["write", "post"]);
}

#[test]
fn a_planted_dead_end_is_found() {
    let dead_ends = found(&[Input::Trap]).dead_ends;
    assert_eq!(dead_ends.iter().collect::<Vec<_>>(), ["pit"]);
}

#[test]
fn a_bound_that_is_reached_is_told() {
    let samples = [given(Input::Write { pages: 1 })];
    assert!(explore::<Paper>(&samples, 2).bounded);
}
