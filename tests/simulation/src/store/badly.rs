//! The planted defects that a commit itself can have.

use std::sync::Arc;

use journal::{Commit, Conflict, EventRow, Position, StoreError};

use super::{SimStore, vault::locked};
use crate::Defect;

impl SimStore {
    /// A commit, with the vault's defect if it has one.
    pub(super) async fn commit_badly(&self, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
        let (vault, who) = (&self.vault, &self.life.name);
        match vault.defect {
            Some(Defect::AckBeforeCommit) => {
                let promised = vault.apply(batch, who, true)?;
                let (vault, life, batch) = (Arc::clone(vault), Arc::clone(&self.life), batch.to_vec());
                tokio::spawn(async move {
                    life.pass("written after its answer").await;
                    let _ = vault.apply(&batch, &life.name, false);
                });
                Ok(promised)
            }
            Some(Defect::OutboxApart) => {
                let before = vault.rows().head();
                let outcomes = vault.apply(batch, who, false)?;
                let events: Vec<_> = {
                    let mut rows = vault.rows();
                    let new: Vec<_> = rows
                        .events
                        .rows()
                        .range(before + 1..)
                        .map(|(_, row)| Arc::clone(row))
                        .collect();
                    for row in &new {
                        rows.unpublish(row);
                    }
                    rows.keep();
                    new
                };
                self.life.pass("events after their commit").await;
                let mut rows = vault.rows();
                for event in events {
                    let position = rows.head() + 1;
                    let event = EventRow::clone(&event);
                    rows.publish(&Arc::new(EventRow { position, ..event }));
                }
                rows.keep();
                Ok(outcomes)
            }
            Some(Defect::SequenceForOrder) => {
                let events: usize = batch
                    .iter()
                    .flat_map(|commit| &commit.steps)
                    .map(|step| step.events.len())
                    .sum();
                let mut next = {
                    let mut reserved = locked(&vault.reserved);
                    let first = *reserved + 1;
                    *reserved += events as i64;
                    first
                };
                self.life.pass("a number drawn before its commit").await;
                let before = vault.rows().head();
                let outcomes = vault.apply(batch, who, false)?;
                let mut rows = vault.rows();
                let new: Vec<_> = rows
                    .events
                    .rows()
                    .range(before + 1..)
                    .map(|(_, row)| Arc::clone(row))
                    .collect();
                for row in &new {
                    rows.unpublish(row);
                }
                for event in new {
                    let event = EventRow::clone(&event);
                    rows.publish(&Arc::new(EventRow {
                        position: next,
                        ..event
                    }));
                    next += 1;
                }
                rows.keep();
                Ok(outcomes)
            }
            _ => vault.apply(batch, who, false),
        }
    }
}
