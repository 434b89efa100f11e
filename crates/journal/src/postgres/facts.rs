//! What a batch depends on, read and locked in one statement.

use sqlx::PgConnection;

use super::{bulk::column, rows::all};
use crate::{
    Key, StoreError, Value, chain, compact,
    needs::{Facts, Needs},
    records::{request, standing},
    tables::database,
    value::Cells,
    writer::READ,
};

/// All parts in one shape: a tag, three texts, three numbers, two byte strings. A part that a batch does not need is
/// given no keys; the text is always the same, so it is planned once.
///
/// Locks are taken part by part, each in the order of the keys, so that no two replicas wait for each other. Rows that
/// are locked are the newest; all others are as they were when the statement began, which may be before a lock was
/// waited for. That is told by the two versions of an aggregate. Every aggregate that may be new gets a number here, so
/// that its history and events can be written together with it.
const FACTS: &str = "WITH \
    locked AS (SELECT a.kind, a.id, a.version FROM UNNEST($1::text[], $2::text[], $3::bool[]) AS k (kind, id, moved) \
        JOIN aggregate a ON a.kind = k.kind AND a.id = k.id WHERE k.moved ORDER BY a.kind, a.id FOR UPDATE OF a), \
    fired AS (SELECT t.kind, t.id, t.name, t.due FROM UNNEST($4::text[], $5::text[], $6::text[]) AS k (kind, id, name) \
        JOIN timer t ON t.kind = k.kind AND t.id = k.id AND t.name = k.name \
        ORDER BY t.kind, t.id, t.name FOR UPDATE OF t), \
    stream AS (SELECT a.consumer, a.producer, a.aggregate, a.seq \
        FROM UNNEST($7::text[], $8::text[], $9::bytea[]) AS k (consumer, producer, aggregate) \
        JOIN applied a ON a.consumer = k.consumer AND a.producer = k.producer AND a.aggregate = k.aggregate \
        ORDER BY a.aggregate, a.producer, a.consumer FOR UPDATE OF a) \
    SELECT 'locked', kind, id, '', version, 0::bigint, 0::bigint, ''::bytea, ''::bytea FROM locked \
    UNION ALL SELECT 'timer', kind, id, name, due, 0, 0, '', '' FROM fired \
    UNION ALL SELECT 'applied', consumer, producer, '', seq, 0, 0, aggregate, '' FROM stream \
    UNION ALL SELECT 'aggregate', a.kind, a.id, '', a.number, a.version, a.seq, a.head, a.salt \
        FROM UNNEST($1::text[], $2::text[]) AS k (kind, id) JOIN aggregate a ON a.kind = k.kind AND a.id = k.id \
    UNION ALL SELECT 'claim', claim, kind, id, 0, 0, 0, '', '' FROM claim WHERE claim = ANY($10::text[]) \
    UNION ALL SELECT 'request', '', '', '', k.nth, r.at, 0, r.digest, r.answer \
        FROM UNNEST($11::bytea[], $12::bytea[]) WITH ORDINALITY AS k (request_id, scope, nth) \
        JOIN request r ON r.request_id = k.request_id AND r.scope = k.scope \
    UNION ALL SELECT 'displaced', d.consumer, d.event_id, '', 0, 0, 0, '', '' \
        FROM UNNEST($13::text[], $14::text[]) AS k (consumer, event_id) \
        JOIN displaced d ON d.consumer = k.consumer AND d.event_id = k.event_id \
    UNION ALL SELECT 'head', '', '', '', xmin::text::bigint, 0, 0, '', '' FROM head WHERE one = 1 \
    UNION ALL SELECT 'number', '', '', '', nextval('aggregate_number_seq'), 0, 0, '', '' FROM generate_series(1, $15)";

/// What was read, and what the writing needs besides.
#[derive(Default)]
pub(super) struct Read {
    pub(super) facts: Facts,
    /// Which transaction wrote the head: while it is the same, nobody has moved anything.
    pub(super) writer: i64,
    /// One for each aggregate that may be new.
    pub(super) numbers: Vec<i64>,
}

