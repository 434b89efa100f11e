//! The relay: publishes the journal's events behind a cursor, in position order, and refills a bus that forgot.

use std::{sync::Arc, time::Duration};

use bus::Bus;
use tokio_util::sync::CancellationToken;

use crate::{Engine, Fault, source};

/// Name of the relay's cursor.
pub(crate) const CURSOR: &str = "relay";
/// How many events go out in one batch.
const BATCH: u32 = 500;
/// How often the relay looks again without being woken, and compares the bus with what it was.
const LOOK: Duration = Duration::from_secs(2);
/// Setting that holds which bus was published to.
const IDENTITY: &str = "bus.identity";

/// Publishes until `stop`.
pub(crate) async fn run(engine: Engine, bus: Arc<dyn Bus>, stop: CancellationToken) {
    let mut head = engine.journal().watch();
    let mut wait = Duration::from_millis(20);
    let mut seen = 0;
    loop {
        match round(&engine, bus.as_ref(), &mut seen).await {
            Ok(()) => wait = Duration::from_millis(20),
            Err(fault) => {
                tracing::debug!(service = engine.service(), %fault, "relay waits for the bus");
                tokio::select! { () = tokio::time::sleep(wait) => {} () = stop.cancelled() => return }
                wait = (wait * 2).min(LOOK);
                continue;
            }
        }
        let idle = async {
            let woken = async {
                if head.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! { () = woken => {} () = tokio::time::sleep(LOOK) => {} }
        };
        tokio::select! { () = idle => {} () = stop.cancelled() => return }
    }
}

/// Publishes what is new; `seen` is the newest message that the bus was seen to hold.
async fn round(engine: &Engine, bus: &dyn Bus, seen: &mut u64) -> Result<(), Fault> {
    let store = engine.journal().store();
    let away = |error: bus::BusError| {
        if let bus::BusError::Unfit(what) = &error {
            tracing::warn!(service = engine.service(), what, "the bus is not fit for use");
        }
        Fault::Exhausted("BUS_UNAVAILABLE")
    };
    let mut cursor = store.cursor(CURSOR).await?;
    let identity = bus.identity(engine.service()).await.map_err(away)?;
    let known = store.setting(IDENTITY).await?;
    if known.as_deref() != Some(identity.created.as_str()) || identity.last < *seen {
        // A bus that was made anew, or lost its tail, is filled again. Consumers know what they have applied.
        if known.is_some() && cursor > 0 {
            tracing::warn!(
                service = engine.service(),
                events = cursor,
                "the bus forgot everything: refilling it"
            );
        }
        store.set_cursor(CURSOR, 0, true).await?;
        store.set_setting(IDENTITY, &identity.created).await?;
        cursor = 0;
    }
    *seen = identity.last;
    loop {
        let rows = store.events(cursor, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            return Ok(());
        };
        let batch: Vec<_> = rows
            .into_iter()
            .map(|row| source::envelope(engine.service(), row))
            .collect();
        bus.publish(&batch).await.map_err(away)?;
        store.set_cursor(CURSOR, last, false).await?;
        cursor = last;
    }
}
