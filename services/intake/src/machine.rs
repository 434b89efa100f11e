//! The machines of intake: a dossier, and what a share is counted of.

mod base;
mod dossier;
mod head;
mod judged;
mod relied;

pub use base::{Base, BaseInput, BaseState, Declaration};
pub use dossier::{Dossier, Input, State, Told};
pub use head::Head;
pub use judged::{Chosen, Judged, Occasion, Remark};
pub use relied::{Questioned, Relied};
