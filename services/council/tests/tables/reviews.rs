//! What a review lets through, case by case.

use super::*;

#[test]
fn a_council_may_not_meet_before_the_station_has_done_its_part() {
    let mut way = vec![opening(Ballot::Secret, true)];
    let next = [
        (ReviewInput::Receive, "NOT_RECEIVED"),
        (ReviewInput::Appraise { publication: true }, "NOT_APPRAISED"),
        (ReviewInput::Publish, "NOT_PUBLISHED"),
        (ReviewInput::PublicationOver, "PUBLICATION_RUNNING"),
        (due_input(Ballot::Secret), "NO_COUNCIL"),
    ];
    for (input, before) in next {
        assert_eq!(reason(&through::<Review>(way.clone()), table("s")), before);
        way.push(input);
    }
    way.push(table("s"));
    assert_eq!(reason(&through::<Review>(way), table("t")), "ALREADY_TABLED");
}

#[test]
fn a_halt_stops_everything_and_is_lifted_exactly() {
    let halted = |inputs: &[ReviewInput]| {
        let way = due(Ballot::Secret).into_iter().chain(inputs.iter().cloned());
        let before = through::<Review>(way.clone());
        let at = through::<Review>(way.clone().chain([ReviewInput::Suspend]));
        assert_eq!(at.state, before.state);
        let resumed = ReviewInput::Resume { here: false };
        assert_eq!(through::<Review>(way.chain([ReviewInput::Suspend, resumed])), before);
        at
    };
    assert_eq!(reason(&halted(&[]), table("s")), "SUSPENDED");
    assert_eq!(reason(&halted(&[table("s")]), cast("m1", None)), "SUSPENDED");
    let voting = [table("s"), cast("m1", None)];
    assert_eq!(reason(&halted(&voting), cast("m2", None)), "SUSPENDED");
}

#[test]
fn a_halt_during_the_vote_makes_it_void_unless_all_have_voted() {
    let way = |ballots: &[&str]| {
        let mut way = due(Ballot::Secret);
        way.push(table("s"));
        way.extend(ballots.iter().map(|member| cast(member, None)));
        way.extend([ReviewInput::Suspend, tally(ballots.len() as u32, 0)]);
        through::<Review>(way)
    };
    assert_eq!(way(&["m1"]).state_name(), "queued");
    assert_eq!(way(&["m1"]).data.round.counts, None);
    assert_eq!(way(&["m1", "m2"]).state_name(), "tallied");
}

#[test]
fn who_may_not_vote_is_told_why() {
    let mut way = due(Ballot::Secret);
    way.push(table("s"));
    let tabled = through::<Review>(way.clone());
    let early = |at: &Snapshot<Review>, how| reason(at, standing("m1", how, None));
    assert_eq!(early(&tabled, Standing::NoQuorum), "NO_QUORUM");
    assert_eq!(early(&tabled, Standing::Adjourned), "SESSION_ADJOURNED");
    assert_eq!(early(&tabled, Standing::Outsider), "NOT_A_MEMBER");
    way.extend([recuse("m2"), cast("m1", None)]);
    let voting = through::<Review>(way.clone());
    assert_eq!(voting.state_name(), "voting");
    assert_eq!(reason(&voting, cast("m1", None)), "VOTED_ALREADY");
    assert_eq!(reason(&voting, cast("m2", None)), "RECUSED");
    assert_eq!(reason(&voting, standing("m3", Standing::Absent, None)), "MEMBER_ABSENT");
    assert_eq!(reason(&voting, standing("m3", Standing::Closed, None)), "VOTING_CLOSED");
    assert_eq!(reason(&voting, recuse("m1")), "VOTED_ALREADY");
    let other = ReviewInput::BallotCast {
        session: "t".to_owned(),
        member: "m1".to_owned(),
        standing: Standing::Votes,
        choice: None,
    };
    assert_eq!(reason(&voting, other), "VOTING_CLOSED");
    way.push(tally(1, 0));
    assert_eq!(reason(&through::<Review>(way), cast("m3", None)), "VOTING_CLOSED");
}

