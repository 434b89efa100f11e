//! Bad input gets a precise error with a stable reason, and changes nothing.

use access::{Issuer, Principal, Role};
use proto::{
    admin::v1::GetProgressRequest,
    approval::v1::{self as approval, Target},
    council::v1::{self as council, Choice},
    intake::v1::{self as intake, upload_attachment_request::Part},
    notification::v1 as notification,
};
use tests::{MONDAY, acting, embedded, id, refused, sample, until};
use vinhdanh::{client::Client, installation::Installation};

const CLERK: &str = "clerk@so-noi-vu-hung-yen";
const OFFICER: &str = "officer@so-noi-vu-hung-yen";
const LEADER: &str = "leader@so-noi-vu-hung-yen";
const SECRETARY: &str = "secretary@so-noi-vu-hung-yen";
const ORDER: &str = "hung-yen-2025-huan-chuong-lao-dong-hang-ba";

struct World {
    installation: Installation,
    data: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        Self {
            installation: embedded(data.path()).await,
            data,
        }
    }

    fn acting(&self, who: &str) -> Client {
        acting(&self.installation, who)
    }

    /// Newest positions of all services: the same before and after means that nothing was published.
    async fn heads(&self) -> Vec<i64> {
        let progress = self
            .acting("operator@vinhdanh")
            .admin("intake")
            .get_progress(GetProgressRequest {})
            .await;
        progress
            .expect("progress")
            .into_inner()
            .services
            .into_iter()
            .map(|service| service.head)
            .collect()
    }

    async fn create(&self, content: &str) -> Result<intake::Dossier, tonic::Status> {
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: content.to_owned(),
        };
        self.acting(CLERK)
            .intake()
            .create_dossier(request)
            .await
            .map(tonic::Response::into_inner)
    }

    async fn submit(&self, dossier: &str, request_id: &str) -> Result<(), tonic::Status> {
        let request = intake::SubmitDossiersRequest {
            request_id: request_id.to_owned(),
            dossiers: vec![dossier.to_owned()],
            letter_number: "12/TTr-SNV".to_owned(),
        };
        self.acting(CLERK).intake().submit_dossiers(request).await.map(|_| ())
    }

    /// A dossier that stands at the department, not received.
    async fn submitted(&self) -> String {
        let dossier = self.create(&sample(ORDER)).await.expect("a draft").dossier;
        self.submit(&dossier, &id()).await.expect("submitted");
        self.course(&dossier, |_| true).await;
        dossier
    }

    async fn course(&self, dossier: &str, wanted: impl Fn(&approval::Course) -> bool) -> approval::Course {
        let auditor = self.acting("auditor@vinhdanh");
        until(20, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.to_owned(),
            };
            let course = auditor.approval().get_course(request).await.ok()?.into_inner();
            wanted(&course).then_some(course)
        })
        .await
    }

    async fn receive(&self, dossier: &str) {
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

    async fn appraise(&self, dossier: &str) {
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
}

fn target(dossier: &str) -> Target {
    Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_dossier_file_is_refused_by_field() {
    let world = World::new().await;
    let before = world.heads().await;
    let good = sample(ORDER);
    let cases = [
        ("{not json", "MALFORMED_FILE"),
        (
            &good.replace("\"huan-chuong-lao-dong-hang-ba\"", "\"huan-chuong-khong-co\""),
            "UNKNOWN_AWARD",
        ),
        (
            &good.replace("\"agency\": \"so-noi-vu-hung-yen\"", "\"agency\": \"so-khong-co\""),
            "UNKNOWN_AGENCY",
        ),
        (
            &good.replace("\"date\": \"2025-09-15\"", "\"date\": \"2025-09-16\""),
            "DATE_IN_FUTURE",
        ),
        (
            &good.replace("Phó Giám đốc Sở", "Pho\u{301} Gia\u{301}m đốc"),
            "TEXT_NOT_NFC",
        ),
        (
            &good.replace("\"schema\"", "\"unknown\": 1, \"schema\""),
            "UNKNOWN_FIELD",
        ),
    ];
    for (content, reason) in cases {
        let failure = vinhdanh::client::Failure::from(world.create(content).await.expect_err(reason));
        assert_eq!(failure.code, "INVALID_ARGUMENT", "{failure}");
        assert!(
            failure.reason == reason || failure.fields.iter().any(|(_, what)| what.contains(reason)),
            "{failure}"
        );
        assert!(!failure.fields.is_empty(), "the field is named: {failure}");
    }
    assert_eq!(world.heads().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_open() {
    let world = World::new().await;
    let before = world.heads().await;
    let now = MONDAY / 1_000_000;
    let who = Principal {
        subject: "clerk@so-noi-vu-hung-yen".to_owned(),
        role: Role::Clerk,
        agency: "so-noi-vu-hung-yen".to_owned(),
        person: None,
    };
    let foreign = Issuer::generate("vinhdanh-local", "vinhdanh", [7; 32]);
    let own = world.installation.token(&who);
    let (head, tail) = own.split_at(own.len() - 6);
    let forged = format!("{head}{}", tail.chars().rev().collect::<String>());
    for (token, reason) in [
        (foreign.sign(&who, now, 3_600), "TOKEN_FOREIGN"),
        (forged, "TOKEN_FOREIGN"),
        ("not.a.token".to_owned(), "TOKEN_MALFORMED"),
    ] {
        let client = Client::new(world.installation.servers(), &token).expect("a client");
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: sample(ORDER),
        };
        let failure = vinhdanh::client::Failure::from(client.intake().create_dossier(request).await.expect_err(reason));
        assert_eq!(failure.code, "UNAUTHENTICATED", "{failure}");
        assert!(
            failure.reason == reason || failure.reason == "TOKEN_MALFORMED",
            "{reason}: {failure}"
        );
    }
    let url = world
        .installation
        .servers()
        .of("intake")
        .expect("an address")
        .to_owned();
    let channel = tonic::transport::Endpoint::from_shared(url)
        .expect("an address")
        .connect()
        .await
        .expect("a channel");
    let mut bare = intake::intake_service_client::IntakeServiceClient::new(channel);
    let request = intake::GetDossierRequest {
        dossier: "x".to_owned(),
    };
    refused(bare.get_dossier(request).await, "UNAUTHENTICATED", "TOKEN_MISSING");
    assert_eq!(world.heads().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_refused() {
    let world = World::new().await;
    let who = Principal {
        subject: "clerk@so-noi-vu-hung-yen".to_owned(),
        role: Role::Clerk,
        agency: "so-noi-vu-hung-yen".to_owned(),
        person: None,
    };
    let pem = std::fs::read_to_string(world.data.path().join("issuer.pem")).expect("the local key");
    let issuer = Issuer::from_pem("vinhdanh-local", "vinhdanh", &pem).expect("an issuer");
    let old = issuer.sign(&who, MONDAY / 1_000_000 - 7_200, 3_600);
    let client = Client::new(world.installation.servers(), &old).expect("a client");
    let request = intake::GetDossierRequest {
        dossier: "x".to_owned(),
    };
    refused(
        client.intake().get_dossier(request).await,
        "UNAUTHENTICATED",
        "TOKEN_EXPIRED",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_gets_the_first_answer_and_another_request_is_refused() {
    let world = World::new().await;
    let request = intake::CreateDossierRequest {
        request_id: id(),
        content: sample(ORDER),
    };
    let clerk = world.acting(CLERK);
    let first = clerk
        .intake()
        .create_dossier(request.clone())
        .await
        .expect("a draft")
        .into_inner();
    let again = clerk
        .intake()
        .create_dossier(request.clone())
        .await
        .expect("the same answer")
        .into_inner();
    assert_eq!(first, again);
    let other = intake::CreateDossierRequest {
        content: sample("hung-yen-2025-thieu-bao-cao"),
        ..request.clone()
    };
    refused(
        clerk.intake().create_dossier(other).await,
        "INVALID_ARGUMENT",
        "REQUEST_ID_REUSED",
    );
    let none = intake::CreateDossierRequest {
        request_id: String::new(),
        ..request
    };
    refused(
        clerk.intake().create_dossier(none).await,
        "INVALID_ARGUMENT",
        "REQUEST_ID_REQUIRED",
    );

    // A repeat of a submission is answered although the dossier is no draft any more.
    let submission = id();
    world.submit(&first.dossier, &submission).await.expect("submitted");
    world
        .submit(&first.dossier, &submission)
        .await
        .expect("the same answer");
    refused(
        world.submit(&first.dossier, &id()).await,
        "FAILED_PRECONDITION",
        "NOT_ALLOWED_NOW",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_etag_changes_nothing() {
    let world = World::new().await;
    let dossier = world.submitted().await;
    let course = world.course(&dossier, |_| true).await;
    world.receive(&dossier).await;
    let before = world.heads().await;
    let request = approval::AppraiseDossiersRequest {
        request_id: id(),
        dossiers: vec![Target {
            dossier: dossier.clone(),
            etag: course.etag,
        }],
        opinion: approval::Opinion::Meets.into(),
        text: String::new(),
    };
    refused(
        world.acting(OFFICER).approval().appraise_dossiers(request).await,
        "ABORTED",
        "STALE_ETAG",
    );
    assert_eq!(world.heads().await[0], before[0]);
    assert_eq!(
        world.course(&dossier, |_| true).await.step(),
        approval::Step::Appraising
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_messages_and_attachments_are_refused() {
    let world = World::new().await;
    let huge = intake::CreateDossierRequest {
        request_id: id(),
        content: "x".repeat(5 << 20),
    };
    let failure = world
        .acting(CLERK)
        .intake()
        .create_dossier(huge)
        .await
        .expect_err("too large");
    assert!(
        matches!(failure.code(), tonic::Code::OutOfRange | tonic::Code::ResourceExhausted),
        "{failure:?}"
    );
    let large = intake::CreateDossierRequest {
        request_id: id(),
        content: "x".repeat(2 << 20),
    };
    refused(
        world.acting(CLERK).intake().create_dossier(large).await,
        "RESOURCE_EXHAUSTED",
        "MESSAGE_TOO_LARGE",
    );

    let header = |sha256: &str, size| intake::UploadAttachmentRequest {
        part: Some(Part::Header(intake::AttachmentHeader {
            sha256: sha256.to_owned(),
            size,
        })),
    };
    let chunk = |bytes: &[u8]| intake::UploadAttachmentRequest {
        part: Some(Part::Chunk(bytes.to_vec())),
    };
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // of "hello"
    let upload = async |parts: Vec<intake::UploadAttachmentRequest>| {
        let parts = tonic::codegen::tokio_stream::iter(parts);
        world.acting(CLERK).intake().upload_attachment(parts).await
    };
    refused(
        upload(vec![header(digest, 1 << 40)]).await,
        "RESOURCE_EXHAUSTED",
        "ATTACHMENT_TOO_LARGE",
    );
    refused(
        upload(vec![header(digest, 5), chunk(b"hellO")]).await,
        "INVALID_ARGUMENT",
        "ATTACHMENT_CORRUPT",
    );
    refused(
        upload(vec![header(digest, 5), chunk(b"hello!")]).await,
        "INVALID_ARGUMENT",
        "ATTACHMENT_CORRUPT",
    );
    upload(vec![header(digest, 5), chunk(b"hel"), chunk(b"lo")])
        .await
        .expect("stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_and_what_is_not_yours_look_the_same() {
    let world = World::new().await;
    let dossier = world.submitted().await;
    let receive = |dossier: &str| approval::ReceiveDossiersRequest {
        request_id: id(),
        dossiers: vec![target(dossier)],
    };
    let theirs = world
        .acting("officer@tinh-thanh-hoa")
        .approval()
        .receive_dossiers(receive(&dossier))
        .await;
    let nothing = world
        .acting("officer@tinh-thanh-hoa")
        .approval()
        .receive_dossiers(receive("nothing"))
        .await;
    let role = world.acting(CLERK).approval().receive_dossiers(receive(&dossier)).await;
    let theirs = refused(theirs, "PERMISSION_DENIED", "PERMISSION_DENIED");
    assert_eq!(refused(nothing, "PERMISSION_DENIED", "PERMISSION_DENIED"), theirs);
    assert_eq!(refused(role, "PERMISSION_DENIED", "PERMISSION_DENIED"), theirs);
    let read = intake::GetDossierRequest { dossier };
    refused(
        world.acting("clerk@tinh-thanh-hoa").intake().get_dossier(read).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_acts_on_their_own_dossier() {
    let world = World::new().await;
    let content = sample(ORDER).replace(
        "\"kind\": \"individual\",",
        "\"kind\": \"individual\", \"id\": \"CB-1\",",
    );
    let dossier = world.create(&content).await.expect("a draft").dossier;
    world.submit(&dossier, &id()).await.expect("submitted");
    world.course(&dossier, |_| true).await;
    let candidate = Principal {
        subject: "officer@so-noi-vu-hung-yen".to_owned(),
        role: Role::Officer,
        agency: "so-noi-vu-hung-yen".to_owned(),
        person: Some("CB-1".to_owned()),
    };
    let own = Client::new(world.installation.servers(), &world.installation.token(&candidate)).expect("a client");
    let request = approval::ReceiveDossiersRequest {
        request_id: id(),
        dossiers: vec![target(&dossier)],
    };
    refused(
        own.approval().receive_dossiers(request).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    world.receive(&dossier).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vote_after_the_close_and_a_decision_without_power_are_refused() {
    let world = World::new().await;
    let dossier = world.submitted().await;
    world.receive(&dossier).await;
    world.appraise(&dossier).await;
    let members: Vec<String> = (1..=3).map(|n| format!("m{n}@so-noi-vu-hung-yen")).collect();
    let session = until(20, "the council to know of it", async || {
        let request = council::ConveneSessionRequest {
            request_id: id(),
            council: "so-noi-vu-hung-yen".to_owned(),
            members: members.clone(),
            agenda: vec![dossier.clone()],
            kind: String::new(),
        };
        world.acting(OFFICER).council().convene_session(request).await.ok()
    })
    .await
    .into_inner()
    .session;
    let ballot = |choice: Choice| council::CastBallotRequest {
        request_id: id(),
        session: session.clone(),
        dossier: dossier.clone(),
        choice: choice.into(),
        slip: String::new(),
    };
    let member = |n: u32| world.acting(&format!("m{n}=member@so-noi-vu-hung-yen"));
    let early = member(1).council().cast_ballot(ballot(Choice::Yes)).await;
    refused(early, "FAILED_PRECONDITION", "NO_QUORUM");
    let attend = council::RecordAttendanceRequest {
        request_id: id(),
        session: session.clone(),
        present: members[..2].to_vec(),
        writing: vec![],
        etag: String::new(),
    };
    world
        .acting(SECRETARY)
        .council()
        .record_attendance(attend)
        .await
        .expect("quorate");
    member(1)
        .council()
        .cast_ballot(ballot(Choice::Yes))
        .await
        .expect("a ballot");
    refused(
        member(1).council().cast_ballot(ballot(Choice::No)).await,
        "FAILED_PRECONDITION",
        "VOTED_ALREADY",
    );
    refused(
        member(3).council().cast_ballot(ballot(Choice::Yes)).await,
        "FAILED_PRECONDITION",
        "MEMBER_ABSENT",
    );
    refused(
        member(9).council().cast_ballot(ballot(Choice::Yes)).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    member(2)
        .council()
        .cast_ballot(ballot(Choice::Yes))
        .await
        .expect("a ballot");
    let close = council::CloseSessionRequest {
        request_id: id(),
        session: session.clone(),
        etag: String::new(),
    };
    world
        .acting(SECRETARY)
        .council()
        .close_session(close)
        .await
        .expect("closed");
    refused(
        member(2).council().cast_ballot(ballot(Choice::Yes)).await,
        "FAILED_PRECONDITION",
        "VOTING_CLOSED",
    );

    let decide = |number: &str| approval::DecideDossiersRequest {
        request_id: id(),
        dossiers: vec![target(&dossier)],
        outcome: approval::Outcome::Award.into(),
        decision_number: number.to_owned(),
        reason: String::new(),
    };
    let minute = council::MinuteSessionRequest {
        request_id: id(),
        session,
        etag: String::new(),
    };
    world
        .acting(SECRETARY)
        .council()
        .minute_session(minute)
        .await
        .expect("minuted");
    world
        .course(&dossier, |course| course.step() == approval::Step::Signing)
        .await;
    let before = world.heads().await;
    let without = world
        .acting(LEADER)
        .approval()
        .decide_dossiers(decide("1/QĐ-SNV"))
        .await;
    refused(without, "FAILED_PRECONDITION", "NO_POWER_TO_DECIDE");
    let unnumbered = world.acting(LEADER).approval().decide_dossiers(decide("")).await;
    refused(unnumbered, "INVALID_ARGUMENT", "NUMBER_REQUIRED");
    assert_eq!(world.heads().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_subscription_is_refused() {
    let world = World::new().await;
    let subscribe = async |key: &str, endpoint: &str| {
        let request = notification::CreateSubscriptionRequest {
            request_id: id(),
            filter: [(key.to_owned(), "x".to_owned())].into(),
            channel: notification::Channel::Webhook.into(),
            endpoint: endpoint.to_owned(),
        };
        world
            .acting("subscriber@tinh-hung-yen")
            .notification()
            .create_subscription(request)
            .await
    };
    refused(
        subscribe("colour", "http://127.0.0.1:9/hook").await,
        "INVALID_ARGUMENT",
        "UNKNOWN_FILTER",
    );
    refused(
        subscribe("award", "ftp://127.0.0.1/hook").await,
        "INVALID_ARGUMENT",
        "BAD_ENDPOINT",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_and_their_tokens_are_checked() {
    let world = World::new().await;
    let list = async |size, token: &str| {
        let request = proto::directory::v1::ListAgenciesRequest {
            page_size: size,
            page_token: token.to_owned(),
            ..Default::default()
        };
        world.acting(CLERK).directory().list_agencies(request).await
    };
    refused(list(-1, "").await, "INVALID_ARGUMENT", "INVALID_REQUEST");
    refused(list(1, "nonsense").await, "INVALID_ARGUMENT", "INVALID_REQUEST");
    let first = list(10, "").await.expect("a page").into_inner();
    let second = list(10, &first.next_page_token)
        .await
        .expect("the next page")
        .into_inner();
    assert_eq!((first.agencies.len(), second.agencies.len()), (10, 10));
    assert!(first.agencies.last().map(|a| &a.agency) < second.agencies.first().map(|a| &a.agency));
}
