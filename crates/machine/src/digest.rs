//! Digests of snapshots and effects: what replay compares.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Digest = [u8; 32];

/// SHA-256 over the JSON of `value`. JSON of our own types is canonical: fields in the order of their declaration,
/// maps sorted.
pub fn digest<T: Serialize>(value: &T) -> Digest {
    digest_of(&serde_json::to_vec(value).expect("machine types have string keys only"))
}

/// The digest of what is encoded already.
pub fn digest_of(json: &[u8]) -> Digest {
    Sha256::digest(json).into()
}
