//! An agency's place in the directory: registered once, and ended at most once.
//!
//! The machine knows no today: an agency is *closed* from the moment when its end is known, even if the day of its end
//! is still to come. Who asks gives a day, and reads the dates.
#![expect(
    missing_docs,
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig's macro names handlers after states, and writes superstates"
)]

pub mod days;
pub mod delegation;
pub mod local_award;

use law::{Agency, Date};
use machine::{Cx, Machine, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

/// What the directory knows of one agency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The agency; there is one in every state but [`State::New`].
    pub agency: Option<Agency>,
}

/// States of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// It exists, and no end is known.
    Active,
    /// Its end is known.
    Closed,
}

/// Inputs of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// An operator registers it; one that is part of the past may bring its end along.
    Register {
        /// The agency.
        agency: Agency,
    },
    /// An operator records its end.
    Close {
        /// First day on which it no longer exists.
        to: Date,
        /// Who acts in its place from that day.
        successor: Option<String>,
    },
}

/// What a listing publishes: always the whole agency, so that a replica needs no other event to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// It is in the directory.
    AgencyRegistered(Agency),
    /// Its end is known.
    AgencyClosed(Agency),
}

/// The reason for dates and successors that contradict one another.
const INVALID: &str = "INVALID_REQUEST";

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Listing {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Register { agency } = &event.input else {
            return Super;
        };
        if agency.from.zip(agency.to).is_some_and(|(from, to)| to <= from) {
            return context.refuse(INVALID, "to must lie after from");
        }
        if agency.successor.as_ref() == Some(&agency.code) || agency.parent.as_ref() == Some(&agency.code) {
            return context.refuse(INVALID, "an agency is neither its own parent nor its own successor");
        }
        if agency.successor.is_some() && agency.to.is_none() {
            return context.refuse(INVALID, "a successor acts from the day of the end: give to");
        }
        self.agency = Some(agency.clone());
        context.publish(Fact::AgencyRegistered(agency.clone()));
        Transition(if agency.to.is_some() {
            State::Closed
        } else {
            State::Active
        })
    }

    #[state(superstate = "listed")]
    fn active(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let (Input::Close { to, successor }, Some(agency)) = (&event.input, &mut self.agency) else {
            return Super;
        };
        if agency.from.is_some_and(|from| *to <= from) {
            return context.refuse(INVALID, "to must lie after from");
        }
        if successor.as_ref() == Some(&agency.code) {
            return context.refuse(INVALID, "an agency is not its own successor");
        }
        agency.to = Some(*to);
        agency.successor.clone_from(successor);
        context.publish(Fact::AgencyClosed(agency.clone()));
        Transition(State::Closed)
    }

    #[state(superstate = "listed")]
    fn closed(event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Close { .. } => context.refuse("AGENCY_CLOSED", ""),
            Input::Register { .. } => Super,
        }
    }

    #[superstate]
    fn listed(event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Register { .. } => context.refuse("AGENCY_EXISTS", ""),
            Input::Close { .. } => Super,
        }
    }
}

impl Machine for Listing {
    const NAME: &'static str = "directory.agency";
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