#[test]
fn a_ballot_may_be_changed_only_where_the_regulation_says_so() {
    for ballot in [Ballot::Open, Ballot::Secret] {
        let choice = |choice| (ballot == Ballot::Open).then_some(choice);
        let may = Terms {
            may_change: true,
            ..terms(ballot)
        };
        let mut way = due(ballot);
        way.extend([
            table_by("s", may),
            cast("m1", choice(Choice::No)),
            cast("m1", choice(Choice::Yes)),
        ]);
        let changed = through::<Review>(way.clone());
        assert_eq!(
            changed.data.round.ballots,
            [("m1".to_owned(), choice(Choice::Yes))].into()
        );
        way.push(tally(u32::from(ballot == Ballot::Secret), 0));
        let counts = through::<Review>(way).data.round.counts.expect("counted");
        assert_eq!((counts.yes, counts.no), (1, 0));
    }
}

#[test]
fn who_leaves_the_base_leaves_it_before_voting_opens() {
    let leaving = Terms {
        recused: Recused::Leave,
        ..terms(Ballot::Secret)
    };
    let mut way = due(Ballot::Secret);
    way.extend([table_by("s", leaving), recuse("m3"), cast("m1", None)]);
    assert_eq!(reason(&through::<Review>(way), recuse("m2")), "VOTING_OPEN");
    let mut by_law = due(Ballot::Secret);
    by_law.extend([table("s"), cast("m1", None), recuse("m2")]);
    assert!(through::<Review>(by_law).data.round.recused.contains_key("m2"));
}

#[test]
fn a_failed_vote_leads_to_a_second_round_for_a_lower_award() {
    let mut way = due(Ballot::Secret);
    way.extend([table("s"), cast("m1", None), tally(1, 0), ReviewInput::Conclude]);
    way.push(ReviewInput::Due {
        award: "lower".to_owned(),
        rule: CouncilRule {
            threshold_percent: 0,
            more_than_half: true,
            ..rule(Ballot::Open)
        },
    });
    let again = through::<Review>(way.clone());
    assert_eq!(
        (again.state_name().as_str(), again.data.round.number, again.data.award()),
        ("queued", 1, "lower")
    );
    let by_its_rule = Terms::of(again.data.rule().expect("a rule"), None);
    way.extend([
        table_by("s", by_its_rule),
        cast("m1", Some(Choice::Yes)),
        cast("m2", Some(Choice::Yes)),
        tally(0, 0),
        ReviewInput::Conclude,
    ]);
    let passed = through::<Review>(way);
    assert_eq!((passed.state_name().as_str(), passed.data.award()), ("passed", "lower"));
}

#[test]
fn a_secret_choice_cannot_enter_history() {
    let mut way = due(Ballot::Secret);
    way.push(table("s"));
    let voting = through::<Review>(way);
    for choice in [Choice::Yes, Choice::No, Choice::Blank] {
        assert_eq!(reason(&voting, cast("m1", Some(choice))), "INVALID_REQUEST");
    }
    let input = serde_json::to_string(&cast("m1", None)).unwrap();
    assert_eq!(
        input,
        r#"{"input":"ballot-cast","session":"s","member":"m1","standing":"votes"}"#
    );
    let stepped = step(&voting, &on(cast("m1", None))).unwrap();
    assert_eq!(stepped.effects, []);
    assert_eq!(stepped.next.data.round.ballots, [("m1".to_owned(), None)].into());
}

#[test]
fn a_dossier_that_comes_back_is_voted_on_anew() {
    let mut way = due(Ballot::Secret);
    way.extend([table("s"), cast("m1", None), ReviewInput::Leave]);
    let away = through::<Review>(way.clone());
    assert_eq!(
        (
            away.state_name().as_str(),
            away.data.here,
            away.data.round.ballots.len()
        ),
        ("queued", false, 0)
    );
    assert_eq!(reason(&away, table("t")), "NOT_ALLOWED_NOW");
    way.extend([ReviewInput::Regain, table("s"), cast("m1", None)]);
    assert_eq!(through::<Review>(way).state_name(), "voting");
}

#[test]
fn a_failed_vote_may_be_held_again_and_keeps_its_number() {
    let mut way = due(Ballot::Secret);
    way.extend([table("s"), cast("m1", None), tally(1, 0), ReviewInput::Conclude]);
    let failed = through::<Review>(way.clone());
    assert_eq!((failed.state_name().as_str(), failed.data.round.number), ("failed", 0));
    way.push(table("t"));
    let again = through::<Review>(way);
    assert_eq!((again.state_name().as_str(), again.data.round.number), ("tabled", 1));
    assert_eq!(again.data.round.counts, None);
}
