//! Running services with something in them, and calls that people really make.

use std::{path::Path, time::Duration};

use access::{Principal, Role};
use host::limits::Limits;
use prost::Message;
use proto::{approval::v1 as approval, council::v1 as council, directory::v1 as directory, intake::v1 as intake};
use proto::{log::v1 as log, notification::v1 as notification};
use tests::{acting, id, sample, until};
use tonic::Status;
use vinhdanh::installation::{Installation, Layout, Plan};

use crate::{
    calls::{Real, Storm},
    targets::TOKEN,
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
const MARCH: i64 = 1_772_413_200_000_000;
/// Where dossiers are proposed.
const SCHOOL: &str = "truong-thcs-trung-vuong";
/// Where they are decided.
pub const WARD: &str = "phuong-hoan-kiem";
/// Other agencies that storms speak of.
const AGENCIES: [&str; 4] = ["so-noi-vu-hung-yen", "ubnd-tinh-hung-yen", "bo-noi-vu", "chu-tich-nuoc"];

fn target(dossier: &str) -> Vec<approval::Target> {
    vec![approval::Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }]
}

/// Services in this process.
pub struct House {
    /// They.
    pub installation: Installation,
    dossiers: Vec<String>,
}

impl House {
    /// Starts them on a folder, or on a PostgreSQL database, and submits some dossiers.
    pub async fn start(data: &Path, database: Option<String>) -> Self {
        Self::start_within(data, database, Limits::default()).await
    }

    /// Likewise, within these limits.
    pub async fn start_within(data: &Path, database: Option<String>, limits: Limits) -> Self {
        let plan = Plan {
            data: data.to_owned(),
            database,
            nats: None,
            layout: Layout::OneProcess,
            clock: Some(MARCH),
            program: None,
        };
        let installation = Installation::start_within(plan, None, limits).await;
        let installation = installation.expect("the services start");
        let mut house = Self {
            installation,
            dossiers: Vec::new(),
        };
        for submitted in [false, true, true] {
            house.dossiers.push(house.dossier(submitted).await);
        }
        house
    }

    /// Where they answer.
    pub fn url(&self) -> String {
        self.installation
            .servers()
            .of("intake")
            .expect("one address")
            .to_owned()
    }

