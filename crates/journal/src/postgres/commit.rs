//! One batch in one transaction, beside those of other replicas, in few round trips: what it depends on, its writes, the
//! read model, the positions.
//!
//! The aggregates that move are locked in the order of their keys. Everything else is read without a lock: a claim, a
//! request or an aggregate that two replicas write at once meets a unique key, and the one that comes second starts
//! anew and finds a conflict. The row of the head is locked last: there positions are given out, and there, with
//! commits in single file, guards are looked at once more, if anyone else has committed since they were read.

use mishap::Point;
use sqlx::PgConnection;

use super::{bulk, facts, transaction::Connections, views};
use crate::{
    Commit, Conflict, Position, StoreError,
    batch::Plan,
    needs::Needs,
    tables::database,
    writer::{READ, WRITE},
};

/// How often a batch is started before its error is given back: each start sees what has beaten the one before.
const ATTEMPTS: u32 = 8;

type Outcomes = Vec<Result<Position, Conflict>>;

pub(super) async fn commit(connections: &Connections, batch: &[Commit]) -> Result<Outcomes, StoreError> {
    let needs = Needs::of(batch);
    let mut attempt = 1;
    loop {
        let mut tx = connections.begin().await.map_err(database("begin a commit"))?;
        match write(&mut tx, batch, &needs).await {
            Ok(outcomes) => {
                mishap::at(Point::C2);
                tx.commit().await.map_err(database("make a commit durable"))?;
                mishap::at(Point::C3);
                return Ok(outcomes);
            }
            Err(error) if attempt < ATTEMPTS && passes(&error) => {
                tx.roll_back().await;
                tracing::debug!(%error, attempt, "starting a batch anew");
                attempt += 1;
            }
            Err(error) => {
                tx.roll_back().await;
                return Err(error);
            }
        }
    }
}

/// Whether another attempt may succeed. Only asked before the end of the transaction, so that nothing is done twice.
fn passes(error: &StoreError) -> bool {
    let StoreError::Database { source, .. } = error else {
        return false;
    };
    match source.downcast_ref() {
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
            // Another replica wrote the same key; serialization failure; deadlock; the connection was ended.
            matches!(
                &*code,
                "23505" | "40001" | "40P01" | "57P01" | "57P02" | "57P03" | "25P03"
            )
        }),
        // The connection broke, or a row had moved.
        Some(sqlx::Error::Io(_) | sqlx::Error::RowNotFound) => true,
        _ => false,
    }
}

fn beaten() -> StoreError {
    database(WRITE)(sqlx::Error::RowNotFound)
}

async fn write(tx: &mut PgConnection, batch: &[Commit], needs: &Needs<'_>) -> Result<Outcomes, StoreError> {
    let facts::Read { facts, writer, numbers } = facts::read(tx, needs).await?;
    let plan = Plan::new(batch, &facts)?;
    mishap::at(Point::C1);
    if !plan.changes_something() {
        return Ok(plan.answers(0));
    }
    let mut new = numbers.into_iter();
    let mut numbers = bulk::Numbers::with_capacity(plan.aggregates.len());
    for (key, snapshot) in &plan.aggregates {
        let number = if snapshot.stored == 0 {
            new.next().ok_or_else(beaten)?
        } else {
            snapshot.now.number
        };
        numbers.insert(key, number);
    }
    let written = bulk::write(tx, &plan, &facts, &numbers)
        .await
        .map_err(database(WRITE))?;
    let head = written.ok_or_else(beaten)?;
    mishap::at(Point::C11);
    if !plan.sealed.is_empty() {
        mishap::at(Point::C10);
        bulk::sealed(tx, &plan).await.map_err(database(WRITE))?;
    }
    views::write(tx, &plan.views).await.map_err(database(WRITE))?;
    let (before, alone) = if plan.aggregates.is_empty() {
        (head, false)
    } else {
        let publish = bulk::publish(tx, &plan.events, &numbers);
        let (last, before_us) = publish.await.map_err(database(WRITE))?;
        // Whoever moves an aggregate writes the head, be it without an event.
        (last - plan.events.len() as Position, before_us == writer)
    };
    if !alone && !needs.guarded.is_empty() {
        let version = |key| facts.aggregates.get(key).map_or(0, |standing| standing.version);
        let guarded: Vec<_> = needs.guarded.iter().map(|key| (*key, version(*key))).collect();
        if !bulk::stand(tx, &guarded).await.map_err(database(READ))? {
            return Err(beaten());
        }
    }
    Ok(plan.answers(before))
}
