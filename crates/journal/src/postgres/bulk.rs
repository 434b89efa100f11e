//! Statements over many rows at once: one array for each column.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::rows::all;
use crate::{
    Key, Position, Row,
    batch::{NewEventRow, NewRow, Plan, Snapshot},
};

/// What stands for the key of each aggregate that a batch moves.
pub(super) type Numbers<'a> = HashMap<&'a Key, i64>;

/// The column that `read` takes from each row.
fn column<'r, R, T>(rows: &'r [R], read: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(read).collect()
}

fn kinds<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<&'a str> {
    keys.into_iter().map(|key| key.kind.as_str()).collect()
}

fn ids<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<&'a str> {
    keys.into_iter().map(|key| key.id.as_str()).collect()
}

pub(super) async fn load(connection: &mut PgConnection, keys: &[Key]) -> Result<Vec<Row>, sqlx::Error> {
    let sql = "SELECT a.kind, a.id, a.version, a.machine_version, a.seq, a.snapshot, a.head \
        FROM UNNEST($1::text[], $2::text[]) AS k (kind, id) JOIN aggregate a ON a.kind = k.kind AND a.id = k.id";
    all(sqlx::query(sql).bind(kinds(keys)).bind(ids(keys)), connection).await
}

/// Locks aggregates in the order of the keys, so that no two replicas wait for each other.
pub(super) async fn lock(connection: &mut PgConnection, keys: &[&Key]) -> Result<Vec<Row>, sqlx::Error> {
    let sql = "SELECT a.kind, a.id, a.number, a.version, a.seq, a.head FROM aggregate a \
        JOIN UNNEST($1::text[], $2::text[]) AS k (kind, id) ON a.kind = k.kind AND a.id = k.id \
        ORDER BY a.kind, a.id FOR UPDATE OF a";
    let (kinds, ids) = (kinds(keys.iter().copied()), ids(keys.iter().copied()));
    all(sqlx::query(sql).bind(kinds).bind(ids), connection).await
}

/// Reads where aggregates stand, without a lock.
pub(super) async fn look(connection: &mut PgConnection, keys: &[&Key]) -> Result<Vec<Row>, sqlx::Error> {
    let sql = "SELECT a.kind, a.id, a.number, a.version, a.seq, a.head FROM aggregate a \
        JOIN UNNEST($1::text[], $2::text[]) AS k (kind, id) ON a.kind = k.kind AND a.id = k.id";
    let (kinds, ids) = (kinds(keys.iter().copied()), ids(keys.iter().copied()));
    all(sqlx::query(sql).bind(kinds).bind(ids), connection).await
}

/// Writes snapshots; answers the aggregates' numbers, or nothing if a row was not at the version that was read.
pub(super) async fn aggregates<'a>(
    connection: &mut PgConnection,
    plan: &Plan<'a>,
) -> Result<Option<Numbers<'a>>, sqlx::Error> {
    let insert = "INSERT INTO aggregate (kind, id, version, machine_version, seq, snapshot, head) \
        SELECT kind, id, version, machine_version, seq, snapshot, head FROM UNNEST($1::text[], $2::text[], \
        $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[]) \
        AS n (kind, id, stored, version, machine_version, seq, snapshot, head) RETURNING kind, id, number";
    let update = "UPDATE aggregate a SET version = n.version, machine_version = n.machine_version, seq = n.seq, \
        snapshot = n.snapshot, head = n.head FROM UNNEST($1::text[], $2::text[], \
        $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[]) \
        AS n (kind, id, stored, version, machine_version, seq, snapshot, head) \
        WHERE a.kind = n.kind AND a.id = n.id AND a.version = n.stored RETURNING a.kind, a.id, a.number";
    let mut numbers = Numbers::with_capacity(plan.aggregates.len());
    let (new, moved): (Vec<_>, Vec<_>) = plan.aggregates.iter().partition(|(_, snapshot)| snapshot.stored == 0);
    for (sql, rows) in [(insert, new), (update, moved)] {
        if rows.is_empty() {
            continue;
        }
        let written = sqlx::query_as::<_, (String, String, i64)>(sql)
            .bind(column(&rows, |(key, _)| key.kind.as_str()))
            .bind(column(&rows, |(key, _)| key.id.as_str()))
            .bind(column(&rows, |(_, Snapshot { stored, .. })| *stored as i64))
            .bind(column(&rows, |(_, Snapshot { now, .. })| now.version as i64))
            .bind(column(&rows, |(_, Snapshot { machine_version, .. })| {
                i64::from(*machine_version)
            }))
            .bind(column(&rows, |(_, Snapshot { now, .. })| now.seq as i64))
            .bind(column(&rows, |(_, Snapshot { encoded, .. })| *encoded))
            .bind(column(&rows, |(_, Snapshot { now, .. })| &now.head[..]))
            .fetch_all(&mut *connection)
            .await?;
        if written.len() != rows.len() {
            return Ok(None);
        }
        let written: HashMap<_, _> = written.into_iter().map(|(kind, id, number)| (Key::new(kind, id), number)).collect();
        numbers.extend(rows.iter().filter_map(|(key, _)| Some((**key, *written.get(key)?))));
    }
    Ok(Some(numbers))
}

