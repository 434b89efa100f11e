//! `vinhdanh admin epoch`: which history each service writes and follows, and what differs after a restore.

use std::path::Path;

use anyhow::Context;
use clap::{ArgGroup, Subcommand, builder::PossibleValuesParser};
use journal::{Location, offline};
use proto::admin::v1::{resolve_difference_request::Choice, *};
use serde_json::{Value, json};

use super::{
    super::{Desk, Limit},
    Services,
};
use crate::{
    client::{Client, SERVICES},
    output::{Output, Record, instant, note},
};

/// What operators do about epochs.
#[derive(Debug, Subcommand)]
pub enum EpochVerb {
    /// Mỗi dịch vụ đang ở thời kỳ nào, đang theo thời kỳ nào. Which epochs services write and follow.
    Status,
    /// Mở thời kỳ mới cho kho vừa khôi phục; dịch vụ phải đang dừng. Begin a new epoch of a restored store, offline.
    Advance(AdvanceArgs),
    /// Những gì đã nhận mà nơi được khôi phục không còn. What was applied and a restored service does not have.
    Differences {
        #[command(flatten)]
        services: Services,
        /// Cả những khác biệt đã xử lý. Also those that have ended.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Xử lý một khác biệt. End a difference.
    #[command(group(ArgGroup::new("how").required(true).args(["accept", "keep"])))]
    Resolve {
        /// Đối tượng. The restored service's aggregate, as `differences` shows it.
        #[arg(value_name = "AGGREGATE")]
        aggregate: String,
        /// Dịch vụ đã nhận. The service that has applied more.
        #[arg(long, value_parser = PossibleValuesParser::new(SERVICES))]
        service: String,
        /// Theo dữ liệu được khôi phục. The restored history stands: its events take effect here.
        #[arg(long)]
        accept: bool,
        /// Giữ những gì đã nhận; việc đã được làm lại. What was applied stands: the acts were done again in other words.
        #[arg(long)]
        keep: bool,
        /// Vì sao; được lưu lại. Why; it is kept.
        #[arg(long)]
        reason: String,
    },
}

/// Which stores begin a new epoch.
#[derive(Debug, clap::Args)]
pub struct AdvanceArgs {
    #[command(flatten)]
    services: Services,
    /// Kho PostgreSQL thay cho --data. The stores in this PostgreSQL, instead of those in --data.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Vì sao; được lưu lại. Why; it is kept.
    #[arg(long)]
    reason: String,
}

impl AdvanceArgs {
    /// Works on the stores themselves.
    pub fn run_offline(self, data: &Path, output: Output) -> anyhow::Result<u8> {
        super::offline(async {
            let mut begun = Vec::new();
            for service in self.services.names() {
                let location = super::location(data, self.database.as_deref(), &service)?;
                begun.push(advance(&location, service, &self.reason).await?);
            }
            output.many(&begun);
            Ok(0)
        })
    }
}

/// A store's newest epoch.
pub struct Begun {
    service: String,
    epoch: journal::Epoch,
}

/// Begins a new epoch of a store that no service is using.
pub async fn advance(location: &Location, service: String, reason: &str) -> anyhow::Result<Begun> {
    let now = host::Clock::System.now().0;
    let fresh = || hex::encode(host::entropy::random::<16>());
    offline::must_be_idle(location, &service).await?;
    let store = journal::open(location, &service, &[])
        .await
        .with_context(|| service.clone())?;
    // A backup of before there were epochs gets its first one.
    let secret = hex::encode(host::entropy::random::<32>());
    store.begin_history(&fresh(), &secret, now).await?;
    store.advance_epoch(&fresh(), now, reason).await?;
    let newest = store.lineage().await?.epochs.pop();
    store.close().await;
    let epoch = newest.with_context(|| format!("{service}: no epoch was begun"))?;
    Ok(Begun { service, epoch })
}

impl Record for Begun {
    const TABLE: &'static [&'static str] = &["service", "epoch", "head", "reason"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let epoch = &self.epoch;
        json!({
            "service": self.service,
            "epoch": epoch.number,
            "epoch_id": epoch.id,
            "head": epoch.position,
            "at": instant(epoch.at),
            "reason": epoch.reason,
        })
    }
}

