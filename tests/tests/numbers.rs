//! Numbers of decisions under pressure: two hundred are drawn at once while the service is killed, and each is used once.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proto::approval::v1::{self as approval, Target};
use tests::{acting, id, program, submitted, until};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
const MARCH: i64 = 1_772_413_200_000_000;
const DECISIONS: usize = 200;
/// The service is killed once so many are answered.
const KILLED_AFTER: usize = 40;

fn targets(dossiers: &[String]) -> Vec<Target> {
    let target = |dossier: &String| Target {
        dossier: dossier.clone(),
        etag: String::new(),
    };
    dossiers.iter().map(target).collect()
}

/// Certificates of the ward by the simplified procedure, appraised.
async fn appraised(installation: &Installation) -> Vec<String> {
    let clerk = acting(installation, "clerk@truong-thcs-trung-vuong");
    let dossiers = submitted(&clerk, "phuong-hoan-kiem-2026-giay-khen", DECISIONS).await;
    let officer = acting(installation, "officer@phuong-hoan-kiem");
    until(60, "the courses", async || {
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: targets(&dossiers),
        };
        officer.approval().receive_dossiers(request).await.ok()
    })
    .await;
    let request = approval::AppraiseDossiersRequest {
        request_id: id(),
        dossiers: targets(&dossiers),
        opinion: approval::Opinion::Meets.into(),
        text: String::new(),
    };
    officer.approval().appraise_dossiers(request).await.expect("appraised");
    dossiers
}

/// The number of a decision: a caller whose service died asks again, with the same request id.
async fn decided(leader: Client, dossier: String, answered: Arc<AtomicUsize>) -> String {
    let request = approval::DecideDossiersRequest {
        request_id: id(),
        dossiers: targets(&[dossier]),
        outcome: approval::Outcome::Award.into(),
        decision_number: "{n}/QĐ-UBND".to_owned(),
        reason: String::new(),
    };
    let number = until(180, "a decision", async || {
        let answer = leader.approval().decide_dossiers(request.clone()).await.ok()?;
        Some(answer.into_inner().courses.remove(0).decision_number)
    })
    .await;
    answered.fetch_add(1, Ordering::SeqCst);
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_numbers_drawn_at_once_are_unique_and_without_gaps_though_the_service_is_killed() {
    let data = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        data: data.path().to_owned(),
        database: Some(testkit::Postgres::shared().fresh_database()),
        nats: Some(testkit::Nats::shared().url()),
        layout: Layout::ProcessPerService,
        clock: Some(MARCH),
        program: Some(program()),
    };
    let mut installation = Installation::start(plan).await.expect("the services start");
    let dossiers = appraised(&installation).await;

    let answered = Arc::new(AtomicUsize::new(0));
    let leader = acting(&installation, "leader@phuong-hoan-kiem");
    let (mut deciding, desk) = (tokio::task::JoinSet::new(), tokio::task::LocalSet::new());
    for dossier in dossiers {
        deciding.spawn_local_on(decided(leader.clone(), dossier, Arc::clone(&answered)), &desk);
    }
    let numbers = desk
        .run_until(async {
            until(120, "the first answers", async || {
                (answered.load(Ordering::SeqCst) >= KILLED_AFTER).then_some(())
            })
            .await;
            installation.kill("approval").await.expect("killed");
            installation
                .restart(&["approval".to_owned()])
                .await
                .expect("it starts again");
            let mut numbers = Vec::new();
            while let Some(number) = deciding.join_next().await {
                numbers.push(number.expect("a number"));
            }
            numbers
        })
        .await;
    let drawn = numbers
        .iter()
        .map(|number| number.trim_end_matches("/QĐ-UBND").parse().expect("a number"));
    let drawn: BTreeSet<usize> = drawn.collect();
    assert_eq!(numbers.len(), DECISIONS);
    assert_eq!(drawn, (1..=DECISIONS).collect());
}
