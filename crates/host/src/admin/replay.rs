//! Replays every history of a service: how many aggregates and steps, and where it diverges.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use futures::TryStreamExt as _;
use journal::{Accepted, Key, Loaded, Store};
use machine::{Actor, Recorded, Replayer, Timestamp};
use proto::admin::v1::ReplayHistoriesResponse;

use crate::{Engine, Fault, grants::Grants};

/// Aggregates whose snapshots are read at once.
const PAGE: u32 = 500;
/// Rows of histories that are read at once.
const ROWS: u32 = 2_000;
/// Pages that are replayed at once: one waits while another computes.
const PAGES: usize = 4;

/// Aggregates with their numbers.
type Numbered = Vec<(i64, Loaded)>;

/// Replays in the task that asks, whatever runs it.
pub async fn replay_all(engine: &Engine, replayers: &[Replayer]) -> Result<ReplayHistoriesResponse, Fault> {
    let store = engine.journal().store();
    let known = known(replayers);
    let pages = pages(store).and_then(|page| replay(Arc::clone(store), Arc::clone(&known), page));
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
        .map_ok(|page| {
            let task = tokio::spawn(replay(Arc::clone(store), Arc::clone(&known), page));
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

/// All aggregates, page by page.
fn pages(store: &Arc<dyn Store>) -> impl futures::Stream<Item = Result<Numbered, Fault>> {
    let store = Arc::clone(store);
    futures::stream::try_unfold(0, move |after| {
        let store = Arc::clone(&store);
        async move {
            let page = store.numbered(after, PAGE).await?;
            let last = page.last().map(|(number, _)| *number);
            Ok(last.map(|last| (page, last)))
        }
    })
}

/// The snapshots of a page were read first: a step in between makes a history longer, never shorter.
async fn replay(
    store: Arc<dyn Store>,
    known: Arc<[Replayer]>,
    page: Numbered,
) -> Result<ReplayHistoriesResponse, Fault> {
    let last = page.last().map_or(0, |(number, _)| *number);
    let mut answer = ReplayHistoriesResponse::default();
    let mut histories = Histories::new(store, page.first().map_or(0, |(number, _)| number - 1), last);
    for (number, loaded) in page {
        let rows = histories.of(number, &loaded).await?;
        answer.aggregates += 1;
        answer.steps += rows.len() as i64;
        answer.divergences.extend(problem(&known, &loaded, &rows));
    }
    Ok(answer)
}

/// The histories of aggregates that follow one another, read in runs.
struct Histories {
    store: Arc<dyn Store>,
    /// Rows that were read and belong to who is still to come.
    read: VecDeque<Accepted>,
    /// How far was read, and the last number to be read.
    at: (i64, u64),
    to: i64,
    is_over: bool,
    /// Few people make many rows.
    actors: HashMap<String, Actor>,
}

impl Histories {
    fn new(store: Arc<dyn Store>, after: i64, to: i64) -> Self {
        Self {
            store,
            read: VecDeque::new(),
            at: (after, u64::MAX >> 1),
            to,
            is_over: false,
            actors: HashMap::new(),
        }
    }

    /// The history of the next aggregate up to its snapshot.
    async fn of(&mut self, number: i64, loaded: &Loaded) -> Result<Vec<Recorded>, Fault> {
        let mut rows = Vec::new();
        loop {
            while let Some(row) = self.read.pop_front_if(|row| row.number <= number) {
                // Of a number without an aggregate there may be rows; that is for who looks for tampering.
                if row.number == number && row.version <= loaded.version {
                    rows.push(self.recorded(&loaded.key, row)?);
                }
            }
            if self.is_over || !self.read.is_empty() {
                return Ok(rows);
            }
            let more = self.store.accepted(self.at, self.to, ROWS).await?;
            self.is_over = (more.len() as u32) < ROWS;
            if let Some(last) = more.last() {
                self.at = (last.number, last.version);
            }
            self.read.extend(more);
        }
    }

    fn recorded(&mut self, key: &Key, row: Accepted) -> Result<Recorded, Fault> {
        let by = if let Some(by) = self.actors.get(&row.actor) {
            by.clone()
        } else {
            let by = actor(key, row.version, &row.actor)?;
            self.actors.insert(row.actor, by.clone());
            by
        };
        Ok(Recorded {
            version: row.version,
            machine_version: row.machine_version,
            input: row.input,
            by,
            at: Timestamp(row.at),
            state: row.state,
            outcome: row.outcome,
        })
    }
}

fn actor(key: &Key, version: u64, json: &str) -> Result<Actor, Fault> {
    serde_json::from_str(json).map_err(|e| Fault::Internal(format!("actor of {key} version {version}: {e}")))
}

/// The whole history of an aggregate, as a machine reads it.
pub async fn history(store: &dyn Store, key: &Key) -> Result<Vec<Recorded>, Fault> {
    let mut rows: Vec<Recorded> = Vec::new();
    loop {
        let from = rows.last().map_or(0, |row| row.version);
        let page = store.history(key, from, ROWS).await?;
        let more = page.len() as u32 == ROWS;
        for row in page {
            rows.push(Recorded {
                by: actor(key, row.version, &row.entry.actor)?,
                version: row.version,
                machine_version: row.machine_version,
                input: row.entry.input,
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

fn problem(known: &[Replayer], loaded: &Loaded, rows: &[Recorded]) -> Option<String> {
    let (key, pinned) = (&loaded.key, loaded.machine_version);
    let replayer = known
        .iter()
        .find(|r| r.machine == key.kind && (1..=r.version).contains(&pinned));
    match replayer.map(|replayer| (replayer.run)(rows)) {
        None => Some(format!("{key}: no machine of version {pinned}")),
        Some(Err(divergence)) => Some(format!("{}: {divergence}", key.id)),
        Some(Ok(end)) if loaded.snapshot != end => Some(format!("{key}: the snapshot is not what its history gives")),
        Some(Ok(_)) => None,
    }
}
