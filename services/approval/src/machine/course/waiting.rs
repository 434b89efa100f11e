//! How a course is driven, and on whom it waits in each state.

use machine::{Cx, Machine, Waiting};
use proto::approval::v1::Event;

use super::{On, PUBLICATION};
use crate::machine::{Council, Course, Input, State};

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
            | State::Published
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
