//! An award that an agency gives on its own: defined, defined anew for days to come, and ended once.
//!
//! Dossiers are judged by the version of the day of their letter, so a version that has begun stays as it is; only its
//! end may be set, to a day to come. The machine is told what day it is.
#![expect(
    missing_docs,
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig's macro names handlers after states, and writes superstates"
)]

use law::{Date, LocalAward, LocalVersion, Regulation};
use machine::{Cx, Machine, Stimulus, Waiting};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

/// What the directory knows of one local award.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAward {
    /// The award; there is one in every state but [`State::New`].
    pub award: Option<LocalAward>,
}

/// States of a local award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    /// Not there.
    New,
    /// Its agency has laid down what it asks.
    Defined,
    /// Its agency has ended it; the day may still be to come.
    Ended,
}

/// Inputs of a local award.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    /// The agency lays down what it asks, by date. The first time, the past may be told along.
    Define {
        /// The award with all its versions, well formed.
        award: LocalAward,
        /// Today in Viet Nam.
        today: Date,
    },
    /// The agency ends it.
    End {
        /// First day on which it is no longer given.
        to: Date,
        /// What ends it, where that is another document than the last version's own.
        by: Option<Regulation>,
        /// Today in Viet Nam.
        today: Date,
    },
}

/// What a local award publishes: always the whole of it, so that a replica needs no other event to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// It is defined as told.
    LocalAwardDefined(LocalAward),
    /// It is ended as told.
    LocalAwardEnded(LocalAward),
}

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl OwnAward {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Input::Define { award, .. } = &event.input else {
            return Super;
        };
        self.tell(award.clone(), context);
        Transition(State::Defined)
    }

    #[state]
    fn defined(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        let Some(known) = &self.award else { return Super };
        match &event.input {
            Input::Define { award, today } => {
                if let Some(version) = known.versions.iter().find(|old| !kept(old, award, *today)) {
                    return context.refuse("VERSION_IN_FORCE", version.from.to_string());
                }
                if let Some(version) = award.versions.iter().find(|new| slipped_in(new, known, *today)) {
                    return context.refuse("DAY_PASSED", version.from.to_string());
                }
                self.tell(award.clone(), context);
                Transition(State::Defined)
            }
            Input::End { to, by, today } => {
                if to < today {
                    return context.refuse("DAY_PASSED", to.to_string());
                }
                let mut award = known.clone();
                let Some(last) = award.versions.last_mut() else {
                    return Super;
                };
                if *to <= last.from {
                    return context.refuse("INVALID_REQUEST", "the end must lie after the last version's beginning");
                }
                if last.to.is_some_and(|end| end < *to) {
                    return context.refuse("INVALID_REQUEST", "the last version ends before that day");
                }
                last.to = Some(*to);
                award.ended_by.clone_from(by);
                context.publish(Fact::LocalAwardEnded(award.clone()));
                self.award = Some(award);
                Transition(State::Ended)
            }
        }
    }

    #[state]
    fn ended(context: &mut Cx<Fact>) -> Outcome<State> {
        context.refuse("LOCAL_AWARD_ENDED", "")
    }
}

impl OwnAward {
    fn tell(&mut self, award: LocalAward, context: &mut Cx<Fact>) {
        context.publish(Fact::LocalAwardDefined(award.clone()));
        self.award = Some(award);
    }
}

/// Whether the new definition keeps what has begun: all of it but an end that is still to come.
fn kept(old: &LocalVersion, new: &LocalAward, today: Date) -> bool {
    let begun = old.from <= today;
    let open = old.to.is_none_or(|to| today <= to);
    let same = |version: &&LocalVersion| {
        version.from == old.from
            && LocalVersion {
                to: old.to,
                ..(*version).clone()
            } == *old
            && (version.to == old.to || open && version.to.is_none_or(|to| today <= to))
    };
    !begun || new.versions.iter().any(|version| same(&version))
}

/// Whether a version of the new definition begins in the past, where the old one has none.
fn slipped_in(new: &LocalVersion, known: &LocalAward, today: Date) -> bool {
    new.from < today && known.versions.iter().all(|old| old.from != new.from)
}

impl Machine for OwnAward {
    const NAME: &'static str = "directory.local-award";
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
