//! Bulk acts at work: the read model of jobs, and the worker that goes from slice to slice. A slice is one commit: its dossiers,
//! what came of each, and how far the job is, stand or fall together. Whoever dies in between, the next process goes on.

use std::time::Duration;

use access::Principal;
use host::{Aggregate, Call, Engine, Fault, Published, Reason, Unit, paging::Page};
use journal::{Key, Row, Sql, Store, Value, Write};
use machine::{Machine as _, Snapshot, Timestamp};
use prost::Message as _;
use proto::approval::v1::{self, BulkResult, Event, GetBulkRequest, PreviewActRequest, Target};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{
    api,
    machine::{Bulk, BulkInput, BulkState, Course},
    views::{self, text},
};

/// How many dossiers one slice takes: each slice is a commit, between two of them a job can be paused.
const SLICE: usize = 20;
/// How often a process looks for jobs that were started, or that another one left.
const LOOK: Duration = Duration::from_millis(500);
/// Jobs that one look takes in.
const JOBS: i64 = 64;

const PUT: Sql = "INSERT INTO bulk (bulk, version, agency, status, sort) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (bulk) DO UPDATE SET version = excluded.version, agency = excluded.agency, status = excluded.status";
const PUT_ITEM: Sql = "INSERT INTO bulk_item (bulk, place, dossier, etag, outcome, reason, step, status) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (bulk, place) DO UPDATE SET outcome = excluded.outcome, \
     reason = excluded.reason, step = excluded.step, status = excluded.status";
const RUNNING: Sql = "SELECT bulk FROM bulk WHERE status = 'running' ORDER BY bulk LIMIT $1";
const OF_AGENCY: Sql = "SELECT bulk, sort FROM bulk WHERE agency = $1 AND sort < $2 ORDER BY sort DESC LIMIT $3";
const SLICE_OF: Sql = "SELECT dossier, etag FROM bulk_item WHERE bulk = $1 AND place >= $2 ORDER BY place LIMIT $3";
const RESULTS: Sql = "SELECT place, dossier, outcome, reason, step, status FROM bulk_item \
     WHERE bulk = $1 AND place > $2 AND ($3 = '' OR outcome = $3) ORDER BY place LIMIT $4";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 6] = [PUT, PUT_ITEM, RUNNING, OF_AGENCY, SLICE_OF, RESULTS];

impl Aggregate for Bulk {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        let args = vec![
            text(id),
            Value::Int(version as i64),
            text(&at.data.owner.agency),
            text(at.state_name()),
            text(format!("{:020}.{id}", at.data.started_at.0)),
        ];
        vec![Write { sql: PUT, args }]
    }

    fn published(event: &Event) -> Published {
        Course::published(event)
    }
}

/// A job as people see it.
pub(crate) fn show(id: &str, version: u64, at: &Snapshot<Bulk>) -> v1::Bulk {
    let bulk = &at.data;
    v1::Bulk {
        bulk: id.to_owned(),
        act: bulk.act.name.clone(),
        status: at.state_name(),
        subject: bulk.owner.subject.clone(),
        role: bulk.owner.role.clone(),
        agency: bulk.owner.agency.clone(),
        number: bulk
            .paper
            .as_ref()
            .map(|paper| paper.number.clone())
            .unwrap_or_default(),
        total: bulk.total,
        done: bulk.looked_at - bulk.refused,
        refused: bulk.refused,
        started_at: bulk.started_at.0,
        until: bulk.until.0,
        etag: version.to_string(),
    }
}

/// What came of a dossier.
struct Outcome {
    word: &'static str,
    reason: &'static str,
    step: i32,
    status: String,
}

impl Outcome {
    const WAITING: Self = Self {
        word: "waiting",
        reason: "",
        step: 0,
        status: String::new(),
    };

    fn write(self, bulk: &str, place: u32, target: &Target) -> Write {
        let args = vec![
            text(bulk),
            Value::Int(place.into()),
            text(&target.dossier),
            text(&target.etag),
            text(self.word),
            text(self.reason),
            Value::Int(self.step.into()),
            text(self.status),
        ];
        Write { sql: PUT_ITEM, args }
    }
}

/// The rows of a job that begins.
pub(crate) fn waiting(bulk: &str, targets: &[Target]) -> Vec<Write> {
    let row = |(place, target)| Outcome::WAITING.write(bulk, place, target);
    (0..).zip(targets).map(row).collect()
}

