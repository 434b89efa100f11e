//! The probed tables of council's machines: what every state does with every input. A changed line is a changed rule.

mod reviews;
mod sessions;

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
