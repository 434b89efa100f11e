//! The probed tables of council's machines: what every state does with every input. A changed line is a changed rule.

use std::collections::BTreeSet;

use council::machine::{
    Agenda, AgendaInput, Call, Charter, Choice, Council, CouncilInput, CouncilSeat, Docket, DocketInput, Function,
    Ground, Holder, Invitation, Item, Kind, Line, Member, Opening, Recused, Regulation, Review, ReviewInput, Session,
    SessionInput, Standing, Terms,
};
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
        award: "a".to_owned(),
        candidate_agency: String::new(),
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

fn cast(member: &str, choice: Option<Choice>) -> ReviewInput {
    standing(member, Standing::Votes, choice)
}

fn standing(member: &str, standing: Standing, choice: Option<Choice>) -> ReviewInput {
    ReviewInput::BallotCast {
        session: "s".to_owned(),
        member: member.to_owned(),
        standing,
        choice,
    }
}

fn terms(ballot: Ballot) -> Terms {
    Terms::of(&rule(ballot), None)
}

fn table(session: &str) -> ReviewInput {
    table_by(session, terms(Ballot::Secret))
}

fn table_by(session: &str, terms: Terms) -> ReviewInput {
    ReviewInput::Table {
        session: session.to_owned(),
        meeting: COUNCIL.to_owned(),
        terms,
        recused: [].into(),
    }
}

fn recuse(member: &str) -> ReviewInput {
    ReviewInput::Recuse {
        member: member.to_owned(),
        ground: Ground::Kin,
    }
}

fn due_input(ballot: Ballot) -> ReviewInput {
    ReviewInput::Due {
        award: String::new(),
        rule: rule(ballot),
    }
}

/// Two members, both there.
fn tally(yes: u32, no: u32) -> ReviewInput {
    ReviewInput::Tally {
        members: 2,
        attending: members(&["m1", "m2"]),
        quorate: true,
        yes,
        no,
        blank: 0,
    }
}

/// Nobody came.
fn no_quorum() -> ReviewInput {
    ReviewInput::Tally {
        members: 2,
        attending: members(&[]),
        quorate: false,
        yes: 0,
        no: 0,
        blank: 0,
    }
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
        due_input(ballot),
        ReviewInput::Suspend,
        ReviewInput::Resume { here: false },
        ReviewInput::End,
        table_by("s", terms(ballot)),
        ReviewInput::Release,
        recuse("m2"),
        cast("m1", choice(Choice::Yes)),
        cast("m2", choice(Choice::No)),
        standing("m3", Standing::Absent, choice(Choice::Blank)),
        standing("m2", Standing::NoQuorum, choice(Choice::Yes)),
        standing("m2", Standing::Adjourned, choice(Choice::Yes)),
        standing("m4", Standing::Outsider, choice(Choice::Yes)),
        cast("m1", (ballot == Ballot::Secret).then_some(Choice::Yes)),
        tally(2, 0),
        tally(0, 2),
        no_quorum(),
        ReviewInput::Conclude,
    ];
    explore::<Review>(&samples.map(on), 1_500)
}

