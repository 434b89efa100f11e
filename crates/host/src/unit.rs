//! A unit of work: aggregates as loaded, steps taken on copies, and the one commit that they become.
//!
//! Bodies are plain functions. One that touches what is not loaded ends with [`Fault::Need`]; the engine loads it and
//! runs the body again from the start. So a body may look at anything, waits for nothing, and is as pure as a machine.

use std::{any::Any, collections::HashMap, sync::Arc};

use journal::{
    ClaimOp, Commit, Entry, Guard, Key, Lineage, Loaded, NewEvent, Row, Seal, Sql, Step, StoreError, TimerOp, Value,
    Write,
};
use law::{Agencies, Law};
use machine::{Actor, Effect, Migrate, OnBehalf, Refusal, Snapshot, Stepped, Stimulus, Timestamp, outcome_of};
use serde::Serialize;

use crate::{Fault, hot::Hot, lineage, service::Aggregate};

/// An aggregate as the unit was given it.
enum Base {
    /// As the store has it.
    Loaded(Loaded),
    /// As it was when it was last touched here.
    Hot(Hot),
}

/// What is known of an aggregate within this unit.
struct Slot {
    loaded: u64,
    version: u64,
    seq: u64,
    machine_version: u32,
    snapshot: Arc<dyn Any + Send + Sync>,
    /// The snapshot after the newest step, as it is stored.
    encoded: Vec<u8>,
    project: fn(&Key, u64, &(dyn Any + Send + Sync), Timestamp) -> Vec<Write>,
    entries: Vec<Entry>,
    events: Vec<NewEvent>,
    timers: Vec<TimerOp>,
    claims: Vec<ClaimOp>,
}

/// The circumstances that all steps of a unit share.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// Who acts.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The client's request id, or empty.
    pub request_id: String,
    /// The event or timer that caused it, or empty.
    pub cause: String,
    /// W3C trace context.
    pub traceparent: String,
}

/// A statement of the read model with its arguments.
pub(crate) type Query = (Sql, Vec<Value>);

/// What a body asked for and was not loaded.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) keys: Vec<Key>,
    pub(crate) boxes: Vec<Key>,
    pub(crate) queries: Vec<Query>,
}

impl Wanted {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.boxes.is_empty() && self.queries.is_empty()
    }
}

/// A unit of work. See the module.
pub struct Unit {
    service: &'static str,
    circumstances: Circumstances,
    law: &'static Law,
    agencies: Arc<Agencies>,
    lineage: Arc<Lineage>,
    /// A machine refused an input, whatever the body made of it.
    refused: bool,
    base: HashMap<Key, Option<Base>>,
    boxes: HashMap<Key, Vec<(String, Vec<u8>)>>,
    rows: Vec<(Query, Vec<Row>)>,
    wanted: Wanted,
    slots: HashMap<Key, Option<Slot>>,
    order: Vec<Key>,
    seals: Vec<Seal>,
    writes: Vec<Write>,
}

fn snapshot_of<M: Aggregate>(any: &(dyn Any + Send + Sync)) -> &Snapshot<M> {
    any.downcast_ref()
        .expect("a slot is read with the type it was made with: keys carry the machine's name")
}

