//! Officials at work on embedded services, every call logged as a run folder wants it.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use access::Principal;
use checker::{ClientLog, Operation, RunFolder, Who};
use prost::Message;
use proto::{admin::v1::GetProgressRequest, rehearsal::v1::AdvanceTimeRequest};
use tonic::{Response, Status};
use vinhdanh::{
    client::Client,
    installation::{Installation, Layout, Plan},
};

/// 2026-03-02T08:00:00+07:00, in microseconds.
pub(crate) const MONDAY: i64 = 1_772_413_200_000_000;

pub(crate) struct Crew {
    installation: Installation,
    pub(crate) log: ClientLog,
    pub(crate) clock: Arc<AtomicI64>,
    count: AtomicU32,
}

impl Crew {
    pub(crate) async fn start(folder: &RunFolder) -> Self {
        let plan = Plan {
            data: folder.data(),
            database: None,
            nats: None,
            layout: Layout::OneProcess,
            clock: Some(MONDAY),
            program: None,
        };
        Self {
            installation: Installation::start(plan).await.expect("the services start"),
            log: ClientLog::append(&folder.clients()).expect("a log"),
            clock: Arc::new(AtomicI64::new(MONDAY)),
            count: AtomicU32::new(0),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// `[NAME=]ROLE@AGENCY`, as a client.
    fn acting(&self, who: &str) -> (Client, Who) {
        let (name, rest) = who.split_once('=').unwrap_or(("", who));
        let (role, agency) = rest.split_once('@').expect("ROLE@AGENCY");
        let name = if name.is_empty() { role } else { name };
        let principal = Principal {
            subject: format!("{name}@{agency}"),
            role: role.parse().expect("a role"),
            agency: agency.to_owned(),
            person: None,
        };
        let token = self.installation.token(&principal);
        let who = Who {
            subject: principal.subject,
            role: role.to_owned(),
            agency: agency.to_owned(),
        };
        (Client::new(self.installation.servers(), &token).expect("a client"), who)
    }

    /// A fresh operation of somebody's, and how to call as them.
    pub(crate) fn operation(&self, method: &str, who: &str) -> (Operation, Client, String) {
        let (client, who) = self.acting(who);
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = host::entropy::fresh_id();
        let op = self.log.operation(&number.to_string(), method, &who, &request_id);
        (op, client, request_id)
    }

    /// One operation in one attempt; all is quiet afterwards.
    pub(crate) async fn ask<Q: Message + Clone, R: Message>(
        &self,
        method: &str,
        who: &str,
        request: impl FnOnce(String) -> Q,
        call: impl AsyncFnOnce(Client, Q) -> Result<Response<R>, Status>,
    ) -> Result<R, Status> {
        let (op, client, request_id) = self.operation(method, who);
        let request = request(request_id);
        let answer = self
            .log
            .call(&op, &request, || self.now(), call(client, request.clone()))
            .await;
        self.rest().await;
        answer
    }

    /// Waits until everything that follows from what was done has happened.
    pub(crate) async fn rest(&self) {
        let (auditor, _) = self.acting("auditor@vinhdanh");
        let quiet = async {
            let mut before = Vec::new();
            loop {
                let progress = auditor.admin("intake").get_progress(GetProgressRequest {}).await;
                let now = progress.expect("progress").into_inner().services;
                let head = |name: &str| now.iter().find(|one| one.service == name).map_or(0, |one| one.head);
                let is_done = now.iter().all(|one| {
                    let behind = one.consumers.iter().any(|feed| feed.position < head(&feed.producer));
                    one.relayed == one.head && one.timers_due == 0 && one.under_way == 0 && !behind
                });
                if is_done && now == before {
                    return;
                }
                before = now;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), quiet)
            .await
            .expect("the services come to rest");
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        let to = self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed) + seconds * 1_000_000;
        let (operator, _) = self.acting("operator@vinhdanh");
        operator
            .rehearsal("intake")
            .advance_time(AdvanceTimeRequest { to })
            .await
            .expect("time goes on");
        self.rest().await;
    }

    pub(crate) async fn stop(self) {
        self.installation.stop().await.expect("the services stop");
    }
}

/// A sample dossier's text, of a candidate of this name.
pub(crate) fn sample(name: &str, candidate: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(format!("{name}.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.replace("N.V.A.", candidate)
}
