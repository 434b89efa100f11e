//! The store alone: the commits that a run left behind, made again from its histories and handed to a fresh store of the
//! same kind, 64 at a time.
//!
//! Each history is stepped through its machine once more, so that inputs, snapshots, events, timers, claims and the read
//! model's rows are the run's own; requests and inbox marks are read back. What history does not keep is left out: sealed
//! ballots, guards on what was only read, and the firing of timers.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use approval::machine::{Course, Decision, Letter};
use council::machine::{Agenda, Docket, Review, Session};
use host::{Aggregate, config::Settings};
use intake::machine::Dossier;
use journal::{
    ClaimOp, Commit, EventRow, HistoryRow, Inbox, Key, Location, NewEvent, Request, Sql, Step, Store, TimerOp, Value,
    Write, compact, packed,
};
use machine::{Effect, Machine as _, Snapshot, Stimulus, Timestamp};
use notification::machine::delivery::Delivery;
use tokio::time::Instant;

use crate::{assembly, bench::ground::Ground};

/// Commits of one transaction.
const BATCH: usize = 64;
const PAGE: u32 = 500;
/// Services that a dossier's way writes to.
const WRITING: [&str; 4] = ["intake", "approval", "council", "notification"];

const REQUESTS: Sql = "SELECT request_id, scope, digest, answer, at FROM request";
const VERDICTS: Sql = "SELECT dossier, number, body, at FROM verdict";
const PUT_VERDICT: Sql = "INSERT INTO verdict (dossier, number, body, at) VALUES ($1, $2, $3, $4)";
const INBOX: Sql = "SELECT f.consumer, f.producer, i.position, i.event_id, f.aggregate, i.seq, i.at \
    FROM inbox i JOIN applied f ON f.number = i.number";

/// How fast the stores took the commits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pushed {
    /// Commits that answer a call.
    pub calls: usize,
    /// All commits: calls, and what services make of one another's events.
    pub commits: usize,
    /// How long all services' stores took for them, side by side.
    pub took: Duration,
}

/// The commits of every service, in an order in which each finds what it was decided on.
pub struct Rows(BTreeMap<&'static str, Vec<Commit>>);

/// Steps a history again.
type Again = fn(&Key, &[HistoryRow], Vec<EventRow>) -> anyhow::Result<Vec<Move>>;

impl Rows {
    /// Reads them from the stores of a run, beside its services.
    pub async fn of(ground: &Ground) -> anyhow::Result<Self> {
        let mut all = BTreeMap::new();
        for service in WRITING {
            let store = ground.store(service).await?;
            let commits = Reader::new(store.as_ref(), service).await?.commits().await;
            all.insert(service, commits.with_context(|| format!("the history of {service}"))?);
            store.close().await;
        }
        Ok(Self(all))
    }

    /// Hands all of them to fresh stores; each service has its own, and all are written to at once.
    pub async fn push(self, ground: &Ground) -> anyhow::Result<Pushed> {
        let commits = self.0.values().map(Vec::len).sum();
        let calls = self
            .0
            .values()
            .flatten()
            .filter(|commit| commit.request.is_some())
            .count();
        let mut stores = Vec::new();
        for (service, commits) in self.0 {
            stores.push((fresh(ground, service).await?, commits));
        }
        let began = Instant::now();
        let pushing = stores.into_iter().map(|(store, commits)| push(store, commits));
        let done = futures::future::try_join_all(pushing.map(|one| async { tokio::spawn(one).await? }));
        done.await?;
        let took = began.elapsed();
        Ok(Pushed { calls, commits, took })
    }
}

async fn push(store: Arc<dyn Store>, commits: Vec<Commit>) -> anyhow::Result<()> {
    for batch in commits.chunks(BATCH) {
        let answers = store.commit(batch).await?;
        if let Some(conflict) = answers.into_iter().find_map(Result::err) {
            bail!("a commit that was accepted once is refused: {conflict:?}");
        }
    }
    store.close().await;
    Ok(())
}

/// An empty store of the same kind on the same disk.
async fn fresh(ground: &Ground, service: &str) -> anyhow::Result<Arc<dyn Store>> {
    let migrations = assembly::service(service, &Settings::default())?.migrations(ground.is_postgres());
    let (location, name) = match ground.location() {
        Location::Directory(data) => (Location::Directory(data.join("limit")), service.to_owned()),
        postgres @ Location::Postgres(_) => (postgres, format!("limit_{service}")),
    };
    journal::open(&location, &name, migrations)
        .await
        .with_context(|| format!("a fresh store of {service}"))
}

/// An aggregate's move, with what it writes into the read model and in which act.
struct Move {
    act: String,
    step: Step,
    views: Vec<Write>,
}

struct Reader<'a> {
    store: &'a dyn Store,
    requests: BTreeMap<String, Request>,
    inbox: BTreeMap<String, Inbox>,
    /// Rows that an act writes beside what its aggregates show, by dossier and version.
    verdicts: BTreeMap<(String, u64), Vec<Value>>,
}

