//! The roll of active subscriptions. Its version says which set of them a decision was made on: a reaction reads it,
//! so that an event and a subscription that meet are put into one order, on however many replicas.

use machine::{Cx, Machine, Refusal, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::subscription::Nothing;

/// The id of the only roll.
pub const ROLL: &str = "active";

/// The roll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    /// How many subscriptions are active.
    pub active: u64,
}

/// States of the roll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Nobody ever subscribed.
    New,
    /// Somebody did.
    Kept,
}

/// Inputs of the roll, each in one commit with the subscription's own step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// A subscription became active.
    Joined,
    /// A subscription ended.
    Left,
}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Roll {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Nothing>) -> Outcome<State> {
        match event.input {
            Input::Joined => {
                self.active = 1;
                Transition(State::Kept)
            }
            Input::Left => context.refuse(Refusal::NOT_ALLOWED_NOW, "nobody is on the roll"),
        }
    }

    #[state]
    fn kept(&mut self, event: &Stimulus<Input>) -> Outcome<State> {
        let active = match event.input {
            Input::Joined => self.active.checked_add(1),
            Input::Left => self.active.checked_sub(1),
        };
        let Some(active) = active else { return Super };
        self.active = active;
        Handled
    }
}

impl Machine for Roll {
    const NAME: &'static str = "notification.roll";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Nothing;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Nothing>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}
