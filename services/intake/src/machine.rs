//! The machine of intake: a dossier.

mod dossier;

pub use dossier::{Dossier, Head, Input, Judged, State, Told};
