//! The more favourable rule set, as a person's choice.

use law::{CandidateKind, LawError};

use crate::build::{agencies, answer, bare, day, law};

#[test]
fn a_later_rule_set_may_be_chosen_where_it_opens_itself() {
    assert!(law().may_choose("decree-152-2025", "law-2026"));
    assert!(!law().may_choose("law-2022", "decree-152-2025"));
    assert!(!law().may_choose("law-2022", "law-2026"));
    assert!(!law().may_choose("law-2026", "decree-152-2025"));
    assert!(!law().may_choose("decree-152-2025", "no-such-set"));
}

#[test]
fn the_choice_is_shown_with_both_sets() {
    let mut d = bare(
        "giay-khen-don-vi",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2026, 9, 15),
    );
    d.declared = vec![answer("local-criteria")];
    let by_dates = law().check(&d, agencies(), None).unwrap();
    assert_eq!(
        (by_dates.rule_set.as_str(), by_dates.chosen),
        ("decree-152-2025", false)
    );
    let chosen = law().check_under(&d, agencies(), None, Some("law-2026")).unwrap();
    assert_eq!((chosen.rule_set.as_str(), chosen.chosen), ("law-2026", true));
    let note = &chosen.warnings[0];
    assert!(
        note.vi.contains("law-2026") && note.vi.contains("decree-152-2025"),
        "{note:?}"
    );
    let route = law()
        .route_under(&d, agencies(), d.letter.date, Some("law-2026"))
        .unwrap();
    assert_eq!(route.rule_set, "law-2026");
    // Whoever chooses what the dates select has chosen nothing.
    let same = law()
        .check_under(&d, agencies(), None, Some("decree-152-2025"))
        .unwrap();
    assert_eq!(same, by_dates);
}

#[test]
fn no_other_rule_set_may_be_chosen() {
    let d = bare(
        "giay-khen-don-vi",
        CandidateKind::Individual,
        "so-noi-vu-hung-yen",
        day(2025, 3, 3),
    );
    let refused = law().check_under(&d, agencies(), None, Some("law-2026")).unwrap_err();
    assert_eq!(refused[0].reason, "RULE_SET_NOT_OPEN");
    let refused = law()
        .route_under(&d, agencies(), d.letter.date, Some("decree-152-2025"))
        .unwrap_err();
    assert!(matches!(refused, LawError::NotOpen { .. }));
}