pub(super) async fn history(
    connection: &mut PgConnection,
    rows: &[NewRow<'_>],
    numbers: &Numbers<'_>,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO history (number, version, machine_version, input, actor, at, request_id, cause, \
        traceparent, state, state_digest, effects_digest, salt, commitment, hash) \
        SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::text[], $6::bigint[], \
        $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[], \
        $15::bytea[])";
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(sql)
        .bind(column(rows, |row| numbers[row.key]))
        .bind(column(rows, |row| row.version as i64))
        .bind(column(rows, |row| i64::from(row.machine_version)))
        .bind(column(rows, |row| &row.entry.input[..]))
        .bind(column(rows, |row| row.entry.actor.as_str()))
        .bind(column(rows, |row| row.entry.at))
        .bind(column(rows, |row| row.entry.request_id.as_str()))
        .bind(column(rows, |row| row.entry.cause.as_str()))
        .bind(column(rows, |row| row.entry.traceparent.as_str()))
        .bind(column(rows, |row| row.entry.state.as_str()))
        .bind(column(rows, |row| &row.entry.state_digest[..]))
        .bind(column(rows, |row| &row.entry.effects_digest[..]))
        .bind(column(rows, |row| &row.salt[..]))
        .bind(column(rows, |row| &row.commitment[..]))
        .bind(column(rows, |row| &row.hash[..]))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn events(
    connection: &mut PgConnection,
    rows: &[NewEventRow<'_>],
    numbers: &Numbers<'_>,
    before: Position,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO event (position, event_id, number, seq, version, type, agency, body, at, traceparent) \
        SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], \
        $7::text[], $8::bytea[], $9::bigint[], $10::text[])";
    sqlx::query(sql)
        .bind((before + 1..).take(rows.len()).collect::<Vec<_>>())
        .bind(column(rows, |row| row.event.event_id.as_str()))
        .bind(column(rows, |row| numbers[row.key]))
        .bind(column(rows, |row| row.seq as i64))
        .bind(column(rows, |row| row.version as i64))
        .bind(column(rows, |row| row.event.event_type.as_str()))
        .bind(column(rows, |row| row.event.agency.as_str()))
        .bind(column(rows, |row| &row.event.body[..]))
        .bind(column(rows, |row| row.event.at))
        .bind(column(rows, |row| row.event.traceparent.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn timers(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    let set: Vec<_> = plan
        .timers
        .iter()
        .filter_map(|((key, name), due)| due.map(|due| (*key, *name, due)))
        .collect();
    if !set.is_empty() {
        let sql = "INSERT INTO timer (kind, id, name, due) \
            SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[]) \
            ON CONFLICT (kind, id, name) DO UPDATE SET due = excluded.due";
        sqlx::query(sql)
            .bind(column(&set, |(key, ..)| key.kind.as_str()))
            .bind(column(&set, |(key, ..)| key.id.as_str()))
            .bind(column(&set, |(_, name, _)| *name))
            .bind(column(&set, |(.., due)| *due))
            .execute(&mut *connection)
            .await?;
    }
    let clear: Vec<_> = plan
        .timers
        .iter()
        .filter(|(_, due)| due.is_none())
        .map(|(timer, _)| *timer)
        .collect();
    if !clear.is_empty() {
        let sql = "DELETE FROM timer t USING UNNEST($1::text[], $2::text[], $3::text[]) AS k (kind, id, name) \
            WHERE t.kind = k.kind AND t.id = k.id AND t.name = k.name";
        sqlx::query(sql)
            .bind(column(&clear, |(key, _)| key.kind.as_str()))
            .bind(column(&clear, |(key, _)| key.id.as_str()))
            .bind(column(&clear, |(_, name)| *name))
            .execute(connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn claims(
    connection: &mut PgConnection,
    freed: &[&str],
    claimed: &[(&str, &Key)],
) -> Result<(), sqlx::Error> {
    if !freed.is_empty() {
        sqlx::query("DELETE FROM claim WHERE claim = ANY($1::text[])")
            .bind(freed)
            .execute(&mut *connection)
            .await?;
    }
    if !claimed.is_empty() {
        let sql = "INSERT INTO claim (claim, kind, id) SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[])";
        sqlx::query(sql)
            .bind(column(claimed, |(claim, _)| *claim))
            .bind(column(claimed, |(_, key)| key.kind.as_str()))
            .bind(column(claimed, |(_, key)| key.id.as_str()))
            .execute(connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn requests(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = plan.requests().collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO request (principal, request_id, method, digest, reply, at) SELECT * FROM UNNEST(\
        $1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[])";
    sqlx::query(sql)
        .bind(column(&rows, |row| row.principal.as_str()))
        .bind(column(&rows, |row| row.request_id.as_str()))
        .bind(column(&rows, |row| row.method.as_str()))
        .bind(column(&rows, |row| &row.digest[..]))
        .bind(column(&rows, |row| &row.reply[..]))
        .bind(column(&rows, |row| row.at))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn inbox(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = plan.inbox().collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO inbox (consumer, event_id, producer, aggregate, seq, position, at) SELECT * FROM UNNEST(\
        $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])";
    sqlx::query(sql)
        .bind(column(&rows, |row| row.consumer.as_str()))
        .bind(column(&rows, |row| row.event_id.as_str()))
        .bind(column(&rows, |row| row.producer.as_str()))
        .bind(column(&rows, |row| row.aggregate.as_str()))
        .bind(column(&rows, |row| row.seq as i64))
        .bind(column(&rows, |row| row.position))
        .bind(column(&rows, |row| row.at))
        .execute(&mut *connection)
        .await?;
    let applied: Vec<_> = plan.applied.iter().collect();
    let sql = "INSERT INTO applied (consumer, producer, aggregate, seq) \
        SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bigint[]) \
        ON CONFLICT (consumer, producer, aggregate) DO UPDATE SET seq = excluded.seq";
    sqlx::query(sql)
        .bind(column(&applied, |((consumer, ..), _)| *consumer))
        .bind(column(&applied, |((_, producer, _), _)| *producer))
        .bind(column(&applied, |((.., aggregate), _)| *aggregate))
        .bind(column(&applied, |(_, seq)| **seq as i64))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn sealed(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    let gone: Vec<_> = plan
        .sealed
        .iter()
        .filter(|(_, sealing)| sealing.destroyed)
        .map(|(key, _)| *key)
        .collect();
    if !gone.is_empty() {
        let sql = "DELETE FROM sealed s USING UNNEST($1::text[], $2::text[]) AS k (kind, id) \
            WHERE s.kind = k.kind AND s.id = k.id";
        let (kinds, ids) = (kinds(gone.iter().copied()), ids(gone.iter().copied()));
        sqlx::query(sql).bind(kinds).bind(ids).execute(&mut *connection).await?;
    }
    let puts: Vec<_> = plan
        .sealed
        .iter()
        .flat_map(|(key, sealing)| sealing.puts.iter().map(move |(name, value)| (*key, *name, *value)))
        .collect();
    if !puts.is_empty() {
        let sql = "INSERT INTO sealed (kind, id, name, value) \
            SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::bytea[]) \
            ON CONFLICT (kind, id, name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql)
            .bind(column(&puts, |(key, ..)| key.kind.as_str()))
            .bind(column(&puts, |(key, ..)| key.id.as_str()))
            .bind(column(&puts, |(_, name, _)| *name))
            .bind(column(&puts, |(.., value)| *value))
            .execute(connection)
            .await?;
    }
    Ok(())
}
