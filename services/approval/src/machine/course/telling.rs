//! What a course tells as it moves.

use machine::Cx;
use proto::approval::v1::{self as facts, Event, event::Fact};
use statig::prelude::*;

use crate::machine::{Council, Course, Moved, State, calendar::DayChange};

impl Course {
    /// Moves and tells; a council that becomes due is told too.
    pub(in crate::machine) fn go(&mut self, context: &mut Cx<Event>, next: State, fact: Fact) -> Outcome<State> {
        self.tell(context, &next, fact);
        if next == State::InCouncil && self.council == Council::Pending {
            self.tell_council(context);
        }
        Transition(next)
    }

    pub(in crate::machine) fn tell(&self, context: &mut Cx<Event>, next: &State, fact: Fact) {
        context.publish(crate::machine::facts::event(self, next, fact));
    }

    fn tell_council(&mut self, context: &mut Cx<Event>) {
        let Some((station, opening)) = self.at().zip(self.opening.as_ref()) else {
            return;
        };
        let Some(rule) = &station.council else { return };
        let due = facts::CouncilDue {
            council: rule.agency.clone(),
            rule: serde_json::to_string(rule).unwrap_or_default(),
            candidate_person: opening.candidate_person.clone(),
        };
        self.tell(context, &State::InCouncil, Fact::CouncilDue(due));
    }

    pub(in crate::machine) fn tell_moved(&self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
        let fact = facts::DeadlineMoved {
            kind: moved.which.as_str().to_owned(),
            from: moved.from.to_string(),
            to: moved.to.day.to_string(),
            because: because.iter().map(DayChange::told).collect(),
        };
        let here = self.here.clone();
        self.tell(context, &here, Fact::DeadlineMoved(fact));
    }

    pub(super) fn appraised(&self, meets: bool, next: &State) -> Fact {
        Fact::Appraised(facts::Appraised {
            meets,
            publication_required: matches!(next, State::Publishing { .. }),
            council_required: self.at().is_some_and(|station| station.council.is_some()),
        })
    }
}
