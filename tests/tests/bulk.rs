//! A bulk act over a letter's worth of dossiers: paused, outlived by its process, let go on; a result for each, and each by
//! its own rules.

use proto::approval::v1::{self as approval, PreviewActRequest, Target, preview_act_request::Act};
use tests::{acting, embedded, id, refused, submitted, until};
use vinhdanh::{client::Client, installation::Installation};

const DOSSIERS: usize = 2_000;
/// Of those, so many are the office's to act on.
const THEIRS: usize = 10;
const OFFICER: &str = "officer@so-noi-vu-hung-yen";

/// Theirs, with a course each.
async fn under_way(installation: &Installation) -> Vec<String> {
    let clerk = acting(installation, "clerk@so-noi-vu-hung-yen");
    let dossiers = submitted(&clerk, "hung-yen-2025-huan-chuong-lao-dong-hang-ba", THEIRS).await;
    let auditor = acting(installation, "auditor@vinhdanh");
    for dossier in &dossiers {
        until(60, "a course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.clone(),
            };
            auditor.approval().get_course(request).await.ok()
        })
        .await;
    }
    dossiers
}

async fn bulk(client: &Client, bulk: &str) -> approval::Bulk {
    let request = approval::GetBulkRequest { bulk: bulk.to_owned() };
    client.approval().get_bulk(request).await.expect("a job").into_inner()
}

fn telling(bulk: &str) -> approval::BulkRequest {
    approval::BulkRequest {
        request_id: id(),
        bulk: bulk.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_paused_outlives_its_process_and_goes_on_where_it_was() {
    let data = tempfile::tempdir().expect("a folder");
    let mut installation = embedded(data.path()).await;
    let theirs = under_way(&installation).await;
    // Every hundredth or so is theirs; all others do not exist, and each of them is refused alone.
    let each = DOSSIERS / THEIRS;
    let dossiers = (0..DOSSIERS).map(|place| {
        let dossier = if place % each == 0 {
            theirs[place / each].clone()
        } else {
            id()
        };
        let etag = String::new();
        Target { dossier, etag }
    });
    let receive = approval::ReceiveDossiersRequest {
        request_id: String::new(),
        dossiers: dossiers.collect(),
    };
    let act = |receive: &approval::ReceiveDossiersRequest| {
        Some(PreviewActRequest {
            act: Some(Act::Receive(receive.clone())),
        })
    };
    let start = approval::StartBulkRequest {
        request_id: id(),
        act: act(&receive),
    };
    let officer = acting(&installation, OFFICER);
    let started = officer
        .approval()
        .start_bulk(start.clone())
        .await
        .expect("started")
        .into_inner();
    assert_eq!((started.total as usize, started.status.as_str()), (DOSSIERS, "running"));
    let again = officer
        .approval()
        .start_bulk(start)
        .await
        .expect("a repeat")
        .into_inner();
    assert_eq!(again.bulk, started.bulk);
    let job = started.bulk.as_str();

    let stranger = acting(&installation, "officer@tinh-vinh-long");
    let denied = stranger.approval().pause_bulk(telling(job)).await;
    refused(denied, "PERMISSION_DENIED", "PERMISSION_DENIED");
    let paused = officer
        .approval()
        .pause_bulk(telling(job))
        .await
        .expect("paused")
        .into_inner();
    assert_eq!(paused.status, "paused");
    assert!(
        ((paused.done + paused.refused) as usize) < DOSSIERS,
        "it was over before it was paused"
    );

    installation
        .restart(&["approval".to_owned()])
        .await
        .expect("it starts again");
    let officer = acting(&installation, OFFICER);
    let still = bulk(&officer, job).await;
    assert_eq!((still.done, still.refused), (paused.done, paused.refused));

    officer.approval().resume_bulk(telling(job)).await.expect("it goes on");
    let done = until(120, "the job", async || {
        let bulk = bulk(&officer, job).await;
        (bulk.status == "done").then_some(bulk)
    })
    .await;
    assert_eq!((done.done as usize, done.refused as usize), (THEIRS, DOSSIERS - THEIRS));

    let (mut results, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = approval::ListBulkResultsRequest {
            page_size: 500,
            page_token,
            bulk: job.to_owned(),
            outcome: String::new(),
        };
        let page = officer
            .approval()
            .list_bulk_results(request)
            .await
            .expect("results")
            .into_inner();
        results.extend(page.results);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(results.len(), DOSSIERS);
    for (place, result) in results.iter().enumerate() {
        let (outcome, reason) = if place % each == 0 {
            ("done", "")
        } else {
            ("refused", "PERMISSION_DENIED")
        };
        assert_eq!(
            (result.outcome.as_str(), result.reason.as_str()),
            (outcome, reason),
            "{place}"
        );
    }
    let late = officer.approval().pause_bulk(telling(job)).await;
    refused(late, "FAILED_PRECONDITION", "NOT_ALLOWED_NOW");
}
