//! Who may act in whose place: a leader names a substitute for some acts and some days (ủy quyền).
//!
//! A mandate gives what its giver has, and no more: each request under it is decided as if the giver asked. It cannot be
//! passed on, and a vote cannot be given away at all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::{Act, Cause, Denied, Principal, Request, Role, decide, permits};

/// The one who acts in another's place: of the same agency, in a role of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// Stable id of the person.
    pub subject: String,
    /// The role that their token says while they use the mandate.
    pub role: Role,
}

/// A substitute for some acts, from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Its id.
    pub id: String,
    /// Who gave it.
    pub from: Principal,
    /// Who uses it.
    pub to: Substitute,
    /// For which acts.
    pub acts: BTreeSet<Act>,
    /// The first day in Viet Nam on which it holds.
    pub first: Date,
    /// The last one.
    pub last: Date,
}

/// Acts that can be done in another's place at all. A vote is the member's own, a mandate is not passed on, and a
/// proposer's papers are not drafted in a leader's name.
pub const fn delegable(act: Act) -> bool {
    matches!(
        act,
        Act::Recall
            | Act::Receive
            | Act::Return
            | Act::Appraise
            | Act::Publish
            | Act::Suspend
            | Act::Resume
            | Act::Sign
            | Act::Decide
            | Act::Convene
            | Act::Present
            | Act::Consult
            | Act::Reply
            | Act::Correct
            | Act::Revoke
            | Act::Restore
            | Act::Reissue
            | Act::Assign
    )
}

impl Mandate {
    /// The first of its acts that it must not be given for: one that nobody can give away, or that its giver may not do.
    pub fn beyond(&self) -> Option<Act> {
        let may = |act: Act| delegable(act) && permits(self.from.role, act);
        self.acts.iter().copied().find(|act| !may(*act))
    }

    /// Whether it lets `who` do `act` on this day, whatever the resource.
    pub fn covers(&self, who: &Principal, act: Act, today: Date) -> bool {
        let theirs = self.to.subject == who.subject && self.to.role == who.role && self.from.agency == who.agency;
        theirs && self.acts.contains(&act) && self.beyond().is_none() && (self.first..=self.last).contains(&today)
    }
}

/// Decides a request by the asker's own right, else by a mandate that covers it today: `Some` names the mandate.
///
/// Under a mandate the giver's right counts, and neither of the two may be the candidate.
pub fn decide_under<'m>(
    request: &Request<'_>,
    mandates: impl IntoIterator<Item = &'m Mandate>,
    today: Date,
) -> Result<Option<&'m Mandate>, Denied> {
    let denied = match decide(request) {
        Ok(()) => return Ok(None),
        Err(denied) if denied.cause() == Cause::OwnDossier => return Err(denied),
        Err(denied) => denied,
    };
    let Request { who, act, .. } = *request;
    let found = mandates.into_iter().filter(|mandate| mandate.covers(who, act, today));
    for mandate in found {
        let giver = &mandate.from;
        let stand_in = Principal {
            person: who.person.clone(),
            ..giver.clone()
        };
        let as_both = [giver, &stand_in].map(|who| decide(&Request { who, ..*request }));
        if as_both.iter().all(Result::is_ok) {
            return Ok(Some(mandate));
        }
    }
    Err(denied)
}
