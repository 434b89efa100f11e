//! A review: one dossier before one council. It follows the dossier's course, so that a council cannot meet on what may
//! not be tabled yet, and it holds who has voted, never how: a secret choice lies in the sealed box until the count.

mod passage;

use std::collections::{BTreeMap, BTreeSet};

use law::{Ballot, CouncilRule};
use machine::{Cx, Machine, Stimulus, Timestamp, Waiting};
use proto::council::v1::Event;
use serde::{Deserialize, Serialize};

use super::{Choice, Standing, Terms, Turnout};

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
    /// The award that is proposed.
    #[serde(default)]
    pub award: String,
    /// Code of the candidate's own agency.
    #[serde(default)]
    pub candidate_agency: String,
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
    /// The award that is voted on.
    #[serde(default)]
    pub award: String,
    /// How it is voted on.
    pub terms: Option<Terms>,
    /// When the first ballot was cast.
    pub begun_at: Option<Timestamp>,
    /// Who does not vote on this dossier, and why.
    pub recused: BTreeMap<String, Ground>,
    /// Who has voted; what, only of an open ballot.
    pub ballots: BTreeMap<String, Option<Choice>>,
    /// The count, once voting is over.
    pub counts: Option<Counts>,
}

/// Why a member does not vote on a dossier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The member is the candidate.
    SamePerson,
    /// The member heads the candidate's own agency.
    OwnAgency,
    /// A relative is the candidate.
    Kin,
    /// Another interest.
    #[default]
    Other,
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
        /// The award; after a failed vote it may be a lower one.
        #[serde(default)]
        award: String,
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
        /// How it is voted on there.
        terms: Terms,
        /// Members whose interest is known, and what it is.
        recused: BTreeMap<String, Ground>,
    },
    /// The session was called off.
    Release,
    /// A member does not vote on it.
    Recuse {
        /// Who.
        member: String,
        /// Why.
        #[serde(default)]
        ground: Ground,
    },
    /// A member has voted, or votes anew where that is allowed. The first ballot opens the vote.
    BallotCast {
        /// In which session.
        session: String,
        /// Who.
        member: String,
        /// What the session lets them do.
        standing: Standing,
        /// What, of an open ballot; a secret choice never comes here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
    },
    /// Voting is over; what the sealed box held. Open ballots are counted here.
    Tally {
        /// How many members the council has.
        members: u32,
        /// Who was present or wrote while it could be voted on.
        attending: BTreeSet<String>,
        /// Whether the session had its quorum.
        quorate: bool,
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

    /// The candidate's own agency, if it is known.
    pub fn candidate_agency(&self) -> &str {
        self.opening.as_ref().map_or("", |opening| &opening.candidate_agency)
    }

    /// The award that is, or was last, voted on; else the one that is proposed.
    pub fn award(&self) -> &str {
        match self.round.award.as_str() {
            "" => self.opening.as_ref().map_or("", |opening| &opening.award),
            award => award,
        }
    }

    /// How it is voted on: as it was tabled, else as the law says.
    pub fn terms(&self) -> Option<Terms> {
        let by_law = || self.rule().map(|rule| Terms::of(rule, None));
        self.round.terms.clone().or_else(by_law)
    }

    /// Whether choices lie in the sealed box. Without a rule they would: secrecy is the safe side.
    pub fn secret(&self) -> bool {
        let ballot = self.round.terms.as_ref().map(|terms| terms.ballot);
        ballot.or(self.rule().map(|rule| rule.ballot)) != Some(Ballot::Open)
    }

    /// Whether a ballot may be changed until voting is closed.
    pub fn may_change(&self) -> bool {
        self.round.terms.as_ref().is_some_and(|terms| terms.may_change)
    }

    /// Whether closing the vote now counts it. A halt while some of those attending could still vote makes it void: who had
    /// no chance to vote shall not count against the dossier, and the next session takes it up.
    pub fn is_countable(&self, attending: &BTreeSet<String>) -> bool {
        let Round { recused, ballots, .. } = &self.round;
        let done = |member: &String| recused.contains_key(member) || ballots.contains_key(member);
        !self.suspended || attending.iter().all(done)
    }

    /// Who takes part, as numbers. Whoever has voted attended.
    fn turnout(&self, members: u32, attending: &BTreeSet<String>) -> Turnout {
        let Round { recused, ballots, .. } = &self.round;
        let all: BTreeSet<&String> = attending.iter().chain(ballots.keys()).collect();
        Turnout {
            members,
            attending: all.len() as u32,
            recused: recused.len() as u32,
            recused_attending: all.iter().filter(|member| recused.contains_key(**member)).count() as u32,
        }
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
