//! Every reader of what strangers write, given what nobody would write.
//!
//! - [`targets`]: one function a reader; it panics where the reader does, and where what it read is not what was written.
//! - [`seeds`]: what is right, to start from: the files of this repository, and the kept corpus (`corpus/<target>/`).
//! - [`mutate`], [`tree`], [`wire`]: what is nearly right; [`run`]: over and over.
//! - [`calls`]: the same for every RPC of running services; [`house`]: those services.
//! - [`overload`], [`raw`]: too much of what is right, and HTTP/2 that no client library would speak.
//!
//! `fuzz/` holds the same targets for libFuzzer (`cargo +nightly fuzz run dossier`); it is a workspace of its own.

pub mod calls;
pub mod house;
pub mod memory;
pub mod mutate;
pub mod overload;
pub mod random;
pub mod raw;
pub mod run;
pub mod seeds;
pub mod targets;
pub mod tree;
pub mod wire;
