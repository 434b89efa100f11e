//! What the demo and the bench have in common: the acts of officials as calls of the public API.

mod act;

pub use act::{Act, Case, Reply, member, members};
