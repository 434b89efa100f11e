//! A dossier's course: level by level from its unit to the authority that decides, over the stations that the law
//! gave it when it was submitted.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    clippy::borrowed_box,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use law::{Procedure, Station};
use machine::{Cx, Machine, Stimulus, Waiting};
use proto::approval::v1::{self as facts, Event, event::Fact};
use statig::prelude::*;

use super::{
    Council, Course, Deadline, Death, Decided, Input, Moved, State, calendar::DayChange, consultation::CONSULTATION,
    deadline::Which,
};

/// The timer of a publication's end.
const PUBLICATION: &str = "publication";
/// The timer of a limit: the station's, or the supplement's.
const LIMIT: &str = "limit";

type On = Stimulus<Input>;

#[state_machine(
    initial = "State::New",
    state(custom, name = "State"),
    superstate(name = "Superstate", derive(Debug))
)]
impl Course {
    #[state]
    fn new(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        self.enter_course(event, context)
    }

    #[state]
    fn recalled(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        self.enter_course(event, context)
    }

    #[state(superstate = "at_station")]
    fn receiving(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Receive { deadline } => {
                self.sent = None;
                self.begin(deadline.clone(), context);
                let day = deadline.as_ref().map(|limit| limit.day.to_string()).unwrap_or_default();
                self.go(
                    context,
                    State::Appraising,
                    Fact::Received(facts::Received { deadline: day }),
                )
            }
            Input::Recall if self.station == 0 => self.go(
                context,
                State::Recalled,
                Fact::Recalled(facts::Recalled { to_draft: true }),
            ),
            Input::Recall => {
                self.station -= 1;
                // The sender's own letter stopped nothing.
                let sent = self.sent.take();
                self.begin(sent, context);
                let back = self.to_sign();
                self.go(context, back, Fact::Recalled(facts::Recalled { to_draft: false }))
            }
            Input::Appraise { .. } | Input::Publish { .. } => context.refuse("NOT_RECEIVED", ""),
            _ => Super,
        }
    }

    #[state(superstate = "at_station")]
    fn appraising(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Appraise { meets, .. } => {
                let next = self.appraise(*meets);
                let fact = self.appraised(*meets, &next);
                self.go(context, next, fact)
            }
            Input::Publish { .. } => context.refuse("NOT_APPRAISED", ""),
            _ => Super,
        }
    }

    /// Where it stood waits for the opinions, appraisal does not.
    #[state(superstate = "at_station")]
    fn consulting(&mut self, at: &Box<State>, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Appraise { meets, .. } if **at == State::Appraising => {
                let at = self.appraise(*meets);
                let fact = self.appraised(*meets, &at);
                self.go(context, State::Consulting { at: Box::new(at) }, fact)
            }
            Input::ConsultationOver { after } => self.lapse(after.as_ref(), context),
            // A session may have taken it up while the opinion was being asked for.
            Input::Tabled if **at == State::InCouncil => {
                self.council = Council::Running;
                Handled
            }
            Input::Concluded { passed } if **at == State::InCouncil => {
                let at = Box::new(self.conclude(*passed));
                Transition(State::Consulting { at })
            }
            Input::Publish { .. } | Input::Sign { .. } | Input::Decide { .. } => {
                context.refuse("CONSULTATION_PENDING", self.open_opinions())
            }
            _ => Super,
        }
    }

    #[state(superstate = "at_station")]
    fn publishing(&mut self, running: &bool, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Publish { days, until: last } if !*running => {
                let asked = self
                    .at()
                    .and_then(|station| station.publication.as_ref())
                    .map_or(0, |rule| rule.days);
                if *days < asked {
                    return context.refuse("PUBLICATION_TOO_SHORT", format!("{days} < {asked}"));
                }
                context.set_timer(PUBLICATION, last.over);
                self.publication = Some(last.clone());
                let fact = facts::PublicationStarted {
                    until: last.day.to_string(),
                };
                self.go(context, State::Publishing { running: true }, Fact::Published(fact))
            }
            Input::PublicationOver if *running => {
                self.publication = None;
                let next = self.enter_council();
                self.go(context, next, Fact::PublicationEnded(facts::PublicationEnded {}))
            }
            Input::Comment { signed, .. } if *running => {
                self.signed_comments += u32::from(*signed);
                let here = self.here.clone();
                self.tell(context, &here, Fact::Commented(facts::Commented { signed: *signed }));
                Handled
            }
            Input::Sign { .. } | Input::Decide { .. } if *running => context.refuse("PUBLICATION_RUNNING", ""),
            Input::Sign { .. } | Input::Decide { .. } => context.refuse("NOT_PUBLISHED", ""),
            _ => Super,
        }
    }

    #[state(superstate = "at_station")]
    fn in_council(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Tabled => {
                self.council = Council::Running;
                Handled
            }
            Input::Concluded { passed } => {
                let next = self.conclude(*passed);
                let fact = Fact::CouncilConcluded(facts::CouncilConcluded { passed: *passed });
                if *passed {
                    return self.go(context, next, fact);
                }
                self.tell(context, &next, fact);
                Handled
            }
            // A failed vote is concluded by the station's leader: refuse, return, or a new session.
            Input::Decide {
                award: false, decided, ..
            } if self.council == Council::Failed => self.refuse(decided, context),
            Input::Sign { .. } | Input::Decide { .. } if self.council == Council::Failed => {
                context.refuse("COUNCIL_NOT_PASSED", "")
            }
            Input::Sign { .. } | Input::Decide { .. } => context.refuse("COUNCIL_PENDING", ""),
            _ => Super,
        }
    }

    #[state(superstate = "at_station")]
    fn signing(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Sign { letter } => {
                let from_agency = self.agency(&State::Signing);
                self.letter.clone_from(letter);
                let next = if self.at().is_some_and(|station| station.decider.is_some()) {
                    State::Deciding
                } else {
                    self.arrive(self.station + 1, context);
                    State::Receiving
                };
                let fact = facts::Forwarded {
                    letter_number: letter.clone(),
                    from_agency,
                };
                self.go(context, next, Fact::Forwarded(fact))
            }
            // What the appraisal advised against, the leader need not carry on.
            Input::Decide {
                award: false, decided, ..
            } if self.appraised == Some(false) => self.refuse(decided, context),
            Input::Decide { .. } => context.refuse("NO_POWER_TO_DECIDE", ""),
            _ => Super,
        }
    }

    #[state(superstate = "at_station")]
    fn deciding(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Decide { power: false, .. } => context.refuse("NO_POWER_TO_DECIDE", ""),
            Input::Decide {
                award: false, decided, ..
            } => self.refuse(decided, context),
            Input::Decide {
                award: true, decided, ..
            } if decided.number.is_empty() => context.refuse("NUMBER_REQUIRED", ""),
            Input::Decide {
                award: true, decided, ..
            } => {
                self.end(context);
                self.decided = Some(decided.clone());
                let awarded = facts::Awarded {
                    decision_number: decided.number.clone(),
                    decided_on: decided.on.to_string(),
                    bonus_vnd: decided.bonus_vnd,
                };
                self.go(context, State::Issued, Fact::Awarded(awarded))
            }
            _ => Super,
        }
    }

    /// What every step at a station shares: return, halt, the limit.
    #[superstate(superstate = "open")]
    fn at_station(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Return { reason, due, stopped } => {
                self.stop(context);
                self.stopped.clone_from(stopped);
                self.supplement = Some(due.clone());
                if self.here.clone().without_consulting() == State::InCouncil {
                    // What comes back has changed: the council has to take it up anew.
                    self.council = Council::Pending;
                }
                context.set_timer(LIMIT, due.over);
                let from = Box::new(self.here.clone());
                let fact = facts::Returned {
                    reason: reason.clone(),
                    due: due.day.to_string(),
                };
                self.go(context, State::Returned { from }, Fact::Returned(fact))
            }
            Input::Sign { .. } | Input::Decide { .. } if self.here == State::Receiving => {
                context.refuse("NOT_RECEIVED", "")
            }
            Input::Sign { .. } | Input::Decide { .. } if self.here == State::Appraising => {
                context.refuse("NOT_APPRAISED", "")
            }
            Input::Consult { asked } => self.consult(asked, context),
            Input::Recall => context.refuse("ALREADY_TAKEN_UP", ""),
            _ => Super,
        }
    }

    #[state(superstate = "open")]
    fn returned(&mut self, from: &Box<State>, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Resubmit { verdict, deadline } => {
                self.supplemented(verdict, context);
                self.begin(deadline.clone(), context);
                let back = (**from).clone();
                self.resume(&back, context);
                self.go(context, back, Fact::Resubmitted(facts::Resubmitted {}))
            }
            _ => Super,
        }
    }

    #[state(superstate = "open")]
    fn suspended(&mut self, at: &Box<State>, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Resume { deadline } => {
                let back = (**at).clone();
                if !matches!(back, State::Returned { .. }) {
                    self.begin(deadline.clone(), context);
                }
                self.resume(&back, context);
                self.go(context, back, Fact::Resumed(facts::Resumed {}))
            }
            // A result that arrives while it is suspended is recorded and waits.
            Input::Tabled if **at == State::InCouncil => {
                self.council = Council::Running;
                Handled
            }
            Input::Concluded { passed } if **at == State::InCouncil => {
                let at = Box::new(self.conclude(*passed));
                Transition(State::Suspended { at })
            }
            Input::Resubmit { verdict, .. } => match &**at {
                // The clock of the station goes on once the halt ends.
                State::Returned { from } => {
                    self.supplemented(verdict, context);
                    Transition(State::Suspended { at: from.clone() })
                }
                _ => context.refuse("SUSPENDED", ""),
            },
            Input::Withdraw { .. }
            | Input::Reply { .. }
            | Input::Died { .. }
            | Input::Assign { .. }
            | Input::LimitOver
            | Input::Escalate { .. }
            | Input::Recount { .. } => Super,
            _ => context.refuse("SUSPENDED", ""),
        }
    }

    /// What is under way can be withdrawn, and halted from anywhere.
    #[superstate]
    fn open(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Withdraw { .. } => {
                self.end(context);
                self.go(context, State::Withdrawn, Fact::Withdrawn(facts::Withdrawn {}))
            }
            Input::Suspend { because, stopped } => {
                if !matches!(self.here, State::Returned { .. }) {
                    self.stop(context);
                    self.stopped.clone_from(stopped);
                }
                context.clear_timer(PUBLICATION);
                context.clear_timer(CONSULTATION);
                let at = Box::new(self.here.clone());
                let fact = facts::Suspended {
                    because: because.clone(),
                };
                self.go(context, State::Suspended { at }, Fact::Suspended(fact))
            }
            Input::Reply { agency, answer, after } => self.reply(agency, answer, after.as_ref(), context),
            Input::Amend { .. } => context.refuse("NOT_AWARDED", ""),
            Input::Died { on, source } => self.die(*on, source, context),
            Input::Assign { to } => match self.assign(to.as_deref(), &event.by) {
                Ok(()) => Handled,
                Err(reason) => context.refuse(reason, ""),
            },
            Input::Escalate { to, more } if self.escalate(to, *more, context) => Handled,
            Input::LimitOver => {
                let passed = self.supplement.as_ref().or(self.limit.as_ref());
                let deadline = passed.map(|limit| limit.day.to_string()).unwrap_or_default();
                let here = self.here.clone();
                self.tell(context, &here, Fact::Overdue(facts::Overdue { deadline }));
                Handled
            }
            Input::Recount { because, moved } => {
                for one in moved {
                    self.move_deadline(one, because, context);
                }
                Handled
            }
            _ => Super,
        }
    }

    #[state(superstate = "concluded")]
    fn issued(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Present { occasion } => {
                let fact = facts::Presented {
                    occasion: occasion.clone(),
                };
                self.go(context, State::Presented, Fact::Presented(fact))
            }
            Input::Died { on, source } => self.die(*on, source, context),
            _ => Super,
        }
    }

    #[state(superstate = "concluded")]
    fn presented() -> Outcome<State> {
        Super
    }

    #[state(superstate = "concluded")]
    fn revoked(from: &Box<State>, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        let _ = from;
        match &event.input {
            Input::Present { .. } => context.refuse("REVOKED", ""),
            _ => Super,
        }
    }

    #[state(superstate = "concluded")]
    fn withdrawn() -> Outcome<State> {
        Super
    }

    #[state(superstate = "concluded")]
    fn refused() -> Outcome<State> {
        Super
    }

    /// Only the authority's own decision changes what it has decided.
    #[superstate]
    fn concluded(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Amend { amendment, recovery } => self.amend(amendment, recovery.as_ref(), context),
            _ => Super,
        }
    }
}

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
            State::Deciding | State::Issued | State::Presented | State::Revoked { .. } => {
                station.decider.clone().unwrap_or_else(|| station.appraiser.clone())
            }
            State::Returned { .. } | State::Recalled | State::Withdrawn => opening.submitting_agency.clone(),
            State::Suspended { at } | State::Consulting { at } => self.agency(at),
            _ => station.appraiser.clone(),
        }
    }

    fn enter_course(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
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

    fn ordinary(&self) -> bool {
        self.opening
            .as_ref()
            .is_some_and(|opening| opening.route.procedure == Procedure::Ordinary)
    }

    fn appraise(&mut self, meets: bool) -> State {
        self.appraised = Some(meets);
        self.after_appraisal()
    }

    fn appraised(&self, meets: bool, next: &State) -> Fact {
        Fact::Appraised(facts::Appraised {
            meets,
            publication_required: matches!(next, State::Publishing { .. }),
            council_required: self.at().is_some_and(|station| station.council.is_some()),
        })
    }

    /// Where signed minutes lead.
    fn conclude(&mut self, passed: bool) -> State {
        self.council = if passed { Council::Passed } else { Council::Failed };
        if passed { self.to_sign() } else { State::InCouncil }
    }

    /// All later steps see it; the newest record counts.
    fn die(&mut self, on: time::Date, source: &str, context: &mut Cx<Event>) -> Outcome<State> {
        let source = source.to_owned();
        self.died = Some(Death { on, source });
        let here = self.here.clone();
        self.tell(context, &here, Fact::CandidateDied(facts::CandidateDied {}));
        Handled
    }

    fn open_opinions(&self) -> String {
        let open = self.consultations.iter().filter(|one| one.is_open());
        open.map(|one| one.agency.as_str()).collect::<Vec<_>>().join(", ")
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

    fn enter_council(&mut self) -> State {
        if self.ordinary() && self.at().is_some_and(|station| station.council.is_some()) {
            self.council = Council::Pending;
            State::InCouncil
        } else {
            self.to_sign()
        }
    }

    fn to_sign(&self) -> State {
        if self.at().is_some_and(|station| station.signer.is_some()) {
            State::Signing
        } else {
            State::Deciding
        }
    }

    /// A station begins with nothing done.
    fn arrive(&mut self, station: usize, context: &mut Cx<Event>) {
        let sent = self.limit.take();
        self.end(context);
        self.sent = sent;
        self.station = station;
        (self.appraised, self.council, self.signed_comments) = (None, Council::None, 0);
        self.consultations.clear();
    }

    fn begin(&mut self, deadline: Option<Deadline>, context: &mut Cx<Event>) {
        self.stopped = None;
        if let Some(limit) = &deadline {
            context.set_timer(LIMIT, limit.over);
        }
        self.limit = deadline;
    }

    /// Sets anew what stopping cleared.
    fn resume(&mut self, back: &State, context: &mut Cx<Event>) {
        if let (State::Publishing { running: true }, Some(last)) = (back, &self.publication) {
            context.set_timer(PUBLICATION, last.over);
        }
        if matches!(back, State::Consulting { .. }) {
            self.await_opinions(context);
        }
    }

    /// What the law gives once all opinions have come never shortens what runs.
    pub(super) fn extend(&mut self, after: Option<&Deadline>, context: &mut Cx<Event>) {
        let Some(after) = after else { return };
        if self.limit.as_ref().is_some_and(|limit| limit.over < after.over) {
            context.set_timer(LIMIT, after.over);
            self.limit = Some(after.clone());
        }
    }

    fn supplemented(&mut self, verdict: &str, context: &mut Cx<Event>) {
        self.supplement = None;
        context.clear_timer(LIMIT);
        if let Some(opening) = &mut self.opening {
            verdict.clone_into(&mut opening.verdict);
        }
    }

    /// The clock stands; what is published stays published.
    fn stop(&mut self, context: &mut Cx<Event>) {
        self.limit = None;
        context.clear_timer(LIMIT);
        context.clear_timer(PUBLICATION);
        context.clear_timer(CONSULTATION);
    }

    /// No clock runs any more.
    fn end(&mut self, context: &mut Cx<Event>) {
        self.stop(context);
        (self.sent, self.stopped, self.supplement, self.publication) = (None, None, None, None);
    }

    /// A running deadline to another day, with its timer. What it no longer has stays away: the calendar makes none.
    fn move_deadline(&mut self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
        let published = self.here == State::Publishing { running: true };
        let (held, timer) = match moved.which {
            Which::Limit => (&mut self.limit, Some(LIMIT)),
            Which::Supplement => (&mut self.supplement, Some(LIMIT)),
            Which::Consultation => return self.move_consultation(moved, because, context),
            // While it is returned or halted its timer is off; going on sets it to the new day.
            Which::Publication => (&mut self.publication, published.then_some(PUBLICATION)),
        };
        let Some(held) = held else { return };
        *held = moved.to.clone();
        if let Some(timer) = timer {
            context.set_timer(timer, moved.to.over);
        }
        self.tell_moved(moved, because, context);
    }

    /// The opinion of an agency, by that agency's calendar.
    fn move_consultation(&mut self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
        let due = |one: &&mut super::Consultation| one.until.agency == moved.to.agency && one.until.day == moved.from;
        let Some(held) = self.consultations.iter_mut().filter(|one| one.is_open()).find(due) else {
            return;
        };
        held.until = moved.to.clone();
        if matches!(self.here, State::Consulting { .. }) {
            self.await_opinions(context);
        }
        self.tell_moved(moved, because, context);
    }

    fn tell_moved(&self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
        let fact = facts::DeadlineMoved {
            kind: moved.which.as_str().to_owned(),
            from: moved.from.to_string(),
            to: moved.to.day.to_string(),
            because: because.iter().map(DayChange::told).collect(),
        };
        let here = self.here.clone();
        self.tell(context, &here, Fact::DeadlineMoved(fact));
    }

    fn refuse(&mut self, decided: &Decided, context: &mut Cx<Event>) -> Outcome<State> {
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

    /// Moves and tells; a council that becomes due is told too.
    pub(super) fn go(&mut self, context: &mut Cx<Event>, next: State, fact: Fact) -> Outcome<State> {
        self.tell(context, &next, fact);
        if next == State::InCouncil && self.council == Council::Pending {
            self.tell_council(context);
        }
        Transition(next)
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

    pub(super) fn tell(&self, context: &mut Cx<Event>, next: &State, fact: Fact) {
        context.publish(super::facts::event(self, next, fact));
    }
}

impl Machine for Course {
    const NAME: &'static str = "approval.course";
    const VERSION: u32 = 1;
    type State = State;
    type Input = Input;
    type Event = Event;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &On, cx: &mut Cx<Event>) -> bool {
        self.here = state.clone();
        let task = self.task(state);
        let taken = machine::drive(self, state, on, cx);
        if taken {
            self.hands(on, task.as_ref(), state, cx);
            self.watch(state, cx);
        }
        self.here = State::New;
        taken
    }

    fn waiting(&self, state: &State) -> Waiting {
        let on = |role| Waiting::On {
            role,
            agency: self.agency(state),
        };
        match state {
            // Issued: an award may be handed over at any time, there is no term for it in the law.
            State::New
            | State::Recalled
            | State::Withdrawn
            | State::Issued
            | State::Presented
            | State::Revoked { .. }
            | State::Refused => Waiting::Final,
            State::Consulting { .. } => Waiting::On {
                role: "officer",
                agency: self.consulted().map(|one| one.agency.clone()).unwrap_or_default(),
            },
            State::Receiving | State::Appraising | State::Publishing { running: false } | State::Suspended { .. } => {
                on("officer")
            }
            State::Publishing { running: true } => Waiting::Timer(PUBLICATION),
            State::InCouncil if self.council == Council::Failed => on("leader"),
            State::InCouncil => on("officer"),
            State::Signing | State::Deciding => on("leader"),
            State::Returned { .. } => on("clerk"),
        }
    }
}
