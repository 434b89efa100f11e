//! Operators see one story: a command is a trace of its own, and what another service does about its event is a trace
//! that links to it. No name of a person is in any span.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use access::{Issuer, Principal, Role};
use proto::{admin::v1::GetProgressRequest, intake::v1 as intake};
use telemetry::Receiver;
use tests::{id, program, sample, until};
use vinhdanh::client::{Client, Servers};

struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn token(issuer: &Issuer, role: Role, agency: &str) -> String {
    let now = host::Clock::System.now().0 / 1_000_000;
    let subject = format!("{}@{agency}", role.as_str());
    issuer.sign(
        &Principal {
            subject,
            role,
            agency: agency.to_owned(),
            person: None,
        },
        now,
        600,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_causes_links_back_to_it() {
    let receiver = Receiver::start().expect("a receiver");
    let data = tempfile::tempdir().expect("a folder");
    let address = format!("127.0.0.1:{}", testkit::free_port());
    let child = Command::new(program())
        .args(["start", "--listen", &address, "--otlp", &receiver.endpoint(), "--data"])
        .arg(data.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let _started = Started(child);
    let issuer = until(30, "the local key", async || {
        let pem = std::fs::read_to_string(data.path().join("issuer.pem")).ok()?;
        Issuer::from_pem("vinhdanh-local", "vinhdanh", &pem).ok()
    })
    .await;
    let servers = Servers::one(&format!("http://{address}"));
    let clerk = Client::new(&servers, &token(&issuer, Role::Clerk, "so-noi-vu-hung-yen")).expect("a client");
    let operator = Client::new(&servers, &token(&issuer, Role::Operator, "vinhdanh")).expect("a client");
    until(30, "the services", async || {
        operator.admin("intake").get_progress(GetProgressRequest {}).await.ok()
    })
    .await;

    let content = sample("hung-yen-2025-huan-chuong-lao-dong-hang-ba").replace("N.V.A.", "Ứng Viên Mật Danh");
    let request = intake::CreateDossierRequest {
        request_id: id(),
        content,
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
        dossiers: vec![dossier],
        letter_number: String::new(),
    };
    clerk.intake().submit_dossiers(request).await.expect("submitted");

    let linked = |receiver: &Receiver| {
        let spans = receiver.spans();
        let submit = spans
            .iter()
            .find(|span| span.kind == "server" && span.name.contains("SubmitDossiers"));
        submit.is_some_and(|submit| {
            spans.iter().any(|span| {
                span.kind == "consumer"
                    && span.trace_id != submit.trace_id
                    && span.links.iter().any(|(trace, _)| *trace == submit.trace_id)
            })
        })
    };
    assert!(
        receiver.wait_until(Duration::from_secs(30), linked).await,
        "{}",
        receiver.trees()
    );
    let told = format!("{:?}{:?}", receiver.spans(), receiver.logs());
    for secret in ["Ứng Viên", "Mật Danh", "Bearer", "eyJ"] {
        assert!(!told.contains(secret), "{secret} is in what operators see");
    }
}
