//! Embedded services, the program's own `admin` commands beside them, and a few acts.

use std::{path::PathBuf, process::Command, time::Duration};

use access::{Principal, Role};
use proto::{
    admin::v1 as admin,
    approval::v1::{self as approval, Target},
    intake::v1 as intake,
    notification::v1::{Channel, CreateSubscriptionRequest},
};
use serde_json::Value;
use tests::{acting, id, program, sample, until};
use vinhdanh::{
    client::{Client, SERVICES},
    installation::{Installation, Layout, Plan},
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
const MARCH: i64 = 1_772_413_200_000_000;
pub const CLERK: &str = "clerk@truong-thcs-trung-vuong";
pub const OFFICER: &str = "officer@phuong-hoan-kiem";
pub const LEADER: &str = "leader@phuong-hoan-kiem";

pub struct World {
    installation: Option<Installation>,
    /// PostgreSQL and NATS, for a process a service; else embedded.
    pub servers: Option<(String, String)>,
    pub data: PathBuf,
    pub backup: PathBuf,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::on(None).await
    }

    pub async fn on(servers: Option<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut world = Self {
            installation: None,
            servers,
            data: folder.path().join("data"),
            backup: folder.path().join("backup"),
            _folder: folder,
        };
        world.start().await;
        world
    }

    pub async fn start(&mut self) {
        let program = self.servers.is_some().then(program);
        let layout = if program.is_some() {
            Layout::ProcessPerService
        } else {
            Layout::OneProcess
        };
        let (database, nats) = self.servers.clone().unzip();
        let plan = Plan {
            data: self.data.clone(),
            database,
            nats,
            layout,
            clock: Some(MARCH),
            program,
        };
        self.installation = Some(Installation::start(plan).await.expect("the services start"));
    }

    pub async fn stop(&mut self) {
        let installation = self.installation.take().expect("it runs");
        installation.stop().await.expect("stopped");
    }

    pub async fn kill(&mut self, service: &str) {
        let installation = self.installation.as_mut().expect("it runs");
        installation.kill(service).await.expect("killed");
    }

    pub fn acting(&self, who: &str) -> Client {
        acting(self.installation.as_ref().expect("it runs"), who)
    }

    /// Runs `vinhdanh admin …` as an operator would; the result, or what it complained about.
    pub async fn admin(&self, words: &[&str]) -> Result<Value, String> {
        let mut command = Command::new(program());
        command
            .arg("admin")
            .args(words)
            .arg("--json")
            .arg("--data")
            .arg(&self.data);
        if let Some(installation) = &self.installation {
            // By the services' clock, which stands.
            let operator = Principal {
                subject: "operator@vinhdanh".to_owned(),
                role: Role::Operator,
                agency: "vinhdanh".to_owned(),
                person: None,
            };
            command.env("VINHDANH_TOKEN", installation.token(&operator));
            let servers = installation.servers();
            let of = |service: &str| format!("{service}={}", servers.of(service).expect("an address"));
            command.args(["--server", &SERVICES.map(of).join(",")]);
        }
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.expect("it ran").expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
        }
        Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    pub async fn back_up(&self) {
        let to = self.backup.to_str().expect("plain text").to_owned();
        self.admin(&["backup", "--to", &to]).await.expect("a backup");
    }

    /// The stopped service's database is the backup's again.
    pub async fn restore(&self, service: &str) {
        let from = self.backup.to_str().expect("plain text").to_owned();
        let words = ["restore", service, "--from", &from, "--aside", "--reason", "disk lost"];
        let begun = self.admin(&words).await.expect("restored");
        assert_eq!(begun[0]["epoch"], 2, "{begun}");
    }

    /// The open differences, once every consumer has looked: (consumer, aggregate).
    pub async fn differences(&self) -> Vec<(String, String)> {
        let rows = self.admin(&["epoch", "differences"]).await.expect("a list");
        let rows = rows.as_array().expect("rows").clone();
        let text = |row: &Value, key: &str| row[key].as_str().expect("text").to_owned();
        rows.iter()
            .map(|row| (text(row, "consumer"), text(row, "aggregate")))
            .collect()
    }

    /// Returns once every consumer follows the newest epoch of its producers.
    pub async fn compared(&self) {
        until(30, "histories to be compared", async || {
            let epochs = self.try_epochs().await?;
            let of = |name: &str| {
                epochs
                    .iter()
                    .find(|one| one.service == name)
                    .map(|one| one.epochs.len() as u64)
            };
            let agreed = |one: &admin::ServiceEpochs| {
                one.follows
                    .iter()
                    .all(|follows| Some(follows.number) == of(&follows.producer) && follows.held.is_empty())
            };
            epochs.iter().all(agreed).then_some(())
        })
        .await;
    }

    pub async fn epochs(&self) -> Vec<admin::ServiceEpochs> {
        self.try_epochs().await.expect("epochs")
    }

    /// One process may run several services: each is asked for its own.
    async fn try_epochs(&self) -> Option<Vec<admin::ServiceEpochs>> {
        let operator = self.acting("operator@vinhdanh");
        let mut services = Vec::new();
        for service in SERVICES {
            let asked = operator.admin(service).get_epochs(admin::GetEpochsRequest {}).await;
            let told = asked.ok()?.into_inner().services;
            services.extend(told.into_iter().filter(|one| one.service == service));
        }
        Some(services)
    }

    async fn progress(&self) -> Option<Vec<admin::ServiceProgress>> {
        let mut services = Vec::new();
        for service in SERVICES {
            services.push(self.progress_of(service).await?);
        }
        Some(services)
    }

    async fn progress_of(&self, service: &str) -> Option<admin::ServiceProgress> {
        let operator = self.acting("operator@vinhdanh");
        let asked = operator.admin(service).get_progress(admin::GetProgressRequest {}).await;
        let mut told = asked.ok()?.into_inner().services.into_iter();
        told.find(|one| one.service == service)
    }

    /// Returns once all that a service has published is on the bus.
    pub async fn relayed(&self, service: &str) {
        until(30, "the relay", async || {
            let one = self.progress_of(service).await?;
            (one.relayed == one.head).then_some(())
        })
        .await;
    }

    /// Returns once every event has been relayed, applied and delivered.
    pub async fn quiet(&self) {
        until(30, "quiet", async || {
            let services = self.progress().await?;
            let head = |name: &str| services.iter().find(|one| one.service == name).map(|one| one.head);
            let is_quiet = |one: &admin::ServiceProgress| {
                one.relayed == one.head
                    && one.under_way == 0
                    && one.timers_due == 0
                    && one
                        .consumers
                        .iter()
                        .all(|consumer| Some(consumer.position) == head(&consumer.producer))
            };
            services.iter().all(is_quiet).then_some(())
        })
        .await;
    }

    /// Chains hold, replays are identical, and nothing waits for an operator.
    pub async fn sound(&self) {
        self.quiet().await;
        self.admin(&["verify"]).await.expect("the chains hold");
        self.admin(&["replay"]).await.expect("replays are identical");
        assert_eq!(self.differences().await, []);
        assert_eq!(self.dead_letters().await, Vec::<(String, String)>::new());
    }

    /// Open dead letters: (event, consumer).
    pub async fn dead_letters(&self) -> Vec<(String, String)> {
        let rows = self.admin(&["dead-letters"]).await.expect("a list");
        let text = |row: &Value, key: &str| row[key].as_str().expect("text").to_owned();
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| (text(row, "event_id"), text(row, "consumer"))).collect()
    }

    /// A certificate of the ward by the simplified procedure, as a draft.
    pub async fn draft(&self, n: u32) -> String {
        let mut file: Value = serde_json::from_str(&sample("phuong-hoan-kiem-2026-giay-khen")).expect("a sample");
        file["candidate"]["id"] = format!("0010880{n:05}").into();
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: file.to_string(),
        };
        let draft = self
            .acting(CLERK)
            .intake()
            .create_dossier(request)
            .await
            .expect("a draft");
        draft.into_inner().dossier
    }

    pub async fn submit(&self, dossier: &str) {
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![dossier.to_owned()],
            letter_number: String::new(),
        };
        self.acting(CLERK)
            .intake()
            .submit_dossiers(request)
            .await
            .expect("submitted");
        self.course(dossier, |_| true).await;
    }

    /// Waits for the course to be so.
    pub async fn course(&self, dossier: &str, wanted: impl Fn(&approval::Course) -> bool) {
        let officer = self.acting(OFFICER);
        until(20, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.to_owned(),
            };
            let course = officer.approval().get_course(request).await.ok()?.into_inner();
            wanted(&course).then_some(())
        })
        .await;
    }

    pub async fn receive(&self, dossier: &str) {
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: vec![target(dossier)],
        };
        self.acting(OFFICER)
            .approval()
            .receive_dossiers(request)
            .await
            .expect("received");
    }

    pub async fn appraise(&self, dossier: &str) {
        let request = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: vec![target(dossier)],
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        self.acting(OFFICER)
            .approval()
            .appraise_dossiers(request)
            .await
            .expect("appraised");
    }

    pub async fn award(&self, dossier: &str, number: &str) {
        let request = approval::DecideDossiersRequest {
            request_id: id(),
            dossiers: vec![target(dossier)],
            outcome: approval::Outcome::Award.into(),
            decision_number: number.to_owned(),
            reason: String::new(),
        };
        self.acting(LEADER)
            .approval()
            .decide_dossiers(request)
            .await
            .expect("awarded");
    }

    /// What intake says of a dossier.
    pub async fn status(&self, dossier: &str) -> intake::Status {
        let request = intake::GetDossierRequest {
            dossier: dossier.to_owned(),
        };
        let found = self.acting(CLERK).intake().get_dossier(request).await;
        found.expect("a dossier").into_inner().status()
    }

    pub async fn becomes(&self, dossier: &str, status: intake::Status) {
        until(20, "intake to follow", async || {
            (self.status(dossier).await == status).then_some(())
        })
        .await;
    }

    /// A webhook on decisions.
    pub async fn subscribe(&self, endpoint: String) {
        let request = CreateSubscriptionRequest {
            request_id: id(),
            filter: [("fact".to_owned(), "dossier.awarded".to_owned())].into(),
            channel: Channel::Webhook.into(),
            endpoint,
        };
        let subscriber = self.acting("subscriber@phuong-hoan-kiem");
        subscriber
            .notification()
            .create_subscription(request)
            .await
            .expect("a subscription");
    }

    /// Everything that is open is accepted, and what is refused after that is gone on without.
    pub async fn accept_all(&self) {
        for (consumer, aggregate) in self.differences().await {
            let words = [
                "epoch",
                "resolve",
                &aggregate,
                "--service",
                &consumer,
                "--accept",
                "--reason",
                "lost with the disk",
            ];
            self.admin(&words).await.expect("accepted");
        }
        tokio::time::timeout(Duration::from_secs(30), async {
            self.quiet().await;
            for (event, consumer) in self.dead_letters().await {
                let words = [
                    "resolve",
                    &event,
                    "--service",
                    &consumer,
                    "--skip",
                    "--reason",
                    "known from before",
                ];
                self.admin(&words).await.expect("skipped");
            }
        })
        .await
        .expect("it ends");
    }
}

pub fn target(dossier: &str) -> Target {
    Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }
}

pub fn services() -> [&'static str; 5] {
    SERVICES
}