impl<'a> Reader<'a> {
    async fn new(store: &'a dyn Store, service: &str) -> anyhow::Result<Self> {
        let mut reader = Self {
            store,
            requests: BTreeMap::new(),
            inbox: BTreeMap::new(),
            verdicts: BTreeMap::new(),
        };
        if service == "intake" {
            for row in store.query(VERDICTS, &[]).await? {
                let mut cells = Cells(row.clone().into());
                reader.verdicts.insert((cells.text()?, cells.int()? as u64), row);
            }
        }
        for row in store.query(REQUESTS, &[]).await? {
            let mut cells = Cells(row.into());
            let request_id = cells.id()?;
            // Nobody knows the principal any more; what stands for it does as well.
            let principal = hex::encode(cells.bytes()?);
            let digest = cells.bytes()?.try_into().ok().context("a digest of 32 bytes")?;
            let (method, reply) = packed::unpack_pair(&cells.bytes()?).map_err(anyhow::Error::msg)?;
            let request = Request {
                principal,
                request_id,
                method,
                digest,
                reply,
                at: cells.int()?,
            };
            reader.requests.insert(request.request_id.clone(), request);
        }
        for row in store.query(INBOX, &[]).await? {
            let mut cells = Cells(row.into());
            let inbox = Inbox {
                consumer: cells.text()?,
                producer: cells.text()?,
                position: cells.int()?,
                event_id: cells.id()?,
                aggregate: cells.id()?,
                seq: cells.int()? as u64,
                at: cells.int()?,
            };
            reader.inbox.insert(format!("event {}", inbox.event_id), inbox);
        }
        Ok(reader)
    }

    async fn commits(mut self) -> anyhow::Result<Vec<Commit>> {
        let mut after: Option<Key> = None;
        let mut acts: BTreeMap<String, Commit> = BTreeMap::new();
        loop {
            let keys = self.store.keys(after.as_ref(), PAGE).await?;
            let Some(last) = keys.last().cloned() else { break };
            for key in keys {
                for Move { act, step, views } in self.moves(&key).await? {
                    let commit = acts.entry(act).or_default();
                    commit.views.extend(views);
                    let reached = (key.id.clone(), step.expected + step.entries.len() as u64);
                    if key.kind == Dossier::NAME
                        && let Some(args) = self.verdicts.remove(&reached)
                    {
                        commit.views.push(Write { sql: PUT_VERDICT, args });
                    }
                    commit.steps.push(step);
                }
            }
            after = Some(last);
        }
        for (act, commit) in &mut acts {
            commit.request = self.requests.remove(act);
            commit.inbox = self.inbox.remove(act);
        }
        // An event that led to nothing here was marked all the same.
        let idle = self.inbox.into_values().map(|inbox| Commit {
            inbox: Some(inbox),
            ..Commit::default()
        });
        in_order(acts.into_values().chain(idle).collect())
    }

