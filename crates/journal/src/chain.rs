//! The hash chain of an aggregate's history.
//!
//! A row's hash covers the hash of the row before it, the row's public part and a *salted commitment* in place of its
//! input and actor: once the personal data of an aggregate and its salt are erased, nobody can guess them from the
//! commitments, and the chain still verifies.

use sha2::{Digest, Sha256};

use crate::{Entry, Key, StoreError};

/// What comes before the first row.
pub const GENESIS: [u8; 32] = [0; 32];

/// Random bytes in all commitments of an aggregate: too many to be guessed. They are erased with what they hide.
pub type Salt = [u8; 16];

/// A fresh random salt.
#[expect(
    clippy::disallowed_methods,
    reason = "a salt hides personal data and is never replayed: nothing depends on it"
)]
pub(crate) fn salt() -> Result<Salt, StoreError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|error| StoreError::Unsafe(format!("the system gives no random numbers for salts: {error}")))?;
    Ok(salt)
}

/// SHA-256 over salt, version, actor and input. The version makes two of the same content two.
pub fn commitment(salt: &Salt, version: u64, entry: &Entry) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(version.to_be_bytes());
    part(&mut hash, entry.actor.as_bytes());
    part(&mut hash, &entry.input);
    hash.finalize().into()
}

/// SHA-256 over the row before, the public part and the commitment. The trace context is left out: it is no fact of
/// the procedure.
pub fn hash(
    previous: &[u8; 32],
    key: &Key,
    version: u64,
    machine_version: u32,
    entry: &Entry,
    commitment: &[u8; 32],
) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    part(&mut hash, key.kind.as_bytes());
    part(&mut hash, key.id.as_bytes());
    hash.update(version.to_be_bytes());
    hash.update(machine_version.to_be_bytes());
    hash.update(entry.at.to_be_bytes());
    part(&mut hash, entry.request_id.as_bytes());
    part(&mut hash, entry.cause.as_bytes());
    part(&mut hash, entry.state.as_bytes());
    hash.update(entry.outcome);
    hash.update(commitment);
    hash.finalize().into()
}

/// What stands for a principal beside the ids of its requests. An id is found under it and nowhere else: two that share
/// one would have to be looked for, 2^64 times.
pub fn scope(principal: &str) -> [u8; 16] {
    short(principal.as_bytes())
}

/// The first half of SHA-256: enough where nobody gains by two contents that share it.
pub fn short(content: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(content).into();
    std::array::from_fn(|at| digest[at])
}

/// Hashes a part of variable length behind its length, so that no two rows share an encoding.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
