//! A session of a council: convened over an agenda, quorate, closed, minuted.

use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;

use super::Item;

/// What is known of a session, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The agency whose council meets.
    pub council: String,
    /// The standing body of that council, where it is another agency: who appraised what is on the agenda.
    pub standing: Vec<String>,
    /// Subjects of all members, frozen when it was convened; the first presides.
    pub members: Vec<String>,
    /// What it is about.
    pub agenda: Vec<Item>,
    /// How many members must be present, by the strictest rule of the agenda.
    pub quorum: u32,
    /// Who is there.
    pub present: Vec<String>,
    /// Absent members who send a written opinion: they vote and are no part of the quorum.
    pub writing: Vec<String>,
    /// When it was convened.
    pub convened_at: Timestamp,
    /// When voting was closed.
    pub closed_at: Option<Timestamp>,
    /// The minutes as data (JSON), once signed.
    pub minutes: String,
}

/// Where a session is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum SessionState {
    /// Not convened.
    New,
    /// Called; without a quorum so far.
    Convened,
    /// Enough members are present: voting is open.
    Quorate,
    /// Voting is over; counted.
    Closed,
    /// The minutes are signed.
    Minuted,
}

/// What can be asked of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum SessionInput {
    /// Calls it.
    Convene {
        /// The agency whose council meets.
        council: String,
        /// Its standing body, where it is another agency.
        standing: Vec<String>,
        /// Subjects of all members; the first presides.
        members: Vec<String>,
        /// What it is about.
        agenda: Vec<Item>,
        /// How many members must be present.
        quorum: u32,
    },
    /// Who is there; may be corrected until it is closed.
    Attend {
        /// Who is present.
        present: Vec<String>,
        /// Who sends a written opinion.
        writing: Vec<String>,
    },
    /// Voting is over.
    Close,
    /// The minutes are signed by chair and secretary.
    Minute {
        /// The minutes as data (JSON).
        minutes: String,
    },
}

type On = Stimulus<SessionInput>;

impl Session {
    /// Who runs it: the council's own agency, and its standing body.
    pub fn run_by(&self) -> Vec<&str> {
        std::iter::once(&self.council)
            .chain(&self.standing)
            .map(String::as_str)
            .collect()
    }
}

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
        let SessionInput::Convene {
            council,
            standing,
            members,
            agenda,
            quorum,
        } = &event.input
        else {
            return Super;
        };
        self.council.clone_from(council);
        self.standing.clone_from(standing);
        self.members.clone_from(members);
        self.agenda.clone_from(agenda);
        self.quorum = *quorum;
        self.convened_at = event.at;
        Transition(SessionState::Convened)
    }

    #[state(superstate = "sitting")]
    fn convened() -> Outcome<SessionState> {
        Super
    }

    #[state(superstate = "sitting")]
    fn quorate() -> Outcome<SessionState> {
        Super
    }

    /// Closing ends a session that never had a quorum too, so that its agenda is free for the next.
    #[superstate]
    fn sitting(&mut self, event: &On) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Attend { present, writing } => {
                self.present.clone_from(present);
                self.writing.clone_from(writing);
                Transition(if self.has_quorum() {
                    SessionState::Quorate
                } else {
                    SessionState::Convened
                })
            }
            SessionInput::Close => {
                self.closed_at = Some(event.at);
                Transition(SessionState::Closed)
            }
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn closed(&mut self, event: &On) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Minute { minutes } => {
                self.minutes.clone_from(minutes);
                Transition(SessionState::Minuted)
            }
            _ => Super,
        }
    }

    #[state(superstate = "over")]
    fn minuted() -> Outcome<SessionState> {
        Super
    }

    #[superstate]
    fn over(event: &On, context: &mut Cx<Event>) -> Outcome<SessionState> {
        match &event.input {
            SessionInput::Attend { .. } | SessionInput::Close => context.refuse("VOTING_CLOSED", ""),
            _ => Super,
        }
    }
}

impl Session {
    /// Whether enough members are present. A written opinion is a vote and no presence.
    pub fn has_quorum(&self) -> bool {
        self.present.len() >= self.quorum as usize
    }

    /// Who signs the minutes for the council: the first of the members, or else the first of them who came.
    pub fn chair(&self) -> &str {
        let came = self.members.iter().find(|member| self.present.contains(member));
        came.or(self.members.first()).map_or("", String::as_str)
    }
}

impl Machine for Session {
    const NAME: &'static str = "council.session";
    const VERSION: u32 = 1;
    type State = SessionState;
    type Input = SessionInput;
    type Event = Event;

    fn initial() -> SessionState {
        SessionState::New
    }

    fn dispatch(&mut self, state: &mut SessionState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &SessionState) -> Waiting {
        match state {
            SessionState::New | SessionState::Minuted => Waiting::Final,
            _ => Waiting::On {
                role: "secretary",
                agency: self.council.clone(),
            },
        }
    }
}
