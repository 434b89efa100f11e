//! What a consumer has applied and its restored producer does not have: found, listed, and ended by people. Nothing is
//! undone by itself. Aggregates on which both agree go on at once; the others wait.

use std::collections::{BTreeMap, HashMap};

use bus::Envelope;
use journal::{Caused, Difference, End, Epoch, Inbox};
use serde::{Deserialize, Serialize};

use super::{Applied, Consumer, PAGE, epoch::cursor_in};
use crate::Fault;

/// A lost event, as its consumer knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lost {
    pub(crate) seq: u64,
    pub(crate) event_id: String,
    pub(crate) position: i64,
    pub(crate) at: i64,
    /// What it led to here.
    pub(crate) effects: Vec<Effect>,
}

/// A step that a lost event led to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Effect {
    pub(crate) aggregate: String,
    pub(crate) version: u64,
    pub(crate) state: String,
    /// The input's name; what it holds stays in history.
    pub(crate) input: String,
}

/// How an operator ends a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The restored history stands: its events take effect here, on top of what the lost ones did.
    Accept,
    /// What was applied stands: the producer has come as far again in other words, and its events up to there count as
    /// applied.
    Keep,
}

/// The lost events of a difference.
pub(crate) fn lost(difference: &Difference) -> Result<Vec<Lost>, Fault> {
    serde_json::from_str(&difference.lost)
        .map_err(|e| Fault::Internal(format!("difference of {} is not readable: {e}", difference.aggregate)))
}

fn effect(caused: &Caused) -> Effect {
    let input = match serde_json::from_slice(&caused.input) {
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    };
    Effect {
        aggregate: caused.key.to_string(),
        version: caused.version,
        state: caused.state.clone(),
        input,
    }
}

impl Consumer {
    /// Compares what was applied with a history that begins a new epoch, lists the differences, and follows it from
    /// `bound` on, the newest position up to which both are one. May break off anywhere and begin again.
    pub(super) async fn compare(&self, bound: i64, epochs: &[Epoch]) -> Result<(), Fault> {
        let _alone = self.comparing.lock().await;
        let Some(newest) = epochs.last() else { return Ok(()) };
        if !self.compared_elsewhere(epochs).await? {
            let (store, me) = (self.engine.journal().store(), self.engine.service());
            let bound = self.really_common(bound).await?;
            let mut applied: BTreeMap<String, Vec<Inbox>> = BTreeMap::new();
            for row in store.inbox(me, self.producer, bound, i64::MAX).await? {
                applied.entry(row.aggregate.clone()).or_default().push(row);
            }
            let mut effects: HashMap<String, Vec<Effect>> = HashMap::new();
            for caused in store.caused(me, self.producer, bound).await? {
                effects
                    .entry(caused.event_id.clone())
                    .or_default()
                    .push(effect(&caused));
            }
            let mut open = 0;
            for (aggregate, rows) in applied {
                open += u32::from(self.differs(&aggregate, rows, &effects, &newest.id).await?);
            }
            self.forget_lost_letters().await?;
            tracing::warn!(
                consumer = me,
                producer = self.producer,
                epoch = newest.number,
                common = bound,
                differences = open,
                "the producer was restored; see `vinhdanh admin epoch differences`"
            );
            let at = store.cursor(&self.cursor()).await?.min(bound);
            store
                .set_cursor(&cursor_in(self.producer, &newest.id), at, true)
                .await?;
        }
        self.follow_history(epochs).await?;
        self.reload().await
    }

    /// An epoch that was begun late, when the restored service had run already, says nothing of what was before: looks
    /// back to where both have the same.
    async fn really_common(&self, mut bound: i64) -> Result<i64, Fault> {
        let store = self.engine.journal().store();
        while bound > 0 {
            let from = (bound - i64::from(PAGE)).max(0);
            let theirs = self.source.after(from, PAGE).await?.events;
            let theirs: HashMap<String, i64> = theirs.into_iter().map(|event| (event.id, event.position)).collect();
            let mine = store.inbox(self.engine.service(), self.producer, from, bound).await?;
            if mine.iter().all(|row| theirs.get(&row.event_id) == Some(&row.position)) {
                break;
            }
            bound = from;
        }
        Ok(bound)
    }

