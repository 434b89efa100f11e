//! `vinhdanh admin`: whether records hold and how far the services have got, through the admin API.

mod backup;
pub mod epoch;
mod migrate;
mod replay;

use std::path::Path;

use anyhow::Context;
use clap::{ArgGroup, Subcommand, builder::PossibleValuesParser};
use journal::Location;
use proto::admin::v1::*;
use serde_json::{Map, Value, json};

use super::{Desk, Limit, Verb};
use crate::{
    client::{Client, SERVICES},
    output::{Output, REFUSED, Record, instant, note},
};

/// What is said when every chain holds.
const HOLDS: &str = "lịch sử nguyên vẹn / all histories hold";

/// What operators and auditors ask.
#[derive(Debug, Subcommand)]
pub enum AdminVerb {
    /// Tính lại chuỗi băm của lịch sử. Recompute the hash chains of histories; 1 if one does not hold.
    Verify(VerifyArgs),
    /// Chạy lại mọi lịch sử và so sánh. Replay every history and compare; 1 if one comes out elsewhere.
    Replay(replay::ReplayArgs),
    /// Chuyển hồ sơ đang chạy sang phiên bản mới của máy trạng thái. Move what is under way to a later version of its
    /// machine: the plan first; 1 if anything stays.
    Migrate(migrate::MigrateArgs),
    /// Mỗi dịch vụ đã đến đâu. How far each service has got.
    Progress,
    /// Sự kiện không xử lý được. Events that a consumer could not apply.
    DeadLetters {
        #[command(flatten)]
        services: Services,
        #[command(flatten)]
        limit: Limit,
    },
    /// Sao lưu các kho tại chỗ trong khi chạy. Copy the local stores while services go on.
    Backup(backup::BackupArgs),
    /// Khôi phục từ bản sao; dịch vụ phải đang dừng. Restore local stores from a copy; their services must not run.
    Restore(backup::RestoreArgs),
    /// Thời kỳ của dữ liệu, và khác biệt sau khôi phục. Epochs of histories, and what differs after a restore.
    #[command(subcommand)]
    Epoch(epoch::EpochVerb),
    /// Thử lại hoặc bỏ qua một sự kiện. Try a dead letter again, or go on without it.
    #[command(group(ArgGroup::new("how").required(true).args(["retry", "skip"])))]
    Resolve {
        /// Sự kiện. The event.
        #[arg(value_name = "EVENT")]
        event_id: String,
        /// Dịch vụ. The service that could not apply it.
        #[arg(long, value_parser = PossibleValuesParser::new(SERVICES))]
        service: String,
        /// Thử lại. Try it again.
        #[arg(long)]
        retry: bool,
        /// Bỏ qua. Go on without it.
        #[arg(long)]
        skip: bool,
        /// Vì sao; được lưu lại. Why; it is kept.
        #[arg(long)]
        reason: String,
    },
}

/// What is verified, and where.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    services: Services,
    /// Đọc thẳng kho dữ liệu, không cần máy chủ. Read the stores themselves, without a server: those in --data, or --database.
    #[arg(long)]
    offline: bool,
    /// Kho PostgreSQL, khi --offline. With --offline: the stores in this PostgreSQL.
    #[arg(long, value_name = "URL", requires = "offline")]
    database: Option<String>,
}

impl VerifyArgs {
    /// Verifies without a server: whoever has the files can.
    fn run_offline(self, data: &Path, output: Output) -> anyhow::Result<u8> {
        offline(async {
            let mut audits = Vec::new();
            for service in self.services.names() {
                let location = location(data, self.database.as_deref(), &service)?;
                let store = journal::open(&location, &service, &[])
                    .await
                    .with_context(|| service.clone())?;
                let verified = journal::verify(store.as_ref(), |_| {})
                    .await
                    .with_context(|| service.clone())?;
                store.close().await;
                let (aggregates, rows, events) = (verified.aggregates, verified.rows, verified.events);
                let problems = verified
                    .problems
                    .iter()
                    .map(|p| format!("{} version {}: {}", p.key, p.version, p.what));
                audits.push(Finding {
                    service,
                    what: json!({"aggregates": aggregates, "rows": rows, "events": events}),
                    wrong: ("problems", problems.collect()),
                });
            }
            Ok(found(output, &audits, HOLDS))
        })
    }
}

/// Which services.
#[derive(Debug, clap::Args)]
pub struct Services {
    /// Dịch vụ nào; tất cả nếu không ghi. Which services; all if left out.
    #[arg(value_name = "SERVICE", value_parser = PossibleValuesParser::new(SERVICES))]
    services: Vec<String>,
}

impl Services {
    fn names(&self) -> Vec<String> {
        self.given_or(SERVICES.map(str::to_owned))
    }

    fn given_or(&self, all: impl IntoIterator<Item = String>) -> Vec<String> {
        if self.services.is_empty() {
            all.into_iter().collect()
        } else {
            self.services.clone()
        }
    }
}

/// Runs what needs no server.
fn offline<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// Where a service's store is, which must exist.
fn location(data: &Path, database: Option<&str>, service: &str) -> anyhow::Result<Location> {
    if let Some(url) = database {
        return Ok(Location::Postgres(url.to_owned()));
    }
    let file = data.join(format!("{service}.db"));
    anyhow::ensure!(file.is_file(), "không có / there is no {}; see --data", file.display());
    Ok(Location::Directory(data.to_owned()))
}

/// What works on the stores themselves: the data folder, and how it prints.
pub type Offline = Box<dyn FnOnce(&Path, Output) -> anyhow::Result<u8>>;

