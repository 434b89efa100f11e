//! Life after the decision: correction (đính chính), revocation (hủy bỏ) and restoration (khôi phục) of an award.

use machine::Cx;
use proto::approval::v1::{self as facts, Event, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Date;

use super::{Course, Deadline, State};

/// A decision after the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// What it does.
    pub kind: AmendmentKind,
    /// Its number, unique in the agency and year.
    pub number: String,
    /// The day.
    pub on: Date,
    /// Why: a code, or words.
    pub ground: String,
    /// Who acted: the authority that decided, or its successor.
    pub agency: String,
}

/// What a decision after the decision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmendmentKind {
    /// Corrects a slip; the award stays.
    Correct,
    /// Revokes the award.
    Revoke,
    /// Restores a revoked award.
    Restore,
    /// Issues the object anew; the award stays.
    Reissue,
}

/// What a revocation asks to be given back (Decree 152/2025 Điều 58).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// To whom the holder gives the object and the money.
    pub to_agency: String,
    /// The bonus that was paid, in dong.
    pub money_vnd: i64,
    /// By when, where the law gives a term.
    pub until: Option<Deadline>,
}

impl AmendmentKind {
    /// As replies name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Revoke => "revoke",
            Self::Restore => "restore",
            Self::Reissue => "reissue",
        }
    }
}

impl Course {
    /// An award may be corrected, and revoked whether or not it was handed over.
    pub(super) fn amend(
        &mut self,
        amendment: &Amendment,
        recovery: Option<&Recovery>,
        context: &mut Cx<Event>,
    ) -> Outcome<State> {
        if self
            .amendments
            .iter()
            .any(|one| one.number == amendment.number && one.on.year() == amendment.on.year())
        {
            return context.refuse("NUMBER_TAKEN", amendment.number.clone());
        }
        let here = self.here.clone();
        let (number, on) = (amendment.number.clone(), amendment.on.to_string());
        let decided = self.decided.as_ref();
        let decision_number = decided.map(|decided| decided.number.clone()).unwrap_or_default();
        let (next, fact) = match (amendment.kind, here) {
            (AmendmentKind::Correct, here @ (State::Issued | State::Published | State::Presented)) => {
                (here, Fact::Corrected(facts::Corrected { number, on }))
            }
            (AmendmentKind::Reissue, here @ (State::Issued | State::Published | State::Presented)) => {
                (here, Fact::Reissued(facts::Reissued { number, on }))
            }
            (AmendmentKind::Revoke, here @ (State::Issued | State::Published | State::Presented)) => {
                let ground = amendment.ground.clone();
                self.recovery = recovery.cloned();
                let revoked = facts::Revoked {
                    number,
                    on,
                    decision_number,
                    ground,
                };
                (State::Revoked { from: Box::new(here) }, Fact::Revoked(revoked))
            }
            (AmendmentKind::Restore, State::Revoked { from }) => {
                self.recovery = None;
                let restored = facts::Restored {
                    number,
                    on,
                    decision_number,
                };
                (*from, Fact::Restored(restored))
            }
            (AmendmentKind::Restore, State::Issued | State::Published | State::Presented) => {
                return context.refuse("NOT_REVOKED", "");
            }
            (_, State::Revoked { .. }) => return context.refuse("REVOKED", ""),
            _ => return context.refuse("NOT_AWARDED", ""),
        };
        self.amendments.push(amendment.clone());
        self.go(context, next, fact)
    }
}