pub(super) async fn read(tx: &mut PgConnection, needs: &Needs<'_>) -> Result<Read, StoreError> {
    loop {
        let (read, locked) = read_once(tx, needs).await?;
        let of_one_moment = locked.iter().all(|(key, version)| {
            let then = read.facts.aggregates.get(key);
            then.is_some_and(|then| then.version == *version)
        });
        // Whoever held a lock that was waited for may have taken a claim or answered a request as well. The next look
        // sees that, and finds the locks held by this transaction.
        if of_one_moment {
            return Ok(read);
        }
    }
}

async fn read_once(tx: &mut PgConnection, needs: &Needs<'_>) -> Result<(Read, Vec<(Key, u64)>), StoreError> {
    let keys: Vec<_> = needs.moved.iter().chain(&needs.guarded).copied().collect();
    let timers: Vec<_> = needs.timers.iter().collect();
    let streams: Vec<_> = needs.streams.iter().collect();
    let requests: Vec<_> = needs.requests.iter().copied().collect();
    let (consumers, events): (Vec<_>, Vec<_>) = needs.events.iter().copied().unzip();
    let new = needs.moved.intersection(&needs.absent).count();
    let query = sqlx::query(FACTS)
        .bind(column(&keys, |key| key.kind.as_str()))
        .bind(column(&keys, |key| key.id.as_str()))
        .bind((0..keys.len()).map(|at| at < needs.moved.len()).collect::<Vec<_>>())
        .bind(column(&timers, |(key, _)| key.kind.as_str()))
        .bind(column(&timers, |(key, _)| key.id.as_str()))
        .bind(column(&timers, |(_, name)| *name))
        .bind(column(&streams, |(consumer, ..)| *consumer))
        .bind(column(&streams, |(_, producer, _)| *producer))
        .bind(column(&streams, |(.., aggregate)| compact::id(aggregate)))
        .bind(needs.claims.iter().copied().collect::<Vec<_>>())
        .bind(column(&requests, |(_, id)| compact::id(id)))
        .bind(column(&requests, |(principal, _)| chain::scope(principal).to_vec()))
        .bind(consumers)
        .bind(events)
        .bind(new as i32);
    let (mut read, mut locked) = (Read::default(), Vec::new());
    let facts = &mut read.facts;
    for row in all(query, tx).await.map_err(database(READ))? {
        let Ok([Value::Text(part), t1, t2, t3, n1, n2, n3, b1, b2]) = <[Value; 9]>::try_from(row) else {
            return Err(database(READ)(sqlx::Error::RowNotFound));
        };
        match part.as_str() {
            "locked" => {
                let mut cells = Cells::new("aggregate", vec![t1, t2, n1]);
                locked.push((
                    Key::new(cells.text("kind")?, cells.text("id")?),
                    cells.count("version")?,
                ));
            }
            "aggregate" => facts.aggregates.extend([standing(vec![t1, t2, n1, n2, n3, b1, b2])?]),
            "timer" => {
                let mut cells = Cells::new("timer", vec![t1, t2, t3, n1]);
                let key = Key::new(cells.text("kind")?, cells.text("id")?);
                facts.timers.insert((key, cells.text("name")?), cells.int("due")?);
            }
            "applied" => {
                let mut cells = Cells::new("applied", vec![t1, t2, b1, n1]);
                let stream = (cells.text("consumer")?, cells.text("producer")?, cells.id("aggregate")?);
                facts.applied.insert(stream, cells.count("seq")?);
            }
            "claim" => {
                let mut cells = Cells::new("claim", vec![t1, t2, t3]);
                let claim = cells.text("claim")?;
                let holder = Key::new(cells.text("kind")?, cells.text("id")?);
                facts.claims.insert(claim, holder);
            }
            "request" => {
                let nth = Cells::new("request", vec![n1]).count("nth")? as usize;
                let (principal, id) = requests[nth - 1];
                let request = request((principal, id), vec![b1, b2, n2])?;
                facts.requests.insert((principal.to_owned(), id.to_owned()), request);
            }
            "displaced" => {
                let mut cells = Cells::new("displaced", vec![t1, t2]);
                facts
                    .displaced
                    .insert((cells.text("consumer")?, cells.text("event_id")?));
            }
            "head" => read.writer = Cells::new("head", vec![n1]).int("xmin")?,
            _ => read.numbers.push(Cells::new("aggregate", vec![n1]).int("number")?),
        }
    }
    Ok((read, locked))
}
