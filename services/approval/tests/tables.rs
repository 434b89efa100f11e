//! The probed tables of approval's machines: what every state does with every input. A changed line is a changed rule.

use approval::machine::{
    Course, Deadline, Decided, Decision, DecisionInput, Input, Letter, LetterInput, Opening, Paper,
};
use law::{Ballot, CouncilRule, Denominator, Fraction, Level, Procedure, PublicationRule, Route, Station};
use machine::{Actor, Explored, Machine, Stimulus, Timestamp, explore};
use time::{Date, macros::date};

fn council(agency: &str) -> Option<CouncilRule> {
    Some(CouncilRule {
        agency: agency.to_owned(),
        threshold_percent: 0,
        more_than_half: true,
        denominator: Denominator::AllMembers,
        quorum: Fraction { num: 2, den: 3 },
        ballot: Ballot::Open,
        article: None,
        confirmed: false,
    })
}

fn station(level: Level, agency: &str) -> Station {
    Station {
        level,
        appraiser: agency.to_owned(),
        signer: Some(agency.to_owned()),
        decider: None,
        council: council(agency),
        publication: None,
    }
}

/// Department, province with publication, state with another signer and decider.
fn route(procedure: Procedure) -> Route {
    let publication = Some(PublicationRule {
        days: 10,
        article: None,
        confirmed: true,
    });
    Route {
        rule_set: "decree-152-2025".to_owned(),
        procedure,
        stations: vec![
            station(Level::Department, "so-noi-vu-hung-yen"),
            Station {
                publication,
                ..station(Level::MinistryOrProvince, "tinh-hung-yen")
            },
            Station {
                appraiser: "ban-td-kt-trung-uong".to_owned(),
                signer: Some("thu-tuong-chinh-phu".to_owned()),
                decider: Some("chu-tich-nuoc".to_owned()),
                council: None,
                ..station(Level::State, "")
            },
        ],
        deciding_agency: "chu-tich-nuoc".to_owned(),
    }
}

fn opening(procedure: Procedure) -> Input {
    Input::Open(Box::new(Opening {
        dossier: "d".to_owned(),
        round: 1,
        award: "huan-chuong-lao-dong-hang-ba".to_owned(),
        basis: "merit".to_owned(),
        candidate_kind: "individual".to_owned(),
        candidate_name: "N.V.A.".to_owned(),
        candidate_person: String::new(),
        candidate_agency: "so-noi-vu-hung-yen".to_owned(),
        submitting_agency: "so-noi-vu-hung-yen".to_owned(),
        verdict: "eligible".to_owned(),
        letter: "12/TTr-SNV".to_owned(),
        route: route(procedure),
    }))
}

fn on<I>(input: I) -> Stimulus<I> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(1),
    }
}

const DAY: Date = date!(2025 - 10 - 01);

fn inputs(procedure: Procedure) -> Vec<Stimulus<Input>> {
    let limit = Deadline {
        day: DAY,
        over: Timestamp(10),
    };
    let deadline = Some(limit);
    let decided = |number: &str| Decided {
        number: number.to_owned(),
        on: DAY,
        bonus_vnd: 1,
        reason: String::new(),
    };
    let text = String::new;
    [
        opening(procedure),
        Input::Receive { deadline },
        Input::Return {
            reason: text(),
            due: limit,
            left: Some(3),
        },
        Input::Resubmit {
            verdict: "eligible".to_owned(),
            deadline,
        },
        Input::Appraise {
            meets: true,
            text: text(),
        },
        Input::Appraise {
            meets: false,
            text: text(),
        },
        Input::Publish { days: 5, until: limit },
        Input::Publish { days: 10, until: limit },
        Input::Comment {
            text: text(),
            signed: true,
        },
        Input::Tabled,
        Input::Concluded { passed: true },
        Input::Concluded { passed: false },
        Input::Sign {
            letter: "1/TTr".to_owned(),
        },
        Input::Decide {
            award: true,
            power: true,
            decided: decided("1/QĐ"),
        },
        Input::Decide {
            award: true,
            power: false,
            decided: decided("1/QĐ"),
        },
        Input::Decide {
            award: true,
            power: true,
            decided: decided(""),
        },
        Input::Decide {
            award: false,
            power: true,
            decided: decided(""),
        },
        Input::Suspend {
            because: text(),
            left: Some(3),
        },
        Input::Resume { deadline },
        Input::Withdraw { reason: text() },
        Input::Recall,
        Input::Present { occasion: text() },
        Input::PublicationOver,
        Input::LimitOver,
    ]
    .map(on)
    .into()
}

fn course(procedure: Procedure) -> Explored {
    explore::<Course>(&inputs(procedure), 3_000)
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
        assert_eq!(found.unowned, [], "a state without owner and timer");
        assert!(
            found.dead_ends.is_empty(),
            "no end is reached from {:?}",
            found.dead_ends
        );
    }
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
