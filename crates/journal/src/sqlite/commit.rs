//! One batch in one transaction of the one writer.

use sqlx::{SqliteConnection, SqlitePool};

use super::rows::{rows, run};
use crate::{
    Commit, Conflict, Key, Position, StoreError,
    batch::{NewEventRow, NewRow, Plan, Snapshot},
    needs::{Facts, Needs},
    records::{request, standing},
    tables::{HEAD, database},
    value::{Arg, Cells, args},
    writer::{READ, WRITE},
};

pub(super) async fn commit(
    writer: &SqlitePool,
    batch: &[Commit],
) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
    let mut tx = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(database("begin a commit"))?;
    let facts = facts(&mut tx, &Needs::of(batch)).await?;
    let plan = Plan::new(batch, &facts)?;
    let row = rows(&mut tx, HEAD, &[])
        .await
        .map_err(database("read the head"))?
        .pop()
        .unwrap_or_default();
    let before = Cells::new("head", row).int("position")?;
    if plan.changes_something() {
        write(&mut tx, &plan, &facts, before).await.map_err(database(WRITE))?;
        tx.commit().await.map_err(database("make a commit durable"))?;
    }
    Ok(plan.answers(before))
}

async fn facts(tx: &mut SqliteConnection, needs: &Needs<'_>) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    let sql = "SELECT kind, id, version, seq, head FROM aggregate WHERE kind = $1 AND id = $2";
    for key in needs.moved.iter().chain(&needs.guarded) {
        for row in rows(tx, sql, args![&key.kind, &key.id]).await.map_err(database(READ))? {
            facts.aggregates.extend([standing(row)?]);
        }
    }
    for claim in &needs.claims {
        let sql = "SELECT claim, kind, id FROM claim WHERE claim = $1";
        for row in rows(tx, sql, args![*claim]).await.map_err(database(READ))? {
            let mut cells = Cells::new("claim", row);
            let claim = cells.text("claim")?;
            facts
                .claims
                .insert(claim, Key::new(cells.text("kind")?, cells.text("id")?));
        }
    }
    for (principal, request_id) in &needs.requests {
        let sql = "SELECT principal, request_id, method, digest, reply, at FROM request \
            WHERE principal = $1 AND request_id = $2";
        for row in rows(tx, sql, args![*principal, *request_id])
            .await
            .map_err(database(READ))?
        {
            let request = request(row)?;
            facts
                .requests
                .insert((request.principal.clone(), request.request_id.clone()), request);
        }
    }
    for (key, name) in &needs.timers {
        let sql = "SELECT due FROM timer WHERE kind = $1 AND id = $2 AND name = $3";
        for row in rows(tx, sql, args![&key.kind, &key.id, *name])
            .await
            .map_err(database(READ))?
        {
            let due = Cells::new("timer", row).int("due")?;
            facts.timers.insert(((*key).clone(), (*name).to_owned()), due);
        }
    }
    for (consumer, producer, aggregate) in &needs.streams {
        let sql = "SELECT seq FROM applied WHERE consumer = $1 AND producer = $2 AND aggregate = $3";
        for row in rows(tx, sql, args![*consumer, *producer, *aggregate])
            .await
            .map_err(database(READ))?
        {
            let stream = ((*consumer).to_owned(), (*producer).to_owned(), (*aggregate).to_owned());
            facts.applied.insert(stream, Cells::new("applied", row).count("seq")?);
        }
    }
    for (consumer, event_id) in &needs.events {
        let sql = "SELECT 1 FROM inbox WHERE consumer = $1 AND event_id = $2";
        if !rows(tx, sql, args![*consumer, *event_id])
            .await
            .map_err(database(READ))?
            .is_empty()
        {
            facts.seen.insert(((*consumer).to_owned(), (*event_id).to_owned()));
        }
    }
    Ok(facts)
}

