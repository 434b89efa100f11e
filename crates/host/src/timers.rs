//! Durable timers: rows that fire once, whoever is running, however late.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use machine::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{Engine, Fault, Service};

/// How many due timers are taken at once.
const BATCH: u32 = 256;
/// How many fire side by side.
const ABREAST: usize = 32;

/// Fires until `stop`.
pub(crate) async fn run(service: Arc<dyn Service>, engine: Engine, stop: CancellationToken) {
    let mut changed = engine.journal().timers_changed();
    loop {
        changed.mark_unchanged();
        let next = match fire_due(service.as_ref(), &engine).await {
            Ok(next) => next,
            Err(fault) => {
                tracing::warn!(service = engine.service(), %fault, "timers wait for the store");
                Some(Timestamp(engine.clock().now().0 + 1_000_000))
            }
        };
        let due = async {
            match next {
                Some(due) => engine.clock().until(due).await,
                None => std::future::pending().await,
            }
        };
        let woken = async {
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        // Another replica may have set a timer that this process was not told of.
        let now_and_then = tokio::time::sleep(Duration::from_secs(5));
        tokio::select! { biased; () = stop.cancelled() => return, () = due => {} () = woken => {} () = now_and_then => {} }
    }
}

/// Fires all that is due; when the next one is.
async fn fire_due(service: &dyn Service, engine: &Engine) -> Result<Option<Timestamp>, Fault> {
    loop {
        let due = engine.journal().store().due(engine.clock().now().0, BATCH).await?;
        if due.is_empty() {
            return Ok(engine.journal().store().next_due().await?.map(Timestamp));
        }
        mishap::at(mishap::Point::C13);
        let mut firing = futures::stream::iter(due)
            .map(|timer| async move {
                let fired = engine.fire(&timer, |unit| service.fire(&timer.key, &timer.name, unit)).await;
                if let Err(fault) = &fired {
                    tracing::error!(service = engine.service(), key = %timer.key, timer = timer.name, %fault, "timer failed");
                }
                fired
            })
            .buffer_unordered(ABREAST);
        let mut failed = None;
        while let Some(fired) = firing.next().await {
            failed = fired.err().or(failed);
        }
        if let Some(fault) = failed {
            return Err(fault);
        }
    }
}
