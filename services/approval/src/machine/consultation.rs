//! Opinions of other agencies (hiệp y): asked for in parallel, given or not, and what that does to the course.

use machine::Cx;
use proto::approval::v1::{self as facts, Event, event::Fact};
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Date;

use super::{Council, Course, Deadline, Moved, State, calendar::DayChange};

/// The timer of the first due day of an opinion.
pub(super) const CONSULTATION: &str = "consultation";

/// An opinion that the present station asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// Whose.
    pub agency: String,
    /// Who asked.
    pub asked_by: String,
    /// By when.
    pub until: Deadline,
    /// What came.
    pub answer: Answer,
}

/// What came of a consultation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing yet.
    Asked,
    /// Nothing, past the due day.
    Silent,
    /// The opinion.
    Given {
        /// Whether it agrees; a disagreement stops nothing.
        agrees: bool,
        /// The opinion in words.
        text: String,
        /// The day.
        on: Date,
    },
}

impl Consultation {
    /// Whether the opinion is still waited for.
    pub fn is_open(&self) -> bool {
        self.answer == Answer::Asked
    }
}

impl Course {
    /// The opinion that is waited for: of those open, the one that is due first.
    pub fn consulted(&self) -> Option<&Consultation> {
        self.consultations
            .iter()
            .filter(|one| one.is_open())
            .min_by_key(|one| one.until.over)
    }

    /// Asks; refused from the station's own act on, and where the same agency is asked already.
    pub(super) fn consult(&mut self, asked: &[Consultation], context: &mut Cx<Event>) -> Outcome<State> {
        let open = |agency: &str| {
            self.consultations
                .iter()
                .any(|one| one.is_open() && one.agency == agency)
        };
        if let Some(twice) = asked.iter().find(|one| open(&one.agency)) {
            return context.refuse("ALREADY_ASKED", twice.agency.clone());
        }
        let at = match &self.here {
            State::Consulting { at } => at.clone(),
            State::Receiving => return context.refuse("NOT_RECEIVED", ""),
            State::Publishing { running: true } => return context.refuse("PUBLICATION_RUNNING", ""),
            State::InCouncil if matches!(self.council, Council::Running) => {
                return context.refuse("ALREADY_TABLED", "");
            }
            here => Box::new(here.clone()),
        };
        for one in asked {
            // Asked again, the newest opinion counts; what it was before is in the history.
            self.consultations.retain(|before| before.agency != one.agency);
            self.consultations.push(one.clone());
        }
        self.await_opinions(context);
        let fact = facts::ConsultationAsked {
            agencies: asked.iter().map(|one| one.agency.clone()).collect(),
            until: asked.iter().map(|one| one.until.day.to_string()).collect(),
        };
        self.go(context, State::Consulting { at }, Fact::ConsultationAsked(fact))
    }

    /// Takes an opinion, also while the dossier is halted or returned: then it waits there.
    pub(super) fn reply(
        &mut self,
        agency: &str,
        answer: &Answer,
        after: Option<&Deadline>,
        context: &mut Cx<Event>,
    ) -> Outcome<State> {
        let open = self
            .consultations
            .iter_mut()
            .find(|one| one.is_open() && one.agency == agency);
        let Some(open) = open else {
            return context.refuse("CONSULTATION_OVER", agency);
        };
        open.answer.clone_from(answer);
        let agrees = matches!(answer, Answer::Given { agrees: true, .. });
        let (here, agency) = (self.here.clone(), agency.to_owned());
        self.tell(context, &here, Fact::Replied(facts::Replied { agency, agrees }));
        self.go_on(after, context)
    }

    /// Silence past the due day lets the dossier go on, and says so.
    pub(super) fn lapse(&mut self, after: Option<&Deadline>, context: &mut Cx<Event>) -> Outcome<State> {
        let (now, here) = (context.now(), self.here.clone());
        let mut lapsed = Vec::new();
        for one in &mut self.consultations {
            if one.is_open() && one.until.over <= now {
                one.answer = Answer::Silent;
                lapsed.push((one.agency.clone(), one.until.day.to_string()));
            }
        }
        if lapsed.is_empty() {
            return Super;
        }
        for (agency, due) in lapsed {
            let fact = facts::ConsultationLapsed { agency, due };
            self.tell(context, &here, Fact::ConsultationLapsed(fact));
        }
        self.go_on(after, context)
    }

    /// Sets the timer of the opinion that is due first; while the dossier is halted or returned it is off.
    pub(super) fn await_opinions(&mut self, context: &mut Cx<Event>) {
        match self.consulted() {
            Some(first) => context.set_timer(CONSULTATION, first.until.over),
            None => context.clear_timer(CONSULTATION),
        }
    }

    pub(super) fn open_opinions(&self) -> String {
        let open = self.consultations.iter().filter(|one| one.is_open());
        open.map(|one| one.agency.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The opinion of an agency, by that agency's calendar.
    pub(super) fn move_consultation(&mut self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
        let due = |one: &&mut Consultation| one.until.agency == moved.to.agency && one.until.day == moved.from;
        let Some(held) = self.consultations.iter_mut().filter(|one| one.is_open()).find(due) else {
            return;
        };
        held.until = moved.to.clone();
        if matches!(self.here, State::Consulting { .. }) {
            self.await_opinions(context);
        }
        self.tell_moved(moved, because, context);
    }

    /// Back exactly to where it stood, once no opinion is waited for.
    fn go_on(&mut self, after: Option<&Deadline>, context: &mut Cx<Event>) -> Outcome<State> {
        let here = self.here.clone();
        let consulting = matches!(here, State::Consulting { .. });
        if self.consulted().is_some() {
            if consulting {
                self.await_opinions(context);
            }
            return Handled;
        }
        if consulting {
            context.clear_timer(CONSULTATION);
            self.extend(after, context);
        }
        let next = here.without_consulting();
        if matches!(next, State::Suspended { .. }) {
            // Its end is told by going on.
            return Transition(next);
        }
        self.go(context, next, Fact::ConsultationEnded(facts::ConsultationEnded {}))
    }
}

impl State {
    /// Where it stands when no opinion is waited for any more.
    pub(super) fn without_consulting(self) -> Self {
        match self {
            Self::Consulting { at } => *at,
            Self::Returned { from } => Self::Returned {
                from: Box::new(from.without_consulting()),
            },
            Self::Suspended { at } => Self::Suspended {
                at: Box::new(at.without_consulting()),
            },
            other => other,
        }
    }
}
