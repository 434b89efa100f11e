//! What a simulated store keeps: its rows and read model, and how a batch of commits is judged and written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::{Commit, Conflict, EventRow, HistoryRow, Migration, Position, StoreError, Write};

use super::{Rows, Views, away};
use crate::{Chance, Defect, Log, Weather};

/// What outlives every crash of a service's processes: its rows.
pub struct Vault {
    /// Whose.
    pub service: &'static str,
    rows: Mutex<Rows>,
    views: Mutex<Option<Views>>,
    /// All writes of the read model, if they are to become an image.
    image: Mutex<Option<Vec<Write>>>,
    pub(super) chance: Chance,
    pub(super) weather: Arc<Weather>,
    pub(super) log: Log,
    pub(super) defect: Option<Defect>,
    pub(super) reserved: Mutex<i64>,
}

/// What a vault held at a moment: where runs begin.
#[derive(Clone, Default)]
pub struct Image {
    rows: Rows,
    writes: Arc<Vec<Write>>,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic ends the run anyway; the checker still has to read.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wrong(error: rusqlite::Error) -> StoreError {
    // As the stores say it, so that the journal knows that nothing of the batch was written.
    StoreError::Database {
        context: "write a commit",
        source: error.into(),
    }
}

impl Vault {
    /// A vault that holds what `image` held.
    pub fn new(
        service: &'static str,
        migrations: &[Migration],
        image: Option<&Image>,
        (chance, weather, log): (Chance, Arc<Weather>, Log),
        defect: Option<Defect>,
    ) -> Result<Self, rusqlite::Error> {
        let views = match image {
            Some(image) => Views::with(service, migrations, &image.writes)?,
            None => Views::open(migrations)?,
        };
        let rows = image.map(|image| image.rows.clone()).unwrap_or_default();
        let reserved = Mutex::new(rows.head());
        Ok(Self {
            service,
            rows: Mutex::new(rows),
            views: Mutex::new(Some(views)),
            image: Mutex::new(image.is_none().then(Vec::new)),
            chance,
            weather,
            log,
            defect,
            reserved,
        })
    }

    /// Its rows.
    pub fn rows(&self) -> MutexGuard<'_, Rows> {
        locked(&self.rows)
    }

    /// What it holds now; of a vault that began empty.
    pub fn image(&self) -> Image {
        Image {
            rows: self.rows().clone(),
            writes: Arc::new(locked(&self.image).clone().unwrap_or_default()),
        }
    }

    /// Lays its tables aside for the next run. It cannot be used any more.
    pub fn close(&self) {
        if let Some(views) = locked(&self.views).take() {
            views.spare(self.service);
        }
    }

    pub(super) fn with_views<R>(
        &self,
        act: impl FnOnce(&mut Views) -> Result<R, rusqlite::Error>,
    ) -> Result<R, StoreError> {
        match locked(&self.views).as_mut() {
            Some(views) => act(views).map_err(wrong),
            None => Err(away("the run is over")),
        }
    }

    /// Judges and writes a batch: all of what stands, or nothing.
    pub(super) fn apply(
        &self,
        batch: &[Commit],
        who: &str,
        dry: bool,
    ) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        let mut rows = self.rows();
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut standing = Vec::with_capacity(batch.len());
        for commit in batch {
            if let Some(conflict) = rows.judge(commit, self.defect) {
                outcomes.push(Err(conflict));
                continue;
            }
            let (history, events) = rows.write(commit, &self.chance, self.defect);
            outcomes.push(Ok(rows.head()));
            standing.push((commit, history, events));
        }
        let writes = || standing.iter().flat_map(|(commit, _, _)| &commit.views);
        let written = if dry {
            Ok(())
        } else {
            self.with_views(|views| views.write(writes()))
        };
        if dry || written.is_err() {
            rows.undo();
            return written.map(|()| outcomes);
        }
        rows.keep();
        if let Some(image) = locked(&self.image).as_mut() {
            image.extend(writes().cloned());
        }
        for (commit, history, events) in &standing {
            self.tell(commit, history, events, who);
        }
        Ok(outcomes)
    }

    fn tell(&self, commit: &Commit, history: &[Arc<HistoryRow>], events: &[Arc<EventRow>], who: &str) {
        let service = self.service;
        let mut rows = history.iter();
        for step in &commit.steps {
            for row in rows.by_ref().take(step.entries.len()) {
                let hash = hex::encode(&row.hash[..8]);
                let (version, state) = (row.version, &row.entry.state);
                let because = format!("{}{}", row.entry.request_id, row.entry.cause);
                let about = format_args!("{service} {}", step.key);
                self.log.note(
                    about,
                    format_args!("version {version} {state} {hash} [{because}] by {who}"),
                );
            }
        }
        for event in events {
            let (position, seq, kind) = (event.position, event.seq, &event.event.event_type);
            let about = format_args!("{service} {}", event.key);
            self.log.note(about, format_args!("event {seq} {kind} at {position}"));
        }
        if let Some(inbox) = &commit.inbox {
            let (producer, seq) = (&inbox.producer, inbox.seq);
            let about = format_args!("{service} applies {producer} {}", inbox.aggregate);
            self.log.note(about, format_args!("event {seq} by {who}"));
        }
    }
}