fn people(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn on_council(subject: &str, function: Function) -> Member {
    Member {
        subject: subject.to_owned(),
        function,
        ..Member::default()
    }
}

/// m1 presides, m2 in their place.
fn call(constituted: bool) -> Call {
    Call {
        council: COUNCIL.to_owned(),
        constituted,
        roster: vec![
            on_council("m1", Function::Chair),
            on_council("m2", Function::ViceChair),
            on_council("m3", Function::Member),
            on_council("t1", Function::Secretary),
        ],
        ..Call::default()
    }
}

fn convene(called: Call, quorum: u32) -> SessionInput {
    SessionInput::Convene {
        called,
        items: 90,
        quorum,
    }
}

fn attend(present: &[&str], writing: &[&str]) -> SessionInput {
    SessionInput::Attend {
        present: people(present),
        writing: people(writing),
    }
}

fn adjourn() -> SessionInput {
    SessionInput::Adjourn {
        until: time::macros::date!(2025 - 09 - 16),
        not_before: Timestamp(2),
        reason: String::new(),
    }
}

fn minute(digest: &str) -> SessionInput {
    SessionInput::Minute {
        digest: digest.to_owned(),
    }
}

fn sign(digest: &str) -> SessionInput {
    SessionInput::Sign {
        digest: digest.to_owned(),
    }
}

/// The same input by someone, at some time.
fn by<I>(id: &str, at: i64, input: I) -> Stimulus<I> {
    Stimulus {
        by: Actor {
            id: id.to_owned(),
            ..Actor::default()
        },
        at: Timestamp(at),
        input,
    }
}

fn session() -> Explored {
    let samples = [
        on(convene(call(true), 2)),
        on(SessionInput::Invite(Invitation {
            meets_at: Timestamp(1),
            place: String::new(),
            text: String::new(),
        })),
        on(attend(&["m1", "m2"], &["m3"])),
        on(attend(&["m1"], &["m2", "m3"])),
        on(attend(&["m3"], &[])),
        by("", 3, attend(&["m2", "m3"], &[])),
        on(SessionInput::Voted {
            member: "m1".to_owned(),
        }),
        on(SessionInput::Add { items: 0, quorum: 2 }),
        on(adjourn()),
        on(SessionInput::Cancel { reason: String::new() }),
        on(SessionInput::Close),
        on(SessionInput::PageDone),
        by("t1", 1, minute("d")),
        by("m1", 1, sign("d")),
        by("m2", 1, sign("d")),
        by("m1", 1, sign("other")),
    ];
    explore::<Session>(&samples, 2_500)
}

fn agenda() -> Explored {
    let line = Line {
        item: Item::new("d", COUNCIL),
        award: "a".to_owned(),
        candidate: String::new(),
        result: None,
    };
    let samples = [
        AgendaInput::Add {
            lines: vec![line.clone()],
        },
        AgendaInput::Add { lines: vec![line; 50] },
        AgendaInput::Count { results: vec![None] },
    ];
    explore::<Agenda>(&samples.map(on), 50)
}

fn charter(from: time::Date) -> Charter {
    let seat = |subject: &str, function| CouncilSeat {
        function,
        holders: vec![Holder {
            subject: subject.to_owned(),
            ..Holder::default()
        }],
        ..CouncilSeat::default()
    };
    Charter {
        from,
        to: None,
        document: String::new(),
        seats: vec![
            seat("t1", Function::Secretary),
            seat("m2", Function::Member),
            seat("m1", Function::Chair),
        ],
        standing_body: String::new(),
        regulation: None,
    }
}

fn constitution() -> Explored {
    let set = |from| CouncilInput::Set {
        agency: COUNCIL.to_owned(),
        kind: Kind::Commendation,
        charter: charter(from),
    };
    let dissolve = CouncilInput::Dissolve {
        on: time::macros::date!(2026 - 01 - 01),
        document: String::new(),
    };
    let samples = [
        set(time::macros::date!(2025 - 01 - 01)),
        set(time::macros::date!(2026 - 07 - 01)),
        dissolve,
    ];
    explore::<Council>(&samples.map(on), 100)
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
fn the_table_of_a_council_is_as_reviewed() {
    insta::assert_snapshot!(constitution().text());
}

#[test]
fn the_table_of_an_agenda_is_as_reviewed() {
    insta::assert_snapshot!(agenda().text());
}

#[test]
fn nothing_can_be_forgotten_and_every_refusal_has_a_text() {
    for explored in [
        review(Ballot::Secret),
        review(Ballot::Open),
        session(),
        docket(),
        agenda(),
        constitution(),
    ] {
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
    vec![opening(ballot, true), ReviewInput::Receive, due_input(ballot)]
}

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
            way.push(table_by("s", Terms::of(&rule, None)));
            for (at, member) in voters.iter().take((yes + no) as usize).enumerate() {
                let choice = if (at as u32) < yes { Choice::Yes } else { Choice::No };
                way.push(cast(member, (ballot == Ballot::Open).then_some(choice)));
            }
            let [yes_boxed, no_boxed] = if ballot == Ballot::Open { [0, 0] } else { [yes, no] };
            way.push(ReviewInput::Tally {
                members,
                attending: voters.iter().cloned().collect(),
                quorate: true,
                yes: yes_boxed,
                no: no_boxed,
                blank: 0,
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
    let nine = Call {
        roster: people(1..=9)
            .iter()
            .map(|subject| on_council(subject, Function::Member))
            .collect(),
        ..Call::default()
    };
    let attend = |present, writing| SessionInput::Attend {
        present: people(1..=present),
        writing,
    };
    assert_eq!(terms(Ballot::Secret).quorum_of(9), 6);
    assert_eq!(
        through::<Session>([convene(nine.clone(), 6), attend(6, people(7..=8))]).state_name(),
        "quorate"
    );
    assert_eq!(
        through::<Session>([convene(nine, 6), attend(5, people(6..=9))]).state_name(),
        "convened"
    );
}

#[test]
fn a_vice_chair_presides_when_the_chair_is_absent_and_nobody_else() {
    let called = through::<Session>([convene(call(true), 1)]);
    let presides = |present: &[&str]| called.data.presiding(&people(present)).map(ToOwned::to_owned);
    assert_eq!(presides(&["m3", "m2", "m1"]).as_deref(), Some("m1"));
    assert_eq!(presides(&["m3", "m2"]).as_deref(), Some("m2"));
    assert_eq!(presides(&["m3"]), None);
    assert_eq!(reason(&called, attend(&["m3"], &[])), "NOBODY_PRESIDES");
    let named = Call {
        regulation: Some(Regulation {
            stand_in: Some("m3".to_owned()),
            ..Regulation::default()
        }),
        ..call(true)
    };
    let stands_in = through::<Session>([convene(named, 1), attend(&["m3"], &[])]);
    assert_eq!(
        (stands_in.state_name().as_str(), stands_in.data.chair()),
        ("quorate", "m3")
    );
    let given = through::<Session>([convene(call(false), 1), attend(&["m3"], &[])]);
    assert_eq!(given.data.chair(), "m3");
}

#[test]
fn who_has_voted_stays_and_so_does_the_quorum() {
    let voted = SessionInput::Voted {
        member: "m2".to_owned(),
    };
    let at = through::<Session>([convene(call(true), 2), attend(&["m1", "m2"], &[]), voted]);
    assert_eq!(reason(&at, attend(&["m1", "m3"], &[])), "VOTED_ALREADY");
    assert_eq!(reason(&at, attend(&["m2"], &[])), "NOT_QUORATE");
    assert_eq!(
        reason(&at, SessionInput::Cancel { reason: String::new() }),
        "VOTED_ALREADY"
    );
    assert_eq!(reason(&at, SessionInput::Add { items: 1, quorum: 3 }), "NOT_QUORATE");
}

#[test]
fn an_adjourned_session_goes_on_that_day_and_not_before() {
    let voted = SessionInput::Voted {
        member: "m2".to_owned(),
    };
    let away = through::<Session>([convene(call(true), 2), attend(&["m1", "m2"], &["m3"]), voted, adjourn()]);
    assert_eq!(away.state_name(), "adjourned");
    assert_eq!(away.data.standing(&away.state, "m2"), Standing::Adjourned);
    assert_eq!(reason(&away, attend(&["m2", "m3"], &[])), "SESSION_ADJOURNED");
    assert_eq!(reason(&away, SessionInput::Close), "SESSION_ADJOURNED");
    assert_eq!(
        reason(&away, SessionInput::Cancel { reason: String::new() }),
        "VOTED_ALREADY"
    );
    // Who voted on the first day need not come on the second.
    let on_day_two = by("", 3, attend(&["m1", "m3"], &[]));
    let again = step(&away, &on_day_two).expect("it goes on").next;
    assert_eq!(again.state_name(), "quorate");
    assert_eq!(again.data.attending_since(Timestamp(0)).len(), 3);
    assert_eq!(again.data.attending_since(Timestamp(2)).len(), 2);
}

#[test]
fn the_minutes_of_a_constituted_council_take_two_signatures() {
    let closed = [
        convene(call(true), 2),
        attend(&["m2", "m3"], &[]),
        SessionInput::Close,
        SessionInput::PageDone,
        SessionInput::PageDone,
    ];
    let closed = through::<Session>(closed);
    assert_eq!(closed.state_name(), "closed");
    let drafted = step(&closed, &by("t1", 1, minute("d"))).expect("drafted").next;
    let refused = |by: Stimulus<SessionInput>| step(&drafted, &by).expect_err("refused").reason;
    assert_eq!(refused(by("m1", 1, sign("d"))), "NOT_THE_CHAIR");
    assert_eq!(refused(by("m2", 1, sign("old"))), "MINUTES_CHANGED");
    let signed = step(&drafted, &by("m2", 1, sign("d"))).expect("signed").next;
    assert_eq!(signed.state_name(), "concluding");
    let who: Vec<_> = signed
        .data
        .signatures
        .iter()
        .map(|one| (one.subject.as_str(), one.attested))
        .collect();
    assert_eq!(who, [("t1", false), ("m2", false)]);
}

#[test]
fn a_council_sits_by_date() {
    let day = |year| time::Date::from_calendar_date(year, time::Month::June, 1).expect("a day");
    let set = |charter| CouncilInput::Set {
        agency: COUNCIL.to_owned(),
        kind: Kind::Commendation,
        charter,
    };
    let holder = |subject: &str, from, to| Holder {
        subject: subject.to_owned(),
        from,
        to,
        ..Holder::default()
    };
    let mut first = charter(day(2020));
    first.seats[2].holders = vec![
        holder("old", None, Some(day(2022))),
        holder("new", Some(day(2022)), None),
    ];
    let end = CouncilInput::Dissolve {
        on: day(2027),
        document: String::new(),
    };
    let council = through::<Council>([set(charter(day(2025))), set(first), end]).data;
    let sits = |year| -> Option<Vec<String>> {
        let roster = council.charter_on(day(year))?.roster_on(day(year));
        Some(roster.into_iter().map(|member| member.subject).collect())
    };
    assert_eq!(sits(2019), None);
    assert_eq!(sits(2021), Some(people(&["old", "m2", "t1"])));
    assert_eq!(sits(2023), Some(people(&["new", "m2", "t1"])));
    assert_eq!(sits(2026), Some(people(&["m1", "m2", "t1"])));
    assert_eq!(sits(2027), None);
}
