use host::Reason;
use law::Recipient;
use machine::{Actor, Explored, Timestamp, explore};
use time::macros::date;

use super::*;

const TODAY: Date = date!(2025 - 09 - 15);

fn regulation() -> Regulation {
    Regulation {
        number: "01/2019/QĐ-UBND".to_owned(),
        date: date!(2019 - 02 - 15),
        text: String::new(),
    }
}

fn version(from: Date, to: Option<Date>) -> LocalVersion {
    LocalVersion {
        from,
        to,
        regulation: regulation(),
        recipient: Recipient::Collective,
        criteria: Vec::new(),
        papers: Vec::new(),
        council: None,
        time_limit: None,
        bonus: Vec::new(),
    }
}

fn define(versions: Vec<LocalVersion>) -> Stimulus<Input> {
    on(Input::Define {
        award: LocalAward {
            code: "tinh-thanh-hoa/phuong-kieu-mau".to_owned(),
            agency: "tinh-thanh-hoa".to_owned(),
            name_vi: "Phường kiểu mẫu".to_owned(),
            name_en: "Model ward".to_owned(),
            versions,
            ended_by: None,
        },
        today: TODAY,
    })
}

fn end(to: Date) -> Stimulus<Input> {
    on(Input::End {
        to,
        by: Some(regulation()),
        today: TODAY,
    })
}

fn on(input: Input) -> Stimulus<Input> {
    Stimulus {
        input,
        by: Actor::default(),
        at: Timestamp(0),
    }
}

const FIRST: Date = date!(2019 - 03 - 01);
const NEXT: Date = date!(2026 - 01 - 01);

fn probed() -> Explored {
    let samples = [
        define(vec![version(FIRST, None)]),
        define(vec![version(FIRST, Some(NEXT)), version(NEXT, None)]),
        define(vec![version(NEXT, None)]),
        define(vec![version(FIRST, None), version(date!(2025 - 09 - 01), None)]),
        end(NEXT),
        end(date!(2025 - 09 - 14)),
        end(date!(2026 - 06 - 01)),
    ];
    explore::<OwnAward>(&samples, 100)
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

fn after(inputs: &[Stimulus<Input>]) -> machine::Snapshot<OwnAward> {
    inputs.iter().fold(machine::Snapshot::default(), |at, input| {
        machine::step(&at, input).expect("it is taken").next
    })
}

#[test]
fn what_has_begun_stays_but_for_an_end_to_come() {
    let defined = after(&[define(vec![version(FIRST, None)])]);
    let reason = |versions| machine::step(&defined, &define(versions)).map_err(|refusal| refusal.reason);
    let mut changed = version(FIRST, None);
    changed.recipient = Recipient::Household;
    assert_eq!(reason(vec![changed]).expect_err("it has begun"), "VERSION_IN_FORCE");
    assert_eq!(
        reason(vec![version(NEXT, None)]).expect_err("it has begun"),
        "VERSION_IN_FORCE"
    );
    assert_eq!(
        reason(vec![version(FIRST, Some(date!(2025 - 09 - 14)))]).expect_err("an end that has passed"),
        "VERSION_IN_FORCE"
    );
    assert!(reason(vec![version(FIRST, Some(NEXT)), version(NEXT, None)]).is_ok());
}

#[test]
fn a_version_to_come_may_be_changed_and_taken_back() {
    let defined = after(&[define(vec![version(FIRST, Some(NEXT)), version(NEXT, None)])]);
    let mut changed = version(NEXT, None);
    changed.recipient = Recipient::Household;
    for versions in [vec![version(FIRST, Some(NEXT)), changed], vec![version(FIRST, None)]] {
        assert!(machine::step(&defined, &define(versions)).is_ok());
    }
}

#[test]
fn no_version_slips_into_the_past() {
    let defined = after(&[define(vec![version(FIRST, Some(date!(2025 - 07 - 01)))])]);
    let late = define(vec![
        version(FIRST, Some(date!(2025 - 07 - 01))),
        version(date!(2025 - 09 - 01), None),
    ]);
    assert_eq!(
        machine::step(&defined, &late).expect_err("it is past").reason,
        "DAY_PASSED"
    );
}

#[test]
fn an_end_is_recorded_with_its_document() {
    let ended = after(&[define(vec![version(FIRST, None)]), end(NEXT)]);
    let award = ended.data.award.as_ref().expect("an award");
    assert_eq!(award.versions[0].to, Some(NEXT));
    assert_eq!(award.ended_by, Some(regulation()));
    assert_eq!(
        machine::step(&ended, &end(NEXT)).expect_err("once").reason,
        "LOCAL_AWARD_ENDED"
    );
}
