//! Crash smoke tests: a service is killed between commit and publish, twenty times each. NATS stands still while the
//! act is acknowledged, so that nothing can have been published when SIGKILL comes.

use proto::{
    approval::v1::{self as approval, Target},
    directory::v1 as directory,
    intake::v1 as intake,
};
use tests::{acting, distributed, id, sample, until};
use vinhdanh::installation::Installation;

const TIMES: u32 = 20;
const CERTIFICATE: &str = "hung-yen-2025-huan-chuong-lao-dong-hang-ba";

struct World {
    nats: testkit::Nats,
    installation: Installation,
    _data: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let database = testkit::Postgres::shared().fresh_database();
        let nats = testkit::Nats::start();
        let installation = distributed(data.path(), database, nats.url()).await;
        Self {
            nats,
            installation,
            _data: data,
        }
    }

    /// The bus stands still, `act` is acknowledged, the service is killed; then the bus and the service come back.
    async fn acknowledged_then_killed<T>(&mut self, service: &str, act: impl AsyncFnOnce(&Installation) -> T) -> T {
        self.nats.pause();
        let done = act(&self.installation).await;
        self.installation.kill(service).await.expect("killed");
        self.nats.resume();
        self.installation
            .restart(&[service.to_owned()])
            .await
            .expect("it starts again");
        done
    }

    async fn draft(&self, n: u32) -> String {
        let content = sample(CERTIFICATE).replace("N.V.A.", &format!("N.V.A. {n}"));
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content,
        };
        let clerk = acting(&self.installation, "clerk@so-noi-vu-hung-yen");
        clerk
            .intake()
            .create_dossier(request)
            .await
            .expect("a draft")
            .into_inner()
            .dossier
    }

    async fn course(&self, dossier: &str, wanted: impl Fn(&approval::Course) -> bool) {
        let auditor = acting(&self.installation, "auditor@vinhdanh");
        until(60, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.to_owned(),
            };
            let course = auditor.approval().get_course(request).await.ok()?.into_inner();
            wanted(&course).then_some(())
        })
        .await;
    }

    /// Every service verifies and replays.
    async fn sound(&self) {
        let auditor = acting(&self.installation, "auditor@vinhdanh");
        for service in vinhdanh::client::SERVICES {
            let service = service.to_owned();
            let request = proto::admin::v1::VerifyAuditRequest {
                service: service.clone(),
            };
            let verified = auditor
                .admin(&service)
                .verify_audit(request)
                .await
                .expect("verified")
                .into_inner();
            assert_eq!(verified.problems, Vec::<String>::new(), "{service}");
            let request = proto::admin::v1::ReplayHistoriesRequest {
                service: service.clone(),
            };
            let replayed = auditor
                .admin(&service)
                .replay_histories(request)
                .await
                .expect("replayed")
                .into_inner();
            assert_eq!(replayed.divergences, Vec::<String>::new(), "{service}");
        }
    }
}

fn submission(dossier: &str) -> intake::SubmitDossiersRequest {
    intake::SubmitDossiersRequest {
        request_id: id(),
        dossiers: vec![dossier.to_owned()],
        letter_number: String::new(),
    }
}

