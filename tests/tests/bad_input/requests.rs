//! Requests that come twice, too late, or from who may not.

use proto::{
    approval::v1::{self as approval, Target},
    council::v1::{self as council, Choice},
    intake::v1 as intake,
};
use tests::{id, refused, sample, until};

use crate::world::{CLERK, LEADER, OFFICER, ORDER, SECRETARY, World, target};

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
