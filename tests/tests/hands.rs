//! Who has what in hand, and who acts for whom: worklists by person, both names in a dossier's history, and an end to it.

use proto::{
    approval::v1::{self as approval, Target},
    directory::v1 as directory,
    intake::v1 as intake,
};
use tests::{acting, id, refused, sample, until};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
const MARCH: i64 = 1_772_413_200_000_000;
const TODAY: &str = "2026-03-02";
const WARD: &str = "phuong-hoan-kiem";

struct World {
    installation: Installation,
    dossier: String,
    _data: tempfile::TempDir,
}

impl World {
    /// A certificate of the ward, submitted.
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            data: data.path().to_owned(),
            database: None,
            nats: None,
            layout: Layout::OneProcess,
            clock: Some(MARCH),
            program: None,
        };
        let installation = Installation::start(plan).await.expect("the services start");
        let clerk = acting(&installation, "clerk@truong-thcs-trung-vuong");
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
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![draft.dossier.clone()],
            letter_number: "03/TTr-THCS".to_owned(),
        };
        clerk.intake().submit_dossiers(request).await.expect("submitted");
        Self {
            installation,
            dossier: draft.dossier,
            _data: data,
        }
    }

    fn acting(&self, who: &str) -> Client {
        acting(&self.installation, &format!("{who}@{WARD}"))
    }

    fn targets(&self) -> Vec<Target> {
        vec![Target {
            dossier: self.dossier.clone(),
            etag: String::new(),
        }]
    }

    async fn tasks(&self, who: &str, mine: bool) -> approval::ListTasksResponse {
        let request = approval::ListTasksRequest {
            mine,
            ..approval::ListTasksRequest::default()
        };
        let tasks = self.acting(who).approval().list_tasks(request).await;
        tasks.expect("a worklist").into_inner()
    }

    async fn receive(&self, who: &str) -> Result<(), tonic::Status> {
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: self.targets(),
        };
        self.acting(who).approval().receive_dossiers(request).await.map(|_| ())
    }

    async fn decide(&self, who: &str) -> Result<(), tonic::Status> {
        let request = approval::DecideDossiersRequest {
            request_id: id(),
            dossiers: self.targets(),
            outcome: approval::Outcome::Award.into(),
            decision_number: "05/QĐ-UBND".to_owned(),
            ..approval::DecideDossiersRequest::default()
        };
        self.acting(who).approval().decide_dossiers(request).await.map(|_| ())
    }

    async fn delegate(&self) -> String {
        let request = directory::DelegateRequest {
            request_id: id(),
            substitute: Some(directory::Post {
                subject: format!("pho@{WARD}"),
                role: "officer".to_owned(),
                agency: WARD.to_owned(),
                person: String::new(),
            }),
            acts: vec!["decide".to_owned()],
            from: TODAY.to_owned(),
            to: TODAY.to_owned(),
            document: "15/GUQ-UBND".to_owned(),
        };
        let given = self.acting("leader").directory().delegate(request).await;
        given.expect("delegated").into_inner().delegation
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worklist_says_whose_each_task_is_and_the_record_who_acted_for_whom() {
    let world = World::new().await;
    until(20, "the task", async || {
        (world.tasks("an=officer", false).await.total == 1).then_some(())
    })
    .await;
    let claim = approval::ClaimTasksRequest {
        request_id: id(),
        dossiers: world.targets(),
    };
    world
        .acting("an=officer")
        .approval()
        .claim_tasks(claim)
        .await
        .expect("claimed");
    let mine = world.tasks("an=officer", true).await;
    assert_eq!((mine.total, mine.mine, mine.unassigned), (1, 1, 0));
    assert_eq!(mine.tasks[0].assigned_to, format!("an@{WARD}"));
    let others = world.tasks("binh=officer", true).await;
    assert_eq!((others.total, others.mine, others.unassigned), (0, 0, 0));
    refused(
        world.receive("binh=officer").await,
        "FAILED_PRECONDITION",
        "ASSIGNED_TO_ANOTHER",
    );
    let release = approval::ReleaseTasksRequest {
        request_id: id(),
        dossiers: world.targets(),
    };
    world
        .acting("an=officer")
        .approval()
        .release_tasks(release)
        .await
        .expect("released");
    world.receive("binh=officer").await.expect("received");
    let appraise = approval::AppraiseDossiersRequest {
        request_id: id(),
        dossiers: world.targets(),
        opinion: approval::Opinion::Meets.into(),
        ..approval::AppraiseDossiersRequest::default()
    };
    world
        .acting("binh=officer")
        .approval()
        .appraise_dossiers(appraise)
        .await
        .expect("appraised");

    // Taken back at once: the substitute has nothing of it, the day is not over.
    let first = world.delegate().await;
    let end = directory::EndDelegationRequest {
        request_id: id(),
        delegation: first,
        etag: String::new(),
    };
    world
        .acting("leader")
        .directory()
        .end_delegation(end)
        .await
        .expect("ended");
    let second = world.delegate().await;
    until(20, "the mandate", async || world.decide("pho=officer").await.ok()).await;

    let request = approval::ListHistoryRequest {
        dossier: world.dossier.clone(),
        page_size: 100,
        page_token: String::new(),
    };
    let history = world.acting("auditor").approval().list_history(request).await;
    let steps = history.expect("its history").into_inner().steps;
    let last = steps.last().expect("a step");
    assert_eq!(
        (last.input.as_str(), last.actor.as_str()),
        ("decide", "pho@phuong-hoan-kiem")
    );
    assert_eq!(last.on_behalf_of, format!("leader@{WARD}"));
    assert_eq!(last.delegation, second);
    let assigned: Vec<_> = steps
        .iter()
        .filter(|step| step.input == "assign")
        .map(|step| &step.assigned_to)
        .collect();
    assert_eq!(assigned, [&format!("an@{WARD}"), &String::new()]);
    assert!(steps[..steps.len() - 1].iter().all(|step| step.on_behalf_of.is_empty()));
}
