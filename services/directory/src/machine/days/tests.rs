use host::Reason;
use machine::{Actor, Explored, Timestamp, explore};
use time::macros::date;

use super::*;

const TODAY: Date = date!(2025 - 09 - 15);

fn on(input: Input) -> Stimulus<Input> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(0),
    }
}

fn set(day: Date, working: bool) -> Stimulus<Input> {
    on(Input::Set {
        day: DayException {
            agency: Some("tinh-hung-yen".to_owned()),
            day,
            working,
            reason: "Ngày truyền thống".to_owned(),
            document: "12/TB-UBND".to_owned(),
        },
        today: TODAY,
    })
}

fn withdraw(day: Date) -> Stimulus<Input> {
    on(Input::Withdraw { day, today: TODAY })
}

fn probed() -> Explored {
    let samples = [
        set(date!(2025 - 09 - 19), false),
        set(date!(2025 - 09 - 19), true),
        set(date!(2025 - 09 - 12), false),
        withdraw(date!(2025 - 09 - 19)),
        withdraw(date!(2025 - 09 - 12)),
    ];
    explore::<Days>(&samples, 100)
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
fn a_later_entry_takes_the_place_and_today_may_still_be_set() {
    let start = machine::Snapshot::<Days>::default();
    let once = machine::step(&start, &set(TODAY, false)).expect("set").next;
    let twice = machine::step(&once, &set(TODAY, true)).expect("set anew").next;
    assert_eq!(twice.data.days.len(), 1);
    assert!(twice.data.days[&TODAY].working);
    assert_eq!(
        machine::Snapshot::<Days>::decode(&twice.encode()).expect("it is read again"),
        twice
    );
}
