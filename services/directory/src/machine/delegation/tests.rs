use access::{Act, Principal, Substitute};
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

fn mandate(acts: &[Act], first: Date, last: Date) -> Mandate {
    Mandate {
        id: "m".to_owned(),
        from: Principal {
            subject: "leader@tinh-hung-yen".to_owned(),
            role: Role::Leader,
            agency: "tinh-hung-yen".to_owned(),
            person: None,
        },
        to: Substitute {
            subject: "pho@tinh-hung-yen".to_owned(),
            role: Role::Officer,
        },
        acts: acts.iter().copied().collect(),
        first,
        last,
    }
}

fn grant(mandate: Mandate) -> Stimulus<Input> {
    on(Input::Grant {
        beyond: mandate.beyond().map(|act| act.as_str().to_owned()),
        mandate: Box::new(mandate),
        agency: "tinh-hung-yen".to_owned(),
        document: "15/GUQ-UBND".to_owned(),
        today: TODAY,
    })
}

fn week(acts: &[Act]) -> Mandate {
    mandate(acts, date!(2025 - 09 - 15), date!(2025 - 09 - 19))
}

fn probed() -> Explored {
    let samples = [
        grant(week(&[Act::Sign, Act::Decide])),
        on(Input::End { today: TODAY }),
        on(Input::End {
            today: date!(2025 - 09 - 20),
        }),
    ];
    explore::<Delegation>(&samples, 100)
}

fn refused(mandate: Mandate) -> &'static str {
    let first = machine::Snapshot::<Delegation>::default();
    machine::step(&first, &grant(mandate)).expect_err("refused").reason
}

#[test]
fn the_table_is_as_reviewed() {
    insta::assert_snapshot!("table", probed().text());
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
fn only_ones_own_acts_only_within_the_agency_and_never_a_vote() {
    for acts in [&[Act::Vote][..], &[Act::Sign, Act::Delegate], &[Act::Appraise]] {
        assert_eq!(refused(week(acts)), "DELEGATION_NOT_ALLOWED");
    }
    let mut to_oneself = week(&[Act::Sign]);
    to_oneself.to.subject.clone_from(&to_oneself.from.subject);
    assert_eq!(refused(to_oneself), "DELEGATION_NOT_ALLOWED");
    let mut elsewhere = week(&[Act::Sign]);
    elsewhere.from.agency = "tinh-vinh-long".to_owned();
    assert_eq!(refused(elsewhere), "DELEGATION_NOT_ALLOWED");
    for role in [
        Role::Auditor,
        Role::Operator,
        Role::Nominee,
        Role::Subscriber,
        Role::Service,
    ] {
        let mut reader = week(&[Act::Sign]);
        reader.to.role = role;
        assert_eq!(refused(reader), "DELEGATION_NOT_ALLOWED", "{role}");
    }
}

#[test]
fn it_has_a_first_and_a_last_day_and_lasts_a_year_at_most() {
    let sign = [Act::Sign];
    for (first, last, reason) in [
        (date!(2025 - 09 - 16), date!(2025 - 09 - 15), "INVALID_REQUEST"),
        (date!(2025 - 09 - 15), date!(2026 - 09 - 16), "INVALID_REQUEST"),
        (date!(2025 - 09 - 01), date!(2025 - 09 - 14), "DAY_PASSED"),
    ] {
        assert_eq!(refused(mandate(&sign, first, last)), reason, "{first} {last}");
    }
    let a_year = grant(mandate(&sign, date!(2025 - 09 - 15), date!(2026 - 09 - 15)));
    assert!(machine::step(&machine::Snapshot::<Delegation>::default(), &a_year).is_ok());
    assert_eq!(refused(week(&[])), "INVALID_REQUEST");
}
