//! What an agency lays down itself reaches the other services by events: an award of its own is judged, voted on and
//! decided by its regulation, and its days move deadlines.

mod world;

use access::Role;
use proto::{approval::v1 as approval, directory::v1 as directory, intake::v1 as intake};
use serde_json::Value;
use tests::{embedded, id, refused, until};

use crate::world::{AWARD, PROVINCE, WAIT_S, WARD, World, criteria, file, target};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_award_of_a_provinces_own_goes_its_way_by_the_provinces_regulation() {
    let world = World::new().await;
    let content = file("phuong-hac-thanh-2025-phuong-kieu-mau.json");
    let leader = world.acting("leader", PROVINCE);
    refused(
        world.define(&world.acting("leader", WARD)).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    world.define(&leader).await.expect("defined");

    let check = world.check(&content, |check| check["verdict"] == "eligible").await;
    assert_eq!(check["tree"]["award"], AWARD);
    assert_eq!(check["deciding_agency"], PROVINCE);
    let told = criteria(&check);
    assert_eq!(told.len(), 8, "{told:?}");
    assert_eq!(
        (told[0], told[7]),
        (("no-member-discipline", "met"), ("noi-dung-7", "met"))
    );
    let leaf = &check["tree"]["paths"][0]["criteria"][7];
    assert_eq!(
        leaf["article"],
        "Điều 4 khoản 7, 01/2019/QĐ-UBND (dựng) ngày 15/02/2019"
    );
    let open = content.replace("noi-dung-7", "noi-dung-6");
    let open = world.check(&open, |_| true).await;
    assert_eq!(
        (open["verdict"].as_str(), criteria(&open)[7]),
        (Some("undecided"), ("noi-dung-7", "question"))
    );

    let dossier = world.submit(&content).await;
    world.prepare(WARD, &dossier).await;
    world.sign(WARD, &dossier).await;
    world.prepare(PROVINCE, &dossier).await;
    let course = world.course(&dossier, |course| course.agency == PROVINCE).await;
    // 15 working days after Monday 2025-09-15.
    assert_eq!(course.deadline, "2025-10-06");
    let route: Value = serde_json::from_str(&course.route).expect("a route is JSON");
    assert_eq!(route["stations"][1]["council"]["threshold_percent"], 80, "{route:#}");
    world.vote(PROVINCE, &dossier, 4).await;
    let decided = until(WAIT_S, "the decision", async || {
        let request = approval::DecideDossiersRequest {
            request_id: id(),
            dossiers: target(&dossier),
            outcome: approval::Outcome::Award.into(),
            decision_number: "2025/QĐ-UBND".to_owned(),
            reason: String::new(),
        };
        leader.approval().decide_dossiers(request).await.ok()
    })
    .await;
    let course = &decided.into_inner().courses[0];
    assert_eq!((course.status.as_str(), course.bonus_vnd), ("awarded", 50_000_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agencys_own_day_off_moves_its_deadline() {
    let world = World::new().await;
    let content = file("phuong-hac-thanh-2025-phuong-kieu-mau.json");
    let leader = world.acting("leader", PROVINCE);
    world.define(&leader).await.expect("defined");
    refused(
        world.set_day(&leader, PROVINCE, "2025-09-12", false).await,
        "FAILED_PRECONDITION",
        "DAY_PASSED",
    );
    refused(
        world.set_day(&leader, "", "2025-09-22", false).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    world.check(&content, |check| check["verdict"] == "eligible").await;
    let dossier = world.submit(&content).await;
    world.prepare(WARD, &dossier).await;
    world.sign(WARD, &dossier).await;
    world.prepare(PROVINCE, &dossier).await;
    let due = |day: &'static str| world.course(&dossier, move |course| course.deadline == day);
    due("2025-10-06").await;
    // A Monday off for the province, a Saturday worked for all but the province.
    world
        .set_day(&leader, PROVINCE, "2025-09-22", false)
        .await
        .expect("set");
    due("2025-10-07").await;
    let operator = world.acting("operator", "vinhdanh");
    world
        .set_day(&leader, PROVINCE, "2025-09-27", false)
        .await
        .expect("set");
    world.set_day(&operator, "", "2025-09-27", true).await.expect("set");
    world.set_day(&operator, "", "2025-10-04", true).await.expect("set");
    due("2025-10-06").await;
    let request = directory::WithdrawDayRequest {
        request_id: id(),
        agency: String::new(),
        day: "2025-10-04".to_owned(),
        etag: String::new(),
    };
    operator.directory().withdraw_day(request).await.expect("withdrawn");
    due("2025-10-07").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_told_is_known_after_a_restart() {
    let world = World::new().await;
    let content = file("phuong-hac-thanh-2025-phuong-kieu-mau.json");
    let leader = world.acting("leader", PROVINCE);
    world.define(&leader).await.expect("defined");
    world.check(&content, |check| check["verdict"] == "eligible").await;
    let World { installation, data } = world;
    installation.stop().await.expect("it stops");
    let world = World {
        installation: embedded(data.path()).await,
        data,
    };
    let request = intake::CheckDossierRequest {
        content,
        on: String::new(),
    };
    let clerk = world.acting("clerk", WARD);
    let answer = clerk
        .intake()
        .check_dossier(request)
        .await
        .expect("a check")
        .into_inner();
    let check: Value = serde_json::from_str(&answer.check).expect("a check is JSON");
    assert_eq!(criteria(&check).len(), 8);
    assert!(world.data.path().is_dir());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_lays_down_and_takes_back() {
    let world = World::new().await;
    let lead = |args: &[&str]| world.json(Role::Leader, PROVINCE, args);
    let defined = lead(&["award", "define", "thanh-hoa-phuong-kieu-mau.toml"]);
    assert_eq!((&defined["code"], &defined["etag"]), (&AWARD.into(), &"1".into()));
    assert_eq!(lead(&["award", "show", AWARD]), defined);
    let file = world.data.path().join("award.json");
    std::fs::write(&file, defined.to_string()).expect("written");
    let anew = lead(&["award", "define", &file.to_string_lossy()]);
    assert_eq!(anew["etag"], "2");
    let stale = world.run(Role::Leader, PROVINCE, &["award", "define", &file.to_string_lossy()]);
    assert_eq!(stale.status.code(), Some(1));
    let ended = lead(&[
        "award",
        "end",
        AWARD,
        "--to",
        "2025-10-01",
        "--document",
        "9/QĐ-UBND",
        "--dated",
        "2025-09-15",
    ]);
    assert_eq!(ended["ended_by"]["number"], "9/QĐ-UBND");
    let given_on = |day| lead(&["award", "list", "--agency", PROVINCE, "--on", day]);
    assert_eq!(given_on("2025-09-30").as_array().map(Vec::len), Some(1));
    assert_eq!(given_on("2025-10-01").as_array().map(Vec::len), Some(0));

    let why = ["--reason", "Ngày truyền thống", "--document", "12/TB-UBND"];
    let set = lead(&[&["day", "set", "2025-09-22", "--agency", PROVINCE][..], &why].concat());
    assert_eq!(set["working"], false);
    let all = [&["day", "set", "2025-09-27", "--all", "--working"][..], &why].concat();
    assert_eq!(world.run(Role::Leader, PROVINCE, &all).status.code(), Some(1));
    world.json(Role::Operator, "vinhdanh", &all);
    let days = lead(&["day", "list", "--agency", PROVINCE]);
    let days: Vec<&Value> = days.as_array().expect("a list").iter().map(|day| &day["day"]).collect();
    assert_eq!(days, ["2025-09-22", "2025-09-27"]);
    lead(&["day", "withdraw", "2025-09-22", "--agency", PROVINCE]);
    assert_eq!(
        lead(&["day", "list", "--agency", PROVINCE]).as_array().map(Vec::len),
        Some(1)
    );
}
