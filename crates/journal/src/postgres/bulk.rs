//! Statements over many rows at once: one array for each column.

use std::collections::{BTreeMap, HashMap};

use sqlx::PgConnection;

use super::rows::all;
use crate::{
    Key, Position, Row,
    batch::{NewEventRow, NewRow, Plan, Snapshot},
    chain, compact,
    needs::Facts,
    packed::{pack, pack_pair},
};

/// What stands for the key of each aggregate that a batch moves.
pub(super) type Numbers<'a> = HashMap<&'a Key, i64>;

/// The column that `read` takes from each row.
pub(super) fn column<'r, R, T>(rows: &'r [R], read: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(read).collect()
}

pub(super) async fn load(connection: &mut PgConnection, keys: &[Key]) -> Result<Vec<Row>, sqlx::Error> {
    let sql = "SELECT a.kind, a.id, a.version, a.machine_version, a.seq, a.snapshot, a.head \
        FROM UNNEST($1::text[], $2::text[]) AS k (kind, id) JOIN aggregate a ON a.kind = k.kind AND a.id = k.id";
    let query = sqlx::query(sql)
        .bind(column(keys, |key| key.kind.as_str()))
        .bind(column(keys, |key| key.id.as_str()));
    all(query, connection).await
}

/// Everything that has its place before positions are given out. The parts see the tables as they were and run in no
/// order that one could rely on, so no row is touched by two of them: a timer is set or cleared, a claim is freed, passed
/// on or taken, never two of these. What must have been there is counted.
const WRITE: &str = "WITH \
    made AS (INSERT INTO aggregate (number, kind, id, version, machine_version, seq, snapshot, head, salt) \
        SELECT n.number, n.kind, n.id, n.version, n.machine_version, n.seq, n.snapshot, n.head, n.salt \
        FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
            $8::bytea[], $9::bytea[], $20::bytea[]) \
        AS n (number, kind, id, stored, version, machine_version, seq, snapshot, head, salt) WHERE n.stored = 0), \
    moved AS (UPDATE aggregate a SET version = n.version, machine_version = n.machine_version, seq = n.seq, \
        snapshot = n.snapshot, head = n.head \
        FROM UNNEST($1::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[], $9::bytea[]) \
        AS n (number, stored, version, machine_version, seq, snapshot, head) \
        WHERE n.stored > 0 AND a.number = n.number AND a.version = n.stored RETURNING 1), \
    logged AS (INSERT INTO history (number, version, machine_version, content, at, request_id, cause, traceparent, \
        state, outcome, hash) \
        SELECT * FROM UNNEST($10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bigint[], $15::bytea[], \
            $16::bytea[], $17::text[], $18::text[], $19::bytea[], $21::bytea[])), \
    timed AS (INSERT INTO timer (kind, id, name, due) \
        SELECT * FROM UNNEST($22::text[], $23::text[], $24::text[], $25::bigint[]) AS n (kind, id, name, due) \
        WHERE n.due IS NOT NULL ON CONFLICT (kind, id, name) DO UPDATE SET due = excluded.due), \
    cleared AS (DELETE FROM timer t \
        USING UNNEST($22::text[], $23::text[], $24::text[], $25::bigint[]) AS n (kind, id, name, due) \
        WHERE n.due IS NULL AND t.kind = n.kind AND t.id = n.id AND t.name = n.name), \
    freed AS (DELETE FROM claim c USING UNNEST($26::text[], $27::bool[], $28::text[]) AS n (claim, stored, kind) \
        WHERE n.stored AND n.kind IS NULL AND c.claim = n.claim RETURNING 1), \
    passed AS (UPDATE claim c SET kind = n.kind, id = n.id \
        FROM UNNEST($26::text[], $27::bool[], $28::text[], $29::text[]) AS n (claim, stored, kind, id) \
        WHERE n.stored AND n.kind IS NOT NULL AND c.claim = n.claim RETURNING 1), \
    taken AS (INSERT INTO claim (claim, kind, id) SELECT n.claim, n.kind, n.id \
        FROM UNNEST($26::text[], $27::bool[], $28::text[], $29::text[]) AS n (claim, stored, kind, id) \
        WHERE NOT n.stored), \
    answered AS (INSERT INTO request (request_id, scope, digest, answer, at) \
        SELECT * FROM UNNEST($30::bytea[], $31::bytea[], $32::bytea[], $33::bytea[], $34::bigint[])), \
    followed AS (INSERT INTO applied (consumer, producer, aggregate, seq) \
        SELECT * FROM UNNEST($42::text[], $43::text[], $44::bytea[], $45::bigint[]) \
        ON CONFLICT (aggregate, producer, consumer) DO UPDATE SET seq = excluded.seq \
        RETURNING number, consumer, producer, aggregate), \
    received AS (INSERT INTO inbox (position, number, event_id, seq, at) \
        SELECT n.position, f.number, n.event_id, n.seq, n.at \
        FROM UNNEST($35::text[], $36::text[], $37::bigint[], $38::bytea[], $39::bytea[], $40::bigint[], $41::bigint[]) \
            AS n (consumer, producer, position, event_id, aggregate, seq, at) \
        JOIN followed f ON f.aggregate = n.aggregate AND f.producer = n.producer AND f.consumer = n.consumer) \
    SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM freed) + (SELECT count(*) FROM passed), \
        (SELECT position FROM head WHERE one = 1)";

