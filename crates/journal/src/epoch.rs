//! Epochs: what tells a restored history from the one that was lost, and what a consumer still knows of the lost one.
//!
//! After a restore the database is older than whoever consumed its events. It begins a new epoch, so that events of the
//! two histories are told apart whatever their numbers say.

use async_trait::async_trait;

use crate::{
    Inbox, Key, Micros, Position, Row, Sql, StoreError, compact,
    tables::Engine,
    value::{Cells, args},
};

/// Setting that holds the secret which event ids are made with.
const EVENT_KEY: &str = "event.key";

/// One epoch of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// 1 for the first; each restore counts on.
    pub number: u64,
    /// Random, so that two restores of the same backup are not taken for one another.
    pub id: String,
    /// The newest position when it began: events after it were born in it.
    pub position: Position,
    /// When it began.
    pub at: Micros,
    /// Why it began.
    pub reason: String,
}

/// The epochs of a history, and the secret that it makes event ids with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// Oldest first; none for a history that was never begun.
    pub epochs: Vec<Epoch>,
    /// Stays with the history through every restore, and is told to nobody.
    pub key: String,
}

impl Lineage {
    /// The id of the epoch in which the event at a position was born.
    pub fn born(&self, position: Position) -> &str {
        born(&self.epochs, position)
    }

    /// The epoch that is being written.
    pub fn current(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
}

/// The id of the epoch in which the event at a position was born; empty if these epochs do not reach back so far.
pub fn born(epochs: &[Epoch], position: Position) -> &str {
    let epoch = epochs.iter().rev().find(|epoch| epoch.position < position);
    epoch.map_or("", |epoch| &epoch.id)
}

/// An aggregate of which a consumer has applied what its restored producer does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The consuming service.
    pub consumer: String,
    /// The restored service.
    pub producer: String,
    /// The producer's aggregate, `kind/id`.
    pub aggregate: String,
    /// The producer's epoch in which it was found.
    pub epoch: String,
    /// The last `seq` that both have.
    pub common: u64,
    /// The last `seq` that the consumer has applied.
    pub applied: u64,
    /// The last `seq` that the producer has.
    pub owner: u64,
    /// What the consumer knows of the lost events: JSON.
    pub lost: String,
    /// When it was found.
    pub at: Micros,
    /// How it ended, and when, why and by whom; empty while it is open.
    pub end: End,
}

/// How a difference ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// A word for it; empty while the difference is open.
    pub resolution: String,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Micros,
}

/// What an event led to at its consumer: a row of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caused {
    /// The event.
    pub event_id: String,
    /// The consumer's own aggregate.
    pub key: Key,
    /// Its version after the step.
    pub version: u64,
    /// Its state after the step.
    pub state: String,
    /// The input.
    pub input: Vec<u8>,
}

/// What a store promises about epochs. A store that keeps none (a simulated one) has nothing to say and nothing to lose.
#[async_trait]
pub trait Epochs: Send + Sync {
    /// The epochs and the secret of this history.
    async fn lineage(&self) -> Result<Lineage, StoreError> {
        Ok(Lineage::default())
    }

    /// Begins the first epoch, with the history's secret, unless that was done before.
    async fn begin_history(&self, _id: &str, _key: &str, _at: Micros) -> Result<(), StoreError> {
        Ok(())
    }

