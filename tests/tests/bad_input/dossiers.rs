//! Files, messages, attachments and pages.

use proto::{
    intake::v1::{self as intake, upload_attachment_request::Part},
    notification::v1 as notification,
};
use tests::{id, refused, sample};

use crate::world::{CLERK, ORDER, World};

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
