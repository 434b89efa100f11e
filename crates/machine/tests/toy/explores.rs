//! Exploring: the table and the diagram, and what must not be found in any machine.

use machine::{Explored, Stimulus, digest, explore, explore_by};

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
    assert_eq!(sound.stuck, Vec::<Vec<String>>::new());
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
    let found = found(&[Input::Trap]);
    assert_eq!(found.dead_ends.iter().collect::<Vec<_>>(), ["pit"]);
    let last = found.stuck.iter().map(|path| path.last().map(String::as_str));
    assert_eq!(last.collect::<std::collections::BTreeSet<_>>(), [Some("trap")].into());
}

#[test]
fn a_bound_that_is_reached_is_told() {
    let samples = [given(Input::Write { pages: 1 })];
    assert!(explore::<Paper>(&samples, 2).bounded);
}

#[test]
fn snapshots_of_one_fingerprint_count_as_one() {
    let samples = [given(Input::Write { pages: 1 }), given(Input::Write { pages: 2 })];
    let one_each_state = explore_by::<Paper>(&samples, 10, |at| digest(&at.state));
    assert!(one_each_state.reached < explore::<Paper>(&samples, 10).reached);
    assert!(!one_each_state.bounded);
}
