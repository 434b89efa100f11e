//! One batch in one transaction, beside those of other replicas.
//!
//! The aggregates that move are locked in the order of their keys. Everything else is read without a lock: a claim, a
//! request or an aggregate that two replicas write at once meets a unique key, and the one that comes second starts
//! anew and finds a conflict. The row of the head is locked last: there positions are given out, and there, with
//! commits in single file, guards are looked at once more.

use mishap::Point;
use sqlx::{PgConnection, PgPool};

use super::{
    bulk,
    rows::{all, rows, run},
    transaction::Transaction,
};
use crate::{
    Commit, Conflict, Key, Position, StoreError,
    batch::Plan,
    needs::{Facts, Needs},
    records::{request, standing},
    tables::{HEAD, database},
    value::{Arg, Cells, args},
    writer::{READ, WRITE},
};

/// How often a batch is started before its error is given back: each start sees what has beaten the one before.
const ATTEMPTS: u32 = 8;

type Outcomes = Vec<Result<Position, Conflict>>;

pub(super) async fn commit(pool: &PgPool, batch: &[Commit]) -> Result<Outcomes, StoreError> {
    let needs = Needs::of(batch);
    let mut attempt = 1;
    loop {
        let mut tx = Transaction::begin(pool).await.map_err(database("begin a commit"))?;
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
    let facts = facts(tx, needs).await?;
    let plan = Plan::new(batch, &facts)?;
    mishap::at(Point::C1);
    let mut numbers = bulk::Numbers::new();
    if plan.changes_something() {
        let written = write_rows(tx, &plan, &facts).await.map_err(database(WRITE))?;
        numbers = written.ok_or_else(beaten)?;
    }
    let published = plan.events.len() as i64;
    let row = if plan.aggregates.is_empty() {
        rows(tx, HEAD, &[]).await
    } else {
        rows(
            tx,
            "UPDATE head SET position = position + $1 RETURNING position",
            args![published],
        )
        .await
    };
    let row = row.map_err(database(WRITE))?.pop().unwrap_or_default();
    let before = Cells::new("head", row).int("position")? - published;
    if !needs.guarded.is_empty() && plan.changes_something() {
        let guarded: Vec<_> = needs.guarded.iter().copied().collect();
        let mut now = 0;
        for row in bulk::look(tx, &guarded).await.map_err(database(READ))? {
            let (key, standing) = standing(row)?;
            if facts
                .aggregates
                .get(&key)
                .is_none_or(|then| then.version != standing.version)
            {
                return Err(beaten());
            }
            now += 1;
        }
        if now
            != guarded
                .iter()
                .filter(|key| facts.aggregates.contains_key(**key))
                .count()
        {
            return Err(beaten());
        }
    }
    if published > 0 {
        bulk::events(tx, &plan.events, &numbers, before).await.map_err(database(WRITE))?;
    }
    Ok(plan.answers(before))
}

/// Everything but the events; the aggregates' numbers, or nothing if one of them had moved.
async fn write_rows<'a>(
    tx: &mut PgConnection,
    plan: &Plan<'a>,
    facts: &Facts,
) -> Result<Option<bulk::Numbers<'a>>, sqlx::Error> {
    let Some(numbers) = bulk::aggregates(tx, plan).await? else {
        return Ok(None);
    };
    bulk::history(tx, &plan.history, &numbers).await?;
    mishap::at(Point::C11);
    bulk::timers(tx, plan).await?;
    let (freed, claimed) = (
        plan.freed(facts).collect::<Vec<_>>(),
        plan.claimed(facts).collect::<Vec<_>>(),
    );
    bulk::claims(tx, &freed, &claimed).await?;
    bulk::requests(tx, plan).await?;
    bulk::inbox(tx, plan).await?;
    if !plan.sealed.is_empty() {
        mishap::at(Point::C10);
    }
    bulk::sealed(tx, plan).await?;
    for view in &plan.views {
        run(tx, view.sql, &view.args.iter().map(Arg::from).collect::<Vec<_>>()).await?;
    }
    Ok(Some(numbers))
}

