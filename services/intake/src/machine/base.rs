//! What a share is counted of, as a person declared it: a number with its source, for one agency, award and year.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use machine::{Actor, Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::intake::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;

/// What is known of a base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The newest declaration.
    pub declared: Declaration,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A number with its source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The agency that proposes.
    pub agency: String,
    /// The award whose share is counted.
    pub award: String,
    /// The year.
    pub year: i32,
    /// Of how many.
    pub count: u32,
    /// Where the number comes from.
    pub source: String,
}

/// Where a base is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum BaseState {
    /// Not there.
    New,
    /// Declared; a later declaration takes its place.
    Declared,
}

/// What can be asked of a base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum BaseInput {
    /// Declare it, or declare it anew.
    Declare {
        /// What is declared.
        declaration: Declaration,
    },
}

#[state_machine(
    initial = "BaseState::New",
    state(custom, name = "BaseState"),
    superstate(name = "BaseSuperstate", derive(Debug))
)]
impl Base {
    #[state]
    fn new(&mut self, event: &Stimulus<BaseInput>, context: &mut Cx<Event>) -> Outcome<BaseState> {
        let _ = context;
        self.declare(event)
    }

    #[state]
    fn declared(&mut self, event: &Stimulus<BaseInput>) -> Outcome<BaseState> {
        self.declare(event)
    }
}

impl Base {
    fn declare(&mut self, event: &Stimulus<BaseInput>) -> Outcome<BaseState> {
        let BaseInput::Declare { declaration } = &event.input;
        self.declared.clone_from(declaration);
        self.by.clone_from(&event.by);
        self.at = event.at;
        Transition(BaseState::Declared)
    }
}

impl Machine for Base {
    const NAME: &'static str = "intake.base";
    const VERSION: u32 = 1;
    type State = BaseState;
    type Input = BaseInput;
    type Event = Event;

    fn initial() -> BaseState {
        BaseState::New
    }

    fn dispatch(&mut self, state: &mut BaseState, on: &Stimulus<BaseInput>, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &BaseState) -> Waiting {
        Waiting::Final
    }
}
