//! Which history of its producer a consumer follows. A restored producer is older than what was consumed of it: nothing
//! of its new epoch is applied before both were compared, and nothing of the lost one after that.

use std::{collections::HashSet, sync::PoisonError};

use bus::Envelope;
use journal::Epoch;

use super::{Applied, Consumer};
use crate::{Fault, Unit, source::Page};

/// What a consumer knows of its producer's history.
#[derive(Default)]
pub(super) struct Followed {
    /// The epochs of what was consumed: number, id, and the position that each began after.
    epochs: Vec<Epoch>,
    /// Whether the producer has told them to this process: before that the bus may hold what was lost.
    told: bool,
    /// Why nothing is applied; empty if all is well.
    held: String,
    /// Epochs that the bus brought and the producer was not yet asked about.
    asked: HashSet<String>,
    /// Epochs that the producer does not know: of histories that were lost.
    lost: HashSet<String>,
}

/// What a consumer says of the history that it follows.
pub(crate) struct Following {
    /// Number and id of the producer's epoch; 0 and empty before the first contact.
    pub(crate) epoch: (u64, String),
    /// Why nothing is applied; empty if all is well.
    pub(crate) held: String,
}

/// The newest position up to which two histories are certainly one.
fn parting(mine: &[Epoch], theirs: &[Epoch]) -> i64 {
    let common = mine
        .iter()
        .zip(theirs)
        .take_while(|(mine, theirs)| mine.id == theirs.id)
        .count();
    let begun = [mine.get(common), theirs.get(common)];
    let parted = begun.into_iter().flatten().map(|epoch| epoch.position).min();
    if common == 0 { 0 } else { parted.unwrap_or(i64::MAX) }
}

impl Consumer {
    fn followed(&self) -> std::sync::MutexGuard<'_, Followed> {
        // Nothing panics under this lock.
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Aggregates that wait for a decision.
    pub(crate) async fn differing(&self) -> Result<Vec<String>, Fault> {
        let store = self.engine.journal().store();
        let mut differing = Vec::new();
        let mut after = (String::new(), String::new());
        loop {
            let page = store.differences((&after.0, &after.1), false, super::PAGE).await?;
            let Some(last) = page.last() else { return Ok(differing) };
            after = (last.aggregate.clone(), last.epoch.clone());
            let mine = page.into_iter().filter(|open| open.producer == self.producer);
            differing.extend(mine.map(|open| open.aggregate));
        }
    }

    /// What an operator is told.
    pub(crate) fn following(&self) -> Following {
        let followed = self.followed();
        let last = followed.epochs.last();
        Following {
            epoch: last.map(|epoch| (epoch.number, epoch.id.clone())).unwrap_or_default(),
            held: followed.held.clone(),
        }
    }

    /// The cursor within the epoch that is followed: a replica that has not heard of it moves another one.
    pub(super) fn cursor(&self) -> String {
        match self.followed().epochs.last() {
            Some(epoch) if epoch.number > 1 => cursor_in(self.producer, &epoch.id),
            _ => format!("consumer.{}", self.producer),
        }
    }

    fn setting(&self, what: &str) -> String {
        format!("{what}.{}", self.producer)
    }

    /// Reads which history was followed.
    pub(super) async fn recall(&self) -> Result<(), Fault> {
        let store = self.engine.journal().store();
        let epochs = store.setting(&self.setting("history")).await?.unwrap_or_default();
        let held = store.setting(&self.setting("held")).await?.unwrap_or_default();
        let mut followed = self.followed();
        followed.epochs = read(&epochs)?;
        followed.held = held;
        Ok(())
    }

    /// What the history says of an event from the bus; `None` if it may be applied.
    pub(super) fn judged(&self, event: &Envelope) -> Option<Applied> {
        let mut followed = self.followed();
        if !followed.held.is_empty() {
            return Some(Applied::Later);
        }
        if event.epoch.is_empty() || followed.told && event.epoch == journal::born(&followed.epochs, event.position) {
            return None;
        }
        let known = followed.epochs.iter().any(|epoch| epoch.id == event.epoch);
        if followed.told && (known || followed.lost.contains(&event.epoch)) {
            tracing::info!(
                producer = self.producer,
                aggregate = event.aggregate,
                seq = event.seq,
                "told of a lost history"
            );
            return Some(Applied::Lost);
        }
        followed.asked.insert(event.epoch.clone());
        self.nudge.notify_one();
        Some(Applied::Later)
    }

    /// Whether a page is of the history that is followed, and may be applied. `None`: the producer begins another one,
    /// was compared with, and is to be asked again.
    pub(super) async fn agrees(&self, page: &Page) -> Result<Option<bool>, Fault> {
        let Some(newest) = page.epochs.last() else {
            return Ok(Some(page.head >= self.position()));
        };
        let (mine, held) = {
            let followed = self.followed();
            (followed.epochs.clone(), !followed.held.is_empty())
        };
        if mine.is_empty() {
            self.follow_history(&page.epochs).await?;
        } else if mine.len() > page.epochs.len() && page.epochs.iter().zip(&mine).all(|(a, b)| a.id == b.id) {
            self.hold("an epoch that was followed is not in the producer's history any more")
                .await?;
            return Ok(Some(false));
        } else if mine.last().is_none_or(|last| last.id != newest.id) {
            self.compare(parting(&mine, &page.epochs), &page.epochs).await?;
            return Ok(None);
        } else if held {
            return Ok(Some(false));
        } else if page.head < self.position() {
            self.hold("the producer's history ends before what was applied of it")
                .await?;
            return Ok(Some(false));
        }
        let mut followed = self.followed();
        let asked = std::mem::take(&mut followed.asked);
        let unknown = asked
            .into_iter()
            .filter(|id| page.epochs.iter().all(|epoch| epoch.id != *id));
        followed.lost.extend(unknown.collect::<Vec<_>>());
        followed.told = true;
        Ok(Some(true))
    }

