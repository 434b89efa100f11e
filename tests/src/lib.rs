//! What the whole-system tests share. The tests live in `tests/`, sample dossiers in `samples/`, rehearsals in
//! `scenarios/`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use access::{Principal, Role};
use proto::intake::v1::{CreateDossierRequest, SubmitDossiersRequest};
use tonic::Status;
use vinhdanh::{
    client::{Client, Failure},
    installation::{Installation, Layout, Plan},
};

/// 2025-09-15T08:00:00+07:00, in microseconds.
pub const MONDAY: i64 = 1_757_898_000_000_000;

/// The folder of this crate.
pub fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A sample dossier's text.
pub fn sample(name: &str) -> String {
    let file = here().join("samples").join(format!("{name}.json"));
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// All rehearsals.
pub fn scenarios() -> Vec<PathBuf> {
    let folder = here().join("scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the rehearsals")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// The binary under test, as `cargo build` left it beside the test programs.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("where this test is");
    let folder = test.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let program = folder.join("vinhdanh");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo xtask test`, or `cargo build` first",
        program.display()
    );
    program
}

/// Embedded services in this process, on a simulated clock that stands at [`MONDAY`].
pub async fn embedded(data: &Path) -> Installation {
    let plan = Plan {
        data: data.to_owned(),
        database: None,
        nats: None,
        layout: Layout::OneProcess,
        clock: Some(MONDAY),
        program: None,
    };
    Installation::start(plan).await.expect("the services start")
}

/// A process a service, on PostgreSQL and NATS.
pub async fn distributed(data: &Path, database: String, nats: String) -> Installation {
    let plan = Plan {
        data: data.to_owned(),
        database: Some(database),
        nats: Some(nats),
        layout: Layout::ProcessPerService,
        clock: Some(MONDAY),
        program: Some(program()),
    };
    Installation::start(plan).await.expect("the services start")
}

/// `[NAME=]ROLE@AGENCY`, as a client.
pub fn acting(installation: &Installation, who: &str) -> Client {
    let (name, rest) = who.split_once('=').unwrap_or(("", who));
    let (role, agency) = rest.split_once('@').expect("ROLE@AGENCY");
    let name = if name.is_empty() { role } else { name };
    let principal = Principal {
        subject: format!("{name}@{agency}"),
        role: role.parse::<Role>().expect("a role"),
        agency: agency.to_owned(),
        person: None,
    };
    Client::new(installation.servers(), &installation.token(&principal)).expect("a client")
}

/// A fresh request id.
pub fn id() -> String {
    host::entropy::fresh_id()
}

/// Asserts that a call was refused with this code and reason.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, code: &str, reason: &str) -> Failure {
    let failure = Failure::from(outcome.expect_err("it must be refused"));
    assert_eq!((failure.code, failure.reason.as_str()), (code, reason), "{failure}");
    assert!(
        !failure.vi.is_empty(),
        "a refusal has a text in Vietnamese: {failure:?}"
    );
    failure
}

/// So many dossiers like this sample, whose candidates alone differ, under one letter.
pub async fn submitted(clerk: &Client, like: &str, number: usize) -> Vec<String> {
    let mut dossiers = Vec::new();
    for n in 0..number {
        let request = CreateDossierRequest {
            request_id: id(),
            content: sample(like).replace("N.V.A.", &format!("N.V.A. {n}")),
        };
        let draft = clerk.intake().create_dossier(request).await.expect("a draft");
        dossiers.push(draft.into_inner().dossier);
    }
    let request = SubmitDossiersRequest {
        request_id: id(),
        dossiers: dossiers.clone(),
        letter_number: "1/TTr".to_owned(),
    };
    clerk.intake().submit_dossiers(request).await.expect("submitted");
    dossiers
}

/// Polls until `done` gives something, at most `seconds`.
pub async fn until<T>(seconds: u64, what: &str, mut done: impl AsyncFnMut() -> Option<T>) -> T {
    let polling = async {
        loop {
            if let Some(value) = done().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(seconds), polling)
        .await
        .unwrap_or_else(|_| panic!("waited for {what}"))
}
