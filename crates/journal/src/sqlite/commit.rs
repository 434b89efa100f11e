//! One batch in one transaction of the one writer.

use std::collections::HashMap;

use mishap::{Defect, Point};
use rusqlite::{Connection, Error, Transaction, TransactionBehavior};

use super::rows::{rows, run};
use crate::{
    Commit, Conflict, Key, Position, StoreError, Value,
    batch::{NewEventRow, NewRow, Plan, Snapshot},
    chain::scope,
    compact,
    needs::{Facts, Needs, Stream, stream},
    packed::{pack, pack_pair},
    records::{request, standing},
    tables::{HEAD, REQUEST, database},
    value::{Arg, Cells, args},
    writer::{READ, WRITE},
};

pub(super) fn commit(writer: &mut Connection, batch: &[Commit]) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
    // No other process writes from here on. One that is not committed is undone when it is dropped.
    let tx = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(database("begin a commit"))?;
    let (facts, before) = facts(&tx, &Needs::of(batch))?;
    let plan = Plan::new(batch, &facts)?;
    mishap::at(Point::C1);
    if plan.changes_something() {
        let numbers = write(&tx, &plan, &facts, before).map_err(database(WRITE))?;
        mishap::at(Point::C2);
        tx.commit().map_err(database("make a commit durable"))?;
        mishap::at(Point::C3);
        if mishap::planted(Defect::Outbox) {
            write_events(writer, &plan, &numbers, before).map_err(database(WRITE))?;
        }
    } else {
        tx.rollback().map_err(database("end a commit"))?;
    }
    Ok(plan.answers(before))
}

/// What decides about a batch, and the head.
fn facts(tx: &Transaction<'_>, needs: &Needs<'_>) -> Result<(Facts, Position), StoreError> {
    let read = |sql, args: &[Arg<'_>]| rows(tx, sql, args).map_err(database(READ));
    let mut facts = Facts::default();
    for key in needs.moved.iter().chain(&needs.guarded) {
        let sql = "SELECT kind, id, number, version, seq, head, salt FROM aggregate WHERE kind = $1 AND id = $2";
        for row in read(sql, args![&key.kind, &key.id])? {
            let (key, standing) = standing(row)?;
            facts.aggregates.insert(key, standing);
        }
    }
    for claim in &needs.claims {
        for row in read("SELECT kind, id FROM claim WHERE claim = $1", args![*claim])? {
            let mut cells = Cells::new("claim", row);
            let holder = Key::new(cells.text("kind")?, cells.text("id")?);
            facts.claims.insert((*claim).to_owned(), holder);
        }
    }
    for (principal, id) in &needs.requests {
        for row in read(REQUEST, args![&compact::id(id), &scope(principal)])? {
            let request = request((principal, id), row)?;
            facts
                .requests
                .insert(((*principal).to_owned(), (*id).to_owned()), request);
        }
    }
    for (key, name) in &needs.timers {
        let sql = "SELECT due FROM timer WHERE kind = $1 AND id = $2 AND name = $3";
        for row in read(sql, args![&key.kind, &key.id, *name])? {
            let due = Cells::new("timer", row).int("due")?;
            facts.timers.insert(((*key).clone(), (*name).to_owned()), due);
        }
    }
    for (consumer, producer, aggregate) in &needs.streams {
        let sql = "SELECT seq FROM applied WHERE consumer = $1 AND producer = $2 AND aggregate = $3";
        for row in read(sql, args![*consumer, *producer, &compact::id(aggregate)])? {
            let stream = ((*consumer).to_owned(), (*producer).to_owned(), (*aggregate).to_owned());
            facts.applied.insert(stream, Cells::new("applied", row).count("seq")?);
        }
    }
    for (consumer, event) in &needs.events {
        let sql = "SELECT 1 FROM displaced WHERE consumer = $1 AND event_id = $2";
        if !read(sql, args![*consumer, *event])?.is_empty() {
            facts.displaced.insert(((*consumer).to_owned(), (*event).to_owned()));
        }
    }
    let head = read(HEAD, &[])?.into_iter().next().unwrap_or_default();
    Ok((facts, Cells::new("head", head).int("position")?))
}

/// Writes all that a batch comes to; answers the numbers of the aggregates that it moves.
fn write<'a>(
    tx: &Transaction<'_>,
    plan: &Plan<'a>,
    facts: &Facts,
    before: Position,
) -> Result<HashMap<&'a Key, i64>, Error> {
    let mut numbers = HashMap::with_capacity(plan.aggregates.len());
    for (key, snapshot) in &plan.aggregates {
        numbers.insert(*key, write_aggregate(tx, key, snapshot)?);
    }
    for row in &plan.history {
        write_history(tx, numbers[row.key], row)?;
    }
    mishap::at(Point::C11);
    if !mishap::planted(Defect::Outbox) {
        write_events(tx, plan, &numbers, before)?;
    }
    if !plan.events.is_empty() {
        let published = plan.events.len() as Position;
        run(tx, "UPDATE head SET position = position + $1", args![published])?;
    }
    for ((key, name), due) in &plan.timers {
        if let Some(due) = due {
            let sql = "INSERT INTO timer (kind, id, name, due) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (kind, id, name) DO UPDATE SET due = excluded.due";
            run(tx, sql, args![&key.kind, &key.id, *name, *due])?;
        } else {
            let sql = "DELETE FROM timer WHERE kind = $1 AND id = $2 AND name = $3";
            run(tx, sql, args![&key.kind, &key.id, *name])?;
        }
    }
    for claim in plan.freed(facts) {
        run(tx, "DELETE FROM claim WHERE claim = $1", args![claim])?;
    }
    for (claim, holder) in plan.claimed(facts) {
        let sql = "INSERT INTO claim (claim, kind, id) VALUES ($1, $2, $3)";
        run(tx, sql, args![claim, &holder.kind, &holder.id])?;
    }
    for request in plan.requests() {
        let sql = "INSERT INTO request (request_id, scope, digest, answer, at) VALUES ($1, $2, $3, $4, $5)";
        let (id, scope) = (compact::id(&request.request_id), scope(&request.principal));
        let answer = pack_pair(&request.method, &request.reply);
        run(tx, sql, args![&id, &scope, &request.digest, &answer, request.at])?;
    }
    write_inbox(tx, plan)?;
    if !plan.sealed.is_empty() {
        mishap::at(Point::C10);
    }
    for (key, sealing) in &plan.sealed {
        if sealing.destroyed {
            let sql = "DELETE FROM sealed WHERE kind = $1 AND id = $2";
            run(tx, sql, args![&key.kind, &key.id])?;
        }
        for (name, value) in &sealing.puts {
            let sql = "INSERT INTO sealed (kind, id, name, value) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (kind, id, name) DO UPDATE SET value = excluded.value";
            run(tx, sql, args![&key.kind, &key.id, *name, *value])?;
        }
    }
    for view in &plan.views {
        run(tx, view.sql, &view.args.iter().map(Arg::from).collect::<Vec<_>>())?;
    }
    Ok(numbers)
}

