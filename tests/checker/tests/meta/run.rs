//! The run that everything here is tried on: a commune's certificates, a council that votes, subscribers, and time that
//! passes. Made once a test program.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, atomic::AtomicBool},
};

use checker::{ReceiverLog, Run, RunFolder};
use proto::{
    approval::v1::{self as approval, Target},
    council::v1::{self as council_api, Choice},
    intake::v1 as intake,
    notification::v1::{self as notification, Channel},
};

use crate::{
    crew::{Crew, MONDAY, sample},
    receiver::{self, Desk},
};

const SCHOOL: &str = "clerk@truong-thcs-trung-vuong";
const COMMUNE: &str = "phuong-hoan-kiem";
const OFFICE: &str = "so-noi-vu-hung-yen";
/// How many of seven members come.
const ALL: usize = 6;

/// The run's folder, which nobody may change.
pub(crate) fn finished() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checker-run");
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        let made = path.clone();
        let making = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(make(&RunFolder::new(made)));
        });
        making.join().expect("the run is made");
        path
    })
}

async fn make(folder: &RunFolder) {
    let crew = Crew::start(folder).await;
    crew.rest().await;
    subscribe(&crew, folder).await;
    crew.advance(60).await;
    certificates(&crew).await;
    votes(&crew).await;
    doubtful(&crew).await;
    // The receiver that was out of order is tried again, and limits run out.
    for _ in 0..20 {
        crew.advance(86_400).await;
    }
    let run = Run {
        seed: 1,
        began_at: MONDAY,
        healed_at: crew.now(),
        ended_at: crew.now(),
        features: vec!["embedded".to_owned()],
        ..Run::default()
    };
    run.write(folder.path()).expect("run.json");
    crew.stop().await;
}

async fn subscribe(crew: &Crew, folder: &RunFolder) {
    let desk = Desk {
        log: ReceiverLog::append(&folder.webhooks()).expect("a log"),
        clock: Arc::clone(&crew.clock),
        worked_before: AtomicBool::new(false),
    };
    let endpoint = receiver::open(desk).await;
    for (who, channel, endpoint, filter) in [
        ("subscriber@truong-thcs-trung-vuong", Channel::Webhook, endpoint, None),
        (
            "subscriber@phuong-hoan-kiem",
            Channel::Stream,
            String::new(),
            Some("dossier.awarded"),
        ),
    ] {
        let request = |request_id| notification::CreateSubscriptionRequest {
            request_id,
            filter: filter
                .map(|fact| ("fact".to_owned(), fact.to_owned()))
                .into_iter()
                .collect(),
            channel: channel.into(),
            endpoint,
        };
        crew.ask(
            "notification/CreateSubscription",
            who,
            request,
            async |client, request| client.notification().create_subscription(request).await,
        )
        .await
        .expect("a subscription");
    }
}

async fn draft(crew: &Crew, who: &str, content: &str) -> String {
    let request = |request_id| intake::CreateDossierRequest {
        request_id,
        content: content.to_owned(),
    };
    let made = crew
        .ask("intake/CreateDossier", who, request, async |client, request| {
            client.intake().create_dossier(request).await
        })
        .await;
    made.expect("a draft").dossier
}

async fn submit(crew: &Crew, who: &str, dossiers: &[String], letter: &str) {
    let request = |request_id| intake::SubmitDossiersRequest {
        request_id,
        dossiers: dossiers.to_vec(),
        letter_number: letter.to_owned(),
    };
    crew.ask("intake/SubmitDossiers", who, request, async |client, request| {
        client.intake().submit_dossiers(request).await
    })
    .await
    .expect("submitted");
}

fn targets(dossiers: &[String]) -> Vec<Target> {
    let target = |dossier: &String| Target {
        dossier: dossier.clone(),
        etag: String::new(),
    };
    dossiers.iter().map(target).collect()
}

async fn receive(crew: &Crew, who: &str, dossiers: &[String]) {
    let request = |request_id| approval::ReceiveDossiersRequest {
        request_id,
        dossiers: targets(dossiers),
    };
    crew.ask("approval/ReceiveDossiers", who, request, async |client, request| {
        client.approval().receive_dossiers(request).await
    })
    .await
    .expect("received");
}

async fn appraise(crew: &Crew, who: &str, dossiers: &[String]) {
    let request = |request_id| approval::AppraiseDossiersRequest {
        request_id,
        dossiers: targets(dossiers),
        opinion: approval::Opinion::Meets.into(),
        text: String::new(),
    };
    crew.ask("approval/AppraiseDossiers", who, request, async |client, request| {
        client.approval().appraise_dossiers(request).await
    })
    .await
    .expect("appraised");
}

async fn award(crew: &Crew, who: &str, dossier: &str, number: &str) -> Result<approval::ActResponse, tonic::Status> {
    let request = |request_id| approval::DecideDossiersRequest {
        request_id,
        dossiers: targets(&[dossier.to_owned()]),
        outcome: approval::Outcome::Award.into(),
        decision_number: number.to_owned(),
        reason: String::new(),
    };
    crew.ask("approval/DecideDossiers", who, request, async |client, request| {
        client.approval().decide_dossiers(request).await
    })
    .await
}

