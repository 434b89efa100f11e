//! The register of awards, a preview of acts, a reason for each dossier, and a candidate who has died.

use proto::{
    approval::v1::{self as approval, Target, preview_act_request::Act},
    intake::v1 as intake,
};
use tests::{acting, id, refused, sample, until};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
const MARCH: i64 = 1_772_413_200_000_000;
const CLERK: &str = "clerk@truong-thcs-trung-vuong";
const OFFICER: &str = "officer@phuong-hoan-kiem";
const LEADER: &str = "leader@phuong-hoan-kiem";
const PERSON: &str = "001088012345";

struct World {
    installation: Installation,
    _data: tempfile::TempDir,
}

impl World {
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
        Self {
            installation,
            _data: data,
        }
    }

    fn acting(&self, who: &str) -> Client {
        acting(&self.installation, who)
    }

    /// A certificate of the ward by the simplified procedure, submitted.
    async fn submitted(&self) -> String {
        let mut file: serde_json::Value =
            serde_json::from_str(&sample("phuong-hoan-kiem-2026-giay-khen")).expect("a sample");
        file["candidate"]["id"] = PERSON.into();
        let clerk = self.acting(CLERK);
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: file.to_string(),
        };
        let draft = clerk.intake().create_dossier(request).await.expect("a draft");
        let dossier = draft.into_inner().dossier;
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![dossier.clone()],
            letter_number: String::new(),
        };
        clerk.intake().submit_dossiers(request).await.expect("submitted");
        let officer = self.acting(OFFICER);
        until(20, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.clone(),
            };
            officer.approval().get_course(request).await.ok()
        })
        .await;
        dossier
    }

    async fn receive_and_appraise(&self, dossier: &str) {
        let officer = self.acting(OFFICER);
        let receive = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: targets(&[dossier]),
        };
        officer.approval().receive_dossiers(receive).await.expect("received");
        let appraise = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: targets(&[dossier]),
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        officer.approval().appraise_dossiers(appraise).await.expect("appraised");
    }

    async fn awards(&self, who: &str, filter: approval::ListAwardsRequest) -> Vec<approval::AwardEntry> {
        let found = self.acting(who).approval().list_awards(filter).await;
        found.expect("the register").into_inner().awards
    }
}

fn targets(ids: &[&str]) -> Vec<Target> {
    let target = |id: &&str| Target {
        dossier: (*id).to_owned(),
        etag: String::new(),
    };
    ids.iter().map(target).collect()
}

fn decide(dossiers: &[&str], number: &str) -> approval::DecideDossiersRequest {
    approval::DecideDossiersRequest {
        request_id: id(),
        dossiers: targets(dossiers),
        outcome: approval::Outcome::Award.into(),
        decision_number: number.to_owned(),
        reason: String::new(),
    }
}

fn of_person() -> approval::ListAwardsRequest {
    approval::ListAwardsRequest {
        person: PERSON.to_owned(),
        ..approval::ListAwardsRequest::default()
    }
}

