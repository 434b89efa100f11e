//! The toy: a paper is written, sent, and answered or cancelled; three more inputs lead to where no machine may lead.
#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig's macro names handlers after states, and writes superstates"
)]

use machine::{Actor, Cx, Machine, Migrate, Recorded, Snapshot, Stimulus, Timestamp, Waiting, outcome, step};
use serde::{Deserialize, Serialize};
use statig::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub pages: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum State {
    New,
    Draft,
    Sent,
    Answered,
    Cancelled,
    /// Waits on a role at no agency: owned by nobody.
    Lost,
    /// Nothing leads out of it.
    Pit,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum Input {
    Write {
        pages: u32,
    },
    Send,
    Answer,
    Cancel,
    Lose,
    Trap,
    /// Sends, and forgets to set the timer.
    Post,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    Written { pages: u32 },
    Sent,
    Cancelled,
}

/// More pages are not taken.
pub const PAGES_MAX: u32 = 3;
/// Nor were these up to version 6.
pub const PAGES_MAX_6: u32 = 2;
/// How long a sent paper waits, in microseconds.
pub const REPLY_WITHIN: i64 = 1_000;

#[state_machine(initial = "State::New", state(custom, name = "State"), superstate(derive(Debug)))]
impl Paper {
    #[state]
    fn new(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Write { .. } => self.draft(event, context),
            _ => Super,
        }
    }

    #[state(superstate = "alive")]
    fn draft(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Write { pages } => {
                // Changes first and looks later, as a careless handler would: the step must not show it.
                self.pages += pages;
                context.publish(Fact::Written { pages: self.pages });
                let most = if context.version() >= 7 { PAGES_MAX } else { PAGES_MAX_6 };
                if self.pages > most {
                    return context.refuse("TOO_THICK", format!("{} pages", self.pages));
                }
                Transition(State::Draft)
            }
            Input::Send => {
                context.publish(Fact::Sent);
                context.set_timer("reply", Timestamp(event.at.0 + REPLY_WITHIN));
                Transition(State::Sent)
            }
            Input::Lose => Transition(State::Lost),
            Input::Trap => Transition(State::Pit),
            Input::Post => Transition(State::Sent),
            Input::Answer | Input::Cancel => Super,
        }
    }

    #[state(superstate = "alive")]
    fn sent(&mut self, event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Answer => {
                context.clear_timer("reply");
                Transition(State::Answered)
            }
            Input::Cancel if self.pages == PAGES_MAX => context.refuse("TOO_LATE", "it is being read"),
            Input::Cancel => {
                context.clear_timer("reply");
                Super
            }
            _ => Super,
        }
    }

    #[state(superstate = "alive")]
    fn lost() -> Outcome<State> {
        Super
    }

    #[state]
    fn pit() -> Outcome<State> {
        Super
    }

    #[state]
    fn answered() -> Outcome<State> {
        Super
    }

    #[state]
    fn cancelled() -> Outcome<State> {
        Super
    }

    #[superstate]
    fn alive(event: &Stimulus<Input>, context: &mut Cx<Fact>) -> Outcome<State> {
        match event.input {
            Input::Cancel => {
                context.publish(Fact::Cancelled);
                Transition(State::Cancelled)
            }
            _ => Super,
        }
    }
}

impl Machine for Paper {
    const NAME: &'static str = "toy.paper";
    const VERSION: u32 = 7;
    type State = State;
    type Input = Input;
    type Event = Fact;

    fn initial() -> State {
        State::New
    }

    fn dispatch(&mut self, state: &mut State, on: &Stimulus<Input>, cx: &mut Cx<Fact>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn migrate(&mut self, state: &mut State, _: &Stimulus<Migrate>, context: &mut Cx<Fact>) -> bool {
        match state {
            // A letter of version 6 need not be answered by a day.
            State::Sent => context.clear_timer("reply"),
            State::Draft => {
                context.publish(Fact::Written { pages: self.pages });
            }
            State::Lost | State::Pit => {}
            State::New | State::Answered | State::Cancelled => return false,
        }
        if *state == State::Sent {
            *state = State::Draft;
        }
        true
    }

    fn onward(&self, state: &State) -> Vec<Stimulus<Input>> {
        match state {
            State::Draft => vec![given(Input::Write { pages: 1 }), given(Input::Send)],
            State::Sent => vec![given(Input::Answer)],
            _ => Vec::new(),
        }
    }

    fn waiting(&self, state: &State) -> Waiting {
        match state {
            State::New | State::Answered | State::Cancelled => Waiting::Final,
            State::Draft => Waiting::On {
                role: "clerk",
                agency: "toy".to_owned(),
            },
            State::Sent => Waiting::Timer("reply"),
            State::Lost => Waiting::On {
                role: "clerk",
                agency: String::new(),
            },
            State::Pit => Waiting::Service("nobody"),
        }
    }
}

/// An input with the toy's usual circumstances.
pub fn given(input: Input) -> Stimulus<Input> {
    let by = Actor {
        id: "p-1".to_owned(),
        role: "clerk".to_owned(),
        agency: "toy".to_owned(),
        on_behalf: None,
    };
    Stimulus {
        input,
        by,
        at: Timestamp(100),
    }
}

/// Where accepted inputs lead, and the history that they leave.
pub fn after(inputs: &[Input]) -> (Snapshot<Paper>, Vec<Recorded>) {
    let mut at = Snapshot::<Paper>::default();
    let mut history = Vec::new();
    for (input, version) in inputs.iter().zip(1..) {
        let stimulus = given(input.clone());
        let stepped = step(&at, &stimulus).expect("an input that is taken");
        history.push(Recorded {
            version,
            machine_version: Paper::VERSION,
            input: serde_json::to_vec(input).expect("inputs are JSON"),
            by: stimulus.by,
            at: stimulus.at,
            state: stepped.next.state_name(),
            outcome: outcome(&stepped),
        });
        at = stepped.next;
    }
    (at, history)
}
