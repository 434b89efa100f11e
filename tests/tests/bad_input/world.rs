//! The services, and a dossier on its way through them.

use proto::{
    admin::v1::GetProgressRequest,
    approval::v1::{self as approval, Target},
    intake::v1 as intake,
};
use tests::{acting, embedded, id, sample, until};
use vinhdanh::{client::Client, installation::Installation};

pub(crate) const CLERK: &str = "clerk@so-noi-vu-hung-yen";
pub(crate) const OFFICER: &str = "officer@so-noi-vu-hung-yen";
pub(crate) const LEADER: &str = "leader@so-noi-vu-hung-yen";
pub(crate) const SECRETARY: &str = "secretary@so-noi-vu-hung-yen";
pub(crate) const ORDER: &str = "hung-yen-2025-huan-chuong-lao-dong-hang-ba";

pub(crate) struct World {
    pub(crate) installation: Installation,
    pub(crate) data: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        Self {
            installation: embedded(data.path()).await,
            data,
        }
    }

    pub(crate) fn acting(&self, who: &str) -> Client {
        acting(&self.installation, who)
    }

    /// Newest positions of all services: the same before and after means that nothing was published.
    pub(crate) async fn heads(&self) -> Vec<i64> {
        let progress = self
            .acting("operator@vinhdanh")
            .admin("intake")
            .get_progress(GetProgressRequest {})
            .await;
        progress
            .expect("progress")
            .into_inner()
            .services
            .into_iter()
            .map(|service| service.head)
            .collect()
    }

    pub(crate) async fn create(&self, content: &str) -> Result<intake::Dossier, tonic::Status> {
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: content.to_owned(),
        };
        self.acting(CLERK)
            .intake()
            .create_dossier(request)
            .await
            .map(tonic::Response::into_inner)
    }

    pub(crate) async fn submit(&self, dossier: &str, request_id: &str) -> Result<(), tonic::Status> {
        let request = intake::SubmitDossiersRequest {
            request_id: request_id.to_owned(),
            dossiers: vec![dossier.to_owned()],
            letter_number: "12/TTr-SNV".to_owned(),
        };
        self.acting(CLERK).intake().submit_dossiers(request).await.map(|_| ())
    }

    /// A dossier that stands at the department, not received.
    pub(crate) async fn submitted(&self) -> String {
        let dossier = self.create(&sample(ORDER)).await.expect("a draft").dossier;
        self.submit(&dossier, &id()).await.expect("submitted");
        self.course(&dossier, |_| true).await;
        dossier
    }

    pub(crate) async fn course(&self, dossier: &str, wanted: impl Fn(&approval::Course) -> bool) -> approval::Course {
        let auditor = self.acting("auditor@vinhdanh");
        until(20, "the course", async || {
            let request = approval::GetCourseRequest {
                dossier: dossier.to_owned(),
            };
            let course = auditor.approval().get_course(request).await.ok()?.into_inner();
            wanted(&course).then_some(course)
        })
        .await
    }

    pub(crate) async fn receive(&self, dossier: &str) {
        let request = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: vec![target(dossier)],
        };
        self.acting(OFFICER)
            .approval()
            .receive_dossiers(request)
            .await
            .expect("received");
    }

    pub(crate) async fn appraise(&self, dossier: &str) {
        let request = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: vec![target(dossier)],
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        self.acting(OFFICER)
            .approval()
            .appraise_dossiers(request)
            .await
            .expect("appraised");
    }
}

pub(crate) fn target(dossier: &str) -> Target {
    Target {
        dossier: dossier.to_owned(),
        etag: String::new(),
    }
}
