//! Group commit: one task writes, and takes with it whatever waits.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{mpsc, oneshot, watch};
use tracing::Instrument;

use crate::{Commit, Conflict, EventRow, Lineage, Position, Step, Store, StoreError};

type Outcome = Result<Result<Position, Conflict>, StoreError>;

/// The largest batch: one transaction should stay well under a second on a slow disk.
const BATCH_MAX: usize = 256;

/// How many commits may wait; then callers wait to be let in.
const QUEUE_MAX: usize = 1024;

/// How many events are kept for whoever publishes them; those before them are read from the store.
const FRESH_MAX: usize = 512;

/// Events of this process that are durable, in the order of positions, until they are taken.
type Fresh = Arc<Mutex<VecDeque<EventRow>>>;

enum Message {
    Commit(Box<Commit>, oneshot::Sender<Outcome>),
    Close(oneshot::Sender<()>),
}

/// A store and the one task that commits to it. Commits that arrive while one is being written share the next
/// transaction. Clones share the task; it ends with the last of them.
#[derive(Clone)]
pub struct Journal {
    store: Arc<dyn Store>,
    queue: mpsc::Sender<Message>,
    head: watch::Receiver<Position>,
    timers: watch::Receiver<u64>,
    fresh: Fresh,
    lineage: Arc<Lineage>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("head", &*self.head.borrow())
            .finish_non_exhaustive()
    }
}

/// All reads, and the small writes that need no batch.
impl std::ops::Deref for Journal {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl Journal {
    /// Starts the writer of a store. Must be called within a tokio runtime.
    pub async fn new(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let (head_changed, head) = watch::channel(store.head().await?);
        let (timers_changed, timers) = watch::channel(0);
        let lineage = Arc::new(store.lineage().await?);
        let fresh = Fresh::default();
        let writer = Writer {
            store: Arc::clone(&store),
            waiting,
            head_changed,
            timers_changed,
            fresh: Arc::clone(&fresh),
        };
        tokio::spawn(writer.run());
        Ok(Self {
            store,
            queue,
            head,
            timers,
            fresh,
            lineage,
        })
    }

    /// Takes the events right after a position that this process has committed and nobody has taken yet; none if the next
    /// one is not among them, and the store has to be asked. For one taker: what is taken is forgotten here.
    pub fn take_fresh(&self, after: Position) -> Vec<EventRow> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        while fresh.front().is_some_and(|row| row.position <= after) {
            fresh.pop_front();
        }
        let next = fresh
            .iter()
            .zip(after + 1..)
            .take_while(|(row, at)| row.position == *at)
            .count();
        fresh.drain(..next).collect()
    }

    /// The store itself.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The epochs of this history, as they were when the writer started: none begins while a service runs.
    pub fn lineage(&self) -> &Arc<Lineage> {
        &self.lineage
    }

    /// Makes a commit durable, together with what else waits. Dropping the future does not undo it: once in the queue
    /// it is written. An `Err` means that its fate is unknown: ask again with the same request id.
    pub async fn commit(&self, commit: Commit) -> Outcome {
        let (reply, outcome) = oneshot::channel();
        let waiting = async {
            if self.queue.send(Message::Commit(Box::new(commit), reply)).await.is_err() {
                return Err(closed());
            }
            if mishap::planted(mishap::Defect::AckFirst) {
                return Ok(Ok(0));
            }
            outcome.await.unwrap_or_else(|_| Err(closed()))
        };
        waiting.instrument(tracing::info_span!("journal.commit")).await
    }

    /// The newest position that this process wrote; other replicas write too, so also look from time to time.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    /// Changes whenever a commit of this process has set or cleared a timer.
    pub fn timers_changed(&self) -> watch::Receiver<u64> {
        self.timers.clone()
    }

    /// Writes what is queued, then closes the store. Later commits are refused.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that the writer is gone already: closed all the same.
            let _ = closed.await;
        }
        self.store.close().await;
    }
}

fn closed() -> StoreError {
    StoreError::Database {
        context: "the journal is closed",
        source: sqlx::Error::PoolClosed.into(),
    }
}

struct Writer {
    store: Arc<dyn Store>,
    waiting: mpsc::Receiver<Message>,
    head_changed: watch::Sender<Position>,
    timers_changed: watch::Sender<u64>,
    fresh: Fresh,
}