    /// From now on this is the history of the producer.
    pub(super) async fn follow_history(&self, epochs: &[Epoch]) -> Result<(), Fault> {
        let store = self.engine.journal().store();
        store.set_setting(&self.setting("history"), &written(epochs)).await?;
        store.set_setting(&self.setting("held"), "").await?;
        let mut followed = self.followed();
        followed.epochs = epochs.to_vec();
        followed.held.clear();
        Ok(())
    }

    /// Whether another process of this service has compared these two already.
    pub(super) async fn compared_elsewhere(&self, epochs: &[Epoch]) -> Result<bool, Fault> {
        let kept = self.engine.journal().store().setting(&self.setting("history")).await?;
        let kept = read(&kept.unwrap_or_default())?;
        Ok(kept.last().map(|epoch| &epoch.id) == epochs.last().map(|epoch| &epoch.id))
    }

    /// Whether an event that counts as applied is another one than the one that was: then the producer runs on an older
    /// database, and nobody has said so.
    pub(super) async fn usurps(&self, event: &Envelope) -> Result<bool, Fault> {
        let store = self.engine.journal().store();
        let me = self.engine.service();
        let at = (event.position, event.id.as_str());
        let mut known = store.consumed(me, self.producer, at).await?;
        if !known && store.consumed_anywhere(me, self.producer, &event.id).await? {
            // The producer has come to it again at another position, and nobody has said yet that it was restored.
            store.displace(me, &event.id).await?;
            known = true;
        }
        if known {
            if event.seq > store.applied(me, self.producer, &event.aggregate).await? {
                // What was applied was set back, and the producer has come to the same fact again.
                store.recount(me, self.producer, &event.aggregate, event.seq).await?;
            }
            return Ok(false);
        }
        let place = format!(
            "{} seq {} is another event than the one that was applied",
            event.aggregate, event.seq
        );
        self.hold(&place).await?;
        Ok(true)
    }

    /// Applies nothing more of the producer until its operator says which history is true.
    async fn hold(&self, why: &str) -> Result<(), Fault> {
        tracing::error!(
            consumer = self.engine.service(),
            producer = self.producer,
            why,
            "the producer's database is older than what was consumed of it: nothing of it is applied until an operator stops \
             it, runs `vinhdanh admin epoch advance` on its store, and starts it again"
        );
        why.clone_into(&mut self.followed().held);
        Ok(self
            .engine
            .journal()
            .store()
            .set_setting(&self.setting("held"), why)
            .await?)
    }
}

/// An event from before a restore that the restored state refuses: the service has lost what had led to it. That it came
/// "too late" is not true then, and it must not pass: it waits as a dead letter until the lost acts are done again.
pub(super) fn must_not_pass(event: &Envelope, unit: &Unit) -> Result<(), Fault> {
    if unit.has_refused() && unit.predates_restore(event.at) {
        let detail = format!("event {} of {}", event.id, event.producer);
        return Err(Fault::refused("BEFORE_RESTORE", detail));
    }
    Ok(())
}

/// The name of the cursor within a later epoch.
pub(super) fn cursor_in(producer: &str, epoch: &str) -> String {
    format!("consumer.{producer}.{epoch}")
}

fn written(epochs: &[Epoch]) -> String {
    let rows: Vec<_> = epochs
        .iter()
        .map(|epoch| (epoch.number, &epoch.id, epoch.position))
        .collect();
    serde_json::json!(rows).to_string()
}

fn read(text: &str) -> Result<Vec<Epoch>, Fault> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(u64, String, i64)> =
        serde_json::from_str(text).map_err(|e| Fault::Internal(format!("kept epochs are not readable: {e}")))?;
    let epoch = |(number, id, position)| Epoch {
        number,
        id,
        position,
        at: 0,
        reason: String::new(),
    };
    Ok(rows.into_iter().map(epoch).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(of: &[(&str, i64)]) -> Vec<Epoch> {
        let number = 1..;
        of.iter()
            .zip(number)
            .map(|((id, position), number)| Epoch {
                number,
                id: (*id).to_owned(),
                position: *position,
                at: 0,
                reason: String::new(),
            })
            .collect()
    }

    #[test]
    fn histories_part_where_the_first_of_them_was_restored() {
        let first = epochs(&[("a", 0)]);
        let second = epochs(&[("a", 0), ("b", 50)]);
        let other = epochs(&[("a", 0), ("c", 40)]);
        let third = epochs(&[("a", 0), ("b", 50), ("d", 55)]);
        assert_eq!(parting(&first, &second), 50);
        assert_eq!(parting(&second, &other), 40);
        assert_eq!(parting(&first, &third), 50);
        assert_eq!(parting(&second, &third), 55);
        assert_eq!(parting(&epochs(&[("x", 0)]), &second), 0);
    }

    #[test]
    fn epochs_are_kept_and_read() {
        let some = epochs(&[("a", 0), ("b", 50)]);
        assert_eq!(read(&written(&some)).expect("readable"), some);
        assert_eq!(read("").expect("nothing yet"), []);
        assert!(read("x").is_err());
    }
}
