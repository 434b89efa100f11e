//! The rooms together, over a real store.

use access::{Principal, Role};
use host::{Clock, Engine, Service as _, replica::Replica};
use journal::{Journal, Location};
use law::Agencies;
use machine::Timestamp;
use proto::directory::v1::{self, directory_service_server::DirectoryService as _};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::{Directory, api::Api};

mod delegation;
mod own;

struct World {
    engine: Engine,
    api: Api,
    _home: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let location = Location::Directory(home.path().to_owned());
        let store = journal::open(&location, "directory", Directory.migrations(false))
            .await
            .expect("a store");
        let journal = Journal::new(store).await.expect("a journal");
        let clock = Clock::simulated(Timestamp(1_700_000_000_000_000));
        let engine = Engine::new("directory", journal, clock, Replica::default());
        Directory.prepare(&engine).await.expect("it is seeded");
        Self {
            api: Api(engine.clone()),
            engine,
            _home: home,
        }
    }

    async fn get(&self, agency: &str, acting_on: &str) -> Result<v1::Agency, Status> {
        let request = v1::GetAgencyRequest {
            agency: agency.to_owned(),
            acting_on: acting_on.to_owned(),
        };
        self.api
            .get_agency(by(Role::Subscriber, request))
            .await
            .map(tonic::Response::into_inner)
    }

    async fn register(&self, role: Role, agency: v1::Agency) -> Result<v1::Agency, Status> {
        let request = v1::RegisterAgencyRequest {
            request_id: request_id(),
            agency: Some(agency),
        };
        self.api
            .register_agency(by(role, request))
            .await
            .map(tonic::Response::into_inner)
    }

    async fn close(&self, agency: &str, to: &str, successor: &str, etag: &str) -> Result<v1::Agency, Status> {
        let request = v1::CloseAgencyRequest {
            request_id: request_id(),
            agency: agency.to_owned(),
            to: to.to_owned(),
            successor: successor.to_owned(),
            etag: etag.to_owned(),
        };
        self.api
            .close_agency(by(Role::Operator, request))
            .await
            .map(tonic::Response::into_inner)
    }

    async fn list(&self, page_size: i32, page_token: &str, on: &str, level: &str) -> v1::ListAgenciesResponse {
        let request = v1::ListAgenciesRequest {
            page_size,
            page_token: page_token.to_owned(),
            on: on.to_owned(),
            level: level.to_owned(),
        };
        self.api
            .list_agencies(by(Role::Clerk, request))
            .await
            .expect("a list")
            .into_inner()
    }
}

fn by<T>(role: Role, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let (subject, agency) = ("p-1".to_owned(), "van-hanh".to_owned());
    request.extensions_mut().insert(Principal {
        subject,
        role,
        agency,
        person: None,
    });
    request
}

#[expect(clippy::disallowed_methods, reason = "a client makes its request ids")]
fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn school(code: &str) -> v1::Agency {
    v1::Agency {
        agency: code.to_owned(),
        name: "Trường Trung học cơ sở Phố Hiến".to_owned(),
        level: "unit".to_owned(),
        parent: "tinh-hung-yen".to_owned(),
        from: "2020-09-05".to_owned(),
        ..v1::Agency::default()
    }
}

fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

#[tokio::test]
async fn every_statement_is_understood_by_the_store() {
    let world = World::new().await;
    for sql in Directory.statements() {
        world.engine.journal().store().prepare(sql).await.expect(sql);
    }
}

#[tokio::test]
async fn an_empty_directory_is_seeded_once() {
    let world = World::new().await;
    let head = world.engine.journal().store().head().await.expect("a position");
    assert_eq!(head, Agencies::embedded().len() as i64);
    Directory.prepare(&world.engine).await.expect("nothing is to be done");
    assert_eq!(world.engine.journal().store().head().await.expect("a position"), head);
}

