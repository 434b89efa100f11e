//! What agencies lay down themselves: awards of their own, and days.

use super::*;

const AGENCY: &str = "tinh-thanh-hoa";
const AWARD: &str = "tinh-thanh-hoa/phuong-kieu-mau";
// The world's clock stands at 2023-11-15 in Viet Nam.
const TODAY: &str = "2023-11-15";

fn at<T>(role: Role, agency: &str, message: T) -> Request<T> {
    let mut request = by(role, message);
    agency.clone_into(
        &mut request
            .extensions_mut()
            .get_mut::<Principal>()
            .expect("a principal")
            .agency,
    );
    request
}

fn content(id: &str) -> v1::LocalCriterion {
    v1::LocalCriterion {
        r#type: "local-criteria".to_owned(),
        id: id.to_owned(),
        text_vi: "Đạt nội dung này.".to_owned(),
        text_en: "this content".to_owned(),
        ..v1::LocalCriterion::default()
    }
}

fn version(from: &str, to: &str) -> v1::LocalAwardVersion {
    v1::LocalAwardVersion {
        from: from.to_owned(),
        to: to.to_owned(),
        regulation: Some(v1::Regulation {
            number: "01/2019/QĐ-UBND".to_owned(),
            date: "2019-02-15".to_owned(),
            text: String::new(),
        }),
        recipient: "collective".to_owned(),
        criteria: vec![
            content("noi-dung-1"),
            v1::LocalCriterion {
                path: "*".to_owned(),
                r#type: "annual-rating".to_owned(),
                parameters: r#"{"value_at_least":"hoan-thanh-tot"}"#.to_owned(),
                ..v1::LocalCriterion::default()
            },
        ],
        papers: vec!["to-trinh".to_owned()],
        council: Some(v1::LocalCouncil {
            threshold_percent: 80,
            ballot: "secret".to_owned(),
        }),
        time_limit: Some(v1::LocalLimit {
            days: 15,
            unit: "working".to_owned(),
        }),
        bonus: vec![v1::LocalBonus {
            recipient: "collective".to_owned(),
            hundredths: 0,
            vnd: 50_000_000,
        }],
    }
}

fn award(code: &str, versions: Vec<v1::LocalAwardVersion>) -> v1::LocalAward {
    v1::LocalAward {
        award: code.to_owned(),
        agency: code.split('/').next().unwrap_or_default().to_owned(),
        name_vi: "Phường kiểu mẫu".to_owned(),
        name_en: "Model ward".to_owned(),
        versions,
        ..v1::LocalAward::default()
    }
}

