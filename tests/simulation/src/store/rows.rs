//! All rows of a store but its views, and how a commit is judged and written. Written from the port's contract alone:
//! it shares no line with the stores that it stands for.

use std::{collections::BTreeMap, sync::Arc};

use journal::{
    ClaimOp, Commit, Conflict, DeadLetter, EventRow, HistoryRow, Inbox, Key, Lineage, Loaded, Micros, Position,
    Request, Seal, Step, Timer, TimerOp, chain,
};

use super::table::Table;
use crate::{Chance, Defect};

/// (consumer, producer, aggregate).
pub type Feed = (String, String, String);

/// The rows of one service.
#[derive(Clone, Default)]
pub struct Rows {
    pub(crate) aggregates: Table<Key, Arc<Loaded>>,
    pub(crate) history: Table<(Key, u64), Arc<HistoryRow>>,
    pub(crate) events: Table<i64, Arc<EventRow>>,
    pub(crate) event_of: Table<(Key, u64), i64>,
    pub(crate) requests: Table<(String, String), Arc<Request>>,
    /// By consumer and event.
    pub(crate) inbox: Table<(String, String), Arc<Inbox>>,
    pub(crate) applied: Table<Feed, u64>,
    pub(crate) timers: Table<(Key, String), Micros>,
    pub(crate) claims: Table<String, Key>,
    pub(crate) sealed: Table<(Key, String), Vec<u8>>,
    /// When each setting of a timer was fired.
    pub(crate) fired: Table<(Key, String, Micros), ()>,
    /// What a commit did that none may do, whatever the store was asked.
    pub(crate) flaws: Table<String, ()>,
    pub(crate) cursors: BTreeMap<String, i64>,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) lineage: Lineage,
    /// By event and consumer.
    pub(crate) dead_letters: BTreeMap<(String, String), DeadLetter>,
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
}

macro_rules! each_table {
    ($rows:ident.$end:ident) => {
        $rows.aggregates.$end();
        $rows.history.$end();
        $rows.events.$end();
        $rows.event_of.$end();
        $rows.requests.$end();
        $rows.inbox.$end();
        $rows.applied.$end();
        $rows.timers.$end();
        $rows.claims.$end();
        $rows.sealed.$end();
        $rows.fired.$end();
        $rows.flaws.$end();
    };
}

impl Rows {
    /// Ends the transaction: its changes stay.
    pub fn keep(&mut self) {
        each_table!(self.keep);
    }

    /// Ends the transaction: its changes never were.
    pub fn undo(&mut self) {
        each_table!(self.undo);
    }

    /// The newest position.
    pub fn head(&self) -> Position {
        self.events.rows().keys().next_back().copied().unwrap_or(0)
    }

    /// An aggregate's version, and how many events it has published.
    fn standing(&self, key: &Key) -> (u64, u64) {
        self.aggregates
            .get(key)
            .map_or((0, 0), |loaded| (loaded.version, loaded.seq))
    }

    /// Why a commit changes nothing, if so.
    pub fn judge(&self, commit: &Commit, defect: Option<Defect>) -> Option<Conflict> {
        self.repeated(commit)
            .filter(|_| defect != Some(Defect::RequestsIgnored))
            .or_else(|| self.out_of_order(commit).filter(|_| defect != Some(Defect::InboxOff)))
            .or_else(|| self.over(commit).filter(|_| defect != Some(Defect::TimersUnchecked)))
            .or_else(|| self.stale(commit).filter(|_| defect != Some(Defect::VersionOff)))
            .or_else(|| self.taken(commit))
    }

    fn repeated(&self, commit: &Commit) -> Option<Conflict> {
        let request = commit.request.as_ref()?;
        let name = (request.principal.clone(), request.request_id.clone());
        let before = self.requests.get(&name)?;
        Some(Conflict::Repeated(Box::new(Request::clone(before))))
    }

    fn out_of_order(&self, commit: &Commit) -> Option<Conflict> {
        let inbox = commit.inbox.as_ref()?;
        let applied = self.applied.get(&feed(inbox)).copied().unwrap_or(0);
        let name = (inbox.consumer.clone(), inbox.event_id.clone());
        if self.inbox.get(&name).is_some() || inbox.seq <= applied {
            Some(Conflict::Applied)
        } else if inbox.seq > applied + 1 {
            Some(Conflict::Gap { applied })
        } else {
            None
        }
    }

