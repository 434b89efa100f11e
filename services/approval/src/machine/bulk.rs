//! A bulk act: one act on many dossiers, each by itself and each by its own rules, as a job that outlives the process.
//! What came of each dossier stands in the read model; the job itself stays small.

#![expect(
    clippy::new_ret_no_self,
    clippy::wrong_self_convention,
    reason = "statig names a handler after its state and hands it the state's fields by reference"
)]

use access::{Principal, Role};
use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::approval::v1::Event;
use serde::{Deserialize, Serialize};
use statig::prelude::*;
use time::Duration;

use super::Paper;

/// How long a job goes on for whoever started it or let it go on: their right to act may end without the job being told.
const MANDATE: Duration = Duration::hours(12);

/// A bulk act, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulk {
    /// What is done to each dossier.
    pub act: BulkAct,
    /// For whom it is done: whoever started it, or let it go on.
    pub owner: Owner,
    /// The letter or decision that it makes, with its number; the dossiers stand in the read model.
    pub paper: Option<Paper>,
    /// How many dossiers there are.
    pub total: u32,
    /// How many of them were looked at.
    pub looked_at: u32,
    /// Of those, how many could not be done.
    pub refused: u32,
    /// When it was started.
    pub started_at: Timestamp,
    /// Until when it goes on by itself.
    pub until: Timestamp,
}

/// The act, as its request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkAct {
    /// Its name, e.g. `sign`.
    pub name: String,
    /// The request without its dossiers, in hex.
    pub request: String,
}

/// Somebody for whom a job acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Stable id.
    pub subject: String,
    /// Their role.
    pub role: String,
    /// Their agency.
    pub agency: String,
    /// Their own number, or none: nobody acts on their own dossier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl From<&Principal> for Owner {
    fn from(who: &Principal) -> Self {
        Self {
            subject: who.subject.clone(),
            role: who.role.as_str().to_owned(),
            agency: who.agency.clone(),
            person: who.person.clone(),
        }
    }
}

impl Owner {
    /// As whom the job acts.
    pub fn principal(&self) -> Option<Principal> {
        let role: Role = self.role.parse().ok()?;
        Some(Principal {
            subject: self.subject.clone(),
            role,
            agency: self.agency.clone(),
            person: self.person.clone(),
        })
    }
}

/// Where a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum BulkState {
    /// Not there.
    New,
    /// Goes from dossier to dossier.
    Running,
    /// Stands still until somebody lets it go on.
    Paused,
    /// Every dossier was looked at.
    Done,
    /// Ended before that.
    Stopped,
}

/// What can be asked of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum BulkInput {
    /// Starts it.
    Start {
        /// What is done.
        act: BulkAct,
        /// For whom.
        owner: Owner,
        /// The letter or decision that it makes.
        paper: Option<Paper>,
        /// How many dossiers there are.
        total: u32,
    },
    /// A slice was looked at.
    Slice {
        /// The place of its first dossier.
        from: u32,
        /// How many.
        dossiers: u32,
        /// Of those, how many could not be done.
        refused: u32,
    },
    /// Stands still; also by itself, when it has gone on for long.
    Pause,
    /// Goes on, for whoever says so.
    Resume {
        /// Who.
        owner: Owner,
    },
    /// Ends; what was done stays done.
    Stop,
}

type On = Stimulus<BulkInput>;

#[state_machine(
    initial = "BulkState::New",
    state(custom, name = "BulkState"),
    superstate(name = "BulkSuperstate", derive(Debug))
)]
impl Bulk {
    #[state]
    fn new(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<BulkState> {
        let BulkInput::Start {
            act,
            owner,
            paper,
            total,
        } = &event.input
        else {
            return Super;
        };
        if let Some(paper) = paper {
            let kind = if act.name == "sign" { "letter" } else { "decision" };
            context.claim(paper.claim(kind));
        }
        *self = Self {
            act: act.clone(),
            paper: paper.clone(),
            total: *total,
            started_at: event.at,
            ..Self::default()
        };
        self.go_on_for(owner, event)
    }

    #[state(superstate = "under_way")]
    fn running(&mut self, event: &On, context: &mut Cx<Event>) -> Outcome<BulkState> {
        match &event.input {
            // Another process did it already.
            BulkInput::Slice { from, .. } if *from != self.looked_at => context.refuse("NOT_ALLOWED_NOW", ""),
            BulkInput::Slice { dossiers, refused, .. } => {
                self.looked_at += dossiers;
                self.refused += refused;
                if self.looked_at < self.total {
                    Handled
                } else {
                    Transition(BulkState::Done)
                }
            }
            BulkInput::Pause => Transition(BulkState::Paused),
            _ => Super,
        }
    }

    #[state(superstate = "under_way")]
    fn paused(&mut self, event: &On) -> Outcome<BulkState> {
        match &event.input {
            BulkInput::Resume { owner } => self.go_on_for(owner, event),
            _ => Super,
        }
    }

    #[superstate]
    fn under_way(event: &On) -> Outcome<BulkState> {
        match &event.input {
            BulkInput::Stop => Transition(BulkState::Stopped),
            _ => Super,
        }
    }

    #[state]
    fn done() -> Outcome<BulkState> {
        Super
    }

    #[state]
    fn stopped() -> Outcome<BulkState> {
        Super
    }
}

impl Bulk {
    fn go_on_for(&mut self, owner: &Owner, event: &On) -> Outcome<BulkState> {
        self.owner = owner.clone();
        self.until = Timestamp(event.at.0 + MANDATE.whole_microseconds() as i64);
        Transition(BulkState::Running)
    }
}

impl Machine for Bulk {
    const NAME: &'static str = "approval.bulk";
    const VERSION: u32 = 1;
    type State = BulkState;
    type Input = BulkInput;
    type Event = Event;

    fn initial() -> BulkState {
        BulkState::New
    }

    fn dispatch(&mut self, state: &mut BulkState, on: &On, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &BulkState) -> Waiting {
        match state {
            BulkState::New | BulkState::Done | BulkState::Stopped => Waiting::Final,
            // The service's own worker, which looks for running jobs whenever a process starts.
            BulkState::Running => Waiting::Service("approval"),
            BulkState::Paused => Waiting::On {
                role: match self.owner.role.as_str() {
                    "leader" => "leader",
                    "clerk" => "clerk",
                    _ => "officer",
                },
                agency: self.owner.agency.clone(),
            },
        }
    }
}
