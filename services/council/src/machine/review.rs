//! A review: one dossier before one council. It follows the dossier's course, so that a council cannot meet on what may
//! not be tabled yet, and it holds who has voted, never how: a secret choice lies in the sealed box until the count.

mod passage;

use std::collections::{BTreeMap, BTreeSet};

use law::{Ballot, CouncilRule};
use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};

use super::Choice;

/// What is known of a review, whatever its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// What the dossier's submission said.
    pub opening: Option<Opening>,
    /// Whether the dossier lies at this council's station now.
    pub here: bool,
    /// Whether a complaint, inspection or investigation halts it.
    pub suspended: bool,
    /// When the dossier was submitted.
    pub opened_at: Timestamp,
    /// The round of voting that is under way, or the last one.
    pub round: Round,
}

/// What the dossier's submission says to each council of its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The dossier.
    pub dossier: String,
    /// Who is proposed (personal or unit number), or empty.
    pub candidate_person: String,
    /// Index of the council's station in the route.
    pub station: u32,
    /// How the council votes; its agency holds the council.
    pub rule: CouncilRule,
    /// Whether the dossier begins its way here.
    pub here: bool,
}

/// One round of voting: from an agenda to the minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// How many counted rounds were before it.
    pub number: u32,
    /// The session, or empty.
    pub session: String,
    /// The agency whose council meets: the review's own, or its successor.
    pub meeting: String,
    /// When it came on the agenda.
    pub tabled_at: Option<Timestamp>,
    /// How many members the council has.
    pub members: u32,
    /// Who is present or sends a written opinion.
    pub attending: BTreeSet<String>,
    /// Who does not vote on this dossier.
    pub recused: BTreeSet<String>,
    /// Who has voted; what, only of an open ballot.
    pub ballots: BTreeMap<String, Option<Choice>>,
    /// The count, once voting is over.
    pub counts: Option<Counts>,
}

/// A count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// For.
    pub yes: u32,
    /// Against.
    pub no: u32,
    /// Neither.
    pub blank: u32,
    /// What the share of the yes is taken of.
    pub base: u32,
    /// Whether the law's threshold is reached.
    pub passed: bool,
}

/// What has to happen at the station before its council may meet on a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Want {
    /// The office has to receive it.
    Receipt,
    /// The standing body has to appraise it.
    Appraisal,
    /// Its names have to be published.
    Publication,
    /// The publication has to end.
    PublicationEnd,
    /// It has to become due: never, if the procedure is the simplified one.
    Council,
}

impl Want {
    /// The reason to refuse a session for.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Receipt => "NOT_RECEIVED",
            Self::Appraisal => "NOT_APPRAISED",
            Self::Publication => "NOT_PUBLISHED",
            Self::PublicationEnd => "PUBLICATION_RUNNING",
            Self::Council => "NO_COUNCIL",
        }
    }
}

/// Where a review is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "kebab-case")]
pub enum ReviewState {
    /// Not heard of.
    New,
    /// It may not be tabled yet.
    Waiting {
        /// Why not.
        want: Want,
    },
    /// A session may take it up.
    Queued,
    /// It is on the agenda of a session.
    Tabled,
    /// Ballots are taken.
    Voting,
    /// Counted; it takes effect with the minutes.
    Tallied,
    /// Passed, by signed minutes.
    Passed,
    /// Not passed, by signed minutes; a new session may take it up.
    Failed,
    /// The dossier was withdrawn, recalled or concluded.
    Ended,
}

