//! `admin replay`: every history once more through its machines, on the running services or on the stores themselves.

use std::{cell::Cell, path::Path, time::Duration};

use anyhow::Context;
use host::{admin::replay_at_once, config::Settings};
use proto::admin::v1::{ReplayHistoriesRequest, ReplayHistoriesResponse};
use serde_json::json;
use tokio::time::Instant;

use super::{Finding, Services, found, location};
use crate::{
    assembly,
    client::Client,
    commands::Desk,
    output::{Output, note},
};

const IDENTICAL: &str = "chạy lại giống hệt / every replay is identical";
const PROGRESS: Duration = Duration::from_secs(2);

/// What is replayed, and where.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    services: Services,
    /// Mọi dịch vụ. All services, as without any.
    #[arg(long, conflicts_with = "services")]
    all: bool,
    /// Đọc thẳng kho dữ liệu, không cần máy chủ. Read the stores themselves, without a server: those in --data, or
    /// --database. For more than a call can do in a minute.
    #[arg(long)]
    pub(super) offline: bool,
    /// Kho PostgreSQL, khi --offline. With --offline: the stores in this PostgreSQL.
    #[arg(long, value_name = "URL", requires = "offline")]
    database: Option<String>,
}

impl ReplayArgs {
    /// Asks the services.
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let mut replays = Vec::new();
        for service in self.services.names() {
            let request = ReplayHistoriesRequest {
                service: service.clone(),
            };
            let call = async |client: &Client| client.admin(&service).replay_histories(request.clone()).await;
            let answer = desk.call(call).await.with_context(|| service.clone())?;
            replays.push(finding(service, answer));
        }
        Ok(found(desk.output, &replays, IDENTICAL))
    }

    /// Reads the stores; the services may run.
    pub(super) fn run_offline(self, data: &Path, output: Output) -> anyhow::Result<u8> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut replays = Vec::new();
            for service in self.services.names() {
                let replayers = assembly::service(&service, &Settings::default())?.replayers();
                let location = location(data, self.database.as_deref(), &service)?;
                let store = journal::open(&location, &service, &[])
                    .await
                    .with_context(|| service.clone())?;
                let told = Cell::new(Instant::now());
                let progress = |aggregates| {
                    if told.get().elapsed() >= PROGRESS {
                        told.set(Instant::now());
                        note(&format!("{service}: {aggregates}"));
                    }
                };
                let answer = replay_at_once(&store, &replayers, progress).await;
                store.close().await;
                let answer = answer.map_err(|fault| anyhow::anyhow!("{service}: {fault}"))?;
                replays.push(finding(service.clone(), answer));
            }
            Ok(found(output, &replays, IDENTICAL))
        })
    }
}

fn finding(service: String, answer: ReplayHistoriesResponse) -> Finding {
    let ReplayHistoriesResponse {
        aggregates,
        steps,
        divergences,
    } = answer;
    Finding {
        service,
        what: json!({"aggregates": aggregates, "steps": steps}),
        wrong: ("divergences", divergences),
    }
}
