//! What a substitute may do, for whom and on which days; and what nobody can give away.

use std::collections::BTreeSet;

use access::{Act, Cause, Denied, Mandate, Principal, Request, Role, Substitute, decide_under, delegable, permits};
use proptest::prelude::*;
use time::{Date, macros::date};

const HOLDER: &str = "tinh-hung-yen";
const OTHER: &str = "tinh-vinh-long";
const FIRST: Date = date!(2025 - 09 - 15);
const LAST: Date = date!(2025 - 09 - 19);

fn principal(subject: &str, role: Role, agency: &str, person: Option<&str>) -> Principal {
    Principal {
        subject: subject.into(),
        role,
        agency: agency.into(),
        person: person.map(Into::into),
    }
}

fn mandate(acts: &[Act]) -> Mandate {
    Mandate {
        id: "m-1".into(),
        from: principal("leader@tinh-hung-yen", Role::Leader, HOLDER, Some("001")),
        to: Substitute {
            subject: "pho@tinh-hung-yen".into(),
            role: Role::Officer,
        },
        acts: acts.iter().copied().collect(),
        first: FIRST,
        last: LAST,
    }
}

fn deputy(person: Option<&str>) -> Principal {
    principal("pho@tinh-hung-yen", Role::Officer, HOLDER, person)
}

fn ask(
    who: &Principal,
    act: Act,
    candidate: Option<&str>,
    mandate: &Mandate,
    today: Date,
) -> Result<Option<String>, Cause> {
    let request = Request {
        who,
        act,
        agencies: &[HOLDER],
        candidate_person: candidate,
    };
    decide_under(&request, [mandate], today)
        .map(|under| under.map(|mandate| mandate.id.clone()))
        .map_err(Denied::cause)
}

#[test]
fn a_substitute_does_exactly_these_acts_on_exactly_these_days() {
    let signs = mandate(&[Act::Sign]);
    let who = deputy(None);
    for day in [FIRST, date!(2025 - 09 - 17), LAST] {
        assert_eq!(ask(&who, Act::Sign, None, &signs, day), Ok(Some("m-1".into())));
    }
    for day in [date!(2025 - 09 - 14), date!(2025 - 09 - 20)] {
        assert_eq!(ask(&who, Act::Sign, None, &signs, day), Err(Cause::Role));
    }
    assert_eq!(ask(&who, Act::Decide, None, &signs, FIRST), Err(Cause::Role));
}

#[test]
fn ones_own_right_needs_no_mandate() {
    assert_eq!(
        ask(&deputy(None), Act::Receive, None, &mandate(&[Act::Sign]), FIRST),
        Ok(None)
    );
}

#[test]
fn another_person_role_or_agency_has_nothing_of_it() {
    let signs = mandate(&[Act::Sign]);
    for who in [
        principal("an@tinh-hung-yen", Role::Officer, HOLDER, None),
        principal("pho@tinh-hung-yen", Role::Clerk, HOLDER, None),
        principal("pho@tinh-hung-yen", Role::Officer, OTHER, None),
    ] {
        assert!(ask(&who, Act::Sign, None, &signs, FIRST).is_err(), "{who:?}");
    }
}

#[test]
fn a_mandate_reaches_no_further_than_its_givers_agency() {
    let who = deputy(None);
    let request = Request {
        who: &who,
        act: Act::Sign,
        agencies: &[OTHER],
        candidate_person: None,
    };
    assert!(decide_under(&request, [&mandate(&[Act::Sign])], FIRST).is_err());
}

#[test]
fn neither_of_the_two_acts_on_their_own_dossier() {
    let signs = mandate(&[Act::Sign]);
    assert!(ask(&deputy(Some("002")), Act::Sign, Some("002"), &signs, FIRST).is_err());
    assert!(ask(&deputy(None), Act::Sign, Some("001"), &signs, FIRST).is_err());
    assert!(ask(&deputy(Some("002")), Act::Sign, Some("003"), &signs, FIRST).is_ok());
}

#[test]
fn a_vote_and_the_right_to_delegate_are_never_given_away() {
    for act in [Act::Vote, Act::Delegate, Act::Submit, Act::EditDraft, Act::Upload] {
        assert!(!delegable(act), "{act}");
        assert_eq!(mandate(&[act]).beyond(), Some(act));
    }
    // What its giver may not do is not given either.
    assert_eq!(mandate(&[Act::Sign, Act::Appraise]).beyond(), Some(Act::Appraise));
    assert_eq!(mandate(&[Act::Sign, Act::Decide]).beyond(), None);
}

#[test]
fn what_leaders_can_hand_over_is_as_reviewed() {
    let acts: Vec<_> = Act::ALL
        .iter()
        .copied()
        .filter(|act| delegable(*act) && permits(Role::Leader, *act))
        .map(Act::as_str)
        .collect();
    insta::assert_snapshot!(acts.join(" "), @"recall return suspend resume sign decide present reply correct revoke restore reissue assign");
}

proptest! {
    #[test]
    fn no_mandate_gives_more_than_its_giver_has(
        acts in prop::collection::btree_set(prop::sample::select(Act::ALL), 1..4),
        role in prop::sample::select(Role::ALL), act in prop::sample::select(Act::ALL),
        holder in prop::sample::select(vec![HOLDER, OTHER]),
    ) {
        let given = Mandate { acts, to: Substitute { subject: "pho@tinh-hung-yen".into(), role }, ..mandate(&[]) };
        let who = principal("pho@tinh-hung-yen", role, HOLDER, None);
        let request = Request { who: &who, act, agencies: &[holder], candidate_person: None };
        if let Ok(Some(_)) = decide_under(&request, [&given], FIRST) {
            let as_giver = access::decide(&Request { who: &given.from, ..request });
            prop_assert!(as_giver.is_ok() && delegable(act) && given.acts.contains(&act));
        }
    }

    #[test]
    fn a_mandate_takes_no_right_away(role in prop::sample::select(Role::ALL), act in prop::sample::select(Act::ALL)) {
        let who = principal("pho@tinh-hung-yen", role, HOLDER, None);
        let request = Request { who: &who, act, agencies: &[HOLDER], candidate_person: None };
        let acts: BTreeSet<Act> = [Act::Sign].into();
        let given = Mandate { acts, ..mandate(&[]) };
        prop_assert!(access::decide(&request).is_err() || decide_under(&request, [&given], FIRST).is_ok());
    }
}
