//! Refusals: named, and without a trace.

use machine::{Effect, Refusal, Snapshot, Timestamp, step};

use crate::paper::{Fact, Input, Paper, REPLY_WITHIN, State, after, given};

#[test]
fn an_input_that_no_state_takes_is_refused_by_name_and_changes_nothing() {
    let (sent, _) = after(&[Input::Write { pages: 1 }, Input::Send]);
    let before = sent.clone();
    let refusal = step(&sent, &given(Input::Send)).expect_err("a sent paper is not sent again");
    let expected = Refusal {
        machine: "toy.paper",
        state: "sent".to_owned(),
        input: "send".to_owned(),
        reason: Refusal::NOT_ALLOWED_NOW,
        detail: String::new(),
    };
    assert_eq!(refusal, expected);
    assert_eq!(
        refusal.to_string(),
        "toy.paper refuses send in state sent: NOT_ALLOWED_NOW"
    );
    assert_eq!(sent, before);
    assert!(
        step(&sent, &given(Input::Answer)).is_ok(),
        "what was allowed still is allowed"
    );
}

#[test]
fn a_guards_reason_beats_the_superstate_that_would_take_the_input() {
    let (thick, _) = after(&[Input::Write { pages: 3 }, Input::Send]);
    let refusal = step(&thick, &given(Input::Cancel)).expect_err("it is being read");
    assert_eq!(
        refusal.to_string(),
        "toy.paper refuses cancel in state sent: TOO_LATE (it is being read)"
    );

    let (thin, _) = after(&[Input::Write { pages: 2 }, Input::Send]);
    let stepped = step(&thin, &given(Input::Cancel)).expect("the superstate takes it");
    assert_eq!(stepped.next.state, State::Cancelled);
    let name = "reply".to_owned();
    let effects = [Effect::ClearTimer { name }, Effect::Publish(Fact::Cancelled)];
    assert_eq!(
        stepped.effects, effects,
        "effects of state and superstate, in their order"
    );
}

#[test]
fn a_handler_that_changed_data_and_then_refused_leaves_no_trace() {
    let (draft, _) = after(&[Input::Write { pages: 2 }]);
    let refusal = step(&draft, &given(Input::Write { pages: 2 })).expect_err("too many pages");
    assert_eq!((refusal.reason, refusal.detail.as_str()), ("TOO_THICK", "4 pages"));
    assert_eq!(draft.data.pages, 2);
    let stepped = step(&draft, &given(Input::Write { pages: 1 })).expect("three are not too many");
    assert_eq!(
        stepped.effects,
        [Effect::Publish(Fact::Written { pages: 3 })],
        "only its own effects"
    );
}

#[test]
fn a_refusal_before_the_first_input_leaves_nothing_there() {
    let nothing = Snapshot::<Paper>::default();
    let refusal = step(&nothing, &given(Input::Write { pages: 9 })).expect_err("too many pages");
    assert_eq!((refusal.state.as_str(), refusal.reason), ("new", "TOO_THICK"));
    assert_eq!(nothing, Snapshot::default());
}

#[test]
fn time_comes_from_the_stimulus_and_from_nowhere_else() {
    let (draft, _) = after(&[Input::Write { pages: 1 }]);
    let mut send = given(Input::Send);
    send.at = Timestamp(5_000);
    let due = Timestamp(5_000 + REPLY_WITHIN);
    let name = "reply".to_owned();
    let first = step(&draft, &send).expect("a draft is sent");
    assert_eq!(
        first.effects,
        [Effect::Publish(Fact::Sent), Effect::SetTimer { name, due }]
    );
    assert_eq!(
        first,
        step(&draft, &send).expect("again"),
        "the same step gives the same"
    );
}

#[test]
fn a_snapshot_survives_its_stored_form() {
    let (sent, _) = after(&[Input::Write { pages: 1 }, Input::Send]);
    let stored = sent.encode();
    assert_eq!(Snapshot::<Paper>::decode(&stored).expect("readable"), sent);
    assert_eq!(
        String::from_utf8(stored).expect("JSON"),
        r#"{"state":{"s":"sent"},"data":{"pages":1}}"#
    );
}
