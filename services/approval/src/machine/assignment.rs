//! Who works on what: a task waits on a role of an agency, and one of that role may have it in hand. It is theirs until
//! it moves on, they give it back, or a leader hands it to another.

use machine::{Actor, Cx, Machine as _, Stimulus, Waiting};
use proto::approval::v1::Event;
use serde::{Deserialize, Serialize};

use super::{Course, Input, State};

/// Who has the present task in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Stable id of the person.
    pub to: String,
    /// Who gave it to them; themselves, if they took it.
    pub by: String,
}

/// The task that a course is for somebody now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The role that it waits on.
    pub role: &'static str,
    /// Of which agency.
    pub agency: String,
    station: usize,
    state: State,
}

impl Course {
    /// The task that it is in a state, if it waits on a person.
    pub fn task(&self, state: &State) -> Option<Task> {
        match self.waiting(state) {
            Waiting::On { role, agency } => Some(Task {
                role,
                agency,
                station: self.station,
                state: state.clone(),
            }),
            _ => None,
        }
    }

    /// Hands the present task to somebody, or back to all of the role; else says why not.
    pub(super) fn assign(&mut self, to: Option<&str>, by: &Actor) -> Result<(), &'static str> {
        if self.task(&self.here).is_none() {
            return Err("NOT_THEIR_TASK");
        }
        if let Some(held) = &self.assigned
            && held.to != by.id
            && held.by != by.id
            && by.role != "leader"
        {
            return Err("ASSIGNED_TO_ANOTHER");
        }
        self.assigned = to.map(|to| Assignment {
            to: to.to_owned(),
            by: by.id.clone(),
        });
        Ok(())
    }

    /// What each step does to who works on it: a task that moved on is in nobody's hand, and whoever appraised a dossier
    /// neither signs nor decides it, in their own name or in another's.
    pub(super) fn hands(
        &mut self,
        on: &Stimulus<Input>,
        before: Option<&Task>,
        state: &State,
        context: &mut Cx<Event>,
    ) {
        match &on.input {
            // The probes of the tables act as nobody.
            Input::Appraise { .. } if !on.by.id.is_empty() && !self.appraised_by.contains(&on.by.id) => {
                self.appraised_by.push(on.by.id.clone());
            }
            Input::Sign { .. } | Input::Decide { .. } if self.appraised_it(&on.by) => {
                context.refuse::<State>("SEPARATION_OF_DUTIES", "");
            }
            _ => {}
        }
        if self.task(state).as_ref() != before {
            self.assigned = None;
        }
    }

    fn appraised_it(&self, by: &Actor) -> bool {
        let giver = by.on_behalf.as_ref().map(|giver| &giver.id);
        let mut both = std::iter::once(&by.id).chain(giver);
        both.any(|id| self.appraised_by.contains(id))
    }
}