fn on_paper() -> approval::RecordAwardRequest {
    approval::RecordAwardRequest {
        request_id: id(),
        award: "giay-khen-cap-xa".to_owned(),
        holder: "N.V.A.".to_owned(),
        holder_kind: "individual".to_owned(),
        person: PERSON.to_owned(),
        candidate_agency: String::new(),
        decision_number: "77/QĐ-UBND".to_owned(),
        decided_on: "2009-05-04".to_owned(),
        year: 0,
        source: "sổ khen thưởng 2009, trang 12".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_previewed_and_a_refusal_names_each_dossier_and_does_nothing() {
    let world = World::new().await;
    let (ready, fresh) = (world.submitted().await, world.submitted().await);
    world.receive_and_appraise(&ready).await;
    let leader = world.acting(LEADER);

    let request = approval::PreviewActRequest {
        act: Some(Act::Decide(decide(&[&ready, &fresh], "5/QĐ-UBND"))),
    };
    let previews = leader
        .approval()
        .preview_act(request)
        .await
        .expect("a preview")
        .into_inner()
        .previews;
    assert_eq!(
        previews
            .iter()
            .map(|one| (one.possible, one.reason.as_str()))
            .collect::<Vec<_>>(),
        [(true, ""), (false, "NOT_RECEIVED")]
    );
    assert_eq!(
        (previews[0].status.as_str(), previews[0].step()),
        ("awarded", approval::Step::Issued)
    );

    let failure = refused(
        leader
            .approval()
            .decide_dossiers(decide(&[&ready, &fresh], "5/QĐ-UBND"))
            .await,
        "FAILED_PRECONDITION",
        "NOT_RECEIVED",
    );
    assert_eq!(failure.fields.len(), 1, "{failure:?}");
    // Nothing was done, so the number is free.
    leader
        .approval()
        .decide_dossiers(decide(&[&ready], "5/QĐ-UBND"))
        .await
        .expect("awarded");

    // Who may not act learns nothing by a preview.
    let request = approval::PreviewActRequest {
        act: Some(Act::Decide(decide(&[&ready], "6/QĐ-UBND"))),
    };
    let stranger = world
        .acting("leader@tinh-hung-yen")
        .approval()
        .preview_act(request)
        .await;
    let previews = stranger.expect("a preview").into_inner().previews;
    assert_eq!(previews[0].reason, "PERMISSION_DENIED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_has_what_was_decided_here_and_on_paper() {
    let world = World::new().await;
    let dossier = world.submitted().await;
    world.receive_and_appraise(&dossier).await;
    let (officer, leader) = (world.acting(OFFICER), world.acting(LEADER));
    assert_eq!(world.awards(OFFICER, of_person()).await, []);
    leader
        .approval()
        .decide_dossiers(decide(&[&dossier], "5/QĐ-UBND"))
        .await
        .expect("awarded");
    officer.approval().record_award(on_paper()).await.expect("entered");

    refused(
        officer.approval().record_award(on_paper()).await,
        "FAILED_PRECONDITION",
        "ALREADY_RECORDED",
    );
    refused(
        leader.approval().record_award(on_paper()).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    let tomorrow = approval::RecordAwardRequest {
        decided_on: "2026-03-03".to_owned(),
        ..on_paper()
    };
    refused(
        officer.approval().record_award(tomorrow).await,
        "INVALID_ARGUMENT",
        "DATE_IN_FUTURE",
    );
    let unknown = approval::RecordAwardRequest {
        award: "giay-khen-khong-co".to_owned(),
        ..on_paper()
    };
    refused(
        officer.approval().record_award(unknown).await,
        "INVALID_ARGUMENT",
        "UNKNOWN_AWARD",
    );

    // Another office looks one person up, or one decision; its own list is empty.
    let found = world.awards("officer@tinh-hung-yen", of_person()).await;
    let papers: Vec<bool> = found.iter().map(|one| one.paper).collect();
    assert_eq!(
        (papers.len(), papers.iter().filter(|paper| **paper).count()),
        (2, 1),
        "{found:?}"
    );
    let by_number = approval::ListAwardsRequest {
        decision_number: "77/QĐ-UBND".to_owned(),
        decided_on: "2009-05-04".to_owned(),
        ..approval::ListAwardsRequest::default()
    };
    let found = world.awards("officer@tinh-hung-yen", by_number).await;
    assert_eq!(
        found
            .iter()
            .map(|one| (one.year, one.status.as_str()))
            .collect::<Vec<_>>(),
        [(2009, "in-force")]
    );
    assert_eq!(
        world
            .awards("officer@tinh-hung-yen", approval::ListAwardsRequest::default())
            .await,
        []
    );

    let revoke = approval::RevokeAwardsRequest {
        request_id: id(),
        dossiers: targets(&[&dossier]),
        ground: "false-papers".to_owned(),
        number: "6/QĐ-UBND".to_owned(),
    };
    let revoked = leader
        .approval()
        .revoke_awards(revoke)
        .await
        .expect("revoked")
        .into_inner();
    let recovery = revoked.courses[0].recovery.clone().expect("what is given back");
    assert_eq!(
        (recovery.to_agency.as_str(), recovery.money_vnd > 0),
        ("phuong-hoan-kiem", true)
    );
    // Fifteen working days from the day after (Decree 152/2025 Điều 58).
    assert_eq!(recovery.until, "2026-03-23");
    let only_revoked = approval::ListAwardsRequest {
        status: "revoked".to_owned(),
        ..of_person()
    };
    let found = world.awards(OFFICER, only_revoked).await;
    assert_eq!(
        found.iter().map(|one| one.amended_by.as_str()).collect::<Vec<_>>(),
        ["6/QĐ-UBND"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_who_dies_on_the_way_is_honoured_posthumously_and_all_later_steps_see_it() {
    let world = World::new().await;
    let dossier = world.submitted().await;
    let died = |on: &str| approval::RecordDeathRequest {
        request_id: id(),
        dossiers: targets(&[&dossier]),
        died_on: on.to_owned(),
        source: "trích lục khai tử 12/2026".to_owned(),
    };
    let clerk = world.acting(CLERK);
    refused(
        world.acting(LEADER).approval().record_death(died("2026-03-01")).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    refused(
        clerk.approval().record_death(died("2026-03-03")).await,
        "INVALID_ARGUMENT",
        "DATE_IN_FUTURE",
    );
    clerk
        .approval()
        .record_death(died("2026-03-01"))
        .await
        .expect("recorded");
    world.receive_and_appraise(&dossier).await;
    let decided = world
        .acting(LEADER)
        .approval()
        .decide_dossiers(decide(&[&dossier], "5/QĐ-UBND"))
        .await;
    let course = decided.expect("awarded").into_inner().courses.remove(0);
    assert_eq!(
        (course.status.as_str(), course.died_on.as_str()),
        ("awarded", "2026-03-01")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_award_is_corrected_revoked_and_restored_and_flags_what_relies_on_it() {
    let world = World::new().await;
    let record = approval::RecordAwardRequest {
        request_id: id(),
        award: "giay-khen-cap-xa".to_owned(),
        holder: "N.V.A".to_owned(),
        holder_kind: "individual".to_owned(),
        person: PERSON.to_owned(),
        candidate_agency: "truong-thcs-trung-vuong".to_owned(),
        decision_number: "17/QĐ-UBND".to_owned(),
        decided_on: "2025-12-01".to_owned(),
        year: 2025,
        source: "sổ khen thưởng 2025, trang 12".to_owned(),
    };
    let officer = world.acting(OFFICER);
    let entry = officer
        .approval()
        .record_award(record)
        .await
        .expect("entered")
        .into_inner();
    let mut file: serde_json::Value =
        serde_json::from_str(&sample("phuong-hoan-kiem-2026-giay-khen")).expect("a sample");
    file["candidate"]["id"] = PERSON.into();
    file["record"]["awards"] =
        serde_json::json!([{"award": "giay-khen-cap-xa", "year": 2025, "decision": "17/QĐ-UBND"}]);
    let clerk = world.acting(CLERK);
    let request = intake::CreateDossierRequest {
        request_id: id(),
        content: file.to_string(),
    };
    let dossier = clerk
        .intake()
        .create_dossier(request)
        .await
        .expect("a draft")
        .into_inner()
        .dossier;
    let request = intake::SubmitDossiersRequest {
        request_id: id(),
        dossiers: vec![dossier.clone()],
        letter_number: "9/TTr".to_owned(),
    };
    clerk.intake().submit_dossiers(request).await.expect("submitted");

    let amend = |kind: &str, number: &str, holder: &str| approval::AmendRecordedAwardRequest {
        request_id: id(),
        entry: entry.entry.clone(),
        kind: kind.to_owned(),
        ground: "ghi sai tên đệm".to_owned(),
        number: number.to_owned(),
        holder: holder.to_owned(),
        ..approval::AmendRecordedAwardRequest::default()
    };
    let leader = world.acting(LEADER);
    let by = async |client: &Client, request| client.approval().amend_recorded_award(request).await;
    let denied = by(&officer, amend("correct", "20/QĐ-UBND", "N.V.A.")).await;
    refused(denied, "PERMISSION_DENIED", "PERMISSION_DENIED");
    let denied = by(&world.acting("leader@tinh-hung-yen"), amend("revoke", "20/QĐ-UBND", "")).await;
    refused(denied, "PERMISSION_DENIED", "PERMISSION_DENIED");
    let early = by(&leader, amend("restore", "20/QĐ-UBND", "")).await;
    refused(early, "FAILED_PRECONDITION", "NOT_REVOKED");
    let corrected = by(&leader, amend("correct", "20/QĐ-UBND", "N.V.A."))
        .await
        .expect("corrected")
        .into_inner();
    assert_eq!(
        (corrected.holder.as_str(), corrected.status.as_str()),
        ("N.V.A.", "corrected")
    );
    let twice = by(&leader, amend("revoke", "20/QĐ-UBND", "")).await;
    refused(twice, "FAILED_PRECONDITION", "NUMBER_TAKEN");
    let revoked = by(&leader, amend("revoke", "21/QĐ-UBND", ""))
        .await
        .expect("revoked")
        .into_inner();
    assert_eq!(
        (revoked.status.as_str(), revoked.amended_by.as_str()),
        ("revoked", "21/QĐ-UBND")
    );
    let in_question = async |wanted: usize| {
        until(60, "the flag", async || {
            let request = intake::GetDossierRequest {
                dossier: dossier.clone(),
            };
            let read = clerk.intake().get_dossier(request).await.ok()?.into_inner();
            (read.in_question.len() == wanted).then_some(read.in_question)
        })
        .await
    };
    assert_eq!(in_question(1).await[0].given_on, entry.entry);
    let again = by(&leader, amend("correct", "22/QĐ-UBND", "")).await;
    refused(again, "FAILED_PRECONDITION", "REVOKED");
    by(&leader, amend("restore", "22/QĐ-UBND", "")).await.expect("restored");
    in_question(0).await;
    let of_person = approval::ListAwardsRequest {
        person: PERSON.to_owned(),
        ..approval::ListAwardsRequest::default()
    };
    let found = world.awards(OFFICER, of_person).await;
    assert_eq!(
        found
            .iter()
            .map(|one| (one.holder.as_str(), one.status.as_str()))
            .collect::<Vec<_>>(),
        [("N.V.A.", "corrected")]
    );
}
