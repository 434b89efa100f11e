//! The way of a course: which station holds it, and where each step there leads.

use law::{Procedure, Route, Station};
use machine::Cx;
use proto::approval::v1::{self as facts, Event, event::Fact};
use statig::prelude::*;

use super::On;
use crate::machine::{Council, Course, Deadline, Death, Decided, Input, Lowered, Move, SentBack, State, TakeOver};

impl Course {
    /// The station that holds it.
    pub fn at(&self) -> Option<&Station> {
        self.opening
            .as_ref()
            .and_then(|opening| opening.route.stations.get(self.station))
    }

    /// Who holds it in a state; empty before it was submitted.
    pub fn agency(&self, state: &State) -> String {
        let Some((opening, station)) = self.opening.as_ref().zip(self.at()) else {
            return String::new();
        };
        match state {
            State::New => String::new(),
            State::Signing => station.signer.clone().unwrap_or_else(|| station.appraiser.clone()),
            State::Deciding | State::Issued | State::Published | State::Presented | State::Revoked { .. } => {
                station.decider.clone().unwrap_or_else(|| station.appraiser.clone())
            }
            State::Returned { .. } | State::Recalled | State::Withdrawn => opening.submitting_agency.clone(),
            State::Suspended { at } | State::Consulting { at } => self.agency(at),
            _ => station.appraiser.clone(),
        }
    }

    pub(super) fn enter_course(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        let Input::Open(opening) = &event.input else {
            return Super;
        };
        *self = Self {
            letter: opening.letter.clone(),
            opening: Some((**opening).clone()),
            ..Self::default()
        };
        let fact = facts::Opened {
            round: opening.round,
            route: serde_json::to_string(&opening.route).unwrap_or_default(),
            candidate_person: opening.candidate_person.clone(),
        };
        self.go(context, State::Receiving, Fact::Opened(fact))
    }

    /// A station begins with nothing done.
    pub(super) fn arrive(&mut self, station: usize, context: &mut Cx<Event>) {
        let sent = self.limit.take();
        self.end(context);
        self.sent = sent;
        self.station = station;
        (self.appraised, self.council, self.signed_comments) = (None, Council::None, 0);
        self.reminded = None;
        self.consultations.clear();
    }

    /// An earlier station has it anew, complete as it is: its clock begins at once.
    pub(super) fn send_back(
        &mut self,
        back: &SentBack,
        station: usize,
        deadline: Option<&Deadline>,
        context: &mut Cx<Event>,
    ) -> Outcome<State> {
        let fact = facts::SentBack {
            reason: back.reason.clone(),
            from_station: self.station as u32,
            from_agency: back.from.clone(),
        };
        self.returns.push(back.clone());
        self.arrive(station, context);
        self.sent = None;
        self.begin(deadline.cloned(), context);
        self.go(context, State::Appraising, Fact::SentBack(fact))
    }

    pub(super) fn appraise(&mut self, meets: bool) -> State {
        self.appraised = Some(meets);
        self.after_appraisal()
    }

    /// The simplified procedure skips publication and council, never appraisal.
    fn after_appraisal(&mut self) -> State {
        let published = self.ordinary() && self.at().is_some_and(|station| station.publication.is_some());
        if published {
            State::Publishing { running: false }
        } else {
            self.enter_council()
        }
    }

    pub(super) fn enter_council(&mut self) -> State {
        if self.ordinary() && self.at().is_some_and(|station| station.council.is_some()) {
            self.council = Council::Pending;
            State::InCouncil
        } else {
            self.to_sign()
        }
    }

    /// A session has it, or has it no longer and came to no result: then another may.
    pub(super) fn on_agenda(&mut self, input: &Input) -> Outcome<State> {
        self.council = match (input, self.council) {
            (Input::Tabled, _) => Council::Running,
            (_, Council::Running) => Council::Pending,
            (_, other) => other,
        };
        Handled
    }

    /// Where signed minutes lead.
    pub(super) fn conclude(&mut self, passed: bool) -> State {
        self.council = if passed { Council::Passed } else { Council::Failed };
        if passed { self.to_sign() } else { State::InCouncil }
    }

    /// The lower award takes the place of the one that failed; both stay on record.
    pub(super) fn lower(&mut self, lowered: &Lowered, route: &Route, context: &mut Cx<Event>) -> Outcome<State> {
        let Some(opening) = &mut self.opening else { return Super };
        opening.award.clone_from(&lowered.to);
        opening.route = route.clone();
        self.lowered.push(lowered.clone());
        let next = self.enter_council();
        let fact = facts::Lowered {
            from_award: lowered.from.clone(),
            award: lowered.to.clone(),
        };
        self.go(context, next, Fact::Lowered(fact))
    }

    pub(super) fn to_sign(&self) -> State {
        if self.at().is_some_and(|station| station.signer.is_some()) {
            State::Signing
        } else {
            State::Deciding
        }
    }

    fn ordinary(&self) -> bool {
        self.opening
            .as_ref()
            .is_some_and(|opening| opening.route.procedure == Procedure::Ordinary)
    }

    pub(super) fn refuse(&mut self, decided: &Decided, context: &mut Cx<Event>) -> Outcome<State> {
        self.end(context);
        self.decided = Some(Decided {
            bonus_vnd: 0,
            bonus: None,
            ..decided.clone()
        });
        let fact = facts::Refused {
            reason: decided.reason.clone(),
        };
        self.go(context, State::Refused, Fact::Refused(fact))
    }

    /// The dossier goes on where it was proposed; who it is about is somewhere else.
    pub(super) fn candidate_moves(&mut self, moved: &Move, context: &mut Cx<Event>) -> Outcome<State> {
        if self.candidate_agency_now() == moved.to {
            return context.refuse("SAME_AGENCY", moved.to.clone());
        }
        self.moves.push(moved.clone());
        let here = self.here.clone();
        let (from, to) = (moved.from.clone(), moved.to.clone());
        self.tell(context, &here, Fact::CandidateMoved(facts::CandidateMoved { from, to }));
        Handled
    }

    /// Where the candidate is, as far as anybody recorded.
    pub fn candidate_agency_now(&self) -> &str {
        let proposed_from = self.opening.as_ref().map(|opening| opening.candidate_agency.as_str());
        let last = self.moves.last().map(|moved| moved.to.as_str());
        last.or(proposed_from).unwrap_or_default()
    }

    /// Both names stay on record, from the successor's first act on.
    pub(super) fn take_over(&mut self, taken: &TakeOver, context: &mut Cx<Event>) -> Outcome<State> {
        self.taken_over.push(taken.clone());
        let here = self.here.clone();
        let (from, to) = (taken.from.clone(), taken.to.clone());
        self.tell(context, &here, Fact::TakenOver(facts::TakenOver { from, to }));
        Handled
    }

    /// All later steps see it; the newest record counts.
    pub(super) fn die(&mut self, on: time::Date, source: &str, context: &mut Cx<Event>) -> Outcome<State> {
        let source = source.to_owned();
        self.died = Some(Death { on, source });
        let here = self.here.clone();
        self.tell(context, &here, Fact::CandidateDied(facts::CandidateDied {}));
        Handled
    }
}
