//! A decision (quyết định): a paper with a number unique in its agency and year, held as a claim.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use machine::{Cx, Machine, Stimulus, Waiting};
use proto::approval::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::Paper;

/// A decision: awards or refuses one or many dossiers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What it is.
    pub paper: Paper,
}

/// Where a decision is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum DecisionState {
    /// Not there.
    New,
    /// Issued.
    Issued,
}

/// What can be asked of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum DecisionInput {
    /// The authority issues it; its number is claimed.
    Issue {
        /// What it is.
        paper: Paper,
    },
}

#[state_machine(
    initial = "DecisionState::New",
    state(custom, name = "DecisionState"),
    superstate(name = "DecisionSuperstate", derive(Debug))
)]
impl Decision {
    #[state]
    fn new(&mut self, event: &Stimulus<DecisionInput>, context: &mut Cx<Event>) -> Outcome<DecisionState> {
        let DecisionInput::Issue { paper } = &event.input;
        self.paper.clone_from(paper);
        context.claim(paper.claim("decision"));
        Transition(DecisionState::Issued)
    }

    #[state]
    fn issued(&mut self, event: &Stimulus<DecisionInput>, context: &mut Cx<Event>) -> Outcome<DecisionState> {
        let DecisionInput::Issue { paper } = &event.input;
        context.refuse("NUMBER_TAKEN", paper.number.clone())
    }
}

impl Machine for Decision {
    const NAME: &'static str = "approval.decision";
    const VERSION: u32 = 1;
    type State = DecisionState;
    type Input = DecisionInput;
    type Event = Event;

    fn initial() -> DecisionState {
        DecisionState::New
    }

    fn dispatch(&mut self, state: &mut DecisionState, on: &Stimulus<DecisionInput>, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &DecisionState) -> Waiting {
        Waiting::Final
    }
}