/// Goes from job to job until `stop`.
pub(crate) async fn run(engine: &Engine, stop: &CancellationToken) {
    loop {
        if let Err(fault) = look(engine, stop).await {
            tracing::warn!(%fault, "bulk acts wait for the store");
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn running(engine: &Engine) -> Result<Vec<String>, Fault> {
    let rows = engine.journal().store().query(RUNNING, &[Value::Int(JOBS)]).await?;
    Ok(rows.into_iter().filter_map(views::id).collect())
}

/// How many jobs are running.
pub(crate) async fn under_way(engine: &Engine) -> Result<u32, Fault> {
    Ok(running(engine).await?.len() as u32)
}

async fn look(engine: &Engine, stop: &CancellationToken) -> Result<(), Fault> {
    for bulk in running(engine).await? {
        while !stop.is_cancelled() && slice(engine, &bulk).await? {}
    }
    Ok(())
}

/// Does the next slice; whether there is another.
async fn slice(engine: &Engine, bulk: &str) -> Result<bool, Fault> {
    let store = engine.journal().store();
    let key = Key::new(Bulk::NAME, bulk);
    let Some(at) = store.load(std::slice::from_ref(&key)).await?.remove(0) else {
        return Ok(false);
    };
    let at = Snapshot::<Bulk>::decode(&at.snapshot).map_err(|e| Fault::Internal(format!("snapshot of {key}: {e}")))?;
    if at.state != BulkState::Running {
        return Ok(false);
    }
    let Some(owner) = at.data.owner.principal() else {
        return Err(Fault::Internal(format!(
            "{key} is for {}, which is no role",
            at.data.owner.role
        )));
    };
    if engine.clock().now() >= at.data.until {
        let pause = |unit: &mut Unit| unit.step::<Bulk>(bulk, BulkInput::Pause).map(|_| ());
        engine.work("its mandate ended", vec![key], pause).await?;
        return Ok(false);
    }
    let act = hex::decode(&at.data.act.request)
        .ok()
        .and_then(|bytes| PreviewActRequest::decode(bytes.as_slice()).ok())
        .and_then(|request| request.act)
        .ok_or_else(|| Fault::Internal(format!("the act of {key} is not readable")))?;
    let from = at.data.looked_at;
    let request = GetBulkRequest { bulk: bulk.to_owned() };
    let call = Call::new(owner.clone(), "approval/BulkSlice", &request_id(bulk, from), &request)?;
    let done = engine
        .act(&call, vec![key], |unit| one_slice(unit, &owner, bulk, from, &act))
        .await;
    match done {
        Ok(bulk) => Ok(bulk.status == "running"),
        // Paused, or done by another process in the meantime.
        Err(Fault::Refused { .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The same slice has the same request id, whoever does it.
fn request_id(bulk: &str, from: u32) -> String {
    let digest = Sha256::digest(format!("{bulk}/{from}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Uuid::from_bytes(bytes).to_string()
}

fn one_slice(
    unit: &mut Unit,
    owner: &Principal,
    bulk: &str,
    from: u32,
    act: &v1::preview_act_request::Act,
) -> Result<v1::Bulk, Fault> {
    let args = [text(bulk), Value::Int(from.into()), Value::Int(SLICE as i64)];
    let targets: Vec<Target> = unit.query(SLICE_OF, &args)?.iter().map(target).collect();
    // All that is missing is asked for at once.
    let missing = targets.iter().map(|target| unit.get::<Course>(&target.dossier));
    if let Some(fault) = missing.filter_map(Result::err).last() {
        return Err(fault);
    }
    let mut refused = 0;
    for (place, target) in (from..).zip(&targets) {
        let outcome = match api::apply(act, unit, owner, target) {
            Ok(next) => Outcome {
                word: "done",
                reason: "",
                step: next.state.step().unwrap_or_default().into(),
                status: next.state.status().to_owned(),
            },
            Err(fault @ (Fault::Refused { .. } | Fault::Denied(_) | Fault::Stale { .. } | Fault::Invalid { .. })) => {
                refused += 1;
                Outcome {
                    word: "refused",
                    reason: fault.reason(),
                    ..Outcome::WAITING
                }
            }
            Err(fault) => return Err(fault),
        };
        unit.write(outcome.write(bulk, place, target));
    }
    let dossiers = targets.len() as u32;
    let next = unit.step::<Bulk>(
        bulk,
        BulkInput::Slice {
            from,
            dossiers,
            refused,
        },
    )?;
    Ok(show(bulk, unit.version::<Bulk>(bulk)?, &next))
}

fn target(row: &Row) -> Target {
    Target {
        dossier: cell(row, 0),
        etag: cell(row, 1),
    }
}

fn cell(row: &Row, at: usize) -> String {
    match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Ids of an agency's jobs, newest first.
pub(crate) async fn of_agency(store: &dyn Store, agency: &str, page: &Page) -> Result<(Vec<String>, String), Fault> {
    // `~` sorts after all digits: the first page begins with the newest.
    let after = if page.after.is_empty() { "~" } else { &page.after };
    let args = [text(agency), text(after), Value::Int(page.limit())];
    let rows = store.query(OF_AGENCY, &args).await?;
    let mut listed: Vec<(String, String)> = rows.iter().map(|row| (cell(row, 0), cell(row, 1))).collect();
    let next = page.cut(&mut listed, |(_, sort)| sort.clone());
    Ok((listed.into_iter().map(|(bulk, _)| bulk).collect(), next))
}

/// A page of what came of a job's dossiers.
pub(crate) async fn results(
    store: &dyn Store,
    bulk: &str,
    outcome: &str,
    page: &Page,
) -> Result<(Vec<BulkResult>, String), Fault> {
    let after: i64 = page.after.parse().unwrap_or(-1);
    let args = [text(bulk), Value::Int(after), text(outcome), Value::Int(page.limit())];
    let rows = store.query(RESULTS, &args).await?;
    let mut results: Vec<(i64, BulkResult)> = rows.iter().map(result).collect();
    let next = page.cut(&mut results, |(place, _)| place.to_string());
    Ok((results.into_iter().map(|(_, result)| result).collect(), next))
}

fn result(row: &Row) -> (i64, BulkResult) {
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    let reason = cell(row, 3);
    let told = host::REASONS.iter().find(|known| known.name == reason);
    let (vi, en) = told.map_or(("", ""), |Reason { vi, en, .. }| (vi, en));
    let result = BulkResult {
        dossier: cell(row, 1),
        outcome: cell(row, 2),
        reason,
        vi: vi.to_owned(),
        en: en.to_owned(),
        step: int(4) as i32,
        status: cell(row, 5),
    };
    (int(0), result)
}
