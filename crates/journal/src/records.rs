//! Rows as records. The cells come in the order of the tables' columns, keys first.

use crate::{
    Accepted, DeadLetter, Entry, EventRow, HistoryRow, Key, Loaded, NewEvent, Request, Row, StoreError, Timer, chain,
    needs::Standing, value::Cells,
};

/// kind, id, version, machine_version, seq, snapshot, head
pub(crate) fn loaded(row: Row) -> Result<Loaded, StoreError> {
    let mut cells = Cells::new("aggregate", row);
    Ok(Loaded {
        key: Key::new(cells.text("kind")?, cells.text("id")?),
        version: cells.count("version")?,
        machine_version: cells.small("machine_version")?,
        seq: cells.count("seq")?,
        snapshot: cells.packed("snapshot")?,
        head_hash: cells.digest("head")?,
    })
}

/// kind, id, number, version, seq, head, salt
pub(crate) fn standing(row: Row) -> Result<(Key, Standing), StoreError> {
    let mut cells = Cells::new("aggregate", row);
    let key = Key::new(cells.text("kind")?, cells.text("id")?);
    let number = cells.int("number")?;
    let (version, seq) = (cells.count("version")?, cells.count("seq")?);
    Ok((
        key,
        Standing {
            number,
            version,
            seq,
            head: cells.digest("head")?,
            salt: cells.digest("salt")?,
        },
    ))
}

/// digest, answer, at: of what this principal asked under this id
pub(crate) fn request((principal, request_id): (&str, &str), row: Row) -> Result<Request, StoreError> {
    let mut cells = Cells::new("request", row);
    let digest = cells.digest("digest")?;
    let (method, reply) = cells.packed_pair("answer")?;
    Ok(Request {
        principal: principal.to_owned(),
        request_id: request_id.to_owned(),
        method,
        digest,
        reply,
        at: cells.int("at")?,
    })
}

pub(crate) fn history_row(row: Row) -> Result<HistoryRow, StoreError> {
    let mut cells = Cells::new("history", row);
    let (_kind, _id) = (cells.text("kind")?, cells.text("id")?);
    let (version, machine_version) = (cells.count("version")?, cells.small("machine_version")?);
    let (actor, input) = cells.packed_pair("content")?;
    let entry = Entry {
        input,
        actor,
        at: cells.int("at")?,
        request_id: cells.id("request_id")?,
        cause: cells.id("cause")?,
        traceparent: cells.text("traceparent")?,
        state: cells.text("state")?,
        outcome: cells.digest("outcome")?,
    };
    let salt = cells.digest("salt")?;
    let kept = cells.digest_if_any("commitment")?;
    Ok(HistoryRow {
        version,
        machine_version,
        commitment: kept.unwrap_or_else(|| chain::commitment(&salt, version, &entry)),
        entry,
        salt,
        hash: cells.digest("hash")?,
    })
}

/// number, version, machine_version, content, at, state, outcome
pub(crate) fn accepted(row: Row) -> Result<Accepted, StoreError> {
    let mut cells = Cells::new("history", row);
    let number = cells.int("number")?;
    let (version, machine_version) = (cells.count("version")?, cells.small("machine_version")?);
    let (actor, input) = cells.packed_pair("content")?;
    Ok(Accepted {
        number,
        version,
        machine_version,
        actor,
        input,
        at: cells.int("at")?,
        state: cells.text("state")?,
        outcome: cells.digest("outcome")?,
    })
}

pub(crate) fn event_row(row: Row) -> Result<EventRow, StoreError> {
    let mut cells = Cells::new("event", row);
    Ok(EventRow {
        position: cells.int("position")?,
        key: Key::new(cells.text("kind")?, cells.text("id")?),
        seq: cells.count("seq")?,
        version: cells.count("version")?,
        event: NewEvent {
            event_id: cells.id("event_id")?,
            event_type: cells.text("type")?,
            agency: cells.text("agency")?,
            body: cells.packed("body")?,
            at: cells.int("at")?,
            traceparent: cells.text("traceparent")?,
        },
    })
}

pub(crate) fn timer(row: Row) -> Result<Timer, StoreError> {
    let mut cells = Cells::new("timer", row);
    Ok(Timer {
        key: Key::new(cells.text("kind")?, cells.text("id")?),
        name: cells.text("name")?,
        due: cells.int("due")?,
    })
}

pub(crate) fn dead_letter(row: Row) -> Result<DeadLetter, StoreError> {
    let mut cells = Cells::new("dead_letter", row);
    Ok(DeadLetter {
        consumer: cells.text("consumer")?,
        event_id: cells.text("event_id")?,
        producer: cells.text("producer")?,
        aggregate: cells.text("aggregate")?,
        seq: cells.count("seq")?,
        position: cells.int("position")?,
        error: cells.text("error")?,
        at: cells.int("at")?,
        resolution: cells.text("resolution")?,
    })
}

pub(crate) fn key(row: Row) -> Result<Key, StoreError> {
    let mut cells = Cells::new("aggregate", row);
    Ok(Key::new(cells.text("kind")?, cells.text("id")?))
}