impl AdminVerb {
    /// What works on the stores themselves, if this does.
    pub fn offline(self) -> Result<Offline, Self> {
        let work: Offline = match self {
            Self::Verify(args) if args.offline => Box::new(|data, output| args.run_offline(data, output)),
            Self::Replay(args) if args.offline => Box::new(|data, output| args.run_offline(data, output)),
            Self::Backup(args) => Box::new(|data, output| args.run_offline(data, output)),
            Self::Restore(args) => Box::new(|data, output| args.run_offline(data, output)),
            Self::Epoch(epoch::EpochVerb::Advance(args)) => Box::new(|data, output| args.run_offline(data, output)),
            online => return Err(online),
        };
        Ok(work)
    }
}

impl Verb for AdminVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        match self {
            Self::Verify(args) => verify(desk, args.services.names()).await,
            Self::Replay(args) => args.run(desk).await,
            Self::Migrate(args) => args.run(desk).await,
            Self::Progress => progress(desk).await,
            Self::Epoch(verb) => verb.run(desk).await,
            Self::Backup(_) | Self::Restore(_) => anyhow::bail!("this works on the stores themselves"),
            Self::DeadLetters { services, limit } => dead_letters(desk, services.names(), limit).await,
            Self::Resolve {
                event_id,
                service,
                skip,
                reason,
                ..
            } => {
                let request = ResolveDeadLetterRequest {
                    request_id: desk.request_id(),
                    service: service.clone(),
                    event_id: event_id.clone(),
                    skip,
                    reason,
                };
                let call = async |client: &Client| client.admin(&service).resolve_dead_letter(request.clone()).await;
                desk.call(call).await?;
                desk.output.result(&json!({"event_id": event_id, "skipped": skip}), || {
                    format!(
                        "{event_id}: {}",
                        if skip {
                            "bỏ qua / skipped"
                        } else {
                            "thử lại / tried again"
                        }
                    )
                });
                Ok(0)
            }
        }
    }
}

async fn verify(desk: &Desk, services: Vec<String>) -> anyhow::Result<u8> {
    let mut audits = Vec::new();
    for service in services {
        let request = VerifyAuditRequest {
            service: service.clone(),
        };
        let call = async |client: &Client| client.admin(&service).verify_audit(request.clone()).await;
        let VerifyAuditResponse {
            aggregates,
            rows,
            events,
            problems,
        } = desk.call(call).await.with_context(|| service.clone())?;
        let what = json!({"aggregates": aggregates, "rows": rows, "events": events});
        audits.push(Finding {
            service,
            what,
            wrong: ("problems", problems),
        });
    }
    Ok(found(desk.output, &audits, HOLDS))
}

/// What was counted in one service, and what is wrong there.
struct Finding {
    service: String,
    what: Value,
    wrong: (&'static str, Vec<String>),
}

fn found(output: Output, findings: &[Finding], all_well: &str) -> u8 {
    output.many(findings);
    let wrong: Vec<String> = findings
        .iter()
        .flat_map(|finding| {
            finding
                .wrong
                .1
                .iter()
                .map(|problem| format!("{}: {problem}", finding.service))
        })
        .collect();
    if wrong.is_empty() {
        note(all_well);
        return 0;
    }
    for problem in wrong {
        note(&problem);
    }
    REFUSED
}

impl Record for Finding {
    const TABLE: &'static [&'static str] = &["service", "aggregates", "rows", "steps", "events", "wrong"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let mut value = self.what.clone();
        value["service"] = json!(self.service);
        value["wrong"] = json!(self.wrong.1.len());
        value[self.wrong.0] = json!(self.wrong.1);
        value
    }
}

/// One process may run several services: each is shown once.
async fn progress(desk: &Desk) -> anyhow::Result<u8> {
    let mut services: Vec<ServiceProgress> = Vec::new();
    for service in SERVICES {
        if services.iter().any(|known| known.service == service) {
            continue;
        }
        let call = async |client: &Client| client.admin(service).get_progress(GetProgressRequest {}).await;
        for one in desk.call(call).await.with_context(|| service.to_owned())?.services {
            if services.iter().all(|known| known.service != one.service) {
                services.push(one);
            }
        }
    }
    desk.output.many(&services);
    Ok(0)
}

async fn dead_letters(desk: &Desk, services: Vec<String>, limit: Limit) -> anyhow::Result<u8> {
    let mut letters = Vec::new();
    for service in services {
        let page = async |client: &Client, page_size, page_token| {
            let request = ListDeadLettersRequest {
                service: service.clone(),
                page_size,
                page_token,
            };
            let page = client.admin(&service).list_dead_letters(request).await?.into_inner();
            Ok((page.dead_letters, page.next_page_token))
        };
        letters.extend(desk.pages(limit, page).await.with_context(|| service.clone())?);
    }
    letters.truncate(limit.limit.unwrap_or(usize::MAX));
    desk.output.many(&letters);
    Ok(0)
}

impl Record for ServiceProgress {
    const TABLE: &'static [&'static str] = &[
        "service",
        "head",
        "relayed",
        "timers_due",
        "dead_letters",
        "under_way",
        "consumers",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let consumers: Map<String, Value> = self
            .consumers
            .iter()
            .map(|consumer| (consumer.producer.clone(), json!(consumer.position)))
            .collect();
        json!({
            "service": self.service,
            "head": self.head,
            "relayed": self.relayed,
            "timers_due": self.timers_due,
            "dead_letters": self.dead_letters,
            "under_way": self.under_way,
            "consumers": consumers,
        })
    }
}

impl Record for DeadLetter {
    const TABLE: &'static [&'static str] = &["event_id", "consumer", "producer", "aggregate", "seq", "at", "error"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        json!({
            "event_id": self.event_id,
            "consumer": self.consumer,
            "producer": self.producer,
            "aggregate": self.aggregate,
            "seq": self.seq,
            "at": instant(self.at),
            "error": self.error,
        })
    }
}