fn target(dossier: &str) -> Target {
    Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_intake_acknowledged_reaches_approval() {
    let mut world = World::new().await;
    for n in 0..TIMES {
        let dossier = world.draft(n).await;
        let request = submission(&dossier);
        world
            .acknowledged_then_killed("intake", async |installation| {
                let clerk = acting(installation, "clerk@so-noi-vu-hung-yen");
                clerk.intake().submit_dossiers(request).await.expect("acknowledged")
            })
            .await;
        world
            .course(&dossier, |course| course.step() == approval::Step::Receiving)
            .await;
    }
    world.sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_approval_acknowledged_reaches_intake() {
    let mut world = World::new().await;
    for n in 0..TIMES {
        let dossier = world.draft(n).await;
        let clerk = acting(&world.installation, "clerk@so-noi-vu-hung-yen");
        clerk
            .intake()
            .submit_dossiers(submission(&dossier))
            .await
            .expect("submitted");
        world.course(&dossier, |_| true).await;
        let withdraw = approval::WithdrawDossiersRequest {
            request_id: id(),
            dossiers: vec![target(&dossier)],
            reason: String::new(),
        };
        world
            .acknowledged_then_killed("approval", async |installation| {
                let clerk = acting(installation, "clerk@so-noi-vu-hung-yen");
                clerk
                    .approval()
                    .withdraw_dossiers(withdraw)
                    .await
                    .expect("acknowledged")
            })
            .await;
        until(60, "intake to follow", async || {
            let request = intake::GetDossierRequest {
                dossier: dossier.clone(),
            };
            let found = acting(&world.installation, "clerk@so-noi-vu-hung-yen")
                .intake()
                .get_dossier(request)
                .await;
            (found.ok()?.into_inner().status() == intake::Status::Withdrawn).then_some(())
        })
        .await;
    }
    world.sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_council_acknowledged_reaches_approval() {
    let mut world = World::new().await;
    for n in 0..TIMES {
        let dossier = world.draft(n).await;
        let clerk = acting(&world.installation, "clerk@so-noi-vu-hung-yen");
        clerk
            .intake()
            .submit_dossiers(submission(&dossier))
            .await
            .expect("submitted");
        world.course(&dossier, |_| true).await;
        let officer = acting(&world.installation, "officer@so-noi-vu-hung-yen");
        let receive = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: vec![target(&dossier)],
        };
        officer.approval().receive_dossiers(receive).await.expect("received");
        let appraise = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: vec![target(&dossier)],
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        officer.approval().appraise_dossiers(appraise).await.expect("appraised");
        until(60, "council to know of it", async || {
            let request = proto::council::v1::ListReviewsRequest {
                dossier: dossier.clone(),
                ..Default::default()
            };
            let auditor = acting(&world.installation, "auditor@vinhdanh");
            let reviews = auditor.council().list_reviews(request).await.ok()?.into_inner().reviews;
            reviews.iter().any(|review| review.status == "queued").then_some(())
        })
        .await;
        let convene = proto::council::v1::ConveneSessionRequest {
            request_id: id(),
            council: "so-noi-vu-hung-yen".to_owned(),
            members: (1..=3).map(|n| format!("m{n}@so-noi-vu-hung-yen")).collect(),
            agenda: vec![dossier.clone()],
            kind: String::new(),
        };
        world
            .acknowledged_then_killed("council", async |installation| {
                let officer = acting(installation, "officer@so-noi-vu-hung-yen");
                officer.council().convene_session(convene).await.expect("acknowledged")
            })
            .await;
        world.course(&dossier, |course| course.council == "running").await;
    }
    world.sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_directory_acknowledged_reaches_intake() {
    let mut world = World::new().await;
    for n in 0..TIMES {
        let code = format!("xa-moi-{n}");
        let register = directory::RegisterAgencyRequest {
            request_id: id(),
            agency: Some(directory::Agency {
                agency: code.clone(),
                name: format!("Ủy ban nhân dân xã mới {n}"),
                level: "unit".to_owned(),
                kind: "commune".to_owned(),
                parent: "tinh-hung-yen".to_owned(),
                ..Default::default()
            }),
        };
        world
            .acknowledged_then_killed("directory", async |installation| {
                let operator = acting(installation, "operator@vinhdanh");
                operator
                    .directory()
                    .register_agency(register)
                    .await
                    .expect("acknowledged")
            })
            .await;
        until(60, "intake to know the agency", async || {
            let content =
                sample(CERTIFICATE).replace("\"agency\": \"so-noi-vu-hung-yen\"", &format!("\"agency\": \"{code}\""));
            let request = intake::CheckDossierRequest {
                content,
                on: String::new(),
            };
            let clerk = acting(&world.installation, "clerk@so-noi-vu-hung-yen");
            clerk.intake().check_dossier(request).await.ok().map(|_| ())
        })
        .await;
    }
    world.sound().await;
}

/// Killed while a webhook is on its way: the fact arrives, and a repeat carries the same id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_notification_owes_arrives() {
    use proto::notification::v1::{Channel, CreateSubscriptionRequest, StreamDeliveriesRequest};
    let mut world = World::new().await;
    let subscriber = acting(&world.installation, "subscriber@so-noi-vu-hung-yen");
    let request = CreateSubscriptionRequest {
        request_id: id(),
        filter: [("fact".to_owned(), "dossier.submitted".to_owned())].into(),
        channel: Channel::Stream.into(),
        endpoint: String::new(),
    };
    let subscription = subscriber
        .notification()
        .create_subscription(request)
        .await
        .expect("a subscription")
        .into_inner()
        .subscription;
    for n in 0..TIMES {
        let dossier = world.draft(n).await;
        let request = submission(&dossier);
        world
            .acknowledged_then_killed("notification", async |installation| {
                let clerk = acting(installation, "clerk@so-noi-vu-hung-yen");
                clerk.intake().submit_dossiers(request).await.expect("acknowledged")
            })
            .await;
        let subscriber = acting(&world.installation, "subscriber@so-noi-vu-hung-yen");
        let heard = async {
            let request = StreamDeliveriesRequest {
                subscription: subscription.clone(),
            };
            let mut stream = subscriber
                .notification()
                .stream_deliveries(request)
                .await
                .expect("a stream")
                .into_inner();
            let mut seen = std::collections::BTreeSet::new();
            while let Some(delivery) = stream.message().await.expect("a delivery") {
                assert!(seen.insert(delivery.delivery.clone()), "one stream tells a fact once");
                if delivery.dossier == dossier {
                    break;
                }
            }
            assert_eq!(seen.len() as u32, n + 1, "every fact so far, each once");
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), heard)
            .await
            .expect("the fact arrives");
    }
    world.sound().await;
}
