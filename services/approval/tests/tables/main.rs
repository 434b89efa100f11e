//! The probed tables of approval's machines: what every state does with every input. A changed line is a changed rule.

mod samples;

use approval::machine::{
    Amendment, AmendmentKind, Bulk, BulkAct, BulkInput, CalendarInput, Course, Decision, DecisionInput, Input, Letter,
    LetterInput, OfficeCalendar, Owner, Paper, PaperAward, PaperAwardInput, Recorded, State, Stopped,
};
use law::{DayException, Procedure};
use machine::{Digest, Effect, Explored, Machine as _, Snapshot, digest, explore, explore_by, step};
use samples::{DAY, inputs, on, opening, recount, sent_back, until};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;
use time::macros::date;

/// What the guards of a course read. Texts, days, sums and the number of comments lead nowhere else, and would make ever
/// new snapshots.
fn what_matters(at: &Snapshot<Course>) -> Digest {
    let course = &at.data;
    let set = [
        course.opening.is_some(),
        course.limit.is_some(),
        course.sent.is_some(),
        course.supplement.is_some(),
        course.publication.is_some(),
        course.late.is_some(),
        course.assigned.is_some(),
        !course.lowered.is_empty(),
        !course.moves.is_empty(),
        course.reminded.is_some(),
    ];
    let asked: BTreeSet<_> = course
        .consultations
        .iter()
        .map(|one| (&one.agency, one.is_open()))
        .collect();
    let amended: BTreeSet<_> = course.amendments.iter().map(|one| &one.number).collect();
    let way = (&at.state, course.station, course.appraised, course.council);
    digest(&(way, set, asked, amended, &course.appraised_by))
}

/// Explored once for all tests, to its end.
fn course(procedure: Procedure) -> &'static Explored {
    static ORDINARY: LazyLock<Explored> = LazyLock::new(|| to_its_end(Procedure::Ordinary));
    static SIMPLIFIED: LazyLock<Explored> = LazyLock::new(|| to_its_end(Procedure::Simplified));
    match procedure {
        Procedure::Ordinary => &ORDINARY,
        Procedure::Simplified => &SIMPLIFIED,
    }
}

fn to_its_end(procedure: Procedure) -> Explored {
    explore_by::<Course>(&inputs(procedure), 20_000, what_matters)
}

#[test]
fn the_table_of_a_course_is_as_reviewed() {
    insta::assert_snapshot!(course(Procedure::Ordinary).text());
}

#[test]
fn the_simplified_procedure_skips_publication_and_council_never_appraisal() {
    let found = course(Procedure::Simplified);
    assert!(
        !found
            .table
            .keys()
            .any(|(state, _)| state == "publishing" || state == "in-council")
    );
    assert!(found.table.keys().any(|(state, _)| state == "appraising"));
    insta::assert_snapshot!(found.mermaid());
}

#[test]
fn the_diagram_of_a_course_is_as_reviewed() {
    insta::assert_snapshot!(course(Procedure::Ordinary).mermaid());
}

#[test]
fn no_dossier_can_be_forgotten_and_each_can_still_end() {
    for procedure in [Procedure::Ordinary, Procedure::Simplified] {
        let found = course(procedure);
        assert!(
            !found.bounded,
            "more than {} snapshots: not all were looked at",
            found.reached
        );
        assert_eq!(found.unowned, [], "a state without owner and timer");
        assert_eq!(
            found.stuck,
            Vec::<Vec<String>>::new(),
            "no way leads from here to an end"
        );
        assert!(
            found.dead_ends.is_empty(),
            "no end is reached from {:?}",
            found.dead_ends
        );
    }
}