    /// A certificate that the school proposes to its ward.
    pub(crate) async fn dossier(&self, submitted: bool) -> String {
        let clerk = acting(&self.installation, &format!("clerk@{SCHOOL}"));
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: sample("phuong-hoan-kiem-2026-giay-khen"),
        };
        let draft = clerk
            .intake()
            .create_dossier(request)
            .await
            .expect("a draft")
            .into_inner();
        if submitted {
            let request = intake::SubmitDossiersRequest {
                request_id: id(),
                dossiers: vec![draft.dossier.clone()],
                letter_number: format!("{}/TTr-THCS", &id()[..8]),
            };
            clerk.intake().submit_dossiers(request).await.expect("submitted");
        }
        draft.dossier
    }

    /// A dossier goes its ordinary way, from the draft to the decision.
    pub async fn a_dossier_passes(&self, number: &str) {
        let dossier = self.dossier(true).await;
        until(30, "its receipt", async || self.receive(&dossier).await.ok()).await;
        self.appraise(&dossier).await.expect("appraised");
        self.decide(&dossier, number).await.expect("decided");
    }

    /// The ward's officer receives a dossier.
    pub async fn receive(&self, dossier: &str) -> Result<(), Status> {
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: target(dossier),
        };
        let officer = acting(&self.installation, &format!("officer@{WARD}"));
        officer.approval().receive_dossiers(request).await.map(|_| ())
    }

    /// And finds that it meets the criteria.
    pub async fn appraise(&self, dossier: &str) -> Result<(), Status> {
        let request = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: target(dossier),
            opinion: approval::Opinion::Meets.into(),
            ..approval::AppraiseDossiersRequest::default()
        };
        let officer = acting(&self.installation, &format!("officer@{WARD}"));
        officer.approval().appraise_dossiers(request).await.map(|_| ())
    }

    /// The ward's leader decides it.
    pub async fn decide(&self, dossier: &str, number: &str) -> Result<(), Status> {
        let request = approval::DecideDossiersRequest {
            request_id: id(),
            dossiers: target(dossier),
            outcome: approval::Outcome::Award.into(),
            decision_number: number.to_owned(),
            ..approval::DecideDossiersRequest::default()
        };
        let leader = acting(&self.installation, &format!("leader@{WARD}"));
        leader.approval().decide_dossiers(request).await.map(|_| ())
    }

    /// The journals verify, and every history replays to what is stored.
    pub async fn is_sound(&self) {
        let operator = acting(&self.installation, "operator@vinhdanh");
        for service in vinhdanh::client::SERVICES {
            let request = proto::admin::v1::VerifyAuditRequest {
                service: service.to_owned(),
            };
            let audit = operator.admin(service).verify_audit(request).await.expect("verified");
            assert_eq!(audit.into_inner().problems, Vec::<String>::new(), "{service}");
            let request = proto::admin::v1::ReplayHistoriesRequest {
                service: service.to_owned(),
            };
            let replay = operator
                .admin(service)
                .replay_histories(request)
                .await
                .expect("replayed");
            assert_eq!(replay.into_inner().divergences, Vec::<String>::new(), "{service}");
        }
    }

    /// Nothing is on its way any more.
    pub async fn is_quiet(&self) {
        let operator = acting(&self.installation, "operator@vinhdanh");
        until(60, "quiet", async || {
            let request = proto::admin::v1::GetProgressRequest {};
            let progress = operator.admin("intake").get_progress(request).await.ok()?.into_inner();
            let head = |service: &str| progress.services.iter().find(|s| s.service == service).map(|s| s.head);
            let settled = progress.services.iter().all(|service| {
                service.relayed == service.head
                    && service.timers_due == 0
                    && service.under_way == 0
                    && service.consumers.iter().all(|c| Some(c.position) == head(&c.producer))
            });
            settled.then_some(())
        })
        .await;
    }

    /// A month passes: deadlines are due at once. How long until all were acted on; `None` if that took half a minute.
    pub async fn time_passes(&self) -> Option<Duration> {
        const LIMIT: Duration = Duration::from_secs(30);
        let operator = acting(&self.installation, "operator@vinhdanh");
        let request = proto::rehearsal::v1::AdvanceTimeRequest {
            to: MARCH + 30 * 86_400 * 1_000_000,
        };
        let moved = operator.rehearsal("intake").advance_time(request).await;
        moved.expect("the clock is simulated");
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < LIMIT {
            let request = proto::admin::v1::GetProgressRequest {};
            if let Ok(progress) = operator.admin("intake").get_progress(request).await
                && progress
                    .into_inner()
                    .services
                    .iter()
                    .all(|service| service.timers_due == 0)
            {
                return Some(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// The value of `authorization` for somebody in a role at an agency.
    pub fn token(&self, role: Role, agency: &str) -> String {
        let person = (role == Role::Nominee).then(|| "001080000001".to_owned());
        let who = Principal {
            subject: format!("{role}@{agency}"),
            role,
            agency: agency.to_owned(),
            person,
        };
        format!("Bearer {}", self.installation.token(&who))
    }

    /// A storm by nobody: without a token, or with one that is none of ours.
    pub fn strangers(&self) -> Storm {
        let right = self.token(Role::Officer, AGENCIES[0]);
        let (cut, (head, signature)) = (&right[..right.len() - 1], right.rsplit_once('.').expect("a token"));
        let broken = [
            "",
            "Bearer",
            "Bearer ",
            "bearer x.y.z",
            "Basic dXNlcjpzZWNyZXQ=",
            cut,
            &format!("{head}."),
            &format!("{head}.{}", signature.to_lowercase()),
            &format!("Bearer {}", *TOKEN),
            &format!("Bearer {}", "a".repeat(9_000)),
        ];
        let mut storm = self.storm(broken.map(|value| Some(value.to_owned())).to_vec());
        storm.callers.push(None);
        storm
    }

    /// A storm by people who may call.
    pub fn people(&self) -> Storm {
        let callers = Role::ALL
            .iter()
            .flat_map(|role| {
                let at = [AGENCIES[0], AGENCIES[1], SCHOOL, WARD];
                at.map(|agency| Some(self.token(*role, agency)))
            })
            .collect();
        Storm {
            // Whoever may move the clock may move it to the end of time, and nothing goes on after that.
            spared: |path| path.starts_with("/vinhdanh.rehearsal."),
            ..self.storm(callers)
        }
    }

    fn storm(&self, callers: Vec<Option<String>>) -> Storm {
        const WORDS: [&str; 40] = [
            "2026-03-02",
            "2026-03-03",
            "2026-12-31",
            "2025-01-01",
            "chien-si-thi-dua-co-so",
            "lao-dong-tien-tien",
            "giay-khen",
            "bang-khen-tinh",
            "huan-chuong-lao-dong-3",
            "so-noi-vu-hung-yen/kieu-mau",
            "law-2022",
            "decree-152-2025",
            "law-2026",
            "clerk",
            "officer",
            "leader",
            "member",
            "receive",
            "decide",
            "sign",
            "vote",
            "commendation",
            "initiative",
            "province",
            "unit",
            "merit",
            "12/QĐ-UBND",
            "12/TTr-SNV",
            "dossier.awarded",
            "https://example.vn/hook",
            "http://127.0.0.1:1/hook",
            "van-phong@example.vn",
            "intake",
            "approval",
            "council",
            "notification",
            "directory",
            "leader@so-noi-vu-hung-yen",
            "W/\"1\"",
            "1",
        ];
        let words = WORDS.iter().chain(&AGENCIES).chain(&[SCHOOL, WARD]);
        let words = words.map(|word| (*word).to_owned());
        Storm {
            callers,
            words: words.chain(self.dossiers.iter().cloned()).collect(),
            real: self.real(),
            spared: |_| false,
        }
    }

    /// Calls that people really make.
    fn real(&self) -> Vec<Real> {
        fn real(path: &str, request: &impl Message) -> Real {
            Real {
                path: path.to_owned(),
                request: request.encode_to_vec(),
            }
        }
        let dossiers = || {
            self.dossiers
                .iter()
                .flat_map(|dossier| target(dossier))
                .collect::<Vec<_>>()
        };
        let content = sample("hung-yen-2025-lao-dong-tien-tien-moi-tuyen");
        vec![
            real(
                "/vinhdanh.intake.v1.IntakeService/CreateDossier",
                &intake::CreateDossierRequest {
                    request_id: id(),
                    content: content.clone(),
                },
            ),
            real(
                "/vinhdanh.intake.v1.IntakeService/CheckDossier",
                &intake::CheckDossierRequest {
                    content,
                    ..intake::CheckDossierRequest::default()
                },
            ),
            real(
                "/vinhdanh.intake.v1.IntakeService/SubmitDossiers",
                &intake::SubmitDossiersRequest {
                    request_id: id(),
                    dossiers: self.dossiers.clone(),
                    letter_number: "12/TTr-SNV".to_owned(),
                },
            ),
            real(
                "/vinhdanh.approval.v1.ApprovalService/ReceiveDossiers",
                &approval::ReceiveDossiersRequest {
                    request_id: id(),
                    dossiers: dossiers(),
                },
            ),
            real(
                "/vinhdanh.approval.v1.ApprovalService/DecideDossiers",
                &approval::DecideDossiersRequest {
                    request_id: id(),
                    dossiers: dossiers(),
                    outcome: approval::Outcome::Award.into(),
                    decision_number: "12/QĐ-UBND".to_owned(),
                    ..approval::DecideDossiersRequest::default()
                },
            ),
            real(
                "/vinhdanh.directory.v1.DirectoryService/Delegate",
                &directory::DelegateRequest {
                    request_id: id(),
                    substitute: Some(directory::Post {
                        subject: format!("pho@{}", AGENCIES[0]),
                        role: "officer".to_owned(),
                        agency: AGENCIES[0].to_owned(),
                        person: String::new(),
                    }),
                    acts: vec!["decide".to_owned()],
                    from: "2026-03-02".to_owned(),
                    to: "2026-03-20".to_owned(),
                    document: "15/GUQ".to_owned(),
                },
            ),
            real(
                "/vinhdanh.council.v1.CouncilService/ConveneSession",
                &council::ConveneSessionRequest {
                    request_id: id(),
                    council: AGENCIES[0].to_owned(),
                    members: (1..6).map(|n| format!("m{n}.{}", AGENCIES[0])).collect(),
                    agenda: self.dossiers.clone(),
                    kind: String::new(),
                },
            ),
            real(
                "/vinhdanh.notification.v1.NotificationService/CreateSubscription",
                &notification::CreateSubscriptionRequest {
                    request_id: id(),
                    filter: [("fact".to_owned(), "dossier.awarded".to_owned())].into(),
                    channel: notification::Channel::Webhook.into(),
                    endpoint: "http://127.0.0.1:1/hook".to_owned(),
                },
            ),
            real(
                "/vinhdanh.log.v1.EventLogService/ListEvents",
                &log::ListEventsRequest {
                    producer: "intake".to_owned(),
                    ..log::ListEventsRequest::default()
                },
            ),
        ]
    }
}
