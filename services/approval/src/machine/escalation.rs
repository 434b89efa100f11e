//! What is late does not stay unseen: a week after a limit, and each week after, one who stands above whoever is waited
//! for is told, each of them once. It fires by itself, by the dossier's own timer.

use machine::{Cx, Machine as _, Timestamp, Waiting};
use proto::approval::v1::{self as facts, Event, event::Fact};
use serde::{Deserialize, Serialize};
use time::Duration;

use super::{Course, State};

/// The timer of the next one to tell.
pub(super) const ESCALATION: &str = "escalation";

/// A limit that has passed, while nobody has done what it was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// When it passed.
    pub since: Timestamp,
    /// How many were told.
    pub told: u32,
}

impl Late {
    /// When the next one is told: a week after the limit or after the one before, five working days as a rule.
    fn next(&self) -> Timestamp {
        let weeks = i64::from(self.told) + 1;
        Timestamp(self.since.0 + Duration::weeks(weeks).whole_microseconds() as i64)
    }
}

impl Course {
    /// Tells the next one above, and waits a week where there is another.
    pub(super) fn escalate(&mut self, to: &str, more: bool, context: &mut Cx<Event>) -> bool {
        let here = self.here.clone();
        let (Some(late), Some(limit)) = (&mut self.late, &self.limit) else {
            return false;
        };
        late.told += 1;
        if more {
            context.set_timer(ESCALATION, late.next());
        }
        let deadline = limit.day.to_string();
        let waiting_on = match self.waiting(&here) {
            Waiting::On { role, agency } => format!("{role}@{agency}"),
            _ => String::new(),
        };
        let fact = facts::Escalated {
            to: to.to_owned(),
            waiting_on,
            deadline,
        };
        self.tell(context, &here, Fact::Escalated(fact));
        true
    }

    /// A limit that has passed is escalated for as long as it is the one that runs, and somebody is waited for.
    pub(super) fn watch(&mut self, state: &State, context: &mut Cx<Event>) {
        let runs = self.limit.as_ref().map(|limit| limit.over);
        if self.late.as_ref().is_some_and(|late| Some(late.since) != runs) {
            self.late = None;
            context.clear_timer(ESCALATION);
        }
        let on_somebody = matches!(self.waiting(state), Waiting::On { .. });
        let passed = runs.filter(|over| *over <= context.now() && on_somebody && self.late.is_none());
        if let Some(since) = passed {
            let late = Late { since, told: 0 };
            context.set_timer(ESCALATION, late.next());
            self.late = Some(late);
        }
    }
}
