//! The clocks of a course: what begins, stops, goes on and ends them, and what a changed calendar moves.

use machine::{Cx, Machine as _, Waiting};
use proto::approval::v1::{self as facts, Event, event::Fact};
use statig::prelude::*;

use super::{LIMIT, PUBLICATION, REMINDER};
use crate::machine::{Course, Deadline, Moved, State, Stopped, Which, calendar::DayChange, consultation::CONSULTATION};

impl Course {
    pub(super) fn begin(&mut self, deadline: Option<Deadline>, context: &mut Cx<Event>) {
        self.stopped = None;
        if let Some(limit) = &deadline {
            context.set_timer(LIMIT, limit.over);
        }
        self.limit = deadline;
        self.watch_limit(context);
    }

    /// One reminder a limit, while there is time.
    fn watch_limit(&self, context: &mut Cx<Event>) {
        let Some(limit) = &self.limit else { return };
        let due = limit
            .remind
            .filter(|due| *due > context.now() && self.reminded != Some(limit.began));
        if let Some(due) = due {
            context.set_timer(REMINDER, due);
        }
    }

    /// Tells whoever is waited for; where nobody is, nothing is said.
    pub(super) fn remind(&mut self, context: &mut Cx<Event>) {
        let here = self.here.clone();
        let Waiting::On { role, agency } = self.waiting(&here) else {
            return;
        };
        let Some(limit) = self.limit.as_ref().filter(|limit| self.reminded != Some(limit.began)) else {
            return;
        };
        let fact = facts::DueSoon {
            waiting_on: format!("{role}@{agency}"),
            deadline: limit.day.to_string(),
        };
        self.reminded = Some(limit.began);
        self.tell(context, &here, Fact::DueSoon(fact));
    }

    /// Sets anew what stopping cleared.
    pub(super) fn resume(&mut self, back: &State, context: &mut Cx<Event>) {
        if let (State::Publishing { running: true }, Some(last)) = (back, &self.publication) {
            context.set_timer(PUBLICATION, last.over);
        }
        if matches!(back, State::Consulting { .. }) {
            self.await_opinions(context);
        }
    }

    /// What the law gives once all opinions have come never shortens what runs.
    pub(in crate::machine) fn extend(&mut self, after: Option<&Deadline>, context: &mut Cx<Event>) {
        let Some(after) = after else { return };
        if self.limit.as_ref().is_some_and(|limit| limit.over < after.over) {
            context.set_timer(LIMIT, after.over);
            self.limit = Some(after.clone());
        }
    }

    pub(super) fn supplemented(&mut self, verdict: &str, context: &mut Cx<Event>) {
        self.supplement = None;
        context.clear_timer(LIMIT);
        if let Some(opening) = &mut self.opening {
            verdict.clone_into(&mut opening.verdict);
        }
    }

    /// The clock stands; what is published stays published.
    pub(super) fn stop(&mut self, context: &mut Cx<Event>) {
        self.limit = None;
        context.clear_timer(LIMIT);
        context.clear_timer(REMINDER);
        context.clear_timer(PUBLICATION);
        context.clear_timer(CONSULTATION);
    }

    /// Halts from anywhere: the clocks stand, and a supplement's stands with them.
    pub(super) fn halt(&mut self, because: &str, stopped: Option<&Stopped>, context: &mut Cx<Event>) -> Outcome<State> {
        if !matches!(self.here, State::Returned { .. }) {
            self.stop(context);
            self.stopped = stopped.cloned();
        }
        context.clear_timer(PUBLICATION);
        context.clear_timer(CONSULTATION);
        let at = Box::new(self.here.clone());
        let because = because.to_owned();
        self.go(
            context,
            State::Suspended { at },
            Fact::Suspended(facts::Suspended { because }),
        )
    }

    /// A comment on published names.
    pub(super) fn commented(&mut self, signed: bool, context: &mut Cx<Event>) {
        self.signed_comments += u32::from(signed);
        let here = self.here.clone();
        self.tell(context, &here, Fact::Commented(facts::Commented { signed }));
    }

    /// Whether names are published still, of what is halted there.
    pub(super) fn is_public(&self, at: &State, context: &Cx<Event>) -> bool {
        let last = self.publication.as_ref();
        *at == State::Publishing { running: true } && last.is_some_and(|last| context.now() < last.over)
    }

    /// No clock runs any more.
    pub(super) fn end(&mut self, context: &mut Cx<Event>) {
        self.stop(context);
        (self.sent, self.stopped, self.supplement, self.publication) = (None, None, None, None);
    }

    /// A running deadline to another day, with its timer. What it no longer has stays away: the calendar makes none.
    pub(super) fn move_deadline(&mut self, moved: &Moved, because: &[DayChange], context: &mut Cx<Event>) {
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
        if moved.which == Which::Limit {
            self.watch_limit(context);
        }
        self.tell_moved(moved, because, context);
    }
}