#[test]
fn what_counts_as_the_same_is_answered_the_same() {
    let samples = inputs(Procedure::Ordinary);
    let mut answers = BTreeMap::new();
    let (mut seen, mut looked_at) = (BTreeSet::new(), 0);
    let mut queue = VecDeque::from([Snapshot::<Course>::default()]);
    // Enough to meet what differs in texts and counters only, many times.
    while let Some(at) = queue.pop_front().filter(|_| looked_at < 1_000) {
        looked_at += 1;
        let mut answer = Vec::new();
        for sample in &samples {
            answer.push(match step(&at, sample) {
                Err(refusal) => Err(refusal.reason),
                Ok(stepped) => {
                    let leads_to = what_matters(&stepped.next);
                    if seen.insert(digest(&stepped.next)) {
                        queue.push_back(stepped.next);
                    }
                    Ok(leads_to)
                }
            });
        }
        let state = at.state.clone();
        let before = answers.entry(what_matters(&at)).or_insert_with(|| answer.clone());
        assert_eq!(*before, answer, "{state:?}");
    }
    assert!(
        answers.len() < looked_at / 2,
        "{} of {looked_at} differ: too few were met twice",
        answers.len()
    );
}

#[test]
fn every_reason_is_in_the_table_of_reasons() {
    let found = course(Procedure::Ordinary);
    for reason in found.table.values().flat_map(|cell| &cell.refused) {
        assert!(host::Reason::is_known(reason), "{reason}");
    }
}

#[test]
fn a_number_is_claimed_once() {
    let paper = || Paper {
        agency: "a".to_owned(),
        year: 2025,
        number: "1".to_owned(),
        dossiers: vec![],
    };
    let letter = explore::<Letter>(&[on(LetterInput::Sign { paper: paper() })], 10);
    let decision = explore::<Decision>(&[on(DecisionInput::Issue { paper: paper() })], 10);
    insta::assert_snapshot!(format!("{}\n{}", letter.text(), decision.text()));
    assert_eq!(Letter::NAME, "approval.letter");
}

#[test]
fn the_table_of_a_bulk_act_is_as_reviewed() {
    let owner = |role: &str| Owner {
        subject: "p".to_owned(),
        role: role.to_owned(),
        agency: "tinh-hung-yen".to_owned(),
        person: None,
    };
    let paper = Paper {
        agency: "tinh-hung-yen".to_owned(),
        year: 2025,
        number: "1/TTr".to_owned(),
        dossiers: vec![],
    };
    let slice = |from, dossiers| BulkInput::Slice {
        from,
        dossiers,
        refused: 1,
    };
    let inputs = [
        BulkInput::Start {
            act: BulkAct {
                name: "sign".to_owned(),
                request: String::new(),
            },
            owner: owner("leader"),
            paper: Some(paper),
            total: 3,
        },
        slice(0, 2),
        slice(2, 1),
        BulkInput::Pause,
        BulkInput::Resume { owner: owner("leader") },
        BulkInput::Stop,
    ];
    let found = explore::<Bulk>(&inputs.map(on), 100);
    assert!(!found.bounded, "{}", found.reached);
    assert_eq!(found.unowned, []);
    assert_eq!(found.stuck, Vec::<Vec<String>>::new());
    assert!(found.dead_ends.is_empty(), "{:?}", found.dead_ends);
    insta::assert_snapshot!(found.text());
}

#[test]
fn the_table_of_a_paper_award_is_as_reviewed() {
    let recorded = Recorded {
        entry: "e".to_owned(),
        award: "bang-khen-bo-ban-nganh-tinh".to_owned(),
        holder: "N.V.A.".to_owned(),
        holder_kind: "individual".to_owned(),
        person: String::new(),
        candidate_agency: String::new(),
        deciding_agency: "tinh-hung-yen".to_owned(),
        decision_number: "1/QĐ".to_owned(),
        decided_on: DAY,
        year: 2019,
        source: "sổ".to_owned(),
    };
    let amend = |kind| PaperAwardInput::Amend {
        amendment: Amendment {
            kind,
            number: format!("{}/QĐ", kind.as_str()),
            on: DAY,
            ground: "g".to_owned(),
            agency: "tinh-hung-yen".to_owned(),
        },
        corrected: None,
    };
    let inputs = [
        PaperAwardInput::Record { recorded },
        amend(AmendmentKind::Correct),
        amend(AmendmentKind::Revoke),
        amend(AmendmentKind::Restore),
    ];
    // Amendments pile up, so there is no last state: a hundred tell enough.
    let found = explore::<PaperAward>(&inputs.map(on), 100);
    assert_eq!(found.unowned, []);
    insta::assert_snapshot!(found.text());
}

