//! The machines of council: a council and who sits on it, what there is to review of a dossier, one review of it, a
//! session, and a page of its agenda.

mod agenda;
mod council;
mod docket;
mod review;
mod session;
mod terms;

use serde::{Deserialize, Serialize};

pub use agenda::{Agenda, AgendaInput, AgendaState, Line, PAGE, Verdict};
pub use council::{Charter, Council, CouncilInput, CouncilSeat, CouncilState, Function, Holder, Kind, Member};
pub use docket::{Docket, DocketInput, DocketState, Seat};
pub use review::{Counts, Ground, Opening, Review, ReviewInput, ReviewState, Round, Want};
pub use session::{Call, Invitation, NEXT_PAGE, Session, SessionInput, SessionState, Signature, Sitting, Standing};
pub use terms::{Recused, Regulation, Terms, Turnout};

/// What a ballot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// For.
    Yes,
    /// Against.
    No,
    /// Neither; in the base all the same.
    Blank,
}

/// One dossier before one council. Its text is the review's id: `<dossier>@<council>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The dossier.
    pub dossier: String,
    /// The agency that holds the council by the dossier's route.
    pub council: String,
}

impl Item {
    /// The dossier before the council.
    pub fn new(dossier: impl Into<String>, council: impl Into<String>) -> Self {
        Self {
            dossier: dossier.into(),
            council: council.into(),
        }
    }
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.dossier, self.council)
    }
}
