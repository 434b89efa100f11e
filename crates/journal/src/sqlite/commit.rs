//! One batch in one transaction of the one writer, in as few calls of the driver as there are commits, and two.

use serde_json::{Value as Json, json};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};

use super::{rows::rows, script::Script};
use crate::{
    ClaimOp, Commit, Conflict, Key, Position, Row, Seal, StoreError, TimerOp,
    batch::{NewEventRow, NewRow, Plan, Snapshot},
    needs::{Facts, Needs, Standing},
    records::request,
    tables::database,
    value::{Arg, Cells, args},
    writer::{READ, WRITE},
};

pub(super) async fn commit(
    writer: &SqlitePool,
    batch: &[Commit],
) -> Result<Vec<Result<Position, Conflict>>, StoreError> {
    let mut turn = Turn::begin(writer).await?;
    let (facts, before) = turn.facts(&Needs::of(batch)).await?;
    let plan = Plan::new(batch, &facts)?;
    if plan.changes_something() {
        turn.write(batch, &plan, before).await.map_err(database(WRITE))?;
        turn.end("COMMIT").await.map_err(database("make a commit durable"))?;
    } else {
        turn.end("ROLLBACK").await.map_err(database("end a commit"))?;
    }
    Ok(plan.answers(before))
}

/// A transaction on the writer's connection. The connection of one that did not end is closed: that undoes it.
struct Turn {
    connection: Option<PoolConnection<Sqlite>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

/// What decides about a batch, and the head. The transaction begins with it: no other process writes from here on.
const FACTS: &str = "BEGIN IMMEDIATE; \
    SELECT 0, position, NULL, NULL, NULL, NULL, NULL FROM head \
    UNION ALL SELECT 1, a.kind, a.id, a.version, a.seq, a.head, NULL FROM json_each($1) AS k \
        CROSS JOIN aggregate AS a ON a.kind = k.value ->> 0 AND a.id = k.value ->> 1 \
    UNION ALL SELECT 2, c.claim, c.kind, c.id, NULL, NULL, NULL FROM json_each($2) AS k \
        CROSS JOIN claim AS c ON c.claim = k.value \
    UNION ALL SELECT 3, r.principal, r.request_id, r.method, r.digest, r.reply, r.at FROM json_each($3) AS k \
        CROSS JOIN request AS r ON r.principal = k.value ->> 0 AND r.request_id = k.value ->> 1 \
    UNION ALL SELECT 4, t.kind, t.id, t.name, t.due, NULL, NULL FROM json_each($4) AS k \
        CROSS JOIN timer AS t ON t.kind = k.value ->> 0 AND t.id = k.value ->> 1 AND t.name = k.value ->> 2 \
    UNION ALL SELECT 5, a.consumer, a.producer, a.aggregate, a.seq, NULL, NULL FROM json_each($5) AS k \
        CROSS JOIN applied AS a ON a.consumer = k.value ->> 0 AND a.producer = k.value ->> 1 \
            AND a.aggregate = k.value ->> 2 \
    UNION ALL SELECT 6, i.consumer, i.event_id, NULL, NULL, NULL, NULL FROM json_each($6) AS k \
        CROSS JOIN inbox AS i ON i.consumer = k.value ->> 0 AND i.event_id = k.value ->> 1";

impl Turn {
    async fn begin(writer: &SqlitePool) -> Result<Self, StoreError> {
        let connection = writer.acquire().await.map_err(database("begin a commit"))?;
        Ok(Self {
            connection: Some(connection),
        })
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    async fn facts(&mut self, needs: &Needs<'_>) -> Result<(Facts, Position), StoreError> {
        let key = |key: &Key| json!([key.kind, key.id]);
        let list = |values: Vec<Json>| Json::Array(values).to_string();
        let aggregates = list(
            needs
                .moved
                .iter()
                .chain(&needs.guarded)
                .map(|moved| key(moved))
                .collect(),
        );
        let claims = list(needs.claims.iter().map(|claim| json!(claim)).collect());
        let requests = list(needs.requests.iter().map(|request| json!(request)).collect());
        let timers = list(
            needs
                .timers
                .iter()
                .map(|(key, name)| json!([key.kind, key.id, name]))
                .collect(),
        );
        let streams = list(needs.streams.iter().map(|stream| json!(stream)).collect());
        let events = list(needs.events.iter().map(|event| json!(event)).collect());
        let args = args![&aggregates, &claims, &requests, &timers, &streams, &events];
        let found = rows(self.connection().map_err(database(READ))?, FACTS, args)
            .await
            .map_err(database(READ))?;
        let mut facts = Facts::default();
        let mut before = 0;
        for row in found {
            fact(row, &mut facts, &mut before)?;
        }
        Ok((facts, before))
    }

    async fn write(&mut self, batch: &[Commit], plan: &Plan<'_>, before: Position) -> Result<(), sqlx::Error> {
        let connection = self.connection()?;
        let mut alone = true;
        let mut script = Script::default();
        for (commit, rows, first, events) in plan.standing_commits(batch) {
            if !script.is_empty() {
                // A commit that comes alone takes the end with it; several end together.
                std::mem::take(&mut script).run(connection).await?;
                alone = false;
            }
            write_commit(&mut script, commit, rows, before + first as Position, events);
        }
        if !alone {
            std::mem::take(&mut script).run(connection).await?;
        }
        for (key, snapshot) in &plan.aggregates {
            write_aggregate(&mut script, key, snapshot);
        }
        if !plan.events.is_empty() {
            let published = plan.events.len() as Position;
            script.push("UPDATE head SET position = position + $1", args![published]);
        }
        script.run(connection).await
    }

    async fn end(mut self, how: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(how).execute(self.connection()?).await?;
        // Given back whole.
        self.connection = None;
        Ok(())
    }
}

fn fact(mut row: Row, facts: &mut Facts, before: &mut Position) -> Result<(), StoreError> {
    let table = Cells::new("facts", row.drain(..1).collect()).int("table")?;
    match table {
        0 => *before = Cells::new("head", row).int("position")?,
        1 => {
            let mut cells = Cells::new("aggregate", row);
            let key = Key::new(cells.text("kind")?, cells.text("id")?);
            let (version, seq, head) = (cells.count("version")?, cells.count("seq")?, cells.digest("head")?);
            facts.aggregates.insert(key, Standing { version, seq, head });
        }
        2 => {
            let mut cells = Cells::new("claim", row);
            let claim = cells.text("claim")?;
            facts
                .claims
                .insert(claim, Key::new(cells.text("kind")?, cells.text("id")?));
        }
        3 => {
            let request = request(row)?;
            facts
                .requests
                .insert((request.principal.clone(), request.request_id.clone()), request);
        }
        4 => {
            let mut cells = Cells::new("timer", row);
            let key = Key::new(cells.text("kind")?, cells.text("id")?);
            facts.timers.insert((key, cells.text("name")?), cells.int("due")?);
        }
        5 => {
            let mut cells = Cells::new("applied", row);
            let stream = (
                cells.text("consumer")?,
                cells.text("producer")?,
                cells.text("aggregate")?,
            );
            facts.applied.insert(stream, cells.count("seq")?);
        }
        _ => {
            let mut cells = Cells::new("inbox", row);
            facts.seen.insert((cells.text("consumer")?, cells.text("event_id")?));
        }
    }
    Ok(())
}

/// All that one commit writes but the state of its aggregates: several commits may move one.
fn write_commit(
    script: &mut Script,
    commit: &Commit,
    rows: &[NewRow<'_>],
    before: Position,
    events: &[NewEventRow<'_>],
) {
    for row in rows {
        write_history(script, row);
    }
    if let Some(timer) = &commit.fired {
        clear_timer(script, &timer.key, &timer.name);
    }
    for step in &commit.steps {
        for timer in &step.timers {
            match timer {
                TimerOp::Set { name, due } => {
                    let sql = "INSERT INTO timer (kind, id, name, due) VALUES ($1, $2, $3, $4) \
                        ON CONFLICT (kind, id, name) DO UPDATE SET due = excluded.due";
                    script.push(sql, args![&step.key.kind, &step.key.id, name, *due]);
                }
                TimerOp::Clear { name } => clear_timer(script, &step.key, name),
            }
        }
        for claim in &step.claims {
            let (sql, claim) = match claim {
                // Judged before: nobody else holds it.
                ClaimOp::Claim(claim) => (
                    "INSERT INTO claim (claim, kind, id) VALUES ($1, $2, $3) ON CONFLICT (claim) DO NOTHING",
                    claim,
                ),
                ClaimOp::Release(claim) => ("DELETE FROM claim WHERE claim = $1 AND kind = $2 AND id = $3", claim),
            };
            script.push(sql, args![claim, &step.key.kind, &step.key.id]);
        }
    }
    if let Some(request) = &commit.request {
        let sql = "INSERT INTO request (principal, request_id, method, digest, reply, at) \
            VALUES ($1, $2, $3, $4, $5, $6)";
        let (principal, id, method) = (&request.principal, &request.request_id, &request.method);
        script.push(
            sql,
            args![principal, id, method, &request.digest, &request.reply, request.at],
        );
    }
    write_inbox(script, commit);
    for seal in &commit.sealed {
        match seal {
            Seal::Put { key, name, value } => {
                let sql = "INSERT INTO sealed (kind, id, name, value) VALUES ($1, $2, $3, $4) \
                    ON CONFLICT (kind, id, name) DO UPDATE SET value = excluded.value";
                script.push(sql, args![&key.kind, &key.id, name, value]);
            }
            Seal::Destroy { key } => {
                let sql = "DELETE FROM sealed WHERE kind = $1 AND id = $2";
                script.push(sql, args![&key.kind, &key.id]);
            }
        }
    }
    for view in &commit.views {
        script.push(view.sql, &view.args.iter().map(Arg::from).collect::<Vec<_>>());
    }
    for (event, position) in events.iter().zip(before + 1..) {
        write_event(script, event, position);
    }
}

fn clear_timer(script: &mut Script, key: &Key, name: &str) {
    let sql = "DELETE FROM timer WHERE kind = $1 AND id = $2 AND name = $3";
    script.push(sql, args![&key.kind, &key.id, name]);
}

fn write_aggregate(script: &mut Script, key: &Key, new: &Snapshot<'_>) {
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
    script.push(sql, args);
}

fn write_history(script: &mut Script, row: &NewRow<'_>) {
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
    script.push(sql, args);
}

fn write_inbox(script: &mut Script, commit: &Commit) {
    let Some(inbox) = &commit.inbox else { return };
    let (consumer, producer, aggregate) = (&inbox.consumer, &inbox.producer, &inbox.aggregate);
    let sql = "INSERT INTO inbox (consumer, event_id, producer, aggregate, seq, position, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        consumer,
        &inbox.event_id,
        producer,
        aggregate,
        inbox.seq,
        inbox.position,
        inbox.at
    ];
    script.push(sql, args);
    let sql = "INSERT INTO applied (consumer, producer, aggregate, seq) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (consumer, producer, aggregate) DO UPDATE SET seq = excluded.seq";
    script.push(sql, args![consumer, producer, aggregate, inbox.seq]);
}

fn write_event(script: &mut Script, row: &NewEventRow<'_>, position: Position) {
    let NewEventRow {
        key,
        seq,
        version,
        event,
    } = row;
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
    script.push(sql, args);
}