#[test]
fn the_table_of_the_calendar_is_as_reviewed() {
    let day = |working| DayException {
        agency: Some("tinh-hung-yen".to_owned()),
        day: DAY,
        working,
        reason: String::new(),
        document: String::new(),
    };
    let inputs = [
        CalendarInput::Years { digest: "a".to_owned() },
        CalendarInput::Years { digest: "b".to_owned() },
        CalendarInput::Set { exception: day(false) },
        CalendarInput::Withdraw {
            agency: Some("tinh-hung-yen".to_owned()),
            day: DAY,
            reason: String::new(),
            document: String::new(),
        },
        CalendarInput::Counted {
            last: Some("d".to_owned()),
        },
        CalendarInput::Counted { last: None },
    ];
    // Changes pile up until they are counted, so there is no last state: two hundred tell enough.
    let found = explore::<OfficeCalendar>(&inputs.map(on), 200);
    assert_eq!(found.unowned, []);
    insta::assert_snapshot!(found.text());
}

/// Every input taken, one after the other.
fn after(inputs: impl IntoIterator<Item = Input>) -> (Snapshot<Course>, Vec<Effect<proto::approval::v1::Event>>) {
    let (mut at, mut effects) = (Snapshot::<Course>::default(), Vec::new());
    for input in inputs {
        let stepped = step(&at, &on(input)).expect("the course takes it");
        (at, effects) = (stepped.next, stepped.effects);
    }
    (at, effects)
}

#[test]
fn a_changed_calendar_moves_what_runs_with_its_timer_and_nothing_else() {
    let received = || {
        let deadline = Some(until(DAY, 10));
        vec![opening(Procedure::Ordinary), Input::Receive { deadline }]
    };
    let next = until(date!(2025 - 10 - 02), 11);
    let (at, effects) = after(received().into_iter().chain([recount(&next)]));
    assert_eq!(at.data.limit.map(|limit| limit.day), Some(date!(2025 - 10 - 02)));
    // There is neither a supplement nor a publication, and the calendar makes none.
    assert_eq!((at.data.supplement, at.data.publication), (None, None));
    assert_eq!(effects.len(), 3, "{effects:?}");
    assert!(
        effects
            .iter()
            .any(|one| matches!(one, Effect::SetTimer { name, due } if name == "limit" && due.0 == 11))
    );

    // While the clock stands what was left stays; the supplement's runs.
    let returned = Input::Return {
        back: sent_back(),
        due: until(DAY, 10),
        stopped: Some(Stopped {
            deadline: until(DAY, 10),
            on: date!(2025 - 09 - 26),
            left: 3,
        }),
    };
    let (at, _) = after(received().into_iter().chain([returned, recount(&next)]));
    assert!(matches!(at.state, State::Returned { .. }));
    assert_eq!(at.data.stopped.map(|stopped| stopped.left), Some(3));
    assert_eq!(at.data.supplement.map(|due| due.day), Some(date!(2025 - 10 - 02)));
    assert_eq!(at.data.limit, None);
}

#[test]
fn a_letter_that_is_recalled_has_stopped_no_clock() {
    let sign = || Input::Sign {
        letter: "1/TTr".to_owned(),
    };
    let appraise = Input::Appraise {
        meets: true,
        text: String::new(),
    };
    let passed = Input::Concluded { passed: true };
    let deadline = Some(until(DAY, 10));
    let way = [
        opening(Procedure::Ordinary),
        Input::Receive { deadline },
        appraise,
        passed,
        sign(),
    ];
    let (at, _) = after(way.clone());
    assert_eq!((at.state, at.data.limit), (State::Receiving, None));
    let (at, effects) = after(way.into_iter().chain([Input::Recall]));
    assert_eq!((at.state, at.data.limit), (State::Signing, Some(until(DAY, 10))));
    assert!(
        effects
            .iter()
            .any(|one| matches!(one, Effect::SetTimer { name, due } if name == "limit" && due.0 == 10))
    );
}
