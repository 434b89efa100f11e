//! Every verdict is kept with what it was reached by, and comes out the same when it is reached again.

mod world;

use std::collections::BTreeMap;

use journal::{Value, packed};
use proto::{approval::v1 as approval, intake::v1 as intake};
use tests::{here, id, refused, until};

use crate::world::{CLERK, OCTOBER, OFFICER, World, told, unreceived};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_verdict_is_kept_and_comes_out_the_same_again() {
    let world = World::new().await;
    let dossier = world.draft(&unreceived()).await.dossier;
    world.submit(&dossier).await;
    world.receive(&dossier).await;
    let verdicts = until(20, "the verdict at receipt", async || {
        Some(world.verdicts(&dossier).await).filter(|verdicts| verdicts.len() == 3)
    })
    .await;
    let kept: Vec<(&str, &str, &str)> = verdicts
        .iter()
        .map(|v| (v.occasion.as_str(), v.rule_set.as_str(), v.received_on.as_str()))
        .collect();
    assert_eq!(
        kept,
        [
            ("draft", "decree-152-2025", ""),
            ("submission", "decree-152-2025", ""),
            ("receipt", "law-2026", "2026-10-05"),
        ]
    );
    for verdict in &verdicts {
        let again = world.replay(&dossier, verdict.number).await;
        assert!(again.equal, "{}: {:?}", verdict.occasion, again.differences);
        assert_eq!(again.recorded.as_ref(), Some(verdict));
        assert_eq!(told(&again.check)["verdict"], verdict.verdict);
        assert!(!again.rules_changed);
    }
    let newest = world.replay(&dossier, 0).await;
    assert_eq!(
        newest.recorded.map(|recorded| recorded.occasion).as_deref(),
        Some("receipt")
    );
    let shown = world.get(&dossier).await;
    assert_eq!((shown.occasion.as_str(), shown.rules_changed), ("receipt", false));
    assert_eq!(told(&shown.check)["rule_set"], "law-2026");
    let request = intake::ReplayVerdictRequest { dossier, number: 99 };
    let outcome = world.acting(CLERK).intake().replay_verdict(request).await;
    refused(outcome, "INVALID_ARGUMENT", "INVALID_REQUEST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tampered_record_comes_out_otherwise() {
    let world = World::new().await;
    let one = world.draft(&unreceived()).await.dossier;
    let number = world.verdicts(&one).await[0].number;
    assert!(world.replay(&one, number).await.equal);
    let kept = world.kept(&one).await.replace("\"on\":\"2026", "\"on\":\"2025");
    world
        .tamper(
            "UPDATE verdict SET body = $2 WHERE dossier = $1",
            vec![Value::Text(one.clone()), Value::Bytes(packed::pack(kept.as_bytes()))],
        )
        .await;
    let again = world.replay(&one, number).await;
    assert!(!again.equal);
    assert!(again.differences[0].starts_with("record: "), "{:?}", again.differences);

    let other = world.draft(&unreceived()).await.dossier;
    world
        .tamper(
            "UPDATE directory_extract SET body = REPLACE(body, 'thanh-hoa', 'thanh-hao')",
            Vec::new(),
        )
        .await;
    let again = world.replay(&other, 0).await;
    assert!(!again.equal);
    assert!(
        again.differences[0].starts_with("directory: "),
        "{:?}",
        again.differences
    );

    world
        .tamper(
            "UPDATE history SET content = $2 \
                WHERE number = (SELECT number FROM aggregate WHERE kind = 'intake.dossier' AND id = $1)",
            vec![
                Value::Text(other.clone()),
                Value::Bytes(packed::pack_pair("{}", b"{\"input\":\"discard\"}")),
            ],
        )
        .await;
    let again = world.replay(&other, 0).await;
    assert!(!again.equal);
    assert!(again.differences[0].starts_with("history: "), "{:?}", again.differences);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_more_favourable_rule_set_is_a_recorded_choice() {
    let world = World::new().await;
    let dossier = world.draft(&unreceived()).await.dossier;
    let choose = async |who: &str, rule_set: &str, reason: &str| {
        let request = intake::ChooseRuleSetRequest {
            request_id: id(),
            dossier: dossier.clone(),
            rule_set: rule_set.to_owned(),
            reason: reason.to_owned(),
            etag: String::new(),
        };
        world
            .acting(who)
            .intake()
            .choose_rule_set(request)
            .await
            .map(tonic::Response::into_inner)
    };
    refused(
        choose(CLERK, "law-2022", "cũ hơn").await,
        "FAILED_PRECONDITION",
        "RULE_SET_NOT_ALLOWED",
    );
    refused(
        choose(CLERK, "decree-152-2025", "như cũ").await,
        "FAILED_PRECONDITION",
        "RULE_SET_NOT_ALLOWED",
    );
    refused(
        choose(CLERK, "law-2026", " ").await,
        "INVALID_ARGUMENT",
        "INVALID_REQUEST",
    );
    refused(
        choose(OFFICER, "law-2026", "có lợi hơn").await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );

    let chosen = choose(CLERK, "law-2026", "Tiêu chuẩn mới có lợi hơn.")
        .await
        .expect("chosen");
    assert_eq!(
        (chosen.rule_set.as_str(), chosen.occasion.as_str()),
        ("law-2026", "choice")
    );
    let choice = world.get(&dossier).await.choice.expect("a choice");
    assert_eq!(
        (choice.rule_set.as_str(), choice.instead_of.as_str()),
        ("law-2026", "decree-152-2025")
    );
    assert!(choice.by.starts_with(CLERK), "{}", choice.by);
    assert_eq!(
        (choice.reason.as_str(), choice.at),
        ("Tiêu chuẩn mới có lợi hơn.", OCTOBER)
    );

    let back = choose(CLERK, "", "theo ngày").await.expect("chosen back");
    assert_eq!((back.rule_set.as_str(), back.choice), ("decree-152-2025", None));
    choose(CLERK, "law-2026", "Tiêu chuẩn mới có lợi hơn.")
        .await
        .expect("chosen again");
    let submitted = world.submit(&dossier).await;
    assert_eq!(submitted.rule_set, "law-2026");
    let auditor = world.acting("auditor@vinhdanh");
    let course = until(20, "the course", async || {
        let request = approval::GetCourseRequest {
            dossier: dossier.clone(),
        };
        auditor.approval().get_course(request).await.ok()
    })
    .await
    .into_inner();
    assert_eq!(
        course.rule_set, "law-2026",
        "the way is by the rule set that was chosen"
    );
    refused(
        choose(CLERK, "", "muộn").await,
        "FAILED_PRECONDITION",
        "NOT_ALLOWED_NOW",
    );
    for verdict in world.verdicts(&dossier).await {
        let again = world.replay(&dossier, verdict.number).await;
        assert!(
            again.equal,
            "{} {}: {:?}",
            verdict.number, verdict.occasion, again.differences
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_warned_before_its_rule_set_ends() {
    let world = World::new().await;
    let content = unreceived().replace("2026-09-30", "2026-10-02");
    let dossier = world.draft(&content).await.dossier;
    let shown = world.get(&dossier).await;
    assert_eq!(shown.rule_set, "law-2026");
    let check = told(&shown.check);
    let warned = check["warnings"].as_array().expect("warnings");
    assert!(
        warned
            .iter()
            .any(|note| note["vi"].as_str().is_some_and(|vi| vi.contains("2027-03-01"))),
        "{warned:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_rules_are_installed_and_the_verdict_stays_what_it_was() {
    let mut world = World::new().await;
    let before = world.draft(&unreceived()).await;
    let file = here().join("../crates/law/data/decree-152-2025/awards.toml");
    let rules = std::fs::read_to_string(file).expect("the rules");
    assert!(rules.contains("max = 20\n"));
    let folder = world.data.path().join("rules");
    std::fs::create_dir_all(folder.join("decree-152-2025")).expect("a folder");
    let other = rules.replace("max = 20\n", "max = 19\n");
    std::fs::write(folder.join("decree-152-2025/awards.toml"), other).expect("a file");
    world.installation.install_rules(folder);
    world.installation.restart(&[]).await.expect("it starts again");

    let shown = world.get(&before.dossier).await;
    assert!(shown.rules_changed, "the rules now installed are others");
    assert_eq!(shown.rule_set_digest, before.rule_set_digest);
    assert_eq!(told(&shown.check)["verdict"], before.verdict);
    let again = world.replay(&before.dossier, 0).await;
    assert!(again.equal && again.rules_changed, "{:?}", again.differences);

    let after = world.draft(&unreceived()).await;
    assert_ne!(after.rule_set_digest, before.rule_set_digest);
    assert!(!world.get(&after.dossier).await.rules_changed);
    assert!(world.replay(&after.dossier, 0).await.equal);
}

/// All samples, judged by the whole law and directory, and by what would be kept of both.
#[test]
fn every_sample_comes_out_the_same_from_what_is_kept() {
    let (law, agencies) = (law::Law::embedded(), law::Agencies::embedded());
    let mut kept = BTreeMap::new();
    let mut judged = 0;
    for entry in std::fs::read_dir(here().join("samples")).expect("the samples") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a sample");
        let Ok(file) = law::DossierFile::parse(&text) else {
            continue;
        };
        let Ok(check) = law.check(&file, &agencies, None) else {
            continue;
        };
        let rules = kept.entry(check.rule_set.clone()).or_insert_with(|| {
            let bundle = law.bundle(&check.rule_set).expect("a rule set");
            law::Law::from_bundle(&bundle).expect("it was written so")
        });
        let extract = agencies.extract_for(&file).canonical();
        let extract = law::Agencies::from_canonical(&extract).expect("it was written so");
        let again = rules.check(&file, &extract, Some(check.on)).expect("a check");
        let told = |check: &law::Check| {
            let said = (
                &check.rule_set,
                check.verdict,
                &check.unmet,
                &check.missing,
                &check.holds,
                &check.tree,
            );
            serde_json::to_value(said).expect("JSON")
        };
        assert_eq!(told(&again), told(&check), "{}", path.display());
        let day = check.on;
        if let Ok(route) = law.route(&file, &agencies, day) {
            assert_eq!(
                rules.route(&file, &extract, day).as_ref(),
                Ok(&route),
                "{}",
                path.display()
            );
        }
        judged += 1;
    }
    assert!(judged > 15, "{judged}");
}
