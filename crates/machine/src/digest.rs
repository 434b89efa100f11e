//! Digests of snapshots and effects: what replay compares.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{Effect, Machine, Stepped};

/// SHA-256.
pub type Digest = [u8; 32];

/// SHA-256 over the JSON of `value`. JSON of our own types is canonical: fields in the order of their declaration,
/// maps sorted.
pub fn digest<T: Serialize>(value: &T) -> Digest {
    Sha256::digest(serde_json::to_vec(value).expect("machine types have string keys only")).into()
}

/// What a machine made of an input: the first half of a SHA-256 over the snapshot and the effects. It tells whether a
/// replay comes out the same; who would forge it would have to forge the inputs, which the chain covers.
pub type Outcome = [u8; 16];

/// The outcome of a step.
pub fn outcome<M: Machine>(stepped: &Stepped<M>) -> Outcome {
    outcome_of(&stepped.next.encode(), &stepped.effects)
}

/// The outcome of a step whose snapshot is encoded already.
pub fn outcome_of<E: Serialize>(snapshot: &[u8], effects: &[Effect<E>]) -> Outcome {
    // Each is one value of JSON, so one does not run into the other.
    let mut hash = Sha256::new_with_prefix(snapshot);
    hash.update(serde_json::to_vec(effects).expect("machine types have string keys only"));
    let digest: Digest = hash.finalize().into();
    std::array::from_fn(|at| digest[at])
}