impl Unit {
    pub(crate) fn new(
        service: &'static str,
        circumstances: Circumstances,
        law: &'static Law,
        agencies: Arc<Agencies>,
        lineage: Arc<Lineage>,
    ) -> Self {
        Self {
            service,
            circumstances,
            law,
            agencies,
            lineage,
            refused: false,
            base: HashMap::new(),
            boxes: HashMap::new(),
            rows: Vec::new(),
            wanted: Wanted::default(),
            slots: HashMap::new(),
            order: Vec::new(),
            seals: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// Who acts.
    pub fn by(&self) -> &Actor {
        &self.circumstances.by
    }

    /// The steps that follow are taken in another's place, or again in one's own.
    pub(crate) fn act_for(&mut self, whom: Option<OnBehalf>) {
        self.circumstances.by.on_behalf = whom;
    }

    /// When.
    pub fn now(&self) -> Timestamp {
        self.circumstances.at
    }

    /// Today in Viet Nam.
    pub fn today(&self) -> time::Date {
        crate::clock::day(self.circumstances.at)
    }

    /// The directory, as this service knows it.
    pub fn agencies(&self) -> &Arc<Agencies> {
        &self.agencies
    }

    /// The law that is installed here.
    pub fn law(&self) -> &'static Law {
        self.law
    }

    /// An aggregate with a fresh id cannot exist: nothing has to be read to know that.
    pub fn assume_new<M: Aggregate>(&mut self, id: &str) {
        self.base.insert(Key::new(M::NAME, id), None);
    }

    /// An id for a new aggregate.
    pub fn fresh_id(&self) -> String {
        crate::entropy::fresh_id()
    }

    fn slot<M: Aggregate>(&mut self, id: &str) -> Result<&mut Option<Slot>, Fault> {
        let key = Key::new(M::NAME, id);
        if !self.slots.contains_key(&key) {
            let Some(base) = self.base.get(&key) else {
                self.wanted.keys.push(key);
                return Err(Fault::Need);
            };
            let slot = match base {
                None => None,
                Some(Base::Hot(hot)) => {
                    must_be::<M>(&key, hot.machine_version)?;
                    let at = (hot.version, hot.seq);
                    Some(Slot::new::<M>(at, hot.machine_version, Arc::clone(&hot.snapshot)))
                }
                Some(Base::Loaded(loaded)) => {
                    must_be::<M>(&key, loaded.machine_version)?;
                    let snapshot = Snapshot::<M>::decode(&loaded.snapshot)
                        .map_err(|e| Fault::Internal(format!("snapshot of {key} is not readable: {e}")))?;
                    let at = (loaded.version, loaded.seq);
                    Some(Slot::new::<M>(at, loaded.machine_version, Arc::new(snapshot)))
                }
            };
            self.slots.insert(key.clone(), slot);
        }
        Ok(self.slots.get_mut(&key).expect("it was put there just now"))
    }

    /// An aggregate, or `None` if it does not exist.
    pub fn get<M: Aggregate>(&mut self, id: &str) -> Result<Option<Arc<Snapshot<M>>>, Fault> {
        let slot = self.slot::<M>(id)?;
        Ok(slot.as_ref().map(|slot| {
            let any = Arc::clone(&slot.snapshot);
            any.downcast()
                .expect("a slot is read with the type it was made with: keys carry the machine's name")
        }))
    }

    /// The version of an aggregate, this unit's steps included; 0 if it does not exist. Also its etag.
    pub fn version<M: Aggregate>(&mut self, id: &str) -> Result<u64, Fault> {
        Ok(self.slot::<M>(id)?.as_ref().map_or(0, |slot| slot.version))
    }

    /// Refuses a stale etag; an empty one is not checked.
    pub fn check_etag<M: Aggregate>(&mut self, id: &str, etag: &str) -> Result<(), Fault> {
        if etag.is_empty() || etag == self.version::<M>(id)?.to_string() {
            Ok(())
        } else {
            Err(Fault::Stale { given: etag.to_owned() })
        }
    }

    /// Steps an aggregate, or makes it: the machine decides, by the rules of the version that it is pinned to.
    pub fn step<M: Aggregate>(&mut self, id: &str, input: M::Input) -> Result<Arc<Snapshot<M>>, Fault> {
        self.take(id, input, |version, from, on| {
            Ok((version, machine::step_under(version, from, on)?))
        })
    }

    /// Moves an aggregate to a later version of its machine, if that has a place for it.
    pub(crate) fn migrate<M: Aggregate>(&mut self, id: &str, to: Migrate) -> Result<Arc<Snapshot<M>>, Fault> {
        let key = Key::new(M::NAME, id);
        // The rows of one commit are of one version.
        if self.order.contains(&key) {
            return Err(Fault::Internal(format!("{key} is stepped and moved in one unit")));
        }
        self.take(id, to, |version, from, on| {
            Ok((on.input.to, machine::migrate(version, from, on)?))
        })
    }

    fn take<M: Aggregate, I: Serialize>(
        &mut self,
        id: &str,
        input: I,
        decide: impl FnOnce(u32, &Snapshot<M>, &Stimulus<I>) -> Result<(u32, Stepped<M>), Refusal>,
    ) -> Result<Arc<Snapshot<M>>, Fault> {
        let service = self.service;
        let circumstances = self.circumstances.clone();
        let secret = Arc::clone(&self.lineage);
        let slot = self
            .slot::<M>(id)?
            .get_or_insert_with(|| Slot::new::<M>((0, 0), M::VERSION, Arc::new(Snapshot::<M>::default())));
        let from = snapshot_of::<M>(slot.snapshot.as_ref());
        let stimulus = Stimulus {
            input,
            by: circumstances.by,
            at: circumstances.at,
        };
        let (machine_version, stepped) = match decide(slot.machine_version, from, &stimulus) {
            Ok(stepped) => stepped,
            Err(refusal) => {
                if slot.version == 0 {
                    self.slots.insert(Key::new(M::NAME, id), None);
                }
                self.refused = true;
                return Err(refusal.into());
            }
        };
        slot.machine_version = machine_version;
        let encoded = stepped.next.encode();
        slot.version += 1;
        slot.entries.push(Entry {
            input: serde_json::to_vec(&stimulus.input).map_err(|e| Fault::Internal(e.to_string()))?,
            actor: serde_json::to_string(&stimulus.by).map_err(|e| Fault::Internal(e.to_string()))?,
            at: stimulus.at.0,
            request_id: circumstances.request_id,
            cause: circumstances.cause,
            traceparent: circumstances.traceparent.clone(),
            state: stepped.next.state_name(),
            outcome: outcome_of(&encoded, &stepped.effects),
        });
        for effect in stepped.effects {
            match effect {
                Effect::Publish(event) => {
                    slot.seq += 1;
                    let published = M::published(&event);
                    slot.events.push(NewEvent {
                        event_id: lineage::event_id(&secret, (service, M::NAME, id), slot.seq, &published, stimulus.at),
                        event_type: published.event_type.to_owned(),
                        agency: published.agency,
                        body: published.body,
                        at: stimulus.at.0,
                        traceparent: circumstances.traceparent.clone(),
                    });
                }
                Effect::SetTimer { name, due } => slot.timers.push(TimerOp::Set { name, due: due.0 }),
                Effect::ClearTimer { name } => slot.timers.push(TimerOp::Clear { name }),
                Effect::Claim(key) => slot.claims.push(ClaimOp::Claim(key)),
                Effect::Release(key) => slot.claims.push(ClaimOp::Release(key)),
            }
        }
        let next = Arc::new(stepped.next);
        slot.snapshot = Arc::clone(&next) as Arc<dyn Any + Send + Sync>;
        slot.encoded = encoded;
        let key = Key::new(M::NAME, id);
        if !self.order.contains(&key) {
            self.order.push(key);
        }
        Ok(next)
    }

    /// Whether a machine refused something so far.
    pub(crate) fn has_refused(&self) -> bool {
        self.refused
    }

    /// Whether something happened before this service was restored.
    pub(crate) fn predates_restore(&self, at: i64) -> bool {
        let current = self.lineage.current();
        current.is_some_and(|epoch| epoch.number > 1 && at < epoch.at)
    }

    /// The sealed box of an aggregate: (name, value) in the order of names.
    pub fn sealed<M: Aggregate>(&mut self, id: &str) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        let key = Key::new(M::NAME, id);
        if let Some(found) = self.boxes.get(&key) {
            return Ok(found.clone());
        }
        self.wanted.boxes.push(key);
        Err(Fault::Need)
    }