#[tokio::test]
async fn all_agencies_are_listed_page_by_page() {
    let world = World::new().await;
    let (mut codes, mut token) = (Vec::new(), String::new());
    loop {
        let page = world.list(50, &token, "", "").await;
        codes.extend(page.agencies.into_iter().map(|agency| agency.agency));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let embedded = Agencies::embedded();
    assert!(codes.iter().eq(embedded.iter().map(|agency| &agency.code)));
    let provinces = world.list(500, "", "2026-01-01", "ministry-or-province").await.agencies;
    assert!(
        provinces
            .iter()
            .all(|agency| agency.level == "ministry-or-province" && agency.to.is_empty())
    );
    assert!(!provinces.is_empty());
}

#[tokio::test]
async fn whoever_merged_is_answered_for_by_its_successor_from_that_day() {
    let world = World::new().await;
    let registered = world
        .register(Role::Operator, school("thcs-pho-hien"))
        .await
        .expect("registered");
    world
        .register(Role::Operator, school("thcs-hung-yen"))
        .await
        .expect("registered");
    let closed = world
        .close("thcs-pho-hien", "2026-08-01", "thcs-hung-yen", &registered.etag)
        .await
        .expect("closed");
    assert_eq!(
        (closed.to.as_str(), closed.successor.as_str()),
        ("2026-08-01", "thcs-hung-yen")
    );
    let acting = |day| world.get("thcs-pho-hien", day);
    assert_eq!(acting("2026-07-31").await.expect("itself").agency, "thcs-pho-hien");
    assert_eq!(
        acting("2026-08-01").await.expect("its successor").agency,
        "thcs-hung-yen"
    );
    assert_eq!(
        acting("2020-09-04").await.expect_err("not yet").code(),
        Code::PermissionDenied
    );
    assert_eq!(acting("").await.expect("as it is"), closed);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_reason() {
    let world = World::new().await;
    let registered = world
        .register(Role::Operator, school("thcs-pho-hien"))
        .await
        .expect("registered");
    let refusals = [
        (
            world.register(Role::Operator, school("thcs-pho-hien")).await,
            "AGENCY_EXISTS",
        ),
        (
            world.register(Role::Clerk, school("thcs-khac")).await,
            "PERMISSION_DENIED",
        ),
        (
            world.register(Role::Operator, school("THCS Khác")).await,
            "INVALID_REQUEST",
        ),
        (
            world
                .register(
                    Role::Operator,
                    v1::Agency {
                        parent: "khong-co".to_owned(),
                        ..school("a")
                    },
                )
                .await,
            "UNKNOWN_AGENCY",
        ),
        (
            world
                .register(
                    Role::Operator,
                    v1::Agency {
                        level: "realm".to_owned(),
                        ..school("a")
                    },
                )
                .await,
            "INVALID_REQUEST",
        ),
        (
            world
                .register(
                    Role::Operator,
                    v1::Agency {
                        from: "5.9.2020".to_owned(),
                        ..school("a")
                    },
                )
                .await,
            "INVALID_REQUEST",
        ),
        (world.close("khong-co", "2026-08-01", "", "").await, "PERMISSION_DENIED"),
        (
            world.close("thcs-pho-hien", "2026-08-01", "khong-co", "").await,
            "UNKNOWN_AGENCY",
        ),
        (world.close("thcs-pho-hien", "2026-08-01", "", "99").await, "STALE_ETAG"),
        (
            world.close("thcs-pho-hien", "2019-08-01", "", &registered.etag).await,
            "INVALID_REQUEST",
        ),
    ];
    for (answer, expected) in refusals {
        assert_eq!(reason(&answer.expect_err(expected)), expected);
    }
    world
        .close("thcs-pho-hien", "2026-08-01", "", "")
        .await
        .expect("closed");
    let again = world
        .close("thcs-pho-hien", "2026-09-01", "", "")
        .await
        .expect_err("it has an end");
    assert_eq!(
        (again.code(), reason(&again).as_str()),
        (Code::FailedPrecondition, "AGENCY_CLOSED")
    );
}