/// One is awarded; of two more in one letter, one is appraised and one only received.
async fn certificates(crew: &Crew) {
    let content = |name: &str| sample("phuong-hoan-kiem-2026-giay-khen", name);
    let first = draft(crew, SCHOOL, &content("N.V.A.")).await;
    submit(crew, SCHOOL, std::slice::from_ref(&first), "03/TTr-THCS").await;
    let (officer, appraiser) = (format!("officer@{COMMUNE}"), format!("an=officer@{COMMUNE}"));
    receive(crew, &officer, std::slice::from_ref(&first)).await;
    appraise(crew, &appraiser, std::slice::from_ref(&first)).await;
    let refused = award(crew, &format!("an=leader@{COMMUNE}"), &first, "05/QĐ-UBND").await;
    refused.expect_err("nobody decides what they appraised");
    award(crew, &format!("leader@{COMMUNE}"), &first, "05/QĐ-UBND")
        .await
        .expect("awarded");
    let more = [
        draft(crew, SCHOOL, &content("N.V.B.")).await,
        draft(crew, SCHOOL, &content("N.V.C.")).await,
    ];
    submit(crew, SCHOOL, &more, "04/TTr-THCS").await;
    receive(crew, &officer, &more).await;
    appraise(crew, &appraiser, &more[..1]).await;
}

/// Of three dossiers before councils, one is voted on openly and one in secret; on the third, one member has voted so far.
async fn votes(crew: &Crew) {
    let open = "hung-yen-2025-huan-chuong-lao-dong-hang-ba";
    let secret = "phuong-hoan-kiem-2025-chien-si-thi-dua-co-so";
    let office_clerk = format!("clerk@{OFFICE}");
    for (file, clerk, council, letter, voters) in [
        (open, office_clerk.as_str(), OFFICE, "12/TTr-SNV", ALL),
        (secret, SCHOOL, COMMUNE, "13/TTr-THCS", ALL),
        (secret, SCHOOL, COMMUNE, "14/TTr-THCS", 1),
    ] {
        let dossier = draft(crew, clerk, &sample(file, letter)).await;
        let one = std::slice::from_ref(&dossier);
        let officer = format!("officer@{council}");
        submit(crew, clerk, one, letter).await;
        receive(crew, &officer, one).await;
        appraise(crew, &officer, one).await;
        session(crew, council, &dossier, voters).await;
    }
}

async fn session(crew: &Crew, council: &str, dossier: &str, voters: usize) {
    let (officer, secretary) = (format!("officer@{council}"), format!("secretary@{council}"));
    let members: Vec<String> = (1..=7).map(|n| format!("m{n}@{council}")).collect();
    let convene = |request_id| council_api::ConveneSessionRequest {
        request_id,
        council: council.to_owned(),
        members: members.clone(),
        agenda: vec![dossier.to_owned()],
        kind: String::new(),
    };
    let convened = crew.ask("council/ConveneSession", &officer, convene, async |client, request| {
        client.council().convene_session(request).await
    });
    let session = convened.await.expect("convened").session;
    let attend = |request_id| council_api::RecordAttendanceRequest {
        request_id,
        session: session.clone(),
        present: members[..ALL].to_vec(),
        ..council_api::RecordAttendanceRequest::default()
    };
    crew.ask(
        "council/RecordAttendance",
        &secretary,
        attend,
        async |client, request| client.council().record_attendance(request).await,
    )
    .await
    .expect("attended");
    for n in 1..=voters {
        let ballot = |request_id| council_api::CastBallotRequest {
            request_id,
            session: session.clone(),
            dossier: dossier.to_owned(),
            choice: Choice::Yes.into(),
            slip: String::new(),
        };
        crew.ask(
            "council/CastBallot",
            &format!("m{n}=member@{council}"),
            ballot,
            async |client, request| client.council().cast_ballot(request).await,
        )
        .await
        .expect("voted");
    }
    if voters < ALL {
        return;
    }
    let close = |request_id| council_api::CloseSessionRequest {
        request_id,
        session: session.clone(),
        etag: String::new(),
    };
    crew.ask("council/CloseSession", &secretary, close, async |client, request| {
        client.council().close_session(request).await
    })
    .await
    .expect("closed");
    let minute = |request_id| council_api::MinuteSessionRequest {
        request_id,
        session: session.clone(),
        etag: String::new(),
    };
    crew.ask("council/MinuteSession", &secretary, minute, async |client, request| {
        client.council().minute_session(request).await
    })
    .await
    .expect("minuted");
}

/// A call that was repeated, one whose answer was lost, and one that never arrived.
async fn doubtful(crew: &Crew) {
    let content = sample("phuong-hoan-kiem-2026-giay-khen", "N.V.G.");
    for (calls, heard) in [(2, true), (1, false), (0, false)] {
        let (op, client, request_id) = crew.operation("intake/CreateDossier", SCHOOL);
        let request = intake::CreateDossierRequest {
            request_id,
            content: content.clone(),
        };
        let call = || async { client.intake().create_dossier(request.clone()).await };
        if heard {
            for _ in 0..calls {
                crew.log
                    .call(&op, &request, || crew.now(), call())
                    .await
                    .expect("a draft");
            }
        } else {
            crew.log.invoke(&op, &request, crew.now()).expect("logged");
            for _ in 0..calls {
                call().await.expect("a draft");
            }
        }
        crew.rest().await;
    }
}
