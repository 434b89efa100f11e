//! The probed table of a dossier's machine. A changed line is a changed rule.

use intake::machine::{Dossier, Head, Input, Judged, Told};
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
    explore::<Dossier>(&inputs(), 200)
}

#[test]
fn the_table_is_as_reviewed() {
    insta::assert_snapshot!(dossier().text());
}

#[test]
fn the_diagram_is_as_reviewed() {
    insta::assert_snapshot!(dossier().mermaid());
}

#[test]
fn no_dossier_can_be_forgotten_and_each_can_still_end() {
    let found = dossier();
    assert_eq!(found.unowned, []);
    assert!(found.dead_ends.is_empty(), "{:?}", found.dead_ends);
}