    fn over(&self, commit: &Commit) -> Option<Conflict> {
        let timer = commit.fired.as_ref()?;
        let due = self.timers.get(&(timer.key.clone(), timer.name.clone()));
        (due != Some(&timer.due)).then_some(Conflict::Applied)
    }

    fn stale(&self, commit: &Commit) -> Option<Conflict> {
        let mut moved: BTreeMap<&Key, (u64, u64)> = BTreeMap::new();
        let stale = |key: &Key, expected: u64, found: u64| Conflict::Stale {
            key: key.clone(),
            expected,
            found,
        };
        for step in &commit.steps {
            let found = moved
                .get(&step.key)
                .copied()
                .unwrap_or_else(|| self.standing(&step.key));
            if found != (step.expected, step.seq) {
                return Some(stale(&step.key, step.expected, found.0));
            }
            let after = (
                step.expected + step.entries.len() as u64,
                step.seq + step.events.len() as u64,
            );
            moved.insert(&step.key, after);
        }
        let guards = commit.guards.iter().filter(|guard| !moved.contains_key(&guard.key));
        guards
            .map(|guard| (guard, self.standing(&guard.key).0))
            .find(|(guard, found)| guard.expected != *found)
            .map(|(guard, found)| stale(&guard.key, guard.expected, found))
    }

    fn taken(&self, commit: &Commit) -> Option<Conflict> {
        let mut claims: BTreeMap<&str, Option<&Key>> = BTreeMap::new();
        for Step { key, claims: ops, .. } in &commit.steps {
            for op in ops {
                let (ClaimOp::Claim(claim) | ClaimOp::Release(claim)) = op;
                let holder = claims
                    .get(claim.as_str())
                    .copied()
                    .unwrap_or_else(|| self.claims.get(claim));
                match (op, holder) {
                    (ClaimOp::Claim(_), Some(holder)) if holder != key => {
                        return Some(Conflict::Taken {
                            claim: claim.clone(),
                            holder: holder.clone(),
                        });
                    }
                    (ClaimOp::Claim(_), _) => _ = claims.insert(claim, Some(key)),
                    (ClaimOp::Release(_), Some(holder)) if holder == key => _ = claims.insert(claim, None),
                    (ClaimOp::Release(_), _) => {}
                }
            }
        }
        None
    }

    /// Writes a commit that stands, its views apart. Its new rows of history and its events are the answer.
    pub fn write(
        &mut self,
        commit: &Commit,
        chance: &Chance,
        defect: Option<Defect>,
    ) -> (Vec<Arc<HistoryRow>>, Vec<Arc<EventRow>>) {
        if let Some(timer) = &commit.fired {
            self.fire(timer, commit);
        }
        let (mut rows, mut events) = (Vec::new(), Vec::new());
        for step in &commit.steps {
            self.write_step(step, chance, defect, &mut rows, &mut events);
        }
        if let Some(request) = &commit.request {
            let name = (request.principal.clone(), request.request_id.clone());
            self.requests.put(name, Arc::new(request.clone()));
        }
        if let Some(inbox) = &commit.inbox {
            let name = (inbox.consumer.clone(), inbox.event_id.clone());
            if self.out_of_order(commit).is_some() {
                let Inbox { aggregate, seq, .. } = inbox;
                self.flaws
                    .put(format!("I12 {aggregate}: event {seq} is applied out of its turn"), ());
            }
            self.inbox.put(name, Arc::new(inbox.clone()));
            self.applied.put(feed(inbox), inbox.seq);
        }
        for seal in &commit.sealed {
            match seal {
                Seal::Put { .. } if defect == Some(Defect::BoxLeaks) && chance.permille(100) => {}
                Seal::Put { key, name, value } => self.sealed.put((key.clone(), name.clone()), value.clone()),
                Seal::Destroy { key } => {
                    for (name, _) in self.sealed(key) {
                        self.sealed.take(&(key.clone(), name));
                    }
                }
            }
        }
        (rows, events)
    }

    fn fire(&mut self, timer: &Timer, commit: &Commit) {
        let Timer { key, name, due } = timer;
        let early = commit
            .steps
            .iter()
            .flat_map(|step| &step.entries)
            .any(|entry| entry.at < *due);
        if early {
            self.flaws
                .put(format!("I11 {key}: timer {name} fires before it is due"), ());
        }
        let setting = (key.clone(), name.clone(), *due);
        if self.fired.get(&setting).is_some() {
            self.flaws.put(format!("I11 {key}: timer {name} fires twice"), ());
        }
        self.fired.put(setting, ());
        self.timers.take(&(key.clone(), name.clone()));
    }

