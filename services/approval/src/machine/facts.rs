//! What approval tells: facts about one dossier, with what subscribers filter by.

use proto::approval::v1::{Event, Step, event::Fact};

use super::{Course, State};

/// The event of a fact; `next` is where the course is after it.
pub(super) fn event(course: &Course, next: &State, fact: Fact) -> Event {
    let Some(opening) = &course.opening else {
        return Event {
            fact: Some(fact),
            ..Event::default()
        };
    };
    Event {
        dossier: opening.dossier.clone(),
        award: opening.award.clone(),
        basis: opening.basis.clone(),
        candidate_agency: opening.candidate_agency.clone(),
        submitting_agency: opening.submitting_agency.clone(),
        deciding_agency: opening.route.deciding_agency.clone(),
        agency: course.agency(next),
        level: course
            .at()
            .map(|station| station.level.as_str().to_owned())
            .unwrap_or_default(),
        step: next.step().map(step_name).unwrap_or_default().to_owned(),
        station: course.station as u32,
        candidate_agency_now: course.moves.last().map(|moved| moved.to.clone()).unwrap_or_default(),
        fact: Some(fact),
    }
}

/// The step's name, as people and rehearsals write it.
pub(super) fn step_name(step: Step) -> &'static str {
    match step {
        Step::Unspecified => "",
        Step::Receiving => "receiving",
        Step::Appraising => "appraising",
        Step::Consulting => "consulting",
        Step::Publishing => "publishing",
        Step::InCouncil => "in-council",
        Step::Signing => "signing",
        Step::Deciding => "deciding",
        Step::Issued => "issued",
        Step::Published => "published",
        Step::Presented => "presented",
    }
}

impl State {
    /// The step that people see, also of what is halted or returned there.
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Receiving => Some(Step::Receiving),
            Self::Appraising => Some(Step::Appraising),
            Self::Consulting { .. } => Some(Step::Consulting),
            Self::Publishing { .. } => Some(Step::Publishing),
            Self::InCouncil => Some(Step::InCouncil),
            Self::Signing => Some(Step::Signing),
            Self::Deciding => Some(Step::Deciding),
            Self::Issued => Some(Step::Issued),
            Self::Published => Some(Step::Published),
            Self::Presented => Some(Step::Presented),
            Self::Returned { from } => from.step(),
            Self::Suspended { at } => at.step(),
            Self::New | Self::Recalled | Self::Withdrawn | Self::Revoked { .. } | Self::Refused => None,
        }
    }

    /// The status that people see.
    pub fn status(&self) -> &'static str {
        match self {
            Self::New | Self::Recalled => "drafting",
            Self::Returned { .. } => "returned",
            Self::Suspended { .. } => "suspended",
            Self::Withdrawn => "withdrawn",
            Self::Issued | Self::Published | Self::Presented => "awarded",
            Self::Revoked { .. } => "revoked",
            Self::Refused => "refused",
            _ => "in-review",
        }
    }
}