    /// Lists what was applied of an aggregate and its owner does not have; whether somebody has to decide about it.
    async fn differs(
        &self,
        aggregate: &str,
        mut applied: Vec<Inbox>,
        effects: &HashMap<String, Vec<Effect>>,
        epoch: &str,
    ) -> Result<bool, Fault> {
        let (store, me) = (self.engine.journal().store(), self.engine.service());
        applied.sort_by_key(|row| row.seq);
        let first = applied.first().map_or(1, |row| row.seq);
        let theirs = self.owners(aggregate, first - 1).await?;
        let known: HashMap<u64, &Envelope> = theirs.iter().map(|event| (event.seq, event)).collect();
        // From the first on that is not where it was, any of them may come again and is not to take effect twice.
        let stands = |row: &&Inbox| {
            let there = known.get(&row.seq);
            there.is_some_and(|event| (event.position, &event.id) == (row.position, &row.event_id))
        };
        for row in applied.iter().skip_while(stands) {
            store.displace(me, &row.event_id).await?;
        }
        let lost: Vec<Lost> = applied
            .into_iter()
            .filter(|row| known.get(&row.seq).is_none_or(|event| event.id != row.event_id))
            .map(|row| Lost {
                effects: effects.get(&row.event_id).cloned().unwrap_or_default(),
                seq: row.seq,
                event_id: row.event_id,
                position: row.position,
                at: row.at,
            })
            .collect();
        let Some(first_lost) = lost.first() else {
            return Ok(false);
        };
        let mut difference = Difference {
            consumer: me.to_owned(),
            producer: self.producer.to_owned(),
            aggregate: aggregate.to_owned(),
            epoch: epoch.to_owned(),
            common: first_lost.seq - 1,
            applied: store.applied(me, self.producer, aggregate).await?,
            owner: theirs.last().map_or(first - 1, |event| event.seq),
            lost: serde_json::to_string(&lost).map_err(|e| Fault::Internal(e.to_string()))?,
            at: self.engine.clock().now().0,
            end: End::default(),
        };
        let mattered = lost.iter().any(|lost| !lost.effects.is_empty());
        // The directory's replica has no history of its own.
        if mattered || self.producer == "directory" {
            store.note_difference(&difference).await?;
            return Ok(true);
        }
        difference.end = End {
            resolution: "accepted".to_owned(),
            reason: "nothing came of what was lost".to_owned(),
            by: me.to_owned(),
            at: difference.at,
        };
        store.rewind(me, self.producer, aggregate, difference.common).await?;
        store.note_difference(&difference).await?;
        Ok(false)
    }

    /// A dead letter whose event was lost is no longer one.
    async fn forget_lost_letters(&self) -> Result<(), Fault> {
        let (store, me) = (self.engine.journal().store(), self.engine.service());
        let mut after = String::new();
        loop {
            let page = store.dead_letters(me, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.event_id);
            for letter in page.iter().filter(|letter| letter.producer == self.producer) {
                let theirs = self.source.of(&letter.aggregate, letter.seq - 1, 1).await?;
                if theirs.first().is_none_or(|event| event.id != letter.event_id) {
                    let why = "the producer was restored without it";
                    store.resolve(me, &letter.event_id, why).await?;
                }
            }
        }
    }

    /// An aggregate's events at its owner, after a `seq`.
    async fn owners(&self, aggregate: &str, mut after: u64) -> Result<Vec<Envelope>, Fault> {
        let mut events = Vec::new();
        loop {
            let page = self.source.of(aggregate, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(events) };
            after = last.seq;
            events.extend(page);
        }
    }

    /// The open difference of an aggregate: the last one, for a producer that was restored more than once.
    async fn open_difference(&self, aggregate: &str) -> Result<Option<Difference>, Fault> {
        let open = self.engine.journal().store().open_differences(aggregate).await?;
        Ok(open.into_iter().rfind(|open| open.producer == self.producer))
    }