    /// Puts a value into the sealed box of an aggregate that this unit steps.
    pub fn seal<M: Aggregate>(&mut self, id: &str, name: &str, value: Vec<u8>) {
        self.seals.push(Seal::Put {
            key: Key::new(M::NAME, id),
            name: name.to_owned(),
            value,
        });
    }

    /// Destroys the sealed box of an aggregate that this unit steps.
    pub fn destroy_box<M: Aggregate>(&mut self, id: &str) {
        self.seals.push(Seal::Destroy {
            key: Key::new(M::NAME, id),
        });
    }

    /// Rows of the service's own read model, as committed after all that the body had asked for before. They are under
    /// no guard: what is decided on them is decided on the aggregates that they lead to.
    pub fn query(&mut self, sql: Sql, args: &[Value]) -> Result<Vec<Row>, Fault> {
        if let Some((_, rows)) = self.rows.iter().find(|((of, with), _)| *of == sql && with == args) {
            return Ok(rows.clone());
        }
        self.wanted.queries.push((sql, args.to_vec()));
        Err(Fault::Need)
    }

    /// A further write of the read model.
    pub fn write(&mut self, write: Write) {
        self.writes.push(write);
    }

    /// Forgets what the body did, keeps what was loaded.
    pub(crate) fn rewind(&mut self) -> Wanted {
        self.act_for(None);
        self.refused = false;
        self.slots.clear();
        self.order.clear();
        self.seals.clear();
        self.writes.clear();
        std::mem::take(&mut self.wanted)
    }

