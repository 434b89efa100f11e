//! The services, and what people do in them.

use std::process::{Command, Output};

use access::{Principal, Role};
use proto::{
    approval::v1::{self as approval, Course, Target},
    council::v1::{self as council, Choice},
    directory::v1 as directory,
    intake::v1 as intake,
};
use serde_json::Value;
use tests::{acting, embedded, here, id, program, until};
use vinhdanh::{client::Client, installation::Installation};

pub(crate) const AWARD: &str = "tinh-thanh-hoa/phuong-kieu-mau";
pub(crate) const WARD: &str = "phuong-hac-thanh";
pub(crate) const PROVINCE: &str = "tinh-thanh-hoa";
/// For how long the other services may be without the news.
pub(crate) const WAIT_S: u64 = 20;

pub(crate) struct World {
    pub(crate) installation: Installation,
    pub(crate) data: tempfile::TempDir,
}

pub(crate) fn file(name: &str) -> String {
    let file = here().join("local").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

impl World {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        Self {
            installation: embedded(data.path()).await,
            data,
        }
    }

    pub(crate) fn acting(&self, role: &str, agency: &str) -> Client {
        acting(&self.installation, &format!("{role}@{agency}"))
    }

    pub(crate) async fn define(&self, who: &Client) -> Result<directory::LocalAward, tonic::Status> {
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
    pub(crate) async fn check(&self, content: &str, wanted: impl Fn(&Value) -> bool) -> Value {
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

    pub(crate) async fn submit(&self, content: &str) -> String {
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

    pub(crate) async fn course(&self, dossier: &str, wanted: impl Fn(&Course) -> bool) -> Course {
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
    pub(crate) async fn prepare(&self, agency: &str, dossier: &str) {
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

    pub(crate) async fn sign(&self, agency: &str, dossier: &str) {
        let request = approval::SignLetterRequest {
            request_id: id(),
            dossiers: target(dossier),
            letter_number: "07/TTr-UBND".to_owned(),
        };
        let leader = self.acting("leader", agency);
        leader.approval().sign_letter(request).await.expect("signed");
    }

    /// A session of five, with so many yes votes.
    pub(crate) async fn vote(&self, council_of: &str, dossier: &str, yes: usize) {
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

    pub(crate) async fn set_day(
        &self,
        who: &Client,
        agency: &str,
        day: &str,
        working: bool,
    ) -> Result<(), tonic::Status> {
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
    pub(crate) fn run(&self, role: Role, agency: &str, args: &[&str]) -> Output {
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
    pub(crate) fn json(&self, role: Role, agency: &str, args: &[&str]) -> Value {
        let output = self.run(role, agency, args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {errors}"))
    }
}

pub(crate) fn target(dossier: &str) -> Vec<Target> {
    vec![Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }]
}

/// The criteria of the path that always holds: name → status.
pub(crate) fn criteria(check: &Value) -> Vec<(&str, &str)> {
    let leaves = check["tree"]["paths"][0]["criteria"].as_array().expect("criteria");
    leaves
        .iter()
        .map(|leaf| {
            let word = |key: &str| leaf[key].as_str().unwrap_or_default();
            (word("criterion"), word("status"))
        })
        .collect()
}
