//! The table of who may do what, and the decision about one request.

use std::fmt::Write as _;

use access::policy::{Bound, rule};
use access::{Act, Cause, Denied, Principal, Request, Role, decide, permits};
use proptest::prelude::*;

const HOLDER: &str = "tinh-hung-yen";
const OTHER: &str = "tinh-vinh-long";
const CANDIDATE: &str = "033085001234";

fn principal(role: Role, agency: &str, person: Option<&str>) -> Principal {
    Principal {
        subject: "p1".into(),
        role,
        agency: agency.into(),
        person: person.map(Into::into),
    }
}

fn ask(role: Role, agency: &str, person: Option<&str>, act: Act) -> Result<(), Cause> {
    let who = principal(role, agency, person);
    decide(&Request {
        who: &who,
        act,
        agencies: &[HOLDER],
        candidate_person: Some(CANDIDATE),
    })
    .map_err(Denied::cause)
}

#[test]
fn the_table_is_as_reviewed() {
    let mut table = format!("{:<18}{:<8}", "", "");
    for role in Role::ALL {
        let _ = write!(table, "{role:<11}");
    }
    for &act in Act::ALL {
        let bound = match rule(act).1 {
            Bound::Holder => "holder",
            Bound::Open => "open",
        };
        let _ = write!(table, "\n{act:<18}{bound:<8}");
        for &role in Role::ALL {
            let _ = write!(table, "{:<11}", if permits(role, act) { "yes" } else { "·" });
        }
    }
    let table: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn an_operator_decides_nothing_and_sees_no_dossier() {
    let may: Vec<_> = Act::ALL
        .iter()
        .copied()
        .filter(|act| permits(Role::Operator, *act))
        .collect();
    let runs = [
        Act::Subscribe,
        Act::ReadDirectory,
        Act::ManageDirectory,
        Act::Administer,
        Act::Operate,
    ];
    assert_eq!(may, runs);
}

#[test]
fn an_auditor_changes_nothing() {
    let may: Vec<_> = Act::ALL
        .iter()
        .filter(|act| permits(Role::Auditor, **act))
        .map(|act| act.as_str())
        .collect();
    let reads = ["check", "subscribe", "administer"];
    assert!(
        may.iter().all(|act| act.starts_with("read-") || reads.contains(act)),
        "{may:?}"
    );
}

#[test]
fn the_holding_agency_may_and_another_may_not() {
    assert_eq!(ask(Role::Officer, HOLDER, None, Act::Receive), Ok(()));
    assert_eq!(ask(Role::Officer, OTHER, None, Act::Receive), Err(Cause::Agency));
    assert_eq!(ask(Role::Clerk, HOLDER, None, Act::Sign), Err(Cause::Role));
}

#[test]
fn a_successor_acts_for_an_agency_that_ended() {
    let who = principal(Role::Clerk, OTHER, None);
    let request = Request {
        who: &who,
        act: Act::Submit,
        agencies: &["tinh-ben-tre", OTHER],
        candidate_person: None,
    };
    assert_eq!(decide(&request), Ok(()));
}

#[test]
fn nobody_acts_on_their_own_dossier() {
    for &act in Act::ALL {
        for &role in Role::ALL
            .iter()
            .filter(|role| **role != Role::Nominee && permits(**role, act))
        {
            assert_eq!(
                ask(role, HOLDER, Some(CANDIDATE), act),
                Err(Cause::OwnDossier),
                "{role} {act}"
            );
        }
    }
}

#[test]
fn a_nominee_withdraws_their_own_dossier_alone() {
    assert_eq!(ask(Role::Nominee, OTHER, Some(CANDIDATE), Act::Withdraw), Ok(()));
    assert_eq!(
        ask(Role::Nominee, HOLDER, Some("033085009999"), Act::Withdraw),
        Err(Cause::OthersDossier)
    );
    assert_eq!(
        ask(Role::Nominee, HOLDER, None, Act::Withdraw),
        Err(Cause::OthersDossier)
    );
}

#[test]
fn a_nominee_without_a_number_is_not_the_candidate_of_a_resource_without_one() {
    let who = principal(Role::Nominee, HOLDER, None);
    let request = Request {
        who: &who,
        act: Act::Withdraw,
        agencies: &[HOLDER],
        candidate_person: None,
    };
    assert_eq!(decide(&request).map_err(Denied::cause), Err(Cause::OthersDossier));
}

#[test]
fn whoever_the_law_lets_comment_comments_from_anywhere() {
    assert_eq!(ask(Role::Subscriber, OTHER, None, Act::Comment), Ok(()));
    assert_eq!(ask(Role::Nominee, OTHER, Some("033085009999"), Act::Comment), Ok(()));
    assert_eq!(ask(Role::Leader, HOLDER, None, Act::Comment), Err(Cause::Role));
}

#[test]
fn services_operators_and_auditors_are_bound_to_no_agency() {
    assert_eq!(ask(Role::Service, OTHER, None, Act::PullEvents), Ok(()));
    assert_eq!(ask(Role::Operator, OTHER, None, Act::Operate), Ok(()));
    assert_eq!(ask(Role::Auditor, OTHER, None, Act::ReadDossier), Ok(()));
}

#[test]
fn every_denial_looks_like_absence() {
    let who = principal(Role::Clerk, OTHER, None);
    let denied = |act| {
        decide(&Request {
            who: &who,
            act,
            agencies: &[HOLDER],
            candidate_person: None,
        })
        .expect_err("denied")
    };
    for denial in [denied(Act::Submit), denied(Act::Sign)] {
        assert_eq!(denial.to_string(), Denied::absent().to_string());
        assert_eq!(format!("{denial:?}"), format!("{:?}", Denied::absent()));
        assert_eq!(denial.reason(), "PERMISSION_DENIED");
    }
    assert_ne!(denied(Act::Submit).cause(), denied(Act::Sign).cause());
}

#[test]
fn words_are_read_back_and_unknown_ones_are_named() {
    for &act in Act::ALL {
        assert_eq!(act.as_str().parse(), Ok(act));
    }
    for &role in Role::ALL {
        assert_eq!(role.as_str().parse(), Ok(role));
    }
    let error = "boss".parse::<Role>().expect_err("no role");
    assert_eq!(error.kind, "role");
    assert!(
        error
            .to_string()
            .starts_with("unknown role `boss`: use one of clerk, officer, "),
        "{error}"
    );
}

fn any_role() -> impl Strategy<Value = Role> {
    prop::sample::select(Role::ALL)
}

fn any_act() -> impl Strategy<Value = Act> {
    prop::sample::select(Act::ALL)
}

fn any_person() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some(CANDIDATE), Some("033085009999")])
}

proptest! {
    #[test]
    fn a_pair_that_the_table_does_not_list_is_denied_whatever_the_resource(
        role in any_role(), act in any_act(), person in any_person(), candidate in any_person(),
        agencies in prop::collection::vec(prop::sample::select(vec![HOLDER, OTHER]), 0..3),
    ) {
        let who = principal(role, HOLDER, person);
        let answer = decide(&Request { who: &who, act, agencies: &agencies, candidate_person: candidate });
        if !rule(act).0.contains(&role) {
            prop_assert_eq!(answer.map_err(Denied::cause), Err(Cause::Role));
        }
    }

    #[test]
    fn more_agencies_never_take_a_right_away(role in any_role(), act in any_act(), person in any_person()) {
        let who = principal(role, HOLDER, person);
        let ask = |agencies| decide(&Request { who: &who, act, agencies, candidate_person: Some(CANDIDATE) });
        if ask(&[]).is_ok() {
            prop_assert!(ask(&[HOLDER]).is_ok() && ask(&[OTHER]).is_ok());
        }
        if ask(&[HOLDER]).is_ok() {
            prop_assert!(ask(&[OTHER, HOLDER]).is_ok());
        }
    }
}