async fn write(tx: &mut SqliteConnection, plan: &Plan<'_>, facts: &Facts, before: Position) -> Result<(), sqlx::Error> {
    write_aggregates(tx, plan).await?;
    for ((key, name), due) in &plan.timers {
        if let Some(due) = due {
            let sql = "INSERT INTO timer (kind, id, name, due) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (kind, id, name) DO UPDATE SET due = excluded.due";
            run(tx, sql, args![&key.kind, &key.id, *name, *due]).await?;
        } else {
            let sql = "DELETE FROM timer WHERE kind = $1 AND id = $2 AND name = $3";
            run(tx, sql, args![&key.kind, &key.id, *name]).await?;
        }
    }
    for claim in plan.freed(facts) {
        run(tx, "DELETE FROM claim WHERE claim = $1", args![claim]).await?;
    }
    for (claim, key) in plan.claimed(facts) {
        let sql = "INSERT INTO claim (claim, kind, id) VALUES ($1, $2, $3)";
        run(tx, sql, args![claim, &key.kind, &key.id]).await?;
    }
    for request in plan.requests() {
        let sql = "INSERT INTO request (principal, request_id, method, digest, reply, at) \
            VALUES ($1, $2, $3, $4, $5, $6)";
        let (principal, id, method) = (&request.principal, &request.request_id, &request.method);
        run(
            tx,
            sql,
            args![principal, id, method, &request.digest, &request.reply, request.at],
        )
        .await?;
    }
    write_inbox(tx, plan).await?;
    write_sealed(tx, plan).await?;
    for view in &plan.views {
        run(tx, view.sql, &view.args.iter().map(Arg::from).collect::<Vec<_>>()).await?;
    }
    for (event, position) in plan.events.iter().zip(before + 1..) {
        let NewEventRow {
            key,
            seq,
            version,
            event,
        } = event;
        let sql = "INSERT INTO event \
            (position, event_id, kind, id, seq, version, type, agency, body, at, traceparent) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let (id, kind, agency, trace) = (&event.event_id, &event.event_type, &event.agency, &event.traceparent);
        let args = args![
            position,
            id,
            &key.kind,
            &key.id,
            *seq,
            *version,
            kind,
            agency,
            &event.body,
            event.at,
            trace
        ];
        run(tx, sql, args).await?;
    }
    if !plan.events.is_empty() {
        run(
            tx,
            "UPDATE head SET position = position + $1",
            args![plan.events.len() as i64],
        )
        .await?;
    }
    Ok(())
}

async fn write_aggregates(tx: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    for (key, new) in &plan.aggregates {
        let Snapshot {
            machine_version,
            encoded,
            now,
            ..
        } = new;
        let sql = "INSERT INTO aggregate (kind, id, version, machine_version, seq, snapshot, head) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, \
            machine_version = excluded.machine_version, seq = excluded.seq, snapshot = excluded.snapshot, \
            head = excluded.head";
        let args = args![
            &key.kind,
            &key.id,
            now.version,
            *machine_version,
            now.seq,
            *encoded,
            &now.head
        ];
        run(tx, sql, args).await?;
    }
    for row in &plan.history {
        let NewRow {
            key,
            version,
            machine_version,
            entry,
            salt,
            commitment,
            hash,
        } = row;
        let sql = "INSERT INTO history (kind, id, version, machine_version, input, actor, at, request_id, cause, \
            traceparent, state, state_digest, effects_digest, salt, commitment, hash) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        let args = args![
            &key.kind,
            &key.id,
            *version,
            *machine_version,
            &entry.input,
            &entry.actor,
            entry.at,
            &entry.request_id,
            &entry.cause,
            &entry.traceparent,
            &entry.state,
            &entry.state_digest,
            &entry.effects_digest,
            salt,
            commitment,
            hash,
        ];
        run(tx, sql, args).await?;
    }
    Ok(())
}

async fn write_inbox(tx: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    for inbox in plan.inbox() {
        let sql = "INSERT INTO inbox (consumer, event_id, producer, aggregate, seq, position, at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (consumer, producer, aggregate) = (&inbox.consumer, &inbox.producer, &inbox.aggregate);
        let args = args![
            consumer,
            &inbox.event_id,
            producer,
            aggregate,
            inbox.seq,
            inbox.position,
            inbox.at
        ];
        run(tx, sql, args).await?;
    }
    for ((consumer, producer, aggregate), seq) in &plan.applied {
        let sql = "INSERT INTO applied (consumer, producer, aggregate, seq) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (consumer, producer, aggregate) DO UPDATE SET seq = excluded.seq";
        run(tx, sql, args![*consumer, *producer, *aggregate, *seq]).await?;
    }
    Ok(())
}

async fn write_sealed(tx: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    for (key, sealing) in &plan.sealed {
        if sealing.destroyed {
            run(
                tx,
                "DELETE FROM sealed WHERE kind = $1 AND id = $2",
                args![&key.kind, &key.id],
            )
            .await?;
        }
        for (name, value) in &sealing.puts {
            let sql = "INSERT INTO sealed (kind, id, name, value) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (kind, id, name) DO UPDATE SET value = excluded.value";
            run(tx, sql, args![&key.kind, &key.id, *name, *value]).await?;
        }
    }
    Ok(())
}
