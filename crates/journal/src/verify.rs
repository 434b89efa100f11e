//! Verification: recomputes every hash and counts every number.

use crate::{Key, Loaded, Store, StoreError, chain};

/// Rows read at once.
const PAGE: u32 = 500;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Aggregates read.
    pub aggregates: u64,
    /// History rows read.
    pub rows: u64,
    /// Events read.
    pub events: u64,
    /// What is wrong; empty if all is well.
    pub problems: Vec<Tampering>,
}

/// Something that only tampering or a damaged disk explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampering {
    /// Which aggregate; both parts are empty for a missing position of the service.
    pub key: Key,
    /// The history version, or the event's `seq` or position, as `what` says; 0 for the aggregate as a whole.
    pub version: u64,
    /// What is wrong.
    pub what: String,
}

/// Verifies a whole store, also while it is being written to: commitments, hash chains, the heads of the aggregates,
/// versions and event numbers from 1 without a gap, positions without a hole. `progress` is told the number of
/// aggregates verified so far. Problems are data; an `Err` means that the store could not be read.
pub async fn verify(store: &dyn Store, mut progress: impl FnMut(u64)) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    for key in store.orphans(PAGE).await? {
        verified.problem(&key, 0, "history or events without their aggregate");
    }
    let mut after: Option<Key> = None;
    loop {
        let keys = store.keys(after.as_ref(), PAGE).await?;
        let Some(last) = keys.last() else { break };
        after = Some(last.clone());
        for key in &keys {
            verified.aggregate(store, key).await?;
            verified.aggregates += 1;
            progress(verified.aggregates);
        }
    }
    let outcome = verified.positions(store).await;
    verified.unless_unreadable(&Key::new("", ""), outcome)?;
    Ok(verified)
}

impl Verified {
    fn problem(&mut self, key: &Key, version: u64, what: impl Into<String>) {
        self.problems.push(Tampering {
            key: key.clone(),
            version,
            what: what.into(),
        });
    }

    /// A row that cannot be read is a problem of its aggregate, and hides what comes after it.
    async fn aggregate(&mut self, store: &dyn Store, key: &Key) -> Result<(), StoreError> {
        // One at a time: a page of snapshots may be large.
        let rows = async {
            if let [Some(aggregate)] = store.load(std::slice::from_ref(key)).await?.as_slice() {
                self.history(store, aggregate).await?;
                self.events(store, aggregate).await?;
            }
            Ok(())
        };
        let outcome = rows.await;
        self.unless_unreadable(key, outcome)
    }

    /// A row that is not as it was written is a problem, not a failure of the store.
    fn unless_unreadable(&mut self, key: &Key, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
        match outcome {
            Err(unreadable @ StoreError::Corrupt { .. }) => {
                self.problem(key, 0, unreadable.to_string());
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn history(&mut self, store: &dyn Store, aggregate: &Loaded) -> Result<(), StoreError> {
        let key = &aggregate.key;
        let (mut version, mut head) = (0, chain::GENESIS);
        'pages: loop {
            let page = store.history(key, version, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                if row.version > aggregate.version {
                    break 'pages;
                }
                self.rows += 1;
                let missing = row.version - version - 1;
                if missing > 0 {
                    self.problem(
                        key,
                        version + 1,
                        format!("{missing} rows of history are missing from here on"),
                    );
                } else if chain::hash(
                    &head,
                    key,
                    row.version,
                    row.machine_version,
                    &row.entry,
                    &row.commitment,
                ) != row.hash
                {
                    self.problem(
                        key,
                        row.version,
                        "the hash does not follow from the row and the one before",
                    );
                }
                if chain::commitment(&row.salt, row.version, &row.entry) != row.commitment {
                    self.problem(key, row.version, "input or actor are not those that were committed to");
                }
                (version, head) = (row.version, row.hash);
            }
        }
        if version < aggregate.version {
            let missing = aggregate.version - version;
            self.problem(
                key,
                version + 1,
                format!("the last {missing} rows of history are missing"),
            );
        } else if head != aggregate.head_hash {
            self.problem(key, version, "the last hash is not the one that the aggregate holds");
        }
        self.beyond(store, aggregate).await
    }

    /// Rows after the aggregate's version are fine if the aggregate has moved on meanwhile.
    async fn beyond(&mut self, store: &dyn Store, aggregate: &Loaded) -> Result<(), StoreError> {
        let key = &aggregate.key;
        if let Some(row) = store.history(key, aggregate.version, 1).await?.first() {
            let now = store.load(std::slice::from_ref(key)).await?;
            if now
                .first()
                .and_then(Option::as_ref)
                .is_none_or(|now| now.version < row.version)
            {
                self.problem(key, row.version, "history goes on after the aggregate's version");
            }
        }
        Ok(())
    }

    async fn events(&mut self, store: &dyn Store, aggregate: &Loaded) -> Result<(), StoreError> {
        let key = &aggregate.key;
        let mut seq = 0;
        'pages: loop {
            let page = store.events_of(key, seq, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                if row.seq > aggregate.seq {
                    break 'pages;
                }
                self.events += 1;
                if row.seq != seq + 1 {
                    self.problem(
                        key,
                        seq + 1,
                        format!("events are missing: seq {} to {}", seq + 1, row.seq - 1),
                    );
                }
                if row.version == 0 || row.version > aggregate.version {
                    self.problem(key, row.seq, format!("event {} is of version {}", row.seq, row.version));
                }
                seq = row.seq;
            }
        }
        if seq < aggregate.seq {
            self.problem(
                key,
                seq + 1,
                format!("events are missing: seq {} to {}", seq + 1, aggregate.seq),
            );
        }
        Ok(())
    }

    async fn positions(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let head = store.head().await?;
        let service = Key::new("", "");
        let mut position = 0;
        loop {
            let page = store.events(position, PAGE).await?;
            let Some(last) = page.last() else { break };
            // Also while it is written to: the head moves with the events.
            if last.position > head && last.position > store.head().await? {
                self.problem(&service, last.position as u64, "an event lies beyond the head");
            }
            for row in page {
                if row.position != position + 1 {
                    let what = format!("positions are missing: {} to {}", position + 1, row.position - 1);
                    self.problem(&service, (position + 1) as u64, what);
                }
                position = row.position;
            }
        }
        if position < head {
            let what = format!("positions are missing: {} to {head}", position + 1);
            self.problem(&service, (position + 1) as u64, what);
        }
        Ok(())
    }
}
