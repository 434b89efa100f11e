//! The days on which one agency, or all of them, do otherwise than the calendar says.
//!
//! What has passed is not touched: no deadline of yesterday moves. The machine is told what day it is.
#![expect(
    missing_docs,
    clippy::new_ret_no_self,
    reason = "statig's macro names handlers after states, and writes superstates"
)]

use std::collections::BTreeMap;

use law::{Date, DayException};
use machine::{Cx, Machine, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

/// The id of the days that hold for all agencies: no agency has such a code.
pub const EVERYONE: &str = "_all";
/// Some decades of exceptions; more is a mistake of a program.
const DAYS_MAX: usize = 2_000;

/// The days of one agency, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// By day.
    pub days: BTreeMap<Date, DayException>,
}

/// States of a list of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Nothing was ever set.
    New,
    /// It is kept; it may have become empty again.
    Kept,
}

/// Inputs of a list of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// Sets a day, or puts it in the place of what was set for it.
    Set {
        /// The day.
        day: DayException,
        /// Today in Viet Nam.
        today: Date,
    },
    /// Takes a day back: the calendar holds again.
    Withdraw {
        /// Which.
        day: Date,
        /// Today in Viet Nam.
        today: Date,
    },
}

/// What a list of days publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// This holds from now on.
    DaySet(DayException),
    /// This holds no longer.
    DayWithdrawn(DayException),
}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Days {
    #[state(superstate = "any")]
    fn new(event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Withdraw { day, .. } => context.refuse("NO_SUCH_DAY", day.to_string()),
            Input::Set { .. } => Super,
        }
    }

    #[state(superstate = "any")]
    fn kept(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Withdraw { day, today } = event.input else {
            return Super;
        };
        if day < today {
            return context.refuse("DAY_PASSED", day.to_string());
        }
        let Some(was) = self.days.remove(&day) else {
            return context.refuse("NO_SUCH_DAY", day.to_string());
        };
        context.publish(Fact::DayWithdrawn(was));
        Transition(State::Kept)
    }

    #[superstate]
    fn any(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Set { day, today } = &event.input else {
            return Super;
        };
        if day.day < *today {
            return context.refuse("DAY_PASSED", day.day.to_string());
        }
        if self.days.len() >= DAYS_MAX && !self.days.contains_key(&day.day) {
            return context.refuse(
                "INVALID_REQUEST",
                format!("an agency has at most {DAYS_MAX} days of its own"),
            );
        }
        self.days.insert(day.day, day.clone());
        context.publish(Fact::DaySet(day.clone()));
        Transition(State::Kept)
    }
}

impl Machine for Days {
    const NAME: &'static str = "directory.days";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Fact;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Fact>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, _: &State) -> Waiting {
        Waiting::Final
    }
}

#[cfg(test)]
mod tests;
