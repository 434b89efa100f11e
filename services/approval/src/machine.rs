//! The machines of approval: a dossier's course, the letters that forward it, the decisions that end it, and the
//! calendar that their deadlines live by.

mod amendment;
mod assignment;
mod bulk;
mod calendar;
mod consultation;
mod course;
mod deadline;
mod decision;
mod escalation;
mod facts;
mod letter;
mod numbering;
mod paper_award;
mod records;
mod terms;

use serde::{Deserialize, Serialize};

pub use amendment::{Amendment, AmendmentKind, Recovery};
pub use assignment::{Assignment, Task};
pub use bulk::{Bulk, BulkAct, BulkInput, BulkState, Owner};
pub use calendar::{CalendarInput, CalendarState, DayChange, OfficeCalendar};
pub use consultation::{Answer, Consultation};
pub use deadline::{Count, Deadline, Moved, Stop, Stopped, Which};
pub use decision::{Decision, DecisionInput, DecisionState};
pub use escalation::Late;
pub use letter::{Letter, LetterInput, LetterState};
pub use numbering::{Numbering, NumberingInput, NumberingState};
pub use paper_award::{PaperAward, PaperAwardInput, PaperAwardState, Recorded};
pub use records::{Death, Decided, Lowered, Move, Presentation, Reckoned, SentBack, TakeOver};
pub use terms::{Council, Course, Input, Opening, State};

/// A numbered paper of an agency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Whose it is.
    pub agency: String,
    /// The year of its numbering.
    pub year: i32,
    /// Its number, e.g. `210/TTr-UBND`.
    pub number: String,
    /// The dossiers that it covers.
    pub dossiers: Vec<String>,
}

impl Paper {
    /// The unique key that its number is held by: numbers begin anew in each agency and year.
    fn claim(&self, kind: &str) -> String {
        format!("{kind}/{}/{}/{}", self.agency, self.year, self.number)
    }
}
