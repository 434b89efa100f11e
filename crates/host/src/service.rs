//! What a service brings, and what each of its machines tells the host.

use async_trait::async_trait;
use bus::Envelope;
use journal::{Key, Migration, Sql, Write};
use machine::{Machine, Replayer, Snapshot, Timestamp};
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

/// One of the services of the house.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// Its name: `intake`, …
    fn name(&self) -> &'static str;

    /// Its own migrations (numbers from 100) for SQLite or PostgreSQL.
    fn migrations(&self, postgres: bool) -> &'static [Migration];

    /// All statements of its read model, for the test that prepares each on both stores.
    fn statements(&self) -> Vec<Sql>;

    /// The replayers of its machines, all versions that any aggregate may be pinned to.
    fn replayers(&self) -> Vec<Replayer>;

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
