//! The stream of one subscription's deliveries: those not acknowledged yet, in order, then new ones as they come.
//!
//! It needs no memory of its own: what is pending is sent, what is acknowledged is no longer pending. A stream that
//! breaks begins anew where the acknowledgements ended.

use std::{collections::HashSet, sync::Arc};

use host::{Engine, Fault};
use journal::{Key, Value};
use machine::{Machine as _, Snapshot};
use proto::notification::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::{
    machine::subscription::{State, Subscription},
    shared::Shared,
    views,
};

/// Deliveries that may be on their way unacknowledged: who does not acknowledge gets no more than these.
const WINDOW: i64 = 512;
/// Deliveries between us and the transport.
const BUFFER: usize = 32;

/// Opens a stream.
pub(crate) fn open(
    shared: Arc<Shared>,
    engine: Engine,
    subscription: String,
) -> ReceiverStream<Result<v1::Delivery, Status>> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        let _open = shared.opened(&subscription);
        let feeding = feed(&shared, &engine, &subscription, &sender);
        let fed = tokio::select! {
            biased;
            fed = feeding => fed,
            () = sender.closed() => Ok(()),
            () = shared.ending.cancelled() => Ok(()),
        };
        if let Err(fault) = fed {
            // The subscriber may be gone as well; then nobody needs to know.
            let _ = sender.send(Err(fault.into())).await;
        }
    });
    ReceiverStream::new(receiver)
}

/// Feeds until the subscription ends, or its subscriber is gone.
async fn feed(
    shared: &Shared,
    engine: &Engine,
    subscription: &str,
    sender: &mpsc::Sender<Result<v1::Delivery, Status>>,
) -> Result<(), Fault> {
    let mut listener = shared.listen(engine);
    let mut sent = HashSet::new();
    loop {
        let active = is_active(engine, subscription).await?;
        let args = [Value::Text(subscription.to_owned()), Value::Int(WINDOW)];
        let rows = engine.journal().store().query(views::PENDING, &args).await?;
        let mut pending = HashSet::with_capacity(rows.len());
        for row in &rows {
            let id = views::cell(row, 0)?.to_owned();
            if !sent.contains(&id) {
                let delivery = views::body("delivery", row)?;
                if sender.send(Ok(delivery)).await.is_err() {
                    return Ok(());
                }
                listener.found();
            }
            pending.insert(id);
        }
        sent = pending;
        if !active {
            return Ok(());
        }
        listener.wait().await;
    }
}

async fn is_active(engine: &Engine, subscription: &str) -> Result<bool, Fault> {
    let key = Key::new(Subscription::NAME, subscription);
    let loaded = engine.journal().store().load(&[key]).await?;
    let Some(loaded) = loaded.into_iter().flatten().next() else {
        return Ok(false);
    };
    let at = Snapshot::<Subscription>::decode(&loaded.snapshot)
        .map_err(|e| Fault::Internal(format!("snapshot of subscription {subscription}: {e}")))?;
    Ok(at.state == State::Active)
}