/// Runs [`WRITE`]; answers the newest position there was, or nothing if an aggregate was not at the version, or a claim
/// not with the holder, that was read.
pub(super) async fn write(
    connection: &mut PgConnection,
    plan: &Plan<'_>,
    facts: &Facts,
    numbers: &Numbers<'_>,
) -> Result<Option<Position>, sqlx::Error> {
    let aggregates: Vec<_> = plan.aggregates.iter().collect();
    let timers: Vec<_> = plan.timers.iter().collect();
    // Whether there is a row, and who is the new holder.
    let mut claims: BTreeMap<&str, (bool, Option<&Key>)> =
        plan.freed(facts).map(|claim| (claim, (true, None))).collect();
    for (claim, holder) in plan.claimed(facts) {
        claims.entry(claim).or_default().1 = Some(holder);
    }
    let claims: Vec<_> = claims.into_iter().collect();
    let requests: Vec<_> = plan.requests().collect();
    let inbox = &plan.inbox[..];
    let applied: Vec<_> = plan.applied.iter().collect();
    let query = sqlx::query_as::<_, (i64, Position)>(WRITE)
        .bind(column(&aggregates, |(key, _)| numbers[*key]))
        .bind(column(&aggregates, |(key, _)| key.kind.as_str()))
        .bind(column(&aggregates, |(key, _)| key.id.as_str()))
        .bind(column(&aggregates, |(_, Snapshot { stored, .. })| *stored as i64))
        .bind(column(&aggregates, |(_, Snapshot { now, .. })| now.version as i64))
        .bind(column(&aggregates, |(_, new)| i64::from(new.machine_version)))
        .bind(column(&aggregates, |(_, Snapshot { now, .. })| now.seq as i64))
        .bind(column(&aggregates, |(_, Snapshot { encoded, .. })| pack(encoded)))
        .bind(column(&aggregates, |(_, Snapshot { now, .. })| &now.head[..]));
    let rows: &[NewRow<'_>] = &plan.history;
    let query = query
        .bind(column(rows, |row| numbers[row.key]))
        .bind(column(rows, |row| row.version as i64))
        .bind(column(rows, |row| i64::from(row.machine_version)))
        .bind(column(rows, |row| pack_pair(&row.entry.actor, &row.entry.input)))
        .bind(column(rows, |row| row.entry.at))
        .bind(column(rows, |row| compact::id(&row.entry.request_id)))
        .bind(column(rows, |row| compact::id(&row.entry.cause)))
        .bind(column(rows, |row| row.entry.traceparent.as_str()))
        .bind(column(rows, |row| row.entry.state.as_str()))
        .bind(column(rows, |row| &row.entry.outcome[..]))
        .bind(column(&aggregates, |(_, Snapshot { now, .. })| &now.salt[..]))
        .bind(column(rows, |row| &row.hash[..]));
    let query = query
        .bind(column(&timers, |((key, _), _)| key.kind.as_str()))
        .bind(column(&timers, |((key, _), _)| key.id.as_str()))
        .bind(column(&timers, |((_, name), _)| *name))
        .bind(column(&timers, |(_, due)| **due))
        .bind(column(&claims, |(claim, _)| *claim))
        .bind(column(&claims, |(_, (stored, _))| *stored))
        .bind(column(&claims, |(_, (_, holder))| holder.map(|key| key.kind.as_str())))
        .bind(column(&claims, |(_, (_, holder))| holder.map(|key| key.id.as_str())))
        .bind(column(&requests, |row| compact::id(&row.request_id)))
        .bind(column(&requests, |row| chain::scope(&row.principal).to_vec()))
        .bind(column(&requests, |row| &row.digest[..]))
        .bind(column(&requests, |row| pack_pair(&row.method, &row.reply)))
        .bind(column(&requests, |row| row.at));
    let query = query
        .bind(column(inbox, |row| row.consumer.as_str()))
        .bind(column(inbox, |row| row.producer.as_str()))
        .bind(column(inbox, |row| row.position))
        .bind(column(inbox, |row| compact::id(&row.event_id)))
        .bind(column(inbox, |row| compact::id(&row.aggregate)))
        .bind(column(inbox, |row| row.seq as i64))
        .bind(column(inbox, |row| row.at))
        .bind(column(&applied, |((consumer, ..), _)| *consumer))
        .bind(column(&applied, |((_, producer, _), _)| *producer))
        .bind(column(&applied, |((.., aggregate), _)| compact::id(aggregate)))
        .bind(column(&applied, |(_, seq)| **seq as i64));
    let (found, head) = query.fetch_one(connection).await?;
    let expected = aggregates.iter().filter(|(_, new)| new.stored > 0).count()
        + claims.iter().filter(|(_, (stored, _))| *stored).count();
    Ok((found == expected as i64).then_some(head))
}

/// Locks the head, moves it and gives its positions to the events. Who wrote it last is asked of the row that is locked,
/// not of the one that the statement found when it began.
const PUBLISH: &str = "WITH \
    last AS MATERIALIZED (SELECT one, xmin::text::bigint AS writer FROM head WHERE one = 1 FOR UPDATE), \
    moved AS (UPDATE head h SET position = h.position + $1 FROM last WHERE h.one = last.one \
        RETURNING h.position, last.writer), \
    published AS (INSERT INTO event (position, event_id, number, seq, version, type, agency, body, at, traceparent) \
        SELECT moved.position - $1 + n.nth, n.event_id, n.number, n.seq, n.version, n.type, n.agency, n.body, n.at, \
            n.traceparent \
        FROM moved, UNNEST($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], \
            $8::bytea[], $9::bigint[], $10::text[]) WITH ORDINALITY \
        AS n (event_id, number, seq, version, type, agency, body, at, traceparent, nth)) \
    SELECT position, writer FROM moved";

/// Runs [`PUBLISH`]; answers the newest position, and which transaction moved the head before.
pub(super) async fn publish(
    connection: &mut PgConnection,
    rows: &[NewEventRow<'_>],
    numbers: &Numbers<'_>,
) -> Result<(Position, i64), sqlx::Error> {
    sqlx::query_as(PUBLISH)
        .bind(rows.len() as i64)
        .bind(column(rows, |row| compact::id(&row.event.event_id)))
        .bind(column(rows, |row| numbers[row.key]))
        .bind(column(rows, |row| row.seq as i64))
        .bind(column(rows, |row| row.version as i64))
        .bind(column(rows, |row| row.event.event_type.as_str()))
        .bind(column(rows, |row| row.event.agency.as_str()))
        .bind(column(rows, |row| pack(&row.event.body)))
        .bind(column(rows, |row| row.event.at))
        .bind(column(rows, |row| row.event.traceparent.as_str()))
        .fetch_one(connection)
        .await
}

/// Whether these aggregates are (still) at these versions; 0 is one that does not exist.
pub(super) async fn stand(connection: &mut PgConnection, versions: &[(&Key, u64)]) -> Result<bool, sqlx::Error> {
    let sql = "SELECT count(*) FROM UNNEST($1::text[], $2::text[], $3::bigint[]) AS k (kind, id, version) \
        LEFT JOIN aggregate a ON a.kind = k.kind AND a.id = k.id WHERE coalesce(a.version, 0) <> k.version";
    let moved: i64 = sqlx::query_scalar(sql)
        .bind(column(versions, |(key, _)| key.kind.as_str()))
        .bind(column(versions, |(key, _)| key.id.as_str()))
        .bind(column(versions, |(_, version)| *version as i64))
        .fetch_one(connection)
        .await?;
    Ok(moved == 0)
}

/// Writes the sealed boxes. What a box held goes in a statement of its own, before it is filled again.
pub(super) async fn sealed(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), sqlx::Error> {
    let boxes = plan.sealed.iter();
    let gone: Vec<_> = boxes
        .filter(|(_, sealing)| sealing.destroyed)
        .map(|(key, _)| *key)
        .collect();
    if !gone.is_empty() {
        let sql = "DELETE FROM sealed s USING UNNEST($1::text[], $2::text[]) AS k (kind, id) \
            WHERE s.kind = k.kind AND s.id = k.id";
        sqlx::query(sql)
            .bind(column(&gone, |key| key.kind.as_str()))
            .bind(column(&gone, |key| key.id.as_str()))
            .execute(&mut *connection)
            .await?;
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
