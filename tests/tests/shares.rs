//! Shares per agency and year: both numbers are shown, a share over its limit warns and refuses nobody.

use access::Role;
use proto::intake::v1 as intake;
use tests::{acting, embedded, id, refused, sample};
use vinhdanh::installation::Installation;

const CLERK: &str = "clerk@truong-thcs-trung-vuong";
const TITLE: &str = "chien-si-thi-dua-co-so";
const FILE: &str = "hanoi-2019-chien-si-thi-dua-co-so";

async fn draft(installation: &Installation, content: String) -> intake::Dossier {
    let request = intake::CreateDossierRequest {
        request_id: id(),
        content,
    };
    let draft = acting(installation, CLERK).intake().create_dossier(request).await;
    draft.expect("a draft").into_inner()
}

async fn submit(installation: &Installation, dossiers: Vec<String>) -> Vec<intake::Dossier> {
    let request = intake::SubmitDossiersRequest {
        request_id: id(),
        dossiers,
        letter_number: String::new(),
    };
    let submitted = acting(installation, CLERK).intake().submit_dossiers(request).await;
    submitted.expect("submitted").into_inner().dossiers
}

async fn declare(installation: &Installation, who: &str, count: u32) -> Result<intake::Share, tonic::Status> {
    let request = intake::DeclareBaseRequest {
        request_id: id(),
        agency: "truong-thcs-trung-vuong".to_owned(),
        award: TITLE.to_owned(),
        year: 2019,
        count,
        source: "119/QĐ".to_owned(),
    };
    let share = acting(installation, who).intake().declare_base(request).await;
    share.map(tonic::Response::into_inner)
}

async fn share(installation: &Installation, who: &str) -> Result<intake::Share, tonic::Status> {
    let request = intake::GetShareRequest {
        agency: "truong-thcs-trung-vuong".to_owned(),
        award: TITLE.to_owned(),
        year: 2019,
    };
    acting(installation, who)
        .intake()
        .get_share(request)
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_of_a_hundred_advanced_workers_and_no_more_without_a_warning() {
    let data = tempfile::tempdir().expect("a folder");
    let installation = embedded(data.path()).await;
    let title = |n: u32| sample(FILE).replace("N.V.A.", &format!("N.V.A. {n}"));

    let first = draft(&installation, title(1)).await;
    assert_eq!(first.warnings, [], "of how many is not known yet");
    let unknown = share(&installation, CLERK).await.expect("a share");
    assert_eq!(
        (unknown.numerator, unknown.denominator, unknown.verdict.as_str()),
        (0, None, "unknown")
    );

    let declared = declare(&installation, CLERK, 7).await.expect("declared");
    assert_eq!((declared.denominator, declared.most), (Some(7), Some(1)));
    assert!(declared.declared_by.starts_with(CLERK), "{}", declared.declared_by);
    assert_eq!(
        (declared.source.as_str(), declared.declared_at),
        ("119/QĐ", tests::MONDAY)
    );
    let other = format!("{}@so-noi-vu-hung-yen", Role::Clerk.as_str());
    refused(
        declare(&installation, &other, 100).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );
    refused(
        share(&installation, &other).await,
        "PERMISSION_DENIED",
        "PERMISSION_DENIED",
    );

    let submitted = submit(&installation, vec![first.dossier]).await;
    assert_eq!(submitted[0].warnings, [], "one of seven is within fifteen percent");
    let second = draft(&installation, title(2)).await;
    assert_eq!(second.warnings.len(), 1);
    let warning = &second.warnings[0].vi;
    assert!(
        warning.contains(": 2 ") && warning.contains(" trên 7 ") && warning.contains("15%"),
        "{warning}"
    );
    let submitted = submit(&installation, vec![second.dossier]).await;
    assert_eq!(submitted[0].warnings.len(), 1, "it warns and does not refuse");

    let over = share(&installation, CLERK).await.expect("a share");
    assert_eq!((over.numerator, over.denominator, over.max_percent), (2, Some(7), 15));
    assert_eq!((over.verdict.as_str(), over.rule_set.as_str()), ("over", "law-2003"));
    assert_eq!(over.article, "91/2017/NĐ-CP Điều 9 khoản 3");
    assert!(over.confirmed);
    let request = intake::ListSharesRequest {
        agency: String::new(),
        year: 2019,
    };
    let all = acting(&installation, CLERK)
        .intake()
        .list_shares(request)
        .await
        .expect("shares");
    let all = all.into_inner().shares;
    assert!(all.contains(&over), "{all:?}");
    assert!(all.iter().all(|share| share.max_percent > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_in_one_letter_are_counted_together() {
    let data = tempfile::tempdir().expect("a folder");
    let installation = embedded(data.path()).await;
    declare(&installation, CLERK, 7).await.expect("declared");
    let mut dossiers = Vec::new();
    for n in 1..=2 {
        let content = sample(FILE).replace("N.V.A.", &format!("N.V.A. {n}"));
        let drafted = draft(&installation, content).await;
        assert_eq!(drafted.warnings, [], "each alone is one of seven");
        dossiers.push(drafted.dossier);
    }
    for submitted in submit(&installation, dossiers).await {
        assert_eq!(submitted.warnings.len(), 1, "together they are two of seven");
    }
}