impl EpochVerb {
    /// What runs against running services.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        match self {
            Self::Status => status(desk).await,
            Self::Differences { services, all, limit } => differences(desk, services.names(), all, limit).await,
            Self::Resolve {
                aggregate,
                service,
                keep,
                reason,
                ..
            } => {
                let choice = if keep { Choice::Keep } else { Choice::Accept };
                let request = ResolveDifferenceRequest {
                    request_id: desk.request_id(),
                    service: service.clone(),
                    aggregate: aggregate.clone(),
                    choice: choice.into(),
                    reason,
                };
                let call = async |client: &Client| client.admin(&service).resolve_difference(request.clone()).await;
                desk.call(call).await?;
                let what = if keep {
                    "giữ / kept"
                } else {
                    "chấp nhận / accepted"
                };
                desk.output.result(
                    &json!({"aggregate": aggregate, "service": service, "kept": keep}),
                    || format!("{aggregate}: {what}"),
                );
                Ok(0)
            }
            Self::Advance(_) => anyhow::bail!("epoch advance works on the stores themselves"),
        }
    }
}

/// One process may run several services: each is shown once.
async fn status(desk: &Desk) -> anyhow::Result<u8> {
    let mut services: Vec<ServiceEpochs> = Vec::new();
    for service in SERVICES {
        if services.iter().any(|known| known.service == service) {
            continue;
        }
        let call = async |client: &Client| client.admin(service).get_epochs(GetEpochsRequest {}).await;
        for one in desk.call(call).await.with_context(|| service.to_owned())?.services {
            if services.iter().all(|known| known.service != one.service) {
                services.push(one);
            }
        }
    }
    desk.output.many(&services);
    for service in &services {
        for follows in service.follows.iter().filter(|follows| !follows.held.is_empty()) {
            note(&format!(
                "{}: không nhận gì từ / nothing is applied of {}: {}. Dừng {1}, chạy / stop {1}, run: \
                 vinhdanh admin epoch advance {1} --reason …",
                service.service, follows.producer, follows.held
            ));
        }
    }
    Ok(0)
}

async fn differences(desk: &Desk, services: Vec<String>, all: bool, limit: Limit) -> anyhow::Result<u8> {
    let mut rows = Vec::new();
    for service in services {
        let page = async |client: &Client, page_size, page_token| {
            let request = ListDifferencesRequest {
                service: service.clone(),
                all,
                page_size,
                page_token,
            };
            let page = client.admin(&service).list_differences(request).await?.into_inner();
            Ok((page.differences, page.next_page_token))
        };
        rows.extend(desk.pages(limit, page).await.with_context(|| service.clone())?);
    }
    rows.truncate(limit.limit.unwrap_or(usize::MAX));
    desk.output.many(&rows);
    Ok(0)
}

impl Record for ServiceEpochs {
    const TABLE: &'static [&'static str] = &["service", "epoch", "since", "head", "follows", "differences"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let newest = self.epochs.last().cloned().unwrap_or_default();
        let follows: serde_json::Map<String, Value> = self
            .follows
            .iter()
            .map(|follows| (follows.producer.clone(), json!(follows.number)))
            .collect();
        let held: serde_json::Map<String, Value> = self
            .follows
            .iter()
            .filter(|follows| !follows.held.is_empty())
            .map(|follows| (follows.producer.clone(), json!(follows.held)))
            .collect();
        json!({
            "service": self.service,
            "epoch": newest.number,
            "epoch_id": newest.id,
            "since": instant(newest.at),
            "reason": newest.reason,
            "head": self.head,
            "follows": follows,
            "held": held,
            "differences": self.follows.iter().map(|follows| follows.differences).sum::<i32>(),
        })
    }
}

impl Record for Difference {
    const TABLE: &'static [&'static str] = &[
        "aggregate",
        "consumer",
        "common",
        "applied",
        "owner",
        "lost",
        "resolution",
        "reason",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let effect = |effect: &LostEffect| {
            json!({
                "aggregate": effect.aggregate,
                "version": effect.version,
                "state": effect.state,
                "input": effect.input,
            })
        };
        let lost: Vec<Value> = self
            .lost
            .iter()
            .map(|lost| {
                json!({
                    "seq": lost.seq,
                    "event_id": lost.event_id,
                    "position": lost.position,
                    "at": instant(lost.at),
                    "effects": lost.effects.iter().map(effect).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "aggregate": self.aggregate,
            "consumer": self.consumer,
            "producer": self.producer,
            "epoch_id": self.epoch,
            "common": self.common,
            "applied": self.applied,
            "owner": self.owner,
            "at": instant(self.at),
            "lost": lost,
            "resolution": self.resolution,
            "reason": self.reason,
            "resolved_by": self.resolved_by,
            "resolved_at": instant(self.resolved_at),
        })
    }
}