    fn write_step(
        &mut self,
        step: &Step,
        chance: &Chance,
        defect: Option<Defect>,
        rows: &mut Vec<Arc<HistoryRow>>,
        events: &mut Vec<Arc<EventRow>>,
    ) {
        let Step {
            key, machine_version, ..
        } = step;
        let before = self.aggregates.get(key);
        let (mut hash, mut seq) = before.map_or((chain::GENESIS, 0), |at| (at.head_hash, at.seq));
        let mut version = step.expected;
        let mut salt = chain::Salt::default();
        if let Some(first) = self.history.get(&(key.clone(), 1)) {
            salt = first.salt;
        } else {
            salt.chunks_mut(8)
                .for_each(|chunk| chunk.copy_from_slice(&chance.next().to_le_bytes()));
        }
        for entry in &step.entries {
            version += 1;
            let commitment = chain::commitment(&salt, version, entry);
            let next = chain::hash(&hash, key, version, *machine_version, entry, &commitment);
            let row = Arc::new(HistoryRow {
                version,
                machine_version: *machine_version,
                entry: entry.clone(),
                salt,
                commitment,
                hash: next,
            });
            if defect != Some(Defect::ChainSkipped) || version != 3 {
                hash = next;
            }
            self.history.put((key.clone(), version), Arc::clone(&row));
            rows.push(row);
        }
        for event in &step.events {
            seq += 1;
            let row = Arc::new(EventRow {
                position: self.head() + 1,
                key: key.clone(),
                seq,
                version,
                event: event.clone(),
            });
            self.publish(&row);
            events.push(row);
        }
        for timer in &step.timers {
            match timer {
                TimerOp::Set { name, due } => self.timers.put((key.clone(), name.clone()), *due),
                TimerOp::Clear { name } => self.timers.take(&(key.clone(), name.clone())),
            }
        }
        for op in &step.claims {
            match op {
                ClaimOp::Claim(claim) => self.claims.put(claim.clone(), key.clone()),
                ClaimOp::Release(claim) if self.claims.get(claim) == Some(key) => self.claims.take(claim),
                ClaimOp::Release(_) => {}
            }
        }
        let loaded = Loaded {
            key: key.clone(),
            version,
            machine_version: *machine_version,
            seq,
            snapshot: step.snapshot.clone(),
            head_hash: hash,
        };
        self.aggregates.put(key.clone(), Arc::new(loaded));
    }

    /// Writes an event.
    pub fn publish(&mut self, row: &Arc<EventRow>) {
        self.event_of.put((row.key.clone(), row.seq), row.position);
        self.events.put(row.position, Arc::clone(row));
    }

    /// Takes an event away: for planted defects.
    pub fn unpublish(&mut self, row: &EventRow) {
        self.event_of.take(&(row.key.clone(), row.seq));
        self.events.take(&row.position);
    }

    /// The sealed values of an aggregate, by name.
    pub fn sealed(&self, key: &Key) -> Vec<(String, Vec<u8>)> {
        let from = (key.clone(), String::new());
        let of = self.sealed.rows().range(from..).take_while(|((of, _), _)| of == key);
        of.map(|((_, name), value)| (name.clone(), value.clone())).collect()
    }

    /// All aggregates, with numbers that stay theirs for as long as none is made.
    pub fn numbered(&self) -> impl Iterator<Item = (i64, &Arc<Loaded>)> {
        (1..).zip(self.aggregates.rows().values())
    }

    /// The history of an aggregate after a version.
    pub fn history_of(&self, key: &Key, after: u64) -> impl Iterator<Item = &Arc<HistoryRow>> {
        let range = (key.clone(), after + 1)..=(key.clone(), u64::MAX);
        self.history.rows().range(range).map(|(_, row)| row)
    }

    /// The events of an aggregate after a `seq`.
    pub fn events_of(&self, key: &Key, after: u64) -> impl Iterator<Item = &Arc<EventRow>> {
        let range = (key.clone(), after + 1)..=(key.clone(), u64::MAX);
        let positions = self.event_of.rows().range(range);
        positions.filter_map(|(_, position)| self.events.get(position))
    }
}

/// Which feed an event came by.
pub fn feed(inbox: &Inbox) -> Feed {
    (inbox.consumer.clone(), inbox.producer.clone(), inbox.aggregate.clone())
}
