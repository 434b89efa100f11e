//! The relay: publishes the journal's events behind a cursor, in position order, and refills a bus that forgot.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bus::Bus;
use mishap::Point;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Engine, Fault, source};

/// Name of the relay's cursor.
const CURSOR: &str = "relay";
/// How many events go out in one batch.
const BATCH: u32 = 500;
/// How often the relay looks again without being woken, and compares the bus with what it was.
const LOOK: Duration = Duration::from_secs(2);
/// How often the cursor is kept. What a crash forgets of it goes out again, and is known by its id and its seq.
const KEEP: Duration = Duration::from_secs(1);
/// Setting that holds which bus was published to.
const IDENTITY: &str = "bus.identity";

/// The relay of one service.
pub(crate) struct Relay {
    engine: Engine,
    bus: Arc<dyn Bus>,
    /// All up to here is on the bus.
    position: AtomicI64,
}

/// What a running relay remembers.
#[derive(Default)]
struct Memory {
    /// The cursor as the store has it, and since when.
    kept: i64,
    kept_at: Option<Instant>,
    /// When the bus was last compared with what it was.
    looked_at: Option<Instant>,
    /// The newest message that the bus was seen to hold.
    seen: u64,
}

fn over(since: Option<Instant>, span: Duration) -> bool {
    since.is_none_or(|since| since.elapsed() >= span)
}

impl Relay {
    pub(crate) async fn new(engine: Engine, bus: Arc<dyn Bus>) -> Result<Self, Fault> {
        let position = engine.journal().store().cursor(CURSOR).await?;
        Ok(Self {
            engine,
            bus,
            position: AtomicI64::new(position),
        })
    }

    /// All events up to here are on the bus.
    pub(crate) fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// Publishes until `stop`.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let mut memory = Memory::default();
        tokio::select! { biased; () = stop.cancelled() => {} () = self.work(&mut memory) => {} }
        if let Err(fault) = self.keep(&mut memory).await {
            tracing::debug!(service = self.engine.service(), %fault, "the relay's cursor is not kept");
        }
    }

    async fn work(&self, memory: &mut Memory) {
        let mut head = self.engine.journal().watch();
        let mut wait = Duration::from_millis(20);
        loop {
            match self.round(memory).await {
                Ok(()) => wait = Duration::from_millis(20),
                Err(fault) => {
                    tracing::debug!(service = self.engine.service(), %fault, "relay waits for the bus");
                    memory.looked_at = None;
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LOOK);
                    continue;
                }
            }
            let woken = async {
                if head.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! { biased; () = woken => {} () = tokio::time::sleep(LOOK) => {} }
        }
    }

    /// Publishes what is new.
    async fn round(&self, memory: &mut Memory) -> Result<(), Fault> {
        if over(memory.looked_at, LOOK) {
            self.look(memory).await?;
            memory.looked_at = Some(Instant::now());
        }
        let store = self.engine.journal().store();
        loop {
            let mut rows = self.engine.journal().take_fresh(self.position());
            // What comes after them wakes the relay again.
            let mut more = false;
            if rows.is_empty() {
                rows = store.events(self.position(), BATCH).await?;
                more = rows.len() == BATCH as usize;
            }
            let Some(last) = rows.last().map(|row| row.position) else {
                break;
            };
            let batch: Vec<_> = rows
                .into_iter()
                .map(|row| source::envelope(self.engine.service(), self.engine.journal().lineage(), row))
                .collect();
            let batch = mishap::bus(batch);
            mishap::at(Point::C4);
            let publishing = mishap::sent(self.bus.publish(&batch));
            publishing.await.map_err(|error| self.away(&error))?;
            mishap::at(Point::C6);
            self.position.store(last, Ordering::Release);
            if !more {
                break;
            }
        }
        if over(memory.kept_at, KEEP) {
            self.keep(memory).await?;
        }
        Ok(())
    }

    fn away(&self, error: &bus::BusError) -> Fault {
        if let bus::BusError::Unfit(what) = error {
            tracing::warn!(service = self.engine.service(), what, "the bus is not fit for use");
        }
        Fault::Exhausted("BUS_UNAVAILABLE")
    }

    /// Takes what another replica has published, and refills a bus that was made anew, or lost its tail. Consumers know
    /// what they have applied.
    async fn look(&self, memory: &mut Memory) -> Result<(), Fault> {
        let store = self.engine.journal().store();
        let stored = store.cursor(CURSOR).await?;
        let service = self.engine.service();
        let identity = self.bus.identity(service).await.map_err(|error| self.away(&error))?;
        let known = store.setting(IDENTITY).await?;
        if known.as_deref() != Some(identity.created.as_str()) || identity.last < memory.seen {
            if known.is_some() && stored > 0 {
                tracing::warn!(service, events = stored, "the bus forgot everything: refilling it");
            }
            store.set_cursor(CURSOR, 0, true).await?;
            store.set_setting(IDENTITY, &identity.created).await?;
            self.position.store(0, Ordering::Release);
            memory.kept = 0;
        } else {
            self.position.fetch_max(stored, Ordering::AcqRel);
            memory.kept = stored;
        }
        memory.seen = identity.last;
        Ok(())
    }

    async fn keep(&self, memory: &mut Memory) -> Result<(), Fault> {
        let position = self.position();
        if position > memory.kept {
            self.engine
                .journal()
                .store()
                .set_cursor(CURSOR, position, false)
                .await?;
            memory.kept = position;
        }
        memory.kept_at = Some(Instant::now());
        Ok(())
    }
}
