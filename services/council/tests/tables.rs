//! The probed tables of council's machines: what every state does with every input. A changed line is a changed rule.

use std::collections::BTreeSet;

use council::machine::{Choice, Docket, DocketInput, Item, Opening, Review, ReviewInput, Session, SessionInput};
use law::{Ballot, CouncilRule, Denominator, Fraction};
use machine::{Actor, Explored, Machine, Snapshot, Stimulus, Timestamp, explore, step};

const COUNCIL: &str = "tinh-hung-yen";

fn rule(ballot: Ballot) -> CouncilRule {
    CouncilRule {
        agency: COUNCIL.to_owned(),
        threshold_percent: 80,
        more_than_half: false,
        denominator: Denominator::AllMembers,
        quorum: Fraction { num: 2, den: 3 },
        ballot,
        article: None,
        confirmed: true,
    }
}

fn opening(ballot: Ballot, here: bool) -> ReviewInput {
    let (dossier, candidate_person) = ("d".to_owned(), String::new());
    ReviewInput::Open(Opening {
        dossier,
        candidate_person,
        station: 1,
        rule: rule(ballot),
        here,
    })
}

fn on<I>(input: I) -> Stimulus<I> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(1),
    }
}

fn members(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn attend(names: &[&str], quorate: bool) -> ReviewInput {
    ReviewInput::Attend {
        members: 2,
        attending: members(names),
        quorate,
    }
}

fn cast(member: &str, choice: Option<Choice>) -> ReviewInput {
    ReviewInput::BallotCast {
        session: "s".to_owned(),
        member: member.to_owned(),
        choice,
    }
}

fn table(session: &str) -> ReviewInput {
    ReviewInput::Table {
        session: session.to_owned(),
        meeting: COUNCIL.to_owned(),
    }
}

fn tally(yes: u32, no: u32) -> ReviewInput {
    ReviewInput::Tally { yes, no, blank: 0 }
}

fn review(ballot: Ballot) -> Explored {
    let choice = |choice| (ballot == Ballot::Open).then_some(choice);
    let samples = [
        opening(ballot, true),
        ReviewInput::Arrive,
        ReviewInput::Leave,
        ReviewInput::Regain,
        ReviewInput::Receive,
        ReviewInput::Appraise { publication: true },
        ReviewInput::Appraise { publication: false },
        ReviewInput::Publish,
        ReviewInput::PublicationOver,
        ReviewInput::Due { rule: rule(ballot) },
        ReviewInput::Suspend,
        ReviewInput::Resume { here: false },
        ReviewInput::End,
        table("s"),
        attend(&["m1", "m2"], true),
        attend(&["m2"], true),
        attend(&["m1"], false),
        ReviewInput::Recuse {
            member: "m2".to_owned(),
        },
        cast("m1", choice(Choice::Yes)),
        cast("m2", choice(Choice::No)),
        cast("m3", choice(Choice::Blank)),
        cast("m1", (ballot == Ballot::Secret).then_some(Choice::Yes)),
        tally(2, 0),
        tally(0, 2),
        ReviewInput::Conclude,
    ];
    explore::<Review>(&samples.map(on), 1_500)
}

fn session() -> Explored {
    let people = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let samples = [
        SessionInput::Convene {
            standing: Vec::new(),
            council: COUNCIL.to_owned(),
            members: people(&["m1", "m2", "m3"]),
            agenda: vec![Item::new("d", COUNCIL)],
            quorum: 2,
        },
        SessionInput::Attend {
            present: people(&["m1", "m2"]),
            writing: people(&["m3"]),
        },
        SessionInput::Attend {
            present: people(&["m1"]),
            writing: people(&["m2", "m3"]),
        },
        SessionInput::Close,
        SessionInput::Minute {
            minutes: "{}".to_owned(),
        },
    ];
    explore::<Session>(&samples.map(on), 1_000)
}

fn docket() -> Explored {
    let open = DocketInput::Open {
        candidate_person: String::new(),
        seats: Vec::new(),
        without: Vec::new(),
    };
    explore::<Docket>(&[on(open)], 10)
}

#[test]
fn the_table_of_a_review_is_as_reviewed() {
    insta::assert_snapshot!(review(Ballot::Secret).text());
}

#[test]
fn the_diagram_of_a_review_is_as_reviewed() {
    insta::assert_snapshot!(review(Ballot::Secret).mermaid());
}

#[test]
fn an_open_ballot_passes_through_the_same_table() {
    assert_eq!(review(Ballot::Open).text(), review(Ballot::Secret).text());
}

#[test]
fn the_table_of_a_session_is_as_reviewed() {
    insta::assert_snapshot!(session().text());
}

#[test]
fn the_diagram_of_a_session_is_as_reviewed() {
    insta::assert_snapshot!(session().mermaid());
}

#[test]
fn nothing_can_be_forgotten_and_every_refusal_has_a_text() {
    for explored in [review(Ballot::Secret), review(Ballot::Open), session(), docket()] {
        assert_eq!(explored.unowned, [], "{}", explored.machine);
        assert!(
            explored.dead_ends.is_empty(),
            "{}: {:?}",
            explored.machine,
            explored.dead_ends
        );
        for ((state, input), cell) in &explored.table {
            for reason in &cell.refused {
                assert!(
                    host::Reason::is_known(reason),
                    "{state} {input}: {reason} is not in the table of reasons"
                );
            }
        }
    }
}

#[test]
fn an_event_of_the_course_is_never_refused() {
    let of_the_course = [
        "open",
        "arrive",
        "leave",
        "regain",
        "receive",
        "appraise",
        "publish",
        "publication-over",
        "due",
        "suspend",
        "resume",
        "end",
    ];
    for ((state, input), cell) in &review(Ballot::Secret).table {
        if state != "new" && of_the_course.contains(&input.as_str()) {
            assert!(cell.refused.is_empty(), "{state} refuses {input}: {:?}", cell.refused);
        }
    }
}

/// Takes a review through inputs that must all be accepted.
fn through<M: Machine>(inputs: impl IntoIterator<Item = M::Input>) -> Snapshot<M> {
    inputs.into_iter().fold(Snapshot::default(), |at, input| {
        step(&at, &on(input)).expect("accepted").next
    })
}

fn reason<M: Machine>(at: &Snapshot<M>, input: M::Input) -> &'static str {
    step(at, &on(input)).expect_err("refused").reason
}

