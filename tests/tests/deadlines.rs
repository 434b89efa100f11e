//! The directory sets a day off: deadlines that run move by it, as steps of their dossiers' histories; those that have
//! passed stay, and so do those of others.

use law::{Date, DayUnit, Law};
use proto::{
    approval::v1::{self as approval, Target},
    directory::v1 as directory,
    intake::v1 as intake,
    rehearsal::v1 as rehearsal,
};
use tests::{acting, id, sample, until};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

/// 2025-07-02T08:00:00+07:00, in microseconds.
const JULY: i64 = 1_751_418_000_000_000;
const DAY: i64 = 24 * 3_600 * 1_000_000;
const CERTIFICATE: &str = "ben-tre-2025-chien-si-thi-dua-toan-quoc";
const OFFICER: &str = "officer@tinh-vinh-long";

struct World {
    installation: Installation,
    _data: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            data: data.path().to_owned(),
            database: None,
            nats: None,
            layout: Layout::OneProcess,
            clock: Some(JULY),
            program: None,
        };
        let installation = Installation::start(plan).await.expect("the services start");
        Self {
            installation,
            _data: data,
        }
    }

    fn acting(&self, who: &str) -> Client {
        acting(&self.installation, who)
    }

    /// A dossier that its office has received today.
    async fn received(&self, letter: &str, candidate: &str) -> approval::Course {
        let clerk = self.acting("clerk@tinh-vinh-long");
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: sample(CERTIFICATE).replace("N.V.A.", candidate),
        };
        let draft = clerk
            .intake()
            .create_dossier(request)
            .await
            .expect("a draft")
            .into_inner();
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![draft.dossier.clone()],
            letter_number: letter.to_owned(),
        };
        clerk.intake().submit_dossiers(request).await.expect("submitted");
        let officer = self.acting(OFFICER);
        until(20, "the course", async || {
            let request = approval::ReceiveDossiersRequest {
                request_id: id(),
                dossiers: vec![target(&draft.dossier)],
            };
            let received = officer.approval().receive_dossiers(request).await.ok()?;
            received.into_inner().courses.pop()
        })
        .await
    }

    async fn course(&self, dossier: &str) -> approval::Course {
        let request = approval::GetCourseRequest {
            dossier: dossier.to_owned(),
        };
        let course = self.acting("auditor@vinhdanh").approval().get_course(request).await;
        course.expect("the course").into_inner()
    }

    async fn deadline(&self, dossier: &str, day: Date) -> approval::Course {
        until(20, "the deadline", async || {
            let course = self.course(dossier).await;
            (course.deadline == day.to_string()).then_some(course)
        })
        .await
    }

    async fn inputs(&self, dossier: &str) -> Vec<String> {
        let request = approval::ListHistoryRequest {
            dossier: dossier.to_owned(),
            page_size: 100,
            page_token: String::new(),
        };
        let history = self.acting("auditor@vinhdanh").approval().list_history(request).await;
        let steps = history.expect("its history").into_inner().steps;
        steps.into_iter().map(|step| step.input).collect()
    }

    async fn set_day_off(&self, agency: &str, day: Date) {
        let request = directory::SetDayRequest {
            request_id: id(),
            day: Some(directory::Day {
                agency: agency.to_owned(),
                day: day.to_string(),
                working: false,
                reason: "nghỉ tránh bão".to_owned(),
                document: "12/CĐ-UBND".to_owned(),
                etag: String::new(),
            }),
        };
        let leader = self.acting(&format!("officer@{agency}"));
        leader.directory().set_day(request).await.expect("set");
    }

    async fn advance(&self, to: i64) {
        let request = rehearsal::AdvanceTimeRequest { to };
        let operator = self.acting("operator@vinhdanh");
        operator
            .rehearsal("approval")
            .advance_time(request)
            .await
            .expect("later");
    }

    /// Every history verifies and replays.
    async fn sound(&self) {
        let auditor = self.acting("auditor@vinhdanh");
        for service in ["directory", "approval"].map(str::to_owned) {
            let request = proto::admin::v1::VerifyAuditRequest {
                service: service.clone(),
            };
            let verified = auditor.admin(&service).verify_audit(request).await.expect("verified");
            assert_eq!(verified.into_inner().problems, Vec::<String>::new(), "{service}");
            let request = proto::admin::v1::ReplayHistoriesRequest {
                service: service.clone(),
            };
            let replayed = auditor
                .admin(&service)
                .replay_histories(request)
                .await
                .expect("replayed");
            assert_eq!(replayed.into_inner().divergences, Vec::<String>::new(), "{service}");
        }
    }
}

fn target(dossier: &str) -> Target {
    Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }
}

/// As nobody's own days would have it.
fn working_days_after(day: Date, n: u32) -> Date {
    let days = Law::embedded().calendar().seen_by([]);
    days.deadline(day, n, DayUnit::Working).expect("a year with data")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_off_moves_the_deadline_that_runs_by_one_working_day_and_not_the_one_that_has_passed() {
    let world = World::new().await;
    let passed = world.received("1/TTr-UBND", "N.V.A. 1").await;
    let limit = &passed.deadlines[0];
    assert_eq!(
        (limit.kind.as_str(), limit.unit.as_str(), limit.days),
        ("limit", "working", 25)
    );
    assert_eq!(
        (limit.began.as_str(), limit.until.as_str()),
        ("2025-07-02", "2025-08-06")
    );
    assert_eq!(limit.agency, "tinh-vinh-long");
    assert_eq!(passed.deadline, limit.until);

    // 7 August: the first has passed yesterday.
    world.advance(JULY + 36 * DAY).await;
    let today = Date::from_ordinal_date(2025, 219).expect("7 August");
    let open = world.received("2/TTr-UBND", "N.V.A. 2").await;
    let before = working_days_after(today, 25);
    assert_eq!(open.deadline, before.to_string());

    // Another agency's day, and a day after the deadline: nothing moves.
    let friday = working_days_after(today, 6);
    world.set_day_off("tinh-hung-yen", friday).await;
    world.set_day_off("tinh-vinh-long", working_days_after(before, 3)).await;
    // Its own day within: one working day more.
    world.set_day_off("tinh-vinh-long", friday).await;
    let moved = world.deadline(&open.dossier, working_days_after(before, 1)).await;
    assert_eq!(moved.deadlines[0].began, today.to_string());
    assert_eq!(world.inputs(&open.dossier).await, ["open", "receive", "recount"]);
    assert_eq!(world.course(&passed.dossier).await.deadline, "2025-08-06");
    assert!(!world.inputs(&passed.dossier).await.contains(&"recount".to_owned()));

    // What is received from now on knows the day.
    let later = world.received("3/TTr-UBND", "N.V.A. 3").await;
    assert_eq!(later.deadline, moved.deadline);

    // The worklist shows how it was counted.
    let request = approval::ListTasksRequest {
        page_size: 10,
        ..approval::ListTasksRequest::default()
    };
    let tasks = world
        .acting(OFFICER)
        .approval()
        .list_tasks(request)
        .await
        .expect("tasks")
        .into_inner();
    let listed = tasks
        .tasks
        .iter()
        .find(|task| task.dossier == open.dossier)
        .expect("it is there");
    assert_eq!(listed.deadlines, moved.deadlines);
    world.sound().await;
}
