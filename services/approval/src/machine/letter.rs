//! A letter of submission (tờ trình): a paper with a number unique in its agency and year, held as a claim.

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

/// A letter of submission: carries one or many dossiers to the next level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is.
    pub paper: Paper,
}

/// Where a letter is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum LetterState {
    /// Not there.
    New,
    /// Signed and sent.
    Signed,
}

/// What can be asked of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum LetterInput {
    /// The leader signs it; its number is claimed.
    Sign {
        /// What it is.
        paper: Paper,
    },
}

#[state_machine(
    initial = "LetterState::New",
    state(custom, name = "LetterState"),
    superstate(name = "LetterSuperstate", derive(Debug))
)]
impl Letter {
    #[state]
    fn new(&mut self, event: &Stimulus<LetterInput>, context: &mut Cx<Event>) -> Outcome<LetterState> {
        let LetterInput::Sign { paper } = &event.input;
        self.paper.clone_from(paper);
        context.claim(paper.claim("letter"));
        Transition(LetterState::Signed)
    }

    #[state]
    fn signed(&mut self, event: &Stimulus<LetterInput>, context: &mut Cx<Event>) -> Outcome<LetterState> {
        let LetterInput::Sign { paper } = &event.input;
        context.refuse("NUMBER_TAKEN", paper.number.clone())
    }
}

impl Machine for Letter {
    const NAME: &'static str = "approval.letter";
    const VERSION: u32 = 1;
    type State = LetterState;
    type Input = LetterInput;
    type Event = Event;

    fn initial() -> LetterState {
        LetterState::New
    }

    fn dispatch(&mut self, state: &mut LetterState, on: &Stimulus<LetterInput>, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &LetterState) -> Waiting {
        Waiting::Final
    }
}
