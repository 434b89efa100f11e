use host::Reason;
use law::Level;
use machine::{Actor, Explored, Timestamp, explore};
use time::macros::date;

use super::*;

fn agency() -> Agency {
    Agency {
        code: "so-noi-vu-hung-yen".to_owned(),
        name: "Sở Nội vụ tỉnh Hưng Yên".to_owned(),
        level: Level::Department,
        kind: "standing-body".to_owned(),
        parent: Some("tinh-hung-yen".to_owned()),
        second_parent: None,
        from: Some(date!(2025 - 03 - 01)),
        to: None,
        successor: None,
        note: None,
    }
}

fn on(input: Input) -> Stimulus<Input> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(0),
    }
}

fn close(to: Date, successor: Option<&str>) -> Stimulus<Input> {
    on(Input::Close {
        to,
        successor: successor.map(str::to_owned),
    })
}

fn probed() -> Explored {
    let ended = Agency {
        to: Some(date!(2025 - 07 - 01)),
        ..agency()
    };
    let samples = [
        on(Input::Register { agency: agency() }),
        on(Input::Register {
            agency: Agency {
                to: Some(date!(2025 - 03 - 01)),
                ..agency()
            },
        }),
        on(Input::Register { agency: ended }),
        close(date!(2026 - 01 - 01), Some("so-noi-vu-thai-binh")),
        close(date!(2020 - 01 - 01), None),
    ];
    explore::<Listing>(&samples, 100)
}

#[test]
fn the_table_is_as_reviewed() {
    insta::assert_snapshot!("table", probed().text());
    insta::assert_snapshot!("diagram", probed().mermaid());
}

#[test]
fn nothing_is_forgotten_and_every_reason_has_a_text() {
    let probed = probed();
    assert!(!probed.bounded);
    assert_eq!(probed.unowned, []);
    assert!(probed.dead_ends.is_empty(), "{:?}", probed.dead_ends);
    for reason in probed.table.values().flat_map(|cell| &cell.refused) {
        assert!(Reason::is_known(reason), "{reason} has no text");
    }
}

#[test]
fn an_agency_is_registered_with_an_end_that_is_known_already() {
    let ended = Agency {
        to: Some(date!(2025 - 07 - 01)),
        successor: Some("tinh-hung-yen".to_owned()),
        ..agency()
    };
    let start = machine::Snapshot::<Listing>::default();
    let listed = machine::step(&start, &on(Input::Register { agency: ended }))
        .expect("it is registered")
        .next;
    assert_eq!(listed.state, State::Closed);
    let again = machine::step(&listed, &close(date!(2026 - 01 - 01), None)).expect_err("it has an end");
    assert_eq!(again.reason, "AGENCY_CLOSED");
}

#[test]
fn an_agency_is_not_its_own_successor() {
    let start = machine::Snapshot::<Listing>::default();
    let listed = machine::step(&start, &on(Input::Register { agency: agency() }))
        .expect("it is registered")
        .next;
    let refusal = machine::step(&listed, &close(date!(2026 - 01 - 01), Some(&agency().code))).expect_err("refused");
    assert_eq!(refusal.reason, "INVALID_REQUEST");
}
