//! Replays every history of a service: how many aggregates and steps, and where it diverges.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use journal::{Key, Loaded, Store};
use machine::{Actor, Recorded, Replayer, Timestamp};
use proto::admin::v1::ReplayHistoriesResponse;

use crate::{Engine, Fault, grants::Grants};

/// Aggregates whose snapshots are read at once.
const PAGE: u32 = 500;
/// Rows of a history that are read at once.
const ROWS: u32 = 1_000;
/// Histories of a page that are read at once, and pages that are replayed at once: one waits while another computes.
const READS: usize = 4;
const PAGES: usize = 4;

/// Replays in the task that asks, whatever runs it.
pub async fn replay_all(engine: &Engine, replayers: &[Replayer]) -> Result<ReplayHistoriesResponse, Fault> {
    let store = engine.journal().store();
    let known = known(replayers);
    let pages = pages(store).and_then(|keys| replay(Arc::clone(store), Arc::clone(&known), keys));
    pages.try_fold(ReplayHistoriesResponse::default(), add).await
}

/// Replays on all cores of this runtime; `progress` is told the number of aggregates replayed so far.
pub async fn replay_at_once(
    store: &Arc<dyn Store>,
    replayers: &[Replayer],
    progress: impl Fn(i64),
) -> Result<ReplayHistoriesResponse, Fault> {
    let known = known(replayers);
    let replayed = pages(store)
        .map_ok(|keys| {
            let task = tokio::spawn(replay(Arc::clone(store), Arc::clone(&known), keys));
            async { task.await.map_err(|error| Fault::Internal(error.to_string()))? }
        })
        .try_buffered(PAGES);
    let sum = replayed.try_fold(ReplayHistoriesResponse::default(), |sum, part| {
        progress(sum.aggregates + part.aggregates);
        add(sum, part)
    });
    sum.await
}

fn known(replayers: &[Replayer]) -> Arc<[Replayer]> {
    [replayers, &[Replayer::of::<Grants>()]].concat().into()
}

async fn add(
    mut sum: ReplayHistoriesResponse,
    part: ReplayHistoriesResponse,
) -> Result<ReplayHistoriesResponse, Fault> {
    sum.aggregates += part.aggregates;
    sum.steps += part.steps;
    sum.divergences.extend(part.divergences);
    Ok(sum)
}

/// The keys of all aggregates, page by page.
fn pages(store: &Arc<dyn Store>) -> impl futures::Stream<Item = Result<Vec<Key>, Fault>> {
    let store = Arc::clone(store);
    futures::stream::try_unfold(None, move |after: Option<Key>| {
        let store = Arc::clone(&store);
        async move {
            let keys = store.keys_as_stored(after.as_ref(), PAGE).await?;
            let last = keys.last().cloned();
            Ok(last.map(|last| (keys, Some(last))))
        }
    })
}

async fn replay(
    store: Arc<dyn Store>,
    known: Arc<[Replayer]>,
    keys: Vec<Key>,
) -> Result<ReplayHistoriesResponse, Fault> {
    // The snapshots first: a step in between makes a history longer, never shorter.
    let loaded = store.load(&keys).await?;
    let read = keys.into_iter().zip(loaded).map(|(key, loaded)| {
        let store = Arc::clone(&store);
        async move {
            let rows = history(store.as_ref(), &key).await?;
            Ok::<_, Fault>((key, loaded, rows))
        }
    });
    let mut histories = futures::stream::iter(read).buffered(READS);
    let mut answer = ReplayHistoriesResponse::default();
    while let Some((key, loaded, mut rows)) = histories.try_next().await? {
        let version = loaded.as_ref().map_or(0, |loaded| loaded.version);
        rows.retain(|row| row.version <= version);
        answer.aggregates += 1;
        answer.steps += rows.len() as i64;
        answer.divergences.extend(problem(&known, &key, loaded.as_ref(), &rows));
    }
    Ok(answer)
}

/// The whole history of an aggregate, as a machine reads it.
pub async fn history(store: &dyn Store, key: &Key) -> Result<Vec<Recorded>, Fault> {
    let mut rows: Vec<Recorded> = Vec::new();
    loop {
        let from = rows.last().map_or(0, |row| row.version);
        let page = store.history(key, from, ROWS).await?;
        let more = page.len() as u32 == ROWS;
        for row in page {
            let by: Actor = serde_json::from_str(&row.entry.actor)
                .map_err(|e| Fault::Internal(format!("actor of {key} version {}: {e}", row.version)))?;
            rows.push(Recorded {
                version: row.version,
                machine_version: row.machine_version,
                input: row.entry.input,
                by,
                at: Timestamp(row.entry.at),
                state: row.entry.state,
                outcome: row.entry.outcome,
            });
        }
        if !more {
            return Ok(rows);
        }
    }
}

fn problem(known: &[Replayer], key: &Key, loaded: Option<&Loaded>, rows: &[Recorded]) -> Option<String> {
    let pinned = loaded.map_or(0, |loaded| loaded.machine_version);
    let replayer = known
        .iter()
        .find(|r| r.machine == key.kind && (1..=r.version).contains(&pinned));
    match replayer.map(|replayer| (replayer.run)(rows)) {
        None => Some(format!("{key}: no machine of version {pinned}")),
        Some(Err(divergence)) => Some(format!("{}: {divergence}", key.id)),
        Some(Ok(end)) if loaded.is_some_and(|loaded| loaded.snapshot != end) => {
            Some(format!("{key}: the snapshot is not what its history gives"))
        }
        Some(Ok(_)) => None,
    }
}
