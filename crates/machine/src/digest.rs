//! Digests of snapshots and effects: what replay compares.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Digest = [u8; 32];

/// SHA-256 over the JSON of `value`. JSON of our own types is canonical: fields in the order of their declaration,
/// maps sorted.
pub fn digest<T: Serialize>(value: &T) -> Digest {
    struct Hasher(Sha256);
    impl std::io::Write for Hasher {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut hasher = Hasher(Sha256::new());
    serde_json::to_writer(&mut hasher, value).expect("machine types have string keys only and the hasher cannot fail");
    hasher.0.finalize().into()
}
