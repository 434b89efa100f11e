//! A page of a session's agenda, and what each of its votes came to. Apart from the session, so that a vote touches what
//! is small, and by pages, so that no call grows with the agenda. The aggregate's id is `<session>/<page>`.

use std::collections::BTreeMap;

use machine::{Cx, Machine, Stimulus, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::{Counts, Ground, Item, Terms};

/// How many dossiers a page holds.
pub const PAGE: usize = 50;

/// One line of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which dossier before which council.
    pub item: Item,
    /// The award, as it was tabled.
    pub award: String,
    /// Who is proposed (personal or unit number), or empty.
    pub candidate: String,
    /// What came of it, once voting is over; none: it was not voted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

/// What a vote came to. Counts, never who voted how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The count.
    pub counts: Counts,
    /// How many ballots were cast.
    pub ballots: u32,
    /// By which rule.
    pub terms: Terms,
    /// Who did not vote, and why.
    pub recused: BTreeMap<String, Ground>,
}

/// A page of an agenda.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agenda {
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// Where a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum AgendaState {
    /// There is none.
    New,
    /// It may be added to.
    Open,
    /// Its votes are counted.
    Counted,
}

/// What can be asked of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum AgendaInput {
    /// Puts further lines on it.
    Add {
        /// The lines.
        lines: Vec<Line>,
    },
    /// Voting is over.
    Count {
        /// What came of each line, in their order.
        results: Vec<Option<Verdict>>,
    },
}

type On = Stimulus<AgendaInput>;

#[state_machine(
    initial = "AgendaState::New",
    state(custom, name = "AgendaState"),
    superstate(name = "AgendaSuperstate", derive(Debug))
)]
impl Agenda {
    #[state(superstate = "growing")]
    #[expect(clippy::new_ret_no_self, reason = "the handler of the state `New`")]
    fn new() -> Outcome<AgendaState> {
        Super
    }

    #[state(superstate = "growing")]
    fn open(&mut self, event: &On) -> Outcome<AgendaState> {
        match &event.input {
            AgendaInput::Count { results } if results.len() == self.lines.len() => {
                for (line, result) in self.lines.iter_mut().zip(results) {
                    line.result.clone_from(result);
                }
                Transition(AgendaState::Counted)
            }
            _ => Super,
        }
    }

    #[superstate]
    fn growing(&mut self, event: &On) -> Outcome<AgendaState> {
        match &event.input {
            AgendaInput::Add { lines } if self.lines.len() + lines.len() <= PAGE => {
                self.lines.extend(lines.iter().cloned());
                Transition(AgendaState::Open)
            }
            _ => Super,
        }
    }

    #[state]
    fn counted(context: &mut Cx<Event>) -> Outcome<AgendaState> {
        context.refuse("VOTING_CLOSED", "")
    }
}

impl Machine for Agenda {
    const NAME: &'static str = "council.agenda";
    const VERSION: u32 = 1;
    type State = AgendaState;
    type Input = AgendaInput;
    type Event = Event;

    fn initial() -> AgendaState {
        AgendaState::New
    }

    fn dispatch(&mut self, state: &mut AgendaState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    /// A page only remembers; what waits is its session.
    fn waiting(&self, _state: &AgendaState) -> Waiting {
        Waiting::Final
    }
}
