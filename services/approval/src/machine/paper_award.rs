//! An award that was decided on paper, entered in the register so that lookups are whole.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use machine::{Actor, Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::approval::v1::{self as facts, Event, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Date;

use super::{Amendment, AmendmentKind};

/// What is known of a paper award.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperAward {
    /// What was entered.
    pub recorded: Option<Recorded>,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Decisions after the decision, oldest first.
    #[serde(default)]
    pub amendments: Vec<Amendment>,
}

/// An entry of a paper award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its id in the register.
    #[serde(default)]
    pub entry: String,
    /// Award code.
    pub award: String,
    /// The holder's name.
    pub holder: String,
    /// individual, collective or household.
    pub holder_kind: String,
    /// The personal or unit number, or empty.
    pub person: String,
    /// The holder's agency, or empty.
    pub candidate_agency: String,
    /// Who decided.
    pub deciding_agency: String,
    /// Number of the decision.
    pub decision_number: String,
    /// Its day.
    pub decided_on: Date,
    /// The year that the award is for.
    pub year: i32,
    /// Where it was read.
    pub source: String,
}

impl Recorded {
    /// The same award is entered once.
    fn claim(&self) -> String {
        let whose = if self.person.is_empty() {
            &self.holder
        } else {
            &self.person
        };
        let Self {
            award,
            deciding_agency,
            decision_number,
            decided_on,
            ..
        } = self;
        format!("paper-award/{deciding_agency}/{decided_on}/{decision_number}/{award}/{whose}")
    }
}

/// Where an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum PaperAwardState {
    /// Not there.
    New,
    /// Entered.
    Recorded,
    /// Entered, and revoked since.
    Revoked,
}

/// What can be asked of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum PaperAwardInput {
    /// An officer of the agency that decided enters it.
    Record {
        /// What.
        recorded: Recorded,
    },
    /// The authority corrects, revokes or restores it.
    Amend {
        /// By which decision.
        amendment: Amendment,
        /// The entry as it is corrected.
        corrected: Option<Recorded>,
    },
}

#[state_machine(
    initial = "PaperAwardState::New",
    state(custom, name = "PaperAwardState"),
    superstate(name = "PaperAwardSuperstate", derive(Debug))
)]
impl PaperAward {
    #[state]
    fn new(&mut self, event: &Stimulus<PaperAwardInput>, context: &mut Cx<Event>) -> Outcome<PaperAwardState> {
        let PaperAwardInput::Record { recorded } = &event.input else {
            return Super;
        };
        context.claim(recorded.claim());
        self.recorded = Some(recorded.clone());
        self.by.clone_from(&event.by);
        self.at = event.at;
        Transition(PaperAwardState::Recorded)
    }

    #[state(superstate = "entered")]
    fn recorded(&mut self, event: &Stimulus<PaperAwardInput>, context: &mut Cx<Event>) -> Outcome<PaperAwardState> {
        let PaperAwardInput::Amend { amendment, corrected } = &event.input else {
            return Super;
        };
        match amendment.kind {
            AmendmentKind::Correct => {
                if let Some(corrected) = corrected {
                    self.recorded = Some(corrected.clone());
                }
                self.amendments.push(amendment.clone());
                Handled
            }
            AmendmentKind::Revoke => {
                self.amendments.push(amendment.clone());
                if let Some(recorded) = &self.recorded {
                    let fact = facts::RecordedAwardRevoked {
                        entry: recorded.entry.clone(),
                        person: recorded.person.clone(),
                        award: recorded.award.clone(),
                        year: recorded.year,
                        decision_number: recorded.decision_number.clone(),
                        number: amendment.number.clone(),
                    };
                    self.tell(Fact::RecordedAwardRevoked(fact), context);
                }
                Transition(PaperAwardState::Revoked)
            }
            AmendmentKind::Reissue => {
                self.amendments.push(amendment.clone());
                Handled
            }
            AmendmentKind::Restore => context.refuse("NOT_REVOKED", ""),
        }
    }

    #[state(superstate = "entered")]
    fn revoked(&mut self, event: &Stimulus<PaperAwardInput>, context: &mut Cx<Event>) -> Outcome<PaperAwardState> {
        let PaperAwardInput::Amend { amendment, .. } = &event.input else {
            return Super;
        };
        if amendment.kind != AmendmentKind::Restore {
            return context.refuse("REVOKED", "");
        }
        self.amendments.push(amendment.clone());
        if let Some(recorded) = &self.recorded {
            let (entry, person) = (recorded.entry.clone(), recorded.person.clone());
            self.tell(
                Fact::RecordedAwardRestored(facts::RecordedAwardRestored { entry, person }),
                context,
            );
        }
        Transition(PaperAwardState::Recorded)
    }

    #[superstate]
    fn entered(context: &mut Cx<Event>) -> Outcome<PaperAwardState> {
        context.refuse("ALREADY_RECORDED", "")
    }
}

impl PaperAward {
    fn tell(&self, fact: Fact, context: &mut Cx<Event>) {
        let recorded = self.recorded.as_ref();
        let agency = recorded
            .map(|recorded| recorded.deciding_agency.clone())
            .unwrap_or_default();
        context.publish(Event {
            award: recorded.map(|recorded| recorded.award.clone()).unwrap_or_default(),
            deciding_agency: agency.clone(),
            agency,
            fact: Some(fact),
            ..Event::default()
        });
    }

    /// How it stands.
    pub fn status(&self, state: &PaperAwardState) -> &'static str {
        let corrected = self.amendments.iter().any(|one| one.kind == AmendmentKind::Correct);
        match state {
            PaperAwardState::Revoked => "revoked",
            _ if corrected => "corrected",
            _ => "in-force",
        }
    }
}

impl Machine for PaperAward {
    const NAME: &'static str = "approval.paper-award";
    const VERSION: u32 = 1;
    type State = PaperAwardState;
    type Input = PaperAwardInput;
    type Event = Event;

    fn initial() -> PaperAwardState {
        PaperAwardState::New
    }

    fn dispatch(&mut self, state: &mut PaperAwardState, on: &Stimulus<PaperAwardInput>, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &PaperAwardState) -> Waiting {
        Waiting::Final
    }
}
