//! How a parked aggregate is let go on.

use journal::{DeadLetter, Inbox};

use super::{Applied, Consumer, PAGE};
use crate::Fault;

impl Consumer {
    /// An operator resolves a dead letter: it is applied again, or gone on without. The row is closed last, so that
    /// what breaks off (`CONTENDED`) can be resolved once more. If the same event is refused again, its row stays
    /// open; if a later one is, that has a row of its own.
    pub(crate) async fn resolve(&self, letter: &DeadLetter, skip: bool, reason: &str) -> Result<(), Fault> {
        if self.heal(&letter.aggregate).await?.is_some() {
            return Err(Fault::refused("RESTORE_DIFFERS", letter.aggregate.clone()));
        }
        let store = self.engine.journal().store();
        if skip {
            let inbox = Inbox {
                consumer: letter.consumer.clone(),
                producer: letter.producer.clone(),
                aggregate: letter.aggregate.clone(),
                seq: letter.seq,
                event_id: letter.event_id.clone(),
                position: letter.position,
                at: 0,
            };
            self.engine
                .react(inbox, telemetry::traceparent(), Vec::new(), |_| Ok(()))
                .await?;
        }
        self.parked.lock().await.remove(&letter.aggregate);
        let (stopped_at, outcome) = match self.follow(&letter.aggregate, letter.seq).await {
            Ok(end) => end,
            Err(fault) => {
                self.parked.lock().await.insert(letter.aggregate.clone());
                return Err(fault);
            }
        };
        if outcome == Applied::Later {
            self.parked.lock().await.insert(letter.aggregate.clone());
            return Err(Fault::Contended);
        }
        if outcome == Applied::Done || stopped_at != letter.seq {
            let what = if skip { "skipped" } else { "tried again" };
            let resolution = format!("{what}: {reason}");
            store.resolve(&letter.consumer, &letter.event_id, &resolution).await?;
        }
        Ok(())
    }

    /// Applies an aggregate's events from `seq` on, until one does not go: its `seq`, and what came of it.
    pub(super) async fn follow(&self, aggregate: &str, seq: u64) -> Result<(u64, Applied), Fault> {
        let mut done = seq.saturating_sub(1);
        loop {
            let page = self.source.of(aggregate, done, PAGE).await?;
            if page.is_empty() {
                return Ok((done, Applied::Done));
            }
            for event in page {
                match self.apply(&event).await {
                    Applied::Done => done = event.seq,
                    outcome => return Ok((event.seq, outcome)),
                }
            }
        }
    }
}
