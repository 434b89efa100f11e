//! Steps of the schema: each is applied once, in order, and never changed afterwards.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::StoreError;

/// One step of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number: below 100 for the journal's own, from 100 on for a service's view tables.
    pub version: i64,
    /// Its name, for people.
    pub name: &'static str,
    /// Its statements, in the dialect of the store that it is for.
    pub sql: &'static str,
}

/// The table of what was applied; the same text on both stores.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration \
    (version BIGINT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL)";

/// What was applied, oldest first.
pub(crate) const APPLIED: &str = "SELECT version, digest FROM migration ORDER BY version";

/// Records one that is being applied.
pub(crate) const RECORD: &str = "INSERT INTO migration (version, name, digest) VALUES ($1, $2, $3)";

impl Migration {
    /// SHA-256 of its text, in hex.
    pub(crate) fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.sql))
    }
}

/// Which of `own` and `service` are still to be applied, given the digests of those that were.
///
/// A version that is applied but unknown here is left alone: a newer release of the service is being rolled out.
pub(crate) fn pending(
    own: &'static [Migration],
    service: &'static [Migration],
    applied: &BTreeMap<i64, String>,
) -> Result<Vec<&'static Migration>, StoreError> {
    let mut known = BTreeMap::new();
    for (migration, is_own) in own.iter().map(|m| (m, true)).chain(service.iter().map(|m| (m, false))) {
        let Migration { version, name, .. } = migration;
        if is_own != (*version < 100) {
            return Err(StoreError::Unsafe(format!(
                "migration {version} {name}: the journal's are numbered below 100, a service's from 100 on"
            )));
        }
        if known.insert(*version, migration).is_some() {
            return Err(StoreError::Unsafe(format!(
                "two migrations have the number {version}: renumber {name}"
            )));
        }
        if applied.get(version).is_some_and(|digest| *digest != migration.digest()) {
            return Err(StoreError::Unsafe(format!(
                "migration {version} {name} was changed after it had been applied: restore its text and put the \
                 change into a new migration"
            )));
        }
    }
    Ok(known
        .into_values()
        .filter(|migration| !applied.contains_key(&migration.version))
        .collect())
}
