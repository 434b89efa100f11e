//! The one room that reads randomness: ids of new aggregates, request ids, keys, jitter.

/// A random id (UUID v4): says nothing about when or by whom.
#[expect(clippy::disallowed_methods, reason = "this is the one room that reads randomness")]
pub fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Random bytes, for keys and secrets.
#[expect(clippy::disallowed_methods, reason = "this is the one room that reads randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness, or nothing here may run");
    bytes
}
