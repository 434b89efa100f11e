//! A leader's substitute: given once for some acts and days, and ended at most once. What has passed stays on record.
//!
//! The machine is told what day it is, and what cannot be given: rights change, and a history replays for ever.
#![expect(
    missing_docs,
    clippy::new_ret_no_self,
    reason = "statig's macro names handlers after states, and writes superstates"
)]

use access::{Mandate, Role};
use law::Date;
use machine::{Cx, Machine, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Duration;

/// Who stands in longer than a year is appointed, not mandated.
const DAYS_MAX: i64 = 366;

/// A delegation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// What was given; there is one in every state but [`State::New`].
    pub given: Option<Given>,
}

/// A mandate, and the paper behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Who may do what for whom, from when to when.
    pub mandate: Mandate,
    /// The paper that says so, or empty.
    pub document: String,
    /// The day on which it was ended before its last one.
    pub ended_on: Option<Date>,
}

/// States of a delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// It holds on its days.
    Granted,
    /// It was taken back.
    Ended,
}

/// Inputs of a delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// A leader gives it.
    Grant {
        /// Who may do what for whom, from when to when.
        mandate: Box<Mandate>,
        /// The substitute's agency, which must be the giver's own.
        agency: String,
        /// An act among them that its giver cannot give away, by the rights of today.
        beyond: Option<String>,
        /// The paper that says so, or empty.
        document: String,
        /// Today in Viet Nam.
        today: Date,
    },
    /// A leader of the agency takes it back.
    End {
        /// Today in Viet Nam.
        today: Date,
    },
}

/// What a delegation publishes: always the whole, so that a replica needs no other event to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// It holds on its days.
    DelegationGranted(Given),
    /// It holds no longer.
    DelegationEnded(Given),
}

/// Who can stand in for somebody: whoever acts for the agency itself. Those who read, run the system or are proposed
/// decide nothing.
const fn stands_in(role: Role) -> bool {
    matches!(
        role,
        Role::Clerk | Role::Officer | Role::Leader | Role::Secretary | Role::Member
    )
}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Delegation {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Grant {
            mandate,
            agency,
            beyond,
            document,
            today,
        } = &event.input
        else {
            return Super;
        };
        if let Some(act) = beyond {
            return context.refuse("DELEGATION_NOT_ALLOWED", act.clone());
        }
        let themselves = mandate.to.subject == mandate.from.subject;
        if themselves || *agency != mandate.from.agency || !stands_in(mandate.to.role) {
            return context.refuse(
                "DELEGATION_NOT_ALLOWED",
                "only to somebody else who acts for the same agency",
            );
        }
        if mandate.acts.is_empty() || mandate.to.subject.is_empty() {
            return context.refuse("INVALID_REQUEST", "a substitute and at least one act are required");
        }
        if mandate.last < mandate.first || mandate.last - mandate.first >= Duration::days(DAYS_MAX) {
            return context.refuse(
                "INVALID_REQUEST",
                "to must not lie before from, nor more than a year after it",
            );
        }
        if mandate.last < *today {
            return context.refuse("DAY_PASSED", mandate.last.to_string());
        }
        let given = Given {
            mandate: (**mandate).clone(),
            document: document.clone(),
            ended_on: None,
        };
        self.given = Some(given.clone());
        context.publish(Fact::DelegationGranted(given));
        Transition(State::Granted)
    }

    #[state]
    fn granted(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let (Input::End { today }, Some(given)) = (&event.input, &mut self.given) else {
            return Super;
        };
        if given.mandate.last < *today {
            return context.refuse("DELEGATION_ENDED", given.mandate.last.to_string());
        }
        given.ended_on = Some(*today);
        context.publish(Fact::DelegationEnded(given.clone()));
        Transition(State::Ended)
    }

    #[state]
    fn ended(event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::End { .. } => context.refuse("DELEGATION_ENDED", ""),
            Input::Grant { .. } => Super,
        }
    }
}

impl Machine for Delegation {
    const NAME: &'static str = "directory.delegation";
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