impl World {
    async fn define(&self, who: (Role, &str), award: v1::LocalAward) -> Result<v1::LocalAward, Status> {
        let request = v1::DefineLocalAwardRequest {
            request_id: request_id(),
            award: Some(award),
        };
        let answer = self.api.define_local_award(at(who.0, who.1, request)).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn end(&self, role: Role, code: &str, to: &str, etag: &str) -> Result<v1::LocalAward, Status> {
        let request = v1::EndLocalAwardRequest {
            request_id: request_id(),
            award: code.to_owned(),
            to: to.to_owned(),
            ended_by: None,
            etag: etag.to_owned(),
        };
        let answer = self.api.end_local_award(at(role, AGENCY, request)).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn awards(&self, page_size: i32, page_token: &str, agency: &str, on: &str) -> v1::ListLocalAwardsResponse {
        let request = v1::ListLocalAwardsRequest {
            page_size,
            page_token: page_token.to_owned(),
            agency: agency.to_owned(),
            on: on.to_owned(),
        };
        let answer = self.api.list_local_awards(by(Role::Clerk, request)).await;
        answer.expect("a list").into_inner()
    }

    async fn set_day(&self, who: (Role, &str), agency: &str, day: &str, working: bool) -> Result<v1::Day, Status> {
        let request = v1::SetDayRequest {
            request_id: request_id(),
            day: Some(v1::Day {
                agency: agency.to_owned(),
                day: day.to_owned(),
                working,
                reason: "Ngày truyền thống".to_owned(),
                document: "12/TB-UBND".to_owned(),
                etag: String::new(),
            }),
        };
        let answer = self.api.set_day(at(who.0, who.1, request)).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn withdraw_day(&self, who: (Role, &str), agency: &str, day: &str, etag: &str) -> Result<v1::Day, Status> {
        let request = v1::WithdrawDayRequest {
            request_id: request_id(),
            agency: agency.to_owned(),
            day: day.to_owned(),
            etag: etag.to_owned(),
        };
        let answer = self.api.withdraw_day(at(who.0, who.1, request)).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn days(&self, agency: &str, from: &str, to: &str) -> Vec<(String, bool, String)> {
        let mut days = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = v1::ListDaysRequest {
                page_size: 1,
                page_token,
                agency: agency.to_owned(),
                from: from.to_owned(),
                to: to.to_owned(),
            };
            let answer = self.api.list_days(by(Role::Clerk, request)).await;
            let page = answer.expect("a page").into_inner();
            days.extend(page.days.into_iter().map(|day| (day.day, day.working, day.agency)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return days;
            }
        }
    }
}

const LEADER: (Role, &str) = (Role::Leader, AGENCY);

#[tokio::test]
async fn an_award_is_defined_read_and_ended() {
    let world = World::new().await;
    let defined = world
        .define(LEADER, award(AWARD, vec![version("2019-03-01", "")]))
        .await
        .expect("defined");
    let request = v1::GetLocalAwardRequest {
        award: AWARD.to_owned(),
    };
    let read = world.api.get_local_award(by(Role::Subscriber, request)).await;
    assert_eq!(read.expect("it is there").into_inner(), defined);
    let next = v1::LocalAward {
        etag: defined.etag.clone(),
        ..award(
            AWARD,
            vec![version("2019-03-01", "2024-01-01"), version("2024-01-01", "")],
        )
    };
    let anew = world
        .define((Role::Officer, AGENCY), next.clone())
        .await
        .expect("defined anew");
    assert_eq!(
        reason(&world.define(LEADER, next).await.expect_err("stale")),
        "STALE_ETAG"
    );
    let ended = world
        .end(Role::Leader, AWARD, "2025-01-01", &anew.etag)
        .await
        .expect("ended");
    assert_eq!(ended.versions[1].to, "2025-01-01");
}

#[tokio::test]
async fn a_repeated_definition_is_answered_once() {
    let world = World::new().await;
    let request = v1::DefineLocalAwardRequest {
        request_id: request_id(),
        award: Some(award(AWARD, vec![version("2019-03-01", "")])),
    };
    let once = world
        .api
        .define_local_award(at(Role::Leader, AGENCY, request.clone()))
        .await;
    let twice = world.api.define_local_award(at(Role::Leader, AGENCY, request)).await;
    assert_eq!(
        once.expect("defined").into_inner(),
        twice.expect("the same").into_inner()
    );
}

#[tokio::test]
async fn awards_are_listed_by_agency_and_day_page_by_page() {
    let world = World::new().await;
    let ward = (Role::Leader, "tinh-nghe-an");
    let other = award("tinh-nghe-an/ban-kieu-mau", vec![version("2022-01-01", "2023-01-01")]);
    world.define(ward, other).await.expect("defined");
    let first = award(AWARD, vec![version("2019-03-01", "")]);
    world.define(LEADER, first).await.expect("defined");
    let codes = |page: v1::ListLocalAwardsResponse| -> Vec<String> {
        page.awards.into_iter().map(|award| award.award).collect()
    };
    assert_eq!(codes(world.awards(0, "", "", "2022-06-01").await).len(), 2);
    assert_eq!(codes(world.awards(0, "", "", TODAY).await), [AWARD]);
    assert_eq!(
        codes(world.awards(0, "", "tinh-nghe-an", TODAY).await),
        Vec::<String>::new()
    );
    let page = world.awards(1, "", "", "").await;
    let rest = world.awards(1, &page.next_page_token, "", "").await;
    assert_eq!(codes(page), ["tinh-nghe-an/ban-kieu-mau"]);
    assert_eq!(codes(rest), [AWARD]);
}

#[tokio::test]
async fn an_agency_lays_down_only_what_is_its_own() {
    let world = World::new().await;
    let one = || award(AWARD, vec![version("2019-03-01", "")]);
    for who in [
        (Role::Clerk, AGENCY),
        (Role::Leader, "tinh-nghe-an"),
        (Role::Operator, "van-hanh"),
    ] {
        let denied = world.define(who, one()).await.expect_err("not theirs");
        assert_eq!(reason(&denied), "PERMISSION_DENIED");
    }
    let two = award("tinh-nghe-an/x", vec![version("2019-03-01", "")]);
    assert_eq!(
        reason(&world.define(LEADER, two).await.expect_err("not theirs")),
        "PERMISSION_DENIED"
    );
    let absent = world.end(Role::Leader, AWARD, "2024-01-01", "").await;
    assert_eq!(reason(&absent.expect_err("there is none")), "PERMISSION_DENIED");
    // Where two agencies became one, the new one answers for what the old one laid down, from that day.
    let old = |to: &str| v1::Agency {
        to: to.to_owned(),
        successor: AGENCY.to_owned(),
        ..school(if to < TODAY { "truong-cu" } else { "truong-con" })
    };
    for school in [old("2023-01-01"), old("2024-01-01")] {
        world.register(Role::Operator, school).await.expect("registered");
    }
    let of = |school: &str| award(&format!("{school}/x"), vec![version("2021-01-01", "")]);
    world.define(LEADER, of("truong-cu")).await.expect("its successor may");
    let early = world.define(LEADER, of("truong-con")).await.expect_err("not yet");
    assert_eq!(reason(&early), "PERMISSION_DENIED");
}

#[tokio::test]
async fn what_cannot_be_defined_is_told_field_by_field() {
    let world = World::new().await;
    let mut bad = version("2019-03-01", "");
    bad.criteria[1].parameters = r#"{"khong_co":1}"#.to_owned();
    bad.criteria.push(v1::LocalCriterion {
        r#type: "khong-co".to_owned(),
        ..v1::LocalCriterion::default()
    });
    let refused = world
        .define(LEADER, award(AWARD, vec![bad]))
        .await
        .expect_err("it cannot be");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::InvalidArgument, "INVALID_LOCAL_AWARD")
    );
    let fields: Vec<String> = refused
        .get_details_bad_request()
        .expect("fields")
        .field_violations
        .into_iter()
        .map(|violation| violation.field)
        .collect();
    assert_eq!(
        fields,
        ["award.versions[0].criteria[1]", "award.versions[0].criteria[2].type"]
    );
    let mut unreadable = version("2019-03-01", "");
    unreadable.recipient = "everyone".to_owned();
    let refused = world
        .define(LEADER, award(AWARD, vec![unreadable]))
        .await
        .expect_err("unreadable");
    assert_eq!(reason(&refused), "INVALID_REQUEST");
    let passed = world
        .define(LEADER, award(AWARD, vec![version("2019-03-01", "")]))
        .await;
    passed.expect("defined");
    assert_eq!(
        reason(
            &world
                .end(Role::Leader, AWARD, "2023-11-14", "")
                .await
                .expect_err("past")
        ),
        "DAY_PASSED"
    );
}

#[tokio::test]
async fn an_agencys_own_day_goes_before_one_for_all() {
    let world = World::new().await;
    let (all, own) = ((Role::Operator, "van-hanh"), (Role::Leader, AGENCY));
    world.set_day(all, "", "2023-11-20", false).await.expect("set");
    world.set_day(all, "", "2023-12-22", false).await.expect("set");
    world.set_day(own, AGENCY, "2023-11-20", true).await.expect("set");
    let set = world.set_day(own, AGENCY, "2023-11-18", true).await.expect("set");
    let day = |day: &str, working, agency: &str| (day.to_owned(), working, agency.to_owned());
    assert_eq!(
        world.days(AGENCY, "", "").await,
        [
            day("2023-11-18", true, AGENCY),
            day("2023-11-20", true, AGENCY),
            day("2023-12-22", false, "")
        ]
    );
    assert_eq!(
        world.days("tinh-nghe-an", "2023-12-01", "2023-12-31").await,
        [day("2023-12-22", false, "")]
    );
    let stale = world.withdraw_day(own, AGENCY, "2023-11-20", "1").await;
    assert_eq!(reason(&stale.expect_err("stale")), "STALE_ETAG");
    let withdrawn = world.withdraw_day(own, AGENCY, "2023-11-20", &set.etag).await;
    assert!(withdrawn.expect("withdrawn").working);
    assert_eq!(
        world.days(AGENCY, "2023-11-20", "2023-11-20").await,
        [day("2023-11-20", false, "")]
    );
}

#[tokio::test]
async fn a_day_that_cannot_be_set_is_refused_by_its_reason() {
    let world = World::new().await;
    let own = (Role::Officer, AGENCY);
    let refusals = [
        (world.set_day(own, AGENCY, "2023-11-14", false).await, "DAY_PASSED"),
        (world.set_day(own, AGENCY, "14.11.2023", false).await, "INVALID_REQUEST"),
        (world.set_day(own, "", "2023-12-22", false).await, "PERMISSION_DENIED"),
        (
            world.set_day(own, "tinh-nghe-an", "2023-12-22", false).await,
            "PERMISSION_DENIED",
        ),
        (
            world
                .set_day((Role::Operator, "van-hanh"), AGENCY, "2023-12-22", false)
                .await,
            "PERMISSION_DENIED",
        ),
        (
            world
                .set_day((Role::Leader, "khong-co"), "khong-co", "2023-12-22", false)
                .await,
            "UNKNOWN_AGENCY",
        ),
        (world.withdraw_day(own, AGENCY, "2023-12-22", "").await, "NO_SUCH_DAY"),
    ];
    for (answer, expected) in refusals {
        assert_eq!(reason(&answer.expect_err(expected)), expected);
    }
}
