//! Earlier awards that a dossier relies on, and what becomes of it when one of them is revoked.

use machine::Cx;
use proto::intake::v1::{AwardInQuestion, Event, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::{Dossier, Input, State};

/// An earlier award, as the dossier file lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relied {
    /// Award code.
    pub award: String,
    /// The year that it is for.
    pub year: i32,
    /// Number of its decision, or empty.
    pub decision: String,
}

/// An earlier award that was revoked since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questioned {
    /// Award code.
    pub award: String,
    /// The year that it is for.
    pub year: i32,
    /// Number of its decision.
    pub decision: String,
    /// The dossier that it was given on.
    pub given_on: String,
    /// Number of the decision that revoked it.
    pub revoked_by: String,
}

impl From<&Questioned> for AwardInQuestion {
    fn from(one: &Questioned) -> Self {
        Self {
            award: one.award.clone(),
            year: one.year,
            decision_number: one.decision.clone(),
            given_on: one.given_on.clone(),
            revoked_by: one.revoked_by.clone(),
        }
    }
}

impl Dossier {
    /// Flags it, or takes the flag away; told once.
    pub(super) fn question(&mut self, input: &Input, context: &mut Cx<Event>) -> Outcome<State> {
        match input {
            Input::Question { questioned } => {
                if self.in_question.contains(questioned) {
                    return Handled;
                }
                self.in_question.retain(|one| one.given_on != questioned.given_on);
                self.in_question.push(questioned.clone());
                context.publish(self.event("", Fact::AwardInQuestion(questioned.into())));
                Handled
            }
            Input::Restored { given_on } => {
                let Some(at) = self.in_question.iter().position(|one| one.given_on == *given_on) else {
                    return Super;
                };
                let restored = self.in_question.remove(at);
                context.publish(self.event("", Fact::AwardOutOfQuestion((&restored).into())));
                Handled
            }
            _ => Super,
        }
    }
}