    pub(crate) fn supply(&mut self, keys: Vec<Key>, loaded: Vec<Option<Loaded>>) {
        let loaded = loaded.into_iter().map(|loaded| loaded.map(Base::Loaded));
        self.base.extend(keys.into_iter().zip(loaded));
    }

    pub(crate) fn supply_hot(&mut self, key: Key, hot: Hot) {
        self.base.insert(key, Some(Base::Hot(hot)));
    }

    /// The aggregates that were not read from the store.
    pub(crate) fn hot(&self) -> impl Iterator<Item = &Key> {
        let hot = self.base.iter().filter(|(_, base)| matches!(base, Some(Base::Hot(_))));
        hot.map(|(key, _)| key)
    }

    /// States as they are once the unit is committed.
    pub(crate) fn states(&self) -> Vec<(Key, Hot)> {
        let slots = self.slots.iter().filter_map(|(key, slot)| Some((key, slot.as_ref()?)));
        slots
            .map(|(key, slot)| {
                let hot = Hot {
                    version: slot.version,
                    seq: slot.seq,
                    machine_version: slot.machine_version,
                    snapshot: Arc::clone(&slot.snapshot),
                };
                (key.clone(), hot)
            })
            .collect()
    }

    pub(crate) fn supply_box(&mut self, key: Key, values: Vec<(String, Vec<u8>)>) {
        self.boxes.insert(key, values);
    }

    pub(crate) fn supply_rows(&mut self, query: Query, rows: Vec<Row>) {
        self.rows.push((query, rows));
    }

    pub(crate) fn is_known(&self, key: &Key) -> bool {
        self.base.contains_key(key)
    }

    /// The commit: every aggregate that was stepped, and a guard on every one that was only read.
    pub(crate) fn commit(mut self) -> Commit {
        let mut commit = Commit::default();
        let at = self.circumstances.at;
        for key in std::mem::take(&mut self.order) {
            let Some(Some(slot)) = self.slots.remove(&key) else {
                continue;
            };
            commit
                .views
                .extend((slot.project)(&key, slot.version, slot.snapshot.as_ref(), at));
            commit.steps.push(Step {
                expected: slot.loaded,
                seq: slot.seq - slot.events.len() as u64,
                machine_version: slot.machine_version,
                snapshot: slot.encoded,
                entries: slot.entries,
                events: slot.events,
                timers: slot.timers,
                claims: slot.claims,
                key,
            });
        }
        commit.guards = self
            .slots
            .into_iter()
            .map(|(key, slot)| Guard {
                key,
                expected: slot.map_or(0, |slot| slot.loaded),
            })
            .collect();
        commit.views.extend(self.writes);
        commit.sealed = self.seals;
        commit
    }
}

/// Refuses a state of a version that this program does not know: a newer one was here, and beside it this one may still
/// run for a while. So nothing is parked for it, and whoever asked comes again.
fn must_be<M: Aggregate>(key: &Key, at: u32) -> Result<(), Fault> {
    let newest = M::VERSION;
    if (1..=newest).contains(&at) {
        return Ok(());
    }
    Err(Fault::Store(StoreError::Unsafe(format!(
        "{key} is pinned to machine version {at}, and this program knows 1 to {newest}: run the newer program"
    ))))
}

impl Slot {
    fn new<M: Aggregate>(
        (version, seq): (u64, u64),
        machine_version: u32,
        snapshot: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self {
            loaded: version,
            version,
            seq,
            machine_version,
            snapshot,
            encoded: Vec::new(),
            project: |key, version, any, now| M::project(&key.id, version, snapshot_of::<M>(any), now),
            entries: Vec::new(),
            events: Vec::new(),
            timers: Vec::new(),
            claims: Vec::new(),
        }
    }
}
