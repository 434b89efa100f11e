//! Who calls: nobody, somebody of yesterday, somebody of elsewhere, the nominee.

use access::{Issuer, Principal, Role};
use proto::{approval::v1 as approval, intake::v1 as intake};
use tests::{MONDAY, id, refused, sample};
use vinhdanh::client::Client;

use crate::world::{CLERK, ORDER, World, target};

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