/// What can be asked of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "kebab-case")]
pub enum ReviewInput {
    /// The dossier was submitted, for the first time or again.
    Open(Opening),
    /// It was forwarded to this station.
    Arrive,
    /// It left: returned, forwarded on, or recalled.
    Leave,
    /// It is back where it was: supplemented, or recalled from the next station.
    Regain,
    /// The office received it.
    Receive,
    /// It was appraised.
    Appraise {
        /// Whether its names must be published before the council meets.
        publication: bool,
    },
    /// Its names are published.
    Publish,
    /// The publication is over.
    PublicationOver,
    /// The council may take it up.
    Due {
        /// How the council votes.
        rule: CouncilRule,
    },
    /// It is halted.
    Suspend,
    /// It goes on.
    Resume {
        /// Whether it is known to lie at this station.
        here: bool,
    },
    /// Withdrawn, recalled to a draft, awarded or refused.
    End,
    /// It is on the agenda of a session.
    Table {
        /// The session.
        session: String,
        /// The agency whose council meets.
        meeting: String,
    },
    /// Who is there; opens the vote if the session is quorate.
    Attend {
        /// How many members the council has.
        members: u32,
        /// Who is present or sends a written opinion.
        attending: BTreeSet<String>,
        /// Whether the session has its quorum.
        quorate: bool,
    },
    /// A member does not vote on it.
    Recuse {
        /// Who.
        member: String,
    },
    /// A member has voted.
    BallotCast {
        /// In which session.
        session: String,
        /// Who.
        member: String,
        /// What, of an open ballot; a secret choice never comes here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
    },
    /// Voting is over; what the sealed box held. Open ballots are counted here.
    Tally {
        /// For.
        yes: u32,
        /// Against.
        no: u32,
        /// Neither.
        blank: u32,
    },
    /// The minutes are signed.
    Conclude,
}

impl Review {
    /// The dossier.
    pub fn dossier(&self) -> &str {
        self.opening.as_ref().map_or("", |opening| &opening.dossier)
    }

    /// The agency that holds the council by the dossier's route.
    pub fn council(&self) -> &str {
        self.opening.as_ref().map_or("", |opening| &opening.rule.agency)
    }

    /// How the council votes.
    pub fn rule(&self) -> Option<&CouncilRule> {
        self.opening.as_ref().map(|opening| &opening.rule)
    }

    /// Who is proposed, if it is known.
    pub fn candidate_person(&self) -> Option<&str> {
        self.opening
            .as_ref()
            .map(|opening| opening.candidate_person.as_str())
            .filter(|person| !person.is_empty())
    }

    /// Whether choices lie in the sealed box. Without a rule they would: secrecy is the safe side.
    pub fn secret(&self) -> bool {
        self.rule().is_none_or(|rule| rule.ballot == Ballot::Secret)
    }

    /// Whether closing the vote now counts it. A halt while some could still vote makes it void: who had no chance to
    /// vote shall not count against the dossier, and the next session takes it up.
    pub fn is_countable(&self) -> bool {
        let Round {
            attending,
            recused,
            ballots,
            ..
        } = &self.round;
        !self.suspended || attending.difference(recused).all(|member| ballots.contains_key(member))
    }
}

impl ReviewState {
    /// Whether a session has it on its agenda.
    pub fn in_session(&self) -> bool {
        matches!(self, Self::Tabled | Self::Voting | Self::Tallied)
    }
}

impl Machine for Review {
    const NAME: &'static str = "council.review";
    const VERSION: u32 = 1;
    type State = ReviewState;
    type Input = ReviewInput;
    type Event = Event;

    fn initial() -> ReviewState {
        ReviewState::New
    }

    fn dispatch(&mut self, state: &mut ReviewState, on: &Stimulus<ReviewInput>, cx: &mut Cx<Event>) -> bool {
        machine::drive(self, state, on, cx)
    }

    fn waiting(&self, state: &ReviewState) -> Waiting {
        match state {
            ReviewState::New | ReviewState::Passed | ReviewState::Ended => Waiting::Final,
            ReviewState::Waiting { .. } => Waiting::Service("approval"),
            ReviewState::Queued => Waiting::On {
                role: "officer",
                agency: self.council().to_owned(),
            },
            ReviewState::Tabled | ReviewState::Voting | ReviewState::Tallied => Waiting::On {
                role: "secretary",
                agency: self.round.meeting.clone(),
            },
            ReviewState::Failed => Waiting::On {
                role: "leader",
                agency: self.council().to_owned(),
            },
        }
    }
}