/// Writes an aggregate's row; answers its number.
fn write_aggregate(tx: &Transaction<'_>, key: &Key, new: &Snapshot<'_>) -> Result<i64, Error> {
    let Snapshot {
        machine_version,
        encoded,
        stored,
        now,
    } = new;
    let (version, seq, head) = (now.version, now.seq, &now.head);
    let snapshot = pack(encoded);
    // Whether there is a row was read in this transaction, in which nobody else writes.
    if *stored == 0 {
        let sql = "INSERT INTO aggregate (version, machine_version, seq, snapshot, head, salt, kind, id) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let args = args![
            version,
            *machine_version,
            seq,
            &snapshot,
            head,
            &now.salt,
            &key.kind,
            &key.id
        ];
        run(tx, sql, args)?;
        return Ok(tx.last_insert_rowid());
    }
    let sql = "UPDATE aggregate SET version = $1, machine_version = $2, seq = $3, snapshot = $4, head = $5 \
        WHERE number = $6";
    let args = args![version, *machine_version, seq, &snapshot, head, now.number];
    run(tx, sql, args)?;
    Ok(now.number)
}

fn write_history(tx: &Transaction<'_>, number: i64, row: &NewRow<'_>) -> Result<(), Error> {
    let NewRow {
        key: _,
        version,
        machine_version,
        entry,
        hash,
    } = row;
    let content = pack_pair(&entry.actor, &entry.input);
    let (request_id, cause) = (compact::id(&entry.request_id), compact::id(&entry.cause));
    let sql = "INSERT INTO history (number, version, machine_version, content, at, request_id, cause, traceparent, \
        state, outcome, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let args = args![
        number,
        *version,
        *machine_version,
        &content,
        entry.at,
        &request_id,
        &cause,
        &entry.traceparent,
        &entry.state,
        &entry.outcome,
        hash,
    ];
    run(tx, sql, args).map(drop)
}

fn write_inbox(tx: &Transaction<'_>, plan: &Plan<'_>) -> Result<(), Error> {
    let mut numbers: HashMap<Stream<'_>, Value> = HashMap::with_capacity(plan.applied.len());
    for ((consumer, producer, aggregate), seq) in &plan.applied {
        let sql = "INSERT INTO applied (consumer, producer, aggregate, seq) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (aggregate, producer, consumer) DO UPDATE SET seq = excluded.seq RETURNING number";
        let id = compact::id(aggregate);
        let number = rows(tx, sql, args![*consumer, *producer, &id, *seq])?
            .into_iter()
            .flatten()
            .next();
        let number = number.ok_or(Error::QueryReturnedNoRows)?;
        numbers.insert((consumer, producer, aggregate), number);
    }
    for inbox in &plan.inbox {
        let sql = "INSERT INTO inbox (position, number, event_id, seq, at) VALUES ($1, $2, $3, $4, $5)";
        let (number, id) = (&numbers[&stream(inbox)], compact::id(&inbox.event_id));
        let args = args![inbox.position, number, &id, inbox.seq, inbox.at];
        if !mishap::planted(Defect::Inbox) {
            run(tx, sql, args)?;
        }
    }
    Ok(())
}

fn write_events(
    connection: &Connection,
    plan: &Plan<'_>,
    numbers: &HashMap<&Key, i64>,
    before: Position,
) -> Result<(), Error> {
    for (row, position) in plan.events.iter().zip(before + 1..) {
        let NewEventRow {
            key,
            seq,
            version,
            event,
        } = row;
        let sql = "INSERT INTO event \
            (position, event_id, number, seq, version, type, agency, body, at, traceparent) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (id, kind, agency, trace) = (
            compact::id(&event.event_id),
            &event.event_type,
            &event.agency,
            &event.traceparent,
        );
        let body = pack(&event.body);
        let args = args![
            position,
            &id,
            numbers[key],
            *seq,
            *version,
            kind,
            agency,
            &body,
            event.at,
            trace
        ];
        run(connection, sql, args)?;
    }
    Ok(())
}