    /// What an aggregate did, act by act. Machines that no dossier's way moves are left out.
    async fn moves(&self, key: &Key) -> anyhow::Result<Vec<Move>> {
        let again: Again = match key.kind.as_str() {
            "intake.dossier" => again::<Dossier>,
            "approval.course" => again::<Course>,
            "approval.letter" => again::<Letter>,
            "approval.decision" => again::<Decision>,
            "council.docket" => again::<Docket>,
            "council.agenda" => again::<Agenda>,
            "council.review" => again::<Review>,
            "council.session" => again::<Session>,
            "notification.delivery" => again::<Delivery>,
            _ => return Ok(Vec::new()),
        };
        let (mut rows, mut events) = (Vec::new(), Vec::new());
        loop {
            let from = rows.last().map_or(0, |row: &HistoryRow| row.version);
            let page = self.store.history(key, from, PAGE).await?;
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        loop {
            let from = events.last().map_or(0, |row: &EventRow| row.seq);
            let page = self.store.events_of(key, from, PAGE).await?;
            if page.is_empty() {
                break;
            }
            events.extend(page);
        }
        again(key, &rows, events).with_context(|| key.to_string())
    }
}

/// Steps a history once more.
fn again<M: Aggregate>(key: &Key, rows: &[HistoryRow], events: Vec<EventRow>) -> anyhow::Result<Vec<Move>> {
    let mut at = Snapshot::<M>::default();
    let mut events = VecDeque::from(events);
    let mut moves: Vec<Move> = Vec::new();
    let mut told = 0;
    for HistoryRow {
        version,
        machine_version,
        entry,
        ..
    } in rows
    {
        let stimulus = Stimulus {
            input: serde_json::from_slice(&entry.input)?,
            by: serde_json::from_str(&entry.actor)?,
            at: Timestamp(entry.at),
        };
        let stepped = machine::step_under(*machine_version, &at, &stimulus)?;
        at = stepped.next;
        let act = match (entry.request_id.as_str(), entry.cause.as_str()) {
            ("", cause) if cause.starts_with("event ") => cause.to_owned(),
            ("", _) => format!("{key} {version}"),
            (request, _) => request.to_owned(),
        };
        if moves.last().is_none_or(|last| last.act != act) {
            let step = Step {
                key: key.clone(),
                expected: version - 1,
                seq: told,
                machine_version: *machine_version,
                entries: Vec::new(),
                snapshot: Vec::new(),
                events: Vec::new(),
                timers: Vec::new(),
                claims: Vec::new(),
            };
            let views = Vec::new();
            moves.push(Move { act, step, views });
        }
        let Some(Move { step, views, .. }) = moves.last_mut() else {
            continue;
        };
        step.entries.push(entry.clone());
        step.snapshot = at.encode();
        *views = M::project(&key.id, *version, &at, Timestamp(entry.at));
        for effect in stepped.effects {
            match effect {
                Effect::Publish(_) => {
                    step.events.push(next_event(&mut events)?);
                    told += 1;
                }
                Effect::SetTimer { name, due } => step.timers.push(TimerOp::Set { name, due: due.0 }),
                Effect::ClearTimer { name } => step.timers.push(TimerOp::Clear { name }),
                Effect::Claim(claim) => step.claims.push(ClaimOp::Claim(claim)),
                Effect::Release(claim) => step.claims.push(ClaimOp::Release(claim)),
            }
        }
    }
    Ok(moves)
}

fn next_event(events: &mut VecDeque<EventRow>) -> anyhow::Result<NewEvent> {
    let row = events
        .pop_front()
        .context("fewer events are stored than were published")?;
    Ok(row.event)
}

/// Each commit after those whose versions it was decided on; events of one stream in the order of their seq.
fn in_order(commits: Vec<Commit>) -> anyhow::Result<Vec<Commit>> {
    let mut versions: BTreeMap<Key, u64> = BTreeMap::new();
    let mut applied: BTreeMap<String, u64> = BTreeMap::new();
    let (mut waiting, mut ordered) = (commits, Vec::new());
    while !waiting.is_empty() {
        let mut later = Vec::new();
        let before = ordered.len();
        for commit in waiting {
            let next_of = |step: &Step| versions.get(&step.key).copied().unwrap_or_default() == step.expected;
            let stream = |inbox: &Inbox| format!("{} {} {}", inbox.consumer, inbox.producer, inbox.aggregate);
            let in_turn = commit
                .inbox
                .as_ref()
                .is_none_or(|inbox| applied.get(&stream(inbox)).copied().unwrap_or_default() + 1 == inbox.seq);
            if !in_turn || !commit.steps.iter().all(next_of) {
                later.push(commit);
                continue;
            }
            for step in &commit.steps {
                versions.insert(step.key.clone(), step.expected + step.entries.len() as u64);
            }
            if let Some(inbox) = &commit.inbox {
                applied.insert(stream(inbox), inbox.seq);
            }
            ordered.push(commit);
        }
        if ordered.len() == before {
            bail!("{} commits follow nothing that is known", later.len());
        }
        waiting = later;
    }
    Ok(ordered)
}

/// A row, read from its first column on.
struct Cells(VecDeque<Value>);

impl Cells {
    fn text(&mut self) -> anyhow::Result<String> {
        match self.0.pop_front() {
            Some(Value::Text(text)) => Ok(text),
            other => bail!("a text was expected, not {other:?}"),
        }
    }

    fn bytes(&mut self) -> anyhow::Result<Vec<u8>> {
        match self.0.pop_front() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            other => bail!("bytes were expected, not {other:?}"),
        }
    }

    fn id(&mut self) -> anyhow::Result<String> {
        compact::text(&self.bytes()?).map_err(anyhow::Error::msg)
    }

    fn int(&mut self) -> anyhow::Result<i64> {
        match self.0.pop_front() {
            Some(Value::Int(int)) => Ok(int),
            other => bail!("a number was expected, not {other:?}"),
        }
    }
}
