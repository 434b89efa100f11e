//! What a service brings, and what each of its machines tells the host.

use async_trait::async_trait;
use bus::Envelope;
use journal::{Key, Migration, Sql, Write};
use machine::{Machine, Migrate, Replayer, Snapshot, Timestamp};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::{Engine, Fault, Unit};

/// An event as the bus carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its type, e.g. `dossier.submitted`.
    pub event_type: &'static str,
    /// The agency whose subject it goes out on.
    pub agency: String,
    /// The protobuf body.
    pub body: Vec<u8>,
}

/// A machine whose aggregates live in a journal.
pub trait Aggregate: Machine {
    /// The rows of the read model that show this snapshot: replaces what an older version showed.
    fn project(id: &str, version: u64, at: &Snapshot<Self>, now: Timestamp) -> Vec<Write>;

    /// An event, as the bus carries it.
    fn published(event: &Self::Event) -> Published;
}

/// A machine of a service with its type forgotten, for what the host does to all aggregates of its kind.
#[derive(Clone, Copy)]
pub struct Kind {
    /// How their histories are judged.
    pub replayer: Replayer,
    /// Moves one to a later version; the name of the state that it comes to.
    pub(crate) migrate: fn(&mut Unit, &str, Migrate) -> Result<String, Fault>,
    /// How many inputs one has accepted, as a unit sees it.
    pub(crate) version: fn(&mut Unit, &str) -> Result<u64, Fault>,
}

impl Kind {
    /// The kind of a machine's aggregates.
    pub const fn of<M: Aggregate>() -> Self {
        Self {
            replayer: Replayer::of::<M>(),
            migrate: |unit, id, to| Ok(unit.migrate::<M>(id, to)?.state_name()),
            version: |unit, id| unit.version::<M>(id),
        }
    }
}

/// One of the services of the house.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// Its name: `intake`, …
    fn name(&self) -> &'static str;

    /// Its own migrations (numbers from 100) for SQLite or PostgreSQL.
    fn migrations(&self, postgres: bool) -> &'static [Migration];

    /// All statements of its read model, for the test that prepares each on both stores.
    fn statements(&self) -> Vec<Sql>;

    /// Its machines.
    fn kinds(&self) -> Vec<Kind>;

    /// Their replayers.
    fn replayers(&self) -> Vec<Replayer> {
        self.kinds().iter().map(|kind| kind.replayer).collect()
    }

    /// The services whose events it consumes; `directory` is consumed by the host.
    fn producers(&self) -> &'static [&'static str];

    /// The aggregates that a reaction will touch, so that they can be loaded at once. A hint: others are loaded on
    /// demand.
    fn touches(&self, event: &Envelope) -> Vec<Key>;

    /// Reacts to an event: steps in `unit`. An event that matters to nobody is `Ok`. A fault that is not transient
    /// parks the producer's aggregate for this service, with a dead letter.
    fn react(&self, event: &Envelope, unit: &mut Unit) -> Result<(), Fault>;

    /// What an event of the directory means to it beside the replica, which the host keeps: steps in `unit`, whose
    /// agencies do not know of the event yet. As [`Self::react`] otherwise.
    fn follow_directory(&self, _event: &Envelope, _unit: &mut Unit) -> Result<(), Fault> {
        Ok(())
    }

    /// Fires a timer of one of its aggregates. A refusal forgets the timer.
    fn fire(&self, key: &Key, timer: &str, unit: &mut Unit) -> Result<(), Fault>;

    /// Adds its gRPC services.
    fn routes(&self, engine: &Engine, routes: &mut RoutesBuilder);

    /// Runs once at start, before the service is ready.
    async fn prepare(&self, _engine: &Engine) -> Result<(), Fault> {
        Ok(())
    }

    /// Work of its own beside calls, events and timers, until `stop`.
    async fn run(&self, _engine: Engine, stop: CancellationToken) {
        stop.cancelled().await;
    }

    /// How much of that work is due or under way now.
    async fn under_way(&self, _engine: &Engine) -> Result<u32, Fault> {
        Ok(0)
    }
}
