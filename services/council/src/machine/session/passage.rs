//! The rules of passage: what each state of a session does with each input.

use machine::Cx;
use proto::council::v1::Event;
use statig::prelude::*;

use super::{NEXT_PAGE, On, Session, SessionInput, SessionState, Signature, Sitting};
use crate::machine::Function;

#[state_machine(
    initial = "SessionState::New",
    state(custom, name = "SessionState"),
    superstate(name = "SessionSuperstate", derive(Debug))
)]
impl Session {
    #[state]
    #[expect(
        clippy::new_ret_no_self,
        clippy::wrong_self_convention,
        reason = "the handler of the state `New`"
    )]
    fn new(&mut self, event: &On) -> Outcome<SessionState> {
        let SessionInput::Convene { called, items, quorum } = &event.input else {
            return Super;
        };
        self.called.clone_from(called);
        (self.items, self.quorum, self.convened_at) = (*items, *quorum, event.at);
        Transition(SessionState::Convened)
    }

    #[state(superstate = "meeting")]
    fn convened() -> Outcome<SessionState> {
        Super
    }

    #[state(superstate = "meeting")]
    fn quorate(&mut self, event: &On) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Voted { member } => {
                self.voted.insert(member.clone());
                Handled
            }
            _ => Super,
        }
    }

    /// Attendance of the day on which it goes on opens it again.
    #[state(superstate = "sitting")]
    fn adjourned(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Attend { .. } if self.sittings.last().is_some_and(|last| event.at < last.not_before) => {
                context.refuse("SESSION_ADJOURNED", "")
            }
            SessionInput::Attend { .. } => self.attend(event, context),
            SessionInput::Voted { .. } | SessionInput::Adjourn { .. } | SessionInput::Close => {
                context.refuse("SESSION_ADJOURNED", "")
            }
            _ => Super,
        }
    }

    /// Closing ends a session that never had a quorum too, so that its agenda is free for the next.
    #[superstate(superstate = "sitting")]
    fn meeting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Attend { .. } => self.attend(event, context),
            SessionInput::Adjourn {
                until,
                not_before,
                reason,
            } if *not_before > event.at => {
                self.sittings.push(Sitting {
                    ended_at: event.at,
                    quorate: self.has_quorum(),
                    balloted: !self.voted.is_empty(),
                    present: std::mem::take(&mut self.present),
                    writing: std::mem::take(&mut self.writing),
                    until: *until,
                    not_before: *not_before,
                    reason: reason.clone(),
                });
                self.voted.clear();
                Transition(SessionState::Adjourned)
            }
            SessionInput::Adjourn { .. } => context.refuse("DAY_PASSED", ""),
            SessionInput::Close => {
                self.closed_at = Some(event.at);
                self.work_through(event, context, SessionState::Counting)
            }
            _ => Super,
        }
    }

    /// Until it is closed or called off.
    #[superstate]
    fn sitting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Add { items, quorum } => {
                self.items += items;
                self.quorum = self.quorum.max(*quorum);
                // A stricter rule may ask for more than are there; who voted before did so with a quorum.
                if self.present.is_empty() || self.has_quorum() {
                    Handled
                } else if self.voted.is_empty() {
                    Transition(SessionState::Convened)
                } else {
                    context.refuse("NOT_QUORATE", "")
                }
            }
            SessionInput::Invite(invitation) => {
                self.invitation = Some(invitation.clone());
                Handled
            }
            SessionInput::Cancel { .. } if !self.voted.is_empty() || self.sittings.iter().any(|one| one.balloted) => {
                context.refuse("VOTED_ALREADY", "")
            }
            SessionInput::Cancel { reason } => {
                self.cancelled_for.clone_from(reason);
                self.work_through(event, context, SessionState::Freeing)
            }
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn counting(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::PageDone => self.page_done(event, context, SessionState::Closed),
            SessionInput::Minute { .. } => context.refuse("STILL_COUNTING", ""),
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn closed(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Minute { .. } => self.minute(event, context),
            _ => Super,
        }
    }

    /// The secretary may draw them up anew until the chair has signed.
    #[state(superstate = "over")]
    fn drafted(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Minute { .. } => self.minute(event, context),
            SessionInput::Sign { .. } if event.by.id != self.chair() => context.refuse("NOT_THE_CHAIR", ""),
            SessionInput::Sign { digest } if *digest != self.digest => context.refuse("MINUTES_CHANGED", ""),
            SessionInput::Sign { .. } => {
                self.signatures.push(Signature {
                    subject: event.by.id.clone(),
                    function: Function::Chair,
                    attested: false,
                    at: event.at,
                });
                self.work_through(event, context, SessionState::Concluding)
            }
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn concluding(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::PageDone => self.page_done(event, context, SessionState::Minuted),
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn minuted() -> Outcome<SessionState> {
        Super
    }

    #[state(superstate = "over")]
    fn freeing(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::PageDone => self.page_done(event, context, SessionState::Cancelled),
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn cancelled() -> Outcome<SessionState> {
        Super
    }

    #[superstate]
    fn over(event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Attend { .. }
            | SessionInput::Close
            | SessionInput::Add { .. }
            | SessionInput::Voted { .. }
            | SessionInput::Adjourn { .. }
            | SessionInput::Cancel { .. } => context.refuse("VOTING_CLOSED", ""),
            _ => Super,
        }
    }
}

impl Session {
    /// Whoever has voted since it met stays there; a quorum that ballots rest on stays.
    fn attend(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        let SessionInput::Attend { present, writing } = &event.input else {
            return Super;
        };
        let attends = |voter: &String| present.contains(voter) || writing.contains(voter);
        if !self.voted.iter().all(attends) {
            return context.refuse("VOTED_ALREADY", "");
        }
        let may_write = self.called.regulation.as_ref().is_none_or(|own| own.writing);
        if !writing.is_empty() && !may_write {
            return context.refuse("WRITING_NOT_ALLOWED", "");
        }
        if !present.is_empty() && self.presiding(present).is_none() {
            return context.refuse("NOBODY_PRESIDES", "");
        }
        let quorate = present.len() >= self.quorum as usize;
        if !quorate && !self.voted.is_empty() {
            return context.refuse("NOT_QUORATE", "");
        }
        self.present.clone_from(present);
        self.writing.clone_from(writing);
        if !quorate {
            return Transition(SessionState::Convened);
        }
        self.opened_at.get_or_insert(event.at);
        Transition(SessionState::Quorate)
    }

    fn minute(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        let SessionInput::Minute { digest } = &event.input else {
            return Super;
        };
        self.digest.clone_from(digest);
        self.minuted_at = Some(event.at);
        let signature = |subject: &str, function, attested| Signature {
            subject: subject.to_owned(),
            function,
            attested,
            at: event.at,
        };
        self.signatures = vec![signature(&event.by.id, Function::Secretary, false)];
        if self.called.constituted {
            return Transition(SessionState::Drafted);
        }
        let chair = signature(self.chair(), Function::Chair, true);
        self.signatures.push(chair);
        self.work_through(event, context, SessionState::Concluding)
    }

    /// Begins a stage that has something to do for every page of the agenda. A timer carries it on, whoever stops.
    fn work_through(&mut self, event: &On, context: &mut Cx<Event>, stage: SessionState) -> Outcome<SessionState> {
        self.done = 0;
        context.set_timer(NEXT_PAGE, event.at);
        Transition(stage)
    }

    fn page_done(&mut self, event: &On, context: &mut Cx<Event>, end: SessionState) -> Outcome<SessionState> {
        self.done += 1;
        if self.done >= self.pages() {
            context.clear_timer(NEXT_PAGE);
            return Transition(end);
        }
        context.set_timer(NEXT_PAGE, event.at);
        Handled
    }
}