    /// Looks how far the owner has come again. Acts that were done again lead to the same events: if it has come to all
    /// of them, there is no difference any more. `None`: there is none, or none any more.
    pub(crate) async fn heal(&self, aggregate: &str) -> Result<Option<Difference>, Fault> {
        let Some(mut difference) = self.open_difference(aggregate).await? else {
            return Ok(None);
        };
        let store = self.engine.journal().store();
        let (before, was) = (difference.common, difference.owner);
        for event in self.owners(aggregate, difference.common).await? {
            let follows = event.seq == difference.common + 1;
            let at = (event.position, event.id.as_str());
            if follows && store.consumed(self.engine.service(), self.producer, at).await? {
                difference.common = event.seq;
            }
            difference.owner = event.seq;
        }
        if difference.common >= difference.applied {
            self.end(
                aggregate,
                "done again",
                "the owner has come to the same facts again",
                "",
            )
            .await?;
            return Ok(None);
        }
        if (difference.common, difference.owner) != (before, was) {
            store.move_difference(&difference).await?;
        }
        Ok(Some(difference))
    }

    async fn end(&self, aggregate: &str, resolution: &str, reason: &str, by: &str) -> Result<(), Fault> {
        let store = self.engine.journal().store();
        let end = End {
            resolution: resolution.to_owned(),
            reason: reason.to_owned(),
            by: by.to_owned(),
            at: self.engine.clock().now().0,
        };
        for open in store.open_differences(aggregate).await? {
            store.end_difference(&open, &end).await?;
        }
        tracing::info!(
            consumer = self.engine.service(),
            aggregate,
            resolution,
            by,
            "difference ended"
        );
        self.parked.lock().await.remove(aggregate);
        Ok(())
    }

    /// An operator ends a difference. The row is closed last, so that what breaks off can be done once more.
    pub(crate) async fn settle_difference(
        &self,
        aggregate: &str,
        choice: Choice,
        reason: &str,
        by: &str,
    ) -> Result<(), Fault> {
        let _alone = self.comparing.lock().await;
        let Some(difference) = self.heal(aggregate).await? else {
            return match self
                .engine
                .journal()
                .store()
                .differences((aggregate, ""), true, 1)
                .await?
                .first()
            {
                // It has ended meanwhile.
                Some(ended) if ended.aggregate == aggregate => Ok(()),
                _ => Err(Fault::Denied(access::Denied::absent())),
            };
        };
        let Difference {
            common, applied, owner, ..
        } = difference;
        if choice == Choice::Keep && owner < applied {
            let detail = format!("{aggregate}: seq {owner} of {applied}");
            return Err(Fault::refused("NOT_DONE_AGAIN", detail));
        }
        let (store, me) = (self.engine.journal().store(), self.engine.service());
        store.rewind(me, self.producer, aggregate, common).await?;
        self.applied.lock().await.remove(aggregate);
        if choice == Choice::Keep {
            for event in self.owners(aggregate, common).await? {
                if event.seq <= applied {
                    let inbox = self.inbox_of(&event);
                    self.engine
                        .react(inbox, telemetry::traceparent(), Vec::new(), |_| Ok(()))
                        .await?;
                }
            }
        }
        self.parked.lock().await.remove(aggregate);
        let followed = self.follow(aggregate, common + 1).await;
        if !matches!(followed, Ok((_, Applied::Done | Applied::Parked))) {
            self.parked.lock().await.insert(aggregate.to_owned());
            return Err(followed.err().unwrap_or(Fault::Contended));
        }
        let resolution = if choice == Choice::Keep { "kept" } else { "accepted" };
        self.end(aggregate, resolution, reason, by).await?;
        if let Ok((_, Applied::Parked)) = followed {
            // One of the events that follow cannot be applied: a dead letter says so.
            self.parked.lock().await.insert(aggregate.to_owned());
        }
        Ok(())
    }
}