impl Writer {
    async fn run(mut self) {
        let mut messages = Vec::with_capacity(BATCH_MAX);
        let mut closing = None;
        while self.waiting.recv_many(&mut messages, BATCH_MAX).await > 0 {
            // Whoever is about to commit comes along: a larger batch costs hardly more, and what waits for no one is
            // held up by nothing.
            tokio::task::yield_now().await;
            while messages.len() < BATCH_MAX
                && let Ok(message) = self.waiting.try_recv()
            {
                messages.push(message);
            }
            let mut batch = Vec::with_capacity(messages.len());
            let mut replies = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Commit(commit, reply) => {
                        batch.push(*commit);
                        replies.push(reply);
                    }
                    Message::Close(done) => {
                        // What is in the queue is still received and written; nothing new gets in.
                        self.waiting.close();
                        closing = Some(done);
                    }
                }
            }
            self.write(batch, replies).await;
        }
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    async fn write(&self, batch: Vec<Commit>, replies: Vec<oneshot::Sender<Outcome>>) {
        let span = tracing::debug_span!("journal.batch", commits = batch.len());
        let outcomes = self.write_batch(&batch).instrument(span).await;
        self.wake(batch, &outcomes);
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever asked may have gone; the commit stands.
            let _ = reply.send(outcome);
        }
    }

    async fn write_batch(&self, batch: &[Commit]) -> Vec<Outcome> {
        if batch.is_empty() {
            return Vec::new();
        }
        match self.store.commit(batch).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) if batch.len() == 1 => vec![Err(error)],
            Err(error) if is_of_one_commit(&error) => {
                tracing::warn!(%error, commits = batch.len(), "a commit spoils its batch: writing one by one");
                let mut outcomes = Vec::with_capacity(batch.len());
                for commit in batch.chunks(1) {
                    let outcome = self.store.commit(commit).await;
                    outcomes.push(outcome.and_then(|mut one| one.pop().ok_or_else(closed)));
                }
                outcomes
            }
            Err(error) => {
                let shared = Arc::new(error);
                batch.iter().map(|_| Err(failed_together(&shared))).collect()
            }
        }
    }

    /// Keeps the events of a durable commit, of which the last has this position.
    fn keep_fresh(&self, steps: Vec<Step>, last: Position) {
        let published: usize = steps.iter().map(|step| step.events.len()).sum();
        if published == 0 {
            return;
        }
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let mut position = last - published as Position;
        for step in steps {
            let version = step.expected + step.entries.len() as u64;
            for (event, seq) in step.events.into_iter().zip(step.seq + 1..) {
                position += 1;
                fresh.push_back(EventRow {
                    position,
                    key: step.key.clone(),
                    seq,
                    version,
                    event,
                });
            }
        }
        while fresh.len() > FRESH_MAX {
            fresh.pop_front();
        }
    }

    fn wake(&self, batch: Vec<Commit>, outcomes: &[Outcome]) {
        let mut newest = 0;
        let mut timers = false;
        for (commit, outcome) in batch.into_iter().zip(outcomes) {
            if let Ok(Ok(position)) = outcome {
                newest = newest.max(*position);
                timers |= commit.steps.iter().any(|step| !step.timers.is_empty());
                self.keep_fresh(commit.steps, *position);
            }
        }
        self.head_changed.send_if_modified(|head| {
            let moved = newest > *head;
            *head = newest.max(*head);
            moved
        });
        if timers {
            self.timers_changed.send_modify(|changes| *changes += 1);
        }
    }
}

/// What a store says in [`StoreError::Database`] when it failed before the end of the transaction.
pub(crate) const READ: &str = "read what a commit depends on";
/// The same while writing.
pub(crate) const WRITE: &str = "write a commit";

/// Whether the database refused a value or a statement (a view that is wrong, a text that cannot be stored): then
/// nothing of the batch was written, and its other commits need not suffer.
fn is_of_one_commit(error: &StoreError) -> bool {
    let StoreError::Database { source, context } = error else {
        return false;
    };
    let refused = if let Some(rusqlite::Error::SqliteFailure(error, _)) = source.downcast_ref() {
        // A wrong statement, a value too large, a constraint, a wrong type.
        matches!(error.extended_code & 0xff, 1 | 18 | 19 | 20)
    } else if let Some(sqlx::Error::Database(error)) = source.downcast_ref() {
        // The classes of wrong data, constraints and statements.
        let code = error.code().unwrap_or_default();
        ["22", "23", "42"].iter().any(|class| code.starts_with(class))
    } else {
        // A statement that cannot be prepared or bound.
        source.is::<rusqlite::Error>()
    };
    refused && (*context == READ || *context == WRITE)
}

fn failed_together(error: &Arc<StoreError>) -> StoreError {
    StoreError::Database {
        context: "write a batch of commits",
        source: Arc::clone(error).into(),
    }
}
