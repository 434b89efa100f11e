//! What makes an event one and the same: its id; and what a history needs to begin.

use journal::{Lineage, Store, StoreError};
use machine::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{Clock, Published, clock, entropy};

/// The same fact at the same place has the same id, whoever computes it and however often: place, content and day, for
/// limits count in days. So a restored service that comes to a fact again tells nobody twice, and one that comes to
/// another fact in its place cannot be taken for having told it. Under a secret, for a content hold names.
pub(crate) fn event_id(
    lineage: &Lineage,
    (service, kind, id): (&str, &str, &str),
    seq: u64,
    fact: &Published,
    at: Timestamp,
) -> String {
    let mut hasher = Sha256::new();
    let day = clock::day(at).to_julian_day().to_be_bytes();
    let parts: [&[u8]; 8] = [
        lineage.key.as_bytes(),
        service.as_bytes(),
        kind.as_bytes(),
        id.as_bytes(),
        fact.event_type.as_bytes(),
        fact.agency.as_bytes(),
        &day,
        &fact.body,
    ];
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.update(seq.to_be_bytes());
    hex::encode(&hasher.finalize()[..16])
}

/// A fresh id of an epoch.
pub fn fresh_epoch() -> String {
    hex::encode(entropy::random::<16>())
}

/// Begins the history of a store that has none yet.
pub(crate) async fn begin(store: &dyn Store, clock: &Clock) -> Result<(), StoreError> {
    let secret = hex::encode(entropy::random::<32>());
    store.begin_history(&fresh_epoch(), &secret, clock.now().0).await
}
