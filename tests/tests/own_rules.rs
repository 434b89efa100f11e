//! What an agency lays down itself reaches the other services by events: an award of its own is judged, voted on and
//! decided by its regulation, and its days move deadlines.

use std::process::{Command, Output};

use access::{Principal, Role};
use proto::{
    approval::v1::{self as approval, Course, Target},
    council::v1::{self as council, Choice},
    directory::v1 as directory,
    intake::v1 as intake,
};
use serde_json::Value;
use tests::{acting, embedded, here, id, program, refused, until};
use vinhdanh::{client::Client, installation::Installation};

const AWARD: &str = "tinh-thanh-hoa/phuong-kieu-mau";
const WARD: &str = "phuong-hac-thanh";
const PROVINCE: &str = "tinh-thanh-hoa";
/// For how long the other services may be without the news.
const WAIT_S: u64 = 20;

struct World {
    installation: Installation,
    data: tempfile::TempDir,
}

fn file(name: &str) -> String {
    let file = here().join("local").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        Self {
            installation: embedded(data.path()).await,
            data,
        }
    }

    fn acting(&self, role: &str, agency: &str) -> Client {
        acting(&self.installation, &format!("{role}@{agency}"))
    }

    async fn define(&self, who: &Client) -> Result<directory::LocalAward, tonic::Status> {
        let text = file("thanh-hoa-phuong-kieu-mau.toml");
        let award = toml::from_str(&text).expect("the example");
        let request = directory::DefineLocalAwardRequest {
            request_id: id(),
            award: Some(host::replica::own::award_to_proto(&award, String::new())),
        };
        let answer = who.directory().define_local_award(request).await;
        answer.map(tonic::Response::into_inner)
    }

    /// The check of intake, once it is as wanted.
    async fn check(&self, content: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let clerk = self.acting("clerk", WARD);
        until(WAIT_S, "the check", async || {
            let request = intake::CheckDossierRequest {
                content: content.to_owned(),
                on: String::new(),
            };
            let answer = clerk.intake().check_dossier(request).await.ok()?.into_inner();
            let check: Value = serde_json::from_str(&answer.check).expect("a check is JSON");
            wanted(&check).then_some(check)
        })
        .await
    }

    async fn submit(&self, content: &str) -> String {
        let clerk = self.acting("clerk", WARD);
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: content.to_owned(),
        };
        let drafted = clerk
            .intake()
            .create_dossier(request)
            .await
            .expect("a draft")
            .into_inner();
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![drafted.dossier.clone()],
            letter_number: String::new(),
        };
        clerk.intake().submit_dossiers(request).await.expect("submitted");
        drafted.dossier
    }

    async fn course(&self, dossier: &str, wanted: impl Fn(&Course) -> bool) -> Course {
        let auditor = self.acting("auditor", "vinhdanh");
        until(WAIT_S, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.to_owned(),
            };
            let course = auditor.approval().get_course(request).await.ok()?.into_inner();
            wanted(&course).then_some(course)
        })
        .await
    }

    /// Receives and appraises at a station.
    async fn prepare(&self, agency: &str, dossier: &str) {
        self.course(dossier, |course| course.agency == agency).await;
        let officer = self.acting("officer", agency);
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: target(dossier),
        };
        officer.approval().receive_dossiers(request).await.expect("received");
        let request = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: target(dossier),
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        officer.approval().appraise_dossiers(request).await.expect("appraised");
    }

    async fn sign(&self, agency: &str, dossier: &str) {
        let request = approval::SignLetterRequest {
            request_id: id(),
            dossiers: target(dossier),
            letter_number: "07/TTr-UBND".to_owned(),
        };
        let leader = self.acting("leader", agency);
        leader.approval().sign_letter(request).await.expect("signed");
    }

    /// A session of five, with so many yes votes.
    async fn vote(&self, council_of: &str, dossier: &str, yes: usize) {
        let members: Vec<String> = (1..=5).map(|n| format!("m{n}@{council_of}")).collect();
        let officer = self.acting("officer", council_of);
        // The council hears of the dossier by events.
        let session = until(WAIT_S, "the session", async || {
            let request = council::ConveneSessionRequest {
                request_id: id(),
                council: council_of.to_owned(),
                members: members.clone(),
                agenda: vec![dossier.to_owned()],
                kind: String::new(),
            };
            let answer = officer.council().convene_session(request).await;
            Some(answer.ok()?.into_inner().session)
        })
        .await;
        let secretary = self.acting("secretary", council_of);
        let request = council::RecordAttendanceRequest {
            request_id: id(),
            session: session.clone(),
            present: members.clone(),
            writing: Vec::new(),
            etag: String::new(),
        };
        secretary
            .council()
            .record_attendance(request)
            .await
            .expect("attendance");
        for (n, _) in members.iter().enumerate() {
            let member = acting(&self.installation, &format!("m{}=member@{council_of}", n + 1));
            let choice = if n < yes { Choice::Yes } else { Choice::No };
            let request = council::CastBallotRequest {
                request_id: id(),
                session: session.clone(),
                dossier: dossier.to_owned(),
                choice: choice.into(),
                slip: String::new(),
            };
            member.council().cast_ballot(request).await.expect("a ballot");
        }
        let request = council::CloseSessionRequest {
            request_id: id(),
            session: session.clone(),
            etag: String::new(),
        };
        secretary.council().close_session(request).await.expect("closed");
        let request = council::MinuteSessionRequest {
            request_id: id(),
            session,
            etag: String::new(),
        };
        secretary.council().minute_session(request).await.expect("minuted");
    }

    async fn set_day(&self, who: &Client, agency: &str, day: &str, working: bool) -> Result<(), tonic::Status> {
        let request = directory::SetDayRequest {
            request_id: id(),
            day: Some(directory::Day {
                agency: agency.to_owned(),
                day: day.to_owned(),
                working,
                reason: "Ngày truyền thống của tỉnh (dựng để kiểm thử)".to_owned(),
                document: "12/TB-UBND (dựng)".to_owned(),
                etag: String::new(),
            }),
        };
        who.directory().set_day(request).await.map(|_| ())
    }
}

impl World {
    /// The command line as this person.
    fn run(&self, role: Role, agency: &str, args: &[&str]) -> Output {
        let principal = Principal {
            subject: format!("{role}@{agency}"),
            role,
            agency: agency.to_owned(),
            person: None,
        };
        Command::new(program())
            .args(["directory"])
            .args(args)
            .args(["--server", &self.installation.servers().addresses()[0]])
            .args(["--token", &self.installation.token(&principal), "--json"])
            .current_dir(here().join("local"))
            .output()
            .expect("the program runs")
    }

    /// The same, where it must succeed.
    fn json(&self, role: Role, agency: &str, args: &[&str]) -> Value {
        let output = self.run(role, agency, args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {errors}"))
    }
}

fn target(dossier: &str) -> Vec<Target> {
    vec![Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }]
}

/// The criteria of the path that always holds: name → status.
fn criteria(check: &Value) -> Vec<(&str, &str)> {
    let leaves = check["tree"]["paths"][0]["criteria"].as_array().expect("criteria");
    leaves
        .iter()
        .map(|leaf| {
            let word = |key: &str| leaf[key].as_str().unwrap_or_default();
            (word("criterion"), word("status"))
        })
        .collect()
}

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