fn due(ballot: Ballot) -> Vec<ReviewInput> {
    vec![
        opening(ballot, true),
        ReviewInput::Receive,
        ReviewInput::Due { rule: rule(ballot) },
    ]
}

#[test]
fn a_council_may_not_meet_before_the_station_has_done_its_part() {
    let mut way = vec![opening(Ballot::Secret, true)];
    let next = [
        (ReviewInput::Receive, "NOT_RECEIVED"),
        (ReviewInput::Appraise { publication: true }, "NOT_APPRAISED"),
        (ReviewInput::Publish, "NOT_PUBLISHED"),
        (ReviewInput::PublicationOver, "PUBLICATION_RUNNING"),
        (
            ReviewInput::Due {
                rule: rule(Ballot::Secret),
            },
            "NO_COUNCIL",
        ),
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
    let voting = [table("s"), attend(&["m1", "m2"], true), cast("m1", None)];
    assert_eq!(reason(&halted(&voting), cast("m2", None)), "SUSPENDED");
}

#[test]
fn a_halt_during_the_vote_makes_it_void_unless_all_have_voted() {
    let way = |ballots: &[&str]| {
        let mut way = due(Ballot::Secret);
        way.extend([table("s"), attend(&["m1", "m2"], true)]);
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
    assert_eq!(reason(&through::<Review>(way.clone()), cast("m1", None)), "NO_QUORUM");
    way.extend([
        attend(&["m1", "m2"], true),
        ReviewInput::Recuse {
            member: "m2".to_owned(),
        },
        cast("m1", None),
    ]);
    let voting = through::<Review>(way.clone());
    assert_eq!(reason(&voting, cast("m1", None)), "VOTED_ALREADY");
    assert_eq!(reason(&voting, cast("m2", None)), "RECUSED");
    assert_eq!(reason(&voting, cast("m3", None)), "MEMBER_ABSENT");
    assert_eq!(
        reason(
            &voting,
            ReviewInput::Recuse {
                member: "m1".to_owned()
            }
        ),
        "VOTED_ALREADY"
    );
    assert_eq!(reason(&voting, attend(&["m2"], true)), "VOTED_ALREADY");
    assert_eq!(reason(&voting, attend(&["m1"], false)), "NOT_QUORATE");
    let other = ReviewInput::BallotCast {
        session: "t".to_owned(),
        member: "m1".to_owned(),
        choice: None,
    };
    assert_eq!(reason(&voting, other), "VOTING_CLOSED");
    way.push(tally(1, 0));
    assert_eq!(reason(&through::<Review>(way), cast("m3", None)), "VOTING_CLOSED");
}

#[test]
fn a_secret_choice_cannot_enter_history() {
    let mut way = due(Ballot::Secret);
    way.extend([table("s"), attend(&["m1", "m2"], true)]);
    let voting = through::<Review>(way);
    for choice in [Choice::Yes, Choice::No, Choice::Blank] {
        assert_eq!(reason(&voting, cast("m1", Some(choice))), "INVALID_REQUEST");
    }
    let input = serde_json::to_string(&cast("m1", None)).unwrap();
    assert_eq!(input, r#"{"input":"ballot-cast","session":"s","member":"m1"}"#);
    let stepped = step(&voting, &on(cast("m1", None))).unwrap();
    assert_eq!(stepped.effects, []);
    assert_eq!(stepped.next.data.round.ballots, [("m1".to_owned(), None)].into());
}

#[test]
fn a_dossier_that_comes_back_is_voted_on_anew() {
    let mut way = due(Ballot::Secret);
    way.extend([
        table("s"),
        attend(&["m1", "m2"], true),
        cast("m1", None),
        ReviewInput::Leave,
    ]);
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
    way.extend([ReviewInput::Regain, table("t"), attend(&["m1", "m2"], true)]);
    assert_eq!(through::<Review>(way).state_name(), "voting");
}

#[test]
fn a_failed_vote_may_be_held_again_and_keeps_its_number() {
    let mut way = due(Ballot::Secret);
    way.extend([
        table("s"),
        attend(&["m1", "m2"], true),
        cast("m1", None),
        tally(1, 0),
        ReviewInput::Conclude,
    ]);
    let failed = through::<Review>(way.clone());
    assert_eq!((failed.state_name().as_str(), failed.data.round.number), ("failed", 0));
    way.push(table("t"));
    let again = through::<Review>(way);
    assert_eq!((again.state_name().as_str(), again.data.round.number), ("tabled", 1));
    assert_eq!(again.data.round.counts, None);
}

#[test]
fn votes_are_counted_as_the_rule_says() {
    // (threshold, more than half, denominator, members, attending, yes, no) → (base, passed)
    let cases = [
        ((90, false, Denominator::AllMembers, 10, 8, 8, 0), (10, false)),
        ((90, false, Denominator::AllMembers, 10, 9, 9, 0), (10, true)),
        ((90, false, Denominator::AllMembers, 11, 11, 10, 1), (11, true)),
        ((90, false, Denominator::AllMembers, 11, 11, 9, 2), (11, false)),
        ((80, false, Denominator::AllMembers, 9, 8, 8, 0), (9, true)),
        ((80, false, Denominator::AllMembers, 9, 8, 7, 1), (9, false)),
        ((0, true, Denominator::AllMembers, 7, 6, 4, 2), (7, true)),
        ((0, true, Denominator::AllMembers, 8, 8, 4, 4), (8, false)),
        ((80, false, Denominator::Present, 10, 5, 4, 1), (5, true)),
        ((80, false, Denominator::Present, 10, 5, 3, 2), (5, false)),
    ];
    for (case, expected) in cases {
        let (threshold_percent, more_than_half, denominator, members, attending, yes, no) = case;
        for ballot in [Ballot::Secret, Ballot::Open] {
            let rule = CouncilRule {
                threshold_percent,
                more_than_half,
                denominator,
                ..rule(ballot)
            };
            let voters: Vec<String> = (1..=attending).map(|n| format!("m{n}")).collect();
            let mut way = due(ballot);
            way.extend([ReviewInput::Due { rule }, table("s")]);
            way.push(ReviewInput::Attend {
                members,
                attending: voters.iter().cloned().collect(),
                quorate: true,
            });
            for (at, member) in voters.iter().take((yes + no) as usize).enumerate() {
                let choice = if (at as u32) < yes { Choice::Yes } else { Choice::No };
                way.push(cast(member, (ballot == Ballot::Open).then_some(choice)));
            }
            way.push(if ballot == Ballot::Open {
                tally(0, 0)
            } else {
                tally(yes, no)
            });
            let counts = through::<Review>(way).data.round.counts.expect("counted");
            assert_eq!((counts.yes, counts.no, counts.blank), (yes, no, 0), "{case:?}");
            assert_eq!((counts.base, counts.passed), expected, "{case:?}");
        }
    }
}

#[test]
fn a_written_opinion_is_a_vote_and_no_presence() {
    let people = |range: std::ops::RangeInclusive<u32>| range.map(|n| format!("m{n}")).collect::<Vec<_>>();
    let convene = |quorum| SessionInput::Convene {
        standing: Vec::new(),
        council: COUNCIL.to_owned(),
        members: people(1..=9),
        agenda: vec![Item::new("d", COUNCIL)],
        quorum,
    };
    let attend = |present, writing| SessionInput::Attend {
        present: people(1..=present),
        writing,
    };
    assert_eq!(rule(Ballot::Secret).quorum_of(9), 6);
    assert_eq!(
        through::<Session>([convene(6), attend(6, people(7..=8))]).state_name(),
        "quorate"
    );
    assert_eq!(
        through::<Session>([convene(6), attend(5, people(6..=9))]).state_name(),
        "convened"
    );
}
