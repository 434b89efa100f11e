//! The services in October 2026, and what people do in them.

use journal::{Commit, Location, Value, Write, packed};
use proto::{
    approval::v1::{self as approval, Target},
    intake::v1 as intake,
};
use tests::{acting, id, sample, until};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

pub(crate) const CLERK: &str = "clerk@so-noi-vu-thanh-hoa";
pub(crate) const OFFICER: &str = "officer@so-noi-vu-thanh-hoa";
/// 2026-10-05T08:00:00+07:00, in microseconds: four days after law-2026 came into force.
pub(crate) const OCTOBER: i64 = 1_791_162_000_000_000;
/// Its letter is of 2026-09-30: by its date under the decree, by its receipt under the law of 2026.
pub(crate) const CERTIFICATE: &str = "thanh-hoa-2026-nhan-sau-moc";

pub(crate) struct World {
    pub(crate) installation: Installation,
    pub(crate) data: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            data: data.path().to_owned(),
            database: None,
            nats: None,
            layout: Layout::OneProcess,
            clock: Some(OCTOBER),
            program: None,
        };
        let installation = Installation::start(plan).await.expect("the services start");
        Self { installation, data }
    }

    pub(crate) fn acting(&self, who: &str) -> Client {
        acting(&self.installation, who)
    }

    pub(crate) async fn draft(&self, content: &str) -> intake::Dossier {
        let request = intake::CreateDossierRequest {
            request_id: id(),
            content: content.to_owned(),
        };
        let draft = self.acting(CLERK).intake().create_dossier(request).await;
        draft.expect("a draft").into_inner()
    }

    pub(crate) async fn submit(&self, dossier: &str) -> intake::Dossier {
        let request = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: vec![dossier.to_owned()],
            letter_number: String::new(),
        };
        let submitted = self.acting(CLERK).intake().submit_dossiers(request).await;
        submitted.expect("submitted").into_inner().dossiers.remove(0)
    }

    pub(crate) async fn receive(&self, dossier: &str) {
        let officer = self.acting(OFFICER);
        until(20, "the course", async || {
            let request = approval::ReceiveDossiersRequest {
                request_id: id(),
                dossiers: vec![Target {
                    dossier: dossier.to_owned(),
                    etag: String::new(),
                }],
            };
            officer.approval().receive_dossiers(request).await.ok()
        })
        .await;
    }

    pub(crate) async fn get(&self, dossier: &str) -> intake::Dossier {
        let request = intake::GetDossierRequest {
            dossier: dossier.to_owned(),
        };
        let found = self.acting(CLERK).intake().get_dossier(request).await;
        found.expect("the dossier").into_inner()
    }

    pub(crate) async fn verdicts(&self, dossier: &str) -> Vec<intake::Verdict> {
        let request = intake::ListVerdictsRequest {
            dossier: dossier.to_owned(),
            page_size: 2,
            page_token: String::new(),
        };
        let mut all = Vec::new();
        let mut token = String::new();
        loop {
            let request = intake::ListVerdictsRequest {
                page_token: token,
                ..request.clone()
            };
            let page = self.acting(CLERK).intake().list_verdicts(request).await;
            let page = page.expect("verdicts").into_inner();
            all.extend(page.verdicts);
            token = page.next_page_token;
            if token.is_empty() {
                return all;
            }
        }
    }

    pub(crate) async fn replay(&self, dossier: &str, number: u64) -> intake::ReplayVerdictResponse {
        let request = intake::ReplayVerdictRequest {
            dossier: dossier.to_owned(),
            number,
        };
        let again = self.acting("auditor@vinhdanh").intake().replay_verdict(request).await;
        again.expect("an answer").into_inner()
    }

    /// The first verdict on a dossier, as intake's database holds it.
    pub(crate) async fn kept(&self, dossier: &str) -> String {
        let location = Location::Directory(self.data.path().to_owned());
        let store = journal::open(&location, "intake", &[]).await.expect("the store");
        let sql = "SELECT body FROM verdict WHERE dossier = $1 ORDER BY number LIMIT 1";
        let rows = store
            .query(sql, &[Value::Text(dossier.to_owned())])
            .await
            .expect("read");
        store.close().await;
        let [Value::Bytes(body)] = rows[0].as_slice() else {
            panic!("{rows:?}")
        };
        String::from_utf8(packed::unpack(body).expect("what was packed")).expect("JSON")
    }

    /// Changes rows of intake's database behind its back.
    pub(crate) async fn tamper(&self, sql: &'static str, args: Vec<Value>) {
        let location = Location::Directory(self.data.path().to_owned());
        let store = journal::open(&location, "intake", &[]).await.expect("the store");
        let commit = Commit {
            views: vec![Write { sql, args }],
            ..Commit::default()
        };
        store
            .commit(&[commit])
            .await
            .expect("it was written")
            .remove(0)
            .expect("it stands");
        store.close().await;
    }
}

pub(crate) fn told(check: &str) -> serde_json::Value {
    serde_json::from_str(check).expect("a check")
}

/// The sample without the receipt that it claims.
pub(crate) fn unreceived() -> String {
    let mut file: serde_json::Value = serde_json::from_str(&sample(CERTIFICATE)).expect("JSON");
    file.as_object_mut().expect("an object").remove("received_on");
    file.to_string()
}