    /// Begins another epoch after the newest position. Only while no service runs on this store: a running one goes on
    /// with the epochs that it began with.
    async fn advance_epoch(&self, _id: &str, _at: Micros, _reason: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether a consumer has applied an event: one that its producer has at this position, or one that was displaced.
    async fn consumed(&self, _consumer: &str, _producer: &str, _at: (Position, &str)) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Whether a consumer has applied an event of a producer at whatever position. Reads the whole inbox.
    async fn consumed_anywhere(&self, _consumer: &str, _producer: &str, _event_id: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// From now on this event counts as applied wherever its restored producer comes to it again. Twice is once.
    async fn displace(&self, _consumer: &str, _event_id: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// What a consumer has applied of a producer's events after a position and up to another, in position order.
    async fn inbox(
        &self,
        _consumer: &str,
        _producer: &str,
        _after: Position,
        _to: Position,
    ) -> Result<Vec<Inbox>, StoreError> {
        Ok(Vec::new())
    }

    /// What the applied events of a producer after a position led to.
    async fn caused(&self, _consumer: &str, _producer: &str, _after: Position) -> Result<Vec<Caused>, StoreError> {
        Ok(Vec::new())
    }

    /// Sets the last applied `seq` of an aggregate back. The inbox keeps what was applied.
    async fn rewind(&self, _consumer: &str, _producer: &str, _aggregate: &str, _seq: u64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Counts the next event of an aggregate as applied, without effect: it was applied before what was applied was set
    /// back. One that is not the next changes nothing.
    async fn recount(&self, _consumer: &str, _producer: &str, _aggregate: &str, _seq: u64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Writes a difference; the same aggregate and epoch twice is one row, and the first stays.
    async fn note_difference(&self, _difference: &Difference) -> Result<(), StoreError> {
        Ok(())
    }

    /// Differences after an aggregate and epoch, in their order; `all`: also those that have ended.
    async fn differences(&self, _after: (&str, &str), _all: bool, _limit: u32) -> Result<Vec<Difference>, StoreError> {
        Ok(Vec::new())
    }

    /// The open differences of an aggregate.
    async fn open_differences(&self, _aggregate: &str) -> Result<Vec<Difference>, StoreError> {
        Ok(Vec::new())
    }

    /// Notes how far the producer has come again.
    async fn move_difference(&self, _difference: &Difference) -> Result<(), StoreError> {
        Ok(())
    }

    /// Ends a difference; one that has ended stays as it is.
    async fn end_difference(&self, _difference: &Difference, _end: &End) -> Result<(), StoreError> {
        Ok(())
    }
}

const EPOCHS: Sql = "SELECT number, id, position, at, reason FROM epoch ORDER BY number";
const BEGIN: Sql = "INSERT INTO epoch (number, id, position, at, reason) VALUES (1, $1, 0, $2, '') \
    ON CONFLICT (number) DO NOTHING";
const BEGIN_KEY: Sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const ADVANCE: Sql = "INSERT INTO epoch (number, id, position, at, reason) \
    SELECT (SELECT MAX(number) FROM epoch) + 1, $1, position, $2, $3 FROM head";
const CONSUMED: Sql = "SELECT 1 FROM inbox i JOIN applied f ON f.number = i.number \
    WHERE i.position = $3 AND i.event_id = $4 AND f.consumer = $1 AND f.producer = $2 \
    UNION ALL SELECT 1 FROM displaced WHERE consumer = $1 AND event_id = $5";
const CONSUMED_ANYWHERE: Sql = "SELECT 1 FROM inbox i JOIN applied f ON f.number = i.number \
    WHERE i.event_id = $3 AND f.consumer = $1 AND f.producer = $2 LIMIT 1";
const DISPLACE: Sql =
    "INSERT INTO displaced (consumer, event_id) VALUES ($1, $2) ON CONFLICT (consumer, event_id) DO NOTHING";
const INBOX: Sql = "SELECT f.consumer, f.producer, i.position, i.event_id, f.aggregate, i.seq, i.at \
    FROM inbox i JOIN applied f ON f.number = i.number \
    WHERE f.consumer = $1 AND f.producer = $2 AND i.position > $3 AND i.position <= $4 ORDER BY i.position";
/// The cause of a row is "event " and the event's id; in its compact form the id comes first. One that is kept as it is, is
/// looked for by itself.
const CAUSED: Sql = "SELECT i.event_id, a.kind, a.id, h.version, h.state, h.content FROM history h \
    JOIN inbox i ON i.event_id = substr(h.cause, 1, 17) JOIN aggregate a ON a.number = h.number \
    JOIN applied f ON f.number = i.number \
    WHERE substr(h.cause, 18) = $4 AND f.consumer = $1 AND f.producer = $2 AND i.position > $3 \
    UNION ALL SELECT i.event_id, a.kind, a.id, h.version, h.state, h.content FROM history h \
    JOIN inbox i ON substr(i.event_id, 2) = substr(h.cause, 8) JOIN aggregate a ON a.number = h.number \
    JOIN applied f ON f.number = i.number \
    WHERE substr(h.cause, 1, 7) = $5 AND f.consumer = $1 AND f.producer = $2 AND i.position > $3 \
    ORDER BY 2, 3, 4";
const BY_EVENT: &[u8] = b"event ";
const BY_PLAIN: &[u8] = b"\0event ";
const REWIND: Sql = "UPDATE applied SET seq = $4 WHERE consumer = $1 AND producer = $2 AND aggregate = $3 AND seq > $4";
const RECOUNT: Sql = "UPDATE applied SET seq = $4 \
    WHERE consumer = $1 AND producer = $2 AND aggregate = $3 AND seq + 1 = $4";
const NOTE: Sql = "INSERT INTO restore_difference (consumer, producer, aggregate, epoch, common, applied, owner, lost, \
        at, resolution, reason, resolved_by, resolved_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    ON CONFLICT (consumer, producer, aggregate, epoch) DO NOTHING";
const DIFFERENCES: Sql = "SELECT consumer, producer, aggregate, epoch, common, applied, owner, lost, at, resolution, \
        reason, resolved_by, resolved_at FROM restore_difference \
    WHERE (aggregate, epoch) > ($1, $2) AND ($3 = 1 OR resolution = '') ORDER BY aggregate, epoch LIMIT $4";
const OPEN: Sql = "SELECT consumer, producer, aggregate, epoch, common, applied, owner, lost, at, resolution, \
        reason, resolved_by, resolved_at FROM restore_difference \
    WHERE aggregate = $1 AND resolution = '' ORDER BY at, epoch";
const MOVE: Sql = "UPDATE restore_difference SET common = $5, owner = $6 \
    WHERE consumer = $1 AND producer = $2 AND aggregate = $3 AND epoch = $4 AND resolution = ''";
const END: Sql = "UPDATE restore_difference SET resolution = $5, reason = $6, resolved_by = $7, resolved_at = $8 \
    WHERE consumer = $1 AND producer = $2 AND aggregate = $3 AND epoch = $4 AND resolution = ''";

#[async_trait]
impl<E: Engine> Epochs for E {
    async fn lineage(&self) -> Result<Lineage, StoreError> {
        let epochs = self.rows("read the epochs", EPOCHS, &[]).await?;
        Ok(Lineage {
            epochs: epochs.into_iter().map(epoch).collect::<Result<_, _>>()?,
            key: crate::Store::setting(self, EVENT_KEY).await?.unwrap_or_default(),
        })
    }

    async fn begin_history(&self, id: &str, key: &str, at: Micros) -> Result<(), StoreError> {
        self.run("keep a history's secret", BEGIN_KEY, args![EVENT_KEY, key])
            .await?;
        self.run("begin a history", BEGIN, args![id, at]).await?;
        Ok(())
    }

    async fn advance_epoch(&self, id: &str, at: Micros, reason: &str) -> Result<(), StoreError> {
        self.run("begin an epoch", ADVANCE, args![id, at, reason]).await?;
        Ok(())
    }

    async fn consumed(&self, consumer: &str, producer: &str, at: (Position, &str)) -> Result<bool, StoreError> {
        let id = compact::id(at.1);
        let args = args![consumer, producer, at.0, &id, at.1];
        let rows = self.rows("look into the inbox", CONSUMED, args).await?;
        Ok(!rows.is_empty())
    }

    async fn consumed_anywhere(&self, consumer: &str, producer: &str, event_id: &str) -> Result<bool, StoreError> {
        let id = compact::id(event_id);
        let args = args![consumer, producer, &id];
        let rows = self.rows("search the inbox", CONSUMED_ANYWHERE, args).await?;
        Ok(!rows.is_empty())
    }

    async fn displace(&self, consumer: &str, event_id: &str) -> Result<(), StoreError> {
        let context = "count an event as applied wherever it comes again";
        self.run(context, DISPLACE, args![consumer, event_id]).await?;
        Ok(())
    }

    async fn inbox(
        &self,
        consumer: &str,
        producer: &str,
        after: Position,
        to: Position,
    ) -> Result<Vec<Inbox>, StoreError> {
        let args = args![consumer, producer, after, to];
        let rows = self.rows("read the inbox", INBOX, args).await?;
        rows.into_iter().map(inbox).collect()
    }

    async fn caused(&self, consumer: &str, producer: &str, after: Position) -> Result<Vec<Caused>, StoreError> {
        let args = args![consumer, producer, after, BY_EVENT, BY_PLAIN];
        let rows = self.rows("read what events led to", CAUSED, args).await?;
        rows.into_iter().map(caused).collect()
    }

    async fn rewind(&self, consumer: &str, producer: &str, aggregate: &str, seq: u64) -> Result<(), StoreError> {
        let context = "set what was applied back";
        let aggregate = compact::id(aggregate);
        let args = args![consumer, producer, &aggregate, seq];
        self.run(context, REWIND, args).await?;
        Ok(())
    }

    async fn recount(&self, consumer: &str, producer: &str, aggregate: &str, seq: u64) -> Result<(), StoreError> {
        let context = "count an event as applied";
        let aggregate = compact::id(aggregate);
        let args = args![consumer, producer, &aggregate, seq];
        self.run(context, RECOUNT, args).await?;
        Ok(())
    }

    async fn note_difference(&self, difference: &Difference) -> Result<(), StoreError> {
        let Difference {
            consumer,
            producer,
            aggregate,
            epoch,
            common,
            applied,
            owner,
            lost,
            at,
            end,
        } = difference;
        let (ended, reason, by) = (&end.resolution, &end.reason, &end.by);
        let args = args![
            consumer, producer, aggregate, epoch, *common, *applied, *owner, lost, *at, ended, reason, by, end.at
        ];
        self.run("write a difference", NOTE, args).await?;
        Ok(())
    }

    async fn differences(&self, after: (&str, &str), all: bool, limit: u32) -> Result<Vec<Difference>, StoreError> {
        let args = args![after.0, after.1, i64::from(all), limit];
        let rows = self.rows("list differences", DIFFERENCES, args).await?;
        rows.into_iter().map(difference).collect()
    }

    async fn open_differences(&self, aggregate: &str) -> Result<Vec<Difference>, StoreError> {
        let args = args![aggregate];
        let rows = self.rows("look for a difference", OPEN, args).await?;
        rows.into_iter().map(difference).collect()
    }

    async fn move_difference(&self, difference: &Difference) -> Result<(), StoreError> {
        let Difference {
            consumer,
            producer,
            aggregate,
            epoch,
            common,
            owner,
            ..
        } = difference;
        let args = args![consumer, producer, aggregate, epoch, *common, *owner];
        self.run("move a difference", MOVE, args).await?;
        Ok(())
    }

    async fn end_difference(&self, difference: &Difference, end: &End) -> Result<(), StoreError> {
        let Difference {
            consumer,
            producer,
            aggregate,
            epoch,
            ..
        } = difference;
        let End {
            resolution,
            reason,
            by,
            at,
        } = end;
        let args = args![consumer, producer, aggregate, epoch, resolution, reason, by, *at];
        self.run("end a difference", END, args).await?;
        Ok(())
    }
}

fn epoch(row: Row) -> Result<Epoch, StoreError> {
    let mut cells = Cells::new("epoch", row);
    Ok(Epoch {
        number: cells.count("number")?,
        id: cells.text("id")?,
        position: cells.int("position")?,
        at: cells.int("at")?,
        reason: cells.text("reason")?,
    })
}

fn inbox(row: Row) -> Result<Inbox, StoreError> {
    let mut cells = Cells::new("inbox", row);
    Ok(Inbox {
        consumer: cells.text("consumer")?,
        producer: cells.text("producer")?,
        position: cells.int("position")?,
        event_id: cells.id("event_id")?,
        aggregate: cells.id("aggregate")?,
        seq: cells.count("seq")?,
        at: cells.int("at")?,
    })
}

fn caused(row: Row) -> Result<Caused, StoreError> {
    let mut cells = Cells::new("history", row);
    Ok(Caused {
        event_id: cells.id("event_id")?,
        key: Key::new(cells.text("kind")?, cells.text("id")?),
        version: cells.count("version")?,
        state: cells.text("state")?,
        input: cells.packed_pair("content")?.1,
    })
}

fn difference(row: Row) -> Result<Difference, StoreError> {
    let mut cells = Cells::new("restore_difference", row);
    Ok(Difference {
        consumer: cells.text("consumer")?,
        producer: cells.text("producer")?,
        aggregate: cells.text("aggregate")?,
        epoch: cells.text("epoch")?,
        common: cells.count("common")?,
        applied: cells.count("applied")?,
        owner: cells.count("owner")?,
        lost: cells.text("lost")?,
        at: cells.int("at")?,
        end: End {
            resolution: cells.text("resolution")?,
            reason: cells.text("reason")?,
            by: cells.text("resolved_by")?,
            at: cells.int("resolved_at")?,
        },
    })
}
