//! A dossier's course: level by level from its unit to the authority that decides, over the stations that the law
//! gave it when it was submitted.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    clippy::borrowed_box,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

mod clocks;
mod telling;
mod waiting;
mod way;

use machine::{Cx, Stimulus};
use proto::approval::v1::{self as facts, Event, event::Fact};
use statig::prelude::*;

use super::{Council, Course, Input, State};

/// The timer of a publication's end.
const PUBLICATION: &str = "publication";
/// The timer of a limit: the station's, or the supplement's.
const LIMIT: &str = "limit";
/// Why a signed comment on published names halts a dossier.
const SIGNED_COMMENT: &str = "signed-comment";
/// The timer of a limit that is near.
const REMINDER: &str = "reminder";

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
            Input::Tabled | Input::Released if **at == State::InCouncil => self.on_agenda(&event.input),
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
            Input::Comment { signed, stopped, .. } if *running => {
                self.commented(*signed, context);
                if *signed {
                    return self.halt(SIGNED_COMMENT, stopped.as_ref(), context);
                }
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
            Input::Tabled | Input::Released => self.on_agenda(&event.input),
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
            Input::Lower { lowered, route } if self.council == Council::Failed => self.lower(lowered, route, context),
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
            Input::Return { back, due, stopped } => {
                self.returns.push(back.clone());
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
                    reason: back.reason.clone(),
                    due: due.day.to_string(),
                };
                self.go(context, State::Returned { from }, Fact::Returned(fact))
            }
            Input::SendBack {
                back,
                station,
                deadline,
            } if *station < self.station => self.send_back(back, *station, deadline.as_ref(), context),
            Input::Sign { .. } | Input::Decide { .. } if self.here == State::Receiving => {
                context.refuse("NOT_RECEIVED", "")
            }
            Input::Sign { .. } | Input::Decide { .. } if self.here == State::Appraising => {
                context.refuse("NOT_APPRAISED", "")
            }
            Input::Consult { asked } => self.consult(asked, context),
            Input::Lower { .. } => context.refuse("COUNCIL_NOT_FAILED", ""),
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
            // Names stay published meanwhile; one more comment halts nothing anew.
            Input::Comment { signed, .. } if self.is_public(at, context) => {
                self.commented(*signed, context);
                Handled
            }
            // A result that arrives while it is suspended is recorded and waits.
            Input::Tabled | Input::Released if **at == State::InCouncil => self.on_agenda(&event.input),
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
            | Input::Moved(_)
            | Input::TakeOver(_)
            | Input::Assign { .. }
            | Input::LimitOver
            | Input::Remind
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
            Input::Suspend { because, stopped } => self.halt(because, stopped.as_ref(), context),
            Input::Reply { agency, answer, after } => self.reply(agency, answer, after.as_ref(), context),
            Input::Amend { .. } => context.refuse("NOT_AWARDED", ""),
            Input::Died { on, source } => self.die(*on, source, context),
            Input::Moved(moved) => self.candidate_moves(moved, context),
            Input::TakeOver(taken) => self.take_over(taken, context),
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
            Input::Remind => {
                self.remind(context);
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

    #[state(superstate = "awarded")]
    fn issued(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Publish { until: last, .. } => {
                let fact = facts::DecisionPublished {
                    until: last.day.to_string(),
                };
                self.go(context, State::Published, Fact::DecisionPublished(fact))
            }
            _ => Super,
        }
    }

    #[state(superstate = "awarded")]
    fn published() -> Outcome<State> {
        Super
    }

    /// What was awarded is handed over, published before or not.
    #[superstate(superstate = "concluded")]
    fn awarded(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<State> {
        match &event.input {
            Input::Present(presentation) => {
                self.presentation = Some(presentation.clone());
                let fact = facts::Presented {
                    occasion: presentation.occasion.clone(),
                };
                self.go(context, State::Presented, Fact::Presented(fact))
            }
            Input::Died { on, source } => self.die(*on, source, context),
            Input::Moved(moved) => self.candidate_moves(moved, context),
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
            Input::Present(_) => context.refuse("REVOKED", ""),
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
            Input::TakeOver(taken) => self.take_over(taken, context),
            _ => Super,
        }
    }
}
