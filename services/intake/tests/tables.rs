//! The probed tables of intake's machines. A changed line is a changed rule.

use intake::machine::{Base, BaseInput, Declaration, Dossier, Head, Input, Judged, Occasion, Questioned, Told};
use machine::{Actor, Explored, Stimulus, Timestamp, explore};

fn inputs() -> Vec<Stimulus<Input>> {
    let head = || Head {
        submitting_agency: "so".to_owned(),
        reference: "1".to_owned(),
        ..Head::default()
    };
    let judged = || Judged {
        verdict: "eligible".to_owned(),
        ..Judged::default()
    };
    let text = || "{}".to_owned();
    let mut all = vec![
        Input::Draft {
            id: "d".to_owned(),
            content: text(),
            head: head(),
            judged: judged(),
        },
        Input::Submit {
            content: text(),
            head: head(),
            judged: judged(),
            route: text(),
            deciding_agency: "tinh".to_owned(),
            way: vec![],
        },
        Input::Supplement {
            content: text(),
            judged: judged(),
            documents: vec![],
        },
        Input::Choose {
            rule_set: "later".to_owned(),
            instead_of: "earlier".to_owned(),
            reason: "r".to_owned(),
            judged: judged(),
        },
        Input::Receive {
            on: "2025-09-15".to_owned(),
            judged: Some(Judged {
                occasion: Occasion::Receipt,
                ..judged()
            }),
        },
        Input::Lower {
            award: "lower".to_owned(),
            content: text(),
            judged: None,
        },
        Input::Ask {
            agencies: vec!["bo".to_owned()],
            asked: true,
        },
        Input::Ask {
            agencies: vec!["bo".to_owned()],
            asked: false,
        },
        Input::Moved {
            to: "so-moi".to_owned(),
        },
        Input::Question {
            questioned: Questioned {
                given_on: "earlier".to_owned(),
                ..Questioned::default()
            },
        },
        Input::Restored {
            given_on: "earlier".to_owned(),
        },
        Input::Discard,
    ];
    let told = [
        Told::Opened,
        Told::Returned,
        Told::Suspended,
        Told::Resumed,
        Told::ResumedReturned,
        Told::Recalled,
        Told::Withdrawn,
        Told::Awarded,
        Told::Refused,
        Told::Revoked,
        Told::Restored,
    ];
    all.extend(told.map(|told| Input::Follow { told }));
    all.into_iter()
        .map(|input| Stimulus {
            input,
            by: Actor::default(),
            at: Timestamp(1),
        })
        .collect()
}

fn dossier() -> Explored {
    explore::<Dossier>(&inputs(), 2_000)
}

fn base() -> Explored {
    let declaration = Declaration {
        agency: "so".to_owned(),
        count: 7,
        ..Declaration::default()
    };
    let declare = Stimulus {
        input: BaseInput::Declare { declaration },
        by: Actor::default(),
        at: Timestamp(1),
    };
    explore::<Base>(&[declare], 10)
}

#[test]
fn the_table_is_as_reviewed() {
    insta::assert_snapshot!(dossier().text());
}

#[test]
fn the_table_of_a_base_is_as_reviewed() {
    insta::assert_snapshot!(base().text());
}

#[test]
fn the_diagram_is_as_reviewed() {
    insta::assert_snapshot!(dossier().mermaid());
}

#[test]
fn no_dossier_can_be_forgotten_and_each_can_still_end() {
    for found in [dossier(), base()] {
        assert_eq!(found.unowned, []);
        assert!(found.dead_ends.is_empty(), "{:?}", found.dead_ends);
    }
}