async fn facts(tx: &mut PgConnection, needs: &Needs<'_>) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    if !needs.moved.is_empty() {
        let moved: Vec<_> = needs.moved.iter().copied().collect();
        for row in bulk::lock(tx, &moved).await.map_err(database(READ))? {
            facts.aggregates.extend([standing(row)?]);
        }
    }
    if !needs.guarded.is_empty() {
        let guarded: Vec<_> = needs.guarded.iter().copied().collect();
        for row in bulk::look(tx, &guarded).await.map_err(database(READ))? {
            facts.aggregates.extend([standing(row)?]);
        }
    }
    if !needs.claims.is_empty() {
        let claims: Vec<_> = needs.claims.iter().copied().collect();
        let query = sqlx::query("SELECT claim, kind, id FROM claim WHERE claim = ANY($1::text[])").bind(claims);
        for row in all(query, tx).await.map_err(database(READ))? {
            let mut cells = Cells::new("claim", row);
            let claim = cells.text("claim")?;
            facts
                .claims
                .insert(claim, Key::new(cells.text("kind")?, cells.text("id")?));
        }
    }
    if !needs.requests.is_empty() {
        let (principals, ids): (Vec<_>, Vec<_>) = needs.requests.iter().copied().unzip();
        let sql = "SELECT r.principal, r.request_id, r.method, r.digest, r.reply, r.at FROM request r \
            JOIN UNNEST($1::text[], $2::text[]) AS k (principal, request_id) \
            ON r.principal = k.principal AND r.request_id = k.request_id";
        for row in all(sqlx::query(sql).bind(principals).bind(ids), tx)
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
        let sql = "SELECT due FROM timer WHERE kind = $1 AND id = $2 AND name = $3 FOR UPDATE";
        for row in rows(tx, sql, args![&key.kind, &key.id, *name])
            .await
            .map_err(database(READ))?
        {
            let due = Cells::new("timer", row).int("due")?;
            facts.timers.insert(((*key).clone(), (*name).to_owned()), due);
        }
    }
    if !needs.streams.is_empty() {
        inbox_facts(tx, needs, &mut facts).await?;
    }
    Ok(facts)
}

async fn inbox_facts(tx: &mut PgConnection, needs: &Needs<'_>, facts: &mut Facts) -> Result<(), StoreError> {
    let streams: Vec<_> = needs.streams.iter().copied().collect();
    let sql = "SELECT a.consumer, a.producer, a.aggregate, a.seq FROM applied a \
        JOIN UNNEST($1::text[], $2::text[], $3::text[]) AS k (consumer, producer, aggregate) \
        ON a.consumer = k.consumer AND a.producer = k.producer AND a.aggregate = k.aggregate \
        ORDER BY a.consumer, a.producer, a.aggregate FOR UPDATE OF a";
    let query = sqlx::query(sql)
        .bind(streams.iter().map(|(consumer, ..)| *consumer).collect::<Vec<_>>())
        .bind(streams.iter().map(|(_, producer, _)| *producer).collect::<Vec<_>>())
        .bind(streams.iter().map(|(.., aggregate)| *aggregate).collect::<Vec<_>>());
    for row in all(query, tx).await.map_err(database(READ))? {
        let mut cells = Cells::new("applied", row);
        let stream = (
            cells.text("consumer")?,
            cells.text("producer")?,
            cells.text("aggregate")?,
        );
        facts.applied.insert(stream, cells.count("seq")?);
    }
    let (consumers, events): (Vec<_>, Vec<_>) = needs.events.iter().copied().unzip();
    let sql = "SELECT i.consumer, i.event_id FROM inbox i \
        JOIN UNNEST($1::text[], $2::text[]) AS k (consumer, event_id) \
        ON i.consumer = k.consumer AND i.event_id = k.event_id";
    for row in all(sqlx::query(sql).bind(consumers).bind(events), tx)
        .await
        .map_err(database(READ))?
    {
        let mut cells = Cells::new("inbox", row);
        facts.seen.insert((cells.text("consumer")?, cells.text("event_id")?));
    }
    Ok(())
}
