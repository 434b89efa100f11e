//! Who acts for whom: given, listed, ended.

use super::*;

const AGENCY: &str = "tinh-thanh-hoa";
// The world's clock stands at 2023-11-15 in Viet Nam.
const TODAY: &str = "2023-11-15";

fn of<T>(subject: &str, role: Role, agency: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Principal {
        subject: subject.to_owned(),
        role,
        agency: agency.to_owned(),
        person: Some("038080000001".to_owned()),
    });
    request
}

fn asked(to: &str) -> v1::DelegateRequest {
    v1::DelegateRequest {
        request_id: request_id(),
        substitute: Some(v1::Post {
            subject: "pho@tinh-thanh-hoa".to_owned(),
            role: "officer".to_owned(),
            agency: AGENCY.to_owned(),
            person: String::new(),
        }),
        acts: vec!["sign".to_owned(), "decide".to_owned()],
        from: TODAY.to_owned(),
        to: to.to_owned(),
        document: "15/GUQ-UBND".to_owned(),
    }
}

impl World {
    async fn delegate(&self, role: Role, agency: &str, request: v1::DelegateRequest) -> Result<v1::Delegation, Status> {
        let done = self.api.delegate(of("ct@tinh-thanh-hoa", role, agency, request)).await;
        done.map(tonic::Response::into_inner)
    }

    async fn end_it(&self, role: Role, agency: &str, delegation: &str) -> Result<v1::Delegation, Status> {
        let request = v1::EndDelegationRequest {
            request_id: request_id(),
            delegation: delegation.to_owned(),
            etag: String::new(),
        };
        let done = self
            .api
            .end_delegation(of("l2@tinh-thanh-hoa", role, agency, request))
            .await;
        done.map(tonic::Response::into_inner)
    }

    async fn delegations(&self, role: Role, agency: &str, on: &str) -> Result<Vec<v1::Delegation>, Status> {
        let request = v1::ListDelegationsRequest {
            agency: AGENCY.to_owned(),
            on: on.to_owned(),
            ..v1::ListDelegationsRequest::default()
        };
        let done = self.api.list_delegations(of("x", role, agency, request)).await;
        done.map(|page| page.into_inner().delegations)
    }
}

#[tokio::test]
async fn a_leader_names_a_substitute_and_any_leader_of_the_agency_ends_it() {
    let world = World::new().await;
    let given = world
        .delegate(Role::Leader, AGENCY, asked("2023-11-20"))
        .await
        .expect("given");
    assert_eq!(
        given.delegator.as_ref().map(|who| who.subject.as_str()),
        Some("ct@tinh-thanh-hoa")
    );
    assert_eq!(given.acts, ["sign", "decide"]);
    assert_eq!(
        world
            .delegations(Role::Clerk, AGENCY, "2023-11-20")
            .await
            .expect("a list"),
        std::slice::from_ref(&given)
    );
    assert_eq!(
        world
            .delegations(Role::Auditor, "bo-noi-vu", "2023-11-21")
            .await
            .expect("a list"),
        []
    );
    let ended = world
        .end_it(Role::Leader, AGENCY, &given.delegation)
        .await
        .expect("ended");
    assert!(ended.ended);
    assert_eq!(world.delegations(Role::Clerk, AGENCY, TODAY).await.expect("a list"), []);
    assert_eq!(
        world.delegations(Role::Clerk, AGENCY, "").await.expect("a list"),
        [ended]
    );
    let again = world
        .end_it(Role::Leader, AGENCY, &given.delegation)
        .await
        .expect_err("over");
    assert_eq!(reason(&again), "DELEGATION_ENDED");
}

#[tokio::test]
async fn who_is_no_leader_there_gives_ends_and_reads_nothing() {
    let world = World::new().await;
    for (role, agency) in [(Role::Officer, AGENCY), (Role::Operator, AGENCY)] {
        let refused = world
            .delegate(role, agency, asked("2023-11-20"))
            .await
            .expect_err("no leader");
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let given = world
        .delegate(Role::Leader, AGENCY, asked("2023-11-20"))
        .await
        .expect("given");
    for (role, agency) in [(Role::Leader, "tinh-hung-yen"), (Role::Officer, AGENCY)] {
        let refused = world
            .end_it(role, agency, &given.delegation)
            .await
            .expect_err("not theirs");
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let refused = world
        .delegations(Role::Leader, "tinh-hung-yen", "")
        .await
        .expect_err("not theirs");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn the_givers_number_is_shown_to_nobody() {
    let world = World::new().await;
    let given = world
        .delegate(Role::Leader, AGENCY, asked("2023-11-20"))
        .await
        .expect("given");
    assert_eq!(given.delegator.expect("who").person, "");
    let listed = world.delegations(Role::Auditor, "bo-noi-vu", "").await.expect("a list");
    assert!(
        listed
            .into_iter()
            .all(|one| one.delegator.expect("who").person.is_empty())
    );
}
